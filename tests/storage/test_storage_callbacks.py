"""What every book of callbacks promises: in memory, on SQLite and on PostgreSQL. Lost callers."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.callbacks import Callback, CallbackBook, CallbackOutcome, CallbacksUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.waiting_room import TalkEnd
from storage.call_log import DurableCallLog
from storage.callbacks import DurableCallbacks
from storage.database import Database
from storage.lost_callers import RecordedLostCallers
from storage.memory import MemoryCallbacks
from storage.vault import Vault
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
ANI, BAYU = "628110000123", "628110000456"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest, vault: Vault) -> Iterator[CallbackBook]:
    if request.param == "memory":
        yield MemoryCallbacks()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield DurableCallbacks(database, vault)
    database.close()


async def booked(
    book: CallbackBook, call_id: str, number: str = ANI, queue: str = "efin", waited: int = 5
) -> Callback:
    return await book.book(call_id, number, queue, "id", NOW - waited * MINUTE, NOW + DAY, NOW)


async def test_callbacks_are_open_in_the_order_of_their_places(book: CallbackBook) -> None:
    late = await booked(book, "call-1", ANI, waited=1)
    early = await booked(book, "call-2", BAYU, waited=9)
    assert late == Callback("call-1", ANI, "efin", "id", NOW - MINUTE, NOW, NOW + DAY)
    assert list(await book.open()) == [early, late]


async def test_one_number_waits_once_in_a_queue_with_the_older_place(book: CallbackBook) -> None:
    await booked(book, "call-1", waited=2)
    again = await booked(book, "call-2", waited=9)
    assert (again.call_id, again.since) == ("call-1", NOW - 9 * MINUTE)
    third = await booked(book, "call-3", waited=1)
    assert (third.call_id, third.since) == ("call-1", NOW - 9 * MINUTE)
    other = await booked(book, "call-4", queue="token")
    assert [one.call_id for one in await book.open()] == ["call-1", other.call_id]


async def test_booking_again_for_the_same_call_changes_nothing(book: CallbackBook) -> None:
    first = await booked(book, "call-1")
    assert await booked(book, "call-1", waited=50) == first
    assert list(await book.open()) == [first]


async def test_at_most_one_attempt_runs(book: CallbackBook) -> None:
    await booked(book, "call-1")
    attempts = await asyncio.gather(*(book.taken("call-1", NOW + MINUTE) for _ in range(6)))
    [taken] = [attempt for attempt in attempts if attempt is not None]
    assert (taken.number, taken.attempts, taken.taken_at) == (ANI, 1, NOW + MINUTE)
    assert await book.withdrawn("call-1", NOW) is None
    assert list(await book.open()) == [taken]


async def test_a_caller_who_was_reached_is_not_called_again(book: CallbackBook) -> None:
    await booked(book, "call-1")
    await book.taken("call-1", NOW)
    done = await book.attempted("call-1", CallbackOutcome.REACHED, NOW + MINUTE)
    assert done is not None
    assert (done.outcome, done.closed_at) == (CallbackOutcome.REACHED, NOW + MINUTE)
    assert list(await book.open()) == []
    assert await book.taken("call-1", NOW + 2 * MINUTE) is None
    assert await book.attempted("call-1", CallbackOutcome.BUSY, NOW) is None
    assert (await booked(book, "call-2")).call_id == "call-2"


async def test_an_attempt_in_vain_is_made_again_later_in_the_same_place(book: CallbackBook) -> None:
    first = await booked(book, "call-1")
    await book.taken("call-1", NOW)
    waiting = await book.attempted("call-1", CallbackOutcome.BUSY, NOW, NOW + 10 * MINUTE)
    assert waiting is not None
    assert (waiting.since, waiting.closed_at, waiting.attempts) == (first.since, None, 1)
    assert await book.taken("call-1", NOW + 9 * MINUTE) is None
    second = await book.taken("call-1", NOW + 10 * MINUTE)
    assert second is not None
    assert (second.attempts, second.not_before) == (2, None)


async def test_what_has_expired_is_closed_unless_it_is_being_attempted(book: CallbackBook) -> None:
    await booked(book, "call-1", ANI)
    await booked(book, "call-2", BAYU)
    await book.taken("call-2", NOW)
    assert list(await book.expired(NOW + DAY - MINUTE)) == []
    [over] = await book.expired(NOW + DAY)
    assert (over.call_id, over.outcome, over.number) == ("call-1", CallbackOutcome.EXPIRED, ANI)
    assert [one.call_id for one in await book.open()] == ["call-2"]
    await book.attempted("call-2", CallbackOutcome.NO_ANSWER, NOW, NOW + 2 * DAY)
    assert await book.taken("call-2", NOW + 2 * DAY) is None
    assert [one.call_id for one in await book.expired(NOW + 2 * DAY)] == ["call-2"]


async def test_a_callback_can_be_withdrawn(book: CallbackBook) -> None:
    await booked(book, "call-1")
    gone = await book.withdrawn("call-1", NOW)
    assert gone is not None
    assert gone.outcome is CallbackOutcome.WITHDRAWN
    assert await book.withdrawn("call-1", NOW) is None
    assert await book.withdrawn("never", NOW) is None
    assert list(await book.open()) == []


@pytest.mark.parametrize(
    ("number", "expires", "at", "why"),
    [
        ("+62811", NOW + DAY, NOW, "digits"),
        ("", NOW + DAY, NOW, "digits"),
        (ANI, NOW, NOW, "expire"),
        (ANI, NOW + DAY, datetime(2025, 1, 1), "without zone"),  # noqa: DTZ001
    ],
)
async def test_what_cannot_be_booked_is_refused_without_telling_the_number(
    book: CallbackBook, number: str, expires: datetime, at: datetime, why: str
) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        await book.book("call-1", number, "efin", "id", NOW, expires, at)
    assert number not in str(raised.value) or not number
    assert list(await book.open()) == []


async def test_every_step_is_noted_and_no_number_is_readable(database: Database, vault: Vault) -> None:
    book = DurableCallbacks(database, vault)
    await booked(book, "call-1")
    await book.taken("call-1", NOW)
    await book.attempted("call-1", CallbackOutcome.NO_ANSWER, NOW, NOW + MINUTE)
    await book.withdrawn("call-1", NOW + MINUTE)
    noted = sa.text("SELECT what FROM callback_events WHERE call_id = 'call-1' ORDER BY number")
    rows = database.read_now(lambda c: c.execute(noted).all())
    assert [row[0] for row in rows] == ["booked", "taken", "no_answer", "withdrawn"]
    stored = database.read_now(lambda c: c.execute(sa.text("SELECT * FROM callbacks")).all())
    assert ANI not in repr(stored)
    assert repr(stored).count("efin") == 1
    assert ANI not in repr(await booked(book, "call-2"))


async def test_a_database_that_fails_is_told_as_such(database: Database, vault: Vault) -> None:
    book = DurableCallbacks(database, vault)
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE callbacks RENAME TO away")))
    try:
        with pytest.raises(CallbacksUnavailable):
            await booked(book, "call-1")
        with pytest.raises(CallbacksUnavailable):
            await book.open()
    finally:
        database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO callbacks")))


async def record(
    log: DurableCallLog,
    call_id: str,
    caller: str | None,
    way: list[tuple[EventKind, dict[str, str]]],
    reason: EndReason | None = EndReason.LOST,
    start: datetime = NOW,
) -> None:
    """Record a call that went this way, a minute a step."""
    steps = [(EventKind.STARTED, {"dialled": "1500200"}), *way]
    if reason is not None:
        steps.append((EventKind.ENDED, {"reason": reason.value}))
    events = [
        CallEvent(call_id, seq, start + seq * MINUTE, kind, data) for seq, (kind, data) in enumerate(steps, 1)
    ]
    await log.open(Call(call_id, f"channel-{call_id}", "1500200", caller, "v1", start), events)


def queued(queue: str = "efin") -> tuple[EventKind, dict[str, str]]:
    return EventKind.QUEUED, {"queue": queue}


def left(how: str, queue: str = "efin") -> tuple[EventKind, dict[str, str]]:
    return EventKind.DEQUEUED, {"queue": queue, "how": how}


async def test_callers_whose_calls_were_lost_can_be_called_back(database: Database, vault: Vault) -> None:
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    prompt = (EventKind.PROMPT, {"prompt": "welcome", "language": "en"})
    await record(log, "talking", BAYU, [prompt, queued(), left("answered")], start=NOW + MINUTE)
    await record(log, "waiting", ANI, [queued("general"), left("answered", "general"), queued()])
    await record(log, "again", ANI, [queued()], start=NOW + MINUTE)
    await record(log, "in-menu", "628110000789", [])
    await record(log, "for-callback", "628110000780", [queued(), left("callback")])
    over = (EventKind.TALK_OVER, {"how": TalkEnd.ENDED.value, "queue": ""})
    await record(log, "in-survey", "628110000784", [queued(), left("answered"), over])
    await record(log, "withheld", None, [queued()])
    await record(log, "finished", "628110000781", [queued()], EndReason.CALLER_HUNG_UP)
    await record(log, "running", "628110000782", [queued()], None)
    await record(log, "before", "628110000783", [queued()], start=NOW - DAY)

    found = await RecordedLostCallers(database, vault).lost_callers(NOW)

    assert [(one.call_id, one.number, one.queue, one.language, one.answered) for one in found] == [
        ("waiting", ANI, "efin", "id", False),
        ("talking", BAYU, "efin", "en", True),
    ]
    assert found[0].since == NOW + 2 * MINUTE
    assert found[0].lost_at == NOW + 5 * MINUTE

    later = NOW + timedelta(hours=1)
    await record(log, "served", ANI, [queued(), left("answered")], EndReason.COMPLETED, later)
    await record(log, "not-yet", BAYU, [queued()], None, later)
    still = await RecordedLostCallers(database, vault).lost_callers(NOW)
    assert [one.call_id for one in still] == ["talking"]
    await log.close()
