"""Stories of the floor: hold, transfer, consultation, conference, and every end of them."""

import pytest

from acd.requests import (
    CancelConsult,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    EndWrapUp,
    Hold,
    Pause,
    Refused,
    Target,
    Transfer,
    Unhold,
)
from acd.skills import Tier
from tests.acd import acd_team
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES, at_work, in_talk
from tests.acd.acd_world import World

TO_BUDI, TO_HARD, TO_C = Target(agent=BUDI), Target(queue="hard"), Target(skill="efin", tier=Tier.C)


@pytest.fixture
def world() -> World:
    return acd_team.world()


def caller(world: World) -> tuple[bool, str | None]:
    """Return whether the caller hears music, and the bridge."""
    channel = world.channels["caller-c1"]
    return channel.music, channel.bridge


def consulting(world: World, third: str = BUDI, target: Target = TO_BUDI) -> None:
    in_talk(world)
    at_work(world, third)
    world.ask(Consult(ANI, target))
    world.answer(third)
    world.settle()


def test_hold_and_unhold(world: World) -> None:
    in_talk(world)
    world.now += 30
    world.ask(Hold(ANI))
    world.settle()
    assert caller(world) == (True, None)
    assert world.view(ANI) == ("ready", "holding")
    assert world.floor.talks(world.now)[0].phase == "holding"
    with pytest.raises(Refused):
        world.ask(Hold(ANI))
    world.now += 20
    world.ask(Unhold(ANI))
    world.settle()
    assert caller(world) == (False, "talk-c1")
    assert world.phases(ANI)[-2:] == [("talk", "hold"), ("hold", "unhold")]


def test_a_caller_on_hold_hangs_up(world: World) -> None:
    in_talk(world)
    world.ask(Hold(ANI))
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.phases(ANI)[-1] == ("hold", "caller_hung_up")


def test_the_line_dies_during_hold(world: World) -> None:
    in_talk(world)
    world.ask(Hold(ANI))
    world.phone_dies(ANI)
    world.hang_up(ANI, cause=38)
    world.settle()
    assert caller(world) == (True, None)
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.callers["c1"].told == ["answered", "returned"]
    assert caller(world)[0] is False, "the flow plays its own music"


@pytest.mark.parametrize("target", [TO_HARD, TO_C])
def test_a_blind_transfer_to_a_queue_or_tier(world: World, target: Target) -> None:
    in_talk(world)
    at_work(world, CITRA)
    world.ask(Transfer(ANI, target))
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.phases(ANI)[-1] == ("talk", "transferred")
    assert world.callers["c1"].queue == ("hard" if target is TO_HARD else "efin/C")
    world.answer(CITRA)
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}
    assert world.outcomes("c1") == ["answered", "answered"]


def test_a_transferred_call_keeps_its_place(world: World) -> None:
    in_talk(world)
    world.now += 100
    world.call("c2", "hard")
    world.ask(Transfer(ANI, TO_HARD))
    world.settle()
    at_work(world, CITRA)
    channel = world.leg_of(CITRA)
    assert channel and channel.args[2] == "c1"


def test_a_blind_transfer_to_an_agent(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Transfer(ANI, TO_BUDI))
    assert caller(world) == (True, None)
    assert world.view(BUDI) == ("ready", "offered")
    world.answer(BUDI)
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert world.view(ANI) == ("ready", "wrap_up")
    world.hang_up(BUDI)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


@pytest.mark.parametrize("how", ["rejects", "rings", "dies"])
def test_a_transfer_to_an_agent_that_fails_brings_the_caller_to_the_front(world: World, how: str) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.call("c2", "hard")
    world.ask(Transfer(ANI, TO_BUDI))
    if how == "rings":
        world.wait(RULES.consult_ring_seconds + RULES.lease_seconds + 0.1)
    else:
        world.hang_up(BUDI, cause=21 if how == "rejects" else 20)
        world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]
    assert world.view(BUDI) == ("paused", "idle")
    place = world.floor.place("c1", world.now)
    assert place and place.ahead == 0


