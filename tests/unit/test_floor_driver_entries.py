"""Which calls' stays on the floor are taken up after a restart."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.calls import Call, CallEvent, EventKind
from domain.floor_log import EntryRow
from storage.call_log import DurableCallLog
from storage.callbacks import DurableCallbacks
from storage.database import Database
from storage.floor_entries import entries_of_live_calls
from storage.floor_log import DurableFloorLog
from storage.vault import Vault

AT = datetime(2026, 3, 31, 2, tzinfo=UTC)


async def test_the_last_row_of_calls_that_live_or_are_to_be_called_back(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'kring.db'}")
    vault, loop = Vault.create(tmp_path / "key"), asyncio.get_running_loop()
    call_log, floor_log = DurableCallLog(database, vault, loop), DurableFloorLog(database, loop)
    book = DurableCallbacks(database, vault)
    try:
        for name in ("lives", "ended", "booked"):
            call = Call(name, f"chan-{name}", "1500200", None, "v1", AT)
            await call_log.open(call, [CallEvent(name, 1, AT, EventKind.STARTED)])
            if name != "lives":
                end = {"reason": "completed" if name == "ended" else "callback"}
                await call_log.append([CallEvent(name, 2, AT, EventKind.ENDED, end)])
        await book.book("booked", "62811000123", "efin", "id", AT, AT + timedelta(hours=1), AT)
        rows = [EntryRow(name, AT, "efin", "id", AT) for name in ("booked", "ended", "lives")]
        await floor_log.write([*rows, EntryRow("lives", AT, "efin", "id", AT, "answered")])
        found = await entries_of_live_calls(database)
        assert [(row.call_id, row.outcome) for row in found] == [("booked", ""), ("lives", "answered")]
        assert found[1] == EntryRow("lives", AT, "efin", "id", AT, "answered")
    finally:
        await call_log.close()
        await floor_log.close()
        await loop.run_in_executor(None, database.close)
