"""What the floor's record does when things break: killed processes, broken disks and connections."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from domain.call_log import CallLogUnavailable
from domain.floor_log import AgentRow, EntryRow, LegRow, OfferRow, Phase, SupervisionRow
from storage.batches import WriteLimits
from storage.database import Database, DatabaseProblem
from storage.floor_log import DurableFloorLog
from storage.floor_rows import TABLES
from storage.memory import MemoryFloorLog
from storage.sessions import WriteFailed
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
CHECKOUT = Path(__file__).resolve().parents[2]
IMPATIENT = WriteLimits(give_up_after=0.2, idle_try=0.1)


def leg_row(leg: str, seq: int) -> LegRow:
    return LegRow(leg, seq, NOW, "call", "10001", Phase.TALK, None if seq % 2 else 1.0)


def seqs(database: Database, leg: str) -> list[int]:
    query = sa.text("SELECT seq FROM floor_legs WHERE leg = :leg ORDER BY n")
    return [row[0] for row in database.read_now(lambda c: c.execute(query, {"leg": leg}).all())]


def execute(statement: sa.TextClause, connection: sa.Connection) -> None:
    connection.execute(statement)


def counted(database: Database, table: str) -> int:
    found = database.read_now(lambda c: c.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar())  # noqa: S608
    assert found is not None
    return int(found)


def write_until_killed(database_url: str) -> dict[str, int]:
    """Return the last acknowledged row of each leg."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.floor_writing_process", database_url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert process.stdout is not None
    acknowledged: dict[str, int] = {}
    for number, line in enumerate(process.stdout):
        leg, seq = line.split()
        acknowledged[leg] = int(seq)
        if number == 500:
            os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert process.returncode == -signal.SIGKILL
    return acknowledged


async def test_kill_9_leaves_no_gap_and_loses_nothing_that_was_acknowledged(database_url: str) -> None:
    acknowledged = write_until_killed(database_url)

    database = Database.open(database_url)
    log = DurableFloorLog(database, asyncio.get_running_loop())
    assert len(acknowledged) > 20
    for leg, seq in acknowledged.items():
        found = seqs(database, leg)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= seq
        assert len(found) % 2 == 0  # rows that came together are there together
    together = counted(database, "floor_legs") // 2
    for table in ("floor_agents", "floor_offers", "floor_entries"):
        assert counted(database, table) == together
    assert list(await log.open_legs()) == []
    assert len(await log.agents()) == 30

    some, last = next(iter(acknowledged)), len(seqs(database, next(iter(acknowledged))))
    await log.write([leg_row(some, last + 1)])
    assert [row.seq for row in await log.open_legs()] == [last + 1]
    await log.close()
    database.close()


async def test_refused_rows_are_kept_and_written_in_order_by_themselves(database: Database) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop(), IMPATIENT)
    await log.write([leg_row("leg-1", 1)])
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE floor_legs RENAME TO away")))
    lost = [log.write([leg_row("leg-1", 2)]), log.write([leg_row("leg-1", 3), leg_row("leg-1", 4)])]
    for wait in lost:
        with pytest.raises(CallLogUnavailable, match="tried again"):
            await wait
    with pytest.raises(CallLogUnavailable):
        await log.write([leg_row("leg-1", 5)])
    assert log.trouble is not None
    assert log.backlog == 4

    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO floor_legs")))
    async with asyncio.timeout(20):
        while log.backlog:
            await asyncio.sleep(0.02)
    assert seqs(database, "leg-1") == [1, 2, 3, 4, 5]
    assert log.trouble is None
    assert [row.seq for row in await log.open_legs()] == [5]
    await log.close()


async def test_later_rows_wait_behind_those_that_were_refused(database: Database) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop(), WriteLimits(give_up_after=0.1, idle_try=60))
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE floor_legs RENAME TO away")))
    with pytest.raises(CallLogUnavailable):
        await log.write([leg_row("leg-1", 1)])
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO floor_legs")))
    await log.write([leg_row("leg-1", 2)])
    assert seqs(database, "leg-1") == [1, 2]
    await log.close()