def test_a_caller_hangs_up_while_the_transfer_rings(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Transfer(ANI, TO_BUDI))
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(BUDI) == ("ready", "idle")
    assert not world.channels


@pytest.mark.parametrize(
    ("target", "word"),
    [
        (TO_BUDI, "agent_not_free"),
        (Target(agent="9999"), "unknown_agent"),
        (Target(agent=ANI), "own_number"),
        (Target(queue="nowhere"), "unknown_queue"),
        (Target(skill="nothing", tier=Tier.A), "unknown_queue"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused_and_the_talk_goes_on(
    world: World, target: Target, word: str
) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Pause(BUDI, "prayer"))
    for request in (Transfer(ANI, target), Consult(ANI, target)):
        with pytest.raises(Refused) as refused:
            world.ask(request)
        assert refused.value.word == word
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")


def test_a_consultation_and_back(world: World) -> None:
    consulting(world)
    assert caller(world) == (True, None)
    ani, budi = world.leg_of(ANI), world.leg_of(BUDI)
    assert ani and budi and ani.bridge == budi.bridge == f"consult-{budi.name}"
    assert world.view(ANI) == world.view(BUDI) == ("ready", "consulting")
    world.ask(CancelConsult(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(BUDI) == ("ready", "idle"), "nothing to note"
    assert world.phases(BUDI) == [("ring", "answered"), ("consult", "released")]


def test_a_consultation_becomes_a_transfer(world: World) -> None:
    consulting(world)
    world.ask(CompleteTransfer(ANI))
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.view(BUDI) == ("ready", "talking")
    assert world.bridges == {"talk-c1"}
    world.ask(EndCall(BUDI))
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]
    assert world.view(BUDI) == ("ready", "wrap_up")


@pytest.mark.parametrize("target", [TO_HARD, TO_C])
def test_a_consultation_with_whoever_a_tier_gives(world: World, target: Target) -> None:
    consulting(world, CITRA, target)
    assert world.view(CITRA) == ("ready", "consulting")
    world.ask(CompleteTransfer(ANI))
    world.settle()
    assert world.heard_together("c1") == {CITRA, "caller"}


def test_a_consultation_waits_for_the_next_agent_of_the_tier(world: World) -> None:
    in_talk(world)
    world.ask(Consult(ANI, TO_HARD))
    world.wait(10)
    with pytest.raises(Refused) as refused:
        world.ask(CompleteTransfer(ANI))
    assert refused.value.word == "no_third"
    at_work(world, CITRA)
    world.answer(CITRA)
    world.settle()
    assert world.view(CITRA) == ("ready", "consulting")


def test_a_consultation_looks_for_somebody_for_so_long(world: World) -> None:
    in_talk(world)
    world.ask(Consult(ANI, TO_HARD))
    world.wait(RULES.consult_wait_seconds - 3)
    at_work(world, CITRA)
    world.wait(4)
    assert world.leg_of(CITRA), "a phone that rings is waited for"
    world.hang_up(CITRA, 21)
    world.wait(RULES.ring_seconds + 0.1)
    assert world.heard_together("c1") == {ANI, "caller"}
    assert (ANI, "nobody_found") in world.told
    assert world.view(ANI) == ("ready", "talking")


def test_a_consultation_that_nobody_takes_is_cancelled(world: World) -> None:
    in_talk(world)
    world.ask(Consult(ANI, TO_HARD))
    world.ask(CancelConsult(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    at_work(world, CITRA)
    assert world.leg_of(CITRA) is None


def test_a_colleague_who_does_not_answer_a_consultation(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    world.wait(RULES.consult_ring_seconds + RULES.lease_seconds + 0.1)
    assert world.heard_together("c1") == {ANI, "caller"}
    assert (ANI, "third_gone") in world.told
    assert world.view(BUDI) == ("paused", "idle")


@pytest.mark.parametrize("cause", [16, 38])
def test_the_third_party_leaves_a_consultation(world: World, cause: int) -> None:
    consulting(world)
    world.hang_up(BUDI, cause)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    assert world.view(BUDI) == ("ready", "idle")


@pytest.mark.parametrize("cause", [16, 38])
def test_the_agent_leaves_a_consultation_and_the_caller_is_with_the_third(world: World, cause: int) -> None:
    consulting(world)
    if cause == 38:
        world.phone_dies(ANI)
    world.hang_up(ANI, cause)
    world.wait(0 if cause == 16 else RULES.rejoin_seconds + 0.1)
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert world.view(ANI) == (("ready", "wrap_up") if cause == 16 else ("ready", "phone_gone"))


def test_the_agent_leaves_while_the_colleagues_phone_rings(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    world.hang_up(ANI, 16)
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"], "nobody hangs up on a caller in music"
    channel = world.leg_of(BUDI)
    assert channel and channel.args[0] == "agent", "and Budi is free to take it"


@pytest.mark.parametrize("state", ["ringing", "consulting", "conference"])
def test_the_caller_leaves_three(world: World, state: str) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    if state != "ringing":
        world.answer(BUDI)
        world.settle()
    if state == "conference":
        world.ask(Conference(ANI))
        world.settle()
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.view(BUDI) == ("ready", "idle")
    assert not world.channels
    assert not world.bridges


@pytest.mark.parametrize(("who", "cause"), [(ANI, 16), (ANI, 38), (BUDI, 16), (BUDI, 38)])
def test_one_of_the_agents_leaves_a_conference(world: World, who: str, cause: int) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, BUDI, "caller"}
    assert world.view(ANI) == world.view(BUDI) == ("ready", "talking")
    assert world.floor.talks(world.now)[0].phase == "conference"
    if cause == 38:
        world.phone_dies(who)
    world.hang_up(who, cause)
    world.settle()
    left = BUDI if who == ANI else ANI
    assert world.heard_together("c1") == {left, "caller"}
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.heard_together("c1") == {left, "caller"}
    world.hang_up(left)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]
    assert world.view(left) == ("ready", "wrap_up")


def test_the_third_ends_their_part_of_a_conference(world: World) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    world.ask(EndCall(BUDI))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    with pytest.raises(Refused):
        world.ask(EndWrapUp(BUDI))
    world.ask(EndCall(ANI))
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


def test_the_agent_lets_the_third_of_a_conference_go(world: World) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    with pytest.raises(Refused):
        world.ask(Hold(ANI))
    world.ask(CancelConsult(ANI))
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    world.ask(Hold(ANI))


@pytest.mark.parametrize("how", ["line dies", "not joined"])
def test_a_transferred_caller_whose_next_agent_is_lost_waits_on_where_they_were_sent(
    world: World, how: str
) -> None:
    in_talk(world)
    at_work(world, CITRA)
    world.ask(Transfer(ANI, TO_C))
    world.settle()
    world.answer(CITRA)
    if how == "line dies":
        world.settle()
        world.phone_dies(CITRA)
    world.hang_up(CITRA, cause=38)
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.callers["c1"].told[-1] == "returned"
    waiting = world.floor.caller("c1")
    assert waiting and (waiting.queue, waiting.phase) == ("efin/C", "waiting")
    assert world.floor.place("c1", world.now) is not None


def test_who_got_a_call_from_a_consultation_writes_the_note_for_its_queue(world: World) -> None:
    consulting(world)
    world.ask(CompleteTransfer(ANI))
    world.settle()
    world.now += 30
    world.ask(EndCall(BUDI))
    world.settle()
    notes = {view.agent: view.queue for view in world.floor.agents(world.now) if view.observed == "wrap_up"}
    assert notes == {ANI: "efin", BUDI: "efin"}
