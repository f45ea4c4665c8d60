"""The dated table of appeals: clocks in working days, what lateness does, what evidence decides."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import WorkingCalendar, after, office_day
from recording.quality.appeals import ACTORS, Appeal, CompiledList
from recording.quality.scores import Score

DATA = Path(__file__).parent / "data"


class StepRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock of a step, and what happens when it is over."""

    name: str
    days: int
    late: Literal["wait", "pass_on", "expire"] = "wait"
    assumed: bool = False


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of evidence, and the criteria whose items it decides once it is verified."""

    name: str
    decides: tuple[str, ...] = ()
    assumed: bool = False


class AppealVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    rule: str
    source: str
    file: int  # working days after the score is final
    file_compiled: int  # working days after a compiled list is received
    steps: tuple[StepRule, ...]
    evidence: tuple[Evidence, ...]
    assumed: bool = False

    def step(self, name: str) -> StepRule:
        """Return a step's rule. Raises KeyError."""
        return {step.name: step for step in self.steps}[name]

    @property
    def evidence_by_name(self) -> Mapping[str, Evidence]:
        """Return the kinds of evidence."""
        return {one.name: one for one in self.evidence}

    def due(self, calendar: WorkingCalendar, state: str, day: date) -> date | None:
        """Return the last day of a state that began on `day`; None: it has no clock, it is over."""
        return after(calendar, day, self.step(state).days) if state in ACTORS else None

    def compiled_until(self, calendar: WorkingCalendar, received: datetime) -> date:
        """Return the last day for filing against the scores of a list that was received then."""
        return after(calendar, office_day(received), self.file_compiled)

    def last_day(self, calendar: WorkingCalendar, score: Score, listed: CompiledList | None) -> date | None:
        """Return the last day for filing against a final score.

        None: it is on a compiled list that the agent has not received yet. Raises ValueError for a score
        that is not final.
        """
        if listed is not None:
            received = listed.received.get(score.agent)
            return None if received is None else self.compiled_until(calendar, received)
        if score.final_at is None:
            raise ValueError("a score that is not final has no clock")
        return after(calendar, office_day(score.final_at), self.file)


class AppealTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[AppealVersion, ...]

    def on(self, day: date) -> AppealVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)

    def of(self, appeal: Appeal) -> AppealVersion:
        """Return the version that an appeal follows."""
        named = {version.rule: version for version in self.versions}
        return named.get(appeal.rule) or self.on(office_day(appeal.filed_at))


def load_appeal_table(folder: Path = DATA) -> AppealTable:
    """Read `appeals.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "appeals.yaml"
    found = read_table(path, AppealTable)
    check_order(path, found.versions)
    for version in found.versions:
        for fault in _faults(version):
            raise TableProblem(f"{path.name}: {version.rule}: {fault}")
    return found


def _faults(version: AppealVersion) -> Iterator[str]:
    names = [step.name for step in version.steps]
    if sorted(names) != sorted(ACTORS):
        yield f"steps: exactly these, each once: {', '.join(ACTORS)}. Remedy: add or remove them."
    if len(version.evidence_by_name) != len(version.evidence):
        yield "evidence: a name is there twice. Remedy: remove one."
    if min(version.file, version.file_compiled, *(step.days for step in version.steps), 999) < 1:
        yield "a clock has at least 1 working day. Remedy: correct the days."
    for step in version.steps:
        allowed = {"filed": {"wait", "pass_on"}, "returned": {"wait", "expire"}}.get(step.name, {"wait"})
        if step.late not in allowed:
            remedy = " or ".join(sorted(allowed))
            yield f"step {step.name}: late: {step.late} is not possible here. Remedy: {remedy}."
