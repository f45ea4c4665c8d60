"""The floor's record of one call, on SQLite and PostgreSQL."""

import asyncio

from domain.floor_log import EntryRow, FloorRow, Phase, SupervisionRow
from storage.database import Database
from storage.floor_log import DurableFloorLog
from storage.floor_reader import FloorReader
from tests.storage.figure_world import SARI, clock, leg, offer


async def test_a_call_is_told_from_its_rows_in_order(database: Database) -> None:
    at = clock("09:00:00")
    rows: list[FloorRow] = [
        EntryRow("call-1", at, "efin", "id", at),
        *offer("leg-1", "call-1", SARI, at),
        *leg("leg-1", "call-1", SARI, at, (Phase.RING, 5)),
        SupervisionRow(at, "20001", "listen", SARI, "call-1"),
        EntryRow("call-1", at, "efin", "id", at, "answered"),
    ]
    log = DurableFloorLog(database, asyncio.get_running_loop())
    for row in [*rows, EntryRow("call-2", at, "efin", "id", at)]:
        await log.write([row])
    await log.close()
    reader = FloorReader(database)
    assert reader.of_call("call-1") == rows
    assert reader.of_call("never") == []
