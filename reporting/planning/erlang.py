"""Erlang A, B and C: one pool of agents, Poisson arrivals, exponential handle times and patience.

The wait that a caller of endless patience would find has the density (S. Zeltyn and A. Mandelbaum,
"Call centers with impatient customers", Queueing Systems 51, 2005; for any patience F. Baccelli and
G. Hebuterne, 1981)

    f(v) = λ π(n−1) exp(λ H(v) − n μ v),   H(v) = ∫₀ᵛ P(patience > u) du,

and π(n−1), the chance that all agents but one are busy, follows from the sum of all being one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

STEPS = 2_000  # of Simpson's rule; even


@dataclass(frozen=True, slots=True)
class Pool:
    """What callers and agents of a pool find in the long run."""

    service_level: float  # share of all callers answered within the time
    abandoned: float  # share of all callers
    must_wait: float  # share of all callers who find nobody free
    mean_wait: float  # seconds, of all callers
    occupancy: float  # share of the agents' time


def erlang_b(servers: int, load: float) -> float:
    """Return the chance that all servers are busy when nobody waits; `load` in Erlang."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the chance that a caller of endless patience must wait. Raises ValueError: overloaded."""
    if load >= servers:
        raise ValueError(f"{load:g} Erlang on {servers} servers: the line grows without end")
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def erlang_c_level(servers: int, rate: float, handle: float, within: float) -> float:
    """Return the share answered within seconds if nobody ever gives up; 0: the line grows without end."""
    load = rate * handle
    if load >= servers:
        return 0.0
    return 1.0 - erlang_c(servers, load) * math.exp(-(servers - load) * max(0.0, within) / handle)


def erlang_a(servers: int, rate: float, handle: float, patience: float, within: float) -> Pool:
    """Return a pool's long run. `rate` in calls a second; `handle`, `patience`, `within` in seconds.

    `patience` is a mean and may be inf, as long as the servers can bear the load; without servers
    all leave. Raises ValueError: overloaded by callers of endless patience.
    """
    if servers == 0:
        return Pool(0.0, 1.0, 1.0, patience, 0.0)
    leaving, ending = 1.0 / patience, servers / handle
    if not leaving and rate >= ending:
        raise ValueError(f"{rate * handle:g} Erlang on {servers} servers: the line grows without end")
    end, peak = _reach(rate, ending, leaving)
    moments, whole = _density(end, rate, ending, leaving, peak)
    early, near = _density(min(within, end), rate, ending, leaving, peak)
    stays, early_stays = _stays(moments, leaving), _stays(early, leaving)
    # The chances of nobody waiting : of a wait, as 1 ÷ B : λ · ∫ exp(…); both scaled by the peak.
    nobody = math.exp(-peak) / erlang_b(servers - 1, rate * handle)
    total = nobody + rate * _simpson(whole, moments)
    answered = (nobody + rate * _simpson(whole * stays, moments)) / total
    level = (nobody + rate * _simpson(near * early_stays, early)) / total
    # A caller waits for min(wait, patience), whose mean is that of H at the wait.
    mean_wait = rate * _simpson(whole * _patient(moments, leaving), moments) / total
    return Pool(level, 1.0 - answered, 1.0 - nobody / total, mean_wait, rate * answered / ending)


def agents_for(rate: float, handle: float, patience: float, within: float, target: float) -> int:
    """Return the fewest agents that answer a share `target` of all callers within the time."""
    low, high = 0, max(1, math.ceil(rate * handle))
    while erlang_a(high, rate, handle, patience, within).service_level < target:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if erlang_a(middle, rate, handle, patience, within).service_level < target:
            low = middle
        else:
            high = middle
    return high


_Array = np.ndarray[tuple[int], np.dtype[np.float64]]


def _patient(moments: _Array, leaving: float) -> _Array:
    """Return H: how long callers stay on average when they must wait until a moment."""
    return -np.expm1(-leaving * moments) / leaving if leaving else moments


def _stays(moments: _Array, leaving: float) -> _Array:
    return np.exp(-leaving * moments)


def _density(end: float, rate: float, ending: float, leaving: float, peak: float) -> tuple[_Array, _Array]:
    """Return moments from 0 to `end` and the density there, but for a factor."""
    moments = np.linspace(0.0, end, STEPS + 1)
    return moments, np.exp(rate * _patient(moments, leaving) - ending * moments - peak)


def _reach(rate: float, ending: float, leaving: float) -> tuple[float, float]:
    """Return where the density has become nothing, and the greatest exponent."""
    top = math.log(rate / ending) / leaving if leaving and rate > ending else 0.0

    def exponent(moment: float) -> float:
        patient = -math.expm1(-leaving * moment) / leaving if leaving else moment
        return rate * patient - ending * moment

    peak, end = exponent(top), max(2.0 * top, 1.0 / ending)
    while exponent(end) > peak - 40.0:
        end *= 1.5
    return end, peak


def _simpson(values: _Array, moments: _Array) -> float:
    step = float(moments[1] - moments[0])
    inner = 4.0 * values[1:-1:2].sum() + 2.0 * values[2:-1:2].sum()
    return float(step / 3.0 * (values[0] + inner + values[-1]))
