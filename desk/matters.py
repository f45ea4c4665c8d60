"""What stays open after a call: cases, complaints, promises to call back, requests for data updates.

One shape for the four, so that they are listed, found and kept alike; what each may do is in `cases`,
`complaints`, `promises` and `requests`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from acd.machine import Machine
from desk.history import OpenMatter
from desk.standing import Rung


class MatterKind(StrEnum):
    """What kind of thing stays open."""

    CASE = "case"
    COMPLAINT = "complaint"
    PROMISE = "promise"
    REQUEST = "request"  # for an update of data


class MattersUnavailable(Exception):
    """The book of matters cannot be read or written at the moment; nothing was changed."""


class MatterChanged(Exception):
    """Somebody else changed the matter in the meantime. Load it again."""


class CodeTaken(Exception):
    """Another matter has this code already. Draw another one."""


class MatterRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `field` the place."""

    def __init__(self, word: str, place: str = "", **values: str) -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place  # the name of a field of a form; empty: the whole
        self.values = values  # what the text names; never personal


@dataclass(frozen=True, slots=True)
class Matter:
    """A case, complaint, promise or request as it stands."""

    matter_id: str
    code: str  # see `matter_codes`
    kind: MatterKind
    topic: str  # the type of case, the kind of complaint
    state: str  # of the kind's machine
    since: datetime  # aware, UTC: when it came into this state
    opened_at: datetime
    opened_by: str  # staff_id
    team: str  # that answers for it
    call_id: str
    rung: Rung  # what the caller had proved when it was opened
    rule: str  # the rule it follows, e.g. "SE-11/PJ/2019"
    body: Mapping[str, str] = field(repr=False)  # what was said; personal
    words: Mapping[str, str] = field(default_factory=dict)  # what is not personal, e.g. a zone
    taxpayer_id: str | None = None  # only of a confirmed caller
    cluster: str = ""  # who works on it: the name of a cluster
    assignee: str = ""  # staff_id; empty: anyone of the cluster
    due_on: date | None = None  # last working day of the clock
    due_at: datetime | None = None  # of a promise
    attempts: int = 0  # of a promise: calls begun
    result: str = ""  # how it ended
    closed_at: datetime | None = None
    parent: str = ""  # matter_id of the one whose result this promise is to tell
    version: int = 1  # rises with every change

    def same_origin(self, other: "Matter") -> bool:
        """Whether the other one can be the same matter, sent twice."""
        mine = (self.matter_id, self.call_id, self.opened_by, self.kind)
        return mine == (other.matter_id, other.call_id, other.opened_by, other.kind)


@dataclass(frozen=True, slots=True)
class MatterEvent:
    """One step of a matter's trail."""

    matter_id: str
    number: int  # the matter's version after it
    at: datetime
    who: str  # staff_id
    what: str  # an event of the kind's machine, or "opened", "assigned", "noted"
    state: str  # after it
    words: Mapping[str, str] = field(default_factory=dict)  # nothing personal
    note: str = field(default="", repr=False)  # personal


@dataclass(frozen=True, slots=True)
class Moved:
    """A matter after a step, and the step. A new matter has version 1 and the step `opened`."""

    matter: Matter
    event: MatterEvent

    @property
    def is_new(self) -> bool:
        """Whether the matter begins with it."""
        return self.matter.version == 1


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and with which words to it."""

    who: str  # staff_id
    at: datetime
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a new matter comes from: the call, the caller's standing, who opens it."""

    matter_id: str
    code: str
    call_id: str
    rung: Rung
    taxpayer_id: str | None
    by: str  # staff_id
    team: str
    at: datetime

    @property
    def confirmed_taxpayer(self) -> str | None:
        """Whom the matter is about: nobody as long as a number was only keyed, which anyone can do."""
        return self.taxpayer_id if self.rung >= Rung.CONFIRMED else None


def opened(matter: Matter) -> Moved:
    """Return a new matter with the first row of its trail."""
    event = MatterEvent(matter.matter_id, 1, matter.opened_at, matter.opened_by, "opened", matter.state)
    return Moved(matter, event)


