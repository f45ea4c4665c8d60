"""When somebody may be called, on their own clock. Pure: told the time, the window and the calendar.

Where the callee's zone is not known, the time must be allowed in all three zones. Days off are those of
the national calendar (weekends, holidays, joint leave) as the office keeps it.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from desk.working_days import WorkingCalendar
from dialer.campaigns import Window
from dialer.reasons import WhyNot
from domain.zones import Zone

CEILING = Window(time(8), time(18))
"""The hard bounds of every call: no campaign's window reaches beyond them, whatever it says."""

_FARTHEST = 60  # days in a row without a day of calls that a calendar may have
_ONE = timedelta(days=1)


def why_closed(window: Window, calendar: WorkingCalendar, at: datetime, zone: Zone) -> WhyNot | None:
    """Return why nobody of this zone may be called at an aware moment; None: they may."""
    opens, closes = bounds(window)
    local = [_aware(at).astimezone(place) for place in zone.places]
    if any(not opens <= one.time() < closes for one in local):
        return WhyNot.OUTSIDE_WINDOW
    if any(not _calls(window, calendar, one.date()) for one in local):
        return WhyNot.DAY_OFF
    return None


def open_zones(window: Window, calendar: WorkingCalendar, at: datetime) -> frozenset[Zone]:
    """Return the zones that may be called at an aware moment."""
    return frozenset(zone for zone in Zone if why_closed(window, calendar, at, zone) is None)


def next_open(window: Window, calendar: WorkingCalendar, at: datetime, zone: Zone) -> datetime:
    """Return the first moment from `at` on at which a zone may be called; `at` itself if it may be now.

    Raises ValueError: there is none for two months, or the zones' hours never meet.
    """
    first = _aware(at).astimezone(zone.shown_in).date() - _ONE
    for ahead in range(_FARTHEST + 2):
        span = span_of(window, calendar, first + ahead * _ONE, zone)
        if span is not None and at < span[1]:
            return max(at, span[0])
    raise ValueError(f"no day of calls in the {_FARTHEST} days from {first}")


def next_opening(window: Window, calendar: WorkingCalendar, at: datetime, zones: Iterable[Zone]) -> datetime:
    """Return the first moment from `at` on at which one of these zones may be called.

    Raises ValueError: there is none for two months, or no zone is named.
    """
    return min(next_open(window, calendar, at, zone) for zone in zones)


def span_of(
    window: Window, calendar: WorkingCalendar, day: date, zone: Zone
) -> tuple[datetime, datetime] | None:
    """Return from when to when (excluded) a zone may be called on a calendar day; None: not at all.

    Of an unknown zone it is the part of the day that all three have in common.
    """
    opens, closes = bounds(window)
    if opens >= closes or not _calls(window, calendar, day):
        return None
    first = max(datetime.combine(day, opens, place) for place in zone.places)
    last = min(datetime.combine(day, closes, place) for place in zone.places)
    return (first, last) if first < last else None


def day_began(at: datetime, zone: Zone) -> datetime:
    """Return when the callee's calendar day began; of an unknown zone the earliest it can have begun."""
    local = [_aware(at).astimezone(place) for place in zone.places]
    return min(one.replace(hour=0, minute=0, second=0, microsecond=0) for one in local)


def bounds(window: Window) -> tuple[time, time]:
    """Return a window's hours inside the hard ceiling; they are empty if it lies outside."""
    return max(window.opens, CEILING.opens), min(window.closes, CEILING.closes)


def _calls(window: Window, calendar: WorkingCalendar, day: date) -> bool:
    return day.weekday() in window.weekdays and calendar.works(day)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone; use an aware datetime")
    return at
