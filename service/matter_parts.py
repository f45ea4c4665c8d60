"""What the pages of matters get from the service: the office's calendar, and who works on them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from acd.skills import Skillbook
from desk.matters import MattersUnavailable, Worker
from domain.clock import Clock
from domain.staff import StaffStore, StaffUnavailable
from ivr.hours import DayKind, OfficeHours


class OfficeCalendar:
    """A `desk.working_days.WorkingCalendar`: the line's hours as they are in force, overrides included."""

    def __init__(self, hours: Callable[[], OfficeHours]) -> None:
        self._hours = hours

    def works(self, day: date) -> bool:
        """Whether the office works on a day."""
        return self._hours().day(day).kind is DayKind.WORKING


class SkilledWorkers:
    """A `desk.matters.Workers`: staff who take calls, in the clusters of their skills."""

    def __init__(
        self,
        staff: StaffStore,
        skillbook: Callable[[], Skillbook],
        skills: Callable[[datetime], Mapping[str, str]],
        clock: Clock,
    ) -> None:
        """`skills`: cluster → skill (`desk.matter_rules.MatterRules.skills`)."""
        self._staff, self._skillbook, self._skills, self._clock = staff, skillbook, skills, clock

    async def workers(self) -> Sequence[Worker]:
        """Return everybody who may be given a matter. Raises MattersUnavailable."""
        try:
            people = await self._staff.all()
        except StaffUnavailable as error:
            raise MattersUnavailable(str(error)) from error
        now, book = self._clock.now(), self._skillbook()
        clusters = self._skills(now)
        return [
            Worker(one.staff_id, one.display_name, one.team, _clusters(book, one.number, clusters, now))
            for one in people
            if not one.disabled
        ]


def _clusters(book: Skillbook, number: str, clusters: Mapping[str, str], now: datetime) -> frozenset[str]:
    held = {one.skill for one in book.competences_of(number) if one.holds(now)} if number else set()
    return frozenset(cluster for cluster, skill in clusters.items() if skill in held)
