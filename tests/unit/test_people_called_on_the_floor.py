"""People we called and the floor's rules together, without Asterisk; and the floor as the dialer sees it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast
from unittest.mock import Mock

import pytest

from acd.blending import Limits, shipped
from acd.checking import checked
from acd.driver import FloorDriver
from acd.floor import Floor
from acd.floor_rules import FloorRules, PauseReason
from acd.ports import FloorLegs, FloorObserver
from acd.requests import Actor, EndCall, EndWrapUp, Pause, Ready, Request, Role, SignIn
from acd.skills import Agent, Competence, Requirement, Ring, RingPlan, Skill, Tables, Tier
from dialer.attempts import DialOutcome
from dialer.ports import LineEnd
from domain.clock import SystemClock
from ivr.outbound import Errand
from ivr.switchboard import Leg, Switchboard
from service.outbound_events import OutboundEvents
from service.outbound_floor import FloorForOutbound
from storage.memory import MemoryCallLog, MemoryFloorLog, MemoryFlowArchive
from tests.unit.call_stage import PretendedAsterisk, Stage, settled
from tests.unit.test_outbound_events import Ear

ANI, BUDI, CITRA = "70000001", "70000002", "70000003"
PHONES = {ANI: "a0000000000000001", BUDI: "a0000000000000002", CITRA: "a0000000000000003"}
NAMES = {ANI: "Ani", BUDI: "Budi", CITRA: "Citra"}
ATTEMPT = "c" * 32
CHANNEL = f"out-{ATTEMPT}"
PLACED = Leg(CHANNEL, "", "", up=True, errand=Errand(ATTEMPT, "outbound_agent", "outbound/A"))
AT_ONCE = replace(shipped(), settle=0.0, free_agents=Limits(1, 0.5))


@dataclass
class Rung:
    """A phone that rings."""

    leg: str
    account: str
    quick: bool


class PretendedLegs:
    """Notes which phones ring and who is put where; everything else is left undone."""

    def __init__(self) -> None:
        self.rung: list[Rung] = []
        self.joined: list[tuple[str, str]] = []
        self.gone: list[str] = []
        self.other = Mock(spec_set=FloorLegs)

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        self.rung.append(Rung(leg, account, quick))

    def join(self, bridge: str, leg: str) -> None:
        self.joined.append((bridge, leg))

    def hang_up(self, leg: str, cause: int = 16) -> None:
        self.gone.append(leg)

    def __getattr__(self, name: str) -> object:
        return getattr(self.other, name)


class Centre:
    """Ani works for outbound only; Budi and Citra belong to inbound and could be lent."""

    def __init__(self) -> None:
        skills = (Skill("general", ""), Skill("outbound", ""))
        competences = [Competence(agent, "outbound", Tier.A, 1) for agent in PHONES]
        competences += [Competence(agent, "general", Tier.A, 1) for agent in (BUDI, CITRA)]
        tables = Tables(
            skills,
            tuple(Agent(agent, name, "pagi", frozenset({"id"})) for agent, name in NAMES.items()),
            tuple(competences),
            (RingPlan("all", (Ring(0, frozenset({Tier.A})),)),),
            (Requirement("general", "general", Tier.A, "all"),),
            (),
            (PauseReason("prayer", "Salat", "Prayer", "2", 20),),
        )
        ids = itertools.count(1)
        floor = Floor(checked(tables), FloorRules(), lambda: f"{next(ids):032x}", lending=AT_ONCE)
        self.legs, self.ear, self.events = PretendedLegs(), Ear(), OutboundEvents()
        self.events.connect(self.ear)
        observer = Mock(spec_set=FloorObserver)
        legs = cast(FloorLegs, self.legs)
        self.floor = FloorDriver(floor, legs, MemoryFloorLog(), SystemClock(), observer)
        self.stage = Stage(
            PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive(), room=self.floor, dialed=self.events
        )
        self.floor.connect(self.switchboard)
        self.floor.control_back([], [])
        self.outbound = FloorForOutbound(self.floor)

    @property
    def switchboard(self) -> Switchboard:
        return self.stage.switchboard

    def asks(self, request: Request) -> None:
        self.floor.request(Actor(request.agent, Role.AGENT), request)

    def comes_to_work(self, *agents: str) -> None:
        for agent in agents:
            self.floor.phone(agent, PHONES[agent], reachable=True)
            self.asks(SignIn(agent))
            self.asks(Ready(agent))

    def joins(self) -> None:
        """Asterisk joins whom it was told to."""
        for bridge, leg in self.legs.joined:
            self.floor.joined(bridge, leg)

    def observed(self, agent: str) -> str:
        return next(view.observed for view in self.floor.agents() if view.agent == agent)


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    centre = Centre()
    await centre.stage.opens()
    yield centre
    await centre.switchboard.stop()
    await centre.floor.stop()


async def answered(centre: Centre, leg: Leg = PLACED) -> Rung:
    """A person we called answers, and a phone rings for them."""
    centre.switchboard.arrived(leg)
    await settled()
    return centre.legs.rung[-1]


async def test_who_answers_is_joined_with_an_agent_and_the_dialer_hears_of_it(centre: Centre) -> None:
    centre.comes_to_work(ANI)
    rung = await answered(centre)
    assert (rung.account, rung.quick) == (PHONES[ANI], True)
    centre.floor.leg_up(rung.leg)
    await settled()
    centre.joins()
    (agent,) = centre.outbound.team("outbound", Tier.A).agents
    assert (agent.agent, agent.state, agent.outbound) == (ANI, "talking", True)
    assert agent.since <= SystemClock().monotonic()
    centre.asks(EndCall(ANI))
    await settled()
    centre.events.gone(CHANNEL, 16, 0)
    assert centre.ear.told == [
        ("answered", ATTEMPT, ""),
        ("joined", ATTEMPT, ANI),
        ("over", ATTEMPT, DialOutcome.TALKED),
        LineEnd(ATTEMPT, 16, 0, answered=True),
    ]
    assert centre.outbound.team("outbound", Tier.A).agents[0].state == "wrap_up"
    centre.floor.leg_gone(rung.leg, 16)
    centre.asks(EndWrapUp(ANI))
    assert centre.outbound.team("outbound", Tier.A).idle == 1


@pytest.mark.parametrize("first", ["callee", "agent"])
async def test_the_callee_hangs_up_in_the_moment_in_which_the_agents_phone_answers(
    centre: Centre, first: str
) -> None:
    centre.comes_to_work(ANI)
    rung = await answered(centre)
    happenings: list[Callable[[], None]] = [
        lambda: centre.switchboard.gone(CHANNEL, 16),
        lambda: centre.floor.leg_up(rung.leg),
    ]
    for happens in happenings if first == "callee" else reversed(happenings):
        happens()
    await settled()
    centre.events.gone(CHANNEL, 16, 0)
    assert centre.legs.gone == [rung.leg], "the agent's phone is let go"
    centre.floor.leg_gone(rung.leg, 16)
    await settled()
    assert centre.observed(ANI) == "idle"
    assert centre.outbound.team("outbound", Tier.A).idle == 1
    assert centre.ear.told[-2:] == [
        ("over", ATTEMPT, DialOutcome.HUNG_UP_EARLY),
        LineEnd(ATTEMPT, 16, 0, answered=True),
    ]


async def test_an_agent_who_pauses_while_the_phone_rings_leaves_the_call_to_the_next(centre: Centre) -> None:
    centre.comes_to_work(ANI)
    rung = await answered(centre)
    centre.asks(Pause(ANI, "prayer"))
    assert rung.leg in centre.legs.gone
    assert centre.outbound.team("outbound", Tier.A).agents == ()
    centre.comes_to_work(BUDI, CITRA)
    assert centre.outbound.borrow("outbound", Tier.A, 1) == 1
    await settled()
    assert centre.legs.rung[-1].account in (PHONES[BUDI], PHONES[CITRA])


# -- the floor as the dialer sees it ----------------------------------------------------------------


async def test_agents_are_borrowed_as_far_as_inbound_can_spare_them(centre: Centre) -> None:
    floor = centre.outbound
    centre.comes_to_work(ANI, BUDI, CITRA)
    assert [agent.agent for agent in floor.team("outbound", Tier.A).agents] == [ANI]
    assert floor.borrow("outbound", Tier.A, 5) == 1
    assert floor.team("outbound", Tier.A).idle == 2
    floor.give_back("outbound", Tier.A)
    floor.give_back("outbound", Tier.A)
    assert floor.borrow("outbound", Tier.A, 0) == 0
    assert floor.team("outbound", Tier.A).idle == 1
    assert "lending" in centre.floor.lending()


async def test_an_agent_is_kept_for_a_call_and_counts_as_ringing(centre: Centre) -> None:
    floor = centre.outbound
    assert not floor.keep(ANI, ATTEMPT, 30.0)
    centre.comes_to_work(ANI)
    assert floor.keep(ANI, ATTEMPT, 30.0)
    assert not floor.keep(ANI, "d" * 32, 30.0)
    assert [agent.state for agent in floor.team("outbound", Tier.A).agents] == ["ringing"]
    floor.release(ATTEMPT)
    assert floor.team("outbound", Tier.A).idle == 1


async def test_who_asks_at_every_change_is_not_told_of_it_for_ever(centre: Centre) -> None:
    floor, told = centre.outbound, 0

    def changed() -> None:
        nonlocal told
        told += 1
        floor.borrow("outbound", Tier.A, 5)

    end = floor.watch(changed)
    centre.comes_to_work(ANI, BUDI, CITRA)
    assert told == 0, "right after what is happening, not in the middle of it"
    await asyncio.sleep(0)
    await settled()
    assert floor.borrow("outbound", Tier.A, 0) == 1
    assert told == 2, "of the agents who came, and of the one who was lent"
    end()
    centre.floor.phone(ANI, PHONES[ANI], reachable=False)
    await settled()
    assert told == 2
