"""Writes calls until it is killed; prints `call seq` for each event that was acknowledged."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from domain.calls import Call, CallEvent, EventKind
from domain.ids import new_id
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.vault import Vault

CALLERS = 30


async def main(url: str, key: str) -> None:
    log = DurableCallLog(Database.open(url), Vault.load(Path(key)), asyncio.get_running_loop())
    await asyncio.gather(*(_call(log) for _ in range(CALLERS)))


async def _call(log: DurableCallLog) -> None:
    call_id = new_id()
    now = datetime.now(UTC)
    call = Call(call_id, "channel", "1500200", "628110000123", "v1", now)
    await log.open(call, [CallEvent(call_id, 1, now, EventKind.STARTED)])
    seq = 1
    while True:
        rows = [
            CallEvent(call_id, seq + 1, now, EventKind.KEY, {}, {"key": "7"}),
            CallEvent(call_id, seq + 2, now, EventKind.STEP, {"step": "menu"}),
        ]
        await log.append(rows)
        seq += 2
        sys.stdout.write(f"{call_id} {seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
