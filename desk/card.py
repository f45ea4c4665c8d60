"""The story of a call, for the card: what the agent knows when the phone rings. Pure.

What was keyed (claimed by the caller, masked) is kept apart from what is proved (`desk.proof_ladder`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from desk.proof import Direction, Holder, ProofCase
from domain.calls import CallEvent, EventKind
from domain.floor_log import EntryRow, LegRow, Phase
from domain.masking import mask

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
NPWP_FACT, TAXPAYER_FACT = "npwp", "taxpayer_id"
"""Names of secrets in the record: `as: npwp` of the flows, and what the look-up `taxpayer` gives."""

_REPEAT = "repeat"
_ENTRY_STEP = "with_npwp.enter_npwp"
_TALK_PHASES = frozenset({Phase.TALK, Phase.HOLD, Phase.CONSULT})


class StoryUnavailable(Exception):
    """The record of the call cannot be read at the moment."""


class Tree(StrEnum):
    """Which menu the caller went through last."""

    WITH_NPWP = "with_npwp"
    WITHOUT_NPWP = "without_npwp"
    NONE = "none"  # asked for a person before choosing


@dataclass(frozen=True, slots=True)
class Choice:
    """A key taken in a menu; the names are those of the flow book."""

    at: datetime
    menu: str
    key: str
    target: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """The NPWP that the caller keyed in: claimed, not proved."""

    masked: str  # but for its last four digits
    answer: str  # of the register: "found", "not_found", "unavailable" or "" (not asked)


@dataclass(frozen=True, slots=True)
class Wait:
    """A stay in line."""

    queue: str
    language: str
    began: datetime
    ended: datetime | None  # None: it waits, or its phone rings
    outcome: str  # a `domain.floor_log.EntryRow` outcome; empty while it lasts


@dataclass(frozen=True, slots=True)
class Talk:
    """An agent's part in the call, from the answer on."""

    agent: str  # staff number
    began: datetime
    ended: datetime | None
    seconds: float  # talked, held and consulted, as far as ended
    outcome: str  # how the last phase ended


@dataclass(frozen=True, slots=True)
class Booked:
    """A callback that the caller chose while waiting."""

    at: datetime
    attempts: int
    outcome: str  # of the last attempt, or why it was closed; a `domain.callbacks.CallbackOutcome`
    closed: bool


@dataclass(frozen=True, slots=True)
class CallStory:
    """One call, from the ring to now. `taxpayer_id` is never shown before it is proved."""

    call_id: str
    dialled: str
    started_at: datetime
    language: str
    tree: Tree
    path: tuple[Choice, ...] = ()
    keyed: Keyed | None = None
    taxpayer_id: str | None = None
    waits: tuple[Wait, ...] = ()
    talks: tuple[Talk, ...] = ()
    callback: Booked | None = None
    queue: str = ""  # the last it waited for
    direction: Direction = Direction.INBOUND
    holder: Holder | None = None  # outbound: what kind the taxpayer is

    @property
    def case(self) -> ProofCase:
        """What the ladder begins with."""
        queues = tuple(dict.fromkeys([*(wait.queue for wait in self.waits), self.queue]))
        return ProofCase(
            call_id=self.call_id,
            on=self.started_at.astimezone(OFFICE_ZONE).date(),
            may_climb=self.tree is not Tree.WITHOUT_NPWP,
            queues=tuple(queue for queue in queues if queue),
            taxpayer_id=self.taxpayer_id,
            direction=self.direction,
            holder=self.holder,
        )


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is on record of a call. Of the events only the NPWP's and the look-up's secrets are needed."""

    call_id: str
    dialled: str
    started_at: datetime
    events: Sequence[CallEvent]
    entries: Sequence[EntryRow] = ()
    legs: Sequence[LegRow] = ()
    callback: Booked | None = None


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call as it is in memory: the last rows may not be durable yet."""

    call_id: str
    dialled: str
    started_at: datetime
    language: str
    step: str  # FLOW.STEP
    queue: str
    facts: Mapping[str, str] = field(repr=False)  # personal


class CallStories(Protocol):
    """Tells calls' stories."""

    async def story(self, call_id: str) -> CallStory:
        """Return a call's story. Raises StoryUnavailable; KeyError: no such call."""
        ...


class LiveCalls(Protocol):
    """Knows the calls that are inside."""

    def live(self, call_id: str) -> LiveCall | None:
        """Return a call that is inside, or None. Returns at once."""
        ...


