"""What planners, supervisors and agents do with schedules: rules and books joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from desk.working_days import WIB, WorkingCalendar, office_day
from domain.clock import Clock
from domain.ids import new_id
from reporting.adherence import AdherenceOf
from reporting.offline import (
    Asked,
    OfflineBook,
    OfflineRefused,
    Request,
    file_request,
    move_request,
)
from reporting.offline_rules import PLANNER, OfflineTable
from reporting.schedule import BadShift, Piece, Shift, checked, laid_over
from reporting.schedule_book import Exempt, Put, Schedules
from reporting.schedule_making import OfficeDay, make_shifts, remarks
from reporting.schedule_rules import ScheduleRules

LONGEST_PLAN = 92  # days that are made at once
_ONE = timedelta(days=1)


class ScheduleRefused(Exception):
    """What was asked for is not possible. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "") -> None:
        super().__init__(f"{word} {place}".strip())
        self.word, self.place = word, place


class SignedIn(Protocol):
    """Knows how long agents were signed in."""

    async def signed_in(self, agent: str, day: date) -> timedelta:
        """Return how long, on a day of the office, so far. Raises AdherenceUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ScheduleGround:
    """What schedules stand on."""

    book: Schedules
    offline: OfflineBook
    adherence: AdherenceOf
    served: SignedIn
    rules: ScheduleRules
    reasons: OfflineTable
    calendar: WorkingCalendar
    office: Callable[[date], OfficeDay]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Plan:
    """Shifts that could be put into the book, and what a planner should know of them."""

    shifts: Sequence[Shift]
    remarks: Mapping[str, int]  # word → on how many shifts
    first_with: Mapping[str, Shift]  # word → the first such shift


class ScheduleDesk:
    """Acts on schedules. Raises SchedulesUnavailable, OfflineUnavailable, AdherenceUnavailable."""

    def __init__(self, on: ScheduleGround) -> None:
        self.on = on

    def today(self) -> date:
        """Return the office's day."""
        return office_day(self.on.clock.now())

    def make(self, agents: Sequence[str], first: date, last: date, pattern: str, place: str) -> Plan:
        """Make shifts by a pattern for the working days among these. Raises ScheduleRefused."""
        if not agents:
            raise ScheduleRefused("nobody", "agents")
        if first > last:
            raise ScheduleRefused("ends_before", "last")
        if (last - first).days >= LONGEST_PLAN:
            raise ScheduleRefused("too_many_days", "last")
        if place not in self.on.rules.places:
            raise ScheduleRefused("no_place", "place")
        days = [self.on.office(first + ahead * _ONE) for ahead in range((last - first).days + 1)]
        shifts: list[Shift] = []
        for day in days:
            if not day.works:
                continue
            if pattern not in self.on.rules.patterns(day.day):
                raise ScheduleRefused("no_pattern", "pattern")
            try:
                shifts += make_shifts(agents, day, pattern, place, self.on.rules)
            except BadShift as error:
                raise ScheduleRefused(error.word, "pattern") from error
        if not shifts:
            raise ScheduleRefused("no_working_day", "first")
        return self.plan(shifts)

    def plan(self, shifts: Sequence[Shift]) -> Plan:
        """Return shifts with what a planner should know of them."""
        counts, examples = Counter[str](), dict[str, Shift]()
        for shift in shifts:
            for word in remarks(shift, self.on.office(shift.day), self.on.rules):
                counts[word] += 1
                examples.setdefault(word, shift)
        return Plan(shifts, counts, examples)

    async def put(self, plan: Plan, who: str, *, keep: bool) -> Put:
        """Put a plan into the book; without `keep` only tell what it would do."""
        return await self.on.book.put(plan.shifts, who, self.on.clock.now(), keep=keep)

    async def lay(self, agent: str, day: date, activity: str, begins: time, ends: time, who: str) -> Shift:
        """Lay an activity over a shift, e.g. a coaching; times of the place. Raises ScheduleRefused."""
        shift = await self.shift(agent, day)
        if shift is None:
            raise ScheduleRefused("no_shift", "day")
        activities = self.on.rules.activities(day).activities
        if activity not in activities:
            raise ScheduleRefused("no_activity", "activity")
        zone = self.on.rules.zone(shift.place)
        midnight = datetime.combine(day, time.min, WIB)
        first, last = (
            int((datetime.combine(day, one, zone) - midnight).total_seconds() // 60) for one in (begins, ends)
        )
        if not shift.begins <= first < last <= shift.ends:
            raise ScheduleRefused("outside_shift", "begins")
        pieces = laid_over(shift.pieces, Piece(activity, first, last))
        try:
            new = checked(Shift(agent, day, pieces, shift.pattern, shift.place), activities)
        except BadShift as error:
            raise ScheduleRefused(error.word, "begins") from error
        await self.on.book.put([new], who, self.on.clock.now())
        return new

    async def remove(self, agent: str, day: date, who: str) -> None:
        """Take a day's shift away. Raises ScheduleRefused."""
        if await self.shift(agent, day) is None:
            raise ScheduleRefused("no_shift", "day")
        await self.on.book.put([Shift(agent, day, ())], who, self.on.clock.now())

    async def shift(self, agent: str, day: date) -> Shift | None:
        """Return an agent's shift of a day."""
        return next(iter(await self.on.book.shifts(day, day, {agent})), None)

    async def exempt(
        self,
        agent: str,
        first: date,
        last: date,
        begins: time | None,
        ends: time | None,
        reason: str,
        who: str,
    ) -> Exempt:
        """Take time out of a schedule, as HR has it: whole days, or a part of one. Raises ScheduleRefused."""
        known = self.on.reasons.on(first).asked_by(PLANNER)
        if reason not in known:
            raise ScheduleRefused("no_reason", "reason")
        if first > last:
            raise ScheduleRefused("ends_before", "last")
        if (last - first).days > 366:
            raise ScheduleRefused("too_many_days", "last")
        if (begins is None) != (ends is None) or (begins is not None and first != last):
            raise ScheduleRefused("part_of_one_day", "begins")
        start = datetime.combine(first, begins or time.min, WIB)
        end = datetime.combine(last, ends, WIB) if ends else await self._end_of(agent, last)
        if start >= end:
            raise ScheduleRefused("ends_before", "ends")
        new = Exempt(new_id(), agent, start, end, reason, who, self.on.clock.now())
        await self.on.book.exempt(new)
        return new

    async def _end_of(self, agent: str, day: date) -> datetime:
        """Return when an agent's day is over: at midnight, or with the shift that ends after it."""
        midnight, shift = datetime.combine(day + _ONE, time.min, WIB), await self.shift(agent, day)
        return midnight if shift is None else max(midnight, shift.pieces[-1].at(day)[1])

    async def take_back(self, exception_id: str, who: str) -> None:
        """End an exception; one of a request is revoked there.

        Raises KeyError, AlreadyTakenBack, ScheduleRefused.
        """
        if await self.on.book.of_request(exception_id):
            raise ScheduleRefused("of_request")
        await self.on.book.take_back(exception_id, who, self.on.clock.now())

    async def file(self, asked: Asked, who: str) -> Request:
        """File a request to be offline. Raises OfflineRefused."""
        served = timedelta()
        version = self.on.reasons.on(asked.day)
        reason = version.reasons.get(asked.reason)
        if reason is not None and reason.served_below_minutes:
            served = await self.on.served.signed_in(asked.agent, asked.day)
        # A last day before the first, or far off, is refused by the rule: nothing is read for it.
        last = max(asked.day, min(asked.until, asked.day + version.span_days * _ONE))
        shifts = await self.on.book.shifts(asked.day, last, {asked.agent})
        moved = file_request(
            asked, new_id(), who, self.on.clock.now(), shifts, served, version, self.on.calendar
        )
        await self.on.offline.file(moved)
        return moved.request

    async def move(self, request: Request, version: int, event: str, who: str, note: str = "") -> Request:
        """Do a step of a request. Raises OfflineRefused, OfflineChanged."""
        if version != request.version:
            raise OfflineRefused("changed")
        moved = move_request(request, event, who, self.on.clock.now(), new_id, note)
        return await self.on.offline.change(moved)
