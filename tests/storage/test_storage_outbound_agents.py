"""The agents' side over the real records: kept, dialled, talked, said; what the lead and the lists become."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from acd.requests import Actor, EndWrapUp, Refused, Role
from dialer.attempts import Attempt, AttemptLimits, AttemptState, DialOutcome
from dialer.campaigns import CampaignState, Pacing
from dialer.contacts import NPWP_KEY
from dialer.disposed import NO_DISPOSITION
from dialer.disposition_desk import Wish
from dialer.leads import FollowUp, Lead, LeadState
from dialer.outcomes import load_outcomes
from dialer.reasons import WhyNot
from domain.clock import SystemClock
from domain.directory import Taxpayer
from domain.ids import new_id
from domain.zones import Zone
from service.outbound_agents import AgentsOutbound, OutboundStands
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.suppressions import DurableSuppressions
from storage.vault import Vault
from tests.storage.campaign_world import DEFINITION, NINE, CampaignWorld
from tests.unit.outbound_stage import BOOK, Nobody
from tests.unit.outbound_world import Weekdays
from tests.web.floor_double import FloorDouble, agent_view
from tests.web.page_parts import OWN

ENGINE, HOLDER = "dialer", "process-1"
LIMITS = AttemptLimits(6, 4, 4, 8, 4, 4)
STAFF = "s" * 32


class OfficeClock(SystemClock):
    """09.00 WIB, moved on by tests."""

    passed = timedelta()

    def now(self) -> datetime:
        return NINE + self.passed


class Register:
    """Knows everybody as a person."""

    async def find(self, npwp: str) -> Taxpayer | None:
        return Taxpayer(f"t-{npwp[-4:]}", npwp, "Contoh", resident_person=True, active=True)


class World(CampaignWorld):
    """One running preview campaign, and an engine that puts dials on record."""

    name = ENGINE

    def __init__(self, database: Database, vault: Vault, attempts: DurableAttempts) -> None:
        super().__init__(database, vault)
        self.attempts, self.clock, self.floor = attempts, OfficeClock(), FloorDouble()
        self.floor.view = {OWN: agent_view(OWN, declared="ready")}
        self.suppressions = DurableSuppressions(database)
        stands = OutboundStands(
            database,
            vault,
            attempts,
            self.leads,
            self.campaigns,
            self.suppressions,
            Register(),  # type: ignore[arg-type]
            Nobody(),
            self.floor,
            Weekdays(),
            lambda: BOOK,
            {"non_filer": None},
            self.clock,
        )
        self.agents = AgentsOutbound(self, stands)
        self.work = self.agents.work

    async def begin(self, size: int = 3) -> str:
        campaign_id = await self.running(size, replace(DEFINITION, pacing=Pacing.PREVIEW))
        await self.campaigns.move(campaign_id, CampaignState.RUNNING, STAFF, NINE)
        return campaign_id

    async def dial_for(self, agent: str, lead_id: int) -> str:
        """Do as the engine does."""
        assert lead_id in await self.leads.held([lead_id], ENGINE, self.clock.now())
        lead = await self.leads.get(lead_id)
        contact = lead.contact
        attempt = Attempt(
            attempt_id=new_id(),
            campaign_id=lead.campaign_id,
            lead_id=lead_id,
            taxpayer_key=contact.taxpayer_key,
            number_key=contact.number_keys[lead.number],
            number=contact.person.numbers[lead.number],
            agent=agent,
            engine=ENGINE,
            intended_at=self.clock.now(),
        )
        await self.attempts.intend(attempt, LIMITS, NINE - timedelta(hours=9))
        assert await self.attempts.sending(attempt.attempt_id, self.clock.now(), HOLDER)
        return attempt.attempt_id

    async def talk(self) -> str:
        """Dial the next contact, and let it be with the agent; return the call's id."""
        kept = await self.work.next_lead(OWN)
        assert kept is not None
        await self.work.dial(OWN, kept.lead.lead_id)
        news = self.work.dialling(OWN)
        assert news is not None
        await self.attempts.answered(news.attempt_id, self.clock.now())
        await self.attempts.joined(news.attempt_id, OWN, self.clock.now())
        self.floor.change(OWN, call_id=news.attempt_id, observed="talking")
        return news.attempt_id

    async def hang_up(self, call_id: str, lead_id: int) -> None:
        """Let the call be over, as the engine keeps it."""
        now = self.clock.now()
        await self.attempts.ended(call_id, DialOutcome.TALKED, now)
        done = FollowUp(LeadState.DONE, now, "talked")
        await self.leads.settle(lead_id, done, only_leased=True)
        self.floor.change(OWN, observed="wrap_up")

    async def said(self, call_id: str, wish: Wish) -> Lead:
        """Say what came of a call; return its lead then."""
        called = await self.work.contact(call_id)
        assert called is not None
        await self.work.dispose(called, OWN, STAFF, wish)
        return await self.leads.get(called.lead.lead_id)


