"""A team in which some could work for outbound: Ani is lent by inbound, Budi too, Citra does nothing else."""

from collections.abc import Sequence
from dataclasses import replace

from acd.blending import BlendingRules, Limits
from acd.checking import checked
from acd.happenings import AgentsWanted
from acd.skills import Competence, Skill, Skillbook, Tier
from tests.acd import acd_team
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES
from tests.acd.acd_world import World

OUTBOUND = "outbound/A"
PLACED = (100, "", True)  # priority, only, quick
LENDING = BlendingRules(
    queue_length=Limits(0, 2),
    expected_wait=Limits(10, 60),
    service_level=Limits(0.8, 0.5),
    free_agents=Limits(1, 0.5),
    answer_within=20,
    window=1800,
    least_calls=20,
    settle=10,
    assumed=True,
)


def book(knows: Sequence[Competence] = ()) -> Skillbook:
    """Return the tables; `knows`: what somebody knows besides."""
    tables = acd_team.book().tables
    inbound = tuple(row for row in tables.competences if row.agent != CITRA)
    skilled = ((ANI, Tier.A), (BUDI, Tier.B), (CITRA, Tier.C))
    outbound = tuple(Competence(agent, "outbound", tier, 1) for agent, tier in skilled)
    skills = (*tables.skills, Skill("outbound", ""))
    return checked(replace(tables, skills=skills, competences=(*inbound, *outbound, *knows)))


def world(lending: BlendingRules = LENDING, knows: Sequence[Competence] = ()) -> World:
    """Return a floor with control and nobody at work."""
    made = World(book(knows), RULES, lending)
    made.gain_control()
    return made


def lent(world: World) -> set[str]:
    """Return who is lent to outbound work."""
    return {view.agent for view in world.floor.agents(world.now) if view.lent}


def settled_inbound(world: World) -> None:
    """Let inbound have been well for long enough."""
    world.wait(1)
    world.tell(AgentsWanted(OUTBOUND, 0))
    world.wait(LENDING.settle + 1)


def borrowed(world: World, wanted: int = 1) -> set[str]:
    """Let outbound want agents of an inbound that is well; return who is lent."""
    settled_inbound(world)
    world.tell(AgentsWanted(OUTBOUND, wanted))
    return lent(world)
