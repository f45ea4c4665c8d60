"""Clocks of working days over weekends, holidays, joint leave and year ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.working_days import after, between, next_working_day, office_day, paused
from tests.laws import asks
from tests.unit.matter_world import Office

OFFICE = Office()
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
CLOCKS = st.integers(1, 60)


class Never:
    def works(self, day: date) -> bool:
        return False


@settings(max_examples=asks(150), deadline=None)
@given(DAYS, CLOCKS)
def test_a_clock_ends_on_a_working_day_with_all_its_days_counted(day: date, days: int) -> None:
    end = after(OFFICE, day, days)
    assert OFFICE.works(end)
    assert between(OFFICE, day, end) == days
    assert between(OFFICE, day, end - timedelta(days=1)) == days - 1


@settings(max_examples=asks(100), deadline=None)
@given(DAYS, CLOCKS, CLOCKS)
def test_two_clocks_in_a_row_are_as_long_as_one(day: date, first: int, second: int) -> None:
    assert after(OFFICE, after(OFFICE, day, first), second) == after(OFFICE, day, first + second)


@settings(max_examples=asks(100), deadline=None)
@given(DAYS, DAYS, CLOCKS)
def test_who_starts_later_never_ends_earlier(one: date, other: date, days: int) -> None:
    earlier, later = sorted((one, other))
    assert after(OFFICE, earlier, days) <= after(OFFICE, later, days)


@settings(max_examples=asks(100), deadline=None)
@given(DAYS, CLOCKS, st.integers(0, 40))
def test_a_pause_moves_the_end_by_the_working_days_it_lasted(day: date, days: int, stood: int) -> None:
    due, until = after(OFFICE, day, days), day + timedelta(days=stood)
    assert between(OFFICE, due, paused(OFFICE, due, day, until)) == between(OFFICE, day, until)


@settings(max_examples=asks(100), deadline=None)
@given(DAYS, DAYS)
def test_what_is_left_of_a_clock_is_minus_what_it_is_late(one: date, other: date) -> None:
    assert between(OFFICE, one, other) == -between(OFFICE, other, one)


@pytest.mark.parametrize(
    ("day", "days", "end"),
    [
        (date(2025, 6, 2), 1, date(2025, 6, 3)),
        (date(2025, 5, 30), 1, date(2025, 6, 2)),  # a Friday
        (date(2025, 12, 24), 1, date(2025, 12, 29)),  # Christmas, its joint leave, a weekend
        (date(2025, 12, 31), 1, date(2026, 1, 2)),  # New Year
        (date(2025, 3, 27), 1, date(2025, 4, 8)),  # Nyepi and Eid with joint leave
    ],
)
def test_known_ends(day: date, days: int, end: date) -> None:
    assert after(OFFICE, day, days) == end


def test_the_day_is_the_offices() -> None:
    assert office_day(datetime(2025, 12, 31, 17, 30, tzinfo=UTC)) == date(2026, 1, 1)
    with pytest.raises(ValueError, match="without zone"):
        office_day(datetime(2025, 12, 31, 17, 30))  # noqa: DTZ001 (that is what is tested)


def test_a_calendar_without_working_days_ends_with_an_error() -> None:
    with pytest.raises(ValueError, match="no working day"):
        next_working_day(Never(), date(2025, 6, 2))
    with pytest.raises(ValueError, match="at least 1"):
        after(OFFICE, date(2025, 6, 2), 0)