def check_rung(origin: Origin, needed: Rung) -> None:
    """Raise MatterRefused unless the caller has proved enough."""
    if origin.rung < needed:
        raise MatterRefused("rung_too_low", needed=needed.name.lower())


def is_possible(machine: Machine, matter: Matter, event: str) -> bool:
    """Whether an event moves a matter now."""
    return (matter.state, event) in machine.moves


def moved(
    machine: Machine, matter: Matter, event: str, act: Act, words: Mapping[str, str] = {}, **changes: object
) -> Moved:
    """Return a matter after an event of its machine. Raises MatterRefused where it moves nothing.

    `words` go to the trail, `changes` are fields of the matter.
    """
    if not is_possible(machine, matter, event):
        raise MatterRefused("not_possible", event=event, state=matter.state)
    state = machine.moves[matter.state, event]
    since = act.at if state != matter.state else matter.since
    following = replace(matter, **{"state": state, "since": since, "version": matter.version + 1, **changes})  # type: ignore[arg-type]
    return Moved(following, _row(following, act, event, words))


def noted(matter: Matter, what: str, act: Act, words: Mapping[str, str], **changes: object) -> Moved:
    """Return a matter after something that leaves its state alone."""
    following = replace(matter, **{"version": matter.version + 1, **changes})  # type: ignore[arg-type]
    return Moved(following, _row(following, act, what, words))


def _row(matter: Matter, act: Act, what: str, words: Mapping[str, str]) -> MatterEvent:
    return MatterEvent(
        matter.matter_id, matter.version, act.at, act.who, what, matter.state, dict(words), act.note
    )


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which matters a list has. None: any."""

    kinds: frozenset[MatterKind]
    team: str | None = None
    assignee: str | None = None  # staff_id; "" for those of nobody
    cluster: str | None = None
    due_until: datetime | None = None  # of promises: due at this time or before
    closed: bool = False
    most: int = 100

    def fits(self, matter: Matter) -> bool:
        """Whether the list has a matter."""
        return (
            matter.kind in self.kinds
            and self.team in (None, matter.team)
            and self.assignee in (None, matter.assignee)
            and self.cluster in (None, matter.cluster)
            and (self.due_until is None or (matter.due_at is not None and matter.due_at <= self.due_until))
            and self.closed == (matter.closed_at is not None)
        )


def as_open_matter(matter: Matter) -> OpenMatter:
    """Return a matter as the card shows it."""
    due = matter.due_at or matter.due_on
    return OpenMatter(matter.matter_id, matter.kind.value, matter.topic, matter.state, matter.opened_at, due)


class MatterBook(Protocol):
    """The durable book of matters. Every method raises MattersUnavailable."""

    async def open(self, moved: Moved) -> Matter:
        """Keep a new matter; return it, or the one that was opened under this id before.

        Raises CodeTaken; MatterChanged: the id belongs to a matter of another call or person.
        """
        ...

    async def change(self, moved: Moved, *also: Moved) -> Matter:
        """Keep a step, and what comes of it: new matters, steps of others; all or none.

        Raises MatterChanged, CodeTaken.
        """
        ...

    async def get(self, matter_id: str) -> Matter:
        """Return a matter. Raises KeyError: there is none."""
        ...

    async def by_code(self, code: str) -> Matter | None:
        """Return the matter with a code."""
        ...

    async def trail(self, matter_id: str) -> Sequence[MatterEvent]:
        """Return every step, first to last. Empty for an unknown matter."""
        ...

    async def about_taxpayer(self, taxpayer_id: str) -> Sequence[Matter]:
        """Return what is open for a taxpayer, newest first."""
        ...

    async def of_call(self, call_id: str) -> Sequence[Matter]:
        """Return what was opened in a call, newest first."""
        ...

    async def work(self, wanted: WorkFilter) -> Sequence[Matter]:
        """Return a list of work, those due first in front; closed ones newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who works on matters."""

    staff_id: str
    name: str = field(repr=False)
    team: str
    clusters: frozenset[str]


class Workers(Protocol):
    """Knows who works on matters: multiskilled agents, wherever they sit."""

    async def workers(self) -> Sequence[Worker]:
        """Return everybody who may be given a matter. Raises MattersUnavailable."""
        ...
