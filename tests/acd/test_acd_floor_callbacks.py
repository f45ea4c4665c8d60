"""Stories of the floor: people who gave up their line, not their place, are called back in turn."""

import pytest

from acd.actions import CallOut, EndTalk
from acd.happenings import CallGone, LegUp
from acd.requests import (
    Target,
)
from domain.waiting_room import TalkEnd
from tests.acd import acd_team
from tests.acd.acd_team import ANI, BUDI, RULES, at_work
from tests.acd.acd_world import World

TO_BUDI = Target(agent=BUDI)


@pytest.fixture
def world() -> World:
    return acd_team.world()


def booked(world: World) -> None:
    """Let a caller who waits ask to be called back."""
    world.call("c1", "efin", waited=100)
    world.book_callback("c1")


def called_out(world: World) -> str:
    """Let Ani be there for a callback; return the leg that is called."""
    booked(world)
    at_work(world, ANI)
    world.answer(ANI)
    world.deliver()
    outs = [action for action in world.last if isinstance(action, CallOut)]
    assert [(out.call_id, out.args) for out in outs] == [("c1", ("callback", "", "c1", "0"))]
    return outs[0].leg


def test_a_callback_in_turn(world: World) -> None:
    booked(world)
    place = world.floor.place("c1", world.now)
    assert place and place.ahead == 0
    world.tell(CallGone("c1", "expired"))
    assert world.outcomes("c1") == ["callback", "expired"]


def test_a_person_is_called_back_and_talks(world: World) -> None:
    leg = called_out(world)
    world.settle()
    assert world.view(ANI) == ("ready", "joining")
    world.now += 8
    world.channels[leg].up = True
    world.tell(LegUp(leg))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    assert world.outcomes("c1") == ["callback", "answered"]
    world.hang_up(ANI)
    world.settle()
    assert leg not in world.channels
    assert not world.bridges


def test_a_person_who_does_not_answer_the_callback(world: World) -> None:
    leg = called_out(world)
    world.end_leg(leg, 19)
    world.callers["c1"].told.clear()
    world.deliver()
    world.deliver()
    assert [a.how for a in world.last if isinstance(a, EndTalk)] == [TalkEnd.LOST]
    world.settle()
    assert world.outcomes("c1") == ["callback", "not_reached"]
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.leg_of(ANI) is None


def test_the_agent_hangs_up_while_the_callback_rings(world: World) -> None:
    leg = called_out(world)
    world.settle()
    at_work(world, BUDI)
    world.hang_up(ANI, 38)
    world.settle()
    assert leg not in world.channels
    channel = world.leg_of(BUDI)
    assert channel and channel.args[2] == "c1", "the place is kept"
    assert world.outcomes("c1") == ["callback", "returned"]


def test_a_called_back_person_whose_agents_line_dies_hears_music_and_is_first(world: World) -> None:
    leg = called_out(world)
    world.channels[leg].up = True
    world.tell(LegUp(leg))
    world.settle()
    world.phone_dies(ANI)
    world.hang_up(ANI, 38)
    world.settle()
    assert world.channels[leg].music
    at_work(world, BUDI)
    assert world.leg_of(BUDI) is None, "the talk is kept for who was cut off"
    world.wait(RULES.rejoin_seconds + 0.1)
    world.answer(BUDI)
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}
    world.end_leg(leg, 16)
    world.settle()
    assert world.view(BUDI) == ("ready", "wrap_up")
    assert world.outcomes("c1") == ["callback", "answered", "answered"]


def test_killed_while_a_called_back_person_talks(world: World) -> None:
    leg = called_out(world)
    world.channels[leg].up = True
    world.tell(LegUp(leg))
    world.settle()
    world.restart()
    world.come_back()
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
