"""Shifts out of tables, and requests to be offline: what is taken, what is refused and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from acd.machine import Machine
from desk.working_days import WIB
from reporting.offline import (
    REQUEST,
    Asked,
    Moved,
    OfflineRefused,
    file_request,
    move_request,
    overlaps,
)
from reporting.offline_rules import load_offline_table
from reporting.schedule import Piece, Shift
from reporting.schedule_file import TableWrong, read_header, read_shifts
from reporting.schedule_making import OfficeDay
from reporting.schedule_rules import load_schedule_rules

RULES = load_schedule_rules()
HEADER = ("Nomor", "Tanggal", "Pola", "Kegiatan", "Mulai", "Selesai", "Tempat")
AGENT, OTHER = "90000001", "90000002"
MONDAY = date(2026, 11, 23)


class Office:
    """Works from Monday to Friday."""

    def works(self, day: date) -> bool:
        return day.weekday() < 5


def office(day: date) -> OfficeDay:
    return OfficeDay(day, day.weekday() < 5, time(8), time(16), in_ramadan=False)


def read(*rows: Sequence[str]) -> Sequence[Shift]:
    numbered = [(number, list(row)) for number, row in enumerate(rows, start=2)]
    return read_shifts(read_header(HEADER), numbered, [AGENT, OTHER], office, RULES)


def wrong(*rows: Sequence[str]) -> list[tuple[int, str, str, str]]:
    with pytest.raises(TableWrong) as refused:
        read(*rows)
    return [(one.row, one.field, one.value, one.word) for one in refused.value.mistakes]


def test_a_coaching_lies_over_a_pattern() -> None:
    [shift] = read(
        (AGENT, "2026-11-23", "back_office", "", "", "", ""),
        (AGENT, "23.11.2026", "", "coaching", "8.30", "09:00:00", ""),
    )
    assert shift.pattern == "back_office"
    assert shift.pieces[:3] == (
        Piece("back_office", 480, 510), Piece("coaching", 510, 540), Piece("back_office", 540, 720),
    )  # fmt: skip


def test_times_are_those_of_the_place() -> None:
    [shift] = read((AGENT, "2026-11-23", "", "calls", "10:00", "18:00", "Jayapura"))
    assert (shift.place, shift.pieces) == ("jayapura", (Piece("calls", 480, 960),))


def test_a_shift_past_midnight_and_a_day_off() -> None:
    night, off = read(
        (AGENT, "2026-11-23", "", "calls", "22:00", "02:00", ""),
        (OTHER, "2026-11-23", "libur", "", "", "", ""),
    )
    assert night.pieces == (Piece("calls", 1320, 1560),)
    assert off.pieces == ()


def test_every_mistake_is_named_with_row_field_and_masked_value() -> None:
    assert wrong(
        ("12345678", "2026-11-23", "line", "", "", "", ""),
        (AGENT, "30.02.2026", "line", "", "", "", ""),
        (AGENT, "2026-11-23", "sunset", "", "", "", ""),
        (AGENT, "2026-11-24", "", "calls", "8", "25:00", ""),
        (AGENT, "2026-11-25", "line", "calls", "", "", ""),
        (AGENT, "2026-11-26", "line", "", "", "", "mars"),
        (OTHER, "2026-11-23", "", "juggling", "08:00", "09:00", ""),
        (OTHER, "2026-11-24", "", "calls", "08:00", "07:00", ""),
        (OTHER, "2026-11-25", "", "calls", "08:00", "09:00", ""),
        (OTHER, "2026-11-25", "line", "", "", "", ""),
    ) == [
        (2, "agent", "…5678", "no_agent"),
        (3, "day", "30.02.2026", "bad_day"),
        (4, "pattern", "sunset", "no_pattern"),
        (5, "begins", "8", "bad_time"),
        (5, "ends", "25:00", "bad_time"),
        (6, "pattern", "line", "one_of_two"),
        (7, "place", "mars", "no_place"),
        (8, "activity", "juggling", "no_activity"),
        (11, "pattern", "line", "pattern_first"),
        (9, "ends", "", "too_long"),
    ]


def test_headings_that_are_missing_or_unknown_are_named() -> None:
    with pytest.raises(TableWrong) as refused:
        read_header(["agent", "colour", "agent"])
    assert [(one.field, one.word) for one in refused.value.mistakes] == [
        ("colour", "column"), ("agent", "column"), ("day", "column_missing"), ("pattern", "column_missing"),
    ]  # fmt: skip
    assert wrong(("", "", "", "", "", "", ""))[0][3] == "no_rows"


# ---- Izin Tidak Online

TABLE = load_offline_table().on(MONDAY)
SHIFT = Shift(AGENT, MONDAY, (Piece("calls", 480, 960),))
AGENT_ID, CHIEF_ID = "a" * 32, "e" * 32


def clock(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WIB)


def file(
    reason: str = "permit",
    begins: datetime | None = None,
    ends: datetime | None = None,
    note: str = "surat tugas 1",
    now: datetime | None = None,
    served: timedelta = timedelta(),
    shifts: tuple[Shift, ...] = (SHIFT,),
    last: date | None = None,
) -> Moved:
    asked = Asked(AGENT, "alfa", MONDAY, reason, begins, ends, note, last)
    at = now or clock(MONDAY, 17)
    return file_request(asked, "f" * 32, AGENT_ID, at, shifts, served, TABLE, Office())


def refused(**given: object) -> tuple[str, str]:
    with pytest.raises(OfflineRefused) as error:
        file(**given)  # type: ignore[arg-type]
    return error.value.word, error.value.place


def test_a_late_arrival_is_from_the_beginning_of_the_shift() -> None:
    request = file("late_arrival", ends=clock(MONDAY, 9, 30)).request
    assert (request.begins, request.ends) == (clock(MONDAY, 8), clock(MONDAY, 9, 30))
    assert request.due_on == date(2026, 11, 26)
    left = file("early_leave", begins=clock(MONDAY, 15)).request
    assert (left.begins, left.ends) == (clock(MONDAY, 15), clock(MONDAY, 16))
    ill = file("sick").request
    assert (ill.begins, ill.ends) == (clock(MONDAY, 0), clock(MONDAY + timedelta(days=1), 0))


def test_three_working_days_after_the_event_and_not_a_minute_more() -> None:
    thursday = date(2026, 11, 26)
    assert file("sick", now=clock(thursday, 23, 59)).request.state == "filed"
    assert refused(reason="sick", now=clock(thursday + timedelta(days=1), 0)) == ("too_late", "day")
    # An event of a Friday: the weekend does not count.
    friday = date(2026, 11, 27)
    asked = Asked(AGENT, "alfa", friday, "sick", None, None)
    shift = replace(SHIFT, day=friday)
    moved = file_request(
        asked, "f" * 32, AGENT_ID, clock(date(2026, 12, 2), 12), [shift], timedelta(), TABLE, Office()
    )
    assert moved.request.due_on == date(2026, 12, 2)


def test_what_cannot_be_asked_is_refused_beside_its_field() -> None:
    assert refused(reason="leave") == ("no_reason", "reason")
    assert refused(shifts=()) == ("no_shift", "day")
    assert refused(reason="permit") == ("missing", "begins")
    assert refused(begins=clock(MONDAY, 10), ends=clock(MONDAY, 9)) == ("ends_before", "ends")
    assert refused(begins=clock(MONDAY, 18), ends=clock(MONDAY, 19)) == ("outside_shift", "begins")
    assert refused(reason="assignment", note=" ") == ("missing", "note")
    assert refused(reason="single_clock_in", served=timedelta(minutes=120)) == ("served_more", "reason")
    assert file("single_clock_in", served=timedelta(minutes=119)).request.state == "filed"
    assert refused(reason="sick", now=clock(MONDAY - timedelta(days=31), 9)) == ("too_early", "day")


def test_an_approval_brings_the_exception_and_nobody_decides_their_own() -> None:
    request = file("system_trouble", clock(MONDAY, 10), clock(MONDAY, 11)).request
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    with pytest.raises(OfflineRefused, match="own"):
        move_request(request, "approve", AGENT_ID, at, iter("12345").__next__)
    with pytest.raises(OfflineRefused, match="missing note"):
        move_request(request, "refuse", CHIEF_ID, at, str)
    moved = move_request(request, "approve", CHIEF_ID, at, lambda: "1" * 32)
    assert moved.request.state == "approved"
    [exempt] = moved.exempt
    assert (exempt.exception_id, exempt.begins, exempt.ends) == (
        "1" * 32, clock(MONDAY, 10), clock(MONDAY, 11),
    )  # fmt: skip
    assert exempt.request_id == request.request_id
    assert (exempt.first_day, exempt.last_day) == (MONDAY, MONDAY)
    with pytest.raises(OfflineRefused, match="not_possible"):
        move_request(moved.request, "withdraw", AGENT_ID, at, str)
    back = move_request(moved.request, "revoke", CHIEF_ID, at, str, "keliru")
    assert (back.request.state, back.exempt, back.step.note) == ("revoked", (), "keliru")


TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def test_some_days_are_one_request_with_a_time_in_each_shift() -> None:
    # Monday 08.00–16.00; nothing on Tuesday; Wednesday 10.00–18.00: away from 15.00 to 17.00 each day.
    shifts = (SHIFT, Shift(AGENT, WEDNESDAY, (Piece("calls", 600, 1080),)))
    asked = {"begins": clock(MONDAY, 15), "ends": clock(MONDAY, 17), "last": WEDNESDAY, "shifts": shifts}
    request = file("assignment", **asked).request  # type: ignore[arg-type]
    assert request.times == (
        (clock(MONDAY, 15), clock(MONDAY, 16)), (clock(WEDNESDAY, 15), clock(WEDNESDAY, 17)),
    )  # fmt: skip
    assert (request.day, request.until, request.due_on) == (MONDAY, WEDNESDAY, date(2026, 11, 26))
    moved = move_request(request, "approve", CHIEF_ID, clock(TUESDAY, 9), iter("ab").__next__)
    assert [(one.exception_id, one.first_day) for one in moved.exempt] == [("a", MONDAY), ("b", WEDNESDAY)]
    late = file("late_arrival", ends=clock(MONDAY, 11), last=WEDNESDAY, shifts=shifts).request
    assert [begins for begins, _ in late.times] == [clock(MONDAY, 8), clock(WEDNESDAY, 10)]
    between = file("permit", clock(MONDAY, 8), clock(MONDAY, 9)).request
    assert overlaps(request, [file("permit", clock(MONDAY, 15, 30), clock(MONDAY, 16)).request])
    assert not overlaps(request, [between])


def test_whole_days_in_a_row_are_one_time_to_the_end_of_the_last_shift() -> None:
    night = Shift(AGENT, WEDNESDAY, (Piece("calls", 1200, 1560),))
    request = file("sick", last=WEDNESDAY, shifts=(SHIFT, night)).request
    assert request.times == ((clock(MONDAY, 0), clock(WEDNESDAY + timedelta(days=1), 2)),)
    assert (request.parts, request.until) == ((), WEDNESDAY)


def test_days_that_one_request_cannot_be_about_are_refused() -> None:
    assert TABLE.span_days == 14 and TABLE.span_days_assumed
    assert file("sick", last=MONDAY + timedelta(days=13)).request.state == "filed"
    assert refused(reason="sick", last=MONDAY + timedelta(days=14)) == ("span", "last")
    assert refused(reason="sick", last=MONDAY - timedelta(days=1)) == ("ends_before", "last")
    assert refused(reason="single_clock_in", last=TUESDAY) == ("one_day", "last")
    # The first shift says until when: on Friday Monday's three working days are over.
    friday = clock(MONDAY + timedelta(days=4), 9)
    assert refused(reason="sick", last=MONDAY + timedelta(days=4), now=friday) == ("too_late", "day")
    assert file("sick", last=TUESDAY, now=friday, shifts=(replace(SHIFT, day=TUESDAY),)).request.day == MONDAY
    early = clock(MONDAY - timedelta(days=30), 9)
    assert refused(reason="sick", last=TUESDAY, now=early) == ("too_early", "last")


def test_a_decision_is_news_to_who_asked_until_it_is_seen() -> None:
    request = file("sick").request
    assert not request.is_news
    assert move_request(request, "refuse", CHIEF_ID, clock(MONDAY, 18), str, "tidak").request.is_news
    assert not move_request(request, "withdraw", AGENT_ID, clock(MONDAY, 18), str).request.is_news


def test_two_requests_for_one_time_overlap_while_they_stand() -> None:
    one = file("system_trouble", clock(MONDAY, 10), clock(MONDAY, 11)).request
    other = file("permit", clock(MONDAY, 10, 30), clock(MONDAY, 12)).request
    assert overlaps(one, [other])
    assert not overlaps(one, [replace(other, state="withdrawn")])


def test_the_state_table_is_complete() -> None:
    machine: Machine = REQUEST
    assert list(machine.faults()) == []
