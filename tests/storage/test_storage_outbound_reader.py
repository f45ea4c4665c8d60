"""What an agent's outbound work reads: promises, calls nobody spoke of, whom an inbound call answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.attempts import Attempt, AttemptLimits, DialOutcome
from dialer.disposed import NO_DISPOSITION, SYSTEM, Disposed
from dialer.leads import FollowUp, LeadState
from dialer.outcomes import load_outcomes
from domain.calls import Call, CallEvent, EventKind
from domain.ids import new_id
from domain.zones import Zone
from storage.attempts import DurableAttempts
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.outbound_reader import OutboundReader
from storage.outbound_work import DurableDispositions
from storage.vault import Vault
from tests.storage.campaign_world import NINE, CampaignWorld

AGENT, COLLEAGUE = "90000001", "90000002"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LIMITS = AttemptLimits(6, 4, 4, 8, 4, 4)


@pytest.fixture
def reader(database: Database, vault: Vault) -> OutboundReader:
    return OutboundReader(database, vault)


@pytest.fixture
async def attempts(database: Database, vault: Vault) -> AsyncIterator[DurableAttempts]:
    made = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
    await made.take("dialer", "process-1", 600)
    yield made
    await made.close()


async def test_promises_are_the_agents_own_in_their_order(
    reader: OutboundReader, database: Database, vault: Vault
) -> None:
    world = CampaignWorld(database, vault)
    campaign = await world.running(4)
    leads = sorted(one.lead_id for one in await world.leads.lease(campaign, tuple(Zone), NINE, 4, "e", NINE))
    for lead_id, owner, after in zip(leads, (AGENT, AGENT, COLLEAGUE, ""), (2, 1, 1, 1), strict=True):
        due = NINE + after * HOUR
        promise = FollowUp(LeadState.READY, due, "callback", owner=owner, promised=True, anyone_from=due)
        await world.leads.settle(lead_id, promise, attempted=False)
    later = NINE + 3 * HOUR
    assert await reader.promised(AGENT, [campaign], later) == [leads[1], leads[0]]
    assert await reader.promised(AGENT, [campaign], NINE + 90 * MINUTE) == [leads[1]]
    assert await reader.promised(AGENT, [], later) == []
    assert await reader.promised("90000009", [campaign], later) == []


async def test_calls_that_nobody_spoke_of_are_found_until_somebody_does(
    reader: OutboundReader, database: Database, attempts: DurableAttempts
) -> None:
    talked = [await ended(attempts, number, joined=number < 2) for number in range(3)]
    since, until = NINE, NINE + HOUR
    assert await reader.unspoken(since, until) == [(talked[0], AGENT), (talked[1], AGENT)]
    assert await reader.unspoken(NINE + HOUR, NINE + 2 * HOUR) == []
    row = Disposed(talked[0], 1, talked[0], "c" * 32, 7, NINE, SYSTEM, AGENT, NO_DISPOSITION)
    await DurableDispositions(database).add(row)
    assert await reader.unspoken(since, until) == [(talked[1], AGENT)]


async def ended(attempts: DurableAttempts, number: int, *, joined: bool) -> str:
    attempt = Attempt(
        attempt_id=new_id(),
        campaign_id="c" * 32,
        lead_id=number,
        taxpayer_key=bytes([number]) * 16,
        number_key=bytes([100 + number]) * 16,
        number=f"62811000012{number}",
        engine="dialer",
        intended_at=NINE,
    )
    await attempts.intend(attempt, LIMITS, NINE - HOUR)
    assert await attempts.sending(attempt.attempt_id, NINE, "process-1")
    await attempts.answered(attempt.attempt_id, NINE + MINUTE)
    if joined:
        await attempts.joined(attempt.attempt_id, AGENT, NINE + MINUTE)
    outcome = DialOutcome.TALKED if joined else DialOutcome.ABANDONED
    assert await attempts.ended(attempt.attempt_id, outcome, NINE + (5 + number) * MINUTE)
    return attempt.attempt_id


async def test_whom_an_inbound_call_answers_is_read_from_its_record(
    reader: OutboundReader, database: Database, vault: Vault
) -> None:
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    call = Call(new_id(), "chan-1", "1500200", "628110000123", "v1", NINE)
    known = CallEvent(
        call.call_id,
        1,
        NINE,
        EventKind.LOOKED_UP,
        {"request": "r1", "answer": "recognised"},
        {"attempt_id": "a" * 32},
    )
    await log.open(call, [known])
    other = replace(call, call_id=new_id(), channel="chan-2")
    await log.open(other, [replace(known, call_id=other.call_id, secret=None)])
    await log.close()
    assert await reader.recognised(call.call_id) == "a" * 32
    assert await reader.recognised(other.call_id) is None
    assert await reader.recognised("nothing") is None
