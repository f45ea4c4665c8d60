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
    item: str
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
    missing: Sequence[str]  # questions and facts without an answer; with any it cannot be made final


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
    answers: Mapping[str, Given]  # by question (`recording.quality.forms.Question`)
    facts: Mapping[str, str]  # what the form asks beside the items, e.g. transfer → transferred_right
    summary: str  # to the agent; sealed at rest
    started_at: datetime
    final_at: datetime | None = None
    signed_at: datetime | None = None
    result: Result | None = None  # of a final one, as it was then
    reminds_of: str = ""  # the first score, which it re-scores or arbitrates
    count: int = 0  # of a draft: grows with each save; the greater one is the newer


@dataclass(frozen=True, slots=True)
class ScoreQuery:
    """Which scores are wanted; what is empty does not matter."""

    agents: Sequence[str] = field(default_factory=tuple)  # staff numbers
    reviewer: str = ""
    recording_id: str = ""
    kinds: Sequence[Kind] = (Kind.REVIEW,)
    states: Sequence[ScoreState] = field(default_factory=tuple)  # empty: all but DRAFT
    reminds_of: str = ""
    since: datetime | None = None  # of `final_at`, of drafts `started_at`; included
    until: datetime | None = None  # not included
    most: int = 200


class ScoresUnavailable(Exception):
    """Scores cannot be read or written at the moment; nothing was changed."""


class ScoreClosed(Exception):
    """It is final: nothing of it is changed any more."""


class AlreadyScored(Exception):
    """Somebody else scored this agent's work in this recording first; `score_id`: theirs."""

    def __init__(self, score_id: str) -> None:
        super().__init__("this call was scored by somebody else first")
        self.score_id = score_id


class ScoreIncomplete(Exception):
    """It cannot be made final: `missing` are the questions and facts without an answer."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"without an answer: {', '.join(missing)}")
        self.missing = tuple(missing)


class ScoreMoveRefused(Exception):
    """Its state does not allow this."""


class Scores(Protocol):
    """Keeps scores. Every method raises ScoresUnavailable."""

    async def save_draft(self, score: Score) -> Score:
        """Keep a draft, and return what is kept: of two the one with the greater `count`.

        Raises ScoreClosed: it is final.
        """
        ...

    async def discard_draft(self, score_id: str) -> None:
        """Forget a draft. Idempotent; a final score stays as it is."""
        ...

    async def finish(self, score: Score, result: Result, at: datetime) -> Score:
        """Make it final, once, with what it is worth; the recording is held as `scored`.

        The same again returns what is kept. Raises ScoreClosed: it was made final with other answers;
        AlreadyScored (of kind REVIEW); ScoreIncomplete.
        """
        ...

    async def sign(self, score_id: str, agent: str, at: datetime) -> Score:
        """The agent (staff number) has read it. Idempotent. Raises KeyError: no such final one of theirs."""
        ...

    async def move(self, score_id: str, state: ScoreState, at: datetime) -> None:
        """Note that it is CONTESTED or was REPLACED, or (FINAL) that an appeal is over and it stands.

        Each is a row of its own. Idempotent. Raises KeyError, ScoreMoveRefused.
        """
        ...

    async def get(self, score_id: str) -> Score | None:
        """Return one."""
        ...

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        """Return scores, newest first; drafts by when they were begun."""
        ...
