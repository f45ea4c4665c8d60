"""What the call record does when things break: killed processes, broken disks and connections."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EventKind
from domain.ids import new_id
from storage.batches import WriteLimits
from storage.call_log import DurableCallLog
from storage.database import Database, DatabaseProblem, Durability
from storage.vault import Vault
from tests.postgres import PostgresServer, running

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
REFUSED = r"append-only|only closed"
CHECKOUT = Path(__file__).resolve().parents[2]


def a_call(call_id: str) -> Call:
    return Call(call_id, "channel", "1500200", "628110000123", "v1", NOW)


def event(call_id: str, seq: int, kind: EventKind = EventKind.STEP, **data: str) -> CallEvent:
    return CallEvent(call_id, seq, NOW, kind, data)


@pytest.fixture
async def log(database: Database, vault: Vault) -> AsyncIterator[DurableCallLog]:
    log = DurableCallLog(database, vault, asyncio.get_running_loop(), WriteLimits(give_up_after=0.3))
    yield log
    await log.close()


def write_until_killed(database_url: str, key: Path) -> dict[str, int]:
    """Return the last acknowledged event of each call."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writing_process", database_url, str(key)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert process.stdout is not None
    acknowledged: dict[str, int] = {}
    for number, line in enumerate(process.stdout):
        call_id, seq = line.split()
        acknowledged[call_id] = int(seq)
        if number == 500:
            os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    return acknowledged


async def test_kill_9_loses_nothing_that_was_acknowledged(
    database_url: str, vault: Vault, tmp_path: Path
) -> None:
    acknowledged = write_until_killed(database_url, tmp_path / "key")

    database = Database.open(database_url)
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    unfinished = [call.call_id for call in await log.unfinished()]
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(unfinished)
    for call_id in unfinished:
        seqs = [e.seq for e in await log.events(call_id)]
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= acknowledged.get(call_id, 0)
        assert len(seqs) % 2 == 1  # rows that came together are there together
    some = unfinished[0]
    await log.append([event(some, len(await log.events(some)) + 1, EventKind.RECOVERED)])
    await log.close()
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE call_events SET data = '{}'",
        "DELETE FROM call_events",
        "DELETE FROM calls",
        "UPDATE calls SET channel = 'other'",
        "UPDATE calls SET started_at = '2020-01-01T00:00:00.000000+00:00'",
    ],
)
async def test_the_record_is_append_only(log: DurableCallLog, database: Database, statement: str) -> None:
    call = new_id()
    await log.open(a_call(call), [event(call, 1, step="welcome")])
    with pytest.raises(DatabaseProblem, match=REFUSED):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    assert (await log.events(call))[0].data == {"step": "welcome"}
    assert await log.unfinished() == [a_call(call)]


async def test_a_closed_call_stays_closed(log: DurableCallLog, database: Database) -> None:
    call = new_id()
    await log.open(a_call(call), [event(call, 1), event(call, 2, EventKind.ENDED, reason="completed")])
    reopen = sa.text("UPDATE calls SET ended_at = NULL, end_reason = NULL")
    with pytest.raises(DatabaseProblem, match=REFUSED):
        database.write_now(lambda connection: connection.execute(reopen))
    assert await log.unfinished() == []


def everything_in(database: Database, folder: Path) -> bytes:
    if database.is_sqlite:
        return b"".join(path.read_bytes() for path in folder.glob("kring.db*"))
    tables = [sa.text("SELECT * FROM calls"), sa.text("SELECT * FROM call_events")]
    return repr([database.read_now(lambda c, q=query: c.execute(q).all()) for query in tables]).encode()  # type: ignore[misc]


async def test_no_personal_digit_is_readable_in_the_database(
    log: DurableCallLog, database: Database, tmp_path: Path
) -> None:
    call = new_id()
    npwp, caller = b"3171991501909876", b"628110000123"
    taken = CallEvent(call, 2, NOW, EventKind.COLLECTED, {"masked": "…9876"}, {"npwp": npwp.decode()})
    await log.open(a_call(call), [event(call, 1), taken])
    content = everything_in(database, tmp_path)
    assert call.encode() in content
    assert npwp not in content
    assert caller not in content
    assert (await log.events(call))[1].secret == {"npwp": npwp.decode()}


async def test_a_sealed_value_that_was_moved_is_noticed(log: DurableCallLog, database: Database) -> None:
    mine, other = new_id(), new_id()
    await log.open(a_call(mine), [CallEvent(mine, 1, NOW, EventKind.KEY, {}, {"key": "7"})])
    copy = sa.text(
        "INSERT INTO call_events (call_id, seq, at, kind, data, sealed_secret) "
        "SELECT :other, seq, at, kind, data, sealed_secret FROM call_events"
    )
    database.write_now(lambda connection: connection.execute(copy, {"other": other}))
    with pytest.raises(CallLogUnavailable, match="moved"):
        await log.events(other)
    assert (await log.events(mine))[0].secret == {"key": "7"}


