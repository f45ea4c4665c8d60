"""When reports are due, and which days they are about. All days are the office's (WIB)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reporting.reports import Asked, Every, Schedule, Span

WIB = ZoneInfo("Asia/Jakarta")
_DAY = timedelta(days=1)


def day_of(at: datetime) -> date:
    """Return the office's day of an aware time."""
    return at.astimezone(WIB).date()


def first_of_month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return first_of_month(first_of_month(day) + timedelta(days=31)) - _DAY


def month_before(day: date) -> date:
    """Return the first day of the month before a day's month."""
    return first_of_month(first_of_month(day) - _DAY)


def days_of(asked: Asked, today: date) -> tuple[date, date]:
    """Return the first and the last day that a report made on `today` is about.

    Raises ValueError: FIXED without its days (`reporting.reports_check` refuses such a definition).
    """
    match asked.span:
        case Span.TODAY:
            return today, today
        case Span.YESTERDAY:
            return today - _DAY, today - _DAY
        case Span.LAST_7_DAYS:
            return today - 7 * _DAY, today - _DAY
        case Span.LAST_WEEK:
            monday = today - timedelta(days=today.weekday() + 7)
            return monday, monday + 6 * _DAY
        case Span.THIS_MONTH:
            return first_of_month(today), today
        case Span.LAST_MONTH:
            begin = month_before(today)
            return begin, last_of_month(begin)
        case Span.LAST_YEAR:
            return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
        case Span.FIXED:
            if asked.first is None or asked.last is None:
                raise ValueError("a fixed span has a first and a last day")
            return asked.first, asked.last


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """Return the first time after `after` at which a report is due, aware, UTC."""
    return next(_times(schedule, after))


def due_between(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """Return the times after `after` and up to `until`, oldest first."""
    found = []
    for at in _times(schedule, after):
        if at > until:
            break
        found.append(at)
    return found


def _times(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    day = day_of(after)
    clock = time(schedule.minute // 60, schedule.minute % 60)
    while True:
        if _is_on(schedule, day):
            at = datetime.combine(day, clock, WIB).astimezone(UTC)
            if at > after:
                yield at
        day += _DAY


def _is_on(schedule: Schedule, day: date) -> bool:
    match schedule.every:
        case Every.DAILY:
            return True
        case Every.WEEKLY:
            return day.isoweekday() == schedule.day
        case Every.MONTHLY:
            return day.day == schedule.day


MADE_UP_FOR = 7
"""Runs at most that a report is given for times that were missed, e.g. while the service was down."""


def due_since(schedule: Schedule, next_due_at: datetime, now: datetime) -> tuple[list[datetime], datetime]:
    """Return the times from `next_due_at` to now, the newest `MADE_UP_FOR` of them, and the time after."""
    just_before = next_due_at - timedelta(microseconds=1)
    return due_between(schedule, just_before, now)[-MADE_UP_FOR:], next_due(schedule, now)
