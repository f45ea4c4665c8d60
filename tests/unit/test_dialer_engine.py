"""The engine on a virtual clock: what it dials, what it does when things break, and that it dials once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialer import drawing
from dialer.attempts import Attempt, AttemptState, DialOutcome, NotAllowed
from dialer.campaigns import CampaignState, Pacing
from dialer.engine_states import ATTEMPT, MACHINES
from dialer.ports import LineEnd, LineLife
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from tests.unit.engine_world import NOON, ROLE, World, campaign
from tests.unit.virtual_time import run

Story = Callable[[World], Awaitable[None]]
ONE_SECOND = 1.0


def told(story: Story, *campaigns: object, **changes: object) -> None:
    """Tell a story of a running engine."""

    async def whole() -> None:
        async with World(*campaigns, **changes) as world:  # type: ignore[arg-type]
            await story(world)
            assert world.counts.failures == 0

    run(whole())


# ---- What it dials


def test_progressive_never_has_more_lines_than_free_agents() -> None:
    async def story(world: World) -> None:
        await world.until(lambda: world.engine.look().state == "running")
        assert world.lines.placed == []  # nobody is there
        world.agents("1", "2", "3")
        ringing = await world.rings(3)
        world.lines.answer(ringing[0])
        world.floor.set("1", "talking", outbound=True)
        world.engine.joined(ringing[0], "1")
        await asyncio.sleep(5)
        assert len(world.lines.ringing) == 2
        world.lines.end(ringing[1], 17, 486)
        await world.until(lambda: len(world.lines.placed) == 4)
        await world.rings(2)

    told(story)


def test_an_attempt_is_on_record_before_it_is_sent_and_until_its_end() -> None:
    async def story(world: World) -> None:
        world.agents("1")
        (first,) = await world.rings(1)
        assert [state for one, state in world.attempts.trail if one == first] == ["intent", "dialing"]
        world.lines.answer(first)
        world.engine.joined(first, "1")
        world.floor.set("1", "talking", outbound=True)
        world.engine.over(first, DialOutcome.TALKED)
        world.lines.end(first, 16)
        await asyncio.sleep(1)
        row = world.attempts.rows[first]
        assert (row.state, row.outcome, row.joined) == (AttemptState.ENDED, DialOutcome.TALKED, "1")
        assert world.leads.settled == [(row.lead_id, DialOutcome.TALKED)]
        assert world.counts.ends == [DialOutcome.TALKED]

    told(story)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (["end 17 486"], DialOutcome.BUSY),
        (["end 19 0"], DialOutcome.NO_ANSWER),
        (["cancel"], DialOutcome.CANCELLED),
        (["answer", "over abandoned", "end 16 0"], DialOutcome.ABANDONED),
        (["answer", "end 16 0", "over abandoned"], DialOutcome.ABANDONED),
        (["answer", "end 16 0"], DialOutcome.HUNG_UP_EARLY),
        (["answer", "join", "end 16 0"], DialOutcome.TALKED),
        (["up", "end 996016 0"], DialOutcome.ABANDONED),  # answered while the service was away
        (["up", "end 16 0"], DialOutcome.ABANDONED),  # and hung up on the dialplan's words
        (["up", "end 980016 0"], DialOutcome.MACHINE),
        (["up", "cancel"], DialOutcome.ANSWERED_LATE),
        (["end 992021 0"], DialOutcome.REFUSED_BY_GUARD),
    ],
)
def test_what_an_attempt_came_to(steps: list[str], outcome: DialOutcome) -> None:
    async def story(world: World) -> None:
        world.agents("1")
        (one,) = await world.rings(1)
        for step in steps:
            word, *rest = step.split()
            if word == "end":
                world.lines.end(one, int(rest[0]), int(rest[1]))
            elif word == "up":
                world.lines.alive[one] = LineLife.UP
            elif word == "over":
                world.engine.over(one, DialOutcome(rest[0]))
            elif word == "answer":
                world.lines.answer(one)
            elif word == "join":
                world.engine.joined(one, "1")
            else:
                world.floor.leaves("1")
            await asyncio.sleep(0.1)
        await world.until(lambda: world.attempts.rows[one].state is AttemptState.ENDED)
        assert world.attempts.rows[one].outcome is outcome

    told(story)


@pytest.mark.parametrize(("end", "sip_code", "cause"), [(486017, 486, 17), (17, 0, 17)])
def test_what_the_far_end_said_before_our_cancelling_stays_true(end: int, sip_code: int, cause: int) -> None:
    async def story(world: World) -> None:
        world.agents("1")
        (one,) = await world.rings(1)
        world.lines.cancel = lambda attempt_id: world.lines.end(attempt_id, end)  # type: ignore[method-assign]
        world.floor.leaves("1")
        await world.until(lambda: world.attempts.rows[one].state is AttemptState.ENDED)
        assert world.attempts.rows[one].outcome is DialOutcome.BUSY
        assert (world.attempts.rows[one].sip_code, world.attempts.rows[one].cause) == (sip_code, cause)

    told(story)


def test_campaigns_share_agents_by_priority() -> None:
    async def story(world: World) -> None:
        world.agents("1", "2", "3")
        await world.rings(3)
        counts = {look.campaign_id: look.ringing for look in world.engine.look().campaigns}
        assert counts == {"urgent": 2, "later": 1}
        world.floor.leaves("1")
        await asyncio.sleep(0.5)
        counts = {look.campaign_id: look.ringing for look in world.engine.look().campaigns}
        assert counts == {"urgent": 2, "later": 0}

    told(story, campaign("later"), campaign("urgent", priority=5, most_lines=2))


def test_lines_have_a_limit_over_all_campaigns() -> None:
    async def story(world: World) -> None:
        world.agents(*"12345678")
        await world.rings(3)

    told(story, campaign("a"), campaign("b"), most_lines=3)


def test_a_reminder_needs_no_agent_and_keeps_to_its_lines() -> None:
    async def story(world: World) -> None:
        await world.rings(2)
        world.lines.end(world.lines.ringing[0], 19)
        await world.until(lambda: len(world.lines.placed) == 3)

    told(story, campaign(pacing=Pacing.AGENTLESS, most_lines=2))


def test_a_lead_that_the_gate_refuses_goes_back_with_the_reason() -> None:
    async def story(world: World) -> None:
        world.leads.refusal = Refusal(WhyNot.OUTSIDE_WINDOW, NOON + timedelta(hours=20))
        world.leads.most = 3
        world.agents("1")
        await world.until(lambda: len(world.leads.put_back) == 3)
        assert {why for _, why in world.leads.put_back} == {WhyNot.OUTSIDE_WINDOW}
        assert world.lines.placed == []
        assert world.attempts.rows == {}
        (look,) = world.engine.look().campaigns
        assert dict(look.refused) == {WhyNot.OUTSIDE_WINDOW: 3}

    told(story)


def test_agents_are_borrowed_for_leads_and_given_back_when_there_are_none() -> None:
    async def story(world: World) -> None:
        world.leads.most = 4
        await world.until(lambda: world.floor.borrowed > 0)
        world.agents("1", "2", "3", "4")
        for one in await world.rings(4):
            world.lines.end(one, 17)
        await world.until(lambda: world.floor.borrowed == 0)

    told(story)


# ---- What bars it: each fault is injected while calls ring


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


# ---- At most once


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


# ---- For one agent


async def refusal(world: World, agent: str, lead: int) -> str:
    with pytest.raises(NotAllowed) as refused:
        await world.engine.dial_for(agent, lead)
    return refused.value.reason


def test_a_preview_is_dialled_for_its_agent_alone() -> None:
    async def story(world: World) -> None:
        world.agents("1", "2")
        await world.until(lambda: world.engine.look().state == "running")
        await asyncio.sleep(5)
        assert world.lines.placed == []  # nobody asked
        lead = world.leads.make("c1")
        attempt = await world.engine.dial_for("1", lead.lead_id)
        (dial,) = world.lines.placed
        assert (dial.attempt_id, dial.agent) == (attempt, "1")
        assert world.floor.kept == {attempt: "1"}
        assert await refusal(world, "1", world.leads.make("c1").lead_id) == WhyNot.NO_AGENT
        world.lines.end(attempt, 486017)
        await world.until(lambda: world.floor.agents["1"].state == "idle")
        assert world.attempts.rows[attempt].agent == "1"

    told(story, campaign(pacing=Pacing.PREVIEW))


def test_who_takes_inbound_calls_too_may_dial_by_hand() -> None:
    async def story(world: World) -> None:
        world.floor.of_inbound.add("1")
        world.agents("1")
        await world.until(lambda: world.engine.look().state == "running")
        attempt = await world.engine.dial_for("1", world.leads.make("c1").lead_id)
        await asyncio.sleep(5)
        assert [dial.attempt_id for dial in world.lines.placed] == [attempt]
        assert world.lines.cancelled == []

    told(story, campaign(pacing=Pacing.PREVIEW))


def test_a_preview_that_may_not_be_is_refused_with_the_reason() -> None:
    async def story(world: World) -> None:
        await world.until(lambda: world.engine.look().state == "running")
        lead = world.leads.make("c1").lead_id
        assert await refusal(world, "1", lead) == WhyNot.NO_AGENT
        world.agents("1")
        world.leads.refusal = Refusal(WhyNot.SOLVED, None)
        assert await refusal(world, "1", lead) == WhyNot.SOLVED
        assert world.leads.put_back == [(lead, WhyNot.SOLVED)]
        world.leads.refusal = None
        assert await refusal(world, "1", 4711) == WhyNot.LEASE_LOST
        assert await refusal(world, "1", world.leads.make("none").lead_id) == WhyNot.CAMPAIGN_NOT_RUNNING
        assert world.floor.agents["1"].state == "idle"
        world.orders.killed = True
        await world.until(lambda: world.engine.look().why is WhyNot.KILL_SWITCH)
        assert await refusal(world, "1", lead) == WhyNot.KILL_SWITCH
        assert world.lines.placed == []

    told(story, campaign(pacing=Pacing.PREVIEW))


def test_a_preview_whose_agent_leaves_is_cancelled() -> None:
    async def story(world: World) -> None:
        world.agents("1", "2")
        await world.until(lambda: world.engine.look().state == "running")
        attempt = await world.engine.dial_for("1", world.leads.make("c1").lead_id)
        world.floor.leaves("1")
        await world.until(lambda: world.lines.cancelled == [attempt], within=ONE_SECOND)

    told(story, campaign(pacing=Pacing.PREVIEW))


# ---- Tables


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine.name))
def test_the_tables_are_complete(machine: object) -> None:
    assert list(machine.faults()) == []  # type: ignore[attr-defined]


def test_the_database_knows_the_same_moves() -> None:
    from storage.migrations.versions.m0010_attempts import _MOVES

    assert {f"{state}>{to}" for (state, _), to in ATTEMPT.moves.items()} == set(_MOVES)


def test_the_diagrams_are_fresh() -> None:
    folder = Path(__file__).parents[2] / "docs" / "dialer"
    for name, text in drawing.pages().items():
        assert (folder / name).read_text("utf-8") == text, f"python -m dialer.drawing {folder}"