def story_of(record: CallRecord) -> CallStory:
    """Return what a record tells."""
    walk = _Walk()
    for event in record.events:
        walk.take(event)
    return CallStory(
        call_id=record.call_id,
        dialled=record.dialled,
        started_at=record.started_at,
        language=record.entries[-1].language if record.entries else walk.language,
        tree=walk.tree,
        path=tuple(walk.path),
        keyed=walk.keyed,
        taxpayer_id=walk.taxpayer_id,
        waits=waits_of(record.entries),
        talks=talks_of(record.legs),
        callback=record.callback,
        queue=record.entries[-1].queue if record.entries else walk.queue,
    )


def with_live(story: CallStory | None, live: LiveCall) -> CallStory:
    """Return a story brought up to what is in memory, or made of that alone."""
    npwp = live.facts.get(NPWP_FACT)
    flow = live.step.partition(".")[0]
    if story is None:
        # Memory alone does not tell the line: without a number, take the one that proves nothing.
        tree = Tree.WITHOUT_NPWP if npwp is None else Tree.WITH_NPWP
        story = CallStory(live.call_id, live.dialled, live.started_at, live.language, tree)
    tree = Tree(flow) if flow in set(Tree) else story.tree
    keyed, taxpayer_id = story.keyed, story.taxpayer_id
    if npwp is None:  # none was keyed, or the caller gave up and the number was dropped
        keyed, taxpayer_id = None, None
    elif keyed is None or keyed.masked != mask(npwp) or not keyed.answer:
        taxpayer_id = live.facts.get(TAXPAYER_FACT)
        keyed = Keyed(mask(npwp), "found" if taxpayer_id else "")
    queue = live.queue or story.queue
    return replace(
        story, language=live.language, tree=tree, keyed=keyed, taxpayer_id=taxpayer_id, queue=queue
    )


def waits_of(entries: Sequence[EntryRow]) -> tuple[Wait, ...]:
    """Return the stays in line that rows tell, in order."""
    waits: list[Wait] = []
    for row in entries:
        if not row.outcome:
            waits.append(Wait(row.queue, row.language, row.at, None, ""))
        elif waits and waits[-1].ended is None:
            waits[-1] = replace(waits[-1], ended=row.at, outcome=row.outcome)
    return tuple(waits)


def talks_of(legs: Sequence[LegRow]) -> tuple[Talk, ...]:
    """Return the agents' parts that rows tell, in order of their beginning."""
    talks: dict[str, Talk] = {}
    for row in legs:
        if not row.agent or row.phase not in _TALK_PHASES:
            continue
        talk = talks.get(row.leg)
        if talk is None:
            if row.phase is not Phase.TALK:
                continue  # a colleague who was consulted and never had the call
            talk = talks[row.leg] = Talk(row.agent, row.at, None, 0.0, "")
        if row.seconds is None:
            talks[row.leg] = replace(talk, ended=None, outcome="")
        else:
            seconds = talk.seconds + row.seconds
            talks[row.leg] = replace(talk, ended=row.at, seconds=seconds, outcome=row.outcome)
    return tuple(talks.values())


class _Walk:
    """The caller's way through the menus, event by event."""

    def __init__(self) -> None:
        self.language = "id"
        self.tree = Tree.NONE
        self.path: list[Choice] = []
        self.keyed: Keyed | None = None
        self.taxpayer_id: str | None = None
        self.queue = ""
        self._asked = ""

    def take(self, event: CallEvent) -> None:
        data = event.data
        match event.kind:
            case EventKind.STEP:
                self._step(data["step"])
            case EventKind.PROMPT:
                self.language = data.get("language", self.language)
            case EventKind.CHOSE if data["target"] != _REPEAT:
                self.path.append(Choice(event.at, data["menu"], data["key"], data["target"]))
            case EventKind.COLLECTED:
                self._collected(event)
            case EventKind.ASKED:
                self._asked = data["look_up"]
            case EventKind.LOOKED_UP if self._asked == "taxpayer":
                self._looked_up(event)
            case EventKind.QUEUED:
                self.queue = data["queue"]
            case _:
                pass

    def _step(self, step: str) -> None:
        flow = step.partition(".")[0]
        if flow in set(Tree):
            self.tree = Tree(flow)
        if step == _ENTRY_STEP:  # whatever was keyed before is dropped
            self.keyed, self.taxpayer_id = None, None

    def _collected(self, event: CallEvent) -> None:
        npwp = (event.secret or {}).get(NPWP_FACT)
        if npwp is not None:
            self.keyed, self.taxpayer_id = Keyed(mask(npwp), ""), None

    def _looked_up(self, event: CallEvent) -> None:
        self._asked = ""
        self.taxpayer_id = (event.secret or {}).get(TAXPAYER_FACT)
        if self.keyed is not None:
            self.keyed = replace(self.keyed, answer=event.data["answer"])
