"""Stories of the floor: control is lost, the service is killed, tables change."""

from dataclasses import replace

import pytest

from acd.checking import checked
from acd.requests import (
    Barge,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    Hold,
    Listen,
    Ready,
    Refused,
    Role,
    SignOut,
    Target,
    Transfer,
    Unhold,
)
from acd.skills import Requirement, Tier
from domain.floor_log import LegRow, OfferRow
from tests.acd import acd_team
from tests.acd.acd_team import ANI, BUDI, CITRA, SITI, at_work, in_talk
from tests.acd.acd_world import World

TO_BUDI = Target(agent=BUDI)


@pytest.fixture
def world() -> World:
    return acd_team.world()


def killed(world: World, away: float = 3.0) -> None:
    """Kill the service and let it come back."""
    world.restart()
    world.now += away
    world.come_back()
    world.settle()


def test_nothing_is_offered_without_control(world: World) -> None:
    at_work(world, ANI)
    world.lose_control()
    world.call("c1", "efin")
    world.wait(30)
    assert world.leg_of(ANI) is None
    world.gain_control()
    assert world.leg_of(ANI)


def test_a_talk_goes_on_while_control_is_lost(world: World) -> None:
    in_talk(world)
    world.lose_control()
    world.now += 20
    world.gain_control()
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    world.hang_up(ANI)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


def test_who_hung_up_while_control_was_lost_is_missed(world: World) -> None:
    in_talk(world)
    world.lose_control()
    world.channels.pop(next(c.name for c in world.channels.values() if c.account == f"a{ANI}"))
    world.gain_control()
    world.settle()
    channel = world.leg_of(ANI)
    assert channel and channel.args[:3] == ("rejoin", f"a{ANI}", "c1"), "their phone is there"
    world.hang_up(ANI, 21)
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]


def test_a_phone_that_rings_when_control_is_lost_is_rung_anew(world: World) -> None:
    at_work(world, ANI)
    world.call("c1", "efin")
    first = world.leg_of(ANI)
    world.lose_control()
    world.gain_control()
    world.settle()
    second = world.leg_of(ANI)
    assert first and second and first.name != second.name
    assert second.args[3] == "2", "offer numbers are never used again"
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}


@pytest.mark.parametrize("step", range(5))
def test_killed_at_every_step_of_an_offer(world: World, step: int) -> None:
    """Rung; answered but not told; claimed; handed over; half joined."""
    at_work(world, ANI)
    world.call("c1", "efin")
    world.call("c2", "efin")
    if step:
        world.answer(ANI)
    for _ in range(step - 1):
        assert world.deliver()
    killed(world)
    if step == 0:
        world.answer(ANI)
        world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    place = world.floor.place("c2", world.now)
    assert place and place.ahead == 0
    numbers = [row.number for row in world.rows if isinstance(row, OfferRow) and not row.outcome]
    assert numbers == sorted(set(numbers))
    world.ask(EndCall(ANI))
    world.settle()
    world.ask(Ready(ANI))
    world.settle()
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c2"


def test_killed_during_a_talk(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    world.now += 60
    killed(world)
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    assert world.leg_of(ANI), "nobody with a live leg is offered a call"
    world.now += 30
    world.hang_up(ANI)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]
    talk = [row for row in world.rows if isinstance(row, LegRow) and row.outcome == "agent_hung_up"]
    assert [(row.seconds, row.estimated) for row in talk] == [(93.0, True)]


def test_the_agents_line_died_while_the_service_was_dead(world: World) -> None:
    in_talk(world)
    world.restart()
    world.hang_up(ANI, 38)
    world.pending.clear()
    world.come_back()
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]
    cut = [row for row in world.rows if isinstance(row, LegRow) and row.outcome == "cut"]
    assert len(cut) == 1
    assert cut[0].estimated


def test_the_caller_hung_up_while_the_service_was_dead(world: World) -> None:
    in_talk(world)
    world.restart()
    world.hang_up_caller("c1")
    world.pending.clear()
    world.come_back()
    world.settle()
    assert world.leg_of(ANI) is None
    assert world.view(ANI) == ("ready", "idle")
    assert not world.bridges


def test_a_talk_that_ended_while_the_service_was_dead_is_noted(world: World) -> None:
    in_talk(world)
    world.restart()
    world.hang_up_caller("c1")
    world.hang_up(ANI)
    world.pending.clear()
    world.come_back()
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    world.wait(60)
    assert world.view(ANI) == ("ready", "idle")
    assert world.phases(ANI)[-1] == ("wrap_up", "time_up")


