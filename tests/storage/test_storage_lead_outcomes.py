"""What attempts leave in their leads, many to a transaction. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialer.engine_leads import LeadEnd
from dialer.leads import FollowUp, LeadState, LeadsUnavailable
from domain.zones import Zone
from storage.database import Database
from storage.lead_outcomes import LeadOutcomes
from storage.vault import Vault
from tests.storage.campaign_world import NINE, CampaignWorld

MINUTE = timedelta(minutes=1)
LATER = FollowUp(LeadState.READY, NINE + 30 * MINUTE, "busy")


@pytest.fixture
def world(database: Database, vault: Vault) -> CampaignWorld:
    return CampaignWorld(database, vault)


async def test_each_lead_follows_its_own_outcome_and_is_free_again(
    world: CampaignWorld, database: Database
) -> None:
    campaign_id = await world.running(3)
    leads = await world.leads.lease(campaign_id, frozenset(Zone), NINE, 3, "e1", NINE + 5 * MINUTE)
    first, second, third = (lead.lead_id for lead in leads)
    # The third one's disposition came before its outcome: it ended the lease, and stays.
    done = FollowUp(LeadState.DONE, NINE, "refused")
    await world.leads.settle(third, done, attempted=False)
    talked = FollowUp(LeadState.DONE, NINE, "talked")
    await LeadOutcomes(database).settle_all(
        [
            LeadEnd(second, talked, only_leased=True),
            LeadEnd(first, replace(LATER, promised=True, owner="10001"), only_leased=False),
            LeadEnd(third, talked, only_leased=True),
            LeadEnd(4711, LATER, only_leased=False),
        ]
    )
    found = {number: await world.leads.get(number) for number in (first, second, third)}
    assert [(one.reason, one.attempts) for one in found.values()] == [
        ("busy", 1),
        ("talked", 1),
        ("refused", 1),
    ]
    assert (found[first].due_at, found[first].owner, found[first].promised) == (
        NINE + 30 * MINUTE,
        "10001",
        True,
    )
    assert await world.leads.held([first, second, third], "e1", NINE) == frozenset()
    later = NINE + 40 * MINUTE
    again = await world.leads.lease(
        campaign_id, frozenset(Zone), later, 3, "e2", later + MINUTE, owner="10001"
    )
    assert [lead.lead_id for lead in again] == [first]


async def test_all_or_none(world: CampaignWorld, database: Database) -> None:
    campaign_id = await world.running(1)
    (lead,) = await world.leads.lease(campaign_id, frozenset(Zone), NINE, 1, "e1", NINE + 5 * MINUTE)
    rename = "ALTER TABLE leads RENAME TO away"
    database.write_now(lambda c: c.execute(sa.text(rename)))
    with pytest.raises(LeadsUnavailable):
        await LeadOutcomes(database).settle_all([LeadEnd(lead.lead_id, LATER, only_leased=False)])
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO leads")))
    assert await world.leads.held([lead.lead_id], "e1", NINE) == {lead.lead_id}
