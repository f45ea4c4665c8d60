"""When somebody may be called, on their own clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaigns import Window
from dialer.reasons import WhyNot
from dialer.windows import (
    bounds,
    day_began,
    next_open,
    next_opening,
    open_zones,
    span_of,
    why_closed,
)
from domain.zones import Zone
from tests.unit.dialling_world import Office

OFFICE, DEFAULT = Office({date(2026, 6, 1), date(2026, 6, 16)}), Window()
WEDNESDAY = date(2026, 6, 3)


def utc(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zones"),
    [
        (utc(22, 59, day=2), set()),
        (utc(23, 0, day=2), {Zone.WIT}),
        (utc(0, 0), {Zone.WIT, Zone.WITA}),
        (utc(0, 59), {Zone.WIT, Zone.WITA}),
        (utc(1, 0), {Zone.WIT, Zone.WITA, Zone.WIB, Zone.UNKNOWN}),
        (utc(6, 59), {Zone.WIT, Zone.WITA, Zone.WIB, Zone.UNKNOWN}),
        (utc(7, 0), {Zone.WITA, Zone.WIB}),
        (utc(8, 0), {Zone.WIB}),
        (utc(9, 0), set()),
    ],
)
def test_each_zone_opens_and_closes_on_its_own_clock(at: datetime, zones: set[Zone]) -> None:
    assert open_zones(DEFAULT, OFFICE, at) == zones


def test_a_wider_window_is_cut_at_the_hard_ceiling() -> None:
    wide = Window(time(6), time(21))
    assert bounds(wide) == (time(8), time(18))
    assert why_closed(wide, OFFICE, utc(0, 59), Zone.WIB) is WhyNot.OUTSIDE_WINDOW
    assert why_closed(wide, OFFICE, utc(10, 59), Zone.WIB) is None
    assert why_closed(wide, OFFICE, utc(11, 0), Zone.WIB) is WhyNot.OUTSIDE_WINDOW


def test_nobody_is_called_on_weekends_holidays_and_days_that_the_campaign_leaves_out() -> None:
    assert why_closed(DEFAULT, OFFICE, utc(3, day=6), Zone.WIB) is WhyNot.DAY_OFF
    assert why_closed(DEFAULT, OFFICE, utc(3, day=16), Zone.WIB) is WhyNot.DAY_OFF
    mondays = Window(weekdays=frozenset({0}))
    assert why_closed(mondays, OFFICE, utc(3), Zone.WIB) is WhyNot.DAY_OFF
    assert why_closed(mondays, OFFICE, utc(3, day=8), Zone.WIB) is None


def test_the_day_is_the_callees_own() -> None:
    # Sunday 23.30 UTC is Monday 06.30 in Jakarta and 08.30 in Jayapura.
    sunday_night = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)
    assert open_zones(DEFAULT, OFFICE, sunday_night) == {Zone.WIT}
    # Friday afternoon in Jakarta; the clock of Jayapura is two hours ahead, still the same day.
    assert why_closed(DEFAULT, OFFICE, datetime(2026, 6, 5, 8, 59, tzinfo=UTC), Zone.WIB) is None


def test_the_next_opening_passes_over_days_off() -> None:
    friday_evening = utc(10, day=12)
    assert next_open(DEFAULT, OFFICE, friday_evening, Zone.WIB) == utc(1, day=15)
    monday_evening = utc(10, day=15)
    assert next_open(DEFAULT, OFFICE, monday_evening, Zone.WIB) == utc(1, day=17)
    assert next_opening(DEFAULT, OFFICE, monday_evening, {Zone.WIB, Zone.WIT}) == utc(23, day=16)


def test_an_unknown_zone_has_the_hours_that_all_have_in_common() -> None:
    span = span_of(DEFAULT, OFFICE, WEDNESDAY, Zone.UNKNOWN)
    assert span == (utc(1), utc(7))
    narrow = Window(time(8), time(10))
    assert span_of(narrow, OFFICE, WEDNESDAY, Zone.UNKNOWN) is None
    with pytest.raises(ValueError, match="no day of calls"):
        next_open(narrow, OFFICE, utc(3), Zone.UNKNOWN)


def test_a_day_begins_at_the_callees_midnight() -> None:
    assert day_began(utc(3), Zone.WIB) == utc(17, day=2)
    assert day_began(utc(16, 59), Zone.WIB) == utc(17, day=2)
    assert day_began(utc(17), Zone.WIB) == utc(17)
    assert day_began(utc(15), Zone.WIT) == utc(15)
    # All three clocks may be meant: the one that counts most.
    assert day_began(utc(3), Zone.UNKNOWN) == utc(15, day=2)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        open_zones(DEFAULT, OFFICE, datetime(2026, 6, 3, 10))  # noqa: DTZ001 - that is what is refused


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - made aware
    lambda at: at.replace(tzinfo=UTC)
)
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
WINDOWS = st.builds(
    Window, opens=CLOCKS, closes=CLOCKS, weekdays=st.frozensets(st.integers(0, 6), min_size=1)
)


@settings(deadline=None)
@given(MOMENTS, WINDOWS, st.sampled_from(Zone))
def test_whoever_may_be_called_is_within_the_ceiling_on_a_working_day_in_every_possible_zone(
    at: datetime, window: Window, zone: Zone
) -> None:
    if why_closed(window, OFFICE, at, zone) is not None:
        return
    for place in zone.places:
        local = at.astimezone(place)
        assert time(8) <= local.time() < time(18)
        assert window.opens <= local.time() < window.closes
        assert OFFICE.works(local.date())
        assert local.weekday() in window.weekdays


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(Zone))
def test_the_next_moment_is_open_and_none_before_it_is(at: datetime, zone: Zone) -> None:
    found = next_open(DEFAULT, OFFICE, at, zone)
    assert found >= at
    assert why_closed(DEFAULT, OFFICE, found, zone) is None
    if found > at:
        assert why_closed(DEFAULT, OFFICE, at, zone) is not None
        assert why_closed(DEFAULT, OFFICE, found - timedelta(microseconds=1), zone) is not None
        between = at + (found - at) / 2
        assert why_closed(DEFAULT, OFFICE, between, zone) is not None


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(Zone))
def test_who_is_of_an_unknown_zone_is_called_only_when_every_zone_is(at: datetime, zone: Zone) -> None:
    zones = open_zones(DEFAULT, OFFICE, at)
    assert (Zone.UNKNOWN in zones) == ({Zone.WIB, Zone.WITA, Zone.WIT} <= zones)
    assert day_began(at, zone) <= at < day_began(at, zone) + timedelta(hours=26)


def test_zones_have_no_summer_time() -> None:
    for place, hours in (("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)):
        for month in (1, 7):
            offset = datetime(2026, month, 1, tzinfo=ZoneInfo(place)).utcoffset()
            assert offset == timedelta(hours=hours)
