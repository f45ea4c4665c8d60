"""People who are called back: who waits, what an attempt comes to, what survives a restart."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock, call

import pytest

from acd.actions import CallOut
from domain.callbacks import CallbackOutcome, CallbacksUnavailable
from domain.legs import LiveLeg
from ivr.callback_calls import CallbackCalls, CallbackLine, outcome_of
from ivr.callbacks import Bookings
from ivr.hours_tables import load_callback_rules
from ivr.look_ups import LineHours
from storage.memory import MemoryCallbacks
from tests.unit.call_stage import settled
from tests.unit.test_call_in_line import HOURS, PretendedBook, StoppedClock
from tests.unit.test_callers_on_the_floor import ANI, Office

CALL, NUMBER = "0" * 31 + "1", "6281100001234"
TEN = datetime.fromisoformat("2026-11-23T10:00+07:00").astimezone(UTC)


class Desk:
    """Callbacks over a book in memory, a line that notes who enters, and a clock the test moves."""

    def __init__(self, book: MemoryCallbacks | None = None) -> None:
        self.book = book or MemoryCallbacks()
        self.clock = StoppedClock()
        self.hours = LineHours(HOURS, self.clock)
        self.line = Mock(spec_set=CallbackLine)
        bookings = Bookings(self.book, self.hours, load_callback_rules(), self.clock)
        self.calls = CallbackCalls(self.book, bookings, self.line, self.clock)

    async def has_booked(self, call_id: str = CALL, number: str = NUMBER) -> None:
        since, until = TEN - timedelta(minutes=5), TEN + timedelta(hours=4)
        await self.book.book(call_id, number, "general", "id", since, until, TEN)

    async def later(self, minutes: float) -> None:
        self.clock.time += timedelta(minutes=minutes)
        await self.calls.look()

    def entered(self) -> list[str]:
        return [each.args[0] for each in self.line.enter_callback.call_args_list]

    async def rings(self, leg: str = "leg-1") -> str | None:
        return await self.calls.take(CallOut(CALL, leg, ("callback", "", CALL, "0"), 30.0))


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.has_booked()
    return desk


async def test_a_booked_callback_waits_in_its_place_once_the_booking_has_settled(desk: Desk) -> None:
    await desk.calls.look()
    assert desk.entered() == []
    await desk.later(1)
    assert desk.line.enter_callback.call_args == call(CALL, "general", "id", TEN - timedelta(minutes=5))


async def test_a_person_who_is_reached_is_not_called_again(desk: Desk) -> None:
    assert await desk.rings() == NUMBER
    desk.calls.leg_joined("leg-1")
    desk.calls.leg_gone("leg-1", 16)
    await settled()
    assert await desk.book.open() == []
    assert await desk.rings("leg-2") is None


async def test_a_person_who_does_not_answer_is_tried_once_more_after_a_pause(desk: Desk) -> None:
    assert await desk.rings() == NUMBER
    desk.calls.leg_gone("leg-1", 19)
    await settled()
    (row,) = await desk.book.open()
    assert (row.outcome, row.not_before) == (CallbackOutcome.NO_ANSWER, TEN + timedelta(minutes=5))
    await desk.later(4)
    assert desk.entered() == [] and await desk.rings("leg-2") is None
    await desk.later(2)
    assert desk.entered() == [CALL] and await desk.rings("leg-3") == NUMBER
    desk.calls.leg_gone("leg-3", 17)
    await settled()
    assert await desk.book.open() == []


async def test_nobody_waits_while_an_attempt_is_running(desk: Desk) -> None:
    await desk.rings()
    await desk.later(1)
    assert desk.entered() == []


async def test_an_expired_callback_leaves_the_line(desk: Desk) -> None:
    await desk.later(241)
    assert desk.line.withdraw_callback.call_args_list == [call(CALL, "expired")]
    assert await desk.book.open() == []


async def test_nobody_is_called_while_the_line_is_shut(desk: Desk) -> None:
    desk.hours.shut = True
    await desk.later(1)
    assert desk.entered() == []
    desk.hours.shut = False
    await desk.later(1)
    assert desk.entered() == [CALL]


async def test_after_a_restart_an_attempt_that_lives_goes_on_and_one_that_died_counts(desk: Desk) -> None:
    other = "0" * 31 + "2"
    await desk.has_booked(other, "6281100005678")
    await desk.rings("leg-1")
    await desk.calls.take(CallOut(other, "leg-2", ("callback", "", other, "0"), 30.0))
    after = Desk(desk.book)
    await after.calls.restore()
    after.calls.live([LiveLeg("leg-1", ("callback", "", CALL, "0"), up=False, bridge=None)])
    await settled()
    assert after.entered() == [CALL]
    rows = {row.call_id: row for row in await after.book.open()}
    assert rows[other].outcome is CallbackOutcome.UNKNOWN and rows[CALL].taken_at is not None
    after.calls.leg_joined("leg-1")
    await settled()
    assert {row.call_id for row in await after.book.open()} == {other}


async def test_an_end_that_cannot_be_written_is_written_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.rings()
    broken = Mock(side_effect=CallbacksUnavailable)
    with monkeypatch.context() as patch:
        patch.setattr(desk.book, "attempted", broken)
        desk.calls.leg_joined("leg-1")
        await settled()
        assert broken.called and len(await desk.book.open()) == 1
    await desk.calls.look()
    assert await desk.book.open() == []


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [(17, "busy"), (21, "busy"), (19, "no_answer"), (16, "no_answer"), (38, "failed"), (1, "failed")],
)
def test_a_cause_is_told_as_an_outcome(cause: int, outcome: str) -> None:
    assert outcome_of(cause).value == outcome


# ---- With the floor


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office(PretendedBook())
    await office.stage.opens()
    yield office
    await office.switchboard.stop()
    await office.floor.stop()


async def test_an_agent_is_rung_first_and_then_joined_with_the_person(office: Office, desk: Desk) -> None:
    bookings = Bookings(desk.book, desk.hours, load_callback_rules(), desk.clock)
    calls = CallbackCalls(desk.book, bookings, office.floor, desk.clock)
    office.floor.connect(office.switchboard, calls)
    desk.clock.time += timedelta(minutes=1)
    await calls.look()
    await office.agent_comes_to_work()
    ringing = office.legs.rung[-1]
    assert office.legs.called == []
    office.floor.leg_up(ringing)
    await settled()
    ((leg, number),) = office.legs.called
    assert number == NUMBER
    office.floor.leg_up(leg)
    await settled()
    assert {joined for _, joined in office.legs.joined} == {ringing, leg}
    for bridge, joined in office.legs.joined:
        office.floor.joined(bridge, joined)
    await settled()
    assert await desk.book.open() == []
    assert [view.observed for view in office.floor.agents() if view.agent == ANI] == ["talking"]


async def test_a_callback_in_vain_waits_again_after_its_pause(office: Office, desk: Desk) -> None:
    bookings = Bookings(desk.book, desk.hours, load_callback_rules(), desk.clock)
    calls = CallbackCalls(desk.book, bookings, office.floor, desk.clock)
    office.floor.connect(office.switchboard, calls)
    desk.clock.time += timedelta(minutes=1)
    await calls.look()
    await office.agent_comes_to_work()
    office.floor.leg_up(office.legs.rung[-1])
    await settled()
    ((leg, _),) = office.legs.called
    office.floor.leg_gone(leg, 19)
    await settled()
    assert office.floor.place(CALL) is None
    desk.clock.time += timedelta(minutes=6)
    await calls.look()
    assert office.floor.place(CALL) is not None
