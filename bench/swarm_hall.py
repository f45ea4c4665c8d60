"""A hall of agents and callers at one running product."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench import processes
from bench.processes import HOST, Installation, NotRunning
from bench.sounds import notice_seconds
from bench.swarm import Swarm
from bench.swarm_audio import Pump
from bench.swarm_day import Day
from bench.swarm_floor import FloorDoor
from bench.swarm_people import CALLER_TONES, AgentPhone, Callers, Crowd
from bench.swarm_sip import Credentials
from bench.swarm_tones import Tones

_REACHABLE_SECONDS = 15.0
LISTENS = notice_seconds(processes.CHECKOUT / "prompts") + 0.3  # so that no talk begins with the notice


@dataclass(slots=True)
class Hall:
    """Phones on their desks and a trunk full of callers."""

    phones: Sequence[AgentPhone]
    callers: Callers
    pump: Pump


@asynccontextmanager
async def hall(
    day: Day, who: Sequence[Credentials], number: str, listens: float = LISTENS
) -> AsyncIterator[Hall]:
    """Register a day's phones (place → credentials) and make ready callers who dial `number`.

    Callers press their key after `listens` seconds. At the end everybody hangs up and the phones sign off.
    """
    tones = Tones(len(day.staff) + CALLER_TONES)
    remote = (HOST, processes.SIP)
    crowd = Crowd(len(day.staff))
    async with (
        Pump(HOST, processes.CALLERS_AUDIO, tones) as pump,
        Swarm((HOST, processes.CALLERS_SIP), remote, pump) as trunk,
        Swarm((HOST, processes.AGENTS_SIP), remote, pump) as desks,
    ):
        phones = [
            AgentPhone(desks, tones, colleague, each, crowd)
            for colleague, each in zip(day.staff, who, strict=True)
        ]
        await asyncio.gather(*(phone.plug_in() for phone in phones))
        try:
            yield Hall(phones, Callers(trunk, tones, number, crowd, listens), pump)
        finally:
            await asyncio.gather(*(phone.plug_out() for phone in phones))


async def until_reachable(product: Installation, phones: Sequence[AgentPhone]) -> None:
    """Wait until Asterisk has asked every phone and counts it as reachable. Raises NotRunning."""
    wanted = {phone.who.user for phone in phones}
    deadline = asyncio.get_running_loop().time() + _REACHABLE_SECONDS
    while True:
        there = await asyncio.to_thread(product.ari, "endpoints/PJSIP")
        missing = wanted - {each["resource"] for each in there if each["state"] == "online"}
        if not missing:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise NotRunning(f"{len(missing)} of {len(wanted)} phones are not reachable")
        await asyncio.sleep(0.2)


async def begin_work(door: FloorDoor, phones: Sequence[AgentPhone]) -> None:
    """Sign every agent in and go ready. Raises NotRunning when one is refused."""
    await until_reachable(door.product, phones)

    def all_ready() -> None:
        for phone in phones:
            door.request("sign_in", phone.colleague.number)
            door.request("ready", phone.colleague.number)

    await asyncio.to_thread(all_ready)


async def end_work(door: FloorDoor, phones: Sequence[AgentPhone]) -> None:
    """Sign every agent out. Raises NotRunning when one is refused."""

    def all_out() -> None:
        for phone in phones:
            door.request("sign_out", phone.colleague.number)

    await asyncio.to_thread(all_out)
