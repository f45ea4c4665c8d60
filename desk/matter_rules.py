"""The dated tables and the calendar that all matters follow, and what may be done with one now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from acd.machine import Machine
from desk.cases import CASE, CaseTable, load_cases
from desk.complaint_steps import COMPLAINT
from desk.complaints import ComplaintTable, load_complaints
from desk.matter_data import DATA
from desk.matters import Matter, MatterKind
from desk.matters_work import WorkTable, load_work
from desk.promises import PROMISE, PromiseTable, load_promises
from desk.requests import REQUEST, RequestTable, load_requests
from desk.working_days import WorkingCalendar, between, office_day

MACHINES: Mapping[MatterKind, Machine] = {
    MatterKind.CASE: CASE,
    MatterKind.COMPLAINT: COMPLAINT,
    MatterKind.PROMISE: PROMISE,
    MatterKind.REQUEST: REQUEST,
}


@dataclass(frozen=True, slots=True)
class MatterRules:
    """What matters follow."""

    calendar: WorkingCalendar
    cases: CaseTable
    complaints: ComplaintTable
    promises: PromiseTable
    requests: RequestTable
    work: WorkTable

    @classmethod
    def load(cls, calendar: WorkingCalendar, folder: Path = DATA) -> "MatterRules":
        """Read every table. Raises desk.matter_data.TableProblem."""
        return cls(
            calendar,
            load_cases(folder),
            load_complaints(folder),
            load_promises(folder),
            load_requests(folder),
            load_work(folder),
        )

    def days_left(self, matter: Matter, now: datetime) -> int | None:
        """Return the working days that are left of a matter's clock; negative when it is late."""
        if matter.due_on is None or matter.closed_at is not None:
            return None
        return self.days_until(matter.due_on, now)

    def days_until(self, due: date, now: datetime) -> int:
        """Return the working days until a clock's last day; negative when it is over."""
        return between(self.calendar, office_day(now), due)

    def skills(self, now: datetime) -> Mapping[str, str]:
        """Return cluster → the skill that puts somebody into it."""
        return {one.name: one.skill for one in self.cases.on(office_day(now)).clusters}


def possible_events(matter: Matter) -> Sequence[str]:
    """Return what may be done with a matter as it stands."""
    machine = MACHINES[matter.kind]
    return [event for event in machine.events if (matter.state, event) in machine.moves]
