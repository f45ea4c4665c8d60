"""What changes if one or two numbers of a plan change: side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHANGEABLE: Mapping[str, tuple[float, float]] = {
    "volume": (0.1, 10.0),
    "handle": (10.0, 7200.0),
    "patience": (5.0, 7200.0),
    "level": (0.05, 0.99),
    "within": (0.0, 600.0),
    "abandoned": (0.001, 1.0),
    "occupancy": (0.30, 1.0),
    "shrinkage": (0.0, 0.80),
}
"""What may be changed, with the least and the greatest value; see `plans.Asked` and `plans.Target`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One number as it would be."""

    name: str  # of CHANGEABLE
    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """The plan under some changes. Hours are agents' hours of the whole plan."""

    changes: tuple[Change, ...]
    calls: float
    hours: float  # with calls
    paid: float  # on the roster
    peak: int  # agents needed at once
    level: float  # with the agents needed, of all callers; as the next two
    abandoned: float
    occupancy: float
    kept_level: float  # if the roster stayed that of the plan; as the next two
    kept_abandoned: float
    kept_occupancy: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The plan as it is, under each change alone, and under both."""

    columns: tuple[Column, ...]
