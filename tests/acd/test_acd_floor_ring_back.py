"""Stories of people whom we called in vain, and who ring us back."""

import pytest

from acd.happenings import AgentNotWanted, AgentWanted
from tests.acd import acd_outbound_team
from tests.acd.acd_outbound_team import OUTBOUND, borrowed
from tests.acd.acd_team import ANI, BUDI, CITRA, at_work
from tests.acd.acd_world import World


@pytest.fixture
def world() -> World:
    return acd_outbound_team.world()


@pytest.mark.parametrize("how", ["of inbound", "lent", "outbound only"])
def test_who_was_called_in_vain_and_rings_back_gets_any_free_agent_of_outbound_work(
    world: World, how: str
) -> None:
    agent = CITRA if how == "outbound only" else ANI
    at_work(world, agent, *([BUDI] if how == "lent" else []))
    if how == "lent":
        assert borrowed(world) == {ANI}
    world.call("c1", OUTBOUND)
    channel = world.leg_of(agent)
    assert channel and channel.args[2] == "c1"
    assert not channel.quick, "it rings as for any caller"
    world.answer(agent)
    world.settle()
    assert world.heard_together("c1") == {agent, "caller"}


def test_who_rings_back_goes_before_nobody_who_waits_longer(world: World) -> None:
    world.call("before", "efin", waited=30)
    world.call("back", OUTBOUND, waited=10)
    view = next(view for view in world.floor.queues(world.now) if view.queue == OUTBOUND)
    assert (view.waiting, view.free) == (1, 0)
    at_work(world, BUDI)
    channel = world.leg_of(BUDI)
    assert channel and channel.args[2] == "before"
    at_work(world, ANI)
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "back"


def test_who_rings_back_does_not_get_an_agent_who_is_kept_for_a_dial(world: World) -> None:
    at_work(world, ANI)
    world.tell(AgentWanted(ANI, "c9", 30))
    world.call("back", OUTBOUND)
    assert world.leg_of(ANI) is None
    text = world.floor.explain("back", world.now, world.at).text()
    assert "level 1 up, outbound; 0 free" in text
    assert "is kept for a call that is being placed for them" in text
    world.tell(AgentNotWanted("c9"))
    assert world.leg_of(ANI) is not None
