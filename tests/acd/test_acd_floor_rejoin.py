"""Stories of the floor: an agent's line dies in a talk, and they are taken back into it, or not."""

import pytest

from acd.happenings import LegUp
from acd.requests import (
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    Hold,
    Listen,
    Pause,
    Refused,
    Role,
    SignIn,
    SignOut,
)
from domain.floor_log import LegRow, Phase
from tests.acd import acd_team
from tests.acd.acd_lines import Channel
from tests.acd.acd_rejoin import NETWORK, TO_BUDI, TO_HARD, back, consulting, cut_off, music
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES, SITI, at_work, in_talk
from tests.acd.acd_world import World


@pytest.fixture
def world() -> World:
    return acd_team.world()


def test_who_is_back_in_time_talks_with_the_caller_again(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    world.now += 60
    first = world.leg_of(ANI)
    cut_off(world)
    assert music(world)
    view = next(view for view in world.floor.agents(world.now) if view.agent == ANI)
    assert (view.call_id, view.rejoin_left) == ("c1", RULES.rejoin_seconds)
    talk = world.floor.talks(world.now)[0]
    assert (talk.agent, talk.phase, talk.seconds) == (ANI, "rejoining", 60)
    world.wait(4)
    assert music(world)
    world.phone(ANI)
    channel = world.leg_of(ANI)
    assert first and channel
    assert channel.args == ("rejoin", f"a{ANI}", "c1", first.name, "1")
    assert channel.rings_until == world.now + RULES.rejoin_seconds - 4, "what is left of the time"
    world.wait(3)
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert not music(world)
    assert world.view(ANI) == ("ready", "talking")
    assert world.floor.explain("c1", world.now, world.at).agent == ANI
    world.now += 20
    world.ask(EndCall(ANI))
    world.settle()
    rows = [row for row in world.rows if isinstance(row, LegRow) and row.call_id == "c1" and row.seconds]
    assert {row.leg for row in rows} == {first.name}, "one record of one talk"
    assert [(row.phase, row.outcome, row.seconds) for row in rows] == [
        (Phase.TALK, "line_died", 60),
        (Phase.REJOIN, "rejoined", 7),
        (Phase.TALK, "ended", 20),
    ]
    assert world.outcomes("c1") == ["answered"]


def test_a_phone_that_is_still_there_is_rung_at_once(world: World) -> None:
    in_talk(world)
    world.hang_up(ANI, NETWORK)
    world.settle()
    channel = world.leg_of(ANI)
    assert channel and channel.args[0] == "rejoin"


def test_a_page_that_comes_back_with_another_account_is_rung_there(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.phone(ANI, "anew")
    world.ask(SignIn(ANI, "anew"))
    channel = world.leg_of(ANI)
    assert channel and channel.account == "anew"
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    world.ask(EndCall(ANI))
    world.wait(61)
    assert world.view(ANI) == ("ready", "idle"), "with the new phone"


def test_the_phone_that_comes_back_is_rung_rather_than_one_that_was_there(world: World) -> None:
    in_talk(world)
    world.phone(ANI, "adesk")
    cut_off(world)
    first = world.leg_of(ANI)
    assert first and first.account == "adesk"
    world.phone(ANI, "anew")
    world.settle()
    second = world.leg_of(ANI)
    assert second and second.account == "anew"
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}


@pytest.mark.parametrize("how", ["late", "refused", "unanswered"])
def test_who_is_not_back_loses_the_call_to_the_front_of_the_line(world: World, how: str) -> None:
    in_talk(world)
    cut_off(world)
    if how != "late":
        world.wait(1)
        world.phone(ANI)
    if how == "refused":
        world.hang_up(ANI, 21)
        world.settle()
    world.wait(0 if how == "refused" else RULES.rejoin_seconds + 0.1)
    assert world.callers["c1"].told == ["answered", "returned"]
    assert (ANI, "not_rejoined") in world.told
    assert ("rejoin", "not_rejoined") in world.phases(ANI)
    if how == "late":
        assert world.view(ANI) == ("ready", "phone_gone")
    if how == "refused":
        assert world.view(ANI) == ("paused", "idle")
    if how == "unanswered":
        assert world.leg_of(ANI).args[0] == "agent", "offered as any call"  # type: ignore[union-attr]


def test_a_caller_who_gives_up_meanwhile(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.phone(ANI)
    world.hang_up_caller("c1")
    world.settle()
    assert world.leg_of(ANI) is None
    assert world.view(ANI) == ("ready", "wrap_up"), "there was a talk to note"
    assert world.phases(ANI)[-1] == ("rejoin", "caller_hung_up")


def test_who_hangs_up_has_ended_the_talk(world: World) -> None:
    in_talk(world)
    world.hang_up(ANI, 16)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


def test_without_the_rule_the_call_goes_back_at_once(world: World) -> None:
    world = World(acd_team.book(), acd_team.RULES.__class__(rejoin_seconds=0))
    world.gain_control()
    in_talk(world)
    world.phone_dies(ANI)
    world.hang_up(ANI, NETWORK)
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]


def test_a_line_may_die_again_but_not_for_ever(world: World) -> None:
    in_talk(world)
    for _ in range(int(RULES.rejoin_times)):
        cut_off(world)
        world.wait(2)
        back(world)
        assert world.heard_together("c1") == {ANI, "caller"}
    world.hang_up(ANI, NETWORK)
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]
    assert world.phases(ANI).count(("rejoin", "rejoined")) == RULES.rejoin_times


