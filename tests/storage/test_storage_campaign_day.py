"""A campaign's day and where its leads stand, for the live page; on both databases."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dialer.attempts import DialOutcome
from dialer.lists import ListState
from dialer.reasons import WhyNot
from domain.zones import Zone
from storage.campaign_day import CampaignDay
from storage.database import Database
from storage.list_tables import lists
from storage.vault import Vault
from tests.storage.campaign_world import NINE
from tests.storage.figures_world import FiguresWorld

MIDNIGHT = NINE - timedelta(hours=9)  # WIB
HOUR = timedelta(hours=1)


@pytest.fixture
async def world(database: Database, vault: Vault) -> AsyncIterator[FiguresWorld]:
    world = FiguresWorld(database, vault)
    yield world
    await world.attempts.close()


async def test_attempts_are_counted_by_hour_and_by_what_they_came_to(world: FiguresWorld) -> None:
    campaign_id, found = await world.campaign(6)
    _, (stranger,) = await world.campaign(1)
    await world.calls(campaign_id, found[0], DialOutcome.NO_ANSWER, MIDNIGHT - HOUR)
    await world.calls(campaign_id, found[0], DialOutcome.TALKED, NINE, "informed")  # done by this one
    await world.calls(campaign_id, found[1], DialOutcome.TALKED, NINE, "informed")
    await world.calls(campaign_id, found[2], DialOutcome.NO_ANSWER, NINE + HOUR)
    await world.calls(campaign_id, found[3], DialOutcome.ABANDONED, NINE + HOUR)
    await world.calls(campaign_id, found[4], None, NINE + HOUR)
    await world.calls((await world.campaign(1))[0], stranger, DialOutcome.BUSY, NINE)
    day = CampaignDay(world.database)
    counts = await day.attempts(campaign_id, MIDNIGHT)
    assert Counter((one.hour, one.outcome, one.disposition) for one in counts) == Counter(
        [(9, "talked", "informed"), (10, "no_answer", ""), (10, "abandoned", ""), (10, "", "")]
    )
    talked = next(one for one in counts if one.outcome == "talked")
    assert (talked.many, talked.answered, talked.joined, talked.done) == (2, 2, 2, 2)
    assert sum(one.done for one in counts) == 2
    parts = [
        *await day.attempts(campaign_id, MIDNIGHT, NINE + HOUR / 2),
        *await day.attempts(campaign_id, NINE + HOUR / 2),
    ]
    assert sorted(parts, key=str) == sorted(counts, key=str), "nothing is counted twice or lost between"


async def test_leads_are_counted_by_list_zone_and_what_they_wait_for(world: FiguresWorld) -> None:
    campaign_id, found = await world.campaign(9)  # WIB, WITA, WIT, unknown in turn
    zones = list(Zone)
    world.spare(found[8:])
    await world.calls(campaign_id, found[0], DialOutcome.NO_ANSWER)
    await world.calls(campaign_id, found[4], DialOutcome.BUSY)
    await world.calls(campaign_id, found[1], DialOutcome.TALKED, NINE, "informed")
    day = CampaignDay(world.database)
    counts = await day.leads(campaign_id, NINE)
    assert (counts.left, counts.done, counts.control, dict(counts.closed)) == (7, 1, 1, {})
    by_zone = {one.zone: (one.ready, dict(one.later)) for one in counts.ready}
    assert by_zone == {
        zones[0]: (2, {"no_answer": 1, "busy": 1}),
        zones[1]: (1, {}),
        zones[2]: (2, {}),
        zones[3]: (2, {}),
    }
    later = await day.leads(campaign_id, NINE + 3 * HOUR)
    assert all(not one.later for one in later.ready), "they are due again"


async def test_lists_that_may_not_be_dialled_are_told(world: FiguresWorld) -> None:
    campaign_id, _ = await world.campaign(2)
    second = world.world.new_list(3, expires_on=date(2026, 6, 3))
    await world.world.campaigns.add_list(campaign_id, second, "staff-1", NINE)
    (first,) = (one for one in (await world.world.campaigns.get(campaign_id)).lists if one != second)
    withdrawn = sa.update(lists).where(lists.c.list_id == first).values(state=ListState.WITHDRAWN.value)
    world.database.write_now(lambda connection: connection.execute(withdrawn))
    day = CampaignDay(world.database)
    assert (await day.leads(campaign_id, NINE)).closed == {first: WhyNot.LIST_NOT_APPROVED}
    assert (await day.leads(campaign_id, NINE + 24 * HOUR)).closed == {
        first: WhyNot.LIST_NOT_APPROVED, second: WhyNot.LIST_EXPIRED,
    }  # fmt: skip


async def test_a_campaign_without_leads_has_none(world: FiguresWorld) -> None:
    counts = await CampaignDay(world.database).leads("f" * 32, NINE)
    assert (counts.left, counts.done, counts.control) == (0, 0, 0)
