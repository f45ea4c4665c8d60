"""A day of a plan in the simulator: what Erlang A's roster does here, and which roster would do. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from acd.skills import Ability, Gate, Language, Skillbook, Tables, Tier, admits
from reporting.planning.plans import DayPlan, Plan, PlanRefused, Target
from reporting.planning.simulated import Measured, Outcome, Simulated, SimulatedQueue, SimulatedSlot
from reporting.planning.simulator import Calls, Played, World, draw, play
from reporting.planning.table import Assumptions

_CALLS_IN_ALL = 12_000  # of all rounds together, about
_LEAST_ROUNDS, _MOST_ROUNDS = 3, 12
_SEARCH_ROUNDS = 2
_LEAST_FACTOR, _MOST_FACTOR, _STEPS = 0.85, 2.0, 5
_T95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26, 11: 2.23, 12: 2.20}
"""Student's t for a 95 % interval, by the number of rounds."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Who is there to take calls, and by which rules."""

    tables: Tables  # in force; without agents and competences
    abilities: tuple[Ability, ...]  # of all agents of the tables


def simulate(plan: Plan, day: date, floor: Floor, table: Assumptions) -> Simulated:
    """Play a day several times. Raises PlanRefused: it is not in the plan, or nobody can take its calls."""
    planned = next((one for one in plan.days if one.day == day), None)
    if planned is None:
        raise PlanRefused("not_planned", "day")
    book = Skillbook(floor.tables)
    mix = _known_mix(book, plan.mix)
    if not mix:
        raise PlanRefused("no_queue", "queues")
    able = _mixed([one for one in floor.abilities if serves(book, one, mix)])
    world = World(
        book,
        able or [_everything(book)],
        mix,
        planned.slots,
        plan.given.patience,
        plan.given.ring,
        plan.given.sigma,
        table.english,
        plan.asked.target.within,
    )
    rounds = min(_MOST_ROUNDS, max(_LEAST_ROUNDS, round(_CALLS_IN_ALL / max(1.0, planned.calls))))
    days = [draw(world, seed) for seed in range(rounds)]
    roster = [slot.agents for slot in planned.slots]
    played = [play(world, calls, roster) for calls in days]
    needed, reached = _needed(world, days[:_SEARCH_ROUNDS], roster, plan.asked.target)
    again = [play(world, calls, needed) for calls in days]
    return _simulated(planned, world, played, again, needed, reached=reached, known=len(able))


def _needed(
    world: World, days: Sequence[Calls], roster: Sequence[int], target: Target
) -> tuple[Sequence[int], bool]:
    """Return the roster, in proportion to Erlang A's, with which the day reaches its target."""

    def reaches(factor: float) -> bool:
        played = [play(world, calls, _times(roster, factor)) for calls in days]
        calls = sum(counts[0] for one in played for counts in one.slots) or 1
        in_time = sum(counts[1] for one in played for counts in one.slots)
        left = sum(counts[2] for one in played for counts in one.slots)
        occupied = sum(one.busy for one in played) / (sum(one.there for one in played) or 1.0)
        return (
            in_time / calls >= target.level
            and left / calls <= target.abandoned
            and occupied <= target.occupancy
        )

    if not reaches(_MOST_FACTOR):
        return _times(roster, _MOST_FACTOR), False
    low, high = (_LEAST_FACTOR, 1.0) if reaches(1.0) else (1.0, _MOST_FACTOR)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return _times(roster, high), True


def _times(roster: Sequence[int], factor: float) -> Sequence[int]:
    return [max(1, math.ceil(agents * factor - 1e-9)) for agents in roster]


def _simulated(
    planned: DayPlan,
    world: World,
    played: Sequence[Played],
    again: Sequence[Played],
    needed: Sequence[int],
    *,
    reached: bool,
    known: int,
) -> Simulated:
    calls = sum(slot.calls for slot in planned.slots) or 1.0
    slots = tuple(
        SimulatedSlot(slot.minute, slot.agents, _share(played, at, 1), more, _share(again, at, 1))
        for at, (slot, more) in enumerate(zip(planned.slots, needed, strict=True))
    )
    return Simulated(
        planned.day,
        len(played),
        sum(_sum(one.slots, 0) for one in played) / len(played),
        sum(slot.calls * slot.level for slot in planned.slots) / calls,
        sum(slot.calls * slot.abandoned for slot in planned.slots) / calls,
        _outcome(played),
        _outcome(again),
        reached,
        slots,
        tuple(_queue(queue, at, played) for at, queue in enumerate(world.mix)),
        known,
        max(0, max((slot.agents for slot in planned.slots), default=0) - known),
    )


def _queue(queue: str, at: int, played: Sequence[Played]) -> SimulatedQueue:
    called, in_time, left = (sum(one.queues[at][place] for one in played) for place in range(3))
    return SimulatedQueue(queue, called / len(played), in_time / (called or 1), left / (called or 1))


def _outcome(played: Sequence[Played]) -> Outcome:
    def measured(of: Callable[[Played], float]) -> Measured:
        values = np.array([of(one) for one in played])
        if len(values) < 2:
            return Measured(float(values.mean()), 0.0)
        half = _T95[len(values)] * float(values.std(ddof=1)) / math.sqrt(len(values))
        return Measured(float(values.mean()), half)

    return Outcome(
        measured(lambda one: _sum(one.slots, 1) / (_sum(one.slots, 0) or 1)),
        measured(lambda one: _sum(one.slots, 2) / (_sum(one.slots, 0) or 1)),
        measured(lambda one: one.waited / (_sum(one.slots, 0) or 1)),
        measured(lambda one: one.busy / (one.there or 1.0)),
    )


def _sum(counts: Iterable[Sequence[int]], place: int) -> int:
    return sum(one[place] for one in counts)


def _share(played: Sequence[Played], slot: int, place: int) -> float:
    called = sum(one.slots[slot][0] for one in played)
    return sum(one.slots[slot][place] for one in played) / called if called else 1.0


def _known_mix(book: Skillbook, mix: Mapping[str, float]) -> Mapping[str, float]:
    """Return the shares of the queues that the tables know; without any, all of them alike."""
    found = {queue: share for queue, share in mix.items() if share > 0 and book.requirement(queue)}
    return found or {queue: 1 / len(book.requirements) for queue in book.requirements}


def serves(book: Skillbook, ability: Ability, queues: Iterable[str]) -> bool:
    """Whether an agent may ever be offered a call of one of these queues."""
    for queue in queues:
        row = book.requirement(queue)
        if row is None:
            continue
        chain = book.chain(row.skill)
        for ring in book.plans[row.plan].rings:
            if any(admits(ring, chain, gate.language, gate) for gate in ability.gates):
                return True
    return False


def _mixed(abilities: Sequence[Ability]) -> Sequence[Ability]:
    """Return the same in an order in which any stretch has the mixture of all: tables come by team."""
    order = np.random.default_rng(1500200).permutation(len(abilities))
    return [abilities[place] for place in order]


def _everything(book: Skillbook) -> Ability:
    """Return what somebody has who may take every call at once: one pool, as Erlang A has it."""
    return Ability(
        frozenset(
            Gate(skill.name, tier, skill.levels, language)
            for skill in book.tables.skills
            for tier in Tier
            for language in Language
        )
    )
