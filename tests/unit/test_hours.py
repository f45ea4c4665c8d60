"""When the line is open, and what a caller is told otherwise."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.hours import WIB, DayKind, DayOverride, Opening
from ivr.hours_tables import DATA, TableProblem, load_office_hours, load_overrides, load_timetable

HOURS = load_office_hours()


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opening", "word"),
    [
        ("2025-06-03 08:00", Opening.OPEN, "open"),  # a Tuesday
        ("2025-06-03 15:59:59", Opening.OPEN, "open"),
        ("2025-06-03 07:59:59", Opening.BEFORE_HOURS, "closed"),
        ("2025-06-03 16:00", Opening.AFTER_HOURS, "closed"),
        ("2025-06-07 10:00", Opening.WEEKEND, "closed"),
        ("2025-08-18 10:00", Opening.JOINT_LEAVE, "holiday"),
        ("2025-08-17 10:00", Opening.HOLIDAY, "holiday"),  # a Sunday: the holiday is what is told
        ("2025-12-25 10:00", Opening.HOLIDAY, "holiday"),
        ("2025-03-04 14:59", Opening.OPEN, "open"),
        ("2025-03-04 15:00", Opening.RAMADAN_AFTER_HOURS, "ramadan_closed"),
        ("2025-03-04 07:00", Opening.RAMADAN_BEFORE_HOURS, "ramadan_closed"),
        ("2025-03-08 10:00", Opening.WEEKEND, "ramadan_closed"),
    ],
)
def test_the_line_keeps_its_hours(moment: str, opening: Opening, word: str) -> None:
    answer = HOURS.at(wib(moment))
    assert (answer.opening, answer.word) == (opening, word)


def test_a_caller_is_told_the_hours_that_will_be_in_force() -> None:
    friday_before_ramadan = HOURS.at(wib("2025-02-28 17:00"))
    assert friday_before_ramadan.word == "ramadan_closed"
    assert friday_before_ramadan.facts == {"opens": "08:00", "closes": "15:00"}
    assert HOURS.at(wib("2025-06-03 17:00")).facts == {"opens": "08:00", "closes": "16:00"}
    assert HOURS.at(wib("2025-06-03 10:00")).facts == {}


def test_a_holiday_names_the_next_working_day_past_joint_leave_and_weekends() -> None:
    answer = HOURS.at(wib("2025-03-31 10:00"))  # Eid; joint leave up to Monday 7 April
    assert answer.facts == {"opens": "08:00", "closes": "16:00", "reopens": "2025-04-08"}
    assert answer.next_opening == wib("2025-04-08 08:00")


def test_the_administrators_switch_goes_before_everything() -> None:
    answer = HOURS.at(wib("2025-06-03 10:00"), shut=True)
    assert (answer.opening, answer.word) == (Opening.SHUT, "shut")
    assert answer.facts == {"opens": "08:00", "closes": "16:00"}
    assert HOURS.at(wib("2025-12-25 10:00"), shut=True).word == "shut"


def test_the_next_change_is_closing_while_open_and_opening_while_closed() -> None:
    assert HOURS.at(wib("2025-06-03 10:00")).next_change == wib("2025-06-03 16:00")
    assert HOURS.at(wib("2025-06-03 07:00")).next_change == wib("2025-06-03 08:00")
    assert HOURS.at(wib("2025-06-03 16:00")).next_change == wib("2025-06-04 08:00")


def test_an_override_goes_before_the_calendar_and_a_later_one_before_it() -> None:
    day = date(2025, 6, 3)
    election = HOURS.with_overrides([DayOverride(day, DayKind.HOLIDAY, "election day")])
    assert election.at(wib("2025-06-03 10:00")).word == "holiday"
    short = election.with_overrides([DayOverride(day, DayKind.WORKING, "", (time(9), time(12)))])
    assert short.at(wib("2025-06-03 08:30")).opening is Opening.BEFORE_HOURS
    assert short.at(wib("2025-06-03 09:00")).word == "open"
    assert short.at(wib("2025-06-03 12:00")).opening is Opening.AFTER_HOURS
    worked = HOURS.with_overrides([DayOverride(date(2025, 12, 26), DayKind.WORKING, "")])
    assert worked.at(wib("2025-12-26 10:00")).word == "open"


def test_a_year_without_working_day_is_told_as_shut() -> None:
    start = date(2025, 6, 3)
    never = HOURS.with_overrides(
        DayOverride(start + timedelta(days=ahead), DayKind.HOLIDAY, "") for ahead in range(400)
    )
    answer = never.at(wib("2025-06-03 10:00"))
    assert (answer.word, answer.next_opening) == ("shut", None)


@pytest.mark.parametrize(
    ("clock", "part"),
    [("00:00", "morning"), ("10:59", "morning"), ("11:00", "noon"), ("14:59", "noon"), ("15:00", "afternoon"),
     ("23:59", "afternoon")],
)  # fmt: skip
def test_the_greeting_follows_the_clock_in_jakarta(clock: str, part: str) -> None:
    assert HOURS.part_of_day(wib(f"2025-06-03 {clock}")) == part


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        HOURS.at(datetime(2025, 6, 3, 10))  # noqa: DTZ001


def test_ramadan_is_known_for_the_years_to_come() -> None:
    fasts = load_timetable(DATA / "hours.yaml").ramadan
    for earlier, later in pairwise(fasts):
        assert 350 <= (later.first - earlier.first).days <= 356  # a lunar year
    assert fasts[-1].last.year >= 2030


moments = st.datetimes(datetime(2023, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_the_line_is_open_exactly_between_an_opening_and_its_closing(now: datetime) -> None:
    answer = HOURS.at(now)
    if answer.opening is Opening.OPEN:
        assert answer.day.opening <= now < answer.day.closing
        assert answer.next_opening is None
    else:
        assert answer.next_opening is not None
        assert answer.next_opening > now
        assert HOURS.at(answer.next_opening).opening is Opening.OPEN
        assert HOURS.at(answer.next_opening - timedelta(seconds=1)).opening is not Opening.OPEN
    assert answer.next_change is not None
    assert (HOURS.at(answer.next_change).opening is Opening.OPEN) != (answer.opening is Opening.OPEN)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('closes: "16:00"', "closes: 16:00", "hours, row 1: closes: 960 is no time"),
        ("from: 2015-07-01", "from: July", "hours, row 1: from"),
        ('closes: "16:00"', 'closes: "07:00"', "not after"),
        ("last: 2025-03-30", "last: 2025-04-30", "ramadan, row 3: last"),
        ("name: noon", "name: midday", "parts_of_day, row 2: name"),
        ("source: press, for 2023", "sauce: press, for 2023", "sauce: no such field"),
        ("first: 2024-03-12, last: 2024-04-09", "first: 2022-03-12, last: 2022-04-09", "not in order"),
        ("parts_of_day:", "part_of_day:", "nothing else"),
    ],
)
def test_a_mistake_in_the_tables_is_told_with_its_place(
    tmp_path: Path, was: str, becomes: str, told: str
) -> None:
    text = (DATA / "hours.yaml").read_text()
    assert was in text
    path = tmp_path / "hours.yaml"
    path.write_text(text.replace(was, becomes, 1))
    with pytest.raises(TableProblem, match=told) as raised:
        load_timetable(path)
    assert str(path) in str(raised.value)


def test_overrides_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "calendar_overrides.yaml"
    row = '{day: 2030-01-02, kind: working, opens: "09:00", closes: "12:00", about: x}'
    path.write_text(f"overrides:\n  - {row}\n")
    assert load_overrides(path) == [
        DayOverride(date(2030, 1, 2), DayKind.WORKING, "x", (time(9), time(12)), assumed=False)
    ]
    path.write_text(f"overrides:\n  - {row.replace('working', 'holiday')}\n")
    with pytest.raises(TableProblem, match="row 1: opens"):
        load_overrides(path)


def test_the_shipped_tables_mark_what_is_assumed() -> None:
    table = load_timetable(DATA / "hours.yaml")
    assert not table.hours[0].assumed
    assert table.ramadan_hours[0].assumed
    assert all(part.assumed for part in table.parts_of_day)
