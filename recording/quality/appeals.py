"""An appeal against a score as data: what is contested and why, how far it is, what was decided.

An agent contests items of a final score; the team leader, then SPV PKL look at it; a reviewer who knows
nothing of the first score scores anew; where the two differ on what is contested, an arbiter decides
(ND-550/LIP/2019, ND-301/LIP/2019). Nothing is overwritten: each step is a row of the trail, each score a
score of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from acd.machine import table

FACT = "fact:"  # before the name of a fact of the form, where a fact is contested and not an item

APPEAL = table(
    "appeal",
    "An appeal against a score, from its filing to what is decided.",
    {
        "filed": "waits for the agent's team leader",
        "returned": "the agent is to say more clearly what is wrong",
        "endorsed": "waits for SPV PKL",
        "rescoring": "another reviewer scores the call anew, blind to the first score",
        "arbitration": "the two scores differ on what is contested: a third person scores",
        "done": "decided: the first score stands, or another one counts instead",
        "rejected": "refused with a reason; the first score stands",
        "withdrawn": "the agent took it back; the first score stands",
        "expired": "the agent did not complete it in time; the first score stands",
    },
    {
        "endorse": "the team leader finds it worth looking at",
        "pass_on": "the team leader let their days pass: it goes on without them",
        "send_back": "the team leader wants it clearer",
        "complete": "the agent made it clearer",
        "approve": "SPV PKL has the call scored anew",
        "settle": "SPV PKL verified evidence that decides all that is contested by rule",
        "reject": "it is refused, with a reason",
        "withdraw": "the agent takes it back",
        "expire": "the agent's days to complete it are over",
        "agree": "the new score says the same of all that is contested",
        "differ": "the new score says otherwise of something that is contested",
        "decide": "the arbiter's score is there",
    },
    """
    filed + endorse -> endorsed
    filed + pass_on -> endorsed
    filed + send_back -> returned
    filed, endorsed + reject -> rejected
    returned + complete -> filed
    returned + expire -> expired
    endorsed + approve -> rescoring
    endorsed + settle -> done
    filed, returned, endorsed + withdraw -> withdrawn
    rescoring + agree -> done
    rescoring + differ -> arbitration
    arbitration + decide -> done
    """,
    """
    endorse: * = only what was filed waits for the team leader
    pass_on: * = only what was filed waits for the team leader
    send_back: * = only the team leader sends it back, before it goes on
    complete: * = only what was sent back is completed
    approve: * = only what passed the team leader waits for SPV PKL
    settle: * = only what passed the team leader waits for SPV PKL
    reject: * = it is being scored anew already, is with the agent, or is over
    withdraw: * = it is being scored anew already, or is over
    expire: * = only what was sent back expires; the agent loses nothing by other people's delay
    agree: * = only a new score agrees
    differ: * = only a new score differs
    decide: * = only where two scores differ somebody decides
    """,
)
OVER = frozenset({"done", "rejected", "withdrawn", "expired"})
BLIND = frozenset({"rescoring", "arbitration"})  # somebody scores
ACTORS: Mapping[str, str] = {  # state → whose turn it is
    "filed": "leader",
    "returned": "agent",
    "endorsed": "lead",
    "rescoring": "rescorer",
    "arbitration": "arbiter",
}


class AppealsUnavailable(Exception):
    """Appeals cannot be read or written at the moment; nothing was changed."""


class AppealChanged(Exception):
    """Somebody else changed it in the meantime. Load it again."""


class AppealRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "", **values: str) -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place  # the name of a field of a form; empty: the whole
        self.values = values  # what the text names; never personal


class Outcome(StrEnum):
    """What an appeal led to."""

    OPEN = ""
    KEPT = "kept"  # the first score counts
    REPLACED = "replaced"  # another one counts instead


class How(StrEnum):
    """By what an item was decided."""

    AGREED = "agreed"  # first and new score say the same
    ARBITER = "arbiter"
    EVIDENCE = "evidence"  # a rule about verified evidence, e.g. what the help desk said


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the recording, in milliseconds from its beginning; `until_ms` None: a moment."""

    from_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """An item of the first score, or a fact of it (`fact:NAME`), that the agent says is wrong."""

    item: str
    reason: str = field(repr=False)  # personal may occur: sealed at rest
    places: Sequence[Place] = ()
    evidence: str = ""  # a word of the dated table, e.g. `help_desk`; empty: none


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of a contested item. Answers are words of the form; empty: nobody was asked."""

    item: str
    criterion: str
    first: str
    rescore: str
    arbiter: str
    final: str
    how: How

    @property
    def overturned(self) -> bool:
        """Whether it was decided otherwise than the first reviewer said."""
        return self.final != self.first


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal as it stands. People are staff ids but for `agent`, which is a staff number."""

    appeal_id: str  # 32 hex digits
    score_id: str  # the first score
    recording_id: str
    call_id: str
    agent: str
    team: str
    reviewer: str  # who gave the first score
    form: str
    form_version: int
    rule: str  # the version of the dated table that it follows
    state: str  # of APPEAL
    since: datetime  # aware, UTC: when it came into this state
    filed_at: datetime
    filed_by: str
    due_on: date | None  # last working day of the present step; None: it is over
    contested: Sequence[Contested]  # as completed last
    list_id: str = ""  # the compiled list on which the agent received the score; empty: none
    verified: frozenset[str] = frozenset()  # items whose evidence SPV PKL verified
    rescorer: str = ""
    rescore_id: str = ""
    arbiter: str = ""
    arbiter_score_id: str = ""
    counts: str = ""  # the score that counts; empty: not decided
    outcome: Outcome = Outcome.OPEN
    closed_at: datetime | None = None
    version: int = 1  # rises with every step

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state not in OVER


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an appeal's trail."""

    appeal_id: str
    number: int  # the appeal's version after it
    at: datetime
    who: str  # staff_id, or "system"
    what: str  # an event of APPEAL, or "filed", "assigned"
    state: str  # after it
    words: Mapping[str, str] = field(default_factory=dict)  # nothing personal
    note: str = field(default="", repr=False)  # personal may occur: sealed at rest


