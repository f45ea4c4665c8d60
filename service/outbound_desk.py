"""Agents' outbound work in the running service: their campaigns, contacts kept for them, dials, dispositions.

What is in memory here may be lost: a contact that was kept is free again once its lease is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from acd.outbound import admitted_at_once
from acd.skills import Skillbook
from acd.states import can_be_offered
from desk.working_days import WorkingCalendar
from dialer.attempts import AttemptsUnavailable, NotAllowed
from dialer.campaigns import Campaign, CampaignState, CampaignStore, CampaignsUnavailable, Pacing
from dialer.desk_rules import DeskTable
from dialer.disposed import Disposed, DispositionRecord, DispositionsUnavailable, Skipped
from dialer.disposition_desk import Consequences, Wish
from dialer.leads import FollowUp, Lead, LeadState, LeadStore, LeadsUnavailable
from dialer.reasons import WhyNot
from dialer.windows import open_zones
from domain.background import Background
from domain.clock import Clock
from domain.ids import new_id
from service.outbound_calls import OutboundCalls
from service.outbound_dials import AgentDials
from service.outbound_dispositions import Dispositions
from service.outbound_owed import OwedDispositions
from web.floor_port import FloorPort
from web.outbound_port import (
    Called,
    DialNews,
    DueCallback,
    OutboundUnavailable,
    Preview,
    Refusal,
    WorkRefused,
)

log = logging.getLogger(__name__)

_PUT_OFF = timedelta(minutes=30)  # until a contact that the record refused may be tried again
CAMPAIGNS_GOOD = 2.0  # seconds that a reading of the campaigns is good for

_UNREADABLE = (AttemptsUnavailable, CampaignsUnavailable, LeadsUnavailable, DispositionsUnavailable)
_LATER = frozenset(
    {
        WhyNot.KILL_SWITCH,
        WhyNot.ENGINE_NOT_READY,
        WhyNot.CAMPAIGN_NOT_RUNNING,
        WhyNot.NO_AGENT,
        WhyNot.NO_LINE,
    }
)
"""Not the contact's fault: it stays with the agent, who may ask again."""


class Dialer(Protocol):
    """The engine, as agents ask it."""

    @property
    def name(self) -> str:
        """Under which it leases leads."""
        ...

    async def dial_for(self, agent: str, lead_id: int) -> str:
        """Dial a lead that is leased under its name, for one agent (staff number); return the attempt's id.

        Raises dialer.attempts.NotAllowed with a `dialer.reasons.WhyNot`; a lead that the gate refused was
        given back.
        """
        ...


class Promised(Protocol):
    """Knows the callbacks that agents promised."""

    async def promised(self, agent: str, campaigns: Collection[str], until: datetime) -> Sequence[int]:
        """Return ids of leads, the first one first. Raises LeadsUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept."""

    campaigns: CampaignStore
    leads: LeadStore
    promised: Promised
    record: DispositionRecord


@dataclass(frozen=True, slots=True)
class Office:
    """What rules it."""

    rules: DeskTable
    calendar: WorkingCalendar
    book: Callable[[], Skillbook]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Behind:
    """What this part stands on."""

    calls: OutboundCalls
    dials: AgentDials
    dispositions: Dispositions
    owed: OwedDispositions


