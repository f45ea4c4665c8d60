"""Blending: lent while inbound is well, called back when it suffers, never flapping."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.blending import DATA, Blending, BlendingRefused, BlendingRules, Inbound, read, shipped
from tests.laws import asks

RULES = shipped()
WELL = Inbound(waiting=0, expected_wait=None, free=8, borrowed=0)
SUFFERS = Inbound(waiting=5, expected_wait=90.0, free=0, borrowed=4)


def lending(rules: BlendingRules = RULES) -> Blending:
    """Return a rule that lends since second 100."""
    blending = Blending(rules)
    blending.observe(0.0, WELL)
    blending.observe(100.0, WELL)
    assert blending.may_borrow(100.0) > 0
    return blending


def test_what_ships_is_assumed() -> None:
    assert RULES.assumed
    assert RULES.service_level.lend == pytest.approx(0.85)


def test_it_lends_what_inbound_does_not_keep_once_inbound_has_been_well_for_a_while() -> None:
    blending = Blending(RULES)
    blending.observe(0.0, WELL)
    assert blending.may_borrow(RULES.settle - 1) == 0
    assert blending.may_borrow(RULES.settle) == 8 - 3
    blending.observe(70.0, replace(WELL, free=3, borrowed=5))
    assert blending.may_borrow(70.0) == 0
    assert blending.must_return(70.0) == 0


@pytest.mark.parametrize(
    "bad",
    [
        Inbound(waiting=3, expected_wait=5.0, free=5, borrowed=4),
        Inbound(waiting=1, expected_wait=60.0, free=5, borrowed=4),
        Inbound(waiting=0, expected_wait=None, free=0, borrowed=4),
    ],
    ids=["queue length", "expected wait", "free agents"],
)
def test_one_bad_measure_calls_all_back(bad: Inbound) -> None:
    blending = lending()
    blending.observe(101.0, bad)
    assert blending.must_return(101.0) == 4
    assert blending.may_borrow(101.0) == 0


def test_a_bad_service_level_calls_back_until_the_window_has_passed() -> None:
    blending = lending()
    for number in range(40):
        blending.ended_waiting(110.0, waited=5.0, answered=number < 29)  # 72.5 %
    blending.observe(110.0, replace(WELL, borrowed=2))
    assert blending.must_return(110.0) == 2
    later = 110.0 + RULES.window
    blending.observe(later, WELL)
    assert blending.may_borrow(later + RULES.settle) > 0


def test_a_late_answer_and_a_caller_who_left_are_not_in_time() -> None:
    for waited, answered in ((RULES.answer_within + 1, True), (1.0, False)):
        blending = lending()
        for _ in range(RULES.least_calls):
            blending.ended_waiting(110.0, waited, answered)
        level = next(r for r in blending.readings(110.0) if r.measure == "service_level")
        assert level.bad and level.value == 0.0


def test_a_few_calls_say_nothing_of_the_service_level() -> None:
    blending = lending()
    for _ in range(RULES.least_calls - 1):
        blending.ended_waiting(110.0, 100.0, answered=False)
    assert blending.may_borrow(110.0) > 0


def test_a_withheld_wait_lends_nothing_new_and_calls_nobody_back() -> None:
    unknown = Inbound(waiting=1, expected_wait=None, free=8, borrowed=1)
    blending = Blending(RULES)
    blending.observe(0.0, unknown)
    assert blending.may_borrow(1_000.0) == 0
    going_on = lending()
    going_on.observe(101.0, unknown)
    assert going_on.must_return(101.0) == 0


def test_between_the_limits_all_stays_as_it_is() -> None:
    between = Inbound(waiting=2, expected_wait=30.0, free=8, borrowed=1)
    going_on, stopped = lending(), lending()
    stopped.observe(101.0, SUFFERS)
    for blending in (going_on, stopped):
        blending.observe(102.0, between)
    assert going_on.must_return(5_000.0) == 0
    assert stopped.may_borrow(5_000.0) == 0
    assert stopped.must_return(5_000.0) == 1


def test_it_explains_itself() -> None:
    blending = lending()
    assert blending.explain(100.0).startswith("lending: 5 more may be borrowed, 0 are")
    blending.observe(101.0, SUFFERS)
    text = blending.explain(101.0)
    assert text.startswith("not lending: 4 borrowed must return")
    blending.observe(101.5, replace(SUFFERS, borrowed=0))
    assert blending.explain(101.5).startswith("not lending: inbound is not well")
    assert "queue length 5: bad (lend at 0, call back at 3)" in text
    blending.observe(102.0, WELL)
    assert "for 60 s more" in blending.explain(102.0)


inbounds = st.builds(
    Inbound,
    st.integers(0, 6),
    st.none() | st.floats(0, 120),
    st.integers(0, 10),
    st.integers(0, 10),
)


@settings(max_examples=asks(200), deadline=None)
@given(st.lists(st.tuples(st.floats(0, 90), inbounds), max_size=40))
def test_never_lends_while_it_calls_back_and_never_more_than_are_free(
    history: list[tuple[float, Inbound]],
) -> None:
    blending, now = Blending(RULES), 0.0
    for later, inbound in history:
        now += later
        blending.observe(now, inbound)
        borrow, back = blending.may_borrow(now), blending.must_return(now)
        assert not (borrow and back)
        assert 0 <= borrow <= max(0, inbound.free - 3)
        assert 0 <= back <= inbound.borrowed
        if any(reading.bad for reading in blending.readings(now)):
            assert borrow == 0 and back == inbound.borrowed


def test_noisy_inbound_does_not_make_it_flap() -> None:
    dice, blending, lent = random.Random(1500200), Blending(RULES), []
    seconds = 8 * 3600
    for now in range(seconds):
        # Around the limits, in and out of them nearly every second.
        noisy = Inbound(dice.choice((0, 0, 0, 0, 1, 2)), dice.uniform(0, 50), dice.randint(2, 9), 1)
        if now % 1800 > 1500:
            noisy = replace(noisy, waiting=dice.choice((0, 1, 3)))
        elif now % 1800 < 300:
            noisy = replace(WELL, borrowed=1)
        blending.observe(now, noisy)
        lent.append(blending.must_return(now) == 0)
    changes = sum(before != after for before, after in pairwise(lent))
    assert changes > 0, "nothing ever changed: the test says nothing"
    assert changes <= 2 * seconds / 1800


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("queue_length,0,3", "queue_length,3,3", "row 2, return: `3` is not above `lend`"),
        ("free_agents,3,1", "free_agents,3,4", "row 5, return: `4` is not below `lend`"),
        ("percent,85,75", "percent,185,75", "row 4, lend: `185` is more than 100"),
        ("expected_wait_s,10", "expected_wait_s,soon", "row 3, lend: `soon` is no number"),
        ("settle_s,60", "settle_s,-1", "row 9, lend: `-1` is no number"),
        ("window_s,1800", "window_s,0", "row 7, lend: `0` must be more than 0"),
        ("settle_s,60,,yes\n", "", "no row for settle_s"),
        ("settle_s", "window_s", "row 9, measure: `window_s` is there twice, first in row 7"),
        ("settle_s", "settel_s", "row 9, measure: `settel_s` is no measure"),
        ("settle_s,60,,yes", "settle_s,60,,yes,", "row 9, measure: `settle_s` has too many cells"),
        ("measure,lend", "measure,borrow", "row 1: other columns"),
    ],
)
def test_a_broken_table_is_refused(old: str, new: str, says: str) -> None:
    text = DATA.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(BlendingRefused, match="Remedy") as refused:
        read(text.replace(old, new))
    assert says in str(refused.value)
