"""What planning asks of figures: days and half hours that are over, and what the calendar says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.tax_dates import TaxCalendar
from ivr.hours import DayKind, OfficeHours
from reporting.asking import Dimension, Figures, FiguresUnavailable, Interval, NotAsked, Question
from reporting.counts import Counts
from reporting.planning.history import HistoryDay, HistorySlot
from reporting.planning.plans import PlansUnavailable
from reporting.planning.ports import OfficeDay
from reporting.planning.shape import RECENT_DAYS
from reporting.planning.table import Deadline, PlanningTable, deadlines

WIB = ZoneInfo("Asia/Jakarta")
YEARS = 2  # of history, for days
SLOT_DAYS = 45  # open days, the newest: for the course of a day
_AROUND = timedelta(days=100)  # before history and after the plan: deadlines are felt that far
_LONGEST = timedelta(days=90)  # that half hours are asked of at once

Narrowed = Mapping[Dimension, frozenset[str]]


class PlanCalendarOf:
    """A `reporting.planning.ports.PlanCalendar` and a `desk.working_days.WorkingCalendar`."""

    def __init__(self, hours: Callable[[], OfficeHours]) -> None:
        self._hours = hours

    def open_days(self, first: date, last: date) -> Sequence[OfficeDay]:
        """Return the days on which the line is open, first to last."""
        hours, found = self._hours(), []
        for ahead in range((last - first).days + 1):
            # Of the timetable itself, also where the line is open at any hour to be tried out.
            day = OfficeHours.day(hours, first + timedelta(days=ahead))
            if day.kind is DayKind.WORKING:
                opens = day.opens.hour * 60 + day.opens.minute
                closes = day.closes.hour * 60 + day.closes.minute
                found.append(OfficeDay(day.day, opens, closes, day.in_ramadan))
        return found

    def works(self, day: date) -> bool:
        """Whether the office works on a day."""
        return OfficeHours.day(self._hours(), day).kind is DayKind.WORKING


@dataclass(frozen=True, slots=True)
class Past:
    """What is known at one moment, as plain values."""

    history: Sequence[HistoryDay]
    slots: Sequence[HistorySlot]
    days: Sequence[OfficeDay]
    deadlines: Sequence[Deadline]
    mix: Mapping[str, float]


class PlanHistory:
    """Asks figures for what a plan is made of."""

    def __init__(
        self, figures: Figures, calendar: PlanCalendarOf, tax: TaxCalendar, table: PlanningTable
    ) -> None:
        self._figures = figures
        self._calendar = calendar
        self._tax = tax
        self._table = table

    async def past(self, queues: tuple[str, ...], until: date, last: date) -> Past:
        """Return everything known before `until` for a plan up to `last`. Raises PlansUnavailable."""
        first = until - timedelta(days=365 * YEARS)
        days = self._calendar.open_days(first - _AROUND, last + _AROUND)
        known = {one.day for one in days}
        history = [
            one
            for one in await self._days(queues, first, until - timedelta(days=1))
            if one.calls > 0 and one.day in known
        ]
        slots = await self._half_hours(queues, history)
        due = deadlines(self._tax, self._table, self._calendar, first - _AROUND, last + _AROUND)
        return Past(history, slots, days, due, await self._mix(queues, history))

    async def calls(self, queues: tuple[str, ...], first: date, last: date) -> Mapping[date, int]:
        """Return the calls that came, by day. Raises PlansUnavailable."""
        if last < first:
            return {}
        return {one.day: one.calls for one in await self._days(queues, first, last)}

    async def _days(self, queues: tuple[str, ...], first: date, last: date) -> Sequence[HistoryDay]:
        lines = await self._asked(Question(first, last, (), Interval.DAY, _only(queues)))
        return [_day(at.astimezone(WIB).date(), counts) for at, counts in lines]

    async def _half_hours(
        self, queues: tuple[str, ...], history: Sequence[HistoryDay]
    ) -> Sequence[HistorySlot]:
        if not history:
            return []
        last = history[-1].day
        first = max(history[-SLOT_DAYS:][0].day, last - _LONGEST)
        lines = await self._asked(Question(first, last, (), Interval.HALF_HOUR, _only(queues)))
        return [_slot(at.astimezone(WIB), counts) for at, counts in lines]

    async def _mix(self, queues: tuple[str, ...], history: Sequence[HistoryDay]) -> Mapping[str, float]:
        if not history:
            return {}
        first, last = history[-RECENT_DAYS:][0].day, history[-1].day
        question = Question(first, last, (Dimension.QUEUE,), Interval.WHOLE, _only(queues))
        try:
            lines = await self._figures.lines(question)
        except (FiguresUnavailable, NotAsked) as error:
            raise PlansUnavailable(str(error)) from error
        counted = {
            line.key[0]: line.counts.incoming for line in lines if line.key[0] and line.counts.incoming
        }
        whole = sum(counted.values())
        return {queue: calls / whole for queue, calls in counted.items()}

    async def _asked(self, question: Question) -> Sequence[tuple[datetime, Counts]]:
        try:
            lines = await self._figures.lines(question)
        except (FiguresUnavailable, NotAsked) as error:
            raise PlansUnavailable(str(error)) from error
        return sorted(
            ((line.begins, line.counts) for line in lines if line.begins is not None), key=lambda one: one[0]
        )


def _only(queues: tuple[str, ...]) -> Narrowed:
    return {Dimension.QUEUE: frozenset(queues)} if queues else {}


def _day(day: date, counts: Counts) -> HistoryDay:
    return HistoryDay(
        day,
        counts.incoming,
        counts.abandoned,
        counts.waited_ms / 1000,
        counts.acd_calls,
        _handled(counts),
        counts.ring_ms / 1000,
    )


def _slot(at: datetime, counts: Counts) -> HistorySlot:
    return HistorySlot(
        at.date(), at.hour * 60 + at.minute, counts.incoming, counts.acd_calls, _handled(counts)
    )


def _handled(counts: Counts) -> float:
    return (counts.acd_ms + counts.hold_ms + counts.wrap_up_ms) / 1000
