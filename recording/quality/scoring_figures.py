"""Figures over scores that count: how many, and what they are worth on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

_HUNDREDTH = Decimal("0.01")


class By(StrEnum):
    """What figures are told apart by."""

    AGENT = "agent"
    CRITERION = "criterion"
    FORM = "form"  # with its version
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """Which scores that count are looked at, by `final_at`."""

    by: Sequence[By]
    since: datetime  # included
    until: datetime  # not included
    agents: Sequence[str] | None = None  # staff numbers; None: all, empty: nobody's
    form: str = ""
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class ScoreFigure:
    """Figures of a group; what it is not told apart by is empty or 0."""

    agent: str
    criterion: str
    form: str
    form_version: int
    reviewer: str
    count: int  # scores; by criterion: those in which something of it could occur
    mean: Decimal  # points a score, of those counted; two decimals
    percent: Decimal  # of the points that could be had; two decimals


class ScoreFigures(Protocol):
    """Figures of scores that count: reviews, and in place of replaced ones what their appeals made (APPEAL).

    Scores of recordings under restriction are in none. Every method raises ScoresUnavailable.
    """

    async def figures(self, query: FigureQuery) -> Sequence[ScoreFigure]:
        """Return the groups, by what they are told apart by."""
        ...

    async def left_out(self, query: FigureQuery) -> int:
        """Return how many scores would count, were their recordings not restricted."""
        ...


def mean(points: int, count: int) -> Decimal:
    """Return hundredths over a count as points, the half upwards."""
    return (Decimal(points) / 100 / count).quantize(_HUNDREDTH, ROUND_HALF_UP) if count else Decimal("0.00")


def percent(points: int, most: int) -> Decimal:
    """Return points in percent of what could be had, the half upwards."""
    return (Decimal(points) * 100 / most).quantize(_HUNDREDTH, ROUND_HALF_UP) if most else Decimal("0.00")
