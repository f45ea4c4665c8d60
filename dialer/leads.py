"""Leads: contacts of a campaign, until they are called for the last time. Leased, never popped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.contacts import Contact
from domain.zones import Zone


class LeadsUnavailable(Exception):
    """Leads cannot be read or written at the moment; nothing was changed."""


class LeadState(StrEnum):
    """Where a lead stands."""

    READY = "ready"  # to be dialled from `due_at` on
    CONTROL = "control"  # of the control group: never dialled
    DONE = "done"  # dialled for the last time, solved, suppressed or expired: `reason` says which


@dataclass(frozen=True, slots=True)
class Lead:
    """One contact in one campaign. While it is leased it belongs to one engine alone."""

    lead_id: int
    campaign_id: str
    contact: Contact
    state: LeadState
    due_at: datetime
    attempts: int  # made in this campaign, also those whose outcome is unknown
    number: int  # index of the contact's number to dial next
    owner: str = ""  # staff number of the agent who promised to call; empty: anyone
    reason: str = ""  # the last outcome or disposition, or why it is done or put off
    promised: bool = False  # somebody was told that they would be called at `due_at`
    anyone_from: datetime | None = None  # when anyone may take it over from its owner
    dead_numbers: frozenset[int] = frozenset()  # indexes of numbers that lead nowhere


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What becomes of a lead after an attempt, a disposition or a refusal (`dialer.retry`)."""

    state: LeadState
    due_at: datetime  # when it is READY again; otherwise when it was done
    reason: str  # the outcome's or disposition's code, or a `dialer.reasons.WhyNot`
    number: int = 0
    owner: str = ""
    promised: bool = False
    anyone_from: datetime | None = None
    dead_numbers: frozenset[int] = frozenset()


class LeadStore(Protocol):
    """Keeps leads. Every method raises LeadsUnavailable; what it returned is durable.

    But for a lease: one that is lost in a crash of the database is no longer `held`.
    """

    async def lease(
        self,
        campaign_id: str,
        zones: Collection[Zone],
        now: datetime,
        most: int,
        engine: str,
        until: datetime,
        owner: str = "",
    ) -> Sequence[Lead]:
        """Lease due leads of these zones, the longest due first, promised ones before all others.

        `owner`: also those promised by this agent; without it only those of anyone. Two engines never hold
        the same lead.
        """
        ...

    async def get(self, lead_id: int) -> Lead:
        """Return one. Raises KeyError."""
        ...

    async def release(self, lead_id: int, engine: str, due_at: datetime, reason: str) -> None:
        """Give a lead back that was not dialled; it is due again then, `reason` says why."""
        ...

    async def held(self, lead_ids: Collection[int], engine: str, now: datetime) -> frozenset[int]:
        """Return which of these leads this engine still holds: asked by the gate right before dialling."""
        ...

    async def put_off(self, engine: str, what: Mapping[int, FollowUp]) -> None:
        """Give leads back that the gate refused (`dialer.retry.after_refusal`); those it holds still."""
        ...

    async def settle(
        self, lead_id: int, what: FollowUp, *, attempted: bool = True, only_leased: bool = False
    ) -> None:
        """Keep what follows from an outcome or a disposition, and end the lease if there is one.

        `attempted`: count one attempt; False for the disposition, whose attempt its outcome counts.
        `only_leased`: for the outcome TALKED: without a lease, the disposition came first, and stays.
        Raises KeyError.
        """
        ...

    async def reasons(self, campaign_id: str) -> Mapping[tuple[LeadState, str], int]:
        """Return how many leads there are by state and reason."""
        ...
