"""What the floor writes is counted as whose work it was: by name, by skill, in conferences."""

from __future__ import annotations

import pytest

from acd.requests import (
    Barge,
    CancelConsult,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    Role,
    Target,
    Transfer,
)
from acd.skills import office_day
from domain.floor_log import LegRow, OfferRow
from reporting.counts import Counts
from reporting.facts import DayFacts, LegFact, OfferFact, to_ms
from reporting.own_day import own_day
from tests.acd import acd_team
from tests.acd.acd_rejoin import back, cut_off
from tests.acd.acd_team import ANI, BUDI, CITRA, SITI, at_work, in_talk
from tests.acd.acd_world import World
from tests.nowhere import Nowhere

BY_NAME, BY_SKILL = Target(agent=CITRA), Target(queue="hard")


@pytest.fixture
def world() -> World:
    return acd_team.world()


def counted(world: World, agent: str) -> Counts:
    """Return what an agent's legs on record come to."""
    legs = [
        LegFact(
            row.leg, row.seq, to_ms(row.at), row.call_id, row.agent, row.phase.value,
            None if row.seconds is None else round(row.seconds * 1000), row.estimated,
        )
        for row in world.rows
        if isinstance(row, LegRow) and row.agent
    ]  # fmt: skip
    offers = [
        OfferFact(to_ms(row.at), row.call_id, row.agent, row.leg, row.outcome)
        for row in world.rows
        if isinstance(row, OfferRow)
    ]
    return own_day(DayFacts(office_day(world.at), sorted(legs), offers), Nowhere(), 20, agent).counts


def asked(world: World, target: Target) -> None:
    """Let Ani, after 10 s of talk, ask Citra, who answers after 5 s, and 20 s pass."""
    in_talk(world)
    at_work(world, CITRA)  # takes a second
    world.now += 9
    world.ask(Consult(ANI, target))
    world.settle()
    world.now += 5
    world.answer(CITRA)
    world.settle()
    world.now += 20


@pytest.mark.parametrize("target", [BY_NAME, BY_SKILL])
def test_who_was_asked_has_assisted(world: World, target: Target) -> None:
    asked(world, target)
    world.ask(CancelConsult(ANI))
    world.settle()
    world.now += 30
    world.ask(EndCall(ANI))
    world.settle()
    assert counted(world, CITRA) == Counts(assisting_ms=25_000)
    ani = counted(world, ANI)
    assert (ani.acd_calls, ani.talk_ms, ani.acd_ms, ani.interactions) == (1, 40_000, 65_000, 1)


@pytest.mark.parametrize("target", [BY_NAME, BY_SKILL])
@pytest.mark.parametrize("how", [CompleteTransfer, Conference])
def test_who_then_talks_with_the_caller_has_a_call_of_their_own(
    world: World, target: Target, how: type[CompleteTransfer] | type[Conference]
) -> None:
    asked(world, target)
    world.ask(how(ANI))
    world.settle()
    world.now += 30
    world.hang_up_caller("c1")
    world.settle()
    citra = counted(world, CITRA)
    assert (citra.assisting_ms, citra.ring_ms, citra.missed) == (25_000, 0, 0)
    assert (citra.acd_calls, citra.acd_ms, citra.talk_ms, citra.interactions) == (1, 30_000, 30_000, 1)
    ani = counted(world, ANI)
    talked = 40_000 if how is Conference else 10_000
    assert (ani.acd_calls, ani.talk_ms, ani.acd_ms, ani.interactions) == (1, talked, talked + 25_000, 1)


def test_a_call_sent_to_somebody_by_name_rings_for_them(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)  # takes a second
    world.now += 9
    world.ask(Transfer(ANI, Target(agent=BUDI)))
    world.settle()
    world.now += 6
    world.answer(BUDI)
    world.settle()
    world.now += 30
    world.hang_up_caller("c1")
    world.settle()
    budi = counted(world, BUDI)
    assert (budi.ring_ms, budi.assisting_ms, budi.acd_calls, budi.talk_ms) == (6_000, 0, 1, 30_000)
    assert counted(world, ANI).talk_ms == 10_000


@pytest.mark.parametrize("target", [BY_NAME, BY_SKILL])
def test_after_a_restart_who_was_asked_has_still_assisted(world: World, target: Target) -> None:
    asked(world, target)
    world.restart()
    world.come_back()
    world.settle()
    world.now += 15
    world.ask(CompleteTransfer(ANI))
    world.settle()
    world.now += 30
    world.hang_up_caller("c1")
    world.settle()
    citra, ani = counted(world, CITRA), counted(world, ANI)
    assert (citra.assisting_ms, citra.acd_calls, citra.talk_ms) == (40_000, 1, 30_000)
    assert (ani.acd_calls, ani.talk_ms, ani.acd_ms, ani.interactions) == (1, 10_000, 50_000, 1)
    assert citra.estimated_ms + ani.estimated_ms > 0


def test_a_line_that_dies_and_comes_back_is_one_call(world: World) -> None:
    """While the agent is away the caller hears music: that is nobody's talk and no hold."""
    in_talk(world)
    world.now += 60
    cut_off(world)
    world.wait(4)
    back(world)
    world.now += 20
    world.hang_up_caller("c1")
    world.settle()
    ani = counted(world, ANI)
    assert (ani.acd_calls, ani.talk_ms, ani.hold_ms, ani.interactions) == (1, 80_000, 0, 1)


def test_a_call_taken_over_is_the_supervisors_from_then_on(world: World) -> None:
    in_talk(world)
    world.phone(SITI)
    world.now += 60
    world.ask(Barge(ANI, SITI, take_over=True), SITI, Role.SUPERVISOR)
    world.settle()
    world.answer(SITI)
    world.settle()
    world.now += 30
    world.hang_up(SITI)
    world.settle()
    siti, ani = counted(world, SITI), counted(world, ANI)
    assert (siti.acd_calls, siti.ring_ms, siti.assisting_ms, siti.talk_ms) == (1, 0, 0, 30_000)
    assert (ani.acd_calls, ani.talk_ms, ani.interactions, siti.interactions) == (1, 60_000, 1, 1)