def test_the_line_dies_again_while_the_phone_rings(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.phone(ANI)
    world.phone_dies(ANI)
    world.hang_up(ANI, 20) if world.leg_of(ANI) else None
    world.settle()
    assert world.view(ANI) == ("ready", "rejoining")
    back(world)
    assert world.heard_together("c1") == {ANI, "caller"}


def test_a_phone_that_could_not_be_rung_is_rung_again(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.phone(ANI)
    world.hang_up(ANI, 20)
    world.settle()
    assert world.leg_of(ANI) is None
    world.wait(1.1)
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}


def test_from_hold_the_caller_is_heard_again(world: World) -> None:
    in_talk(world)
    world.ask(Hold(ANI))
    cut_off(world)
    assert music(world)
    back(world)
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.phases(ANI)[-2:] == [("hold", "line_died"), ("rejoin", "rejoined")]


def test_a_consultation_nobody_answered_is_withdrawn(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    cut_off(world)
    assert world.leg_of(BUDI) is None
    assert world.view(BUDI) == ("ready", "idle")
    back(world)
    assert world.heard_together("c1") == {ANI, "caller"}


def test_a_consultation_goes_on_when_the_agent_is_back(world: World) -> None:
    consulting(world)
    cut_off(world)
    assert music(world)
    assert (BUDI, "line_cut") in world.told
    back(world)
    ani, budi = world.leg_of(ANI), world.leg_of(BUDI)
    assert ani and budi and ani.bridge == budi.bridge == f"consult-{budi.name}"
    assert world.view(ANI) == world.view(BUDI) == ("ready", "consulting")
    world.ask(CompleteTransfer(ANI))
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}


@pytest.mark.parametrize("returns", [True, False])
def test_the_third_party_leaves_a_consultation_meanwhile(world: World, returns: bool) -> None:
    consulting(world)
    cut_off(world)
    world.hang_up(BUDI)
    world.settle()
    assert world.view(BUDI) == ("ready", "idle")
    assert music(world)
    if returns:
        back(world)
        assert world.heard_together("c1") == {ANI, "caller"}
    else:
        world.wait(RULES.rejoin_seconds + 0.1)
        assert world.callers["c1"].told == ["answered", "returned"]


def test_the_others_of_a_conference_talk_on(world: World) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    cut_off(world)
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert not music(world)
    back(world)
    assert world.heard_together("c1") == {ANI, BUDI, "caller"}
    assert world.floor.talks(world.now)[0].phase == "conference"


@pytest.mark.parametrize("conference", [True, False])
def test_the_third_party_has_the_call_of_who_is_not_back(world: World, conference: bool) -> None:
    consulting(world)
    if conference:
        world.ask(Conference(ANI))
        world.settle()
    cut_off(world)
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert world.view(BUDI) == ("ready", "talking")
    assert world.view(ANI) == ("ready", "phone_gone")
    world.ask(EndCall(BUDI))
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


def test_the_third_party_ends_a_conference_meanwhile(world: World) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    cut_off(world)
    world.ask(EndCall(BUDI))
    world.settle()
    assert music(world), "nobody is left with the caller"
    back(world)
    assert world.heard_together("c1") == {ANI, "caller"}


def test_supervisors_are_let_go_and_come_again(world: World) -> None:
    in_talk(world)
    world.phone(SITI)
    world.ask(Listen(ANI, SITI), SITI, Role.SUPERVISOR)
    world.answer(SITI)
    world.settle()
    cut_off(world)
    assert world.leg_of(SITI) is None
    with pytest.raises(Refused) as refused:
        world.ask(Listen(ANI, SITI), SITI, Role.SUPERVISOR)
    assert refused.value.word == "no_talk"
    back(world)
    world.ask(Listen(ANI, SITI), SITI, Role.SUPERVISOR)
    assert world.leg_of(SITI)


def test_what_is_declared_meanwhile_holds_afterwards(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.ask(Pause(ANI, "prayer"))
    world.ask(SignOut(ANI))
    assert world.view(ANI) == ("leaving", "rejoining")
    back(world)
    world.ask(EndCall(ANI))
    world.wait(61)
    assert world.view(ANI) == ("signed_out", "idle")


def test_a_late_answer_is_hung_up(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.phone(ANI)
    channel = world.leg_of(ANI)
    assert channel
    world.wait(RULES.rejoin_seconds + 0.1)
    world.ever.add(channel.name)
    world.channels[channel.name] = Channel(channel.name, channel.args, up=True)
    world.tell(LegUp(channel.name))
    assert channel.name not in world.channels


def test_a_queue_is_consulted_after_a_rejoin_as_ever(world: World) -> None:
    in_talk(world)
    cut_off(world)
    back(world)
    at_work(world, CITRA)
    world.ask(Consult(ANI, TO_HARD))
    world.answer(CITRA)
    world.settle()
    assert world.view(CITRA) == world.view(ANI) == ("ready", "consulting")
