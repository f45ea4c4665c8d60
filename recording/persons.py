"""Requests of people about their own data (UU 27/2022 art. 5-13, 32-35, 40-44): states and clocks. Pure.

A request is taken in with how the identity was proven. A copy or an erasure is prepared by one person and
approved by another before anything leaves the house or is destroyed; a restriction, a correction and an
objection take effect at once. A restriction is lifted by two people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from acd.machine import Impossible, table
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording

REQUEST = table(
    "person_request",
    "A request of a person about their own data, from its receipt to the answer.",
    {
        "received": "taken in, the identity is proven, the clock of the law runs",
        "prepared": "the bundle was made, or what can be erased was found out",
        "approved": "a second person agrees that it may be handed over or erased",
        "done": "handed over, erased, restricted, corrected or stopped; answered",
        "refused": "answered with a reason of the law",
        "withdrawn": "the person took it back",
        "lifting": "somebody asks to end a restriction; it still stands",
        "lifted": "the restriction is over",
    },
    {
        "prepare": "the bundle was made (anew), or the plan of an erasure",
        "approve": "a second person agrees",
        "send_back": "a second person does not agree, or it must be prepared anew",
        "carry_out": "it is handed over, or takes effect",
        "refuse": "it is refused for a reason of the table",
        "withdraw": "the person takes it back",
        "ask_lift": "the end of a restriction is asked for",
        "lift": "a second person ends the restriction",
        "keep": "the restriction stays",
    },
    """
    received, prepared + prepare -> prepared
    prepared + approve -> approved
    prepared, approved + send_back -> received
    received, approved + carry_out -> done
    received, prepared, approved + refuse -> refused
    received, prepared, approved + withdraw -> withdrawn
    done + ask_lift -> lifting
    lifting + lift -> lifted
    lifting + keep -> done
    """,
    """
    prepare: * = it is approved or answered already
    approve: * = nothing is prepared, or it is approved or answered already
    send_back: * = nothing was prepared, or it is answered
    carry_out: * = what was prepared is not approved yet, or it is answered
    refuse: * = it is answered
    withdraw: * = it is answered
    ask_lift: * = no restriction stands, or its end was asked for
    lift: * = nobody asked for its end
    keep: * = nobody asked for its end
    """,
)
OPEN = frozenset({"received", "prepared", "approved"})


class Kind(StrEnum):
    """What a person asks for."""

    COPY = "copy"  # their data, and who touched it: art. 7 and 32
    RESTRICTION = "restriction"  # processed by nobody until something is settled: art. 11 and 41
    ERASURE = "erasure"  # art. 8 and 43
    CORRECTION = "correction"  # art. 6 and 30
    OBJECTION = "objection"  # to being called by campaigns: art. 9 and 10


SECOND_PERSON = frozenset({Kind.COPY, Kind.ERASURE})  # what leaves the house, or cannot be undone


class Urgency(StrEnum):
    """How near the end of the clock is."""

    CALM = ""
    SOON = "soon"
    URGENT = "urgent"
    LATE = "late"


class PersonsUnavailable(Exception):
    """Requests cannot be read or written at the moment; nothing was changed."""


class PersonChanged(Exception):
    """Somebody else changed the request in the meantime. Load it again."""


class PersonRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "") -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place


@dataclass(frozen=True, slots=True)
class Asker:
    """What is personal of a request; sealed at rest, never in a log, an address or a message."""

    npwp: str = field(repr=False)  # 16 digits: whose data it is
    name: str = field(repr=False)  # of whoever asks
    contact: str = field(default="", repr=False)  # where the answer goes
    proof: str = field(default="", repr=False)  # how the identity was proven: which document, seen by whom
    wish: str = field(default="", repr=False)  # in the person's words


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. Times are aware, UTC."""

    request_id: str  # 32 hex digits
    code: str  # told to the person: 8 characters, nothing personal
    kind: Kind
    state: str  # of REQUEST
    received_at: datetime
    received_by: str  # staff_id
    due_at: datetime
    rule: str  # of the table's version it follows
    proven_by: str  # a word of the table
    relation: str  # a word of the table: of whoever asks, to whom it is about
    taxpayer_id: str  # empty: the register does not know them
    asker: Asker
    prepared_by: str = ""  # staff_id: of what waits, or was approved
    lift_asked_by: str = ""
    closed_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether the clock runs."""
        return self.state in OPEN

    def urgency(self, now: datetime, warn: Sequence[timedelta]) -> Urgency:
        """Return how near the end of the clock is; `warn`: how long before, the longer one first."""
        if not self.is_open:
            return Urgency.CALM
        left = self.due_at - now
        if left <= timedelta():
            return Urgency.LATE
        if left <= warn[-1]:
            return Urgency.URGENT
        return Urgency.SOON if left <= warn[0] else Urgency.CALM


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a request's trail."""

    request_id: str
    number: int  # the request's version after it
    at: datetime
    who: str  # staff_id
    what: str  # an event of REQUEST, or `received`
    state: str
    words: str = ""  # a word of the table, or figures; nothing personal
    note: str = field(default="", repr=False)  # sealed at rest


