"""Campaigns end by themselves: after their last day, or when nobody is left to call. On both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dialer.campaigns import CampaignState
from storage.attempt_tables import attempts
from storage.campaign_ends import BY, REST, CampaignEnds
from storage.campaign_tables import leads
from storage.database import Database
from storage.vault import Vault
from tests.storage.campaign_world import DEFINITION, NINE, CampaignWorld

RUNNING, PAUSED, FINISHED = CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED


@pytest.fixture
def world(database: Database, vault: Vault) -> CampaignWorld:
    return CampaignWorld(database, vault)


@pytest.fixture
def ends(world: CampaignWorld) -> CampaignEnds:
    return CampaignEnds(world.database, world.campaigns)


def _tried(world: CampaignWorld, campaign_id: str) -> None:
    """Put an attempt on record that ended at nine."""
    row = {
        "attempt_id": "1" * 32, "campaign_id": campaign_id, "version": 1, "lead_id": 1, "ordinal": 1,
        "taxpayer_key": b"t", "number_key": b"n", "sealed_number": b"", "zone": "wib",
        "mode": "progressive", "agent": "", "engine": "e1", "code_key": b"", "sealed_code": b"",
        "intended_at": NINE, "state": "intent", "step": 0, "changed_at": NINE,
    }  # fmt: skip
    moves = sa.update(attempts).values
    steps = (
        sa.insert(attempts).values(**row),
        moves(state="dialing", step=1),
        moves(state="ended", step=2, ended_at=NINE, outcome="no_answer"),
    )

    def keep(connection: sa.Connection) -> None:
        for statement in steps:
            connection.execute(statement)

    world.database.write_now(keep)


def _all_done(world: CampaignWorld) -> None:
    world.database.write_now(lambda connection: connection.execute(sa.update(leads).values(state="done")))


async def test_a_campaign_with_somebody_left_goes_on(world: CampaignWorld, ends: CampaignEnds) -> None:
    campaign_id = await world.running(2)
    assert await ends.look(NINE) == [], "a draft has not begun"
    await world.campaigns.move(campaign_id, RUNNING, "staff-1", NINE)
    assert await ends.look(NINE) == []
    first = sa.select(sa.func.min(leads.c.lead_id)).scalar_subquery()
    done = sa.update(leads).where(leads.c.lead_id == first).values(state="done")
    world.database.write_now(lambda connection: connection.execute(done))
    assert await ends.look(NINE) == []
    assert (await world.campaigns.get(campaign_id)).state is RUNNING


async def test_a_campaign_ends_when_nobody_is_left(world: CampaignWorld, ends: CampaignEnds) -> None:
    campaign_id = await world.running(2)
    await world.campaigns.move(campaign_id, RUNNING, "staff-1", NINE)
    _all_done(world)
    assert await ends.look(NINE) == [campaign_id]
    assert (await world.campaigns.get(campaign_id)).state is FINISHED
    assert (await world.campaigns.history(campaign_id))[-1][1:] == (BY, FINISHED.value)
    assert await ends.look(NINE) == [], "once"


async def test_a_campaign_ends_after_its_last_day(world: CampaignWorld, ends: CampaignEnds) -> None:
    campaign_id = await world.running(2, replace(DEFINITION, ends_on=date(2026, 6, 4)))
    await world.campaigns.move(campaign_id, RUNNING, "staff-1", NINE)
    await world.campaigns.move(campaign_id, PAUSED, "staff-1", NINE)
    assert await ends.look(NINE + timedelta(days=1)) == [], "the last day itself"
    assert await ends.look(NINE + timedelta(days=2)) == [campaign_id]


async def test_who_was_called_last_may_still_be_promised_a_callback(
    world: CampaignWorld, ends: CampaignEnds
) -> None:
    campaign_id = await world.running(1)
    await world.campaigns.move(campaign_id, RUNNING, "staff-1", NINE)
    _tried(world, campaign_id)
    _all_done(world)
    assert await ends.look(NINE + REST / 2) == []
    assert await ends.look(NINE + REST) == [campaign_id]
