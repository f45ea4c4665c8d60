"""How a day's calls and handle times spread over its half hours. Pure.

Days of different length are compared by how much of the opening hours has passed. Newer days and days of
the same weekday and length count more; what is assumed counts as half a day, so that one day alone
does not make a jagged course.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from reporting.planning.features import Array
from reporting.planning.history import Calendar, HistoryDay, HistorySlot
from reporting.planning.plans import SLOT
from reporting.planning.ports import OfficeDay
from reporting.planning.table import Assumptions

RECENT_DAYS = 60
"""Days of history, open ones, that handle times, patience and the queues' shares are taken from."""

_HALF = 15.0  # open days after which a day counts e-fold less
_SAME_WEEKDAY, _OTHER_LENGTH = 2.0, 0.2
_ASSUMED_DAYS = 0.5
_ASSUMED_CALLS = 200.0  # of an interval's handle time, before its own counts as much
_LEAST_ABANDONED, _LEAST_SERVED = 30, 50


@dataclass(frozen=True, slots=True)
class _Course:
    """One day's calls as a running share over running time, both from 0 to 1."""

    day: date
    age: int  # open days
    length: int  # minutes
    times: Array
    shares: Array


@dataclass(frozen=True)
class Shapes:
    """The courses of known days, and what is assumed."""

    courses: Sequence[_Course]
    assumed: _Course
    handles: Array  # a factor on handle time over running time, at the middle of `handle_times`
    handle_times: Array

    @property
    def known(self) -> int:
        """How many days the shapes stand on."""
        return len(self.courses)

    def calls(self, one: OfficeDay) -> Mapping[int, float]:
        """Return the share of a day's calls by the minute an interval begins."""
        begins = minutes(one)
        length = one.closes - one.opens
        edges = np.array([(minute - one.opens) / length for minute in begins] + [1.0])
        running = np.interp(edges, self.assumed.times, self.assumed.shares) * _ASSUMED_DAYS
        whole = _ASSUMED_DAYS
        for course in self.courses:
            weight = float(np.exp(-course.age / _HALF))
            weight *= _SAME_WEEKDAY if course.day.weekday() == one.day.weekday() else 1.0
            weight *= 1.0 if course.length == length else _OTHER_LENGTH
            running = running + weight * np.interp(edges, course.times, course.shares)
            whole += weight
        shares = np.diff(running / whole)
        return {minute: float(share) for minute, share in zip(begins, shares, strict=True)}

    def handle(self, one: OfficeDay, minute: int) -> float:
        """Return how many times the day's handle time an interval has."""
        middle = (minute + SLOT / 2 - one.opens) / (one.closes - one.opens)
        return float(np.interp(middle, self.handle_times, self.handles)) if len(self.handles) else 1.0


def minutes(one: OfficeDay) -> Sequence[int]:
    """Return when the intervals of a day begin, minutes from midnight."""
    return range(one.opens, one.closes, SLOT)


def learn(slots: Sequence[HistorySlot], calendar: Calendar, table: Assumptions, until: date) -> Shapes:
    """Return the shapes of the half hours known up to a day."""
    by_day: dict[date, list[HistorySlot]] = {}
    for slot in slots:
        if slot.day <= until and slot.day in calendar.by_day:
            by_day.setdefault(slot.day, []).append(slot)
    newest = max(by_day, default=until)
    courses = []
    for day, found in by_day.items():
        one = calendar.by_day[day]
        age = len(calendar.between(day, newest)) - 1
        course = _course(one, age, {slot.minute: float(slot.calls) for slot in found})
        if course is not None:
            courses.append(course)
    inside = [slot for found in by_day.values() for slot in found]
    return Shapes(courses, _assumed(table), *_handles(inside, calendar))


def _course(one: OfficeDay, age: int, calls: Mapping[int, float]) -> _Course | None:
    counts = np.array([calls.get(minute, 0.0) for minute in minutes(one)])
    if counts.sum() <= 0:
        return None
    length = one.closes - one.opens
    times = np.array([(minute - one.opens) / length for minute in minutes(one)] + [1.0])
    shares = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
    return _Course(one.day, age, length, times, shares)


def _assumed(table: Assumptions) -> _Course:
    counts = np.array(table.day_shape)
    shares = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
    return _Course(date.min, 0, 0, np.linspace(0.0, 1.0, len(shares)), shares)


def _handles(slots: Sequence[HistorySlot], calendar: Calendar) -> tuple[Array, Array]:
    """Return how handle time runs over the day: by eighths, each drawn towards the whole day's."""
    served, handled = np.zeros(8), np.zeros(8)
    for slot in slots:
        one = calendar.by_day[slot.day]
        passed = (slot.minute + SLOT / 2 - one.opens) / (one.closes - one.opens)
        if 0 <= passed < 1:
            served[int(8 * passed)] += slot.served
            handled[int(8 * passed)] += slot.handled
    if served.sum() < _LEAST_SERVED or handled.sum() <= 0:
        return np.array([]), np.array([])
    mean = handled.sum() / served.sum()
    factors = (handled / mean + _ASSUMED_CALLS) / (served + _ASSUMED_CALLS)
    return factors, (np.arange(8) + 0.5) / 8


@dataclass(frozen=True, slots=True)
class Durations:
    """What was measured, in seconds; None: too little to measure."""

    handle: float | None
    ring: float | None
    patience: float | None


def durations(history: Sequence[HistoryDay]) -> Durations:
    """Return handle and ring time of the newest days, newer ones counting more, and callers' patience.

    Patience is the time that all callers waited ÷ how many gave up: whoever was answered would have waited
    longer, and this is the likeliest exponential patience (S. Zeltyn and A. Mandelbaum, 2005).
    """
    newest = history[-RECENT_DAYS:]
    weights = np.exp(-np.arange(len(newest))[::-1] / _HALF)
    served = np.array([float(one.served) for one in newest])
    if served.sum() < _LEAST_SERVED:
        handle = ring = None
    else:
        whole = float((weights * served).sum())
        handle = float((weights * np.array([one.handled for one in newest])).sum()) / whole or None
        ring = float((weights * np.array([one.rung for one in newest])).sum()) / whole
    abandoned = sum(one.abandoned for one in newest)
    waited = sum(one.waited for one in newest)
    patience = waited / abandoned if abandoned >= _LEAST_ABANDONED and waited > 0 else None
    return Durations(handle, ring, patience)
