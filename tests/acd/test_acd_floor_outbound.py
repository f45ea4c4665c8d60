"""Stories of outbound work on the floor: quick offers, calls for one agent, agents lent and kept."""

import pytest

from acd.happenings import AgentNotWanted, AgentsGivenBack, AgentsWanted, AgentWanted
from acd.requests import (
    CompleteTransfer,
    Consult,
    EndCall,
    Hold,
    Pause,
    Ready,
    Refused,
    SignOut,
    Target,
    Transfer,
    Unhold,
)
from acd.skills import Competence, Tier
from domain.waiting_room import TalkEnd
from tests.acd import acd_outbound_team
from tests.acd.acd_outbound_team import OUTBOUND, PLACED, borrowed, lent
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES, at_work
from tests.acd.acd_world import World

FOR_ANI = (100, ANI, True)


@pytest.fixture
def world() -> World:
    return acd_outbound_team.world()


def team(world: World) -> dict[str, tuple[str, bool]]:
    """Who works for outbound: state, and whether with a call of ours."""
    return {view.agent: (view.state, view.outbound) for view in world.floor.team(OUTBOUND)}


# -- quick offers ---------------------------------------------------------------------------------


def test_who_we_called_is_offered_to_a_phone_that_answers_by_itself(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=PLACED)
    channel = world.leg_of(CITRA)
    assert channel and channel.quick
    assert channel.rings_until == pytest.approx(world.now + RULES.quick_ring_seconds)
    world.answer(CITRA)
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}
    assert world.joined == [("c1", CITRA)]
    assert team(world) == {CITRA: ("talking", True)}


def test_a_phone_that_does_not_answer_by_itself_costs_its_agent_a_pause_and_another_is_tried(
    world: World,
) -> None:
    at_work(world, CITRA, ANI, BUDI)
    assert borrowed(world) == {ANI}
    world.call("c1", OUTBOUND, outbound=PLACED)
    first = CITRA if world.leg_of(CITRA) else ANI
    second = ANI if first == CITRA else CITRA
    world.wait(RULES.quick_ring_seconds + 0.01)
    assert world.view(first) == ("paused", "idle")
    assert world.leg_of(second) is not None
    world.answer(second)
    world.settle()
    assert world.heard_together("c1") == {second, "caller"}


