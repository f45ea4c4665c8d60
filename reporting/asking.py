"""How figures are asked for, and the port that answers. Every page, report and export asks through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from reporting.counts import Counts


class Dimension(StrEnum):
    """What figures may be grouped by and narrowed to."""

    AGENT = "agent"  # staff number
    TEAM = "team"
    TIER = "tier"
    QUEUE = "queue"
    BRANCH = "branch"  # of the flow or the note: dated data `desk/data/branches.yaml`
    DIRECTION = "direction"  # in, out
    CAMPAIGN = "campaign"


class Interval(StrEnum):
    """Into which parts of time figures are cut, by the office's clock (WIB). WHOLE: not at all."""

    QUARTER_HOUR = "15min"
    HALF_HOUR = "30min"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday, ISO 8601
    MONTH = "month"
    YEAR = "year"
    WHOLE = "whole"


Within = tuple[datetime, datetime]
"""A time between borders of quarter hours (aware), the second one not included."""


class NotAsked(Exception):
    """Such a question has no answer: `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "") -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place


class FiguresUnavailable(Exception):
    """The figures cannot be read at the moment."""


@dataclass(frozen=True, slots=True)
class Question:
    """Days of the office, first and last included; grouped by some dimensions, cut into intervals."""

    first: date
    last: date
    by: tuple[Dimension, ...] = ()
    interval: Interval = Interval.WHOLE
    only: Mapping[Dimension, frozenset[str]] = field(default_factory=dict)  # a narrowed dimension's values


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer."""

    key: tuple[str, ...]  # values of the question's `by`, in its order; empty text: not known, or none
    begins: datetime | None  # aware, UTC: the interval; None: WHOLE
    counts: Counts


@dataclass(frozen=True, slots=True)
class CallSeen:
    """A call behind a figure, for the drill-down. Nothing of the caller."""

    call_id: str
    at: datetime
    direction: str
    queue: str
    agent: str
    outcome: str
    counts: Counts


class Figures(Protocol):
    """Answers questions from roll-ups and, where these do not reach (today, quarter hours), from facts."""

    async def lines(self, question: Question) -> Sequence[Line]:
        """Return the lines, by interval and key. Raises NotAsked, FiguresUnavailable."""
        ...

    async def recomputed(self, question: Question) -> Sequence[Line]:
        """Return the same from the event log alone, whatever was rolled up. Raises as `lines`."""
        ...

    async def calls(
        self, question: Question, count: str, limit: int = 100, after: str = "", within: Within | None = None
    ) -> Sequence[CallSeen]:
        """Return the calls that a field of Counts counts, oldest first, from after a call id on.

        `within`: only those that gave something to the count in these quarter hours; what is returned of
        each is of the whole day. Raises as `lines`; NotAsked("no_calls") for a field that no call stands
        behind.
        """
        ...
