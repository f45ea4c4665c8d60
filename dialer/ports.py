"""What the dialer stands on, outside itself."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from acd.skills import Tier
from dialer.attempts import DialOutcome
from dialer.contacts import Contact, Key


@dataclass(frozen=True, slots=True)
class OutboundAgent:
    """One agent who works, or could work, for a skill's campaigns."""

    agent: str  # staff number
    state: str  # idle, ringing, talking, wrap_up
    since: float  # monotonic seconds: when this state began
    outbound: bool  # talking or wrapping up for an outbound call


@dataclass(frozen=True, slots=True)
class Team:
    """Who is there for a skill and tier now. Only agents who are signed in, ready and not given back."""

    agents: tuple[OutboundAgent, ...]

    @property
    def idle(self) -> int:
        """Return how many are free this moment."""
        return sum(agent.state == "idle" for agent in self.agents)


class OutboundFloor(Protocol):
    """The floor, as outbound work sees it. All on one event loop."""

    def team(self, skill: str, tier: Tier) -> Team:
        """Return who works for outbound of this skill and tier now."""
        ...

    def borrow(self, skill: str, tier: Tier, wanted: int) -> int:
        """Borrow free agents of inbound up to `wanted` in all; return how many are borrowed now.

        Fewer when inbound is not well (`acd.blending`). Borrowed agents take no inbound calls.
        """
        ...

    def give_back(self, skill: str, tier: Tier) -> None:
        """Give all borrowed agents back: at once the free ones, the others after their talk."""
        ...

    def keep(self, agent: str, attempt_id: str, seconds: float) -> bool:
        """Let a free agent take no call but this one, which is about to be placed for them alone.

        For so many seconds at most, or until the call is joined or over. False: they are not free, do not
        place it. Meanwhile they count as ringing.
        """
        ...

    def release(self, attempt_id: str) -> None:
        """Keep nobody for a call that will not come. Idempotent."""
        ...

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change; return what ends that."""
        ...


@dataclass(frozen=True, slots=True)
class Dial:
    """A call to be placed."""

    attempt_id: str
    number: str  # E.164 digits without plus, validated
    seconds: float  # to ring
    flow: str  # the call flow that it runs when answered
    queue: str  # what the flow's queue `campaign` stands for: "skill/tier"
    agent: str = ""  # the only agent who may take it (preview, own callbacks): `OutboundFloor.keep` first
    zone: str = "unknown"  # for the dialplan's guard
    amd: bool = False
    language: str = "id"


@dataclass(frozen=True, slots=True)
class LineEnd:
    """How a dialled channel ended, as Asterisk tells."""

    attempt_id: str
    cause: int  # Q.850
    sip_code: int  # 0: none
    answered: bool
    by_far_end: bool = False  # not answered, and over before our half was hung up; only the ledger knows


class LineLife(StrEnum):
    """How a call lives in Asterisk."""

    GONE = "gone"
    RINGING = "ringing"
    UP = "up"


ORDER_LIVES = 6.0
"""Seconds for which an order to dial is good: one that was held up longer is refused by the dialplan."""


class OutboundLines(Protocol):
    """Places calls. Never sends one twice; tells the ends through `OutboundEar`."""

    @property
    def ready(self) -> bool:
        """Whether Asterisk can be commanded and our application is registered there."""
        ...

    async def place(self, dial: Dial) -> bool:
        """Send it. False: certainly not sent. Raises TimeoutError: it is not known whether it was sent."""
        ...

    def cancel(self, attempt_id: str) -> None:
        """Hang up a call that rings. Idempotent."""
        ...

    async def look(self, attempt_ids: Collection[str]) -> Mapping[str, LineLife]:
        """Return how these calls live in Asterisk now. Raises OSError when that cannot be told.

        An order to dial that Asterisk has not read yet is GONE here, and refused by the dialplan if it is
        read more than `ORDER_LIVES` seconds after it was given.
        """
        ...


class LineLedger(Protocol):
    """Asterisk's own record of calls (CEL), for those whose end nobody heard."""

    async def ends(self, attempt_ids: Collection[str]) -> Mapping[str, LineEnd]:
        """Return how those of them ended that it knows. Raises OSError when it cannot be read."""
        ...


class OutboundEar(Protocol):
    """What the dialer is told of its calls."""

    def rings(self, attempt_id: str) -> None:
        """The far end rings."""
        ...

    def answered(self, attempt_id: str, amd: str = "") -> None:
        """The far end answered, and the call is in the application."""
        ...

    def joined(self, attempt_id: str, agent: str) -> None:
        """An agent was joined with it."""
        ...

    def over(self, attempt_id: str, how: DialOutcome) -> None:
        """Its flow came to an end: talked, abandoned, hung up early."""
        ...

    def ended(self, end: LineEnd) -> None:
        """The channel is gone."""
        ...

    def lost(self) -> None:
        """Asterisk cannot be commanded, or the application's socket is gone."""
        ...

    def back(self) -> None:
        """It can again: unfinished attempts are looked up before anything is dialled."""
        ...


class Solved(Protocol):
    """Whether taxpayers have filed or paid. Raises `domain.directory.DirectoryUnavailable`."""

    async def since(
        self, contacts: Sequence[Contact], kind: str, cut_off: date, period: str = ""
    ) -> frozenset[Key]:
        """Return the keys of those who have, since the cut-off, what this kind of campaign is about.

        `period`: for which it is due, 2025 or 2025-03; empty: any.
        """
        ...


class Suppressions(Protocol):
    """Who must not be called: do-not-call and wrong numbers. Raises LeadsUnavailable."""

    async def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        """Return a `WhyNot` for those of these taxpayer and number keys that must not be called."""
        ...

    async def add(self, key: Key, why: str, by: str, at: datetime, call_id: str = "") -> None:
        """Suppress a taxpayer or a number from now on. Idempotent."""
        ...

    async def remove(self, key: Key, by: str, at: datetime) -> None:
        """Lift a suppression; on record as well. Idempotent."""
        ...