class OutboundWork:
    """A `web.outbound_port.OutboundDesk`. One for the service, on its event loop."""

    def __init__(
        self, dialer: Dialer, floor: FloorPort, stores: Stores, behind: Behind, office: Office
    ) -> None:
        self._dialer, self._floor = dialer, floor
        self._stores, self._behind, self._office = stores, behind, office
        self._kept: dict[str, Preview] = {}
        self._campaigns: tuple[float, Sequence[Campaign]] | None = None
        self._asking: dict[str, asyncio.Lock] = {}
        self._background = Background()
        floor.watch(self._look)

    async def stop(self) -> None:
        """Let go of what runs; leases run out by themselves."""
        await self._background.stop()
        await self._behind.dials.stop()
        await self._behind.owed.stop()

    def on_news(self, ear: Callable[[str], None]) -> None:
        """Call `ear(staff number)` when something of that agent's outbound work changed."""
        self._behind.dials.on_news(ear)
        self._behind.owed.on_missing(ear)

    # ---- What an agent works on

    async def campaigns(self) -> Sequence[Campaign]:
        """Return every campaign, as it was 2 s ago at most."""
        now = self._office.clock.monotonic()
        if self._campaigns is None or now - self._campaigns[0] > CAMPAIGNS_GOOD:
            try:
                self._campaigns = (now, tuple(await self._stores.campaigns.all()))
            except CampaignsUnavailable as error:
                raise OutboundUnavailable(str(error)) from error
        return self._campaigns[1]

    async def campaigns_of(self, agent: str) -> Sequence[Campaign]:
        """Return the running campaigns that the agent's competences cover, the most urgent first."""
        book = self._office.book()
        if agent not in book.agents:
            return ()
        gates = book.ability(agent, self._office.clock.now()).gates
        mine = [
            one
            for one in await self.campaigns()
            if one.state is CampaignState.RUNNING
            and one.definition.pacing is not Pacing.AGENTLESS
            and admitted_at_once(book, f"{one.definition.skill}/{one.definition.tier}", gates)
        ]
        return sorted(mine, key=lambda one: (-one.definition.priority, one.created_at))

    async def callbacks_of(self, agent: str) -> Sequence[DueCallback]:
        """Return the callbacks that the agent promised and that are due now or soon, in their order."""
        campaigns = {one.campaign_id: one for one in await self.campaigns_of(agent)}
        if not campaigns:
            return ()
        now = self._office.clock.now()
        until = now + self._office.rules.at(now).shown_before
        try:
            ids = await self._stores.promised.promised(agent, campaigns.keys(), until)
            found = [await self._stores.leads.get(lead_id) for lead_id in ids]
        except LeadsUnavailable as error:
            raise OutboundUnavailable(str(error)) from error
        return [_due(lead, campaigns[lead.campaign_id]) for lead in found]

    # ---- The next contact

    def kept(self, agent: str) -> Preview | None:
        """Return the contact that is kept for the agent now."""
        found = self._kept.get(agent)
        return found if found is not None and self._office.clock.now() < found.until else None

    async def next_lead(self, agent: str) -> Preview | None:
        """Return the contact that is kept for the agent, or keep the next one; None: there is none."""
        async with self._lock(agent):
            if (kept := self.kept(agent)) is not None:
                return kept
            self._check_free(agent)
            try:
                found = await self._next(agent)
            except _UNREADABLE as error:
                raise OutboundUnavailable(str(error)) from error
            if found is None:
                return None
            if not self._is_free(agent):  # a call came meanwhile
                await self._let_go(found)
                raise WorkRefused(Refusal.NOT_FREE)
            self._kept[agent] = found
            return found

    def reveal(self, agent: str, lead_id: int) -> Preview:
        """Let the agent see name and fields of the contact that is kept."""
        self._kept[agent] = replace(self._mine(agent, lead_id), revealed=True)
        return self._kept[agent]

    async def dial(self, agent: str, lead_id: int) -> None:
        """Dial the contact that is kept, for this agent alone."""
        dials = self._behind.dials
        async with self._lock(agent):
            self._mine(agent, lead_id)
            self._check_free(agent)
            dials.asks(agent, lead_id)
            try:
                attempt_id = await self._dialer.dial_for(agent, lead_id)
            except NotAllowed as refused:
                if refused.reason in _LATER:
                    dials.refused(agent, "")
                    raise WorkRefused(refused.reason) from refused
                await self._give_back(agent, refused.reason)
                dials.refused(agent, refused.reason)
            except _UNREADABLE as error:
                dials.refused(agent, "")
                raise OutboundUnavailable(str(error)) from error
            else:
                dials.granted(agent, attempt_id)

    async def skip(self, agent: str, by: str, lead_id: int, reason: str) -> None:
        """Let the contact go undialled, for a reason."""
        async with self._lock(agent):
            kept, now = self._mine(agent, lead_id), self._office.clock.now()
            rule = self._office.rules.at(now).skips.get(reason)
            if rule is None:
                raise WorkRefused(Refusal.NO_SUCH_REASON)
            lead, leads = kept.lead, self._stores.leads
            row = Skipped(new_id(), lead.campaign_id, lead_id, agent, by, reason, now)
            try:
                await self._stores.record.skip(row)
                if rule.for_good:
                    done = FollowUp(LeadState.DONE, now, reason, lead.number, dead_numbers=lead.dead_numbers)
                    await leads.settle(lead_id, done, attempted=False)
                else:
                    await leads.release(lead_id, self._dialer.name, now + rule.spacing, reason)
            except _UNREADABLE as error:
                raise OutboundUnavailable(str(error)) from error
            self._kept.pop(agent, None)

    def dialling(self, agent: str) -> DialNews | None:
        """Return the dial that the agent asked for last, until the next one or the next call."""
        return self._behind.dials.of(agent)

    # ---- Calls and dispositions

    async def contact(self, call_id: str) -> Called | None:
        """Return whom a call is with; None: no campaign's call."""
        return await self._behind.calls.called(call_id)

    async def dispositions(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions, oldest first."""
        return await self._behind.dispositions.of(call_id)

    async def dispose(self, called: Called, agent: str, by: str, wish: Wish) -> Consequences:
        """Keep a disposition and let lead and suppressions follow it."""
        found = await self._behind.dispositions.give(called, agent, by, wish)
        self._behind.owed.given(called.call_id)
        return found

    async def undisposed(self, agents: Sequence[str] | None, since: datetime) -> Sequence[Disposed]:
        """Return calls since a time whose agents gave no disposition, newest first."""
        return await self._behind.dispositions.undisposed(agents, since)

    # ---- Helpers

    async def _next(self, agent: str) -> Preview | None:
        now = self._office.clock.now()
        own = {due.campaign_id for due in await self.callbacks_of(agent) if due.due_at <= now}
        campaigns = await self.campaigns_of(agent)
        first = [one for one in campaigns if one.campaign_id in own]
        others = [
            one for one in campaigns if one.campaign_id not in own and one.definition.pacing is Pacing.PREVIEW
        ]
        for campaign in (*first, *others):
            lead = await self._lease(campaign, agent, now)
            if lead is not None:
                past = await self._behind.calls.past(lead.contact.taxpayer_key, lead.lead_id)
                return Preview(campaign, lead, now + self._office.rules.at(now).kept, past)
        return None

    async def _lease(self, campaign: Campaign, agent: str, now: datetime) -> Lead | None:
        definition, leads, engine = campaign.definition, self._stores.leads, self._dialer.name
        zones = open_zones(definition.window, self._office.calendar, now)
        if not zones:
            return None
        until = now + self._office.rules.at(now).kept
        for lead in await leads.lease(campaign.campaign_id, zones, now, 1, engine, until, owner=agent):
            if definition.pacing is Pacing.PREVIEW or lead.owner == agent:
                return lead
            # Of a campaign that dials by itself only one's own promises are dialled by hand.
            await leads.release(lead.lead_id, engine, lead.due_at, lead.reason)
        return None

    def _look(self) -> None:
        """Something on the floor changed: who has a call, or went away, keeps no contact."""
        for view in self._floor.agents():
            agent, dials = view.agent, self._behind.dials
            if view.call_id and view.observed != "offered":
                self._kept.pop(agent, None)
                dials.forget(agent)
            kept = self._kept.get(agent)
            if kept is None or dials.is_on(agent) or can_be_offered(view.declared, view.observed):
                continue
            del self._kept[agent]
            self._background.begin(self._let_go(kept))

    async def _give_back(self, agent: str, why: str) -> None:
        """A contact was refused. The gate gave it back; one that the record refused is put off here."""
        kept, later = self._kept.pop(agent, None), self._office.clock.now() + _PUT_OFF
        try:
            if kept is not None:
                await self._stores.leads.release(kept.lead.lead_id, self._dialer.name, later, why)
        except LeadsUnavailable:
            log.warning("a contact that was refused is free when its lease is over")

    async def _let_go(self, kept: Preview) -> None:
        lead = kept.lead
        try:
            await self._stores.leads.release(lead.lead_id, self._dialer.name, lead.due_at, lead.reason)
        except LeadsUnavailable:
            log.warning("a contact that was kept is free when its lease is over")

    def _mine(self, agent: str, lead_id: int) -> Preview:
        kept = self.kept(agent)
        if kept is None or kept.lead.lead_id != lead_id:
            raise WorkRefused(Refusal.NOT_YOURS)
        return kept

    def _check_free(self, agent: str) -> None:
        if self._behind.dials.is_on(agent):
            raise WorkRefused(Refusal.DIALLING)
        if not self._is_free(agent):
            raise WorkRefused(Refusal.NOT_FREE)

    def _is_free(self, agent: str) -> bool:
        views = (one for one in self._floor.agents() if one.agent == agent)
        return any(can_be_offered(one.declared, one.observed) for one in views)

    def _lock(self, agent: str) -> asyncio.Lock:
        return self._asking.setdefault(agent, asyncio.Lock())


def _due(lead: Lead, campaign: Campaign) -> DueCallback:
    contact = lead.contact
    title = campaign.definition.title
    return DueCallback(
        lead.lead_id, campaign.campaign_id, title, lead.due_at, contact.zone, contact.person.name
    )
