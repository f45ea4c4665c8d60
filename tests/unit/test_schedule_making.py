"""Shifts by patterns, times of prayer, what the law and the rule say of breaks, tables that are wrong."""

import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk.matter_data import TableProblem
from reporting.offline_rules import load_offline_table
from reporting.schedule import Piece, Shift
from reporting.schedule_making import OfficeDay, make_shifts, remarks
from reporting.schedule_prayers import Place, prayer_times
from reporting.schedule_rules import DATA, load_schedule_rules

RULES = load_schedule_rules()
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
IN_RAMADAN = date(2026, 2, 25)
AGENTS = ["1", "2", "3", "4", "5", "6"]


def office(day: date, *, ramadan: bool = False, works: bool = True) -> OfficeDay:
    return OfficeDay(day, works, time(8), time(15 if ramadan else 16), ramadan)


def rests(shift: Shift) -> list[Piece]:
    return [one for one in shift.pieces if one.activity in ("break", "friday_prayer")]


@pytest.mark.parametrize(
    ("place", "day", "dhuhr", "asr", "maghrib"),
    [
        # As the press gave them after the Ministry of Religious Affairs, within two minutes.
        (Place(ZoneInfo("Asia/Jayapura"), -2.53, 140.7), date(2024, 3, 11), "11:51", "14:53", "17:55"),
        (Place(ZoneInfo("Asia/Jakarta"), -6.2, 106.85), date(2024, 3, 18), "12:03", None, "18:07"),
    ],
)
def test_prayer_times_are_the_published_ones(
    place: Place, day: date, dhuhr: str, asr: str | None, maghrib: str
) -> None:
    found = prayer_times(day, place, 1, timedelta(minutes=2))
    for name, wanted in (("dhuhr", dhuhr), ("asr", asr), ("maghrib", maghrib)):
        if wanted is not None:
            at = datetime.combine(day, time.fromisoformat(wanted), place.zone)
            assert abs(getattr(found, name) - at) <= timedelta(minutes=2), name


def test_noon_moves_with_the_equation_of_time() -> None:
    # 105° E is the meridian of WIB: noon is at 12.00 less the equation of time, +16.4 and −14.2 minutes.
    meridian = Place(ZoneInfo("Asia/Jakarta"), -6.2, 105.0)
    november = prayer_times(date(2026, 11, 3), meridian, 1, timedelta()).dhuhr
    february = prayer_times(date(2026, 2, 11), meridian, 1, timedelta()).dhuhr
    assert (november.hour, november.minute) == (11, 44)
    assert (february.hour, february.minute) == (12, 15)


def test_breaks_are_spread_and_rotate_from_day_to_day() -> None:
    shifts = make_shifts(AGENTS, office(THURSDAY), "line", "jakarta", RULES)
    begins = [rests(one)[0].begins for one in shifts]
    assert sorted(set(begins)) == [660, 690, 720]
    assert all(begins.count(one) == 2 for one in set(begins))
    assert all(one.ends - one.begins == 60 for shift in shifts for one in rests(shift))
    before = make_shifts(AGENTS, office(THURSDAY - timedelta(days=1)), "line", "jakarta", RULES)
    assert rests(before[0])[0].begins != begins[0]
    assert {one.activity for one in shifts[0].pieces} == {"calls", "break", "prayer"}


def test_friday_prayer_is_90_minutes_and_the_others_hold_the_line_meanwhile() -> None:
    goers = make_shifts(AGENTS, office(FRIDAY), "line", "jakarta", RULES)
    others = make_shifts(AGENTS, office(FRIDAY), "line_other", "jakarta", RULES)
    prayer = rests(goers[0])[0]
    assert (prayer.activity, prayer.ends - prayer.begins) == ("friday_prayer", 90)
    for shift in others:
        assert sum(one.ends - one.begins for one in rests(shift)) == 90
        assert all(one.ends <= prayer.begins or one.begins >= prayer.ends for one in rests(shift))


def test_ramadan_has_shorter_hours_and_breaks() -> None:
    [shift] = make_shifts(["1"], office(IN_RAMADAN, ramadan=True), "line", "jakarta", RULES)
    assert (shift.begins, shift.ends) == (480, 900)
    assert sum(one.ends - one.begins for one in rests(shift)) == 30
    [friday] = make_shifts(["1"], office(date(2026, 2, 27), ramadan=True), "line", "jakarta", RULES)
    assert sum(one.ends - one.begins for one in rests(friday)) == 60


def test_who_works_in_the_east_prays_by_their_own_sun() -> None:
    [west] = make_shifts(["1"], office(THURSDAY), "back_office", "jakarta", RULES)
    [east] = make_shifts(["1"], office(THURSDAY), "back_office", "jayapura", RULES)
    first = {
        shift.place: min(one.begins for one in shift.pieces if one.activity == "prayer")
        for shift in (west, east)
    }
    # Two hours earlier on the same clock, and a little more: the place lies further east in its zone.
    assert 120 <= first["jakarta"] - first["jayapura"] <= 160


@pytest.mark.parametrize("day", [THURSDAY, FRIDAY, date(2026, 2, 11), date(2026, 6, 22)])
@pytest.mark.parametrize("pattern", list(RULES.patterns(THURSDAY)))
def test_what_is_made_keeps_the_law(day: date, pattern: str) -> None:
    for shift in make_shifts(AGENTS, office(day), pattern, "jakarta", RULES):
        assert list(remarks(shift, office(day), RULES)) == [], shift


def test_a_planner_is_told_what_a_shift_lacks() -> None:
    bare = Shift("1", THURSDAY, (Piece("calls", 420, 960),))
    found = list(remarks(bare, office(THURSDAY), RULES))
    assert found == ["outside_hours", "long_without_break", "short_break"]
    assert "closed_day" in remarks(bare, office(THURSDAY, works=False), RULES)
    # A gap of half an hour is a break as well.
    gap = Shift("1", THURSDAY, (Piece("calls", 480, 700), Piece("calls", 730, 960)))
    assert list(remarks(gap, office(THURSDAY), RULES)) == ["short_break"]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("activities.yaml", "      prayer:", "      praying:", "prayer missing"),
        ("shift_patterns.yaml", "activity: back_office", "activity: nothing", "nothing is no activity"),
        ("shift_patterns.yaml", "begins: opens", "begins: soon", "'soon' is no time"),
        ("breaks.yaml", 'from: "11:00", until: "13:00"', 'from: "14:00", until: "13:00"', "a window ends"),
        ("prayers.yaml", "zone: Asia/Makassar", "zone: Asia/Nowhere", "Asia/Nowhere is no zone"),
    ],
)
def test_a_wrong_table_says_where_and_what_to_do(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(TableProblem, match=told) as refused:
        load_schedule_rules(tmp_path / "data")
    assert file in str(refused.value)
    assert "Remedy" in str(refused.value)


def test_the_reasons_are_those_of_the_guide() -> None:
    table = load_offline_table().on(THURSDAY)
    assert list(table.reasons) == [
        "sick", "leave", "permit", "absence", "late_arrival", "early_leave", "single_clock_in",
        "assignment", "other_work_sick", "system_trouble", "shared_desk",
    ]  # fmt: skip
    assert table.reasons["single_clock_in"].served_below_minutes == 120
    assert table.reasons["other_work_sick"].needs_note
    assert table.request_days == 3
