"""What every record of the floor promises: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.call_log import CallLogUnavailable
from domain.floor_log import (
    AgentRow,
    EntryRow,
    FloorLog,
    LegRow,
    OfferRow,
    Phase,
    SupervisionRow,
)
from storage.database import Database
from storage.floor_log import DurableFloorLog
from storage.memory import MemoryFloorLog
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, 0, 123456, tzinfo=UTC)
SARI, BUDI = "10001", "10002"


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[FloorLog]:
    if request.param == "memory":
        yield MemoryFloorLog()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    durable = DurableFloorLog(database, asyncio.get_running_loop())
    yield durable
    await durable.close()
    database.close()


def began(leg: str, seq: int, phase: Phase = Phase.TALK, agent: str = SARI) -> LegRow:
    return LegRow(leg, seq, NOW + timedelta(seconds=seq), "call-1", agent, phase)


def ended(leg: str, seq: int, phase: Phase = Phase.TALK, seconds: float = 1.25) -> LegRow:
    return replace(began(leg, seq, phase), seconds=seconds, outcome="hold", estimated=seq > 5)


def state(agent: str, declared: str, observed: str = "idle", after: int = 0) -> AgentRow:
    return AgentRow(agent, NOW + timedelta(seconds=after), declared, observed, by=agent)


def offer(number: int, outcome: str = "") -> OfferRow:
    return OfferRow(number, NOW, "call-1", SARI, "leg-1", 0, 12.5, outcome)


async def test_the_last_row_of_every_agent_is_what_they_are_now(log: FloorLog) -> None:
    await log.write([state(SARI, "paused"), state(BUDI, "paused")])
    await log.write([state(SARI, "ready"), state(SARI, "ready", "offered")])
    paused = AgentRow(BUDI, NOW, "paused", "idle", "prayer", "a" + "1" * 15, "20001", 2.5)
    await log.write([paused])

    assert list(await log.agents()) == [state(SARI, "ready", "offered"), paused]


async def test_a_state_that_was_declared_later_counts_even_if_a_clock_went_back(log: FloorLog) -> None:
    await log.write([state(SARI, "ready", after=60)])
    await log.write([state(SARI, "signed_out", after=0)])
    assert [row.declared for row in await log.agents()] == ["signed_out"]


async def test_legs_in_a_phase_are_open_until_the_phase_ends(log: FloorLog) -> None:
    await log.write([began("leg-1", 1, Phase.RING), began("leg-2", 1, agent=BUDI)])
    await log.write([ended("leg-1", 2, Phase.RING), began("leg-1", 3, Phase.TALK)])
    await log.write([began("leg-3", 1)])
    await log.write([ended("leg-3", 2)])

    assert set(await log.open_legs()) == {began("leg-2", 1, agent=BUDI), began("leg-1", 3)}

    await log.write([ended("leg-1", 4), began("leg-1", 5, Phase.HOLD), ended("leg-1", 6, Phase.HOLD)])
    assert list(await log.open_legs()) == [began("leg-2", 1, agent=BUDI)]


async def test_offers_go_on_from_the_highest_number(log: FloorLog) -> None:
    assert await log.last_offer() == 0
    await log.write([offer(7), offer(8)])
    await log.write([offer(7, "ring_time_out")])
    assert await log.last_offer() == 8


async def test_an_empty_record_has_nobody(log: FloorLog) -> None:
    await log.write([])
    assert list(await log.agents()) == []
    assert list(await log.open_legs()) == []


async def test_rows_queued_without_waiting_keep_their_order(log: FloorLog) -> None:
    waits = [log.write([state(SARI, "ready", f"state_{number}")]) for number in range(300)]
    await asyncio.gather(*waits)
    assert [row.observed for row in await log.agents()] == ["state_299"]


async def test_a_row_is_never_replaced_and_only_the_wrong_one_is_refused(log: FloorLog) -> None:
    await log.write([began("leg-1", 1)])
    wrong = log.write([began("leg-1", 1, Phase.RING)])
    innocents = [log.write([began(f"leg-{number}", 1)]) for number in range(2, 40)]
    with pytest.raises(CallLogUnavailable, match="there already"):
        await wrong
    await asyncio.gather(*innocents)
    open_legs = {row.leg: row.phase for row in await log.open_legs()}
    assert len(open_legs) == 39
    assert open_legs["leg-1"] is Phase.TALK


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (replace(began("leg-9", 1), at=datetime(2025, 1, 1)), "without zone"),  # noqa: DTZ001
        (EntryRow("call", NOW, "efin", "id", datetime(2025, 1, 1)), "without zone"),  # noqa: DTZ001
        (began("leg-9", 0), "numbered from 1"),
    ],
)
async def test_a_mistake_in_a_row_is_raised_to_whoever_made_it(
    log: FloorLog, row: LegRow | EntryRow, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        log.write([state(SARI, "ready"), row])
    assert list(await log.agents()) == []


async def test_times_come_back_in_utc(log: FloorLog) -> None:
    wib = timezone(timedelta(hours=7))
    await log.write([replace(began("leg-1", 1), at=NOW.astimezone(wib))])
    [row] = await log.open_legs()
    assert row.at == NOW


async def test_rows_of_every_kind_are_written_together(log: FloorLog) -> None:
    listening = SupervisionRow(NOW, "20001", "listen", SARI, "call-1", "whisper")
    entry = EntryRow("call-1", NOW, "efin/B", "id", NOW - timedelta(minutes=1), "answered")
    await log.write([entry, offer(1), began("leg-1", 1), state(SARI, "ready"), listening])
    assert await log.last_offer() == 1
    assert len(await log.open_legs()) == len(await log.agents()) == 1


async def test_a_caller_who_stops_waiting_loses_no_row(log: FloorLog) -> None:
    waiting = asyncio.ensure_future(log.write([state(SARI, "ready")]))
    waiting.cancel()
    await log.write([state(BUDI, "ready")])
    assert [row.agent for row in await log.agents()] == [SARI, BUDI]
