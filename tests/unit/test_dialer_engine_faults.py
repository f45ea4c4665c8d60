"""The engine on a virtual clock: what bars it; each fault is injected while calls ring."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.attempts import Attempt, AttemptState
from dialer.campaigns import CampaignState
from dialer.ports import LineLife
from tests.unit.engine_story import ONE_SECOND, Story, told
from tests.unit.engine_world import World


async def _kill(world: World) -> None:
    world.orders.killed = True


async def _fill_the_disk(world: World) -> None:
    world.room = False


async def _break_the_database(world: World) -> None:
    world.orders.broken = world.attempts.broken = world.leads.broken = True


async def _freeze_the_database(world: World) -> None:
    world.orders.frozen = True


async def _put_the_clock_forward(world: World) -> None:
    world.clock.wrong = timedelta(hours=9)


async def _put_the_clock_back(world: World) -> None:
    world.clock.wrong = timedelta(seconds=-5)


async def _lose_asterisk(world: World) -> None:
    world.lines.ready = False
    world.engine.lost()


async def _lose_asterisk_unheard(world: World) -> None:
    world.lines.ready = False


async def _agents_leave(world: World) -> None:
    world.floor.leaves(*world.floor.agents)


async def _stop_the_campaign(world: World) -> None:
    world.orders.campaigns[0] = replace(world.orders.campaigns[0], state=CampaignState.STOPPED)


async def _finish_the_campaign(world: World) -> None:
    world.orders.campaigns.clear()


FAULTS = [
    _kill,
    _fill_the_disk,
    _break_the_database,
    _freeze_the_database,
    _put_the_clock_forward,
    _put_the_clock_back,
    _lose_asterisk,
    _lose_asterisk_unheard,
    _agents_leave,
    _stop_the_campaign,
    _finish_the_campaign,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_within_a_second_nothing_is_dialled_and_what_rings_is_cancelled(fault: Story) -> None:
    async def story(world: World) -> None:
        world.agents("1", "2", "3")
        ringing = await world.rings(3)
        before = len(world.lines.placed)
        await fault(world)
        took = await world.until(lambda: set(world.lines.cancelled) >= set(ringing))
        assert took <= ONE_SECOND
        await world.until(lambda: not world.lines.ringing, within=0.1)
        world.agents("4", "5")  # who comes now is no reason to dial, but for the one who left
        if fault is not _agents_leave:
            await asyncio.sleep(5)
            assert len(world.lines.placed) == before

    told(story)


@pytest.mark.parametrize("fault", FAULTS[:6])
def test_a_dial_that_is_being_prepared_is_not_sent_any_more(fault: Story) -> None:
    async def story(world: World) -> None:
        world.agents("1")
        (first,) = await world.rings(1)
        world.agents("2")
        # Its record takes so long that the fault comes before the sending.
        slow = world.attempts.intend

        async def intend(*args: object) -> Attempt:
            await asyncio.sleep(2)
            return await slow(*args)  # type: ignore[arg-type]

        world.attempts.intend = intend  # type: ignore[method-assign, assignment]
        await world.until(lambda: any(line.stage == "preparing" for line in world.rules.lines.values()))
        await fault(world)
        await asyncio.sleep(4)
        assert [dial.attempt_id for dial in world.lines.placed] == [first]

    told(story)


@pytest.mark.parametrize("fault", FAULTS[:5])
def test_it_goes_on_when_the_fault_is_over(fault: Story) -> None:
    async def story(world: World) -> None:
        world.agents("1", "2")
        await world.rings(2)
        before = len(world.lines.placed)
        await fault(world)
        await world.until(lambda: world.engine.look().state == "paused")
        world.orders.killed = world.orders.broken = world.orders.frozen = False
        world.attempts.broken = world.leads.broken = False
        world.room = True
        await world.until(lambda: len(world.lines.placed) > before, within=60)
        # What ended while the record was out of order is on record now.
        await asyncio.sleep(2)
        finished = [row for row in world.attempts.rows.values() if row.state is AttemptState.ENDED]
        assert len(finished) == 2

    told(story)


def test_a_paused_campaign_lets_ring_what_rings() -> None:
    async def story(world: World) -> None:
        world.agents("1", "2")
        await world.rings(2)
        world.orders.campaigns[0] = replace(world.orders.campaigns[0], state=CampaignState.PAUSED)
        await asyncio.sleep(5)
        assert world.lines.cancelled == []
        world.lines.end(world.lines.ringing[0], 19)
        await asyncio.sleep(5)
        assert len(world.lines.placed) == 2
        world.floor.leaves("1", "2")
        await world.until(lambda: not world.lines.ringing, within=ONE_SECOND)

    told(story)


def test_a_call_that_is_answered_is_not_cut_by_a_fault() -> None:
    async def story(world: World) -> None:
        world.agents("1", "2")
        answered, ringing = await world.rings(2)
        world.lines.answer(answered)
        world.engine.joined(answered, "1")
        world.floor.set("1", "talking", outbound=True)
        await _kill(world)
        await world.until(lambda: world.lines.cancelled == [ringing])
        await asyncio.sleep(5)
        assert world.lines.alive == {answered: LineLife.UP}

    told(story)
