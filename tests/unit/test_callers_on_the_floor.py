"""Callers' flows and the floor's rules together, with a pretended Asterisk: what a caller hears of agents."""

import itertools
from collections.abc import AsyncIterator, Sequence
from typing import cast
from unittest.mock import Mock

import pytest

from acd.checking import checked
from acd.driver import FloorDriver
from acd.floor import Floor
from acd.floor_rules import FloorRules
from acd.ports import FloorLegs, FloorObserver
from acd.requests import Actor, EndCall, Ready, Role, SignIn
from acd.skills import Agent, Competence, Requirement, Ring, RingPlan, Skill, Tables, Tier
from domain.clock import SystemClock
from ivr.switchboard import Leg, Switchboard
from storage.memory import MemoryCallLog, MemoryFloorLog, MemoryFlowArchive
from tests.unit.call_stage import PretendedAsterisk, Stage, settled
from tests.unit.test_call_in_line import PretendedBook, bookings, message_is_due

ANI, PHONE = "1001", "a0123456789abcde"
FIRST, SECOND = Leg("chan-1", "1500200", "0811000123", up=False), Leg("chan-2", "1500200", "", up=False)
DESTINATION_OUT_OF_ORDER = 27  # Q.850: the agent's line died
CALL_REJECTED = 21  # Q.850: the agent declined


class PretendedLegs:
    """Notes which legs are rung and who is put where; everything else is left undone."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.joined: list[tuple[str, str]] = []
        self.called: list[tuple[str, str]] = []  # leg, number
        self.other = Mock(spec_set=FloorLegs)

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        self.rung.append(leg)

    def join(self, bridge: str, leg: str) -> None:
        self.joined.append((bridge, leg))

    def call_out(self, leg: str, number: str, args: Sequence[str], seconds: float) -> None:
        self.called.append((leg, number))

    def __getattr__(self, name: str) -> object:
        return getattr(self.other, name)


class Office:
    """A stage with one agent, who knows everything that `general` asks for."""

    def __init__(self, book: PretendedBook) -> None:
        tables = Tables(
            (Skill("general", ""),),
            (Agent(ANI, "Ani", "pagi", frozenset({"id"})),),
            (Competence(ANI, "general", Tier.A, 1),),
            (RingPlan("all", (Ring(0, frozenset({Tier.A})),)),),
            (Requirement("general", "general", Tier.A, "all"),),
            (),
            (),
        )
        ids = itertools.count(1)
        floor = Floor(checked(tables), FloorRules(), lambda: f"{next(ids):032x}")
        self.legs = PretendedLegs()
        observer = Mock(spec_set=FloorObserver)
        legs = cast(FloorLegs, self.legs)
        self.floor = FloorDriver(floor, legs, MemoryFloorLog(), SystemClock(), observer)
        self.stage = Stage(
            PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive(), bookings(book), room=self.floor
        )
        self.floor.connect(self.switchboard)
        self.floor.control_back([], [])

    @property
    def switchboard(self) -> Switchboard:
        return self.stage.switchboard

    async def takes_in(self, leg: Leg) -> str:
        """Let a caller ask for a person; return the call's id."""
        self.switchboard.arrived(leg)
        await settled()
        for key in "10":
            self.switchboard.key(leg.channel, key)
            await settled()
        return next(one.call.call_id for one in self.switchboard.inside() if one.call.channel == leg.channel)

    def hears(self, call_id: str) -> set[str]:
        playing = self.stage.asterisk.playing.items()
        return {sound for playback, sounds in playing if playback.startswith(call_id) for sound in sounds}

    async def agent_comes_to_work(self) -> None:
        self.floor.phone(ANI, PHONE, reachable=True)
        self.floor.request(Actor(ANI, Role.AGENT), SignIn(ANI))
        self.floor.request(Actor(ANI, Role.AGENT), Ready(ANI))
        await settled()

    async def agent_answers(self) -> str:
        """Let the agent take the call that rings; Asterisk joins what it was told to. Returns the leg."""
        leg = self.legs.rung[-1]
        self.floor.leg_up(leg)
        await settled()
        for bridge, joined in self.legs.joined:
            self.floor.joined(bridge, joined)
        await settled()
        return leg


