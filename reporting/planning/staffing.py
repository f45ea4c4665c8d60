"""How many agents an interval needs for a target. Pure.

Erlang A is the rule: callers give up. Erlang C, in which nobody does, stands beside it for comparison with
other tools; it asks for more. An agent is taken from the ring on, so ringing is part of how long a call keeps
them; a caller waits through it as well, and some give up meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reporting.planning.erlang import Pool, erlang_a, erlang_c_level
from reporting.planning.plans import SLOT, Given, PlanRefused, SlotPlan, Target

_SECONDS = SLOT * 60.0
_MOST = 5000  # agents: no target needs more; one that does is out of reach
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in an interval of SLOT minutes."""

    calls: float
    handle: float  # seconds, without ringing
    patience: float
    ring: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / _SECONDS

    @property
    def stays(self) -> float:
        """Share of callers who stay while an agent's phone rings."""
        return math.exp(-self.ring / self.patience)

    @property
    def rung(self) -> float:
        """Seconds for which an agent's phone rings: who gives up meanwhile ends it."""
        return self.patience * (1.0 - self.stays)

    @property
    def busy(self) -> float:
        """Seconds for which an offered call keeps an agent, those given up while it rings included."""
        return self.rung + self.stays * self.handle


def load_of(calls: float, handle: float, given: Given) -> Load:
    """Return the load of an interval."""
    return Load(calls, handle, given.patience, given.ring)


def pool(load: Load, agents: int, target: Target) -> Pool:
    """Return what callers and agents find in the long run, by Erlang A, and in the ring that follows it."""
    if load.calls <= _TINY:
        return Pool(1.0, 0.0, 0.0, 0.0, 0.0)
    found = erlang_a(agents, load.rate, load.busy, load.patience, max(0.0, target.within - load.ring))
    offered = 1.0 - found.abandoned
    return Pool(
        found.service_level * load.stays,
        1.0 - offered * load.stays,
        found.must_wait,
        found.mean_wait + offered * load.rung,
        found.occupancy,
    )


def check_reachable(target: Target, given: Given) -> None:
    """Refuse a target that no number of agents reaches. Raises PlanRefused."""
    stays = math.exp(-given.ring / given.patience)
    if target.within <= given.ring:
        raise PlanRefused("out_of_reach", "within")
    if stays < target.level:
        raise PlanRefused("out_of_reach", "level")
    if 1.0 - stays > target.abandoned:
        raise PlanRefused("out_of_reach", "abandoned")


def needed(load: Load, target: Target) -> int:
    """Return the fewest agents that reach a target, at least one: the line is open."""

    def reaches(agents: int) -> bool:
        found = pool(load, agents, target)
        return (
            found.service_level >= target.level
            and found.abandoned <= target.abandoned
            and found.occupancy <= target.occupancy
        )

    return _fewest(reaches, load.rate * load.busy)


def needed_c(load: Load, target: Target) -> int:
    """Return the same for callers who never give up, by Erlang C."""
    within, busy = max(0.0, target.within - load.ring), load.ring + load.handle
    erlangs = load.rate * busy

    def reaches(agents: int) -> bool:
        level = erlang_c_level(agents, load.rate, busy, within) if erlangs > _TINY else 1.0
        return level >= target.level and erlangs / agents <= target.occupancy

    return _fewest(reaches, erlangs)


def interval(minute: int, load: Load, target: Target, shrinkage: float) -> SlotPlan:
    """Return an interval with the agents it needs."""
    agents = needed(load, target)
    found = pool(load, agents, target)
    return SlotPlan(
        minute,
        load.calls,
        load.handle,
        agents,
        needed_c(load, target),
        scheduled(agents, shrinkage),
        found.service_level,
        found.abandoned,
        found.mean_wait,
        found.occupancy,
    )


def scheduled(agents: int, shrinkage: float) -> int:
    """Return how many are to be on the roster so that so many remain."""
    return math.ceil(agents / (1.0 - shrinkage) - _TINY)


def remaining(on_roster: int, shrinkage: float) -> int:
    """Return how many of a roster remain."""
    return int(on_roster * (1.0 - shrinkage) + _TINY)


def _fewest(reaches: Callable[[int], bool], erlangs: float) -> int:
    """Return the least number from 1 on that reaches; what it reaches grows with the number."""
    guess = max(1, math.ceil(erlangs + 0.3 * math.sqrt(erlangs)))
    if reaches(guess):
        low, high, step = guess - 1, guess, 1
        while low > 0 and reaches(low):
            low, high, step = max(0, low - 2 * step), low, 2 * step
    else:
        low, high, step = guess, guess + 1, 1
        while not reaches(high):
            if high >= _MOST:
                return _MOST
            step *= 2
            low, high = high, min(_MOST, high + step)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high
