"""Agents needed: by hand where that can be done, by Erlang A with ringing, and with numbers changed."""

import math
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from reporting.planning.compare import what_if
from reporting.planning.erlang import erlang_a, erlang_c
from reporting.planning.making import changed, make, number_of
from reporting.planning.plans import SLOT, Asked, Given, Plan, PlanRefused, Target
from reporting.planning.staffing import (
    Load,
    check_reachable,
    interval,
    needed,
    needed_c,
    pool,
    remaining,
    scheduled,
)
from reporting.planning.what_if import Change
from tests.unit.plan_world import TODAY, year

EASY = Target(0.80, 20.0, 1.0, 1.0)
GIVEN = Given(360.0, 240.0, 0.0, 0.6)


def load(calls: float, handle: float = 360.0, patience: float = 240.0, ring: float = 0.0) -> Load:
    return Load(calls, handle, patience, ring)


def test_erlang_c_by_hand() -> None:
    # 100 calls in half an hour, 180 s each: 10 Erlang. With 14 agents 17.41 % wait (the textbook's table),
    # and of all callers 1 − 0.1741·exp(−(14 − 10)·20/180) = 0.8884 are answered within 20 s; with 13
    # agents 28.5 % wait and 1 − 0.285·exp(−3·20/180) = 0.796 are.
    assert erlang_c(14, 10.0) == pytest.approx(0.1741, abs=1e-4)
    assert 1 - 0.1741 * math.exp(-4 * 20 / 180) == pytest.approx(0.8884, abs=1e-4)
    assert needed_c(load(100, 180.0), EASY) == 14


def test_the_fewest_agents_reach_the_target_and_one_fewer_does_not() -> None:
    for calls in (1, 7, 40, 180, 900):
        for target in (EASY, Target(0.9, 10.0, 0.02, 0.85)):
            agents = needed(load(calls), target)
            found, fewer = (pool(load(calls), number, target) for number in (agents, agents - 1))
            assert found.service_level >= target.level
            assert found.abandoned <= target.abandoned
            assert found.occupancy <= target.occupancy
            assert (
                agents == 1
                or fewer.service_level < target.level
                or fewer.abandoned > target.abandoned
                or fewer.occupancy > target.occupancy
            )


def test_callers_who_give_up_need_fewer_agents_than_those_who_never_do() -> None:
    assert needed(load(180), EASY) < needed_c(load(180), EASY)
    assert needed(load(180, patience=1e9), EASY) == needed_c(load(180), EASY)


def test_an_open_line_has_at_least_one_agent() -> None:
    assert needed(load(0), Target()) == needed_c(load(0), Target()) == 1
    assert pool(load(0), 1, Target()).service_level == 1.0


def test_ringing_keeps_an_agent_and_a_caller() -> None:
    rung = pool(load(180, ring=5.0), 40, EASY)
    stays = math.exp(-5 / 240)
    # Who gives up while it rings keeps the agent no longer.
    bare = erlang_a(40, 180 / 1800, 240 * (1 - stays) + stays * 360.0, 240.0, 15.0)
    assert rung.service_level == pytest.approx(bare.service_level * stays)
    assert rung.abandoned == pytest.approx(1 - (1 - bare.abandoned) * stays)
    assert rung.mean_wait == pytest.approx(bare.mean_wait + (1 - bare.abandoned) * 240.0 * (1 - stays))
    assert needed(load(180, ring=5.0), EASY) >= needed(load(180), EASY)


def test_a_target_that_no_number_of_agents_reaches_is_refused() -> None:
    check_reachable(Target(), replace(GIVEN, ring=5.0))
    for target, given, field in (
        (Target(within=5.0), replace(GIVEN, ring=5.0), "within"),
        (Target(level=0.99), replace(GIVEN, ring=5.0), "level"),
        (Target(abandoned=0.01), replace(GIVEN, ring=5.0), "abandoned"),
    ):
        with pytest.raises(PlanRefused) as refused:
            check_reachable(target, given)
        assert (refused.value.word, refused.value.field) == ("out_of_reach", field)


def test_shrinkage_is_taken_of_the_roster() -> None:
    assert scheduled(70, 0.30) == 100
    assert scheduled(71, 0.30) == 102  # 101.4
    assert scheduled(5, 0.0) == 5
    for agents in range(1, 200):
        assert remaining(scheduled(agents, 0.30), 0.30) >= agents


def test_an_interval_says_what_its_agents_reach() -> None:
    slot = interval(480, load(180), Target(), 0.30)
    found = pool(load(180), slot.agents, Target())
    assert (slot.level, slot.abandoned, slot.occupancy) == (
        found.service_level,
        found.abandoned,
        found.occupancy,
    )
    assert slot.scheduled == scheduled(slot.agents, 0.30)


@cache
def planned() -> Plan:
    return make(ASKED, KNOWN)