@pytest.fixture
def book() -> PretendedBook:
    return PretendedBook()


@pytest.fixture
async def office(book: PretendedBook) -> AsyncIterator[Office]:
    office = Office(book)
    await office.stage.opens()
    yield office
    await office.switchboard.stop()
    await office.floor.stop()


async def test_callers_hear_where_they_stand(office: Office) -> None:
    first, second = await office.takes_in(FIRST), await office.takes_in(SECOND)
    await office.stage.finishes_playing()
    assert {"kring/id/place_first", "kring/id/music"} <= office.hears(first)
    assert {"kring/id/place_in_line-1", "kring/id/words/d_2", "kring/id/music"} <= office.hears(second)


async def test_a_caller_whose_agents_line_dies_is_first_again_and_told_so(office: Office) -> None:
    call_id = await office.takes_in(FIRST)
    await office.agent_comes_to_work()
    leg = await office.agent_answers()
    assert office.hears(call_id) == set() and (f"talk-{call_id}", FIRST.channel) in office.legs.joined
    office.floor.leg_gone(leg, DESTINATION_OUT_OF_ORDER)
    await settled()
    assert office.hears(call_id) == set(), "the talk is kept: the phone is rung for it"
    office.floor.leg_gone(office.legs.rung[-1], CALL_REJECTED)
    await settled()
    assert {"kring/id/talk_broken", "kring/id/music"} <= office.hears(call_id)
    assert [queue.waiting for queue in office.floor.queues() if queue.queue == "general"] == [1]


async def test_an_agent_who_ends_the_talk_ends_the_call(office: Office) -> None:
    await office.takes_in(FIRST)
    await office.agent_comes_to_work()
    await office.agent_answers()
    office.floor.request(Actor(ANI, Role.AGENT), EndCall(ANI))
    await settled()
    assert office.stage.asterisk.done[-1] == ("hang_up", FIRST.channel)


async def test_a_callback_keeps_the_place_before_those_who_came_later(
    office: Office, book: PretendedBook
) -> None:
    first, second = await office.takes_in(FIRST), await office.takes_in(SECOND)
    # The first caller's messages; those of the other one do not matter.
    driver = next(one for one in office.switchboard.inside() if one.call.call_id == first)
    for _ in range(2):
        timers = driver.session.outstanding().timers
        driver.deeds._timer_fired(min(timers, key=lambda timer: timer.seconds).timer)
        await settled()
    for _ in range(2):
        office.switchboard.key(FIRST.channel, "1")
        await settled()
    assert "kring/id/callback_booked" in office.hears(first) and set(book.rows) == {first}
    await office.stage.finishes_playing()
    assert {one.call.call_id for one in office.switchboard.inside()} == {second}
    place = office.floor.place(second)
    assert place is not None and place.ahead == 1, "the callback is still before the caller"


async def test_an_agent_who_becomes_free_ends_the_booking(office: Office) -> None:
    call_id = await office.takes_in(FIRST)
    await message_is_due(office.stage)
    await message_is_due(office.stage)
    office.switchboard.key(FIRST.channel, "1")
    await settled()
    assert "kring/id/callback_confirm" in office.hears(call_id)
    await office.agent_comes_to_work()
    await office.agent_answers()
    assert office.hears(call_id) == set()
    assert (f"talk-{call_id}", FIRST.channel) in office.legs.joined


async def test_a_centre_that_shuts_lets_everybody_go_with_a_word(office: Office) -> None:
    call_id = await office.takes_in(FIRST)
    office.floor.shut()
    await settled()
    assert "kring/id/room_closed" in office.hears(call_id)
