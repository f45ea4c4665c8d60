"""Small answers that the pages ask of the running service: the calendar, workers, names."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from acd.skills import Skillbook
from desk.matter_rules import MatterRules
from desk.matters import MattersUnavailable, Worker
from domain.clock import Clock
from domain.directory import DirectoryUnavailable, TaxpayerRecords
from domain.staff import StaffStore, StaffUnavailable
from ivr.hours import DayKind, OfficeHours


class OfficeCalendar:
    """The office's working days, with the administrator's (`desk.working_days.WorkingCalendar`)."""

    def __init__(self, hours: Callable[[], OfficeHours]) -> None:
        self._hours = hours

    def works(self, day: date) -> bool:
        """Whether the office works on a day."""
        # Of the timetable itself, also where the line is open at any hour to be tried out.
        return OfficeHours.day(self._hours(), day).kind is DayKind.WORKING

    def part_of_day(self, now: datetime) -> str:
        """Return by which words callers are greeted now."""
        return self._hours().part_of_day(now)


class RegisteredNames:
    """Names out of the register (`web.script_port.TaxpayerNames`)."""

    def __init__(self, register: TaxpayerRecords) -> None:
        self._register = register

    async def name_of(self, taxpayer_id: str) -> str | None:
        """Return the name; None: unknown, or the register does not answer."""
        try:
            found = await self._register.by_id(taxpayer_id)
        except DirectoryUnavailable:
            return None
        return None if found is None else found.name


class SkilledWorkers:
    """Staff and the clusters they work in, by their agents' skills (`desk.matters.Workers`).

    Who is no agent, or signs in no more, is in no cluster: they are known by name and given nothing.
    """

    def __init__(
        self, people: StaffStore, book: Callable[[], Skillbook], rules: MatterRules, clock: Clock
    ) -> None:
        self._people = people
        self._book = book
        self._rules = rules
        self._clock = clock

    async def workers(self) -> Sequence[Worker]:
        """Return everybody who may be given a matter. Raises MattersUnavailable."""
        try:
            people = await self._people.all()
        except StaffUnavailable as error:
            raise MattersUnavailable(str(error)) from error
        now, book = self._clock.now(), self._book()
        clusters = self._rules.skills(now)
        return [
            Worker(
                person.staff_id,
                person.display_name,
                person.team,
                frozenset(
                    cluster
                    for cluster, skill in clusters.items()
                    if not person.disabled and skill in _skills(book, person.number, now)
                ),
            )
            for person in people
        ]


def _skills(book: Skillbook, agent: str, now: datetime) -> frozenset[str]:
    return frozenset(row.skill for row in book.competences_of(agent) if row.holds(now))