def test_the_agent_hangs_up_and_so_is_the_person_we_called(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(CITRA)
    world.settle()
    world.ask(EndCall(CITRA))
    world.settle()
    assert "caller-c1" not in world.channels
    assert team(world) == {CITRA: ("wrap_up", True)}
    world.wait(RULES.wrap_up_seconds + 0.1)
    assert team(world) == {CITRA: ("idle", False)}


def test_who_we_called_hangs_up_as_the_agents_phone_answers(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(CITRA)
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(CITRA) == ("ready", "idle"), "nothing to note: nobody was joined"
    assert world.leg_of(CITRA) is None
    assert world.joined == []
    assert (CITRA, "caller_gone") in world.told


def test_an_agent_who_pauses_while_the_phone_rings_is_not_put_on_the_line(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.ask(Pause(CITRA, "prayer"))
    world.settle()
    assert world.leg_of(CITRA) is None
    assert world.floor.place("c1", world.now) is not None, "the place is kept"
    assert team(world) == {}


def test_a_call_of_ours_is_transferred_as_any_other(world: World) -> None:
    at_work(world, CITRA, BUDI)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(CITRA)
    world.settle()
    world.ask(Transfer(CITRA, Target(skill="efin", tier=Tier.B)))
    world.settle()
    channel = world.leg_of(BUDI)
    assert channel and not channel.quick, "inbound work rings as ever"
    world.answer(BUDI)
    world.settle()
    assert world.joined == [("c1", CITRA), ("c1", BUDI)]
    assert TalkEnd.TRANSFERRED in world.callers["c1"].told


# -- for one agent only ---------------------------------------------------------------------------


def test_a_call_for_one_agent_waits_for_them(world: World) -> None:
    at_work(world, CITRA, BUDI)
    world.call("c1", OUTBOUND, outbound=FOR_ANI)
    assert world.leg_of(CITRA) is None
    assert "it waits for" in world.floor.explain("c1", world.now, world.at).text()
    at_work(world, ANI)
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c1"


def test_an_agent_is_kept_for_the_call_that_is_being_placed_for_them(world: World) -> None:
    at_work(world, ANI)
    assert team(world) == {}, "of inbound, and not lent"
    world.tell(AgentWanted(ANI, "c9", 30))
    assert world.floor.kept_for("c9") == ANI
    assert team(world) == {ANI: ("ringing", False)}, "or the engine would cancel the dial"
    world.call("c1", "efin")
    assert world.leg_of(ANI) is None, "inbound calls go to others"
    with pytest.raises(Refused):
        at_work(world, BUDI)
        world.answer(BUDI)
        world.settle()
        world.ask(Transfer(BUDI, Target(agent=ANI)))
    world.call("c9", OUTBOUND, outbound=FOR_ANI)
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c9") == {ANI, "caller"}
    assert world.floor.kept_for("c9") == ""
    world.ask(EndCall(ANI))
    world.settle()
    world.ask(Ready(ANI))
    world.call("c2", "efin")
    assert world.leg_of(ANI) is not None, "free for everything again"


@pytest.mark.parametrize("end", ["released", "time", "gone"])
def test_an_agent_is_kept_no_longer_than_for_that_call(world: World, end: str) -> None:
    at_work(world, ANI)
    world.tell(AgentWanted(ANI, "c9", 30))
    world.call("c1", "efin")
    if end == "released":
        world.tell(AgentNotWanted("c9"))
    elif end == "time":
        world.wait(30.1)
    else:
        world.ask(Pause(ANI, "prayer"))
        world.call("c9", OUTBOUND, outbound=FOR_ANI)
        world.hang_up_caller("c9")
        world.settle()
        world.ask(Ready(ANI))
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c1"


def test_who_is_not_free_is_not_kept(world: World) -> None:
    world.tell(AgentWanted(ANI, "c9", 30))
    assert world.floor.kept_for("c9") == ""
    at_work(world, ANI)
    world.tell(AgentWanted(ANI, "c9", 30))
    world.tell(AgentWanted(ANI, "c8", 30))
    assert (world.floor.kept_for("c9"), world.floor.kept_for("c8")) == (ANI, "")


# -- lent by inbound ------------------------------------------------------------------------------


def test_inbound_lends_who_can_be_spared_and_they_take_no_inbound_calls(world: World) -> None:
    at_work(world, ANI, BUDI)
    assert team(world) == {}, "mixed agents belong to inbound"
    world.tell(AgentsWanted(OUTBOUND, 2))
    assert lent(world) == set(), "inbound has to be well for a while first"
    assert borrowed(world, 2) == {ANI}, "one stays, by the rules"
    assert team(world) == {ANI: ("idle", False)}
    world.call("c1", "efin")
    assert world.leg_of(ANI) is None
    assert world.leg_of(BUDI) is not None


def test_agents_are_given_back_at_once_or_after_their_talk(world: World) -> None:
    at_work(world, ANI, BUDI)
    borrowed(world)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(ANI)
    world.settle()
    world.tell(AgentsGivenBack(OUTBOUND))
    assert lent(world) == set()
    assert team(world) == {}
    assert world.heard_together("c1") == {ANI, "caller"}, "the talk goes on"
    world.ask(EndCall(ANI))
    world.settle()
    world.ask(Ready(ANI))
    world.call("c2", "efin")
    world.call("c3", "efin")
    assert world.leg_of(ANI) is not None


def test_agents_are_called_back_when_inbound_suffers(world: World) -> None:
    at_work(world, ANI, BUDI)
    borrowed(world)
    for number in range(3):
        world.call(f"c{number}", "efin")
    world.wait(1)
    assert lent(world) == set()
    assert world.leg_of(ANI) is not None, "they help out at once"
    assert "not lending" in world.floor.lending(world.now)


def test_a_lent_agent_comes_back_to_the_one_caller_whom_nobody_else_can_serve() -> None:
    """Nothing can be estimated yet, one waits, and Budi is free all the while."""
    world = acd_outbound_team.world(knows=(Competence(ANI, "kup", Tier.B, 1),))
    at_work(world, ANI, BUDI)
    assert borrowed(world) == {ANI}
    world.call("c1", "kup/B")
    back = acd_outbound_team.LENDING.expected_wait.back
    world.wait(back - 0.1)
    assert lent(world) == {ANI}
    world.wait(0.2)
    assert lent(world) == set()
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c1"
    assert world.leg_of(BUDI) is None


def test_a_caller_whom_no_lent_agent_could_serve_calls_nobody_back(world: World) -> None:
    at_work(world, ANI, BUDI)
    assert borrowed(world) == {ANI}
    world.call("c1", "hard")  # tier C only, and Ani has none
    world.wait(acd_outbound_team.LENDING.expected_wait.back + 1)
    assert lent(world) == {ANI}


def test_after_a_restart_nobody_is_lent(world: World) -> None:
    at_work(world, ANI, BUDI)
    borrowed(world)
    world.restart()
    world.come_back()
    assert lent(world) == set()
    world.call("c1", "efin")
    world.call("c2", "efin")
    assert world.leg_of(ANI) is not None and world.leg_of(BUDI) is not None


def test_a_lent_agent_who_signs_out_comes_back_to_inbound(world: World) -> None:
    at_work(world, ANI, BUDI)
    borrowed(world)
    world.ask(SignOut(ANI))
    at_work(world, ANI)
    assert lent(world) == set()
    assert team(world) == {}


def test_killed_in_a_talk_the_person_we_called_talks_on(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(CITRA)
    world.settle()
    world.restart()
    world.come_back()
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}
    assert team(world) == {CITRA: ("talking", True)}
    assert world.joined == [("c1", CITRA)] * 2, "told again"


def test_killed_while_the_phone_rings_it_is_offered_again(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", OUTBOUND, outbound=FOR_ANI)
    at_work(world, ANI)
    world.restart()
    world.come_back()
    world.settle()
    channel = world.leg_of(ANI)
    assert channel and channel.quick and channel.args[2] == "c1"
    assert world.leg_of(CITRA) is None


# -- in the talk ----------------------------------------------------------------------------------


def in_talk(world: World, agent: str = CITRA) -> None:
    at_work(world, agent)
    world.call("c1", OUTBOUND, outbound=PLACED)
    world.answer(agent)
    world.settle()


def test_who_we_called_is_put_on_hold_and_taken_back(world: World) -> None:
    in_talk(world)
    world.ask(Hold(CITRA))
    assert world.channels["caller-c1"].music
    assert team(world) == {CITRA: ("talking", True)}
    world.ask(Unhold(CITRA))
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}


def test_a_third_party_of_inbound_is_found_in_turn_and_rung_as_ever(world: World) -> None:
    in_talk(world)
    world.call("before", "efin", waited=30)
    world.ask(Consult(CITRA, Target(skill="efin", tier=Tier.B)))
    at_work(world, BUDI)
    channel = world.leg_of(BUDI)
    assert channel and channel.args[2] == "before", "a consultation goes before nobody who waits longer"
    at_work(world, ANI)
    third = world.leg_of(ANI)
    assert third and third.args[0] == "consult" and not third.quick
    world.answer(ANI)
    world.settle()
    world.ask(CompleteTransfer(CITRA))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.joined == [("c1", CITRA), ("c1", ANI)]


def test_a_talk_is_kept_for_an_agent_whose_line_died(world: World) -> None:
    in_talk(world)
    world.phone_dies(CITRA)
    world.hang_up(CITRA, 38)
    world.settle()
    assert world.channels["caller-c1"].music
    assert team(world) == {CITRA: ("talking", True)}
    world.phone(CITRA)
    world.answer(CITRA)
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}


def test_a_person_whose_agent_does_not_come_back_is_taken_up_by_another(world: World) -> None:
    at_work(world, ANI)
    world.tell(AgentWanted(ANI, "c1", 30))
    world.call("c1", OUTBOUND, outbound=FOR_ANI)
    world.answer(ANI)
    world.settle()
    world.phone_dies(ANI)
    world.hang_up(ANI, 38)
    world.settle()
    at_work(world, CITRA)
    assert world.leg_of(CITRA) is None, "the talk is kept for who was cut off"
    world.wait(RULES.rejoin_seconds + 0.1)
    channel = world.leg_of(CITRA)
    assert channel and channel.args[2] == "c1"


def test_our_own_calls_say_nothing_about_how_long_callers_wait(world: World) -> None:
    in_talk(world)
    world.ask(EndCall(CITRA))
    world.settle()
    world.wait(RULES.wrap_up_seconds + 1)
    estimator = world.floor._state.estimator
    assert estimator._all.seen == 0
    assert estimator._waited == 0
