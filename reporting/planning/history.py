"""What planning knows of the past and of the calendar: plain values, made from figures by who asks them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from reporting.planning.ports import OfficeDay
from reporting.planning.table import Deadline

_FRIDAY = 4
_NEAR = 60  # working days from which on a deadline is felt


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """A day that is over. Durations in seconds, summed."""

    day: date
    calls: int  # that asked for an agent
    abandoned: int
    waited: float
    served: int  # legs of agents
    handled: float  # their time with the call, hold and wrap-up included
    rung: float


@dataclass(frozen=True, slots=True)
class HistorySlot:
    """An interval of a day that is over; `minute` counts from midnight, WIB."""

    day: date
    minute: int
    calls: int
    served: int
    handled: float


@dataclass(frozen=True)
class Calendar:
    """Open days and deadlines over history and plan; both in order of time."""

    days: Sequence[OfficeDay]
    deadlines: Sequence[Deadline] = ()
    _distances: dict[tuple[date, str], int | None] = field(default_factory=dict, repr=False)

    @cached_property
    def by_day(self) -> Mapping[date, OfficeDay]:
        """The open days by their date."""
        return {one.day: one for one in self.days}

    @cached_property
    def _dates(self) -> Sequence[date]:
        return [one.day for one in self.days]

    def between(self, first: date, last: date) -> Sequence[OfficeDay]:
        """Return the open days from one day to another, both included."""
        return self.days[bisect_left(self._dates, first) : bisect_right(self._dates, last)]

    def until(self, day: date, kind: str) -> int | None:
        """Return working days until the nearest deadline of a kind; negative: since. None: none is near.

        On a day that two are equally near, the one to come counts.
        """
        key = (day, kind)
        if key not in self._distances:
            self._distances[key] = self._until(day, kind)
        return self._distances[key]

    def _until(self, day: date, kind: str) -> int | None:
        found = [self._steps(day, one.day) for one in self.deadlines if one.kind == kind]
        near = [steps for steps in found if abs(steps) <= _NEAR]
        return min(near, key=lambda steps: (abs(steps), -steps), default=None)

    def _steps(self, day: date, other: date) -> int:
        """Return how many open days lie from one day to another."""
        return bisect_left(self._dates, other) - bisect_left(self._dates, day)

    def closed_before(self, day: date) -> bool:
        """Whether more than a weekend lies between the open day before and this one."""
        at = bisect_left(self._dates, day)
        return at > 0 and _more_than_weekend(self._dates[at - 1], day)

    def closed_after(self, day: date) -> bool:
        """Whether more than a weekend follows."""
        at = bisect_right(self._dates, day)
        return at < len(self._dates) and _more_than_weekend(day, self._dates[at])


def _more_than_weekend(before: date, after: date) -> bool:
    usual = before + timedelta(days=3 if before.weekday() == _FRIDAY else 1)
    return after > usual
