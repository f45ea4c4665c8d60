"""What every record of recordings promises: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from acd.machine import Impossible
from recording.ports import RecordingBook, RecordingsUnavailable
from recording.recordings import Mark, MarkKind, Measures, Mode, Recording
from recording.states import RECORDING, State
from storage.database import Database, DatabaseProblem
from storage.recording_tables import recording_marks, recording_moves, recordings
from storage.recordings import DurableRecordings, measures_in, move_in
from storage.recordings_memory import MemoryRecordings
from tests.postgres import PostgresServer

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest) -> Iterator[RecordingBook]:
    if request.param == "memory":
        yield MemoryRecordings()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield DurableRecordings(database)
    database.close()


def recording(call_id: str = "call-1", number: int = 1, at: datetime = AT) -> Recording:
    of_whom = (call_id, number, "leg-1", "in", "efin/1", "", "1001", "id")
    return Recording(uuid4().hex, *of_whom, Mode.ALWAYS, State.PLANNED, at)


def test_the_table_of_states_is_whole() -> None:
    assert list(RECORDING.faults()) == []


def test_what_is_planned_is_there_once(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        await book.plan(one)
        assert await book.get(one.recording_id) == one
        assert list(await book.of_call("call-1")) == [one]
        assert await book.get("0" * 32) is None

    asyncio.run(story())


def test_a_second_one_of_the_same_number_is_refused(book: RecordingBook) -> None:
    async def story() -> None:
        await book.plan(recording())
        with pytest.raises(RecordingsUnavailable):
            await book.plan(recording())
        second = recording(number=2)
        await book.plan(second)
        assert [one.number for one in await book.of_call("call-1")] == [1, 2]

    asyncio.run(story())


def test_moves_change_state_times_and_facts(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        started = await book.move(one.recording_id, "start", AT + SECOND)
        assert (started.state, started.started_at) == (State.STARTED, AT + SECOND)
        ended = {"expected_ms": 60_000, "cause": "asterisk_died"}
        stopped = await book.move(one.recording_id, "stop", AT + 61 * SECOND, ended)
        assert (stopped.state, stopped.stopped_at) == (State.STOPPED, AT + 61 * SECOND)
        assert (stopped.expected_ms, stopped.cause) == (60_000, "asterisk_died")
        assert await book.get(one.recording_id) == stopped

    asyncio.run(story())


def test_an_ignored_event_changes_nothing(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        before = await book.move(one.recording_id, "start", AT + SECOND)
        again = await book.move(one.recording_id, "start", AT + 9 * SECOND, {"expected_ms": 5})
        assert again == before == await book.get(one.recording_id)

    asyncio.run(story())


def test_wrong_moves_are_refused(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        with pytest.raises(KeyError):
            await book.move("0" * 32, "start", AT)
        with pytest.raises(ValueError, match="call_id"):
            await book.move(one.recording_id, "start", AT, {"call_id": "other"})
        with pytest.raises(Impossible):
            await book.move(one.recording_id, "burn", AT)
        assert await book.get(one.recording_id) == one

    asyncio.run(story())


def test_what_is_destroyed_cannot_be_read_again(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        for event in ("start", "stop", "verify"):
            await book.move(one.recording_id, event, AT)
        sealed = await book.move(
            one.recording_id, "seal", AT, {"wrapped_key": b"key", "object_key": "ab/cd", "key_version": 1}
        )
        assert sealed.audible
        assert sealed.sealed_at == AT
        held = await book.move(one.recording_id, "hold", AT)
        assert (await book.move(one.recording_id, "destroy", AT)) == held
        await book.move(one.recording_id, "release", AT)
        gone = await book.move(one.recording_id, "destroy", AT + SECOND)
        assert (gone.state, gone.wrapped_key, gone.object_key) == (State.DESTROYED, b"", "")
        assert gone.destroyed_at == AT + SECOND

    asyncio.run(story())


def test_marks_are_ended_by_the_same_mark_with_its_end(book: RecordingBook) -> None:
    async def story() -> None:
        one = recording()
        await book.plan(one)
        await book.mark(one.recording_id, [])
        await book.mark(one.recording_id, [Mark(MarkKind.TALK, 0, None, "1001")])
        await book.mark(
            one.recording_id, [Mark(MarkKind.HOLD, 2000), Mark(MarkKind.SILENCED, 500, 900, "proof")]
        )
        await book.mark(one.recording_id, [Mark(MarkKind.HOLD, 2000, 3000)])
        assert list(await book.marks(one.recording_id)) == [
            Mark(MarkKind.TALK, 0, None, "1001"),
            Mark(MarkKind.SILENCED, 500, 900, "proof"),
            Mark(MarkKind.HOLD, 2000, 3000),
        ]
        assert list(await book.marks("0" * 32)) == []

    asyncio.run(story())


def test_those_in_a_state_come_oldest_first(book: RecordingBook) -> None:
    async def story() -> None:
        late, early = recording("call-2", at=AT + SECOND), recording("call-1")
        for one in (late, early):
            await book.plan(one)
        third = recording("call-3", at=AT + 2 * SECOND)
        await book.plan(third)
        await book.move(third.recording_id, "start", AT)
        assert list(await book.in_state(State.PLANNED)) == [early, late]
        assert list(await book.in_state(State.PLANNED, State.STARTED, most=1)) == [early]
        assert await book.in_state(State.LOST) == []

    asyncio.run(story())


def test_a_database_that_is_away_is_told(book: RecordingBook, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        if isinstance(book, MemoryRecordings):
            book.broken = True
        else:

            def broken(*_: object) -> None:
                raise DatabaseProblem("away")

            monkeypatch.setattr(Database, "write_now", broken)
            monkeypatch.setattr(Database, "read_now", broken)
        with pytest.raises(RecordingsUnavailable):
            await book.plan(recording())
        with pytest.raises(RecordingsUnavailable):
            await book.marks("0" * 32)

    asyncio.run(story())


def test_the_trail_has_every_move_and_cannot_be_changed(database: Database) -> None:
    book = DurableRecordings(database)
    one = recording()

    async def story() -> None:
        await book.plan(one)
        await book.plan(one)
        await book.move(one.recording_id, "lose", AT, {"cause": "no_folder"})
        await book.move(one.recording_id, "lose", AT)
        await book.mark(one.recording_id, [Mark(MarkKind.GAP, 0, 5, "service")])

    asyncio.run(story())
    rows = database.read_now(
        lambda connection: connection.execute(
            sa.select(recording_moves).order_by(recording_moves.c.seq)
        ).all()
    )
    assert [(row.seq, row.event, row.state, row.cause) for row in rows] == [
        (1, "plan", "planned", ""),
        (2, "lose", "lost", "no_folder"),
    ]
    for statement in (
        sa.update(recording_moves).values(cause=""),
        sa.delete(recording_marks),
        sa.delete(recordings),
    ):
        with pytest.raises(DatabaseProblem):
            database.write_now(partial(sa.Connection.execute, statement=statement))


def test_sealing_with_measures_is_one_transaction(database: Database) -> None:
    book = DurableRecordings(database)
    one = recording()
    measured = Measures(5000, 6000, 900, 100, 700, 12, 1, 4.5, 3.9)

    async def story() -> None:
        await book.plan(one)
        for event in ("start", "stop", "verify"):
            await book.move(one.recording_id, event, AT)

        def broken(connection: sa.Connection) -> None:
            move_in(connection, one.recording_id, "seal", AT)
            measures_in(connection, one.recording_id, measured)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await database.write(broken)
        found = await book.get(one.recording_id)
        assert found is not None
        assert found.state is State.VERIFIED
        assert await book.measures(one.recording_id) is None

        def whole(connection: sa.Connection) -> None:
            move_in(connection, one.recording_id, "seal", AT)
            measures_in(connection, one.recording_id, measured)

        await database.write(whole)
        assert await book.measures(one.recording_id) == measured

    asyncio.run(story())
