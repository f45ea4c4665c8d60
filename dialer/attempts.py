"""Attempts: the durable record of every dial. At most one unfinished per number and per taxpayer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.contacts import Key

CHANNEL_PREFIX = "out-"
"""A dialled channel's id is this and the attempt's id; the attempt's id is the id of its call too."""


class AttemptsUnavailable(Exception):
    """The record of attempts cannot be read or written: nothing may be dialled."""


class NotAllowed(Exception):
    """The record refuses this attempt: `reason` is a `dialer.reasons.WhyNot`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AttemptState(StrEnum):
    """Where an attempt stands. Unfinished are all but the last three."""

    INTENT = "intent"  # on record, nothing sent
    DIALING = "dialing"  # about to be sent, or sent
    ANSWERED = "answered"
    UNKNOWN = "unknown"  # sent or not, alive or not: it is looked up, and never sent again
    ENDED = "ended"  # `outcome` says how
    NOT_SENT = "not_sent"  # certainly never sent; does not count as an attempt
    FLAGGED = "flagged"  # could not be found out: counts as an attempt, a person looks at it


UNFINISHED = frozenset(
    {AttemptState.INTENT, AttemptState.DIALING, AttemptState.ANSWERED, AttemptState.UNKNOWN}
)


class DialOutcome(StrEnum):
    """What the network, or nobody at our end, made of an attempt (`dialer/data/outcomes.yaml`)."""

    TALKED = "talked"  # answered and joined with an agent, or served by the flow to its end
    ABANDONED = "abandoned"  # answered, no agent in time, the message was played
    HUNG_UP_EARLY = "hung_up_early"  # answered, and hung up by the callee before an agent was due
    MACHINE = "machine"  # taken for an answering machine before the application
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    NOT_IN_SERVICE = "not_in_service"
    CONGESTION = "congestion"
    MOVED = "moved"  # 3xx: not followed
    FAILED = "failed"
    CANCELLED = "cancelled"  # by us: agents gone, stopped, kill switch
    ANSWERED_LATE = "answered_late"  # answered as it was being cancelled
    REFUSED_BY_GUARD = "refused_by_guard"  # the dialplan's second guard said no
    LOST = "lost"  # not found out what became of it


@dataclass(frozen=True, slots=True)
class Attempt:
    """One dial, from the intent to its end."""

    attempt_id: str  # 32 hex digits
    campaign_id: str
    lead_id: int
    taxpayer_key: Key
    number_key: Key
    number: str = field(repr=False)  # E.164 digits; sealed at rest
    mode: str = ""  # a dialer.campaigns.Pacing
    agent: str = ""  # staff number that it was placed for (preview, own callbacks)
    engine: str = ""
    version: int = 0  # of the campaign's definition
    ordinal: int = 1  # which attempt of its lead this is, from 1
    zone: str = "unknown"  # the callee's, a domain.zones.Zone
    code: str = field(default="", repr=False)  # verification code told in the call, 6 digits; sealed at rest
    state: AttemptState = AttemptState.INTENT
    outcome: DialOutcome | None = None
    why: str = ""  # a WhyNot, of one that was not sent
    disposition: str = ""  # the agent's, later
    joined: str = ""  # staff number of the agent who was joined with it
    sip_code: int = 0
    cause: int = 0  # Q.850
    amd: str = ""
    intended_at: datetime | None = None  # aware, UTC, as all times here
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None  # of every finished one


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """What the record itself refuses in the transaction of the intent.

    Counts are of attempts that count: all but those never sent and those that the dialplan refused.
    """

    campaign_life: int
    campaign_day: int
    campaign_24h: int
    taxpayer_life: int  # over all campaigns and lists
    taxpayer_day: int
    taxpayer_24h: int
    rest_after_abandoned_hours: float = 72.0  # of the taxpayer and of the number


class AttemptStore(Protocol):
    """The record of attempts. Every method raises AttemptsUnavailable; what returned is durable."""

    async def intend(self, attempt: Attempt, limits: AttemptLimits, day_began: datetime) -> Attempt:
        """Put an INTENT on record; return it with its verification code, unlike any other recent one.

        `day_began`: the callee's calendar day, for the caps by day.
        Raises NotAllowed: an unfinished attempt of this number or taxpayer, a cap, or a rest.
        """
        ...

    async def sending(self, attempt_id: str, at: datetime, holder: str) -> bool:
        """INTENT → DIALING, right before it is sent.

        False: it is no INTENT any more, or `holder` does not hold the engine's role: do not send.
        """
        ...

    async def answered(self, attempt_id: str, at: datetime, amd: str = "") -> None:
        """The far end answered."""
        ...

    async def joined(self, attempt_id: str, agent: str, at: datetime) -> None:
        """An agent (staff number) was joined with it; the first one stays."""
        ...

    async def doubted(self, attempt_id: str, at: datetime) -> None:
        """Whether it was sent, or lives, is not known: DIALING → UNKNOWN."""
        ...

    async def found(self, attempt_id: str, at: datetime) -> None:
        """It lives in Asterisk: UNKNOWN → DIALING."""
        ...

    async def ended(
        self, attempt_id: str, outcome: DialOutcome, at: datetime, *, sip_code: int = 0, cause: int = 0
    ) -> bool:
        """It is over; False: its end is on record already (the first one stays)."""
        ...

    async def not_sent(self, attempt_id: str, reason: str, at: datetime) -> bool:
        """Certainly never sent: refused right before sending, or never handed to Asterisk."""
        ...

    async def flagged(self, attempt_id: str, at: datetime) -> bool:
        """What became of it cannot be found out; it counts, and a person looks at it."""
        ...

    async def disposed(self, attempt_id: str, disposition: str, at: datetime) -> bool:
        """The agent says what came of it; a later word replaces it, the trail keeps both."""
        ...

    async def unfinished(
        self, engine: str | None = None, only: Collection[str] | None = None
    ) -> Sequence[Attempt]:
        """Return unfinished attempts, of one engine or of all, oldest first; `only`: among these ids."""
        ...

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one."""
        ...


class EngineRole(Protocol):
    """Who dials for one Asterisk: a row with an expiry, so that two engines never do at once."""

    async def take(self, role: str, holder: str, seconds: float) -> bool:
        """Take the role, or keep it, for so long; False: another holds it. Raises AttemptsUnavailable."""
        ...

    async def give_up(self, role: str, holder: str) -> None:
        """Let another have it at once. Raises AttemptsUnavailable."""
        ...
