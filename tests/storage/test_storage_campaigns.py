"""Campaigns, their versions and history, their lists' leads, and the control group. On both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dialer.campaigns import (
    MOVES,
    CampaignChanged,
    CampaignKind,
    CampaignRefused,
    CampaignState,
    CampaignsUnavailable,
    Definition,
)
from dialer.control import in_control
from dialer.leads import LeadState
from dialer.lists import ListState
from domain.zones import Zone
from storage.campaign_batches import Batches
from storage.campaign_switch import DurableKillSwitch
from storage.campaign_tables import campaign_history, campaign_versions, kill_switch, lead_batches, leads
from storage.campaigns import DurableCampaigns
from storage.database import Database, DatabaseProblem
from storage.list_tables import contacts
from storage.vault import Vault
from tests.storage.campaign_world import DEFINITION, NINE, CampaignWorld

DAY = timedelta(days=1)


@pytest.fixture
def world(database: Database, vault: Vault) -> CampaignWorld:
    return CampaignWorld(database, vault)


async def test_a_campaign_is_kept_with_everything_that_was_defined(world: CampaignWorld) -> None:
    made = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    assert await world.campaigns.get(made.campaign_id) == made
    assert (made.state, made.version, made.lists) == (CampaignState.DRAFT, 1, ())
    later = await world.campaigns.create(replace(DEFINITION, title="Lain"), "staff-1", NINE + DAY)
    assert [one.definition.title for one in await world.campaigns.all()] == ["Lain", DEFINITION.title]
    assert later.campaign_id != made.campaign_id
    with pytest.raises(KeyError):
        await world.campaigns.get("nothing")


async def test_a_change_is_a_new_version_and_the_earlier_ones_stay(world: CampaignWorld) -> None:
    made = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    wider = replace(DEFINITION, most_lines=60, priority=3)
    changed = await world.campaigns.change(made.campaign_id, 1, wider, "staff-2", NINE + DAY)
    assert (changed.version, changed.definition) == (2, wider)
    assert await world.campaigns.get(made.campaign_id) == changed
    assert await world.campaigns.definition(made.campaign_id, 1) == DEFINITION
    same = await world.campaigns.change(made.campaign_id, 2, wider, "staff-2", NINE + DAY)
    assert same.version == 2
    with pytest.raises(CampaignChanged):
        await world.campaigns.change(made.campaign_id, 1, DEFINITION, "staff-3", NINE + DAY)
    with pytest.raises(KeyError):
        await world.campaigns.change("nothing", 1, DEFINITION, "staff-3", NINE + DAY)
    assert [what for _, _, what in await world.campaigns.history(made.campaign_id)] == [
        "created",
        "changed: priority most_lines",
    ]


async def test_what_may_not_be_is_refused_and_nothing_is_kept(database: Database) -> None:
    def refuse(definition: Definition) -> None:
        raise CampaignRefused("title", "missing")

    campaigns = DurableCampaigns(database, refuse)
    with pytest.raises(CampaignRefused):
        await campaigns.create(DEFINITION, "staff-1", NINE)
    assert await campaigns.all() == []


async def test_a_campaign_moves_only_as_its_states_allow(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    state = CampaignState.DRAFT
    for to in (
        CampaignState.RUNNING,
        CampaignState.PAUSED,
        CampaignState.RUNNING,
        CampaignState.STOPPED,
        CampaignState.RUNNING,
        CampaignState.FINISHED,
    ):
        for wrong in set(CampaignState) - MOVES[state]:
            with pytest.raises(CampaignChanged):
                await world.campaigns.move(campaign_id, wrong, "staff-1", NINE)
        state = (await world.campaigns.move(campaign_id, to, "staff-1", NINE)).state
        assert state is to
        assert (await world.campaigns.get(campaign_id)).state is to
    assert (await world.campaigns.history(campaign_id))[-1] == (NINE, "staff-1", "finished")


async def test_a_campaign_does_not_start_without_a_list_or_after_its_end(world: CampaignWorld) -> None:
    empty = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    with pytest.raises(CampaignRefused, match="lists: missing"):
        await world.campaigns.move(empty.campaign_id, CampaignState.RUNNING, "staff-1", NINE)
    past = replace(DEFINITION, ends_on=date(2026, 6, 2))
    over = await world.running(1, past)
    with pytest.raises(CampaignRefused, match="ends_on: past"):
        await world.campaigns.move(over, CampaignState.RUNNING, "staff-1", NINE)


async def test_the_kind_of_a_campaign_that_ran_stays(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    other = replace(DEFINITION, kind=CampaignKind.SURVEY)
    await world.campaigns.move(campaign_id, CampaignState.RUNNING, "staff-1", NINE)
    with pytest.raises(CampaignRefused, match="kind: fixed"):
        await world.campaigns.change(campaign_id, 1, other, "staff-1", NINE)


async def test_a_copy_is_a_draft_without_dates_and_lists(world: CampaignWorld) -> None:
    dated = replace(DEFINITION, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))
    campaign_id = await world.running(1, dated)
    copy = await world.campaigns.copy(campaign_id, "Salinan", "staff-2", NINE)
    assert copy.definition == replace(DEFINITION, title="Salinan")
    assert (copy.state, copy.lists, copy.version) == (CampaignState.DRAFT, (), 1)
    assert (await world.campaigns.history(copy.campaign_id))[0][2] == f"copied from {campaign_id}"


async def test_leads_are_made_of_a_lists_contacts_the_same_taxpayers_left_alone_everywhere(
    world: CampaignWorld,
) -> None:
    share = replace(DEFINITION, control_share=0.3)
    campaign = await world.campaigns.create(share, "staff-1", NINE)
    list_id = world.new_list(200)
    assert await world.campaigns.add_list(campaign.campaign_id, list_id, "staff-1", NINE) == 200
    keys = world.database.read_now(
        lambda c: c.execute(
            sa.select(contacts.c.taxpayer_key, leads.c.state).join(
                leads, leads.c.contact_id == contacts.c.contact_id
            )
        ).all()
    )
    assert {bytes(row[0]): row[1] == "control" for row in keys} == {
        bytes(row[0]): in_control(bytes(row[0]), 0.3) for row in keys
    }
    counts = await world.leads.reasons(campaign.campaign_id)
    control = counts[LeadState.CONTROL, ""]
    assert counts == {(LeadState.CONTROL, ""): control, (LeadState.READY, ""): 200 - control}
    assert 30 <= control <= 90
    assert (await world.campaigns.get(campaign.campaign_id)).lists == (list_id,)
    told = (await world.campaigns.history(campaign.campaign_id))[-1][2]
    assert told == f"list added: {list_id}, 200 leads, {control} of them control"


async def test_nobody_or_everybody_may_be_the_control_group(world: CampaignWorld) -> None:
    for share, state in ((0.0, LeadState.READY), (1.0, LeadState.CONTROL)):
        campaign_id = await world.running(5, replace(DEFINITION, control_share=share))
        assert await world.leads.reasons(campaign_id) == {(state, ""): 5}


async def test_only_approved_lists_that_have_not_expired_are_added_and_once(world: CampaignWorld) -> None:
    campaign = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    approved = world.new_list(3)
    expired = world.new_list(1, expires_on=date(2026, 6, 2))
    waiting = world.new_list(1, state=ListState.LOADED)
    add = world.campaigns.add_list
    await add(campaign.campaign_id, approved, "staff-1", NINE)
    for list_id, word in (
        (approved, "added"),
        (expired, "expired"),
        (waiting, "not_approved"),
        ("x", "unknown"),
    ):
        with pytest.raises(CampaignRefused) as refused:
            await add(campaign.campaign_id, list_id, "staff-1", NINE)
        assert (refused.value.field, refused.value.word) == ("list", word)
    with pytest.raises(KeyError):
        await add("nothing", approved, "staff-1", NINE)
    assert await world.leads.reasons(campaign.campaign_id) == {(LeadState.READY, ""): 3}


async def test_leads_are_seen_all_at_once_and_what_broke_off_is_taken_up(world: CampaignWorld) -> None:
    campaign = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    list_id = world.new_list(25)
    batches = Batches(world.database)
    batch = await batches.begin(campaign, list_id, "staff-1", NINE)
    assert await batches.make_some(batch, 10)
    assert await batches.make_some(batch, 10)
    # The process died here: 20 of 25 are there, and nobody sees them.
    assert await world.leads.reasons(campaign.campaign_id) == {}
    assert (await world.campaigns.get(campaign.campaign_id)).lists == ()
    until = NINE + timedelta(minutes=5)
    assert await world.leads.lease(campaign.campaign_id, set(Zone), NINE, 100, "e", until) == []
    assert await world.campaigns.add_list(campaign.campaign_id, list_id, "staff-2", NINE + DAY) == 25
    assert await world.leads.reasons(campaign.campaign_id) == {(LeadState.READY, ""): 25}
    made = world.database.read_now(lambda c: c.execute(sa.select(leads.c.contact_id)).scalars().all())
    assert len(set(made)) == 25


async def test_of_two_processes_that_make_the_same_leads_one_gives_way(world: CampaignWorld) -> None:
    campaign = await world.campaigns.create(DEFINITION, "staff-1", NINE)
    batches = Batches(world.database)
    batch = await batches.begin(campaign, world.new_list(5), "staff-1", NINE)
    assert await batches.make_some(batch)
    assert await batches.complete(batch, NINE, lambda *_: None) == 5
    with pytest.raises(CampaignChanged):
        await batches.complete(batch, NINE, lambda *_: None)


async def test_history_and_versions_cannot_be_rewritten(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    await DurableKillSwitch(world.database).throw("staff-1", "uji", NINE)
    for table in (campaign_history, campaign_versions, kill_switch):
        for statement in (sa.delete(table), sa.update(table).values(who="nobody")):
            with pytest.raises(DatabaseProblem, match="append-only"):
                world.database.write_now(lambda c, s=statement: c.execute(s))  # type: ignore[misc]
    assert len(await world.campaigns.history(campaign_id)) == 2


async def test_the_kill_switch_says_who_when_and_why(database: Database) -> None:
    switch = DurableKillSwitch(database)
    assert await switch.latest() is None
    thrown = await switch.throw("staff-1", "keluhan masyarakat", NINE)
    assert await switch.latest() == thrown
    assert thrown.thrown
    lifted = await switch.lift("staff-2", "", NINE + DAY)
    assert await switch.history() == [lifted, thrown]
    for who, why in (("staff-1", " "), ("", "x")):
        with pytest.raises(ValueError, match="for the record"):
            await switch.throw(who, why, NINE)


async def test_a_database_that_is_gone_is_told_as_such(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)

    def drop(connection: sa.Connection) -> None:
        connection.execute(sa.text("DROP TABLE lead_batches"))

    world.database.write_now(drop)
    try:
        with pytest.raises(CampaignsUnavailable):
            await world.campaigns.get(campaign_id)
    finally:  # the next test finds the same database
        world.database.write_now(lambda c: lead_batches.create(c))
