"""What the engine stands on, beside `dialer.ports`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.attempts import AttemptStore, DialOutcome, EngineRole
from dialer.campaigns import Campaign, CampaignStore
from dialer.engine_leads import LeadDesk
from dialer.ports import LineLedger, OutboundFloor, OutboundLines
from dialer.reasons import WhyNot
from domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Ordered:
    """What people want done."""

    killed: bool  # the kill switch is thrown
    campaigns: Sequence[Campaign]  # those that run or are paused


class Orders(Protocol):
    """What campaign managers have ordered, read anew several times a second."""

    async def read(self) -> Ordered:
        """Return it. Raises dialer.campaigns.CampaignsUnavailable."""
        ...


class EngineObserver(Protocol):
    """Counts what the engine does. Called on the event loop: return at once."""

    def dialled(self) -> None:
        """An order to dial went out."""
        ...

    def answered(self) -> None:
        """A call was answered."""
        ...

    def ended(self, outcome: DialOutcome | None) -> None:
        """An attempt is over; None: it was flagged."""
        ...

    def refused(self, why: str) -> None:
        """A dial was refused, by a WhyNot."""
        ...

    def failed(self) -> None:
        """Something met an internal error; the engine goes on."""
        ...


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """Everything outside the engine."""

    attempts: AttemptStore
    role: EngineRole
    leads: LeadDesk
    campaigns: CampaignStore
    orders: Orders
    floor: OutboundFloor
    lines: OutboundLines
    ledger: LineLedger
    room: Callable[[], bool]  # whether there is room on the disk
    clock: Clock
    observer: EngineObserver
    sleep: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CampaignLook:
    """A campaign under the engine, for people to see."""

    campaign_id: str
    preparing: int
    ringing: int
    waiting: int  # answered, without an agent
    joined: int
    leads: int  # leased, at hand
    refused: tuple[tuple[str, int], ...]  # by WhyNot, since the engine began
    pacing: str  # why it places as many as it does


@dataclass(frozen=True, slots=True)
class EngineLook:
    """The engine at this moment."""

    state: str  # of dialer.engine_states.ENGINE
    why: WhyNot | None  # why nothing is dialled
    bars: tuple[str, ...]
    holds_role: bool
    lines: int
    campaigns: tuple[CampaignLook, ...]
