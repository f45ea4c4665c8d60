"""Times of prayer at a place. Astronomy only; what is a rule is in reporting/data/prayers.yaml.

The sun's place follows the low-precision formulas of the Astronomical Almanac (US Naval Observatory,
"Computing approximate solar coordinates"): better than 1' between 1950 and 2050, a few seconds of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import acos, asin, atan, atan2, ceil, cos, degrees, radians, sin, tan
from zoneinfo import ZoneInfo

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_SUNSET = -0.833  # degrees: half the sun's width, and refraction at the horizon


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works. Degrees, north and east positive."""

    zone: ZoneInfo
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class PrayerTimes:
    """The prayers that fall into working hours, aware, in the place's zone, whole minutes."""

    dhuhr: datetime
    asr: datetime
    maghrib: datetime


def prayer_times(day: date, place: Place, asr_shadow: float, caution: timedelta) -> PrayerTimes:
    """Return the day's times; `caution` is added before rounding up to a minute.

    Raises ValueError for a place where the sun does not rise and set.
    """
    declination, equation = _sun(day, place)
    offset = datetime.combine(day, time(12), place.zone).utcoffset() or timedelta()
    noon = 12 + offset.total_seconds() / 3600 - place.longitude / 15 - equation
    latitude = radians(place.latitude)
    shadow = atan(1 / (asr_shadow + tan(abs(latitude - declination))))
    found = (0.0, _hours(latitude, declination, shadow), _hours(latitude, declination, radians(_SUNSET)))
    midnight = datetime.combine(day, time.min, place.zone)
    return PrayerTimes(
        *(midnight + timedelta(minutes=ceil((noon + after) * 60 + caution.seconds / 60)) for after in found)
    )


def _sun(day: date, place: Place) -> tuple[float, float]:
    """Return the sun's declination (radians) and the equation of time (hours) at the place's noon."""
    at = datetime.combine(day, time(12), UTC) - timedelta(hours=place.longitude / 15)
    days = (at - _J2000) / timedelta(days=1)
    anomaly = radians(357.529 + 0.98560028 * days)
    mean = (280.459 + 0.98564736 * days) % 360
    longitude = radians(mean + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 0.00000036 * days)
    ascension = degrees(atan2(cos(tilt) * sin(longitude), cos(longitude))) % 360
    equation = (mean - ascension + 180) % 360 - 180
    return asin(sin(tilt) * sin(longitude)), equation / 15


def _hours(latitude: float, declination: float, altitude: float) -> float:
    """Return how many hours after noon the sun stands at an altitude (radians)."""
    share = (sin(altitude) - sin(latitude) * sin(declination)) / (cos(latitude) * cos(declination))
    return degrees(acos(share)) / 15
