"""Sampling plans, draws and the reviewers' work list: on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from domain.floor_log import Phase
from recording.quality.sampling import Every, Plan, PlanRefused, Why, before, period_of
from recording.quality.sampling_tasks import OwnWork, PlanChanged, TaskState, TaskTaken
from storage.database import Database
from storage.review_plans import ReviewPlans
from storage.review_tasks import ReviewTasks
from storage.vault import Vault
from tests.storage.review_world import NOW, ReviewWorld

DUE = date(2026, 3, 11)
WEEK = period_of(Every.WEEK, date(2026, 3, 4))
LEAD, ANNA, BIMO = "l" * 32, "a" * 32, "b" * 32
CLAIM = timedelta(hours=8)


@pytest.fixture
def world(database: Database, vault: Vault) -> ReviewWorld:
    return ReviewWorld(database, vault)


@pytest.fixture
def plans(world: ReviewWorld) -> ReviewPlans:
    return ReviewPlans(world.database, world.finder)


@pytest.fixture
def tasks(world: ReviewWorld) -> ReviewTasks:
    return ReviewTasks(world.database, CLAIM)


async def kept(plans: ReviewPlans, plan: Plan) -> str:
    plan_id = uuid4().hex
    await plans.keep(plan_id, plan, active=True, expected=0, by=LEAD, now=NOW)
    return plan_id


def test_a_period_is_drawn_once_and_its_seed_is_on_record(
    world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks
) -> None:
    async def story() -> None:
        for hour in range(4):
            await world.records(NOW - timedelta(hours=hour), "1001")
            await world.records(NOW - timedelta(hours=hour), "1002")
        await world.records(NOW - timedelta(days=9))  # another week
        await world.feeds()
        plan_id = await kept(plans, Plan("Acak", each=2))
        drawn, new = await plans.draw(plan_id, WEEK, DUE, LEAD, NOW, seed="salt")
        assert (new, drawn.found, drawn.taken, drawn.seed, drawn.period) == (True, 8, 4, "salt", "2026-W10")
        assert await plans.draw(plan_id, WEEK, DUE, "system", NOW) == (drawn, False)
        waiting = await tasks.waiting()
        assert sorted(task.agent for task in waiting) == ["1001", "1001", "1002", "1002"]
        assert {(task.plan, task.why, task.due_on, task.state) for task in waiting} == {
            ("Acak", Why.RANDOM, DUE, TaskState.WAITING)
        }
        (shown,) = await plans.draws(plan_id)
        assert shown == drawn

    asyncio.run(story())


def test_no_recording_is_on_two_lists_and_none_that_is_scored(
    world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks
) -> None:
    async def story() -> None:
        made = [await world.records(NOW - timedelta(minutes=n)) for n in range(5)]
        await world.scores(made[0], 9000)
        await world.feeds()
        first = await kept(plans, Plan("Acak", each=3))
        second = await kept(plans, Plan("Semua", each=0))
        assert (await plans.draw(first, WEEK, DUE, LEAD, NOW))[0].taken == 3
        drawn, _ = await plans.draw(second, WEEK, DUE, LEAD, NOW)
        assert (drawn.found, drawn.taken) == (1, 1)
        listed = [task.recording_id for task in await tasks.waiting()]
        assert sorted(listed) == sorted(one.recording_id for one in made[1:])

    asyncio.run(story())


def test_each_kind_of_plan_looks_among_its_own(world: ReviewWorld, plans: ReviewPlans) -> None:
    async def story() -> None:
        await world.employs("1002", NOW - timedelta(days=3))
        plain = await world.records(audio_ms=500_000)
        moved = await world.records()
        await world.phase(moved.call_id, Phase.TALK, 10.0, "transferred")
        complained = await world.records()
        await world.writes(complained.call_id, "complaint", "service")
        fresh = await world.records(agent="1002")
        await world.feeds()
        for why, wanted in (
            (Why.TRANSFERS, moved),
            (Why.COMPLAINTS, complained),
            (Why.NEW_AGENTS, fresh),
            (Why.LONGEST, plain),
        ):
            plan_id = await kept(plans, Plan(why.value, why=why, each=0, most=1))
            drawn, _ = await plans.draw(plan_id, WEEK, DUE, LEAD, NOW)
            assert drawn.taken == 1, why
            tasks = ReviewTasks(world.database, CLAIM)
            task = await tasks.of_recording(wanted.recording_id)
            assert task is not None and task.why is why

    asyncio.run(story())


def test_a_plan_is_changed_by_who_saw_its_newest_version(plans: ReviewPlans) -> None:
    async def story() -> None:
        plan = Plan("Acak")
        plan_id = await kept(plans, plan)
        changed = await plans.keep(plan_id, replace(plan, each=3), active=False, expected=1, by=LEAD, now=NOW)
        assert (changed.version, changed.plan.each, changed.active) == (2, 3, False)
        with pytest.raises(PlanChanged):
            await plans.keep(plan_id, plan, active=True, expected=1, by=LEAD, now=NOW)
        for wrong in (
            replace(plan, name=" "),
            replace(plan, most=0),
            replace(plan, search={"agents": "?"}),
            replace(plan, search={"since": "2026-01-01"}),
        ):
            with pytest.raises(PlanRefused):
                await plans.keep(uuid4().hex, wrong, active=True, expected=0, by=LEAD, now=NOW)
        assert [one.plan_id for one in await plans.all()] == [plan_id]
        with pytest.raises(KeyError):
            await plans.draw("0" * 32, before(Every.DAY, DUE), DUE, LEAD, NOW)

    asyncio.run(story())


async def listed(world: ReviewWorld, plans: ReviewPlans, count: int) -> None:
    for minute in range(count):
        await world.records(NOW - timedelta(minutes=minute))
    await world.feeds()
    await plans.draw(await kept(plans, Plan("Acak", each=0)), WEEK, DUE, LEAD, NOW)


def test_a_claim_is_one_reviewers_until_it_runs_out(
    world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks
) -> None:
    async def story() -> None:
        await listed(world, plans, 2)
        task = await tasks.claim_next(ANNA, "", NOW)
        assert task is not None and (task.reviewer, task.until) == (ANNA, NOW + CLAIM)
        with pytest.raises(TaskTaken):
            await tasks.claim(task.task_id, BIMO, "", NOW)
        other = await tasks.claim_next(BIMO, "", NOW)
        assert other is not None and other.task_id != task.task_id
        assert await tasks.claim_next(BIMO, "", NOW) is None
        again = await tasks.claim(task.task_id, ANNA, "", NOW + timedelta(hours=1))
        assert again.until == NOW + CLAIM + timedelta(hours=1)
        assert [one.task_id for one in await tasks.mine(ANNA)] == [task.task_id]
        assert await tasks.settle(NOW + CLAIM) == (1, 0)  # Bimo's
        assert await tasks.mine(BIMO) == []
        late = NOW + CLAIM + timedelta(hours=2)
        taken = await tasks.claim(task.task_id, BIMO, "", late)  # Anna's ran out meanwhile
        assert taken.reviewer == BIMO

    asyncio.run(story())


def test_a_task_is_given_back_skipped_or_done_with_the_score(
    world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks
) -> None:
    async def story() -> None:
        await listed(world, plans, 3)
        one, two, three = [await tasks.claim_next(ANNA, "", NOW) for _ in range(3)]
        assert one and two and three
        with pytest.raises(TaskTaken):
            await tasks.give_back(one.task_id, BIMO, "no_time", NOW)
        await tasks.give_back(one.task_id, ANNA, "no_time", NOW)
        await tasks.skip(two.task_id, ANNA, "no_talk", NOW)
        with pytest.raises(TaskTaken):
            await tasks.skip(two.task_id, ANNA, "no_talk", NOW)
        recording = await world.book.get(three.recording_id)
        assert recording is not None
        await world.scores(recording, 8000)
        assert await tasks.settle(NOW) == (0, 1)
        assert await tasks.settle(NOW) == (0, 0)
        states = {
            task.task_id: task.state
            for task in [*await tasks.waiting(), *await tasks.finished(ANNA), *await tasks.finished("r" * 32)]
        }
        assert states == {
            one.task_id: TaskState.WAITING,
            two.task_id: TaskState.SKIPPED,
            three.task_id: TaskState.DONE,
        }
        with pytest.raises(KeyError):
            await tasks.claim("0" * 32, ANNA, "", NOW)

    asyncio.run(story())


def test_nobody_reviews_their_own_calls(world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks) -> None:
    async def story() -> None:
        await listed(world, plans, 1)
        (task,) = await tasks.waiting()
        with pytest.raises(OwnWork):
            await tasks.claim(task.task_id, ANNA, "1001", NOW)
        assert await tasks.claim_next(ANNA, "1001", NOW) is None
        assert await tasks.claim_next(ANNA, "1002", NOW) is not None

    asyncio.run(story())


def test_what_cannot_be_heard_any_more_leaves_the_list(
    world: ReviewWorld, plans: ReviewPlans, tasks: ReviewTasks
) -> None:
    async def story() -> None:
        await listed(world, plans, 2)
        one, _ = await tasks.waiting()
        await world.book.move(one.recording_id, "destroy", world.now)
        assert await tasks.settle(NOW) == (0, 1)
        task = await tasks.of_recording(one.recording_id)
        assert task is not None and task.state is TaskState.SKIPPED
        assert len(await tasks.waiting()) == 1

    asyncio.run(story())
