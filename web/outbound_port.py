"""What the pages of an agent's outbound work need from the rest of the service.

Personal values come in `dialer.contacts.Contact`, `Called` and `DueCallback`; views show what may be shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.campaigns import Campaign
from dialer.desk_rules import DeskTable
from dialer.disposed import Disposed
from dialer.disposition_desk import Consequences, DispositionDesk, Talked, Wish
from dialer.kinds import KindTable
from dialer.leads import Lead
from domain.zones import Zone


class OutboundUnavailable(Exception):
    """Campaigns, leads or attempts cannot be read or written at the moment; nothing was done."""


class WorkRefused(Exception):
    """A contact is not shown, dialled or skipped. `word`: a `dialer.reasons.WhyNot`, or a `Refusal`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Refusal(StrEnum):
    """Why an agent's wish is not granted, beside what the gate says (`dialer.reasons.WhyNot`)."""

    NOT_FREE = "not_free"  # not ready, or on a call
    NOT_YOURS = "not_yours"  # another contact is shown by now, or it was kept too long
    NO_SUCH_REASON = "no_such_reason"
    DIALLING = "dialling"  # one is being dialled


class DialStep(StrEnum):
    """How far a dial that an agent asked for has come."""

    DIALLING = "dialling"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"  # `DialNews.outcome` says how


@dataclass(frozen=True, slots=True)
class DialNews:
    """A dial that an agent asked for."""

    attempt_id: str
    lead_id: int
    step: DialStep
    since: datetime  # aware: when this step began
    outcome: str = ""  # a dialer.attempts.DialOutcome, or why it was never sent: a WhyNot


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An earlier dial of the same lead."""

    at: datetime
    outcome: str  # a dialer.attempts.DialOutcome; empty while it is unfinished
    disposition: str  # a code, or empty


@dataclass(frozen=True, slots=True)
class Preview:
    """The contact that is kept for an agent until it is dialled, skipped, or `until`."""

    campaign: Campaign
    lead: Lead
    until: datetime
    past: Sequence[PastAttempt] = ()
    revealed: bool = False  # the agent asked to see name and fields


@dataclass(frozen=True, slots=True)
class DueCallback:
    """A callback that an agent promised to make."""

    lead_id: int
    campaign_id: str
    title: str  # of the campaign
    due_at: datetime
    zone: Zone
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a call is with: one that we placed, or one of somebody who rang back and was recognised."""

    call_id: str
    attempt_id: str
    campaign: Campaign
    lead: Lead  # as it is on record
    number: int  # index of the number that was dialled
    code: str = field(repr=False)  # verification code
    past: Sequence[PastAttempt] = ()
    placed: bool = True  # False: they rang us
    counted: bool = True  # the attempt is in `lead.attempts` already

    def talked(self, agent: str, by: str) -> Talked:
        """Return the call that a disposition of this agent (staff number, staff_id) is about."""
        return Talked(
            self.call_id,
            self.attempt_id,
            self.campaign.definition,
            self.lead,
            agent,
            by,
            self.number,
            self.counted,
        )


class OutboundDesk(Protocol):
    """An agent's outbound work. Agents go by staff number. Every coroutine raises OutboundUnavailable."""

    async def campaigns_of(self, agent: str) -> Sequence[Campaign]:
        """Return the running campaigns that the agent's competences cover, the most urgent first."""
        ...

    async def campaigns(self) -> Sequence[Campaign]:
        """Return every campaign."""
        ...

    async def callbacks_of(self, agent: str) -> Sequence[DueCallback]:
        """Return the callbacks that the agent promised and that are due now or soon, in their order."""
        ...

    def kept(self, agent: str) -> Preview | None:
        """Return the contact that is kept for the agent now."""
        ...

    async def next_lead(self, agent: str) -> Preview | None:
        """Return the contact that is kept for the agent, or keep the next one; None: there is none.

        Own callbacks that are due come first. Raises WorkRefused.
        """
        ...

    def reveal(self, agent: str, lead_id: int) -> Preview:
        """Let the agent see name and fields of the contact that is kept. Raises WorkRefused."""
        ...

    async def dial(self, agent: str, lead_id: int) -> None:
        """Dial the contact that is kept, for this agent alone. Raises WorkRefused."""
        ...

    async def skip(self, agent: str, by: str, lead_id: int, reason: str) -> None:
        """Let the contact go undialled, for a reason of `dialer/data/desk.yaml`. Raises WorkRefused.

        `by`: staff_id.
        """
        ...

    def dialling(self, agent: str) -> DialNews | None:
        """Return the dial that the agent asked for last, until the next contact or call."""
        ...

    async def contact(self, call_id: str) -> Called | None:
        """Return whom a call is with; None: no campaign's call."""
        ...

    async def dispositions(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions, oldest first."""
        ...

    async def dispose(self, called: Called, agent: str, by: str, wish: Wish) -> Consequences:
        """Keep a disposition and let lead and suppressions follow it. `by`: staff_id.

        Raises dialer.disposition_desk.DispositionRefused.
        """
        ...

    async def undisposed(self, agents: Sequence[str] | None, since: datetime) -> Sequence[Disposed]:
        """Return calls since a time whose agents gave no disposition, newest first; None: everybody's."""
        ...

    def on_news(self, ear: Callable[[str], None]) -> None:
        """Call `ear(staff number)` when something of that agent's outbound work changed."""
        ...


@dataclass(frozen=True, slots=True)
class OutboundPort:
    """Given to `web.outbound_routes.add_outbound_routes`."""

    desk: OutboundDesk
    dispositions: DispositionDesk
    rules: DeskTable
    kinds: KindTable
