"""Writes an agent's work until it is killed; prints `leg seq` for each row that was acknowledged."""

import asyncio
import sys
from datetime import UTC, datetime

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase
from domain.ids import new_id
from storage.database import Database
from storage.floor_log import DurableFloorLog

AGENTS = 30


async def main(url: str) -> None:
    log = DurableFloorLog(Database.open(url), asyncio.get_running_loop())
    await asyncio.gather(*(_agent(log, f"{10_000 + number}") for number in range(AGENTS)))


async def _agent(log: DurableFloorLog, agent: str) -> None:
    leg, call, seq = f"leg-{new_id()}", new_id(), 0
    now = datetime.now(UTC)
    while True:
        rows: list[FloorRow] = [
            LegRow(leg, seq + 1, now, call, agent, Phase.TALK),
            AgentRow(agent, now, "ready", "talking", seconds=1.0),
            OfferRow(int(agent), now, call, agent, leg, 0, 1.5),
            EntryRow(call, now, "efin", "id", now),
            LegRow(leg, seq + 2, now, call, agent, Phase.TALK, 0.01, "hold"),
        ]
        await log.write(rows)
        seq += 2
        sys.stdout.write(f"{leg} {seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
