"""A recording's place in time as a whole number: by it the index is ordered and pages go on. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def place_of(at: datetime) -> int:
    """Return the place of an aware time: microseconds since 1970, UTC."""
    return (at - _ZERO) // _MICROSECOND


def time_of(place: int) -> datetime:
    """Return the time of a place, UTC."""
    return _ZERO + place * _MICROSECOND


def day_begins(day: date) -> int:
    """Return the place at which a day begins in Western Indonesian Time."""
    return place_of(datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC))


def day_ends(day: date) -> int:
    """Return the first place after a day."""
    return day_begins(day + timedelta(days=1))
