"""What is under restriction is in no search, sample or work list, and is back when that ends."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from secrets import token_hex

import pytest

from desk.proof import ActKind, Outcome, ProofAct
from domain.clock import SystemClock
from domain.ids import new_id
from recording.persons import Asker, Kind, Request, Step, stepped
from recording.quality.finding import Search
from recording.quality.sampling import Every, Plan, Why, period_of
from storage.database import Database
from storage.person_requests import DurablePersons
from storage.proofs import DurableProofs
from storage.review_plans import ReviewPlans
from storage.review_tasks import ReviewTasks
from storage.vault import Vault
from tests.storage.review_world import NOW, ReviewWorld, ids

ANNA, BIMO = "a" * 32, "b" * 32
WEEK, DUE = period_of(Every.WEEK, date(2026, 3, 4)), date(2026, 3, 11)
WHO, OTHER = "taxpayer-1", "taxpayer-2"


class House:
    """The index, its lists, and the book of people's requests."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.world = ReviewWorld(database, vault)
        self.persons = DurablePersons(database, vault)
        self.proofs = DurableProofs(database, vault)
        self.plans = ReviewPlans(database, self.world.finder)
        self.tasks = ReviewTasks(database, timedelta(hours=8))

    async def restricts(self, calls: Sequence[str]) -> Request:
        """Let a restriction stand over WHO and these calls."""
        asker = Asker("3273010101900001", "Contoh", "", "KTP", "")
        asked = Request(
            new_id(), token_hex(4).upper(), Kind.RESTRICTION, "received", NOW, ANNA, NOW + timedelta(days=3),
            "rule", "ktp_seen", "self", WHO, asker,
        )  # fmt: skip
        await self.persons.take_in(asked, Step(asked.request_id, 1, NOW, ANNA, "received", "received"))
        await self.persons.restrict(asked, calls, NOW)
        done, step = stepped(asked, "carry_out", ANNA, NOW)
        await self.persons.change(done, step)
        return done

    async def lifts(self, standing: Request) -> None:
        """Let two people end it."""
        for event, who in (("ask_lift", ANNA), ("lift", BIMO)):
            standing, step = stepped(standing, event, who, NOW)
            await self.persons.change(standing, step)

    async def proves(self, call_id: str, taxpayer_id: str) -> None:
        act = ProofAct(
            call_id, 1, SystemClock().now(), "1001", next(iter(ActKind)), "name", next(iter(Outcome)),
            taxpayer_id,
        )  # fmt: skip
        await self.proofs.append(act)


@pytest.fixture
def house(database: Database, vault: Vault) -> House:
    return House(database, vault)


def test_no_search_finds_it_and_it_is_found_again_when_that_ends(house: House) -> None:
    async def story() -> None:
        world = house.world
        mine = await world.records(NOW - timedelta(hours=1))
        since = await world.records(NOW - timedelta(hours=2), "1002")
        other = await world.records(NOW - timedelta(hours=3))
        for one in (mine, since, other):
            await world.writes(one.call_id, "kup", "spt", "pelaporan faktur")
        await house.proves(other.call_id, OTHER)
        await world.feeds()
        everything = ids(await world.finder.find(Search()))
        assert everything == [one.recording_id for one in (mine, since, other)]
        standing = await house.restricts([mine.call_id])
        await house.proves(since.call_id, WHO)  # a call after it began, found by whom it was proved for
        for search in (
            Search(), Search(words="faktur"), Search(agents=["1001"]), Search(agents=["1001", "1002"]),
            Search(since=date(2026, 3, 4), until=date(2026, 3, 4)), Search(categories=["spt"]),
        ):  # fmt: skip
            found = await world.finder.find(search)
            assert (ids(found), found.total) == ([other.recording_id], 1), search
        assert ids(await world.finder.find(Search(agents=["1002"]))) == []
        assert ids(await world.finder.find(Search(), "utara")) == [other.recording_id]
        assert await house.persons.recordings() == {mine.recording_id, since.recording_id}
        assert await house.persons.call(mine.call_id) and not await house.persons.call(other.call_id)
        await house.lifts(standing)
        assert ids(await world.finder.find(Search())) == everything
        assert await house.persons.recordings() == frozenset()

    asyncio.run(story())


def test_no_plan_draws_it(house: House) -> None:
    async def story() -> None:
        world = house.world
        mine, other = await world.records(), await world.records()
        await world.feeds()
        await house.restricts([mine.call_id])
        for why in (Why.RANDOM, Why.LONGEST):
            plan_id = new_id()
            plan = Plan(why.value, why=why, each=0, most=5)
            await house.plans.keep(plan_id, plan, active=True, expected=0, by=ANNA, now=NOW)
            await house.plans.draw(plan_id, WEEK, DUE, ANNA, NOW)
        assert [one.recording_id for one in await house.tasks.waiting()] == [other.recording_id]
        assert await house.tasks.of_recording(mine.recording_id) is None

    asyncio.run(story())


def test_a_task_of_it_is_in_no_list_and_nobody_can_take_it(house: House) -> None:
    async def story() -> None:
        world, tasks = house.world, house.tasks
        waits, held, skipped = [await world.records(NOW - timedelta(hours=n)) for n in range(3)]
        await world.feeds()
        plan_id = new_id()
        await house.plans.keep(plan_id, Plan("Semua", each=0), active=True, expected=0, by=ANNA, now=NOW)
        await house.plans.draw(plan_id, WEEK, DUE, ANNA, NOW)
        listed = {one.recording_id: one.task_id for one in await tasks.waiting()}
        await tasks.claim(listed[held.recording_id], ANNA, "", NOW)
        await tasks.claim(listed[skipped.recording_id], ANNA, "", NOW)
        await tasks.skip(listed[skipped.recording_id], ANNA, "silent", NOW)
        standing = await house.restricts([one.call_id for one in (waits, held, skipped)])
        shown = [*await tasks.waiting(), *await tasks.mine(ANNA), *await tasks.finished(ANNA)]
        assert shown == []
        assert await tasks.claim_next(BIMO, "", NOW) is None
        for one in (waits, held):
            with pytest.raises(KeyError):
                await tasks.claim(listed[one.recording_id], ANNA, "", NOW)
        await house.lifts(standing)
        assert [one.recording_id for one in await tasks.mine(ANNA)] == [held.recording_id]
        taken = await tasks.claim_next(BIMO, "", NOW)
        assert taken is not None and taken.recording_id == waits.recording_id

    asyncio.run(story())
