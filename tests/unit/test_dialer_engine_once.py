"""The engine on a virtual clock: what it orders is sent at most once, through crashes and doubt."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.campaigns import CampaignState
from dialer.engine_recovery import SETTLED
from dialer.ports import LineEnd, LineLife
from tests.unit.engine_story import told
from tests.unit.engine_world import NOON, ROLE, World, campaign
from tests.unit.virtual_time import run


def test_an_order_without_an_answer_is_looked_up_and_never_sent_again() -> None:
    async def story(world: World) -> None:
        world.lines.fails = TimeoutError
        world.leads.most = 1
        world.agents("1")
        await world.until(lambda: len(world.lines.placed) == 1)
        (dial,) = world.lines.placed
        await world.until(lambda: world.attempts.rows[dial.attempt_id].state is AttemptState.FLAGGED)
        assert ("unknown" in [s for a, s in world.attempts.trail if a == dial.attempt_id]) is True
        await asyncio.sleep(60)
        assert len(world.lines.placed) == 1
        assert world.leads.settled == [(1, DialOutcome.LOST)]
        assert world.counts.ends == [None]

    told(story)


def test_an_order_in_doubt_that_lives_goes_on() -> None:
    async def story(world: World) -> None:
        world.lines.fails = TimeoutError
        world.leads.most = 1
        world.agents("1")
        await world.until(lambda: len(world.lines.placed) == 1)
        attempt = world.lines.placed[0].attempt_id
        world.lines.alive[attempt] = LineLife.RINGING
        await world.until(lambda: world.attempts.rows[attempt].state is AttemptState.DIALING)
        world.lines.answer(attempt)
        world.engine.joined(attempt, "1")
        world.lines.end(attempt)
        await world.until(lambda: world.attempts.rows[attempt].outcome is DialOutcome.TALKED)

    told(story)


def test_the_ledger_tells_how_an_order_in_doubt_ended() -> None:
    async def story(world: World) -> None:
        world.lines.fails = TimeoutError
        world.leads.most = 1
        world.agents("1")
        await world.until(lambda: len(world.lines.placed) == 1)
        attempt = world.lines.placed[0].attempt_id
        world.lines.ends[attempt] = LineEnd(attempt, 17, 486, answered=False)
        await world.until(lambda: world.attempts.rows[attempt].outcome is DialOutcome.BUSY)
        assert len(world.lines.placed) == 1

    told(story)


def test_an_end_that_nobody_heard_is_found() -> None:
    async def story(world: World) -> None:
        world.leads.most = 1
        world.agents("1")
        (one,) = await world.rings(1)
        world.lines.deaf = True
        world.lines.end(one, 486017)
        await world.until(lambda: world.attempts.rows[one].outcome is DialOutcome.BUSY, within=90)

    told(story)


def test_what_was_certainly_not_sent_does_not_count() -> None:
    async def story(world: World) -> None:
        world.lines.takes = False
        world.leads.most = 1
        world.agents("1")
        await world.until(lambda: bool(world.leads.put_back))
        (row,) = world.attempts.rows.values()
        assert (row.state, world.leads.settled) == (AttemptState.NOT_SENT, [])

    told(story)


def leftover(world: World, number: int, state: AttemptState, ago: float, **changes: object) -> Attempt:
    """An attempt that an earlier process left unfinished."""
    key = f"old-{number}".encode().ljust(16)
    at = NOON - timedelta(seconds=ago)
    lead = world.leads.make("c1", number)
    row = Attempt(f"{number:032d}", "c1", lead.lead_id, key, key, "628110000999", engine=ROLE, intended_at=at)
    row = replace(row, state=state, sent_at=None if state is AttemptState.INTENT else at, **changes)  # type: ignore[arg-type]
    world.attempts.rows[row.attempt_id] = row
    return row


def test_after_a_crash_everything_unfinished_is_looked_up_before_anything_is_dialled() -> None:
    async def whole() -> None:
        world = World()
        intent = leftover(world, 901, AttemptState.INTENT, 30)
        lost = leftover(world, 902, AttemptState.DIALING, 30)
        known = leftover(world, 903, AttemptState.UNKNOWN, 30)
        alive = leftover(world, 904, AttemptState.DIALING, 5)
        talked = leftover(world, 905, AttemptState.ANSWERED, 30, joined="1")
        left = leftover(world, 906, AttemptState.ANSWERED, 30)
        young = leftover(world, 907, AttemptState.DIALING, 1)
        world.lines.ends[known.attempt_id] = LineEnd(known.attempt_id, 17, 486, answered=False)
        world.lines.alive[alive.attempt_id] = LineLife.RINGING
        world.lines.blind = True
        world.agents("1", "2")  # as many as still ring
        async with world:
            await asyncio.sleep(5)
            assert world.lines.looks > 3
            assert world.lines.placed == []
            assert world.engine.look().state == "looking_up"
            world.lines.blind = False
            await world.until(lambda: world.engine.look().state == "running")
            await asyncio.sleep(1)
            rows = world.attempts.rows
            assert rows[intent.attempt_id].state is AttemptState.NOT_SENT
            assert rows[lost.attempt_id].state is AttemptState.FLAGGED
            assert rows[known.attempt_id].outcome is DialOutcome.BUSY
            assert rows[alive.attempt_id].state is AttemptState.DIALING
            assert rows[talked.attempt_id].outcome is DialOutcome.TALKED
            assert rows[left.attempt_id].outcome is DialOutcome.ABANDONED
            # Its order may still be on the way: it is waited for, and its number is not called meanwhile.
            await world.until(lambda: rows[young.attempt_id].state is AttemptState.FLAGGED)
            world.lines.end(alive.attempt_id, 19)
            await world.until(lambda: rows[alive.attempt_id].outcome is DialOutcome.NO_ANSWER)

    run(whole())


def test_what_an_earlier_process_let_ring_for_a_stopped_campaign_is_cancelled() -> None:
    async def whole() -> None:
        world = World(campaign("another"))
        alive = leftover(world, 901, AttemptState.DIALING, 5)
        world.orders.campaigns.append(campaign("c1", state=CampaignState.STOPPED))
        world.lines.alive[alive.attempt_id] = LineLife.RINGING
        async with world:
            await world.until(lambda: world.lines.cancelled == [alive.attempt_id])

    run(whole())


@pytest.mark.parametrize("wrong", [-2400, 2400])
def test_a_clock_that_is_put_wrong_settles_no_doubt_sooner_or_later(wrong: int) -> None:
    async def story(world: World) -> None:
        world.lines.fails = TimeoutError
        world.leads.most = 1
        world.agents("1")
        await world.until(lambda: len(world.lines.placed) == 1)
        attempt = world.lines.placed[0].attempt_id
        world.clock.wrong = timedelta(seconds=wrong)
        took = await world.until(lambda: world.attempts.rows[attempt].state is AttemptState.FLAGGED, 60)
        assert took >= SETTLED - 1

    told(story)


def test_of_two_engines_one_dials() -> None:
    async def whole() -> None:
        world = World(holder="first")
        async with world:
            world.agents("1")
            (ringing,) = await world.rings(1)
            second = world.new_engine("second")
            second.start()
            first, ended = world.engine, world.engine.ended

            def both(end: LineEnd) -> None:  # on one Asterisk both hear of every end
                ended(end)
                second.ended(end)

            first.ended = both  # type: ignore[method-assign]
            await asyncio.sleep(10)
            assert second.look().state == "starting"
            assert not second.look().holds_role
            # The role is taken from the first: what rings there is cancelled, and the second dials then.
            world.attempts.roles[ROLE] = "second"
            await world.until(lambda: not world.engine.look().holds_role)
            assert world.engine.look().state == "starting"
            assert world.lines.cancelled == [ringing]
            await world.until(lambda: len(world.lines.placed) == 2)
            assert world.attempts.rows[world.lines.placed[1].attempt_id].lead_id != 1
            assert second.look().lines == 1
            assert world.engine.look().lines == 0
            await second.stop()

    run(whole())


def test_stopping_cancels_what_rings_and_puts_it_on_record() -> None:
    async def whole() -> None:
        world = World()
        async with world:
            world.agents("1", "2")
            await world.rings(2)
        assert not world.lines.ringing
        assert {row.outcome for row in world.attempts.rows.values()} == {DialOutcome.CANCELLED}
        assert world.attempts.roles == {}

    run(whole())
