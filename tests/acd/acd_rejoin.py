"""An agent's line dies in a talk, and the phone comes back: for the stories of it."""

from acd.requests import (
    Consult,
    Target,
)
from tests.acd.acd_team import ANI, BUDI, at_work, in_talk
from tests.acd.acd_world import World

TO_BUDI, TO_HARD = Target(agent=BUDI), Target(queue="hard")
NETWORK = 44  # Q.850 cause of a line that died


def cut_off(world: World, agent: str = ANI, call: str = "c1") -> None:
    """The agent's page is closed: phone and line are gone, nobody hung up."""
    world.phone_dies(agent)
    world.hang_up(agent, NETWORK)
    world.settle()
    assert world.view(agent) == ("ready", "rejoining")
    assert world.callers[call].told == ["answered"], "the caller's flow knows nothing of it"


def music(world: World, call: str = "c1") -> bool:
    return world.channels[f"caller-{call}"].music


def back(world: World, agent: str = ANI) -> None:
    """The phone is there again, rings, and is answered."""
    world.phone(agent)
    channel = world.leg_of(agent)
    assert channel and channel.args[0] == "rejoin"
    world.answer(agent)
    world.settle()


def consulting(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.ask(Consult(ANI, TO_BUDI))
    world.answer(BUDI)
    world.settle()