ASKED = Asked(date(2026, 2, 23), date(2026, 2, 27))
KNOWN = year(date(2025, 9, 1)).known


def test_a_plan_is_made_of_history() -> None:
    known = KNOWN
    plan = make(ASKED, known)
    assert [one.day for one in plan.days] == [date(2026, 2, day) for day in range(23, 28)]
    assert plan.given.sources == {
        "handle": "history", "patience": "history", "ring": "history", "sigma": "assumed",
    }  # fmt: skip
    for one in plan.days:
        assert sum(slot.calls for slot in one.slots) == pytest.approx(one.calls)
        assert one.low < one.calls < one.high
        assert one.hours == sum(slot.agents for slot in one.slots) * SLOT / 60
    # In Ramadan the line closes at three.
    assert [slot.minute for slot in plan.days[0].slots] == list(range(480, 900, 30))
    assert plan.assumed == ("sigma", "season")  # that history has none
    assert plan.mix == known.mix


def test_a_plan_without_history_stands_on_what_is_given_and_assumed() -> None:
    known = replace(KNOWN, history=(), slots=(), mix={})
    plan = make(replace(ASKED, calls=1000.0, handle=300.0), known)
    assert plan.tested is None
    assert plan.given.handle == 300.0
    assert plan.given.sources["handle"] == "asked"
    assert {"patience", "ring", "sigma", "calendar", "band", "day_shape"} == set(plan.assumed)
    assert plan.known_first is None
    with pytest.raises(PlanRefused, match="history"):
        make(ASKED, known)


def test_half_the_volume_is_half_the_calls() -> None:
    known = KNOWN
    whole, half = make(ASKED, known), make(replace(ASKED, volume=0.5), known)
    for one, other in zip(whole.days, half.days, strict=True):
        assert other.calls == pytest.approx(one.calls / 2)
        assert other.hours < one.hours


@pytest.mark.parametrize(
    ("asked", "word", "field"),
    [
        (replace(ASKED, first=TODAY), "first", "first"),
        (replace(ASKED, last=date(2026, 2, 22)), "order", "last"),
        (replace(ASKED, last=date(2026, 6, 23)), "longest", "last"),
        (Asked(date(2026, 2, 14), date(2026, 2, 15)), "closed", "first"),  # a weekend
        (replace(ASKED, handle=1.0), "range", "handle"),
        (replace(ASKED, calls=0.0), "range", "calls"),
        (replace(ASKED, shrinkage=0.95), "range", "shrinkage"),
        (replace(ASKED, target=Target(level=float("nan"))), "range", "level"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_its_field(asked: Asked, word: str, field: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        make(asked, KNOWN)
    assert (refused.value.word, refused.value.field) == (word, field)


def test_two_numbers_changed_are_set_side_by_side() -> None:
    plan = planned()
    found = what_if(plan, [Change("volume", 1.2), Change("handle", plan.given.handle / 1.2)]).columns
    assert [tuple(change.name for change in one.changes) for one in found] == [
        (), ("volume",), ("handle",), ("volume", "handle"),
    ]  # fmt: skip
    base, more, shorter, both = found
    assert base.calls == pytest.approx(sum(one.calls for one in plan.days))
    assert base.hours == sum(one.hours for one in plan.days)
    assert base.paid == sum(one.paid for one in plan.days)
    assert base.peak == max(one.peak for one in plan.days)
    assert more.calls == both.calls == pytest.approx(1.2 * base.calls)
    assert more.hours > base.hours > shorter.hours
    assert both.hours == pytest.approx(base.hours, rel=0.05)  # the same load in Erlang
    assert more.kept_level < base.kept_level < shorter.kept_level
    assert more.level >= 0.80  # with as many agents as that takes
    # The roster's rounding leaves no fewer agents than planned.
    assert base.kept_level >= base.level - 1e-9


def test_a_change_of_what_was_asked_is_a_plan_made_anew() -> None:
    known, plan = KNOWN, planned()
    for change in (Change("level", 0.9), Change("shrinkage", 0.2)):
        column = what_if(plan, [change]).columns[1]
        anew = make(changed(ASKED, [change]), known)
        assert column.hours == sum(one.hours for one in anew.days)
        assert column.paid == sum(one.paid for one in anew.days)
        assert number_of(anew.asked, change.name) == change.value


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ([], "changes"),
        ([Change("volume", 1.1), Change("handle", 300.0), Change("level", 0.9)], "changes"),
        ([Change("volume", 1.1), Change("volume", 1.2)], "twice"),
        ([Change("volume", 100.0)], "range"),
        ([Change("agents", 3.0)], "no_choice"),
        ([Change("within", 1.0)], "out_of_reach"),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes: list[Change], word: str) -> None:
    plan = planned()
    with pytest.raises(PlanRefused) as refused:
        what_if(plan, changes)
    assert refused.value.word == word
