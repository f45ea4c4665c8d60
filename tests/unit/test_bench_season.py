"""The bench season: Erlang-A against the states of the chain, and a small season's books."""

import math

import pytest

from bench.season import play, pooled_bound
from bench.season_world import DAYS, DEADLINES, PEAK, QUEUES, RINGS, SLOT, book_of, day_of, team, volumes
from reporting.planning.erlang import agents_for, erlang_a, erlang_b, erlang_c


def chain(agents: int, rate: float, handle: float, patience: float) -> tuple[float, float, float]:
    """Return by the birth-death chain: share who leave, share who must wait, mean number who wait."""
    weights, state = [1.0], 0
    while state < agents or weights[-1] > 1e-15 * max(weights):
        state += 1
        down = min(state, agents) / handle + max(0, state - agents) / patience
        weights.append(weights[-1] * rate / down)
    total = sum(weights)
    waiting = sum(max(0, k - agents) * weight for k, weight in enumerate(weights)) / total
    return waiting / patience / rate, sum(weights[agents:]) / total, waiting


@pytest.mark.parametrize(
    ("agents", "rate", "patience"),
    [(40, 0.1, 240.0), (33, 0.1, 240.0), (2, 0.001, 240.0), (150, 0.5, 600.0), (1, 0.01, 100.0)],
)
def test_erlang_a_is_the_long_run_of_the_chain(agents: int, rate: float, patience: float) -> None:
    pool = erlang_a(agents, rate, 360.0, patience, 20.0)
    left, must_wait, waiting = chain(agents, rate, 360.0, patience)
    assert pool.abandoned == pytest.approx(left, rel=1e-4)
    assert pool.must_wait == pytest.approx(must_wait, rel=1e-5)
    assert pool.mean_wait == pytest.approx(waiting / rate, rel=1e-4)  # Little's law
    assert pool.occupancy == pytest.approx(rate * 360.0 * (1 - left) / agents, rel=1e-4)


def test_endless_patience_is_erlang_c() -> None:
    must_wait = erlang_c(40, 36.0)
    level = 1 - must_wait * math.exp(-(40 - 36.0) * 20.0 / 360.0)
    for patience in (1e10, math.inf):
        pool = erlang_a(40, 0.1, 360.0, patience, 20.0)
        assert pool.service_level == pytest.approx(level, rel=1e-5)
        assert pool.must_wait == pytest.approx(must_wait, rel=1e-5)
        assert pool.mean_wait == pytest.approx(must_wait * 360.0 / (40 - 36.0), rel=1e-5)
    with pytest.raises(ValueError, match="grows without end"):
        erlang_a(36, 0.1, 360.0, math.inf, 20.0)


def test_no_patience_is_erlang_b() -> None:
    assert erlang_a(40, 0.1, 360.0, 0.1, 20.0).abandoned == pytest.approx(erlang_b(40, 36.0), rel=0.01)


def test_textbook_values() -> None:
    assert erlang_b(10, 5.0) == pytest.approx(0.018385, abs=1e-6)
    assert erlang_c(10, 5.0) == pytest.approx(0.036105, abs=1e-6)


def test_the_fewest_agents_that_reach_the_target() -> None:
    agents = agents_for(0.1, 360.0, 240.0, 20.0, 0.8)
    assert erlang_a(agents, 0.1, 360.0, 240.0, 20.0).service_level >= 0.8
    assert erlang_a(agents - 1, 0.1, 360.0, 240.0, 20.0).service_level < 0.8


def test_a_year_has_all_calls_and_its_deadlines_stand_out() -> None:
    sizes = volumes()
    assert (len(sizes), sum(sizes)) == (DAYS, 635_152)
    mean = sum(sizes) / DAYS
    assert [sizes[day] / mean for day in DEADLINES] == pytest.approx([PEAK, PEAK], rel=0.001)
    assert sorted(sizes)[-2:] == sorted(sizes[day] for day in DEADLINES)
    assert sum(QUEUES.values()) == pytest.approx(1.0)
    assert set(QUEUES) <= set(book_of("widening").requirements)


@pytest.mark.parametrize("rings", RINGS)
def test_every_call_of_a_season_ends_once(rings: str) -> None:
    days = [(number, day_of(number, 600)) for number in range(3)]
    agents = max(max(day.roster) for _, day in days) + 2
    tally = play(rings, days, agents)
    assert tally.offered == len(tally.waits) == 1_800
    assert tally.answered > 0.7 * tally.offered
    assert min(tally.waits) >= 0.0
    assert sum(tally.idle) == pytest.approx(sum(tally.due))
    assert 0.0 < tally.occupancy < 1.0
    assert tally.staffed == SLOT * sum(sum(day.roster) for _, day in days)


def test_one_pool_does_as_well_as_erlang_a_says() -> None:
    days = [(number, day_of(number, 2_600)) for number in range(3)]
    agents = max(max(day.roster) for _, day in days) + 2
    level = play("alike", days, agents).service_level
    assert level == pytest.approx(pooled_bound([day for _, day in days]), abs=0.05)


def test_agents_have_two_skills_and_any_stretch_of_them_every_skill() -> None:
    for rings in ("narrow", "pooled"):
        agents = team(80, rings)
        assert all(first[0] != second[0] for first, second in agents)
        everything = {pair for pairs in agents for pair in pairs}
        for begin in range(0, 40, 10):
            stretch = {pair for pairs in agents[begin : begin + 40] for pair in pairs}
            assert len(stretch) >= len(everything) - 1
