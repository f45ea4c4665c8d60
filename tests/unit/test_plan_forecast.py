"""Forecasts: effects are found, what was never seen is assumed, the test against a peer is honest."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from desk.tax_dates import load_tax_dates
from reporting.planning.backtest import backtest, band
from reporting.planning.forecast import LEAST_DAYS, assumed, fit, naive
from reporting.planning.history import HistoryDay
from reporting.planning.plans import PastDay
from reporting.planning.ports import OfficeDay
from reporting.planning.shape import durations, learn
from reporting.planning.table import Deadline, deadlines, load_planning
from tests.unit.plan_world import FIRST, HANDLE, PATIENCE, RING, TODAY, WEEKDAYS, calendar, office_days, year

TABLE = load_planning().on(TODAY)


def test_deadlines_roll_to_working_days() -> None:
    due = deadlines(load_tax_dates(), load_planning(), office_days(), date(2026, 3, 1), date(2026, 5, 5))
    assert Deadline("filing_person", date(2026, 3, 31)) in due
    assert Deadline("filing_company", date(2026, 4, 30)) in due
    assert Deadline("payment", date(2026, 3, 16)) in due  # the 15th is a Sunday
    assert Deadline("vat_return", date(2026, 3, 2)) in due  # of February, whose last day is a Saturday
    assert [one.day for one in due] == sorted(one.day for one in due)


def test_days_until_a_deadline_are_counted_in_working_days() -> None:
    office = calendar()
    assert office.until(date(2026, 3, 31), "filing_person") == 0
    assert office.until(date(2026, 3, 27), "filing_person") == 2  # Friday; then Monday, Tuesday
    assert office.until(date(2026, 4, 1), "filing_person") == -1
    assert office.closed_before(date(2026, 5, 4)) is True  # 1 May is a holiday, a Friday
    assert office.closed_before(date(2026, 4, 13)) is False  # a usual Monday


def test_a_rise_before_a_deadline_is_learnt_and_forecast_for_the_next_one() -> None:
    world = year()
    model = fit(world.known.history, world.known.calendar, TABLE)
    for day in (date(2026, 2, 24), date(2026, 3, 26), date(2026, 3, 31), date(2026, 4, 7)):
        one = world.known.calendar.by_day[day]
        assert model.day(one).calls == pytest.approx(world.truth(day), rel=0.25), day
    eve = model.day(world.known.calendar.by_day[date(2026, 3, 31)])
    assert eve.reasons[0].word == "filing_person"
    assert (eve.reasons[0].days, eve.reasons[0].factor > 2.5) == (0, True)


def test_without_a_season_in_history_the_assumed_one_is_forecast() -> None:
    world = year(date(2025, 8, 1))
    model = fit(world.known.history, world.known.calendar, TABLE)
    usual = model.day(world.known.calendar.by_day[date(2026, 6, 10)]).calls
    deadline = model.day(world.known.calendar.by_day[date(2026, 3, 31)]).calls
    assert deadline / usual > 2.5


def test_weekdays_are_told_apart() -> None:
    world = year()
    model = fit(world.known.history, world.known.calendar, TABLE)
    days = world.known.calendar.between(date(2026, 6, 8), date(2026, 6, 12))  # far from deadlines
    found = [model.day(one).calls for one in days]
    assert len(found) == 5
    assert found[0] / found[1] == pytest.approx(WEEKDAYS[0] / WEEKDAYS[1], abs=0.12)
    assert found[4] / found[1] == pytest.approx(WEEKDAYS[4] / WEEKDAYS[1], abs=0.12)


def test_an_outage_does_not_bend_the_model() -> None:
    world = year()
    broken = [
        replace(one, calls=max(1, one.calls // 20))
        if one.day in (date(2025, 9, 2), date(2025, 9, 3))
        else one
        for one in world.known.history
    ]
    one = world.known.calendar.by_day[date(2026, 2, 18)]
    sound = fit(world.known.history, world.known.calendar, TABLE).day(one).calls
    assert fit(broken, world.known.calendar, TABLE).day(one).calls == pytest.approx(sound, rel=0.03)


def test_the_last_days_level_goes_on_and_fades() -> None:
    world = year()
    more = [
        replace(one, calls=int(one.calls * 1.3)) if one.day >= TODAY - timedelta(days=14) else one
        for one in world.known.history
    ]
    model, before = (fit(of, world.known.calendar, TABLE) for of in (more, world.known.history))
    near, far = (world.known.calendar.by_day[day] for day in (date(2026, 2, 11), date(2026, 6, 9)))
    near_ratio = model.day(near).calls / before.day(near).calls
    far_ratio = model.day(far).calls / before.day(far).calls
    assert near_ratio > 1.1
    assert 1.0 <= far_ratio < near_ratio


def test_history_that_is_too_short_is_refused() -> None:
    world = year()
    with pytest.raises(ValueError, match="days of history"):
        fit(world.known.history[: LEAST_DAYS - 1], world.known.calendar, TABLE)


def test_without_history_weekdays_holidays_and_deadlines_still_count() -> None:
    office = calendar()
    model = assumed(2000.0, office, TABLE, TODAY)
    usual = model.day(office.by_day[date(2026, 6, 10)])  # a Wednesday
    assert usual.calls == pytest.approx(2000.0 * TABLE.weekdays[2], rel=0.05)
    assert model.day(office.by_day[date(2026, 3, 31)]).calls > 3 * 2000.0


def test_the_naive_peer_says_what_the_same_weekday_had() -> None:
    known = [HistoryDay(date(2026, 1, day), 100 + day, 0, 0.0, 1, 1.0, 0.0) for day in (5, 6, 7, 8, 9, 12)]
    assert naive(known, OfficeDay(date(2026, 1, 13), 480, 960)) == 106.0  # of Tuesday the 6th
    assert naive(known, OfficeDay(date(2026, 1, 19), 480, 960)) == 112.0
    assert naive(known, OfficeDay(date(2026, 1, 17), 480, 960)) == 112.0  # no Saturday: the newest


def test_a_backtest_knows_only_what_was_known() -> None:
    world = year()
    tested = backtest(world.known.history, world.known.slots, world.known.calendar, TABLE)
    assert tested is not None
    by_day = {one.day: float(one.calls) for one in world.known.history}
    assert all(one.actual == by_day[one.day] for one in tested.days)
    assert {one.ahead for one in tested.days} == set(range(1, 11))
    # Of the season of 2025 nothing was known: it is not tested.
    assert min(one.day for one in tested.days) > date(2025, 4, 30)
    calls = sum(one.actual for one in tested.days)
    assert tested.model == pytest.approx(sum(abs(one.model - one.actual) for one in tested.days) / calls)
    assert tested.naive == pytest.approx(sum(abs(one.naive - one.actual) for one in tested.days) / calls)
    assert tested.model < tested.naive
    assert tested.chosen == "model"
    assert tested.slot_model is not None
    assert tested.slot_naive is not None
    assert tested.slot_model < tested.slot_naive
    # What comes after an origin does not change what is forecast from it.
    cut = world.known.history[:-1]
    again = backtest(cut, world.known.slots, world.known.calendar, TABLE)
    assert again is not None
    same = {(one.day, one.ahead): one.model for one in again.days}
    last = {(one.day, one.ahead): one.model for one in tested.days}
    shared = set(same) & set(last)
    assert shared
    assert all(same[key] == pytest.approx(last[key]) for key in shared)


def test_little_history_is_not_tested() -> None:
    world = year()
    assert backtest(world.known.history[-45:], [], world.known.calendar, TABLE) is None


def test_a_band_holds_eight_of_ten_days() -> None:
    days = [PastDay(date(2026, 1, 1), 1, 100.0 * (0.8 + 0.004 * n), 100.0, 100.0) for n in range(101)]
    found = band(days, "model")
    inside = sum(found.low * 100 <= one.actual <= found.high * 100 for one in days)
    assert inside == pytest.approx(81, abs=2)
    few = band(days[:5], "model")
    assert (few.low, few.high) == (0.75, 1.25)


def test_half_hours_follow_the_days_known() -> None:
    world = year()
    shapes = learn(world.known.slots, world.known.calendar, TABLE, TODAY)
    one = OfficeDay(date(2026, 6, 10), 480, 960)
    shares = shapes.calls(one)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares) == list(range(480, 960, 30))
    assert shares[510] == pytest.approx(3 / 18, rel=0.15)
    assert shares[510] > 2 * shares[900]
    short = shapes.calls(OfficeDay(date(2026, 2, 23), 480, 900, ramadan=True))
    assert sum(short.values()) == pytest.approx(1.0)
    assert max(short, key=lambda minute: short[minute]) == 510


def test_without_half_hours_the_assumed_course_is_taken() -> None:
    shapes = learn([], calendar(), TABLE, TODAY)
    shares = list(shapes.calls(OfficeDay(date(2026, 6, 10), 480, 960)).values())
    whole = sum(TABLE.day_shape)
    assert shares == pytest.approx([one / whole for one in TABLE.day_shape])
    assert shapes.handle(OfficeDay(date(2026, 6, 10), 480, 960), 480) == 1.0


def test_durations_are_measured() -> None:
    found = durations(year().known.history)
    assert found.handle == pytest.approx(HANDLE)
    assert found.ring == pytest.approx(RING)
    # All callers' waiting ÷ those who gave up.
    assert found.patience == pytest.approx(PATIENCE)
    nothing = durations([HistoryDay(FIRST, 10, 1, 60.0, 9, 900.0, 30.0)])
    assert (nothing.handle, nothing.ring, nothing.patience) == (None, None, None)


def test_the_truth_of_the_world_is_as_it_is_told() -> None:
    world = year()
    days = [one.day for one in world.known.history]
    assert days[0] >= FIRST
    assert days[-1] < TODAY
    assert all(a < b for a, b in pairwise(days))