async def test_closing_writes_what_was_kept(database: Database) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop(), WriteLimits(give_up_after=0.1, idle_try=60))
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE floor_legs RENAME TO away")))
    with pytest.raises(CallLogUnavailable):
        await log.write([leg_row("leg-1", 1)])
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO floor_legs")))
    await log.close()
    assert seqs(database, "leg-1") == [1]
    assert log.backlog == 0
    with pytest.raises(CallLogUnavailable, match="closed"):
        await log.write([leg_row("leg-1", 2)])


async def test_more_rows_than_can_wait_are_refused(database: Database) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop(), WriteLimits(queued_rows=3))
    taken = log.write([leg_row("leg-1", 1), leg_row("leg-1", 2)])
    with pytest.raises(CallLogUnavailable, match="2 rows wait"):
        await log.write([leg_row("leg-1", 3), leg_row("leg-1", 4)])
    await taken
    await log.close()
    assert seqs(database, "leg-1") == [1, 2]


async def test_writing_again_after_a_lost_answer_changes_nothing(database: Database) -> None:
    """The commit was made, its answer was not heard: the same rows are written once more."""
    log = DurableFloorLog(database, asyncio.get_running_loop())
    writer = log._writer
    writes = []

    class DeafWriter:
        def write(self, batch: object) -> None:
            writer.write(batch)  # type: ignore[arg-type]
            writes.append(batch)
            if len(writes) == 1:
                raise WriteFailed from ConnectionError("connection reset")

        renew, close = staticmethod(writer.renew), staticmethod(writer.close)

    log._writer = DeafWriter()
    await log.write([leg_row("leg-1", 1), leg_row("leg-1", 2), AgentRow("10001", NOW, "ready", "idle")])
    assert len(writes) == 2
    assert seqs(database, "leg-1") == [1, 2]
    assert counted(database, "floor_agents") == 1
    await log.close()


@pytest.mark.parametrize("table", TABLES)
async def test_the_record_is_append_only(database: Database, table: str) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop())
    await log.write(
        [
            leg_row("leg-1", 1),
            OfferRow(1, NOW, "call", "10001", "leg-1", 0, 0.0),
            AgentRow("10001", NOW, "ready", "idle"),
            SupervisionRow(NOW, "20001", "listen", "10001", "call"),
            EntryRow("call", NOW, "efin", "id", NOW),
        ]
    )
    await log.close()
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET at = at"):  # noqa: S608
        with pytest.raises(DatabaseProblem, match="append-only"):
            database.write_now(partial(execute, sa.text(change)))
    assert counted(database, table) == 1


@pytest.mark.postgres
async def test_a_lost_connection_is_made_again(postgres: PostgresServer) -> None:
    database = Database.open(postgres.migrated_database())
    log = DurableFloorLog(database, asyncio.get_running_loop())
    await log.write([leg_row("leg-1", 1)])
    with psycopg.connect(
        host=str(postgres.folder), user="kring", dbname="postgres", autocommit=True
    ) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kring' "
            "AND datname = %s",
            (database.engine.url.database,),
        )
    await asyncio.gather(*(log.write([leg_row("leg-1", seq)]) for seq in range(2, 20)))
    assert seqs(database, "leg-1") == list(range(1, 20))
    await log.close()
    database.close()


async def test_a_value_that_the_database_cannot_store_is_refused_alone(database: Database) -> None:
    log = DurableFloorLog(database, asyncio.get_running_loop(), IMPATIENT)
    wrong = log.write([OfferRow(2**70, NOW, "call", "10001", "leg-1", 0, 0.0)])
    right = log.write([leg_row("leg-1", 1)])
    with pytest.raises(CallLogUnavailable, match="cannot be stored"):
        await wrong
    await right
    assert log.backlog == 0
    await log.close()


async def test_the_memory_double_keeps_refused_rows_too() -> None:
    log = MemoryFloorLog()
    log.broken = True
    with pytest.raises(CallLogUnavailable, match="kept"):
        await log.write([leg_row("leg-1", 1)])
    log.broken = False
    await log.write([leg_row("leg-1", 2)])
    assert [row.seq for row in log.rows if isinstance(row, LegRow)] == [1, 2]
