"""Who listens to calls on the floor is told how each goes on from its first talk to its end."""

from dataclasses import dataclass, field

import pytest

from acd.floor_views import CallerView
from acd.requests import EndCall, Hold, Target, Transfer, Unhold
from tests.unit.floor_hall import AGENT, RULES, SELF, Hall


@dataclass
class Ear:
    """Notes what it is told."""

    told: list[tuple[str, ...]] = field(default_factory=list)
    broken: bool = False

    def call_seen(self, view: CallerView) -> None:
        if self.broken:
            raise RuntimeError
        self.told.append((view.phase, view.agent, view.queue, view.leg))

    def call_over(self, call_id: str) -> None:
        self.told.append(("over", call_id))


TALK = ("talking", AGENT, "efin", "chan-c1")
HELD = ("holding", AGENT, "efin", "chan-c1")


@pytest.fixture
async def ear() -> Ear:
    return Ear()


@pytest.fixture
async def hall(ear: Ear) -> Hall:
    hall = await Hall().opened()
    hall.driver.call_ears.add(ear)
    hall.enter()
    return hall


async def test_a_call_is_told_from_its_first_talk_to_its_end(hall: Hall, ear: Ear) -> None:
    assert ear.told == []
    hall.talk()
    assert ear.told == [TALK]
    hall.driver.request(SELF, Hold(AGENT))
    hall.driver.request(SELF, Unhold(AGENT))
    assert ear.told[1:] == [HELD, TALK]
    hall.driver.request(SELF, EndCall(AGENT))
    hall.driver.leave("c1", "caller_hung_up")
    assert ear.told[3:] == [("over", "c1")]


async def test_a_call_that_nobody_answered_is_not_told(hall: Hall, ear: Ear) -> None:
    hall.driver.leave("c1", "caller_hung_up")
    assert ear.told == []


async def test_a_caller_who_hangs_up_in_a_talk_is_told(hall: Hall, ear: Ear) -> None:
    hall.talk()
    hall.driver.leave("c1", "caller_hung_up")
    assert ear.told == [TALK, ("over", "c1")]


async def test_a_transfer_is_waiting_until_it_ends_with_the_caller(hall: Hall, ear: Ear) -> None:
    hall.talk()
    hall.driver.request(SELF, Transfer(AGENT, Target(queue="efin")))
    assert ear.told[1:] == [("waiting", "", "efin", "chan-c1")]
    hall.driver.leave("c1", "caller_hung_up")  # before its flow let it wait again
    assert ear.told[2:] == [("over", "c1")]


async def test_a_line_that_dies_is_waiting_and_then_told_over(hall: Hall, ear: Ear) -> None:
    leg = hall.talk()
    hall.driver.leg_gone(leg, 44)
    assert ear.told[1:] == [("waiting", "", "efin", "chan-c1")]
    hall.clock.advance(RULES.rejoin_seconds + 0.1)
    hall.driver.leave("c1", "caller_hung_up")
    assert ear.told[2:] == [("over", "c1")]


async def test_an_ear_that_fails_stops_nothing(hall: Hall, ear: Ear) -> None:
    ear.broken = True
    hall.talk()
    assert hall.observed() == ("ready", "talking")
    assert hall.counts.failed == 0
