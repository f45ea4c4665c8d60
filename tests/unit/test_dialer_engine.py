"""The engine on a virtual clock: what it dials, for whom, and that its tables are complete."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from dialer import drawing
from dialer.attempts import AttemptState, DialOutcome, NotAllowed
from dialer.campaigns import Pacing
from dialer.engine_states import ATTEMPT, MACHINES
from dialer.ports import LineLife
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from tests.unit.engine_story import ONE_SECOND, told
from tests.unit.engine_world import NOON, World, campaign

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
