"""Agents' outbound work over doubles: one campaign, some leads, an engine that does what a test says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from acd.skills import Agent, Competence, Skill, Skillbook, Tables, Tier
from desk.card import LiveCall
from dialer.attempts import Attempt, AttemptState, DialOutcome, NotAllowed
from dialer.campaigns import Campaign, CampaignState, Pacing
from dialer.contacts import Key
from dialer.desk_rules import load_desk_rules
from dialer.disposed import Disposed, DispositionTaken, Skipped
from dialer.leads import FollowUp, Lead, LeadState, LeadsUnavailable
from domain.clock import SystemClock
from domain.zones import Zone
from service.outbound_calls import OutboundCalls
from service.outbound_desk import Behind, Office, OutboundWork, Stores
from service.outbound_dials import AgentDials
from service.outbound_dispositions import Dispositions
from service.outbound_owed import OwedDispositions
from tests.unit.outbound_world import (
    DEFINITION,
    FIRST_KEY,
    LEAD,
    TAXPAYER_KEY,
    TEN,
    Weekdays,
    disposition_desk,
)
from tests.web.floor_double import FloorDouble, agent_view
from tests.web.page_parts import COLLEAGUE, OWN

ENGINE = "engine-1"
CAMPAIGN = Campaign(LEAD.campaign_id, DEFINITION, 1, CampaignState.RUNNING, ("e" * 32,), "m" * 32, TEN, TEN)
BOOK = Skillbook(
    Tables(
        skills=(Skill("outbound", "campaigns"), Skill("efin", "Lupa EFIN")),
        agents=tuple(Agent(number, "Melati", "alfa", frozenset({"id"})) for number in (OWN, COLLEAGUE)),
        competences=(Competence(OWN, "outbound", Tier.A, 3), Competence(COLLEAGUE, "efin", Tier.A, 3)),
    )
)


class OfficeClock(SystemClock):
    """A Wednesday, 10.00 WIB, moved on by tests."""

    passed = timedelta()

    def now(self) -> datetime:
        return TEN + self.passed


@dataclass
class Campaigns:
    rows: list[Campaign] = field(default_factory=lambda: [CAMPAIGN])

    async def all(self) -> Sequence[Campaign]:
        return self.rows

    async def get(self, campaign_id: str) -> Campaign:
        return next(one for one in self.rows if one.campaign_id == campaign_id)


@dataclass
class Leads:
    """Leads, who leases them, and what was settled."""

    rows: dict[int, Lead] = field(default_factory=lambda: {LEAD.lead_id: replace(LEAD, attempts=0)})
    leased: dict[int, str] = field(default_factory=dict)
    settled: list[tuple[int, FollowUp, bool]] = field(default_factory=list)
    released: list[tuple[int, datetime, str]] = field(default_factory=list)
    down: bool = False

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
        self._check()
        due = [
            lead
            for lead in self.rows.values()
            if lead.campaign_id == campaign_id
            and lead.lead_id not in self.leased
            and lead.state is LeadState.READY
            and lead.due_at <= now
            and lead.contact.zone in zones
            and lead.owner in ("", owner)
        ]
        found = sorted(due, key=lambda one: (not one.promised, one.due_at))[:most]
        self.leased |= {one.lead_id: engine for one in found}
        return found

    async def get(self, lead_id: int) -> Lead:
        self._check()
        return self.rows[lead_id]

    async def release(self, lead_id: int, engine: str, due_at: datetime, reason: str) -> None:
        self._check()
        if self.leased.get(lead_id) == engine:
            del self.leased[lead_id]
            self.released.append((lead_id, due_at, reason))
            self.rows[lead_id] = replace(self.rows[lead_id], due_at=due_at, reason=reason)

    async def settle(
        self, lead_id: int, what: FollowUp, *, attempted: bool = True, only_leased: bool = False
    ) -> None:
        self._check()
        self.leased.pop(lead_id, None)
        self.settled.append((lead_id, what, attempted))
        self.rows[lead_id] = replace(
            self.rows[lead_id],
            state=what.state,
            due_at=what.due_at,
            owner=what.owner,
            promised=what.promised,
            number=what.number,
            dead_numbers=what.dead_numbers,
        )

    async def promised(self, agent: str, campaigns: Collection[str], until: datetime) -> Sequence[int]:
        mine = [one for one in self.rows.values() if one.owner == agent and one.promised]
        return [one.lead_id for one in sorted(mine, key=lambda one: one.due_at) if one.due_at <= until]

    async def recognised(self, call_id: str) -> str | None:
        return None

    def _check(self) -> None:
        if self.down:
            raise LeadsUnavailable("away")


@dataclass
class Attempts:
    """Attempts by id."""

    rows: dict[str, Attempt] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)

    async def get(self, attempt_id: str) -> Attempt | None:
        return self.rows.get(attempt_id)

    async def to_taxpayer(self, taxpayer_key: Key, since: datetime) -> Sequence[Attempt]:
        return [one for one in self.rows.values() if one.taxpayer_key == taxpayer_key and one.sent_at]

    async def disposed(self, attempt_id: str, disposition: str, at: datetime) -> bool:
        self.told.append((attempt_id, disposition))
        return True

    async def unspoken(self, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        return [
            (one.attempt_id, one.joined)
            for one in self.rows.values()
            if one.joined and one.ended_at is not None and since <= one.ended_at < until
        ]


@dataclass
class Record:
    """Dispositions and skips in memory."""

    rows: list[Disposed] = field(default_factory=list)
    skips: list[Skipped] = field(default_factory=list)
    meanwhile: Disposed | None = None  # kept by another page just before the next one

    async def of(self, call_id: str) -> Sequence[Disposed]:
        return [row for row in self.rows if row.call_id == call_id]

    async def add(self, row: Disposed) -> None:
        if self.meanwhile is not None:
            self.rows.append(self.meanwhile)
            self.meanwhile = None
        if any((one.call_id, one.number) == (row.call_id, row.number) for one in self.rows):
            raise DispositionTaken("taken")
        self.rows.append(row)

    async def applied(self, call_id: str, number: int, at: datetime) -> None:
        self.rows = [
            replace(row, applied_at=at) if (row.call_id, row.number) == (call_id, number) else row
            for row in self.rows
        ]

    async def pending(self, before: datetime, most: int = 100) -> Sequence[Disposed]:
        return [row for row in self.rows if row.applied_at is None and row.at < before]

    async def undisposed(
        self, since: datetime, agents: Sequence[str] | None, most: int = 200
    ) -> Sequence[Disposed]:
        return [row for row in self.rows if row.code == "no_disposition"]

    async def skip(self, row: Skipped) -> None:
        self.skips.append(row)


@dataclass
class Suppressions:
    keys: dict[Key, str] = field(default_factory=dict)

    async def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        return {key: why for key, why in self.keys.items() if key in keys}

    async def add(self, key: Key, why: str, by: str, at: datetime, call_id: str = "") -> None:
        self.keys[key] = why

    async def remove(self, key: Key, by: str, at: datetime) -> None:
        self.keys.pop(key, None)


class Nobody:
    """No call is inside."""

    def live(self, call_id: str) -> LiveCall | None:
        return None


class Stage:
    """Everything, and the engine."""

    name = ENGINE

    def __init__(self) -> None:
        self.clock, self.floor = OfficeClock(), FloorDouble()
        self.floor.view = {
            OWN: agent_view(OWN, declared="ready"),
            COLLEAGUE: agent_view(COLLEAGUE, declared="ready"),
        }
        self.campaigns, self.leads, self.attempts = Campaigns(), Leads(), Attempts()
        self.record, self.suppressions = Record(), Suppressions()
        self.refuses = ""
        self.placed: list[tuple[str, int]] = []
        self.told: list[str] = []
        clock, leads = self.clock, self.leads
        self.calls = OutboundCalls(self.attempts, leads, self.campaigns, leads, Nobody(), clock)  # type: ignore[arg-type]
        self.dispositions = Dispositions(
            self.calls,
            disposition_desk(),
            self.record,
            leads,  # type: ignore[arg-type]
            self.suppressions,
            self.attempts,
            self.attempts,
            clock,
        )
        self.dials = AgentDials(self.calls, clock)
        self.owed = OwedDispositions(self.floor, self.calls, self.dispositions)
        self.work = OutboundWork(
            self,
            self.floor,
            Stores(self.campaigns, leads, leads, self.record),  # type: ignore[arg-type]
            Behind(self.calls, self.dials, self.dispositions, self.owed),
            Office(load_desk_rules(), Weekdays(), lambda: BOOK, clock),
        )
        self.work.on_news(self.told.append)

    async def dial_for(self, agent: str, lead_id: int) -> str:
        """Do as the engine does."""
        if self.refuses:
            raise NotAllowed(self.refuses)
        self.placed.append((agent, lead_id))
        return self.attempt(agent=agent, lead_id=lead_id).attempt_id

    def attempt(self, number: int = 1, **changes: object) -> Attempt:
        """Put an attempt on record."""
        made = Attempt(
            attempt_id=f"{number:032x}",
            campaign_id=CAMPAIGN.campaign_id,
            lead_id=LEAD.lead_id,
            taxpayer_key=TAXPAYER_KEY,
            number_key=FIRST_KEY,
            number="628110000111",
            code="483920",
            state=AttemptState.DIALING,
            intended_at=self.clock.now(),
            sent_at=self.clock.now(),
        )
        made = replace(made, **changes)  # type: ignore[arg-type]
        self.attempts.rows[made.attempt_id] = made
        return made

    def ends(self, attempt_id: str, outcome: DialOutcome) -> None:
        """Put the end of an attempt on record."""
        ended = self.clock.now()
        self.attempts.rows[attempt_id] = replace(
            self.attempts.rows[attempt_id], state=AttemptState.ENDED, outcome=outcome, ended_at=ended
        )

    def pacing(self, pacing: Pacing) -> None:
        """Change how the campaign's calls are placed."""
        definition = replace(DEFINITION, pacing=pacing)
        self.campaigns.rows = [replace(CAMPAIGN, definition=definition)]

    def promise(self, lead_id: int = 7, owner: str = OWN, after: timedelta = timedelta()) -> None:
        """Let a lead be promised."""
        due = self.clock.now() + after
        self.leads.rows[lead_id] = replace(
            LEAD, lead_id=lead_id, owner=owner, promised=True, due_at=due, attempts=1
        )

    def has(self, call_id: str, observed: str, agent: str = OWN) -> None:
        """Let an agent have a call, or none."""
        self.floor.change(agent, call_id=call_id, observed=observed)
