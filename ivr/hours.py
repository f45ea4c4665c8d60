"""Whether the line is open. Pure: told the time, the timetable and the calendar."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
_FARTHEST = 366  # days ahead in which the next opening is looked for
_SATURDAY = 5


class DayKind(StrEnum):
    """What kind of day it is."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    JOINT_LEAVE = "joint_leave"  # cuti bersama


class Opening(StrEnum):
    """Whether the line is open; if not, why."""

    OPEN = "open"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    RAMADAN_BEFORE_HOURS = "ramadan_before_hours"
    RAMADAN_AFTER_HOURS = "ramadan_after_hours"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    JOINT_LEAVE = "joint_leave"
    SHUT = "shut"  # by an administrator


class NationalCalendar(Protocol):
    """The country's holidays."""

    def kind(self, day: date) -> DayKind | None:
        """Return HOLIDAY or JOINT_LEAVE, or None for any other day."""
        ...


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From when to when the line is open on a working day, WIB; in force from `since`."""

    since: date
    opens: time
    closes: time
    source: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Ramadan:
    """First and last day of one year's fast."""

    first: date
    last: date
    source: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day by which callers are greeted; `before` is None for the last."""

    name: str
    before: time | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Timetable:
    """The dated tables of ivr/data/hours.yaml, each in order of time."""

    hours: Sequence[DailyHours]
    ramadan_hours: Sequence[DailyHours]
    ramadan: Sequence[Ramadan]
    parts_of_day: Sequence[PartOfDay]


@dataclass(frozen=True, slots=True)
class DayOverride:
    """A day that differs from the calendar. `hours` only for a working day with hours of its own."""

    day: date
    kind: DayKind
    about: str
    hours: tuple[time, time] | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """What is planned for a day."""

    day: date
    kind: DayKind
    opens: time
    closes: time
    in_ramadan: bool

    @property
    def opening(self) -> datetime:
        """When the line opens, if it is a working day (aware, WIB)."""
        return datetime.combine(self.day, self.opens, WIB)

    @property
    def closing(self) -> datetime:
        """When the line closes, if it is a working day (aware, WIB)."""
        return datetime.combine(self.day, self.closes, WIB)


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """Whether the line is open at a moment, and what a caller is told otherwise.

    `day` has the hours in force: today's while open or before opening, else the next working day's.
    """

    opening: Opening
    day: Day
    next_opening: datetime | None  # aware, UTC; None while open, or when nothing is planned
    next_change: datetime | None  # aware, UTC: by the timetable, whatever the switch says

    @property
    def word(self) -> str:
        """The answer of the look-up `office_hours`: open, closed, ramadan_closed, holiday or shut."""
        if self.opening in (Opening.OPEN, Opening.SHUT):
            return self.opening.value
        if self.next_opening is None:
            return Opening.SHUT.value  # there is no day to name
        if self.opening in (Opening.HOLIDAY, Opening.JOINT_LEAVE):
            return Opening.HOLIDAY.value
        return "ramadan_closed" if self.day.in_ramadan else "closed"

    @property
    def facts(self) -> Mapping[str, str]:
        """What prompts speak: `opens`, `closes` (HH:MM, WIB) and `reopens` (ISO date)."""
        if self.word == Opening.OPEN:
            return {}
        hours = {"opens": self.day.opens.strftime("%H:%M"), "closes": self.day.closes.strftime("%H:%M")}
        return {**hours, "reopens": self.day.day.isoformat()} if self.word == Opening.HOLIDAY else hours


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The line's hours by timetable, national calendar and overrides (later ones win)."""

    timetable: Timetable
    calendar: NationalCalendar
    overrides: Mapping[date, DayOverride] = field(default_factory=dict)

    def with_overrides(self, overrides: Iterable[DayOverride]) -> "OfficeHours":
        """Return the same hours with further overrides, which go before those it has."""
        return replace(self, overrides={**self.overrides, **{row.day: row for row in overrides}})

    def at(self, now: datetime, *, shut: bool = False) -> LineAnswer:
        """Return whether the line is open; `shut`: an administrator closed it.

        `now` is aware. Raises ValueError for a time without zone.
        """
        local = _wib(now)
        today = self.day(local.date())
        opening = _by_timetable(today, local)
        coming = today if opening is Opening.OPEN else self._next_working_day(local)
        next_opening = None if opening is Opening.OPEN or coming is None else coming.opening.astimezone(UTC)
        next_change = today.closing.astimezone(UTC) if opening is Opening.OPEN else next_opening
        if shut:
            return LineAnswer(Opening.SHUT, coming or today, None, next_change)
        return LineAnswer(opening, coming or today, next_opening, next_change)

    def next_opening(self, now: datetime) -> datetime | None:
        """Return when the line opens next after `now` (aware, UTC), or None within a year."""
        coming = self._next_working_day(_wib(now))
        return None if coming is None else coming.opening.astimezone(UTC)

    def day(self, day: date) -> Day:
        """Return what is planned for a day."""
        override = self.overrides.get(day)
        in_ramadan = any(fast.first <= day <= fast.last for fast in self.timetable.ramadan)
        table = self.timetable.ramadan_hours if in_ramadan else self.timetable.hours
        hours = table[max(bisect_right(table, day, key=lambda row: row.since) - 1, 0)]
        opens, closes = override.hours if override and override.hours else (hours.opens, hours.closes)
        kind = override.kind if override else self.calendar.kind(day) or _by_weekday(day)
        return Day(day, kind, opens, closes, in_ramadan)

    def part_of_day(self, now: datetime) -> str:
        """Return by which words callers are greeted: morning, noon or afternoon."""
        clock = _wib(now).time()
        parts = self.timetable.parts_of_day
        return next((part.name for part in parts if part.before and clock < part.before), parts[-1].name)

    def _next_working_day(self, local: datetime) -> Day | None:
        for ahead in range(_FARTHEST + 1):
            day = self.day(local.date() + timedelta(days=ahead))
            if day.kind is DayKind.WORKING and day.opening > local:
                return day
        return None


def _by_timetable(today: Day, local: datetime) -> Opening:
    if today.kind is not DayKind.WORKING:
        return Opening(today.kind.value)
    if local < today.opening:
        return Opening.RAMADAN_BEFORE_HOURS if today.in_ramadan else Opening.BEFORE_HOURS
    if local >= today.closing:
        return Opening.RAMADAN_AFTER_HOURS if today.in_ramadan else Opening.AFTER_HOURS
    return Opening.OPEN


def _by_weekday(day: date) -> DayKind:
    return DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKING


def _wib(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("a time without zone: the line's hours need an aware time")
    return now.astimezone(WIB)
