"""Promises to call back: the callee's window, whose they are, what comes of them."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.cases import load_cases, open_case
from desk.matter_data import DATA, TableProblem
from desk.matters import Matter, MatterRefused
from desk.promises import (
    Owner,
    allowed,
    is_due,
    is_late,
    load_promises,
    make_promise,
    may_take,
    move_promise,
    nearest,
    promise_result,
)
from desk.standing import Rung
from domain.zones import Zone
from tests.laws import asks
from tests.unit.matter_world import AGENT, COLLEAGUE, MONDAY, NUMBER, Office, act, origin

PROMISES, OFFICE = load_promises(), Office()
RULE = PROMISES.at(MONDAY)
SAID = {"name": "Contoh Penelepon", "about": "Jawaban tentang SPT"}
MINUTE = timedelta(minutes=1)
HOURS = {Zone.WIB: 7, Zone.WITA: 8, Zone.WIT: 9}
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
ZONES = st.sampled_from(list(Zone))


def promise(
    at: datetime = MONDAY + 60 * MINUTE,
    zone: Zone = Zone.WIB,
    owner: Owner = Owner.MINE,
    number: str = NUMBER,
    confirmed: bool = True,
    rung: Rung = Rung.ANONYMOUS,
) -> Matter:
    return make_promise(
        PROMISES,
        OFFICE,
        origin(rung),
        at=at,
        zone=zone,
        owner=owner,
        number=number,
        confirmed=confirmed,
        texts=SAID,
    ).matter


def local(zone: Zone, day: int, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(2025, 6, day, hours, minutes, tzinfo=UTC) - timedelta(hours=HOURS[zone])


@pytest.mark.parametrize("zone", list(HOURS))
@pytest.mark.parametrize(
    ("day", "clock", "fine"),
    [
        (3, "07:59", False),
        (3, "08:00", True),
        (3, "17:59", True),
        (3, "18:00", False),
        (7, "10:00", False),  # Saturday
        (6, "10:00", False),  # Eid al-Adha
        (9, "10:00", False),  # joint leave
    ],
)
def test_the_callees_own_clock_decides(zone: Zone, day: int, clock: str, fine: bool) -> None:
    assert allowed(RULE, OFFICE, local(zone, day, clock), zone) is fine


def test_without_a_zone_only_hours_that_suit_all_three_are_allowed() -> None:
    assert allowed(RULE, OFFICE, local(Zone.WIB, 3, "08:00"), Zone.UNKNOWN)
    assert not allowed(RULE, OFFICE, local(Zone.WIT, 3, "08:00"), Zone.UNKNOWN)
    assert not allowed(RULE, OFFICE, local(Zone.WIB, 3, "16:00"), Zone.UNKNOWN)


@settings(max_examples=asks(200), deadline=None)
@given(MOMENTS, ZONES, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_what_is_offered_instead_is_allowed_and_to_come(now: datetime, zone: Zone, ahead: timedelta) -> None:
    found = nearest(RULE, OFFICE, now + ahead, zone, now)
    assert found >= now
    assert allowed(RULE, OFFICE, found, zone)
    if allowed(RULE, OFFICE, now + ahead, zone):
        assert abs(found - now - ahead) < timedelta(minutes=RULE.grid)


@settings(max_examples=asks(100), deadline=None)
@given(MOMENTS, ZONES, st.integers(0, 20 * 24 * 4))
def test_no_other_quarter_of_an_hour_is_nearer(now: datetime, zone: Zone, quarters: int) -> None:
    now = now.replace(minute=0, second=0, microsecond=0)
    asked = now + quarters * 15 * MINUTE
    found = nearest(RULE, OFFICE, asked, zone, now)
    step = timedelta(minutes=RULE.grid)
    between = int(abs(found - asked) / step)
    closer = [asked + sign * number * step for number in range(between) for sign in (1, -1)]
    assert not any(one >= now and allowed(RULE, OFFICE, one, zone) for one in closer)


def test_a_refused_time_comes_with_the_nearest_one_on_the_callees_clock() -> None:
    with pytest.raises(MatterRefused) as refused:
        promise(at=local(Zone.WIT, 3, "06:30"), zone=Zone.WIT)
    assert refused.value.values["nearest"] == "03.06.2025 08.00 WIT"
    with pytest.raises(MatterRefused) as refused:
        promise(at=local(Zone.WIB, 5, "19:00"))
    assert refused.value.values["nearest"] == "05.06.2025 17.45 WIB"
    with pytest.raises(MatterRefused) as refused:
        promise(at=MONDAY - timedelta(days=3))
    assert refused.value.values["nearest"] == "02.06.2025 10.00 WIB"
    with pytest.raises(MatterRefused, match="too_far"):
        promise(at=MONDAY + timedelta(days=31))
    with pytest.raises(MatterRefused, match="no_time"):
        promise(at=datetime(2025, 6, 3, 10, 0))  # noqa: DTZ001 (that is what is refused)


def test_a_promise_needs_a_number_that_was_read_back() -> None:
    with pytest.raises(MatterRefused, match="not_confirmed"):
        promise(confirmed=False)
    for number in ("1500200", "0800123456", "+6512345678", "x"):
        with pytest.raises(MatterRefused, match="no_phone"):
            promise(number=number)
    assert promise().body["number"] == "628110000123"
    assert promise(rung=Rung.KEYED).taxpayer_id is None


def test_mine_is_mine_until_it_is_late_and_then_anyones() -> None:
    mine = promise()
    assert mine.due_at is not None
    late = mine.due_at + timedelta(minutes=RULE.late) + MINUTE
    assert may_take(RULE, mine, AGENT, mine.due_at)
    assert not may_take(RULE, mine, COLLEAGUE, mine.due_at)
    assert not is_late(RULE, mine, late - 2 * MINUTE)
    assert is_late(RULE, mine, late)
    taken = move_promise(PROMISES, OFFICE, mine, "take", act(late, COLLEAGUE)).matter
    assert (taken.state, taken.assignee, taken.attempts) == ("taken", COLLEAGUE, 1)
    anyones = promise(owner=Owner.ANYONE)
    assert may_take(RULE, anyones, COLLEAGUE, MONDAY)


def test_it_is_due_a_little_before_its_time() -> None:
    mine = promise()
    assert mine.due_at is not None
    assert not is_due(RULE, mine, mine.due_at - timedelta(minutes=RULE.remind) - MINUTE)
    assert is_due(RULE, mine, mine.due_at - timedelta(minutes=RULE.remind))


def test_who_took_it_has_it_alone_for_a_while() -> None:
    taken = move_promise(PROMISES, OFFICE, promise(owner=Owner.ANYONE), "take", act()).matter
    with pytest.raises(MatterRefused, match="with_another"):
        move_promise(PROMISES, OFFICE, taken, "take", act(MONDAY + MINUTE, COLLEAGUE))
    over = MONDAY + timedelta(minutes=RULE.hold) + MINUTE
    again = move_promise(PROMISES, OFFICE, taken, "take", act(over, COLLEAGUE)).matter
    assert (again.assignee, again.since) == (COLLEAGUE, over)


def test_nobody_is_called_outside_the_window_even_when_it_is_late() -> None:
    evening = local(Zone.WIB, 3, "18:00")
    with pytest.raises(MatterRefused, match="not_now"):
        move_promise(PROMISES, OFFICE, promise(), "take", act(evening))


def test_a_call_in_vain_needs_another_time_and_the_last_one_ends_it() -> None:
    kept = promise()
    for number in range(1, RULE.attempts + 1):
        kept = move_promise(PROMISES, OFFICE, kept, "take", act()).matter
        assert kept.attempts == number
        if number < RULE.attempts:
            with pytest.raises(MatterRefused, match="missing clock"):
                move_promise(PROMISES, OFFICE, kept, "unreached", act())
            kept = move_promise(
                PROMISES, OFFICE, kept, "unreached", act(), again_at=MONDAY + 90 * MINUTE
            ).matter
            assert (kept.state, kept.due_at, kept.assignee) == ("open", MONDAY + 90 * MINUTE, AGENT)
    over = move_promise(PROMISES, OFFICE, kept, "unreached", act(note="tiga kali")).matter
    assert (over.state, over.result, over.closed_at) == ("given_up", "given_up", MONDAY)


def test_who_was_reached_is_not_called_again() -> None:
    taken = move_promise(PROMISES, OFFICE, promise(), "take", act()).matter
    done = move_promise(PROMISES, OFFICE, taken, "reached", act()).matter
    assert (done.state, done.result) == ("kept", "kept")
    for event in ("take", "postpone", "withdraw"):
        with pytest.raises(MatterRefused):
            move_promise(PROMISES, OFFICE, done, event, act(), again_at=MONDAY + MINUTE)


def test_the_result_of_a_case_is_told_by_a_promise_of_anyone_in_hours_that_suit_all_zones() -> None:
    given = {"subject": "Situs", "explanation": "Galat", "contact": NUMBER, "contact_name": "Contoh"}
    case = open_case(load_cases(), OFFICE, origin(Rung.CONFIRMED), "other", given, {}).matter
    evening = act(local(Zone.WIB, 5, "17:00"), note="sudah pulih")
    made = promise_result(PROMISES, OFFICE, case, "f" * 32, "BCDFGHJK", evening).matter
    assert (made.topic, made.parent, made.assignee) == ("result", case.matter_id, "")
    assert made.due_at is not None
    assert made.due_at >= evening.at
    assert allowed(RULE, OFFICE, made.due_at, Zone.UNKNOWN)
    assert made.body == {"number": "628110000123", "name": "Contoh", "about": "sudah pulih"}
    assert made.taxpayer_id == case.taxpayer_id


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('opens: "08:00"', 'opens: "07:00"'), "between 08:00 and 18:00"),
        (('closes: "18:00"', 'closes: "21:00"'), "between 08:00 and 18:00"),
        (('opens: "08:00"', "opens: early"), "write them as"),
        (('opens: "08:00"', "opens: 10:00"), "opens"),
        (("attempts: 3", "attempts: 0"), "at least 1"),
    ],
)
def test_no_table_widens_the_hard_window(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    text = (DATA / "promises.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "promises.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(TableProblem, match=problem):
        load_promises(tmp_path)
    assert RULE.window == (time(8), time(18))