async def test_a_write_that_another_process_holds_up_is_made_later(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    log = DurableCallLog(database, vault, asyncio.get_running_loop(), WriteLimits(give_up_after=20))
    call = new_id()
    await log.open(a_call(call), [event(call, 1)])
    blocker = database.raw()
    blocker.execute("BEGIN IMMEDIATE")
    waits = [asyncio.ensure_future(log.append([event(call, seq)])) for seq in range(2, 10)]
    await asyncio.sleep(0.2)
    assert not any(wait.done() for wait in waits)
    assert log.backlog == 8
    blocker.execute("ROLLBACK")
    await asyncio.gather(*waits)
    assert [e.seq for e in await log.events(call)] == list(range(1, 10))
    assert log.backlog == 0
    blocker.close()
    await log.close()
    database.close()


async def test_a_broken_database_refuses_and_is_caught_up_with(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    log = DurableCallLog(database, vault, asyncio.get_running_loop(), WriteLimits(give_up_after=0.2))
    call = new_id()
    await log.open(a_call(call), [event(call, 1)])
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE call_events RENAME TO away")))
    lost = [log.append([event(call, 2)]), log.append([event(call, 3)])]
    for wait in lost:
        with pytest.raises(CallLogUnavailable):
            await wait
    assert log.trouble is not None
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO call_events")))
    with pytest.raises(CallLogUnavailable, match="row 2 is missing"):
        await log.append([event(call, 4)])
    await log.append([event(call, 2), event(call, 3), event(call, 4)])
    assert [e.seq for e in await log.events(call)] == [1, 2, 3, 4]
    assert log.trouble is None
    await log.close()
    database.close()


async def test_more_rows_than_can_wait_are_refused(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    log = DurableCallLog(database, vault, asyncio.get_running_loop(), WriteLimits(queued_rows=3))
    call = new_id()
    opened = log.open(a_call(call), [event(call, 1), event(call, 2)])
    refused = log.append([event(call, 3), event(call, 4)])
    with pytest.raises(CallLogUnavailable, match="2 rows wait"):
        await refused
    await opened
    await log.append([event(call, 3), event(call, 4)])
    assert len(await log.events(call)) == 4
    await log.close()
    database.close()


async def test_closing_writes_what_is_queued_and_refuses_more(database: Database, vault: Vault) -> None:
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    call = new_id()
    waits = [log.open(a_call(call), [event(call, 1)])]
    waits += [log.append([event(call, seq)]) for seq in range(2, 500)]
    await log.close()
    await asyncio.gather(*waits)
    assert len(await log.events(call)) == 499
    with pytest.raises(CallLogUnavailable, match="closed"):
        await log.append([event(call, 500)])


@pytest.mark.postgres
async def test_a_lost_connection_is_made_again(postgres: PostgresServer, vault: Vault) -> None:
    database = Database.open(postgres.migrated_database())
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    call = new_id()
    await log.open(a_call(call), [event(call, 1)])
    with psycopg.connect(
        host=str(postgres.folder), user="kring", dbname="postgres", autocommit=True
    ) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kring' "
            "AND datname = %s",
            (database.engine.url.database,),
        )
    await asyncio.gather(*(log.append([event(call, seq)]) for seq in range(2, 20)))
    assert [e.seq for e in await log.events(call)] == list(range(1, 20))
    await log.close()
    database.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    with running({"listen_addresses": "", "fsync": "on", "shared_buffers": "16MB"}) as server:
        yield server


@pytest.mark.postgres
async def test_a_server_that_went_away_is_told_as_such(own_server: PostgresServer, vault: Vault) -> None:
    database = Database.open(own_server.new_database())
    log = DurableCallLog(database, vault, asyncio.get_running_loop(), WriteLimits(give_up_after=0.3))
    call = new_id()
    await log.open(a_call(call), [event(call, 1)])
    own_server.process.send_signal(signal.SIGINT)
    own_server.process.wait(20)
    with pytest.raises(CallLogUnavailable, match="does not answer"):
        await log.append([event(call, 2)])
    with pytest.raises(CallLogUnavailable):
        await log.unfinished()
    await log.close()
    database.close()


def test_a_power_cut_is_survived_only_when_asked_for(tmp_path: Path) -> None:
    for durability, synchronous in ((Durability(), 1), (Durability(power_cut=True), 2)):
        database = Database.open(f"sqlite:///{tmp_path}/kring.db", durability)
        found = database.read_now(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar())
        journal = database.read_now(lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar())
        assert (found, journal) == (synchronous, "wal")
        database.close()
