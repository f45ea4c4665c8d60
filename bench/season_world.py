"""A filing season: how many call when, for what, how long; and agents with two skills each.

The year's volume, days, hours and the deadlines' height are the centre's (annual reports); the other
figures are nobody's published ones: assumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from acd.checking import checked
from acd.skills import Ability, Gate, Language, Requirement, Ring, RingPlan, Skill, Skillbook, Tables, Tier
from acd.tables_csv import load_folder
from reporting.planning.erlang import agents_for

CALLS, DAYS = 635_152, 240
SLOT = 1_800.0  # seconds: rosters change by the half-hour
DEADLINES = (60, 80)  # working days: 31 March, 30 April
PEAK = 5.0  # times the mean day
BUILD_UP = 5.0  # days in which the rise before a deadline grows e-fold
WANING = 1.0  # and in which it fades after it
HANDLE, SIGMA = 360.0, 0.6  # log-normal, with wrap-up: mean seconds, σ of the logarithm
PATIENCE = 240.0  # exponential: mean seconds
WITHIN, TARGET = 20.0, 0.80  # seconds, share of all callers: what the roster is made for
ENGLISH = 0.03  # of all calls
DAY_SHAPE = (45, 65, 80, 85, 80, 75, 65, 50, 40, 45, 60, 70, 70, 65, 60, 45)  # 8 hours by the half-hour
QUEUES: Mapping[str, float] = {
    "efin": 0.26, "kup_information": 0.20, "kup_application": 0.10, "data_change": 0.07, "token": 0.06,
    "pph_information": 0.06, "efin_information": 0.05, "ppn_information": 0.04, "npwp_deactivation": 0.03,
    "general": 0.025, "npwp_reactivation": 0.02, "data_information": 0.02, "pph_application": 0.02,
    "ppn_application": 0.02, "self_update": 0.01, "non_dlp": 0.01, "complaints": 0.005,
}  # fmt: skip
RINGS = ("narrow", "widening", "pooled", "alike")

Pair = tuple[str, Tier]
A, B, C = Tier.A, Tier.B, Tier.C


@dataclass(frozen=True, slots=True)
class Mixture:
    """Which two skills agents get: two large ones, or a large and a small one, so all hang together."""

    large: Mapping[Pair, float]  # weights
    small: Mapping[Pair, float]  # more than in proportion to their load: few agents are seldom free
    two_large: float  # share of agents with two large ones


# Tier A agents may take only what is for them, so that each skill and tier needs its own.
TIERED = Mixture(
    {("efin", B): 0.26, ("kup", A): 0.23, ("taxpayer_data", B): 0.16, ("kup", B): 0.13},
    {("token", B): 0.09, ("pph", A): 0.08, ("efin", A): 0.07, ("ppn", A): 0.06, ("general", A): 0.04,
     ("taxpayer_data", A): 0.04, ("pph", B): 0.04, ("ppn", B): 0.04, ("non_dlp", B): 0.03,
     ("complaints", C): 0.02},
    0.35,
)  # fmt: skip
# Nobody of tier A: every agent may take all there is to ask in both skills.
WHOLE = Mixture(
    {("kup", B): 0.40, ("efin", B): 0.38, ("taxpayer_data", B): 0.22},
    {("token", B): 0.33, ("pph", B): 0.20, ("ppn", B): 0.20, ("non_dlp", B): 0.13, ("complaints", C): 0.09},
    0.65,
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls and roster. Times in seconds since opening."""

    rates: Sequence[float]  # calls a second, by slot
    roster: Sequence[int]  # agents on duty, by slot
    arrivals: Sequence[float]
    queues: Sequence[int]  # index into QUEUES
    english: Sequence[bool]
    handles: Sequence[float]
    patiences: Sequence[float]