def stepped(
    request: Request, event: str, who: str, at: datetime, words: str = "", note: str = ""
) -> tuple[Request, Step]:
    """Return a request after an event, with its row of the trail.

    Raises PersonRefused: `not_now` (the state), `second_person`, `not_this_kind`.
    """
    _check(request, event, who)
    try:
        state = REQUEST.after(request.state, event)
    except Impossible as error:
        raise PersonRefused("not_now") from error
    if (request.state, event) not in REQUEST.moves:
        raise PersonRefused("not_now")
    after = replace(
        request,
        state=state,
        prepared_by=who if event == "prepare" else "" if event == "send_back" else request.prepared_by,
        lift_asked_by=who if event == "ask_lift" else "" if event == "keep" else request.lift_asked_by,
        closed_at=at if request.is_open and state not in OPEN else request.closed_at,
        version=request.version + 1,
    )
    return after, Step(request.request_id, after.version, at, who, event, state, words, note)


def _check(request: Request, event: str, who: str) -> None:
    if event in ("prepare", "approve") and request.kind not in SECOND_PERSON:
        raise PersonRefused("not_this_kind")
    if event == "ask_lift" and request.kind is not Kind.RESTRICTION:
        raise PersonRefused("not_this_kind")
    if event == "carry_out" and request.kind in SECOND_PERSON and request.state != "approved":
        raise PersonRefused("not_approved")
    if event == "approve" and who == request.prepared_by:
        raise PersonRefused("second_person")
    if event == "lift" and who == request.lift_asked_by:
        raise PersonRefused("second_person")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was made: an encrypted file whose password is kept nowhere."""

    bundle_id: str  # 32 hex digits: names the file
    request_id: str
    made_at: datetime
    made_by: str  # staff_id
    digest: str  # SHA-256 of the file, hex
    size: int  # bytes
    counts: str  # a JSON object: source → rows; nothing personal
    keep_until: datetime
    removed_at: datetime | None = None


class Restricted(Protocol):
    """Whose calls nobody may hear or use but for the person's own request."""

    async def call(self, call_id: str) -> bool:
        """Whether a restriction stands over a call. Raises PersonsUnavailable."""
        ...


class PersonCases(Restricted, Protocol):
    """What requests of people that are worked on are about: whoever answers them may hear that."""

    async def concerns(self, recording: Recording) -> bool:
        """Whether a request that is worked on, or a restriction that stands, is about a recording's call.

        Of a copy or an erasure it is known once it was prepared. Raises PersonsUnavailable.
        """
        ...


class RestrictedRecordings(Protocol):
    """Which recordings are on no list but the person's own."""

    async def recordings(self) -> frozenset[str]:
        """Return the recordings of calls over which a restriction stands. Raises PersonsUnavailable."""
        ...


class NobodyRestricted:
    """A `PersonCases` and `RestrictedRecordings` where nobody asked for anything."""

    async def call(self, call_id: str) -> bool:
        """Whether a restriction stands over a call."""
        return False

    async def recordings(self) -> frozenset[str]:
        """Return the recordings of calls over which a restriction stands."""
        return frozenset()

    async def concerns(self, recording: Recording) -> bool:
        """Whether a request that is worked on, or a restriction that stands, is about a recording's call."""
        return False


class RecordingsOfCalls(Protocol):
    """Finds the recordings of a call."""

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return them, first to last. Raises recording.ports.RecordingsUnavailable."""
        ...


class OpenRecordings:
    """`RecordingsOfCalls` without those under restriction: for lists that lead to recordings."""

    def __init__(self, book: RecordingsOfCalls, restricted: Restricted) -> None:
        self._book = book
        self._restricted = restricted

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return them, first to last. Raises recording.ports.RecordingsUnavailable."""
        try:
            closed = await self._restricted.call(call_id)
        except PersonsUnavailable as error:
            raise RecordingsUnavailable(str(error)) from error
        return [] if closed else await self._book.of_call(call_id)


class PersonBook(Protocol):
    """The durable record of requests. Every method raises PersonsUnavailable."""

    async def take_in(self, request: Request, step: Step) -> None:
        """Keep a new request. Idempotent by its id."""
        ...

    async def change(self, request: Request, step: Step) -> None:
        """Keep a step, and what follows for restrictions. Raises PersonChanged."""
        ...

    async def get(self, request_id: str) -> Request:
        """Return one. Raises KeyError."""
        ...

    async def open(self) -> Sequence[Request]:
        """Return those whose clock runs, due first in front."""
        ...

    async def newest(self, most: int = 100) -> Sequence[Request]:
        """Return those that are answered, newest first."""
        ...

    async def trail(self, request_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        ...

    async def restrict(self, request: Request, calls: Sequence[str], at: datetime) -> None:
        """Let a restriction stand over a person and the calls that are theirs. Idempotent."""
        ...

    async def keep_bundle(self, bundle: Bundle) -> None:
        """Keep that a bundle was made."""
        ...

    async def bundles(self, request_id: str) -> Sequence[Bundle]:
        """Return a request's bundles, newest first."""
        ...

    async def old_bundles(self, now: datetime) -> Sequence[Bundle]:
        """Return those whose time is over and whose file is not gone yet."""
        ...

    async def removed(self, bundle_id: str, at: datetime) -> None:
        """Note that a bundle's file is gone. Idempotent."""
        ...
