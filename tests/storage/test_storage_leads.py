"""Leads: leased, never popped; two engines never hold the same one. On both databases."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.campaigns import CampaignState
from dialer.leads import FollowUp, Lead, LeadState, LeadsUnavailable
from dialer.lists import ListState
from domain.zones import Zone
from storage.campaign_tables import lead_batches, lead_leases, leads
from storage.database import Database
from storage.lead_queue import AT_ONCE
from storage.leads import DurableLeads
from storage.list_tables import contact_keys, contacts, lists
from storage.vault import Vault
from tests.laws import asks
from tests.storage.campaign_world import NINE, CampaignWorld

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
UNTIL = NINE + 5 * MINUTE
ALL = frozenset(Zone)


@pytest.fixture
def world(database: Database, vault: Vault) -> CampaignWorld:
    return CampaignWorld(database, vault)


async def lease(
    world: CampaignWorld, campaign_id: str, most: int = 100, now: datetime = NINE, **others: object
) -> Sequence[Lead]:
    asked: dict[str, object] = {
        "zones": ALL,
        "engine": "e1",
        "until": now + 5 * MINUTE,
        "owner": "",
        **others,
    }
    return await world.leads.lease(campaign_id, now=now, most=most, **asked)  # type: ignore[arg-type]


def ids(found: Sequence[Lead]) -> list[int]:
    return [one.lead_id for one in found]


def again(at: datetime, **changes: object) -> FollowUp:
    return replace(FollowUp(LeadState.READY, at, "busy"), **changes)  # type: ignore[arg-type]


async def test_a_lead_comes_with_its_contact(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    (it,) = await lease(world, campaign_id)
    person = it.contact.person
    assert person.npwp == world.npwp(it.contact.contact_id)
    assert (person.name, len(person.numbers), person.fields) == ("Contoh", 2, {"tahun": "2025"})
    assert it.contact.number_keys == tuple(world.key("number:" + one) for one in person.numbers)
    assert it.contact.taxpayer_key == world.key("npwp:" + person.npwp)
    assert (it.state, it.attempts, it.number, it.promised, it.due_at) == (LeadState.READY, 0, 0, False, NINE)
    assert await world.leads.get(it.lead_id) == it
    assert person.npwp not in repr(it)
    with pytest.raises(KeyError):
        await world.leads.get(10**9)


async def test_a_leased_lead_is_not_leased_again_until_its_lease_runs_out(world: CampaignWorld) -> None:
    campaign_id = await world.running(10)
    first = await lease(world, campaign_id, 6)
    second = await lease(world, campaign_id, 6, engine="e2")
    assert (len(first), len(second)) == (6, 4)
    assert not set(ids(first)) & set(ids(second))
    assert await lease(world, campaign_id) == []
    assert await world.leads.held(ids(first), "e1", NINE) == frozenset(ids(first))
    assert await world.leads.held(ids(first), "e2", NINE) == frozenset()
    late = UNTIL + MINUTE
    assert await world.leads.held(ids(first), "e1", late) == frozenset()
    assert len(await lease(world, campaign_id, now=late, engine="e2")) == 10


async def test_only_zones_that_are_open_are_leased(world: CampaignWorld) -> None:
    campaign_id = await world.running(8)
    found = await lease(world, campaign_id, zones={Zone.WIT, Zone.WITA})
    assert {one.contact.zone for one in found} == {Zone.WIT, Zone.WITA}
    assert len(found) == 4
    assert await lease(world, campaign_id, zones=set()) == []


async def test_the_longest_due_come_first_and_promised_ones_before_all(world: CampaignWorld) -> None:
    campaign_id = await world.running(6)
    everyone = ids(await lease(world, campaign_id))
    for place, lead_id in enumerate(everyone):
        await world.leads.settle(lead_id, again(NINE - place * MINUTE))
    await world.leads.settle(everyone[2], again(NINE, promised=True))
    await world.leads.settle(everyone[0], again(NINE + MINUTE, promised=True))  # not due yet
    assert ids(await lease(world, campaign_id, 3)) == [everyone[2], everyone[5], everyone[4]]
    assert ids(await lease(world, campaign_id)) == [everyone[3], everyone[1]]
    assert ids(await lease(world, campaign_id, now=NINE + MINUTE)) == [everyone[0]]


async def test_a_promised_call_is_its_agents_until_it_is_late(world: CampaignWorld) -> None:
    campaign_id = await world.running(2)
    mine, other = ids(await lease(world, campaign_id))
    promised = again(NINE, promised=True, owner="112233", anyone_from=NINE + 15 * MINUTE)
    await world.leads.settle(mine, promised)
    await world.leads.settle(other, again(NINE))
    assert ids(await lease(world, campaign_id, owner="445566")) == [other]
    await world.leads.release(other, "e1", NINE, "skipped")
    found = await lease(world, campaign_id, owner="112233")
    assert ids(found) == [mine, other]
    assert (found[0].owner, found[0].promised) == ("112233", True)
    for lead_id in (mine, other):
        await world.leads.release(lead_id, "e1", NINE, "")
    assert ids(await lease(world, campaign_id, now=NINE + 15 * MINUTE)) == [mine, other]


async def test_leads_of_lists_that_may_not_be_dialled_are_passed_over(world: CampaignWorld) -> None:
    campaign_id = await world.running(3, expires_on=date(2026, 6, 3))
    late_list = world.new_list(2)
    await world.campaigns.add_list(campaign_id, late_list, "staff-1", NINE)
    assert len(await lease(world, campaign_id)) == 5
    tomorrow = NINE + DAY
    found = await lease(world, campaign_id, now=tomorrow)
    assert {one.contact.list_id for one in found} == {late_list}
    withdrawn = sa.update(lists).where(lists.c.list_id == late_list)
    world.database.write_now(lambda c: c.execute(withdrawn.values(state=ListState.WITHDRAWN.value)))
    assert await lease(world, campaign_id, now=tomorrow + DAY) == []


async def test_a_campaign_may_have_many_lists(world: CampaignWorld) -> None:
    """More pairs of list and zone than one query asks for; the order holds over all of them."""
    campaign_id = await world.running(2)
    for _ in range(AT_ONCE // len(ALL) + 1):
        await world.campaigns.add_list(campaign_id, world.new_list(2), "staff-1", NINE)
    everyone = ids(await lease(world, campaign_id))
    assert len(everyone) == 2 * (AT_ONCE // len(ALL) + 2)
    wanted = everyone[::-1]
    for place, lead_id in enumerate(wanted):
        await world.leads.put_off("e1", {lead_id: again(NINE - DAY + place * MINUTE)})
    assert ids(await lease(world, campaign_id, 5)) == wanted[:5]
    assert ids(await lease(world, campaign_id)) == wanted[5:]


async def test_a_lead_belongs_to_its_campaign(world: CampaignWorld) -> None:
    one, other = await world.running(2), await world.running(3)
    assert len(await lease(world, one)) == 2
    assert {lead.campaign_id for lead in await lease(world, other)} == {other}


async def test_what_follows_an_attempt_is_kept_and_ends_the_lease(world: CampaignWorld) -> None:
    campaign_id = await world.running(2)
    it, other = await lease(world, campaign_id)
    what = FollowUp(
        LeadState.READY, NINE + DAY, "no_answer", 1, "112233", True, NINE + DAY + MINUTE, frozenset({0})
    )
    await world.leads.settle(it.lead_id, what)
    kept = await world.leads.get(it.lead_id)
    assert kept == replace(
        it, due_at=NINE + DAY, reason="no_answer", number=1, owner="112233", promised=True,
        anyone_from=NINE + DAY + MINUTE, dead_numbers=frozenset({0}), attempts=1,
    )  # fmt: skip
    assert await world.leads.held([it.lead_id, other.lead_id], "e1", NINE) == {other.lead_id}
    await world.leads.settle(it.lead_id, FollowUp(LeadState.DONE, NINE, "informed"), attempted=False)
    done = await world.leads.get(it.lead_id)
    assert (done.state, done.reason, done.attempts) == (LeadState.DONE, "informed", 1)
    assert await lease(world, campaign_id, now=NINE + 2 * DAY) != []
    assert it.lead_id not in ids(await lease(world, campaign_id, now=NINE + 3 * DAY))
    with pytest.raises(KeyError):
        await world.leads.settle(10**9, what)


async def test_a_disposition_that_came_before_its_outcome_stays(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    (it,) = await lease(world, campaign_id)
    talked = FollowUp(LeadState.DONE, NINE, "talked")
    await world.leads.settle(it.lead_id, again(NINE + DAY, promised=True, reason="callback"), attempted=False)
    await world.leads.settle(it.lead_id, talked, only_leased=True)
    kept = await world.leads.get(it.lead_id)
    assert (kept.state, kept.reason, kept.attempts) == (LeadState.READY, "callback", 1)
    (again_leased,) = await lease(world, campaign_id, now=NINE + DAY)
    await world.leads.settle(again_leased.lead_id, talked, only_leased=True)
    assert (await world.leads.get(it.lead_id)).reason == "talked"
    with pytest.raises(KeyError):
        await world.leads.settle(10**9, talked, only_leased=True)


async def test_refused_leads_go_back_unless_another_engine_has_them(world: CampaignWorld) -> None:
    campaign_id = await world.running(2)
    mine, lost = ids(await lease(world, campaign_id, 2))
    late = UNTIL + MINUTE
    other = ids(await lease(world, campaign_id, 2, now=late, engine="e2"))
    assert set(other) == {mine, lost}
    await world.leads.settle(mine, again(NINE))
    (taken,) = await lease(world, campaign_id, 1, now=late)
    assert taken.lead_id == mine
    solved = FollowUp(LeadState.DONE, NINE, "solved")
    await world.leads.put_off("e1", {mine: solved, lost: solved})
    await world.leads.put_off("e1", {})
    assert (await world.leads.get(mine)).state is LeadState.DONE
    assert (await world.leads.get(lost)).state is LeadState.READY
    assert await world.leads.held([lost], "e2", late) == {lost}
    await world.leads.release(lost, "e1", NINE, "x")  # not its own: nothing happens
    assert await world.leads.held([lost], "e2", late) == {lost}


async def test_leads_are_counted_by_state_and_reason(world: CampaignWorld) -> None:
    campaign_id = await world.running(4)
    found = ids(await lease(world, campaign_id))
    await world.leads.settle(found[0], FollowUp(LeadState.DONE, NINE, "informed"))
    await world.leads.settle(found[1], FollowUp(LeadState.DONE, NINE, "informed"))
    await world.leads.settle(found[2], again(NINE))
    assert await world.leads.reasons(campaign_id) == {
        (LeadState.DONE, "informed"): 2,
        (LeadState.READY, "busy"): 1,
        (LeadState.READY, ""): 1,
    }
    (list_id,) = (await world.campaigns.get(campaign_id)).lists
    assert await world.leads.ready_by_list(campaign_id) == {list_id: 2}
    ready = await world.leads.ready(campaign_id, [list_id], 0, 10)
    assert ids(ready) == sorted(found[2:])
    assert ids(await world.leads.ready(campaign_id, [list_id], found[2], 1)) == found[3:]
    assert await world.leads.ready(campaign_id, [], 0, 10) == []


async def test_a_taxpayers_lead_is_found(world: CampaignWorld) -> None:
    campaign_id = await world.running(3)
    it = (await lease(world, campaign_id))[1]
    assert await world.leads.lead_of(campaign_id, it.contact.person.npwp) == it.lead_id
    assert await world.leads.lead_of(campaign_id, "9" * 16) is None
    assert await world.leads.lead_of("other", it.contact.person.npwp) is None


async def test_a_contact_that_cannot_be_opened_is_told_as_such(
    world: CampaignWorld, tmp_path_factory: pytest.TempPathFactory
) -> None:
    campaign_id = await world.running(1)
    other = DurableLeads(world.database, Vault.create(tmp_path_factory.mktemp("other") / "key"))
    with pytest.raises(LeadsUnavailable):
        await other.lease(campaign_id, ALL, NINE, 1, "e1", UNTIL)


@settings(
    max_examples=asks(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=5), st.integers(0, 60), st.booleans())
def test_engines_that_race_never_hold_the_same_lead(
    database_url: str, vault: Vault, wishes: list[int], size: int, twice: bool
) -> None:
    """Each engine is a thread with a connection of its own; together they get no more than there is."""
    database = Database.open(database_url)
    try:
        world = CampaignWorld(database, vault)
        world.database.write_now(lambda c: [c.execute(sa.delete(table)) for table in _EMPTIED])
        campaign_id = asyncio.run(world.running(size))
        got = _race(database_url, vault, campaign_id, wishes * (2 if twice else 1))
        taken = [lead_id for some in got for lead_id in some]
        assert len(taken) == len(set(taken))
        assert len(taken) == min(size, sum(wishes) * (2 if twice else 1))
        owners = database.read_now(lambda c: c.execute(sa.select(lead_leases.c.lead_id)).scalars().all())
        assert set(owners) == set(taken)
    finally:
        database.close()


_EMPTIED = (leads, lead_leases, lead_batches, contact_keys, contacts)


def _race(url: str, vault: Vault, campaign_id: str, wishes: Sequence[int]) -> list[list[int]]:
    got: list[list[int]] = [[] for _ in wishes]
    start = threading.Barrier(len(wishes))

    def engine(place: int, most: int) -> None:
        database = Database.open(url)
        try:
            store = DurableLeads(database, vault)
            start.wait(60)
            found: list[int] = []
            # An engine that is given fewer than it asked for asks again on its next round.
            for _ in range(20):
                some = asyncio.run(store.lease(campaign_id, ALL, NINE, most - len(found), f"e{place}", UNTIL))
                found += ids(some)
                if len(found) == most:
                    break
            got[place] = found
        finally:
            database.close()

    threads = [threading.Thread(target=engine, args=pair) for pair in enumerate(wishes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    return got


async def test_a_paused_campaigns_leads_wait(world: CampaignWorld) -> None:
    """Whether a campaign runs is asked by the gate, not by the lease: a lease alone dials nobody."""
    campaign_id = await world.running(1)
    await world.campaigns.move(campaign_id, CampaignState.RUNNING, "staff-1", NINE)
    await world.campaigns.move(campaign_id, CampaignState.PAUSED, "staff-1", NINE)
    assert len(await lease(world, campaign_id)) == 1
