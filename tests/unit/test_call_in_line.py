"""A call in the waiting room: its place told, a callback booked, and whatever comes in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.callbacks import Callback, CallbackOutcome, CallbacksUnavailable
from domain.calls import EndReason, EventKind
from domain.waiting_room import Place, TalkEnd
from ivr.callbacks import Bookings, CallbackRule
from ivr.hours_tables import TableProblem, load_callback_rules, load_office_hours
from ivr.look_ups import LineHours
from ivr.stay import minutes_to_tell
from ivr.switchboard import Leg
from storage.memory import MemoryCallLog, MemoryFlowArchive
from tests.unit.call_stage import LEG, PretendedAsterisk, Stage, settled

MONDAY_TEN = "2026-11-23T10:00+07:00"
HOURS = load_office_hours()


class StoppedClock:
    def __init__(self, text: str = MONDAY_TEN) -> None:
        self.time = datetime.fromisoformat(text).astimezone(UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


class PretendedBook:
    """A callback book that can be slow, broken, or know an earlier callback."""

    def __init__(self) -> None:
        self.rows: dict[str, Callback] = {}
        self.withdrawals: list[str] = []
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.asked = 0
        self.broken = False
        self.earlier = ""  # the call of an open callback for the same number and queue

    async def book(
        self, call_id: str, number: str, queue: str, language: str, since: datetime, expires_at: datetime,
        at: datetime,
    ) -> Callback:  # fmt: skip
        self.asked += 1
        await self.may_write.wait()
        if self.broken:
            raise CallbacksUnavailable
        row = Callback(self.earlier or call_id, number, queue, language, since, at, expires_at)
        return self.rows.setdefault(row.call_id, row)

    async def withdrawn(self, call_id: str, at: datetime) -> Callback | None:
        self.withdrawals.append(call_id)
        row = self.rows.get(call_id)
        if row is None:
            return None
        self.rows[call_id] = replace(row, outcome=CallbackOutcome.WITHDRAWN, closed_at=at)
        return self.rows[call_id]

    async def open(self) -> list[Callback]:
        return [row for row in self.rows.values() if row.closed_at is None]

    async def taken(self, call_id: str, at: datetime) -> Callback | None:
        return None

    async def attempted(
        self, call_id: str, outcome: CallbackOutcome, at: datetime, again_at: datetime | None = None
    ) -> Callback | None:
        return None

    async def expired(self, at: datetime) -> list[Callback]:
        return []


def bookings(book: PretendedBook, text: str = MONDAY_TEN, *, shut: bool = False) -> Bookings:
    clock = StoppedClock(text)
    line = LineHours(HOURS, clock)
    line.shut = shut
    return Bookings(book, line, load_callback_rules(), clock)


@pytest.fixture
def book() -> PretendedBook:
    return PretendedBook()


@pytest.fixture
async def stage(book: PretendedBook) -> AsyncIterator[Stage]:
    desk = bookings(book)
    stage = await Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive(), desk).opens()
    yield stage
    await stage.switchboard.stop()


async def waits_in_line(stage: Stage) -> str:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("10")
    (call_id,) = stage.room.waiting
    return call_id


async def message_is_due(stage: Stage) -> None:
    """Let the timer of the next message run out."""
    (driver,) = stage.switchboard.inside()
    timers = driver.session.outstanding().timers
    driver.deeds._timer_fired(min(timers, key=lambda timer: timer.seconds).timer)
    await settled()


async def confirms_the_number(stage: Stage) -> str:
    """Wait for the offer, take it, and confirm the number on the line."""
    call_id = await waits_in_line(stage)
    await stage.finishes_playing()
    await message_is_due(stage)
    assert "kring/id/callback_offer" not in stage.heard()
    await message_is_due(stage)
    assert "kring/id/callback_offer" in stage.heard()
    await stage.presses("1")
    assert {"kring/id/callback_read_back-1", "kring/id/words/d_3"} <= stage.heard()
    await stage.presses("1")
    return call_id


async def rows(stage: Stage) -> list[tuple[EventKind, dict[str, str]]]:
    call = await stage.log.on_channel(LEG.channel)
    assert call is not None
    return [(event.kind, dict(event.data)) for event in await stage.log.events(call.call_id)]


# ---- The place


async def test_the_place_is_told_when_the_announcement_is_over(stage: Stage) -> None:
    call_id = await waits_in_line(stage)
    assert stage.heard() == {"kring/id/connecting", "kring/id/recording_notice"}
    stage.room.places[call_id] = Place(2, 130.0)
    await stage.finishes_playing()
    said = {"kring/id/place_in_line-1", "kring/id/words/d_3", "kring/id/wait_minutes-1", "kring/id/music"}
    assert said <= stage.heard()


@pytest.mark.parametrize(
    ("expected", "told"),
    [(None, 0), (0.0, 1), (48.0, 1), (49.0, 2), (96.0, 2), (97.0, 3), (480.0, 10), (481.0, 11), (9e9, 11)],
)
def test_a_wait_is_told_longer_than_expected_and_rounded_up(expected: float | None, told: int) -> None:
    assert minutes_to_tell(expected) == told


async def test_the_place_a_caller_was_told_is_on_record(stage: Stage) -> None:
    await waits_in_line(stage)
    await stage.finishes_playing()
    assert (EventKind.ASKED, {"look_up": "place_in_line"}) in await rows(stage)
    before = stage.heard()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg(LEG.channel, "1500200", "", up=True)], [])
    await settled()
    assert after.heard() == before >= {"kring/id/place_first", "kring/id/music"}
    await after.switchboard.stop()


# ---- Callbacks


async def test_a_booked_callback_keeps_the_place_and_ends_the_call(stage: Stage, book: PretendedBook) -> None:
    stage.room.places = {}
    call_id = await confirms_the_number(stage)
    (row,) = book.rows.values()
    assert (row.call_id, row.number, row.queue, row.language) == (call_id, "62811000123", "general", "id")
    assert row.expires_at == StoppedClock("2026-11-23T14:00+07:00").now()
    assert stage.room.called_back == {call_id} and stage.room.left == []
    assert {"kring/id/callback_booked", "kring/id/goodbye"} <= stage.heard()
    await stage.finishes_playing()
    assert stage.asterisk.done[-1] == ("hang_up", LEG.channel)
    assert stage.counts.ended == [EndReason.CALLBACK]
    record = await rows(stage)
    assert (EventKind.DEQUEUED, {"queue": "general", "how": "callback"}) in record
    assert "811000123" not in str(record)


async def test_the_place_of_a_callback_is_the_one_the_caller_had(stage: Stage, book: PretendedBook) -> None:
    call_id = await waits_in_line(stage)
    since = stage.room.waiting[call_id].since
    stage.room.let_go(stage.switchboard, "answered")
    await settled()
    assert stage.room.handed == [call_id]
    stage.switchboard.talk_over(call_id, TalkEnd.RETURNED)
    await settled()
    assert "kring/id/talk_broken" in stage.heard()
    await message_is_due(stage)
    await message_is_due(stage)
    await stage.presses("11")
    assert book.rows[call_id].since == since


async def test_an_agent_who_takes_the_call_while_it_is_booked_has_it(
    stage: Stage, book: PretendedBook
) -> None:
    book.may_write.clear()
    call_id = await confirms_the_number(stage)
    stage.room.let_go(stage.switchboard, "answered")
    await settled()
    book.may_write.set()
    await settled()
    assert book.withdrawals == [call_id] and await book.open() == []
    assert stage.room.handed == [call_id] and stage.asterisk.playing == {}


async def test_a_callback_that_was_withdrawn_is_not_promised_again(stage: Stage, book: PretendedBook) -> None:
    book.may_write.clear()
    call_id = await confirms_the_number(stage)
    stage.room.let_go(stage.switchboard, "answered")
    book.may_write.set()
    await settled()
    stage.switchboard.talk_over(call_id, TalkEnd.RETURNED)
    await settled()
    await message_is_due(stage)
    await message_is_due(stage)
    await stage.presses("11")
    assert "kring/id/callback_not_booked" in stage.heard()
    assert stage.room.called_back == set() and set(stage.room.waiting) == {call_id}


async def test_a_caller_who_hangs_up_while_it_is_booked_is_not_called_back(
    stage: Stage, book: PretendedBook
) -> None:
    book.may_write.clear()
    call_id = await confirms_the_number(stage)
    stage.switchboard.gone(LEG.channel, 16)
    await settled()
    book.may_write.set()
    await settled()
    assert book.withdrawals == [call_id] and stage.room.called_back == set()
    assert stage.counts.ended == [EndReason.CALLER_HUNG_UP]


async def test_an_earlier_callback_for_the_number_stands(stage: Stage, book: PretendedBook) -> None:
    book.earlier = "0" * 32
    call_id = await confirms_the_number(stage)
    assert "kring/id/callback_booked" in stage.heard()
    assert stage.room.left == [(call_id, "callback")] and stage.room.called_back == set()


async def test_a_book_that_cannot_be_written_leaves_the_caller_in_line(
    stage: Stage, book: PretendedBook
) -> None:
    book.broken = True
    call_id = await confirms_the_number(stage)
    assert "kring/id/callback_not_booked" in stage.heard()
    assert set(stage.room.waiting) == {call_id}
    await stage.finishes_playing()
    assert "kring/id/music" in stage.heard()


async def test_a_booking_that_a_crash_cut_off_is_asked_again(stage: Stage, book: PretendedBook) -> None:
    book.may_write.clear()
    call_id = await confirms_the_number(stage)
    after = await stage.successor()
    await after.switchboard.reconcile([Leg(LEG.channel, "1500200", "", up=True)], [])
    book.may_write.set()
    await settled()
    assert book.asked == 2 and set(book.rows) == {call_id}
    assert after.room.called_back == {call_id}
    assert "kring/id/callback_booked" in after.heard()
    await after.switchboard.stop()


async def test_a_centre_that_closes_while_it_is_booked_says_so(stage: Stage, book: PretendedBook) -> None:
    book.may_write.clear()
    call_id = await confirms_the_number(stage)
    stage.room.let_go(stage.switchboard, "closed")
    await settled()
    book.may_write.set()
    await settled()
    assert "kring/id/room_closed" in stage.heard()
    assert book.withdrawals == [call_id]


async def test_without_a_book_nobody_is_offered_a_callback() -> None:
    stage = await Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive()).opens()
    await waits_in_line(stage)
    for _ in range(3):
        await message_is_due(stage)
        assert "kring/id/callback_offer" not in stage.heard()
    await stage.switchboard.stop()


# ---- When callbacks are possible


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-23T07:59+07:00", None),
        ("2026-11-23T08:00+07:00", "2026-11-23T12:00+07:00"),
        ("2026-11-23T13:00+07:00", "2026-11-23T16:00+07:00"),
        ("2026-11-23T15:30+07:00", "2026-11-23T16:00+07:00"),
        ("2026-11-23T15:31+07:00", None),
        ("2026-11-22T10:00+07:00", None),  # Sunday
    ],
)
def test_callbacks_live_within_opening_hours(book: PretendedBook, moment: str, until: str | None) -> None:
    now = datetime.fromisoformat(moment)
    expected = datetime.fromisoformat(until) if until else None
    assert bookings(book, moment).until(now) == expected
    assert bookings(book, moment).possible() == (expected is not None)
    assert not bookings(book, moment, shut=True).possible()


async def test_nothing_is_booked_too_late(book: PretendedBook) -> None:
    late = bookings(book, "2026-11-23T15:45+07:00")
    assert await late.book("c", "62811000123", "general", "id", datetime.now(UTC)) is None
    assert book.asked == 0


def test_a_rule_is_in_force_from_its_day(book: PretendedBook) -> None:
    clock = StoppedClock()
    rules = [
        CallbackRule(date(2020, 1, 1), timedelta(hours=1), timedelta(minutes=5)),
        CallbackRule(date(2026, 11, 23), timedelta(hours=2), timedelta(minutes=5)),
    ]
    desk = Bookings(book, LineHours(HOURS, clock), rules, clock)
    assert desk.until(clock.now()) == clock.now() + timedelta(hours=2)
    day_before = clock.now() - timedelta(days=3)
    assert desk.until(day_before) == day_before + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("callbacks: []", "no row"),
        (
            'callbacks: [{from: 2020-01-01, lives: "00:10", least: "00:20", attempts: 2, again: "00:05"}]',
            "row 1: least",
        ),
        (
            'callbacks: [{from: 2020-01-01, lives: "04:00", least: "00:20", attempts: 0}]',
            "row 1: attempts: 0",
        ),
        ('callbacks: [{from: 2020-01-01, lives: 4h, least: "00:20"}]', "row 1: lives: '4h' is no time"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "callbacks.yaml").write_text(text)
    with pytest.raises(TableProblem, match=told):
        load_callback_rules(tmp_path)
