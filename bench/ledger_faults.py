"""The faults of a proof: kills of the service and cuts of its connection, many of them right in a dial."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from bench import ledger_read
from bench.ledger_far import FarSide
from bench.ledger_house import House
from bench.ledger_relay import Cut, Relay
from service.outbound_ledger import CelLedger
from storage.database import Database

STEPS = ("intent", "sending", "dialing", "answered", "talking", "end")
_AIMS = ("chance", "intent", "invited", "rings", "answered", "ended", "rejected", "chance")
_BACK = 60.0  # seconds until dials must be under way again after a fault
_AIM = 6.0  # seconds that a moment is waited for


@dataclass(slots=True)
class Faults:
    """Injects faults and counts at which steps dials were at that moment."""

    house: House
    database: Database
    relay: Relay
    far: FarSide
    cel: CelLedger
    dice: random.Random
    kills: int = 0
    cuts: int = 0
    links: int = 0  # connections cut
    hit: Counter[str] = field(default_factory=Counter)  # step → faults that met a dial there
    met: int = 0  # faults that met any dial under way
    outages: list[float] = field(default_factory=list)  # seconds from a fault to the next INVITE
    moments: list[tuple[float, str]] = field(default_factory=list)
    _aimed: int = 0

    async def kill(self) -> None:
        """Kill the service at a chosen moment, and wait until it dials again."""
        await self._aim()
        former = self.house.kill()
        at = time.time()
        self.kills += 1
        await self._note("kill", at)
        await asyncio.to_thread(self.house.until_ready, former)
        await self._until_dialling(at)

    async def cut(self) -> None:
        """Cut the connection at a chosen moment, and wait until it dials again."""
        await self._aim()
        at = time.time()
        noting = asyncio.create_task(self._note("cut", at))
        how = list(Cut)[self.cuts % len(Cut)]
        cut = await self.relay.cut(how, self.dice.uniform(0.1, 0.6), self.dice.uniform(0.0, 1.5))
        await noting
        self.links += cut
        self.cuts += cut > 0
        await self._until_dialling(at)

    async def _until_dialling(self, since: float) -> None:
        """Wait until calls arrive that were begun after a fault."""
        deadline = time.monotonic() + _BACK
        while time.monotonic() < deadline:
            newest = next(reversed(self.far.calls.values()), None)
            if newest is not None and newest.row.at > since + 0.5:
                self.outages.append(newest.row.at - since)
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(self.dice.uniform(0.3, 2.0))

    async def _aim(self) -> None:
        aim = _AIMS[self._aimed % len(_AIMS)]
        self._aimed += 1
        if aim == "chance":
            await asyncio.sleep(self.dice.uniform(0.0, 1.0))
        elif aim == "intent":
            await asyncio.to_thread(self._until_intent)
        else:
            await self._until_told(aim)
            await asyncio.sleep(self.dice.choice((0.0, 0.0, 0.005, 0.03)))

    async def _until_told(self, aim: str) -> None:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def ear(what: str, number: str) -> None:
            if what == aim and not told.done():
                told.set_result(None)

        self.far.ears.append(ear)
        await asyncio.wait({told}, timeout=_AIM)
        self.far.ears.remove(ear)

    def _until_intent(self) -> None:
        query = "SELECT 1 FROM attempts WHERE ended_at IS NULL AND state = 'intent' LIMIT 1"
        deadline = time.monotonic() + _AIM
        with self.database.engine.connect() as connection:
            while time.monotonic() < deadline:
                if connection.exec_driver_sql(query).first() is not None:
                    return
                connection.rollback()
                time.sleep(0.0005)

    async def _note(self, what: str, at: float) -> None:
        """See at which steps dials are."""
        seen = self.far.ledger()

        def look() -> list[str]:
            rows = list(self.cel.rows())
            dialled = frozenset(row.attempt_id for row in rows if row.what == "DIAL")
            over = frozenset(row.attempt_id for row in rows if row.what == "END")
            return ledger_read.steps(self.database, dialled, over, seen)

        steps = await asyncio.to_thread(look)
        self.met += bool(steps)
        self.hit.update(set(steps))
        self.moments.append((at, f"{what}: {dict(Counter(steps))}"))
