"""The matcher's simulator: every call ends once, one pool does as Erlang A says, skills divide agents."""

from datetime import date

import pytest

from acd.skills import Ability, Gate, Tier
from acd.tables_csv import load_folder
from reporting.planning.making import make
from reporting.planning.plans import Asked, PlanRefused, SlotPlan, Target
from reporting.planning.simulator import Played, World, draw, play
from reporting.planning.staffing import Load, interval, pool
from reporting.planning.table import load_planning
from reporting.planning.trial import Floor, simulate
from tests.unit.plan_world import TODAY, year

BOOK = load_folder()
LANGUAGES = ("id", "en")
ALL = Ability(
    frozenset(
        Gate(skill.name, tier, skill.levels, language)
        for skill in BOOK.tables.skills
        for tier in Tier
        for language in LANGUAGES
    )
)
TARGET = Target(0.80, 20.0, 0.05, 1.0)


def only(skill: str, tier: Tier) -> Ability:
    return Ability(frozenset(Gate(skill, tier, 3, language) for language in LANGUAGES))


def slot(minute: int, calls: float, ring: float = 0.0) -> SlotPlan:
    return interval(minute, Load(calls, 240.0, 180.0, ring), TARGET, 0.0)


def world(*slots: SlotPlan, abilities: tuple[Ability, ...] = (ALL,), ring: float = 0.0) -> World:
    return World(BOOK, abilities, {"efin": 0.6, "general": 0.4}, slots, 180.0, ring, 0.6, 0.03, 20.0)


def shares(played: Played) -> tuple[float, float]:
    called, in_time, left = (sum(one[place] for one in played.slots) for place in range(3))
    return in_time / called, left / called


@pytest.mark.parametrize("ring", [0.0, 6.0])
def test_every_call_ends_once(ring: float) -> None:
    day = world(slot(480, 60), slot(510, 200), slot(540, 20), ring=ring)
    calls = draw(day, 7)
    played = play(day, calls, [2, 12, 4])  # far too few: many give up, some while an agent's phone rings
    called, _, left = (sum(one[place] for one in played.slots) for place in range(3))
    assert called == len(calls.arrivals) == sum(one[0] for one in played.queues)
    assert played.lost == []
    assert 0 < left < called
    assert left == sum(one[2] for one in played.queues)
    answered = called - left
    assert played.busy <= sum(calls.handles) + ring * answered
    assert 0.0 < played.busy / played.there <= 1.0 + 1e-9


def test_the_same_seed_draws_the_same_day() -> None:
    day = world(slot(480, 100))
    assert draw(day, 3) == draw(day, 3)
    assert draw(day, 3) != draw(day, 4)
    first, second = (play(day, draw(day, 3), [9]) for _ in range(2))
    assert first == second


def test_one_pool_does_as_erlang_a_says() -> None:
    slots = tuple(slot(480 + 30 * number, 150, ring=4.0) for number in range(8))
    day = world(*slots, ring=4.0)
    agents = slots[0].agents
    assert len({one.agents for one in slots}) == 1
    played = [play(day, draw(day, seed), [agents] * 8) for seed in range(4)]
    level = sum(shares(one)[0] for one in played) / 4
    left = sum(shares(one)[1] for one in played) / 4
    expected = pool(Load(150, 240.0, 180.0, 4.0), agents, TARGET)
    assert level == pytest.approx(
        expected.service_level, abs=0.07
    )  # log-normal calls, a day that begins empty
    assert left == pytest.approx(expected.abandoned, abs=0.02)


def test_agents_who_lack_the_skill_answer_nothing() -> None:
    day = world(slot(480, 60), abilities=(only("complaints", Tier.C),))
    played = play(day, draw(day, 1), [30])
    assert shares(played) == (0.0, 1.0)
    assert played.busy == 0.0


def test_who_is_sent_home_ends_the_talk_first() -> None:
    day = world(slot(480, 120), slot(510, 0.001))
    played = play(day, draw(day, 1), [20, 1])
    assert played.lost == []
    assert played.there > (20 + 1) * 1800.0  # the talks that went on after the shift's end


def test_a_planned_day_is_tried_and_more_agents_are_found_where_skills_divide_them() -> None:
    day = date(2026, 2, 23)
    plan = make(Asked(day, day, target=TARGET, volume=0.1), year(date(2025, 8, 1)).known)
    table = load_planning().on(TODAY)
    tables = BOOK.tables
    pooled = simulate(plan, day, Floor(tables, ()), table)
    assert pooled.known_agents == 0
    assert pooled.copied == plan.days[0].peak
    assert pooled.reached
    assert pooled.outcome.level.value == pytest.approx(pooled.expected_level, abs=0.08)
    assert pooled.calls == pytest.approx(plan.days[0].calls, rel=0.1)
    assert {one.queue for one in pooled.queues} == set(plan.mix)
    thirds = (only("efin", Tier.B), only("kup", Tier.A), only("general", Tier.A))
    divided = simulate(plan, day, Floor(tables, thirds * 10), table)
    assert divided.known_agents == 30
    assert divided.outcome.level.value < pooled.outcome.level.value
    needed = [sum(one.needed for one in found.slots) for found in (pooled, divided)]
    assert needed[0] < needed[1]


def test_a_day_that_is_not_planned_is_not_tried() -> None:
    plan = make(Asked(date(2026, 2, 23), date(2026, 2, 23)), year().known)
    with pytest.raises(PlanRefused, match="not_planned"):
        simulate(plan, date(2026, 2, 24), Floor(BOOK.tables, ()), load_planning().on(TODAY))
