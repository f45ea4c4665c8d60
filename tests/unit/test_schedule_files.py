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
    shift: Shift | None = SHIFT,
) -> Moved:
    asked = Asked(AGENT, "alfa", MONDAY, reason, begins, ends, note)
    at = now or clock(MONDAY, 17)
    return file_request(asked, "f" * 32, AGENT_ID, at, shift, served, TABLE, Office())


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
        asked, "f" * 32, AGENT_ID, clock(date(2026, 12, 2), 12), shift, timedelta(), TABLE, Office()
    )
    assert moved.request.due_on == date(2026, 12, 2)


def test_what_cannot_be_asked_is_refused_beside_its_field() -> None:
    assert refused(reason="leave") == ("no_reason", "reason")
    assert refused(shift=None) == ("no_shift", "day")
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
        move_request(request, "approve", AGENT_ID, at, "1" * 32)
    with pytest.raises(OfflineRefused, match="missing note"):
        move_request(request, "refuse", CHIEF_ID, at)
    moved = move_request(request, "approve", CHIEF_ID, at, "1" * 32)
    assert moved.request.state == "approved"
    assert moved.exempt is not None
    assert (moved.exempt.begins, moved.exempt.ends) == (clock(MONDAY, 10), clock(MONDAY, 11))
    assert moved.exempt.request_id == request.request_id
    assert (moved.exempt.first_day, moved.exempt.last_day) == (MONDAY, MONDAY)
    with pytest.raises(OfflineRefused, match="not_possible"):
        move_request(moved.request, "withdraw", AGENT_ID, at)
    back = move_request(moved.request, "revoke", CHIEF_ID, at, note="keliru")
    assert (back.request.state, back.exempt, back.step.note) == ("revoked", None, "keliru")


def test_two_requests_for_one_time_overlap_while_they_stand() -> None:
    one = file("system_trouble", clock(MONDAY, 10), clock(MONDAY, 11)).request
    other = file("permit", clock(MONDAY, 10, 30), clock(MONDAY, 12)).request
    assert overlaps(one, [other])
    assert not overlaps(one, [replace(other, state="withdrawn")])


def test_the_state_table_is_complete() -> None:
    machine: Machine = REQUEST
    assert list(machine.faults()) == []