@dataclass(frozen=True, slots=True)
class Moved:
    """An appeal after a step, with the step and what was decided by it."""

    appeal: Appeal
    step: Step
    verdicts: Sequence[Verdict] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and with which words to it."""

    who: str  # staff_id, or "system"
    at: datetime
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CompiledList:
    """Scores that agents get on a list since the system was down; the receipt begins their clock."""

    list_id: str
    made_by: str
    made_at: datetime
    why: str  # what was down; not personal
    down_from: date
    down_until: date
    scores: Mapping[str, str]  # score_id → staff number of whose it is
    received: Mapping[str, datetime] = field(default_factory=dict)  # staff number → when


@dataclass(frozen=True, slots=True)
class AppealQuery:
    """Which appeals are wanted; what is empty does not matter."""

    agents: Sequence[str] = ()  # staff numbers
    team: str = ""
    reviewer: str = ""  # of the first score
    scorer: str = ""  # re-scorer or arbiter
    recording_id: str = ""
    score_ids: Sequence[str] = ()
    states: Sequence[str] = ()
    since: datetime | None = None  # of `filed_at`; included
    until: datetime | None = None  # not included
    most: int = 200


@dataclass(frozen=True, slots=True)
class Decided:
    """How many contested items were decided, and how many otherwise than the first reviewer said."""

    reviewer: str
    criterion: str
    decided: int
    overturned: int


class AppealBook(Protocol):
    """Keeps appeals and compiled lists. Every method raises AppealsUnavailable."""

    async def file(self, moved: Moved) -> Appeal:
        """Keep a new appeal; again under the same id: return it as it stands.

        Raises AppealRefused (`there_is_one`): the score was appealed against before, and not withdrawn.
        """
        ...

    async def change(self, moved: Moved) -> Appeal:
        """Keep a step with its verdicts, all or none. Raises AppealChanged."""
        ...

    async def get(self, appeal_id: str) -> Appeal:
        """Return one. Raises KeyError: there is none."""
        ...

    async def trail(self, appeal_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        ...

    async def verdicts(self, appeal_id: str) -> Sequence[Verdict]:
        """Return what was decided, by item."""
        ...

    async def find(self, query: AppealQuery) -> Sequence[Appeal]:
        """Return appeals, newest first."""
        ...

    async def owing(self, most: int = 100) -> Sequence[Appeal]:
        """Return appeals whose last step still has to be told to scores and holds, oldest first."""
        ...

    async def settled(self, appeal_id: str, version: int) -> None:
        """The step to this version was told to scores and holds. Idempotent."""
        ...

    async def decided(self, since: datetime | None, until: datetime | None) -> Sequence[Decided]:
        """Return the counts of verdicts by reviewer of the first score and criterion."""
        ...

    async def compile(self, made: CompiledList) -> None:
        """Keep a compiled list. Idempotent by its id. Raises AppealRefused (`listed`): a score is on one."""
        ...

    async def receive(self, list_id: str, agent: str, at: datetime, by: str) -> CompiledList:
        """An agent has the list: the first receipt counts. Raises KeyError: no such list or agent on it."""
        ...

    async def lists(self, agents: Sequence[str] = (), most: int = 50) -> Sequence[CompiledList]:
        """Return lists with scores of these agents (none named: all), newest first."""
        ...

    async def list_of(self, score_id: str) -> CompiledList | None:
        """Return the list that a score is on."""
        ...