@pytest.fixture
async def world(database: Database, vault: Vault) -> AsyncIterator[World]:
    attempts = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
    await attempts.take(ENGINE, HOLDER, 600)
    made = World(database, vault, attempts)
    yield made
    await made.agents.stop()
    await attempts.close()


async def test_a_promised_callback_is_the_agents_and_comes_back_at_its_time(world: World) -> None:
    await world.begin()
    call_id = await world.talk()
    called = await world.work.contact(call_id)
    assert called is not None
    assert len(called.code) == 6
    due = NINE + timedelta(hours=2)
    lead = await world.said(call_id, Wish("callback", due, mine=True))
    assert (lead.owner, lead.promised, lead.due_at, lead.state) == (OWN, True, due, LeadState.READY)
    await world.hang_up(call_id, lead.lead_id)
    again = await world.leads.get(lead.lead_id)
    assert (again.owner, again.due_at, again.attempts) == (OWN, due, 1)  # the promise stays
    attempt = await world.attempts.get(call_id)
    assert attempt is not None
    assert attempt.disposition == "callback"
    world.floor.change(OWN, call_id="", observed="idle")
    world.clock.passed = timedelta(hours=2, minutes=1)
    assert [one.lead_id for one in await world.work.callbacks_of(OWN)] == [lead.lead_id]
    kept = await world.work.next_lead(OWN)
    assert kept is not None
    assert kept.lead.lead_id == lead.lead_id
    assert [one.disposition for one in kept.past] == ["callback"]


async def test_whoever_asked_for_it_is_on_no_list_any_more(world: World) -> None:
    await world.begin()
    call_id = await world.talk()
    lead = await world.said(call_id, Wish("do_not_call", confirmed=True))
    taxpayer = world.key(NPWP_KEY + lead.contact.person.npwp)
    assert lead.contact.taxpayer_key == taxpayer
    found = await world.suppressions.find([taxpayer, *lead.contact.number_keys])
    assert found == {taxpayer: WhyNot.DO_NOT_CALL, lead.contact.number_keys[0]: WhyNot.DO_NOT_CALL}
    assert lead.state is LeadState.DONE


async def test_a_note_that_ended_without_a_word_is_on_record_after_a_restart(world: World) -> None:
    await world.begin()
    call_id = await world.talk()
    called = await world.work.contact(call_id)
    assert called is not None
    world.floor.callbacks.clear()  # the service dies here
    await world.hang_up(call_id, called.lead.lead_id)
    world.agents.owed._on.clear()
    world.clock.passed = timedelta(hours=1)
    await world.agents.owed.sweep()
    rows = await world.work.undisposed([OWN], NINE)
    assert [(row.call_id, row.code) for row in rows] == [(call_id, NO_DISPOSITION)]
    lead = await world.leads.get(called.lead.lead_id)
    assert (lead.state, lead.reason) == (LeadState.DONE, NO_DISPOSITION)


async def test_the_proof_and_the_script_know_the_call(world: World) -> None:
    await world.begin()
    call_id = await world.talk()
    to = await world.agents.placed.placed_to(call_id)
    assert to is not None
    assert to.taxpayer_id is not None
    assert to.number.startswith("…")
    purpose = await world.agents.purposes.purpose(call_id)
    assert purpose.script == "non_filer"
    attempt = await world.attempts.get(call_id)
    assert attempt is not None
    assert attempt.state is AttemptState.ANSWERED
    assert purpose.fields["kode_verifikasi"].replace(" ", "") == attempt.code


async def test_the_floor_asks_before_a_notes_time_is_ended(world: World) -> None:
    await world.begin()
    call_id = await world.talk()
    called = await world.work.contact(call_id)
    assert called is not None
    await world.hang_up(call_id, called.lead.lead_id)
    async with asyncio.timeout(20):
        while not world.agents.owed.owes(OWN):
            await asyncio.sleep(0.01)
    with pytest.raises(Refused, match="disposition"):
        world.floor.request(Actor(OWN, Role.AGENT), EndWrapUp(OWN))
    await world.said(call_id, Wish("refused"))
    world.floor.request(Actor(OWN, Role.AGENT), EndWrapUp(OWN))


async def test_a_contact_that_is_shown_is_leased_to_nobody_else(world: World) -> None:
    campaign_id = await world.begin(size=4)
    both = await asyncio.gather(*(world.work.next_lead(OWN) for _ in range(4)))
    shown = {one.lead.lead_id for one in both if one is not None}
    assert len(shown) == 1
    others = await world.leads.lease(campaign_id, tuple(Zone), NINE, 5, "other", NINE + timedelta(minutes=1))
    assert len(others) == 3
    assert shown.isdisjoint({one.lead_id for one in others})