def test_killed_during_hold(world: World) -> None:
    in_talk(world)
    world.ask(Hold(ANI))
    killed(world)
    assert world.view(ANI) == ("ready", "holding")
    assert world.channels["caller-c1"].music
    world.ask(Unhold(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}


@pytest.mark.parametrize("step", ["ringing", "answered", "up", "conference", "completed"])
def test_killed_during_a_consultation(world: World, step: str) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    if step != "ringing":
        world.answer(BUDI)
    if step not in ("ringing", "answered"):
        world.settle()
    if step == "conference":
        world.ask(Conference(ANI))
    if step == "completed":
        world.ask(CompleteTransfer(ANI))
    killed(world)
    if step in ("ringing", "answered"):
        assert world.heard_together("c1") == {ANI, "caller"}
        assert world.view(BUDI) == ("ready", "idle")
    elif step == "up":
        assert world.view(ANI) == world.view(BUDI) == ("ready", "consulting")
        world.ask(CompleteTransfer(ANI))
        world.settle()
        assert world.heard_together("c1") == {BUDI, "caller"}
    elif step == "conference":
        assert world.heard_together("c1") == {ANI, BUDI, "caller"}
    else:
        assert world.heard_together("c1") == {BUDI, "caller"}
        assert world.view(BUDI) == ("ready", "talking")


def test_killed_while_a_transfer_to_an_agent_rings(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Transfer(ANI, TO_BUDI))
    world.settle()
    killed(world)
    assert world.callers["c1"].told == ["answered", "returned"]
    channel = world.leg_of(BUDI)
    assert channel and channel.args[:1] == ("agent",)


@pytest.mark.parametrize("act", ["listen", "barge"])
def test_killed_while_a_supervisor_is_there(world: World, act: str) -> None:
    in_talk(world)
    world.phone(SITI)
    request = Listen(ANI, SITI) if act == "listen" else Barge(ANI, SITI)
    world.ask(request, SITI, Role.SUPERVISOR)
    world.answer(SITI)
    world.settle()
    killed(world)
    watcher = world.leg_of(SITI)
    assert watcher and watcher.bridge == ("talk-c1" if act == "barge" else f"watch-{watcher.name}")
    assert len([c for c in world.channels.values() if c.args == ("snoop",)]) == (act == "listen")
    assert world.view(SITI)[1] == "busy_otherwise"


@pytest.mark.parametrize(("away", "observed"), [(10.0, "wrap_up"), (70.0, "idle")])
def test_killed_during_wrap_up(world: World, away: float, observed: str) -> None:
    in_talk(world)
    world.ask(SignOut(ANI))
    world.ask(EndCall(ANI))
    world.settle()
    killed(world, away)
    assert world.view(ANI) == ("leaving" if observed == "wrap_up" else "signed_out", observed)
    world.wait(60)
    assert world.view(ANI) == ("signed_out", "idle")
    assert world.phases(ANI)[-1] == ("wrap_up", "time_up")


def test_places_outlive_the_service(world: World) -> None:
    for index in range(5):
        world.now += 10
        world.call(f"c{index}", "efin")
    killed(world, 20)
    assert [world.floor.place(f"c{index}", world.now) for index in range(5)] == [
        replace(place, ahead=index)
        for index, place in enumerate([world.floor.place("c0", world.now)] * 5)
        if place
    ]


# -- new tables -----------------------------------------------------------------------------------


def test_new_tables_lose_no_place_and_no_talk(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    world.call("c3", "efin", waited=500)
    at_work(world, BUDI)
    ringing = world.leg_of(BUDI)
    assert ringing and ringing.args[2] == "c3"
    tables = acd_team.book().tables
    world.perform(world.floor.adopt(checked(replace(tables, reserves=())), world.now, world.at))
    world.settle()
    again = world.leg_of(BUDI)
    assert again and again.args[2] == "c3"
    assert int(again.args[3]) > int(ringing.args[3])
    assert world.heard_together("c1") == {ANI, "caller"}
    world.answer(BUDI)
    world.settle()
    assert world.heard_together("c3") == {BUDI, "caller"}
    place = world.floor.place("c2", world.now)
    assert place and place.ahead == 0


def test_tables_without_a_queue_in_use_are_refused_and_nothing_changes(world: World) -> None:
    world.call("c1", "efin")
    tables = acd_team.book().tables
    less = checked(replace(tables, requirements=(Requirement("hard", "efin", Tier.C, "c_only"),)))
    with pytest.raises(Refused) as refused:
        world.floor.adopt(less, world.now, world.at)
    assert refused.value.word == "queue_in_use"
    at_work(world, ANI)
    assert world.leg_of(ANI)


def test_an_agent_the_tables_no_longer_have_is_signed_out(world: World) -> None:
    at_work(world, CITRA)
    tables = acd_team.book().tables
    less = checked(
        replace(
            tables,
            agents=tuple(agent for agent in tables.agents if agent.number != CITRA),
            competences=tuple(row for row in tables.competences if row.agent != CITRA),
        )
    )
    world.perform(world.floor.adopt(less, world.now, world.at))
    world.call("c1", "hard")
    assert world.leg_of(CITRA) is None
    assert [view.agent for view in world.floor.agents(world.now)] == [ANI, BUDI, SITI]
