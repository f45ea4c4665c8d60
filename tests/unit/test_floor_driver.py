"""The floor's driver on the real floor, with everything pretended around it."""

import asyncio

import pytest

from acd.requests import Actor, Pause, Ready, Refused, Request, Role
from domain.floor_log import AgentRow, OfferRow
from domain.legs import LiveLeg
from tests.unit.floor_hall import ACCOUNT, AGENT, RULES, SELF, Hall


@pytest.fixture
async def hall() -> Hall:
    return await Hall().opened()


async def test_a_call_goes_from_the_room_to_the_agent_in_this_order(hall: Hall) -> None:
    hall.enter()
    leg = hall.rung()
    assert hall.legs.done == [("ring", leg, ACCOUNT)]
    assert hall.legs.args[leg] == ("agent", ACCOUNT, "c1", "42")
    hall.talk()
    assert hall.legs.done[1:] == [
        ("open", "talk-c1"),
        ("join", "talk-c1", leg),
        ("join", "talk-c1", "chan-c1"),
    ]
    assert hall.observed() == ("ready", "talking")
    offers = [row for row in hall.record.rows if isinstance(row, OfferRow)]
    assert [(row.number, row.outcome) for row in offers] == [(42, ""), (42, "accepted")]
    assert hall.counts.rows == len(hall.record.rows)


async def test_wall_time_becomes_a_place_in_line(hall: Hall) -> None:
    hall.driver.phone(AGENT, ACCOUNT, False)
    hall.enter("young", waited=5)
    hall.enter("old", waited=60)
    young, old = hall.driver.place("young"), hall.driver.place("old")
    assert young is not None
    assert old is not None
    assert (young.ahead, old.ahead) == (1, 0)
    hall.driver.phone(AGENT, ACCOUNT, True)
    assert hall.legs.args[hall.rung()][2] == "old"
    assert hall.driver.place("nobody") is None


async def test_the_caller_who_hangs_up_while_it_rings_stops_the_ringing(hall: Hall) -> None:
    hall.enter()
    leg = hall.rung()
    hall.driver.leave("c1", "caller_hung_up")
    assert ("hang_up", leg) in hall.legs.done
    hall.driver.leave("c1", "caller_hung_up")  # told twice
    hall.driver.leg_gone(leg, 16)
    assert hall.observed() == ("ready", "idle")
    assert hall.door.told == []


async def test_the_end_of_a_leg_is_told_once_and_of_strangers_never(hall: Hall) -> None:
    hall.enter()
    leg = hall.talk()
    hall.driver.leg_gone("leg-of-nobody", 44)
    hall.driver.leg_gone(leg, 44)  # the line died
    hall.driver.leg_gone(leg, 16)
    assert hall.observed() == ("ready", "rejoining")
    assert ("music", "chan-c1", "id") in hall.legs.done, "after a word in the caller's language"
    hall.clock.advance(RULES.rejoin_seconds + 0.1)
    assert hall.door.told[1:] == [("over", "c1", "returned", "efin")]


async def test_ringing_in_vain_pauses_and_the_timer_is_the_floors(hall: Hall) -> None:
    hall.enter()
    leg = hall.rung()
    hall.clock.advance(14.9)
    assert ("hang_up", leg) not in hall.legs.done
    hall.clock.advance(0.2)
    assert ("hang_up", leg) in hall.legs.done
    hall.driver.leg_gone(leg, 19)
    assert hall.observed() == ("paused", "idle")
    assert hall.driver.place("c1") is not None


async def test_only_one_timer_is_ever_pending(hall: Hall) -> None:
    for n in range(20):
        hall.enter(f"c{n}")
        hall.clock.advance(0.5)
        assert hall.clock.pending <= 1
    await hall.driver.stop()
    assert hall.clock.pending == 0


async def test_a_refusal_is_raised_and_nothing_is_done(hall: Hall) -> None:
    before = list(hall.legs.done)
    with pytest.raises(Refused, match="themselves"):
        hall.driver.request(Actor("19900108", Role.AGENT), Ready(AGENT))
    assert hall.legs.done == before
    assert hall.observed() == ("ready", "idle")


async def test_who_may_refuse_requests_is_asked_before_the_floor(hall: Hall) -> None:
    asked: list[object] = []

    def check(actor: Actor, request: Request) -> None:
        asked.append((actor, request))
        raise Refused("disposition_first", "not yet")

    hall.driver.on_request(check)
    with pytest.raises(Refused, match="not yet"):
        hall.driver.request(SELF, Pause(AGENT, "prayer"))
    assert asked == [(SELF, Pause(AGENT, "prayer"))]
    assert hall.observed() == ("ready", "idle")


async def test_without_control_nobody_is_rung_and_with_it_the_oldest_first(hall: Hall) -> None:
    hall.driver.control_lost()
    hall.enter("young", waited=1)
    hall.enter("old", waited=9)
    assert hall.legs.of("ring") == []
    hall.driver.control_back([], [])
    assert [hall.legs.args[leg][2] for _, leg, _ in hall.legs.of("ring")] == ["old"]


