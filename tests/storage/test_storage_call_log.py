"""What every call record promises: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.call_log import CallLog, CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.ids import new_id
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.memory import MemoryCallLog
from storage.vault import Vault
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def log(request: pytest.FixtureRequest, vault: Vault) -> AsyncIterator[CallLog]:
    if request.param == "memory":
        yield MemoryCallLog()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    durable = DurableCallLog(database, vault, asyncio.get_running_loop())
    yield durable
    await durable.close()
    database.close()


def a_call(call_id: str, caller: str | None = "628110000123", at: datetime = NOW) -> Call:
    return Call(call_id, f"channel-{call_id}", "1500200", caller, "v1", at)


def event(call_id: str, seq: int, kind: EventKind = EventKind.STEP, **data: str) -> CallEvent:
    return CallEvent(call_id, seq, NOW + timedelta(seconds=seq), kind, data)


async def test_events_come_back_in_order_with_their_secrets(log: CallLog) -> None:
    call = new_id()
    key = CallEvent(call, 2, NOW, EventKind.KEY, {"step": "npwp"}, {"key": "7"})
    await log.open(a_call(call), [event(call, 1, EventKind.STARTED, dialled="1500200")])
    await log.append([key, event(call, 3, EventKind.COLLECTED, step="npwp", masked="…4321")])

    events = await log.events(call)

    assert [e.seq for e in events] == [1, 2, 3]
    assert events[1] == key
    assert events[2].data == {"step": "npwp", "masked": "…4321"}
    assert events[2].secret is None


async def test_a_call_without_its_own_events_is_unknown_but_empty(log: CallLog) -> None:
    assert await log.events("never") == []
    assert await log.unfinished() == []


async def test_unfinished_calls_are_listed_oldest_first_until_they_end(log: CallLog) -> None:
    late, early, done = new_id(), new_id(), new_id()
    await log.open(a_call(late, None, NOW + timedelta(minutes=1)), [event(late, 1)])
    await log.open(a_call(early), [event(early, 1)])
    await log.open(a_call(done), [event(done, 1)])
    await log.append([event(done, 2, EventKind.ENDED, reason=EndReason.COMPLETED.value)])

    running = await log.unfinished()

    assert running == [a_call(early), a_call(late, None, NOW + timedelta(minutes=1))]


async def test_a_call_may_open_and_end_at_once(log: CallLog) -> None:
    call = new_id()
    await log.open(a_call(call), [event(call, 1), event(call, 2, EventKind.ENDED, reason="closed")])
    assert await log.unfinished() == []
    assert [e.kind for e in await log.events(call)] == [EventKind.STEP, EventKind.ENDED]


async def test_rows_queued_without_waiting_keep_their_order(log: CallLog) -> None:
    calls = [new_id() for _ in range(20)]
    waits = [log.open(a_call(call), [event(call, 1)]) for call in calls]
    waits += [log.append([event(call, seq)]) for seq in range(2, 30) for call in calls]
    await asyncio.gather(*waits)
    for call in calls:
        assert [e.seq for e in await log.events(call)] == list(range(1, 30))


async def test_a_gap_is_refused_and_filled_afterwards(log: CallLog) -> None:
    call, other = new_id(), new_id()
    await log.open(a_call(call), [event(call, 1)])
    await log.open(a_call(other), [event(other, 1)])

    ahead, innocent = log.append([event(call, 3)]), log.append([event(other, 2)])
    with pytest.raises(CallLogUnavailable, match="missing"):
        await ahead
    await innocent

    await log.append([event(call, 2), event(call, 3)])
    assert [e.seq for e in await log.events(call)] == [1, 2, 3]
    assert [e.seq for e in await log.events(other)] == [1, 2]


async def test_appending_the_same_rows_again_changes_nothing(log: CallLog) -> None:
    call = new_id()
    rows = [event(call, 1, step="welcome"), event(call, 2, step="language")]
    await log.open(a_call(call), rows)
    await log.open(a_call(call), rows)
    await log.append([rows[1], event(call, 3)])
    assert [e.seq for e in await log.events(call)] == [1, 2, 3]


async def test_a_row_is_never_replaced_by_another(log: CallLog) -> None:
    call = new_id()
    await log.open(a_call(call), [event(call, 1, step="welcome")])
    with pytest.raises(CallLogUnavailable, match="there already"):
        await log.append([event(call, 1, step="something else")])
    assert (await log.events(call))[0].data == {"step": "welcome"}


async def test_a_call_that_was_never_opened_is_refused(log: CallLog) -> None:
    with pytest.raises(CallLogUnavailable, match="never opened"):
        await log.append([event(new_id(), 1)])


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([event("a", 1), event("b", 2)], "several calls"),
        ([event("a", 1), event("a", 3)], "missing"),
        ([CallEvent("a", 1, datetime(2025, 1, 1), EventKind.STEP)], "without zone"),  # noqa: DTZ001
        ([event("a", 1, EventKind.ENDED, reason="bored")], "bored"),
    ],
)
async def test_a_mistake_in_the_rows_is_raised_to_whoever_made_it(
    log: CallLog, events: list[CallEvent], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        log.append(events)


async def test_times_come_back_in_utc(log: CallLog) -> None:
    call = new_id()
    wib = timezone(timedelta(hours=7))
    await log.open(a_call(call), [CallEvent(call, 1, NOW.astimezone(wib), EventKind.STEP)])
    [stored] = await log.events(call)
    assert stored.at == NOW
    assert stored.at.utcoffset() == timedelta(0)


async def test_a_caller_who_stops_waiting_loses_no_row(log: CallLog) -> None:
    call = new_id()
    await log.open(a_call(call), [event(call, 1)])
    waiting = asyncio.ensure_future(log.append([event(call, 2)]))
    waiting.cancel()
    await log.append([event(call, 3)])
    assert [e.seq for e in await log.events(call)] == [1, 2, 3]
