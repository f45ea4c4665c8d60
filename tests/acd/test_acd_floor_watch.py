"""Stories of the floor: supervisors listen, whisper, barge, take over, force a state."""

import pytest

from acd.actions import HangUpLeg, Snoop
from acd.requests import (
    Barge,
    Conference,
    Consult,
    EndCall,
    Force,
    Hold,
    Listen,
    Refused,
    Request,
    Role,
    StopListening,
    Target,
)
from tests.acd import acd_team
from tests.acd.acd_team import ANI, BUDI, SITI, at_work, in_talk
from tests.acd.acd_world import World


@pytest.fixture
def world() -> World:
    made = acd_team.world()
    made.phone(SITI)
    return made


def ask(world: World, request: Request) -> None:
    world.ask(request, SITI, Role.SUPERVISOR)


def listening(world: World, whisper: bool = False) -> None:
    in_talk(world)
    ask(world, Listen(ANI, SITI, whisper))
    world.answer(SITI)
    world.settle()


def snoops(world: World) -> list[str]:
    return [c.bridge or "" for c in world.channels.values() if c.args == ("snoop",)]


@pytest.mark.parametrize("whisper", [False, True])
def test_a_supervisor_listens_or_whispers(world: World, whisper: bool) -> None:
    in_talk(world)
    ask(world, Listen(ANI, SITI, whisper))
    siti = world.leg_of(SITI)
    assert siti and siti.args == ("watch", f"a{SITI}", "c1", "whisper" if whisper else "listen")
    world.answer(SITI)
    world.deliver()
    ani = world.leg_of(ANI)
    assert ani
    assert [(a.target, a.whisper) for a in world.last if isinstance(a, Snoop)] == [(ani.name, whisper)]
    world.settle()
    assert siti.bridge == f"watch-{siti.name}"
    assert snoops(world) == [siti.bridge]
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(SITI)[1] == "busy_otherwise"
    assert world.floor.talks(world.now)[0].supervisors == (SITI,)
    ask(world, StopListening(ANI, SITI))
    world.settle()
    assert world.leg_of(SITI) is None
    assert snoops(world) == []
    assert world.view(SITI)[1] == "idle"
    act = "whisper" if whisper else "listen"
    assert world.acts() == [(SITI, act, ANI), (SITI, "stop", ANI)]
    assert world.bridges == {"talk-c1"}


def test_from_listening_to_whispering_to_barging_to_taking_over(world: World) -> None:
    listening(world)
    ask(world, Listen(ANI, SITI, whisper=True))
    world.settle()
    assert len(snoops(world)) == 1
    ask(world, Barge(ANI, SITI))
    world.settle()
    assert snoops(world) == []
    assert world.heard_together("c1") == {ANI, SITI, "caller"}
    ask(world, Barge(ANI, SITI, take_over=True))
    world.settle()
    assert world.heard_together("c1") == {SITI, "caller"}
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.phases(ANI)[-1] == ("talk", "taken_over")
    assert world.view(SITI)[1] == "talking"
    world.hang_up(SITI)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]
    assert [act for _, act, _ in world.acts()] == ["listen", "whisper", "barge", "take_over"]


def test_taking_over_a_caller_on_hold(world: World) -> None:
    in_talk(world)
    world.ask(Hold(ANI))
    ask(world, Barge(ANI, SITI, take_over=True))
    world.answer(SITI)
    world.settle()
    assert world.heard_together("c1") == {SITI, "caller"}
    assert not world.channels["caller-c1"].music


def test_a_supervisor_who_hangs_up_leaves_the_talk_alone(world: World) -> None:
    listening(world)
    world.hang_up(SITI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert snoops(world) == []


def test_the_talk_ends_and_so_does_the_listening(world: World) -> None:
    listening(world)
    world.ask(EndCall(ANI))
    world.settle()
    assert world.leg_of(SITI) is None
    assert not world.bridges


def test_the_agent_hangs_up_while_the_supervisors_phone_rings(world: World) -> None:
    in_talk(world)
    ask(world, Listen(ANI, SITI))
    world.hang_up(ANI)
    world.deliver()
    assert any(isinstance(action, HangUpLeg) for action in world.last)
    world.settle()
    assert world.view(SITI)[1] == "idle"


def test_a_supervisor_listens_to_a_conference(world: World) -> None:
    listening(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, Target(agent=BUDI)))
    world.answer(BUDI)
    world.settle()
    world.ask(Conference(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, BUDI, "caller"}
    assert len(snoops(world)) == 1


def test_force(world: World) -> None:
    at_work(world, ANI)
    ask(world, Force(ANI, "paused", "prayer"))
    assert world.view(ANI) == ("paused", "idle")
    ask(world, Force(ANI, "ready"))
    assert world.view(ANI) == ("ready", "idle")
    ask(world, Force(ANI, "signed_out"))
    assert world.view(ANI) == ("signed_out", "idle")
    assert world.acts() == [(SITI, "force", ANI)] * 3


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (Listen(BUDI, SITI), "no_talk"),
        (Listen(ANI, ANI), "own_talk"),
        (Listen(ANI, "9002"), "no_phone"),
        (StopListening(ANI, SITI), "not_listening"),
        (Force(ANI, "asleep"), "bad_state"),
        (Force(ANI, "paused", "siesta"), "unknown_reason"),
    ],
)
def test_what_a_supervisor_cannot_do_is_refused_and_not_on_record(
    world: World, request_: Request, word: str
) -> None:
    in_talk(world)
    with pytest.raises(Refused) as refused:
        ask(world, request_)
    assert refused.value.word == word
    assert world.acts() == []


def test_agents_do_not_supervise(world: World) -> None:
    in_talk(world)
    for request in (Listen(ANI, BUDI), Barge(ANI, BUDI), Force(ANI, "ready")):
        with pytest.raises(Refused) as refused:
            world.ask(request, BUDI)
        assert refused.value.word == "not_yours"
