"""Outbound work in the whole application: a campaign, a call of it, and a day's requests about both."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from dialer.attempts import Attempt, AttemptLimits
from dialer.campaigns import CampaignState, Pacing
from domain.clock import Clock
from domain.ids import new_id
from domain.zones import Zone
from storage.attempts import DurableAttempts
from storage.campaign_tables import leads
from storage.database import Database
from storage.vault import Vault
from tests.storage.campaign_world import DEFINITION, CampaignWorld

ENGINE, HOLDER = "dialer", "process-1"
_CALL = timedelta(hours=1)


class WillingDialer:
    """An engine that takes every order, and dials nobody."""

    name = ENGINE

    async def dial_for(self, agent: str, lead_id: int) -> str:
        return new_id()


class Ask(Protocol):
    """Asks an operation that has to be granted."""

    def __call__(self, who: str, operation: str, body: Any = None, query: Any = None, **ids: str) -> Any: ...


async def begin_campaign(
    database: Database, vault: Vault, attempts: DurableAttempts, clock: Clock, call_id: str, agent: str
) -> None:
    """Let a preview campaign run whose first contact is with an agent in this call."""
    world, now = CampaignWorld(database, vault), clock.now()
    campaign_id = await world.running(4, replace(DEFINITION, pacing=Pacing.PREVIEW))
    await world.campaigns.move(campaign_id, CampaignState.RUNNING, "s" * 32, now)
    database.write_now(lambda connection: connection.execute(sa.update(leads).values(due_at=now)))
    lead = (await world.leads.lease(campaign_id, tuple(Zone), now, 1, ENGINE, now + _CALL))[0]
    contact = lead.contact
    attempt = Attempt(
        attempt_id=call_id,
        campaign_id=campaign_id,
        lead_id=lead.lead_id,
        taxpayer_key=contact.taxpayer_key,
        number_key=contact.number_keys[0],
        number=contact.person.numbers[0],
        engine=ENGINE,
        intended_at=now,
    )
    await attempts.take(ENGINE, HOLDER, 600)
    await attempts.intend(attempt, AttemptLimits(6, 4, 4, 8, 4, 4), now - timedelta(hours=9))
    assert await attempts.sending(call_id, now, HOLDER)
    await attempts.answered(call_id, now)
    await attempts.joined(call_id, agent, now)


def in_the_call(ask: Ask, call_id: str) -> None:
    """Ask what an agent asks who talks with the contact."""
    assert ask("agent", "GET /api/calls/{call_id}/outbound", call_id=call_id)["code"]
    assert ask("agent", "GET /api/calls/{call_id}/disposition", call_id=call_id)["needed"]
    said = {"code": "promised_to_file", "promised_on": "2025-06-30"}
    given = ask("agent", "POST /api/calls/{call_id}/disposition", said, call_id=call_id)
    assert given["given"]["follows"]


def between_calls(ask: Ask) -> None:
    """Ask what an agent asks who is free, and what a supervisor does."""
    ask("agent", "GET /api/outbound")
    for what, body in (("reveal", {}), ("skip", {"reason": "no_time"}), ("dial", {})):
        kept = ask("agent", "POST /api/outbound/next")["preview"]
        ask("agent", f"POST /api/outbound/{what}", {"lead_id": kept["lead_id"], **body})
    ask("supervisor", "GET /api/outbound/missing-dispositions")
