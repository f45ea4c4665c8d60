"""Stories of the floor: the service or its control goes while an agent's line is being restored."""

import pytest

from acd.happenings import PhoneSeen
from acd.requests import (
    Conference,
    EndCall,
)
from domain.floor_log import LegRow, Phase
from tests.acd import acd_team
from tests.acd.acd_rejoin import NETWORK, consulting, cut_off, music
from tests.acd.acd_team import ANI, BUDI, RULES, in_talk
from tests.acd.acd_world import World


@pytest.fixture
def world() -> World:
    return acd_team.world()


@pytest.mark.parametrize("step", ["away", "rings", "answered", "joined"])
def test_killed_in_the_middle(world: World, step: str) -> None:
    in_talk(world)
    world.now += 30
    cut_off(world)
    world.wait(5)
    if step != "away":
        world.phone(ANI)
    if step in ("answered", "joined"):
        world.answer(ANI)
    if step == "joined":
        world.settle()
    world.restart()
    world.now += 3
    if step == "away":
        world.accounts.clear()
    world.come_back()
    world.settle()
    if step == "away":
        assert world.view(ANI) == ("ready", "rejoining")
        assert music(world)
        world.wait(RULES.rejoin_seconds - 2)  # the time began anew
        world.phone(ANI)
    if step in ("away", "rings"):
        world.answer(ANI)
        world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    rejoin = [row for row in world.rows if isinstance(row, LegRow) and row.phase is Phase.REJOIN]
    assert len(rejoin) == 2
    assert rejoin[1].outcome == ("cut" if step == "answered" else "rejoined")
    assert rejoin[1].estimated == (step != "joined")
    world.ask(EndCall(ANI))
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]


def test_killed_and_the_agent_never_comes_back(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.restart()
    world.accounts.clear()
    world.come_back()
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.callers["c1"].told == ["answered", "returned"]
    assert world.phases(ANI)[-1] == ("rejoin", "not_rejoined")


def test_after_a_restart_it_is_the_last_time(world: World) -> None:
    in_talk(world)
    cut_off(world)
    world.restart()
    world.come_back()
    world.settle()
    world.answer(ANI)
    world.settle()
    world.hang_up(ANI, NETWORK)
    world.settle()
    assert world.callers["c1"].told == ["answered", "returned"]


def test_killed_while_the_others_of_a_conference_talk_on(world: World) -> None:
    consulting(world)
    world.ask(Conference(ANI))
    world.settle()
    cut_off(world)
    world.restart()
    world.come_back()
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}
    assert world.view(BUDI) == ("ready", "talking")
    assert world.view(ANI) == ("ready", "idle")


@pytest.mark.parametrize("rings", [True, False])
def test_control_is_lost_in_the_middle(world: World, rings: bool) -> None:
    in_talk(world)
    cut_off(world)
    if rings:
        world.phone(ANI)
    world.lose_control()
    world.now += RULES.rejoin_seconds + 5
    if rings:
        world.channels.pop(world.leg_of(ANI).name)  # type: ignore[union-attr]
    world.gain_control()
    world.settle()
    assert world.view(ANI) == ("ready", "rejoining"), "the time begins anew"
    if not rings:
        world.tell(PhoneSeen(ANI, f"a{ANI}"))
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
