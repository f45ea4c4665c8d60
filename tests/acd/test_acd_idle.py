"""Idle time is shared evenly among those on duty."""

import random
from itertools import pairwise

import pytest

from acd.idle import IdleShares


def test_idle_time_is_due_to_all_on_duty_alike() -> None:
    shares = IdleShares()
    for agent in ("a", "b"):
        shares.on_duty(agent, 0.0)
    shares.free("a", 10.0)
    shares.taken("a", 30.0)
    assert shares.had_and_due("a", 40.0) == (20.0, 10.0)
    assert shares.had_and_due("b", 40.0) == (0.0, 10.0)


def test_nothing_is_due_to_who_is_off_duty() -> None:
    shares = IdleShares()
    for agent in ("a", "b"):
        shares.on_duty(agent, 0.0)
    shares.free("a", 0.0)
    shares.off_duty("b", 10.0)
    shares.off_duty("a", 50.0)
    shares.off_duty("a", 90.0)
    assert shares.had_and_due("a", 100.0) == (50.0, 45.0)
    assert shares.had_and_due("b", 100.0) == (0.0, 5.0)


def test_who_has_had_more_than_was_due_is_chosen_first_whenever_they_became_free() -> None:
    shares, dice = IdleShares(), random.Random(1500200)
    orders: dict[str, float] = {}
    for agent in "abcdef":
        shares.on_duty(agent, 0.0)
    now = 0.0
    for _ in range(3_000):
        now += dice.expovariate(0.1)
        agent = dice.choice("abcdef")
        if agent in orders:
            shares.taken(agent, now)
            del orders[agent]
        elif dice.random() < 0.1:
            shares.off_duty(agent, now)
            shares.on_duty(agent, now + 1.0)
            now += 1.0
        else:
            orders[agent] = shares.free(agent, now)
        surplus = {name: had - due for name in orders for had, due in [shares.had_and_due(name, now)]}
        chosen = sorted(orders, key=lambda name: orders[name])
        for first, second in pairwise(chosen):
            assert surplus[first] >= surplus[second] - 1e-6


def test_choosing_in_that_order_evens_out_what_the_longest_free_would_not() -> None:
    """One agent of three comes in late every time: has had little, and so rests next."""
    shares = IdleShares()
    for agent in "abc":
        shares.on_duty(agent, 0.0)
    shares.free("a", 0.0)
    shares.taken("a", 100.0)
    order = {agent: shares.free(agent, 100.0 + late) for late, agent in enumerate("bca")}
    assert min(order, key=lambda agent: order[agent]) == "a"


def test_an_agent_who_was_never_on_duty_is_no_agent() -> None:
    with pytest.raises(KeyError):
        IdleShares().free("a", 0.0)
