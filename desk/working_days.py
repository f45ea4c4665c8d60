"""Clocks that count working days. Pure: told the day and the office's calendar.

The day on which something happens is not counted: a clock of one day that starts on a Friday ends with
the next working day. Days are those of Western Indonesian Time (WIB), where the office is.
"""

from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
_LONGEST_CLOSURE = 60  # days in a row without a working day that a calendar may have
_ONE = timedelta(days=1)


class WorkingCalendar(Protocol):
    """The office's calendar: weekends, holidays, joint leave, and the administrator's overrides."""

    def works(self, day: date) -> bool:
        """Whether the office works on a day."""
        ...


def office_day(now: datetime) -> date:
    """Return the office's day at an aware time. Raises ValueError for a time without zone."""
    if now.tzinfo is None:
        raise ValueError("a time without zone: working days need an aware time")
    return now.astimezone(WIB).date()


def next_working_day(calendar: WorkingCalendar, day: date) -> date:
    """Return the first working day after `day`. Raises ValueError if there is none for two months."""
    for _ in range(_LONGEST_CLOSURE):
        day += _ONE
        if calendar.works(day):
            return day
    raise ValueError(f"the calendar has no working day in the {_LONGEST_CLOSURE} days up to {day}")


def after(calendar: WorkingCalendar, day: date, days: int) -> date:
    """Return the last day of a clock of `days` working days that starts on `day`.

    Raises ValueError for fewer than 1 day, or a calendar without working days.
    """
    if days < 1:
        raise ValueError(f"a clock of {days} working days; it needs at least 1")
    for _ in range(days):
        day = next_working_day(calendar, day)
    return day


def between(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Return how many working days come after `start` up to and with `end`; negative if it is over.

    `between(calendar, today, due)` is what is left of a clock, `-between(calendar, due, today)` how
    late it is.
    """
    if end < start:
        return -between(calendar, end, start)
    return sum(calendar.works(start + ahead * _ONE) for ahead in range(1, (end - start).days + 1))


def paused(calendar: WorkingCalendar, due: date, since: date, until: date) -> date:
    """Return the new end of a clock that stood still from `since` to `until`."""
    stood = between(calendar, since, until)
    return after(calendar, due, stood) if stood > 0 else due
