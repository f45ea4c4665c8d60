"""A score as data: what a reviewer answered under which form, and what follows from it, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Answer(StrEnum):
    """What a reviewer says of one item."""

    YES = "yes"
    NO = "no"
    NA = "na"  # it could not occur in this call; the form says what that does to the weights


class Kind(StrEnum):
    """Why a score was given."""

    REVIEW = "review"  # the first one, which counts
    RESCORE = "rescore"  # after an appeal, blind to the first
    ARBITER = "arbiter"  # where the two differ
    APPEAL = "appeal"  # made of the first and of what an appeal decided; counts instead of the first
    CALIBRATION = "calibration"  # counts for nobody
    TRIAL = "trial"  # a newly imported form, tried out


class ScoreState(StrEnum):
    """How far a score is."""

    DRAFT = "draft"
    FINAL = "final"  # the agent sees it; the clock of an appeal runs
    SIGNED = "signed"  # the agent has read it
    CONTESTED = "contested"
    REPLACED = "replaced"  # an appeal led to another one, which counts


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with what the reviewer says to it; `at_ms` is a place in the recording."""

    answer: Answer
    note: str = ""  # personal may occur: sealed at rest
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of how a total came about: what an item or effect gave or took, and why."""

    criterion: str
    item: str  # empty: the criterion's own line
    most: Decimal  # points that could be had
    points: Decimal
    reason: str  # a word of the catalogue: `answered_no`, `not_applicable`, or the effect's code
    effect: str = ""  # the cross effect that decided it, empty: none


@dataclass(frozen=True, slots=True)
class Result:
    """What answers are worth under a form: at most 100, two decimals."""

    total: Decimal
    lines: Sequence[Line]
    effects: Sequence[str]  # codes of the cross effects that applied
    missing: Sequence[str]  # items without an answer; a score with any cannot be made final


@dataclass(frozen=True, slots=True)
class Score:
    """A score. Nothing of a final one is ever changed: what comes later is a row of its own."""

    score_id: str  # 32 hex digits
    recording_id: str
    call_id: str
    agent: str  # staff number of whose work it is
    form: str  # "inbound", "outbound" or "complaint"
    form_version: int
    kind: Kind
    state: ScoreState
    reviewer: str  # staff_id
    answers: Mapping[str, Given]  # by item
    facts: Mapping[str, str]  # what the form asks beside the items, e.g. transfer → transferred_right
    summary: str  # to the agent; sealed at rest
    started_at: datetime
    final_at: datetime | None = None
    signed_at: datetime | None = None
    result: Result | None = None  # of a final one, as it was then
    reminds_of: str = ""  # the score that it re-scores or arbitrates


@dataclass(frozen=True, slots=True)
class ScoreQuery:
    """Which scores are wanted; what is empty does not matter."""

    agents: Sequence[str] = field(default_factory=tuple)  # staff numbers
    reviewer: str = ""
    recording_id: str = ""
    kinds: Sequence[Kind] = (Kind.REVIEW,)
    states: Sequence[ScoreState] = field(default_factory=tuple)
    since: datetime | None = None  # of `final_at`; included
    until: datetime | None = None  # not included
    most: int = 200


class ScoresUnavailable(Exception):
    """Scores cannot be read or written at the moment; nothing was changed."""


class Scores(Protocol):
    """Keeps scores. Every method raises ScoresUnavailable."""

    async def save_draft(self, score: Score) -> None:
        """Keep a draft; the newer of two wins by its own count. Raises ScoreClosed for a final one."""
        ...

    async def finish(self, score: Score, result: Result, at: datetime) -> Score:
        """Make it final, once, with what it is worth; the recording is held as `scored`."""
        ...

    async def sign(self, score_id: str, agent: str, at: datetime) -> Score:
        """The agent has read it. Idempotent."""
        ...

    async def move(self, score_id: str, state: ScoreState, at: datetime) -> None:
        """Note that it is contested, or was replaced: a row of its own."""
        ...

    async def get(self, score_id: str) -> Score | None:
        """Return one."""
        ...

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        """Return scores, newest first."""
        ...
