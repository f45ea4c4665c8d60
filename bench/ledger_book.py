"""The ledgers of a proof: what the SIP far end saw, what Asterisk wrote (CEL), what the database holds.

Times are Unix seconds. Taxpayers and numbers are keyed fingerprints in hex. Pure.
"""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.outbound_ledger import LedgerRow


@dataclass(frozen=True, slots=True)
class FarCall:
    """One call (SIP Call-ID) as the far end saw it."""

    at: float  # arrival of the INVITE
    number: str  # the dialled number's fingerprint
    call_id: str
    caller: str  # the user of its From header
    did: str  # what the far end had in mind for it
    well_formed: bool = True  # an Indonesian subscriber's number
    status: int = 0  # the first final status that was sent; 0: none
    status_at: float = 0.0
    confirmed: bool = False  # it was acknowledged
    cancelled_at: float = 0.0  # the CANCEL; 0: none came
    ended_at: float = 0.0  # BYE; 0: none
    ended_by_us: bool = False  # the BYE came from Asterisk

    @property
    def silent(self) -> bool:
        """Whether it said nothing final before it was cancelled."""
        return not self.status or bool(self.cancelled_at and self.cancelled_at <= self.status_at)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt, as the database has it at the end. A time that did not come is 0."""

    attempt_id: str
    campaign_id: str
    lead_id: int
    taxpayer: str
    number: str
    state: str
    outcome: str
    intended: float
    sent: float = 0.0
    answered: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of the trail of attempts."""

    attempt_id: str
    step: int
    at: float
    state: str


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead with its contact."""

    lead_id: int
    campaign_id: str
    list_id: str
    taxpayer: str
    numbers: tuple[str, ...]
    zone: str  # a domain.zones.Zone
    control: bool  # of the control group


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list: by whom it was let go, and from when on it may be dialled no more."""

    list_id: str
    loaded_by: str
    approved_by: str
    approved: float
    over: float = 0.0  # withdrawn or expired; 0: good to the end


@dataclass(frozen=True, slots=True)
class Limits:
    """Attempts at most: in all, on the callee's calendar day, in 24 hours."""

    life: int
    day: int
    rolling: int


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign, as far as laws speak of it."""

    campaign_id: str
    caps: Limits
    opens: float  # seconds of the callee's day
    closes: float
    lines: int
    spacing: Mapping[str, float]  # outcome → seconds until the next attempt of the lead at least
    runs: tuple[tuple[float, float], ...]  # from, to


@dataclass(frozen=True, slots=True)
class Rules:
    """What the run was set up with."""

    offsets: Mapping[str, float]  # zone → seconds ahead of UTC
    days: frozenset[
        int
    ]  # calendar days (days since 1970, on the callee's calendar) on which calls are allowed
    taxpayer: Limits  # over all campaigns
    rest: float  # seconds after an abandoned call
    lines: int  # concurrent calls at most
    caller: str
    statuses: Mapping[int, str]  # SIP status → outcome
    ring: float  # seconds that a call rings at most
    switched_off: tuple[tuple[float, float], ...] = ()  # the kill switch: thrown, lifted
    grace: float = 3.0  # seconds within which a change reaches a dial under way


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that is joined."""

    rules: Rules
    far: Sequence[FarCall]
    cel: Sequence[LedgerRow]
    attempts: Sequence[AttemptRow]
    events: Sequence[EventRow]
    leads: Sequence[LeadRow]
    lists: Sequence[ListRow]
    campaigns: Sequence[CampaignRow]
    stops: Sequence[tuple[str, float]]  # a taxpayer's or number's fingerprint that is not called from then on


@dataclass(slots=True)
class Joined:
    """The ledgers, joined: by number and time with the far end, by attempt with CEL."""

    book: Book
    far_of: dict[str, list[FarCall]] = field(default_factory=dict)
    strangers: list[FarCall] = field(default_factory=list)  # calls of the far end without an attempt
    dials: dict[str, list[LedgerRow]] = field(default_factory=dict)
    ends: dict[str, list[LedgerRow]] = field(default_factory=dict)
    events: dict[str, list[EventRow]] = field(default_factory=dict)
    attempts: dict[str, AttemptRow] = field(default_factory=dict)
    leads: dict[int, LeadRow] = field(default_factory=dict)
    lists: dict[str, ListRow] = field(default_factory=dict)
    campaigns: dict[str, CampaignRow] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Book) -> "Joined":
        """Join a book. An INVITE belongs to the newest attempt of its number that had been intended."""
        made = cls(book)
        by_number: dict[str, list[AttemptRow]] = {}
        for attempt in sorted(book.attempts, key=lambda one: one.intended):
            made.attempts[attempt.attempt_id] = attempt
            by_number.setdefault(attempt.number, []).append(attempt)
        for call in sorted(book.far, key=lambda one: one.at):
            own = by_number.get(call.number, [])
            place = bisect.bisect_right(own, call.at, key=lambda one: one.intended)
            if place:
                made.far_of.setdefault(own[place - 1].attempt_id, []).append(call)
            else:
                made.strangers.append(call)
        for row in book.cel:
            rows = made.dials if row.what == "DIAL" else made.ends
            rows.setdefault(row.attempt_id, []).append(row)
        for event in book.events:
            made.events.setdefault(event.attempt_id, []).append(event)
        made.leads = {lead.lead_id: lead for lead in book.leads}
        made.lists = {one.list_id: one for one in book.lists}
        made.campaigns = {one.campaign_id: one for one in book.campaigns}
        return made

    def local(self, at: float, zone: str) -> list[tuple[int, float]]:
        """Return day (since 1970) and second of the day on the clocks that must allow a moment."""
        offsets = self.book.rules.offsets
        chosen = [offsets[zone]] if zone in offsets else list(offsets.values())
        return [(int((at + one) // 86400), (at + one) % 86400) for one in chosen]
