"""The planner: its forecast against a naive peer, Erlang A against the matcher's simulator, what it costs.

The forecast's years are made up, so its error says how far it is from the noise that no forecast escapes, not
how good it will be. Erlang A's agents are those of one pool; the simulator runs the product's own matcher.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from datetime import date

from acd.skills import Ability, Gate, Language, Skill, Tier
from acd.tables_csv import load_folder
from bench.figures import Figure, Report, ratio_at_most
from bench.planner_world import LAST, NOISE, calendar, history
from bench.season_world import HANDLE, PATIENCE, QUEUES, ability_of, team
from reporting.planning.backtest import backtest
from reporting.planning.making import Known, make
from reporting.planning.plans import SLOT, Asked, Given, PastDay, SlotPlan, Target
from reporting.planning.simulator import World, draw, play
from reporting.planning.staffing import interval, load_of, pool
from reporting.planning.table import Assumptions, load_planning
from reporting.planning.trial import Floor, simulate

LOADS = (20.0, 80.0, 320.0)  # calls in half an hour
SLOTS = 16
LEVEL_BOUND, ABANDON_BOUND = 5.0, 1.5  # points between Erlang A and the simulator
ROUNDS, SHORT_ROUNDS = 12, 4
SEASON = 10  # working days before a deadline that are its season
TARGET = Target(0.80, 20.0, 0.05, 1.0)
RING = 5.0
AS_VARIED = math.sqrt(math.log(2.0))  # σ with which log-normal times vary as much as exponential ones


def run(report: Report) -> None:
    """Measure all of it."""
    table = load_planning().on(LAST)
    _forecast(report, table)
    _erlang(report, table)
    _plan(report, table)


def _forecast(report: Report, table: Assumptions) -> None:
    office = calendar()
    tested: list[PastDay] = []
    for seed in range(1 if report.short else 5):
        found = backtest(history(office, seed), [], office, table)
        if found is not None:
            tested += found.days
    noise = 100 * NOISE * math.sqrt(2 / math.pi)  # mean of the absolute value of a normal
    note = (
        f"sum of misses ÷ calls, {len(tested)} days, 1 to 10 working days ahead; made-up years whose noise "
        f"alone is {noise:.1f} %; peer: the same weekday of the newest week known"
    )
    report.add(_error("planner.forecast", tested, note))
    season = [one for one in tested if _near_deadline(office.until(one.day, "filing_person"))]
    if season:
        report.add(_error("planner.forecast.season", season, f"{SEASON} working days up to 31 March"))


def _near_deadline(steps: int | None) -> bool:
    return steps is not None and 0 <= steps <= SEASON


def _error(name: str, tested: Sequence[PastDay], note: str) -> Figure:
    calls = sum(one.actual for one in tested)
    ours = 100 * sum(abs(one.model - one.actual) for one in tested) / calls
    peer = 100 * sum(abs(one.naive - one.actual) for one in tested) / calls
    return ratio_at_most(name, ours, peer, 0.9, "% of calls", note)


def _erlang(report: Report, table: Assumptions) -> None:
    """Hold Erlang A against the simulator with agents who take everything, then with two skills each."""
    rounds = SHORT_ROUNDS if report.short else ROUNDS
    book = load_folder()
    given = Given(HANDLE, PATIENCE, RING, table.sigma)
    for calls in LOADS:
        load = load_of(calls, HANDLE, given)
        slot = interval(0, load, TARGET, 0.0)
        expected = pool(load, slot.agents, TARGET)
        skilled = [ability_of(pair, "widening") for pair in team(slot.agents, "widening")]
        kinds = (("pool", [_all(book.tables.skills)], AS_VARIED), ("two_skills", skilled, table.sigma))
        for name, floor, sigma in kinds:
            world = World(
                book, floor, dict(QUEUES), [slot] * SLOTS, PATIENCE, RING, sigma, 0.0, TARGET.within
            )
            level, left = _shares(world, slot, rounds)
            note = f"{slot.agents} agents, {calls:g} calls in {SLOT} minutes, {rounds} days; peer: Erlang A"
            place = f"planner.erlang_a.{name}.{slot.agents}"
            if name == "pool":
                report.add(_apart(f"{place}.level", level, expected.service_level, LEVEL_BOUND, note))
                report.add(_apart(f"{place}.abandoned", left, expected.abandoned, ABANDON_BOUND, note))
            else:
                ours, peer = 100 * level, 100 * expected.service_level
                report.add(Figure(f"{place}.level", ours, peer, ours / peer, "none", True, "%", note))


def _all(skills: Sequence[Skill]) -> Ability:
    return Ability(
        frozenset(
            Gate(skill.name, tier, skill.levels, language)
            for skill in skills
            for tier in Tier
            for language in Language
        )
    )


def _shares(world: World, slot: SlotPlan, rounds: int) -> tuple[float, float]:
    """Return the share answered in time and that of those who gave up, the first half hour left out."""
    levels, lefts = [], []
    for seed in range(rounds):
        counts = play(world, draw(world, seed), [slot.agents] * SLOTS).slots[1:]
        called = sum(one[0] for one in counts)
        levels.append(sum(one[1] for one in counts) / called)
        lefts.append(sum(one[2] for one in counts) / called)
    return statistics.fmean(levels), statistics.fmean(lefts)


def _apart(name: str, ours: float, peer: float, bound: float, note: str) -> Figure:
    apart = 100 * abs(ours - peer)
    told = f"|ours - peer| <= {bound:g}"
    return Figure(name, 100 * ours, 100 * peer, ours / peer, told, apart <= bound, "% of all callers", note)


def _plan(report: Report, table: Assumptions) -> None:
    """Tell what a quarter's plan and a tried day cost."""
    office = calendar()
    known = Known(history(office, 0), [], office, table, dict(QUEUES), LAST)
    began = time.process_time()
    plan = make(Asked(date(2026, 1, 5), date(2026, 3, 31)), known)
    seconds = time.process_time() - began
    report.add(
        Figure("planner.plan", seconds, None, None, "none", True, "s of CPU", f"{len(plan.days)} days")
    )
    began = time.process_time()
    tried = simulate(plan, plan.days[0].day, Floor(load_folder().tables, ()), table)
    seconds = time.process_time() - began
    note = f"a day of {tried.calls:.0f} calls, {tried.rounds} rounds and the search for enough agents"
    report.add(Figure("planner.tried_day", seconds, None, None, "none", True, "s of CPU", note))