async def test_what_lives_in_asterisk_and_nobody_needs_is_ended(hall: Hall) -> None:
    hall.driver.control_lost()
    stranger = LiveLeg("leg-stray", ("agent", ACCOUNT, "long-gone", "3"), True, "talk-long-gone")
    hall.driver.control_back([stranger], ["talk-long-gone"])
    assert ("hang_up", "leg-stray") in hall.legs.done
    assert ("close", "talk-long-gone") in hall.legs.done


async def test_shutting_the_line_lets_the_waiting_go_and_leaves_talks_alone(hall: Hall) -> None:
    hall.enter("talking")
    hall.talk("talking")
    hall.enter("waiting")
    hall.driver.shut()
    assert hall.door.told[1:] == [("left", "waiting", "closed")]
    assert hall.observed() == ("ready", "talking")


async def test_a_record_that_fails_costs_no_call(hall: Hall) -> None:
    hall.record.broken = True
    hall.enter()
    hall.talk()
    await asyncio.sleep(0.01)
    assert hall.observed() == ("ready", "talking")
    assert hall.counts.unwritten > 0
    assert hall.counts.failed == 0


async def test_what_was_declared_is_taken_up_again() -> None:
    hall = Hall()
    hall.record.agents_before = [
        AgentRow(AGENT, hall.clock.now(), "ready", "idle", account=ACCOUNT, by=AGENT)
    ]
    await hall.driver.restore()
    hall.enter("c1")
    assert hall.legs.of("ring") == []  # not before control and a phone
    hall.driver.phone(AGENT, ACCOUNT, True)
    hall.driver.control_back([], [])
    assert hall.legs.args[hall.rung()][2] == "c1"


async def test_a_callback_is_dialled_when_its_attempt_is_on_record(hall: Hall) -> None:
    hall.record.slow = asyncio.Event()
    hall.driver.enter_callback("c1", "efin", "id", hall.clock.now())
    hall.driver.leg_up(hall.rung())
    await asyncio.sleep(0)
    assert hall.callbacks.taken == 0  # the rows before it are not durable yet
    hall.record.slow.set()
    hall.callbacks.gate.set()
    await asyncio.sleep(0.01)
    assert [number for _, _, number in hall.legs.of("call_out")] == ["62811000123"]
    theirs = hall.legs.of("call_out")[0][1]
    hall.driver.leg_up(theirs)
    hall.driver.joined("talk-c1", hall.rung())
    hall.driver.joined("talk-c1", theirs)
    assert hall.observed() == ("ready", "talking")
    hall.driver.leg_gone(theirs, 16)
    assert hall.observed() == ("ready", "wrap_up")
    assert hall.door.told == []  # no flow knows of it


async def test_a_callback_whose_agent_left_meanwhile_is_not_dialled(hall: Hall) -> None:
    hall.driver.enter_callback("c1", "efin", "id", hall.clock.now())
    agents = hall.rung()
    hall.driver.leg_up(agents)
    await asyncio.sleep(0.01)
    assert hall.callbacks.taken == 1
    hall.driver.leg_gone(agents, 16)  # before the number was there
    hall.callbacks.gate.set()
    await asyncio.sleep(0.01)
    assert hall.legs.of("call_out") == []


async def test_a_callback_that_may_not_be_dialled_ends(hall: Hall) -> None:
    hall.callbacks.number = None
    hall.callbacks.gate.set()
    hall.driver.enter_callback("c1", "efin", "id", hall.clock.now())
    hall.driver.leg_up(hall.rung())
    await asyncio.sleep(0.01)
    assert hall.legs.of("call_out") == []
    assert hall.driver.place("c1") is None
    assert hall.observed() == ("ready", "wrap_up")


async def test_a_waiting_caller_keeps_the_place_without_the_leg(hall: Hall) -> None:
    hall.driver.phone(AGENT, ACCOUNT, False)
    hall.enter("first", waited=9)
    hall.enter("second", waited=3)
    assert hall.driver.call_back("first")
    hall.driver.leave("first", "caller_hung_up")  # takes nothing away
    place = hall.driver.place("first")
    assert place is not None
    assert place.ahead == 0
    assert not hall.driver.call_back("nobody")
    hall.driver.withdraw_callback("first", "expired")
    assert hall.driver.place("first") is None


async def test_a_claimed_call_cannot_become_a_callback(hall: Hall) -> None:
    hall.enter()
    hall.driver.leg_up(hall.rung())
    assert not hall.driver.call_back("c1")


async def test_who_watches_is_called_until_they_stop(hall: Hall) -> None:
    seen: list[int] = []
    stop = hall.driver.watch(lambda: seen.append(1))
    hall.enter()
    assert seen
    stop()
    count = len(seen)
    hall.driver.leave("c1", "caller_hung_up")
    assert len(seen) == count
