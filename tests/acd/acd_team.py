"""A small team at work on a floor, for stories."""

from acd.checking import checked
from acd.floor_rules import FloorRules, PauseReason
from acd.requests import Ready, SignIn
from acd.skills import Agent, Competence, Requirement, Ring, RingPlan, Skill, Skillbook, Tables, Tier
from tests.acd.acd_world import World

ANI, BUDI, CITRA, SITI = "1001", "1002", "1003", "9001"  # the last is a supervisor
RULES = FloorRules(wrap_up_seconds=60, extension_seconds=120)


def book() -> Skillbook:
    """Ani and Budi are tier B, Citra is tier C, all in `efin`."""
    names = ((ANI, "Ani"), (BUDI, "Budi"), (CITRA, "Citra"), (SITI, "Siti"))
    tiers = ((ANI, Tier.B), (BUDI, Tier.B), (CITRA, Tier.C))
    plans = (
        RingPlan("b_first", (Ring(0, frozenset({Tier.B})), Ring(60, frozenset({Tier.B, Tier.C})))),
        RingPlan("c_only", (Ring(0, frozenset({Tier.C})),)),
    )
    return checked(
        Tables(
            (Skill("efin", ""), Skill("kup", "")),
            tuple(Agent(number, name, "pagi", frozenset({"id"})) for number, name in names),
            tuple(Competence(number, "efin", tier, 1) for number, tier in tiers),
            plans,
            (Requirement("efin", "efin", Tier.B, "b_first"), Requirement("hard", "efin", Tier.C, "c_only")),
            (),
            (
                PauseReason("prayer", "Salat", "Prayer", "2", 20),
                PauseReason("missed_ring", "Tidak diangkat", "Missed ring", "", 5),
            ),
        )
    )


def world() -> World:
    """Return a floor with control and nobody at work."""
    made = World(book(), RULES)
    made.gain_control()
    return made


def at_work(world: World, *agents: str) -> None:
    for agent in agents:
        world.phone(agent)
        world.ask(SignIn(agent))
        world.now += 1
        world.ask(Ready(agent))


def in_talk(world: World, agent: str = ANI, call: str = "c1") -> None:
    """Let an agent come to work and talk with a caller."""
    at_work(world, agent)
    world.call(call, "efin")
    world.answer(agent)
    world.settle()
    assert world.heard_together(call) == {agent, "caller"}