def volumes(days: int = DAYS, calls: int = CALLS) -> list[int]:
    """Return each day's calls: an even base, and the rise to the deadlines at PEAK times the mean."""
    rise = np.zeros(days)
    for deadline in DEADLINES:
        for day in range(days):
            away = deadline - day
            rise[day] = max(rise[day], math.exp(-away / BUILD_UP) if away >= 0 else math.exp(away / WANING))
    # base + (PEAK − base) · rise must have a mean of 1.
    base = (1.0 - PEAK * rise.mean()) / (1.0 - rise.mean())
    shares = (base + (PEAK - base) * rise) / days
    ends = np.rint(np.cumsum(shares) * calls).astype(int)
    return [int(calls_of) for calls_of in np.diff(ends, prepend=0)]


def day_of(number: int, calls: int) -> Day:
    """Return a day; the same arguments give the same one."""
    dice = np.random.default_rng((1500200, number))
    shape = np.array(DAY_SHAPE) / sum(DAY_SHAPE)
    slots = dice.choice(len(shape), calls, p=shape)
    arrivals = np.sort((slots + dice.random(calls)) * SLOT)
    rates = [float(share * calls / SLOT) for share in shape]
    location = math.log(HANDLE) - SIGMA * SIGMA / 2
    return Day(
        rates=rates,
        roster=[agents_for(rate, HANDLE, PATIENCE, WITHIN, TARGET) for rate in rates],
        arrivals=arrivals.tolist(),
        queues=dice.choice(len(QUEUES), calls, p=list(QUEUES.values())).tolist(),
        english=(dice.random(calls) < ENGLISH).tolist(),
        handles=dice.lognormal(location, SIGMA, calls).tolist(),
        patiences=dice.exponential(PATIENCE, calls).tolist(),
    )


def shipped() -> Skillbook:
    """Return the product's own tables."""
    return load_folder()


def book_of(rings: str) -> Skillbook:
    """Return the shipped tables with other rings: narrow, widening (as shipped), pooled, alike.

    pooled: whoever the widest ring admits may take a call at once. alike: anybody, any call.
    """
    tables = shipped().tables
    plans = {
        "narrow": [replace(plan, rings=plan.rings[:1]) for plan in tables.plans],
        "widening": tables.plans,
        "pooled": [replace(plan, rings=(replace(plan.rings[-1], after_s=0.0),)) for plan in tables.plans],
    }
    if rings in plans:
        return checked(replace(tables, plans=plans[rings]))
    everyone = (RingPlan("everyone", (Ring(0.0, frozenset(Tier)),)),)
    rows = [Requirement(row.queue, "any", row.tier, "everyone") for row in tables.requirements]
    return checked(Tables((Skill("any", ""),), (), (), everyone, rows, ()))


def team(size: int, rings: str) -> list[tuple[Pair, Pair]]:
    """Return agents with two skills each, so that any stretch of the list has the same mixture."""
    mixture = TIERED if rings in ("narrow", "widening") else WHOLE
    shares = {(first, second): heavy * light for first, heavy in mixture.large.items()
              for second, light in mixture.small.items() if first[0] != second[0]}  # fmt: skip
    wanted = _scaled(shares, 1.0 - mixture.two_large)
    both = {(first, second): mixture.large[first] * mixture.large[second]
            for first, second in combinations(mixture.large, 2) if first[0] != second[0]}  # fmt: skip
    wanted |= _scaled(both, mixture.two_large)
    owed = dict.fromkeys(wanted, 0.0)
    found = []
    for _ in range(size):
        for pairs, share in wanted.items():
            owed[pairs] += share
        next_one = max(owed, key=lambda pairs: owed[pairs])
        owed[next_one] -= 1.0
        found.append(next_one)
    return found


def _scaled(shares: Mapping[tuple[Pair, Pair], float], whole: float) -> dict[tuple[Pair, Pair], float]:
    total = sum(shares.values())
    return {pairs: share / total * whole for pairs, share in shares.items()}


def ability_of(pairs: tuple[Pair, Pair], rings: str) -> Ability:
    """Return what an agent can be chosen for; everybody speaks both languages."""
    chosen = (("any", A),) if rings == "alike" else pairs
    return Ability(
        frozenset(Gate(skill, tier, 1, language) for skill, tier in chosen for language in Language)
    )
