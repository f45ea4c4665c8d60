"""Adherence over days worked out by hand."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.working_days import WIB
from reporting.adherence import Adherence, AdherenceRules, Away, Span, State
from reporting.adherence import judge as judge_day
from reporting.counts import Counts
from reporting.schedule import BadShift, Piece, Shift, checked, laid_over, on_day
from reporting.schedule_figures import sums
from tests.laws import asks

MONDAY = date(2026, 11, 23)
RULES = AdherenceRules(
    {
        "calls": frozenset({"work"}),
        "break": frozenset({"pause:break", "signed_out"}),
        "other": frozenset({"pause:*"}),
    },
    frozenset({"calls"}),
    timedelta(minutes=15),
)
LATE = datetime(2026, 11, 24, tzinfo=WIB)
MINUTE = 60_000


def at(clock: str, day: date = MONDAY) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=WIB)


def ready(begins: str, ends: str, observed: str = "idle") -> State:
    return State(at(begins), at(ends), "ready", observed)


def paused(begins: str, ends: str, reason: str = "break") -> State:
    return State(at(begins), at(ends), "paused", "idle", reason)


def minutes(span: Span) -> int:
    return span.ms // MINUTE


# 08.00–12.00 calls, 12.00–13.00 break, 13.00–16.00 calls: 480 minutes.
SHIFT = Shift(
    "90000001", MONDAY, (Piece("calls", 480, 720), Piece("break", 720, 780), Piece("calls", 780, 960))
)


def judge(
    shift: Shift, states: list[State], away: list[Away], rules: AdherenceRules, until: datetime
) -> Adherence:
    """Return the day of one shift."""
    return judge_day(shift.day, [shift], states, away, lambda day: rules, until)


def test_a_day_worked_out_by_hand() -> None:
    # Came at 08.10; a call runs from 11.55 to 12.05; break until 13.05; ready until 15.50.
    states = [
        ready("08:10", "11:55"),
        ready("11:55", "12:05", "talking"),
        paused("12:05", "13:05"),
        ready("13:05", "15:50"),
    ]
    day = judge(SHIFT, states, [], RULES, LATE)
    # Not adherent: 08.00–08.10, 13.00–13.05, 15.50–16.00 = 25 minutes of 480.
    assert day.scheduled_ms == 480 * MINUTE
    assert day.adherent_ms == 455 * MINUTE
    assert [(one.doing, minutes(one)) for one in day.spans if not one.adherent] == [
        ("signed_out", 10), ("pause:break", 5), ("signed_out", 10),
    ]  # fmt: skip
    # Worked 08.10–12.05 and 13.05–15.50 = 235 + 165; scheduled for work 240 + 180.
    assert (day.worked_ms, day.work_scheduled_ms) == (400 * MINUTE, 420 * MINUTE)
    added = sums([day])
    assert added.ats.value == pytest.approx(455 / 480)
    assert added.conformance.value == pytest.approx(400 / 420)
    assert (added.ats.numerator, added.ats.denominator) == (455 * MINUTE, 480 * MINUTE)


def test_a_call_runs_into_a_break_no_longer_than_the_rule_allows() -> None:
    states = [ready("08:00", "11:50"), ready("11:50", "12:40", "talking"), paused("12:40", "13:00")]
    day = judge(SHIFT, states, [], RULES, at("13:00"))
    # 12.00–12.15 is the call's, 12.15–12.40 is not.
    assert [(minutes(one), one.adherent, one.late_call) for one in day.spans if one.activity == "break"] == [
        (15, True, True), (25, False, False), (20, True, False),
    ]  # fmt: skip


def test_a_call_that_begins_in_a_break_is_not_excused() -> None:
    states = [ready("08:00", "12:05"), ready("12:05", "12:10", "talking"), paused("12:10", "13:00")]
    day = judge(SHIFT, states, [], RULES, at("13:00"))
    assert [minutes(one) for one in day.spans if one.activity == "break" and not one.adherent] == [10]


def test_exceptions_take_time_out_of_the_schedule_and_of_what_was_worked() -> None:
    states = [ready("08:00", "12:00"), paused("12:00", "13:00"), ready("13:00", "14:00")]
    away = [Away(at("14:00"), at("23:59"), "sick"), Away(at("09:00"), at("09:30"), "system_trouble")]
    day = judge(SHIFT, states, away, RULES, LATE)
    # 14.00–16.00 and 09.00–09.30 are out: 330 of 480 minutes are left, all as scheduled.
    assert (day.scheduled_ms, day.adherent_ms, day.excepted_ms) == (330 * MINUTE, 330 * MINUTE, 150 * MINUTE)
    assert day.worked_ms == (240 - 30 + 60) * MINUTE
    assert dict(sums([day]).by_reason) == {"sick": 120 * MINUTE, "system_trouble": 30 * MINUTE}


def test_without_a_state_everybody_is_signed_out_and_the_future_does_not_count() -> None:
    # 08.00–12.30: nobody came, so nobody was on a break either.
    day = judge(SHIFT, [], [], RULES, at("12:30"))
    assert (day.scheduled_ms, day.adherent_ms) == (270 * MINUTE, 0)
    # Signed out for the break after a morning's work: as scheduled.
    came = judge(SHIFT, [ready("08:00", "12:00")], [], RULES, at("12:30"))
    assert came.adherent_ms == 270 * MINUTE
    assert judge(SHIFT, [], [], RULES, at("07:00")).counts == Counts()


def test_ready_without_a_phone_is_not_working() -> None:
    states = [ready("08:00", "12:00", "phone_gone")]
    assert judge(SHIFT, states, [], RULES, at("12:00")).adherent_ms == 0


def test_a_pause_for_any_reason_fits_where_the_table_says_so() -> None:
    shift = Shift("90000001", MONDAY, (Piece("other", 480, 540),))
    assert judge(shift, [paused("08:00", "09:00", "meeting")], [], RULES, LATE).adherent_ms == 60 * MINUTE
    assert judge(shift, [ready("08:00", "09:00")], [], RULES, LATE).adherent_ms == 0


TUESDAY = MONDAY + timedelta(days=1)


def test_each_part_of_a_night_counts_in_its_own_day() -> None:
    # Monday 20.00 to Tuesday 02.00 with a break 23.30–00.30; on Tuesday evening from 22.00 to midnight.
    night = Shift(
        "90000001",
        MONDAY,
        (Piece("calls", 1200, 1410), Piece("break", 1410, 1470), Piece("calls", 1470, 1560)),
    )
    evening = Shift("90000001", TUESDAY, (Piece("calls", 1320, 1440),))
    # Came at 20.10, a call from 23.25 to 23.40, break until 00.40, signed out at 01.45; Tuesday as planned.
    states = [
        State(at("20:10"), at("23:25"), "ready", "idle"),
        State(at("23:25"), at("23:40"), "ready", "talking"),
        State(at("23:40"), at("00:40", TUESDAY), "paused", "idle", "break"),
        State(at("00:40", TUESDAY), at("01:45", TUESDAY), "ready", "idle"),
        State(at("22:00", TUESDAY), at("23:59", TUESDAY) + timedelta(minutes=1), "ready", "idle"),
    ]
    away = [Away(at("01:00", TUESDAY), at("01:15", TUESDAY), "system_trouble")]
    late = at("12:00", TUESDAY + timedelta(days=1))

    def of(day: date, *shifts: Shift) -> Adherence:
        return judge_day(day, shifts, states, away, lambda day: RULES, late)

    first, second = of(MONDAY, night), of(TUESDAY, night, evening)
    # Monday: 240 minutes; out 20.00–20.10. Worked 20.10–23.40; scheduled for work 20.00–23.30.
    assert (first.scheduled_ms, first.adherent_ms) == (240 * MINUTE, 230 * MINUTE)
    assert (first.worked_ms, first.work_scheduled_ms, first.shifts) == (210 * MINUTE, 210 * MINUTE, 1)
    # Tuesday: 00.00–02.00 less 15 excepted, and 22.00–24.00; out 00.30–00.40 and 01.45–02.00.
    assert (second.scheduled_ms, second.adherent_ms) == (225 * MINUTE, 200 * MINUTE)
    # Worked 00.40–01.45 less 15 excepted, and 120; scheduled for work 00.30–02.00 less 15, and 120.
    assert (second.worked_ms, second.work_scheduled_ms) == (170 * MINUTE, 195 * MINUTE)
    assert (second.excepted_ms, second.shifts) == (15 * MINUTE, 1)
    end_alone = of(TUESDAY, night)
    assert (end_alone.scheduled_ms, end_alone.shifts) == (105 * MINUTE, 0)
    hours = [at("00:00", TUESDAY) + timedelta(hours=one) for one in range(25)]
    added = [second.between(one, two) for one, two in pairwise(hours)]
    assert sum(added, Counts()) == second.counts
    assert sums([first, second]).shifts == 2
    # Who never came on Monday was not on a break after midnight either.
    assert judge_day(TUESDAY, [night], [], [], lambda day: RULES, late).adherent_ms == 0


def test_a_day_shows_the_end_of_the_shift_before() -> None:
    night = Shift("90000001", MONDAY, (Piece("calls", 1320, 1470), Piece("break", 1470, 1500)), "night")
    assert on_day(TUESDAY, None, night) == Shift(
        "90000001", TUESDAY, (Piece("calls", 0, 30), Piece("break", 30, 60))
    )
    early = Shift("90000001", TUESDAY, (Piece("calls", 45, 480),), "line")
    joined = on_day(TUESDAY, early, night)
    assert joined is not None and joined.pattern == "line"
    assert joined.pieces == (Piece("calls", 0, 30), Piece("break", 30, 45), Piece("calls", 45, 480))
    assert on_day(TUESDAY, None, SHIFT) is None
    assert on_day(TUESDAY, early, SHIFT) == early


_BORDERS = st.lists(st.integers(0, 12 * 3600 * 1000), min_size=2, max_size=40, unique=True).map(sorted)


@settings(max_examples=asks(60), deadline=None)
@given(_BORDERS, st.lists(st.sampled_from(["idle", "talking", "wrap_up", "phone_gone"]), min_size=40))
def test_quarter_hours_add_up_to_the_day_exactly(borders: list[int], observed: list[str]) -> None:
    begin = at("07:00")
    times = [begin + timedelta(milliseconds=one, microseconds=one % 7 * 100) for one in borders]
    states = [
        State(one, two, "ready", seen) for one, two, seen in zip(times, times[1:], observed, strict=False)
    ]
    day = judge(SHIFT, states, [Away(at("10:00"), at("10:20"), "permit")], RULES, LATE)
    quarters = [at("00:00") + timedelta(minutes=15 * one) for one in range(97)]
    total = Counts()
    for one, two in pairwise(quarters):
        total += day.between(one, two)
    assert total == day.counts
    assert day.scheduled_ms == 460 * MINUTE
    assert 0 <= day.adherent_ms <= day.scheduled_ms


def test_what_is_laid_over_a_shift_takes_its_place() -> None:
    laid = laid_over(SHIFT.pieces, Piece("coaching", 700, 800))
    assert laid == (
        Piece("calls", 480, 700), Piece("coaching", 700, 800), Piece("calls", 800, 960),
    )  # fmt: skip
    assert laid_over(laid, Piece("calls", 700, 800)) == (Piece("calls", 480, 960),)


@pytest.mark.parametrize(
    ("pieces", "word"),
    [
        ((), "no_pieces"),
        ((Piece("juggling", 480, 500),), "unknown_activity"),
        ((Piece("calls", 480, 480),), "ends_before"),
        ((Piece("calls", 480, 600), Piece("break", 590, 620)), "overlap"),
        ((Piece("calls", 0, 17 * 60),), "too_long"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(pieces: tuple[Piece, ...], word: str) -> None:
    with pytest.raises(BadShift) as refused:
        checked(Shift("90000001", MONDAY, pieces), RULES.does)
    assert refused.value.word == word
