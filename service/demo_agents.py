"""Synthetic agents for the demonstration: the example tables, and a SIP phone for each of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from service.desk_agent import DeskAgent, Habits
from service.floor_client import FloorClient, FloorUnreachable, NotGranted
from service.phone.handset import PhoneUnusable
from service.phone.station import NotRegistered
from service.settings import CHECKOUT, Settings

EXAMPLES = CHECKOUT / "acd" / "examples"
KNOWN_WITHIN = 5.0  # seconds until a running service has taken over the tables
# How long each talks: different, so that one sees lines form and go.
TALKS = (12.0, 18.0, 9.0, 15.0)

Tell = Callable[[str], None]


def staff(client: FloorClient, tell: Tell) -> list[str]:
    """Return the agents' staff numbers; where there are none, put the example tables in force first.

    Raises FloorUnreachable, NotGranted.
    """
    numbers = [str(row["agent"]) for row in client.rows("agents")]
    if numbers:
        return numbers
    subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", "acd", "tables", "import",
         str(EXAMPLES), "--about", "example agents for the demonstration"],
        check=True, cwd=CHECKOUT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + KNOWN_WITHIN
    while not numbers and time.monotonic() < deadline:
        time.sleep(0.2)
        numbers = [str(row["agent"]) for row in client.rows("agents")]
    tell(f"{len(numbers)} example agents are in force (kring acd tables history)")
    return numbers


async def agents_work(settings: Settings, seconds: float, write: Tell) -> int:
    """Let up to four agents work for so long; return how many talks they had.

    Without a floor to ask, or without agents, nobody works and the reason is written.
    """
    began = time.monotonic()
    try:
        client = FloorClient(settings)
        numbers = await asyncio.to_thread(staff, client, write)
    except (FloorUnreachable, NotGranted) as error:
        write(f"no agents: {error}")
        return 0
    registrar = f"127.0.0.1:{settings.sip_port}"
    workers = []
    for who, (number, talks) in enumerate(zip(numbers, TALKS, strict=False), start=1):

        def say(line: str, who: int = who) -> None:
            write(f"{time.monotonic() - began:6.1f} s  agent {who}   {line}")

        workers.append(DeskAgent(client, registrar, number, Habits(talks=talks, tone=400 + 50 * who), say))
    await asyncio.gather(*(_work(worker, seconds, write) for worker in workers))
    return sum(worker.talks for worker in workers)


async def _work(worker: DeskAgent, seconds: float, write: Tell) -> None:
    try:
        with suppress(TimeoutError):
            await worker.work(seconds)
    except (FloorUnreachable, NotGranted, PhoneUnusable, NotRegistered) as error:
        write(f"an agent cannot work: {error}")
