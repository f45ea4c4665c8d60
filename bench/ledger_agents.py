"""Agents of the proof: phones that answer by themselves, and somebody who sees to it that all are at work."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from acd.requests import Ready, SignIn
from bench.ledger_house import AGENTS, AGENTS_AUDIO, HOST, SIP
from bench.swarm import Leg, NotRegistered, Swarm
from bench.swarm_audio import Pump
from bench.swarm_sip import Credentials
from bench.swarm_tones import Tones
from service.floor_client import FloorClient, FloorUnreachable, NotGranted

log = logging.getLogger(__name__)
_EXPIRES = 60  # seconds of a registration
_LOOK_EVERY = 2.0
_LONGEST_TALK = 7.0  # seconds, after which the agent hangs up


async def work(floor: FloorClient, agents: Sequence[str], over: asyncio.Event) -> int:
    """Let agents work until it is over; return how many calls they had."""
    made = [await asyncio.to_thread(floor.post, "accounts", {"agent": one, "kind": "desk"}) for one in agents]
    who = [Credentials(str(row["account"]), str(row["secret"])) for row in made]
    tones, answered = Tones(len(agents)), [0]
    async with Pump(HOST, AGENTS_AUDIO, tones) as pump, Swarm((HOST, AGENTS), (HOST, SIP), pump) as swarm:
        for place, one in enumerate(who):
            swarm.phones[one.user] = _answering(swarm, tones.frames[place], answered)
        minding = [asyncio.create_task(_registered(swarm, one)) for one in who]
        minding.append(asyncio.create_task(_at_work(floor, agents)))
        await over.wait()
        for task in minding:
            task.cancel()
        await asyncio.gather(*minding, return_exceptions=True)
    return answered[0]


def _answering(swarm: Swarm, voice: bytes, answered: list[int]) -> Callable[[Leg], None]:
    talks: set[asyncio.Task[None]] = set()

    async def talk(leg: Leg) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(leg.ended.wait(), _LONGEST_TALK)
        await swarm.hang_up(leg)

    def ring(leg: Leg) -> None:
        answered[0] += 1
        swarm.answer(leg)
        leg.line.speaks = voice
        talks.add(task := asyncio.get_running_loop().create_task(talk(leg)))
        task.add_done_callback(talks.discard)

    return ring


async def _registered(swarm: Swarm, who: Credentials) -> None:
    dialog = None
    while True:
        try:
            dialog = await swarm.register(who, _EXPIRES, dialog)
            await asyncio.sleep(_EXPIRES / 2)
        except NotRegistered:
            dialog = None
            await asyncio.sleep(1.0)


async def _at_work(floor: FloorClient, agents: Sequence[str]) -> None:
    while True:
        with suppress(FloorUnreachable, NotGranted, OSError):
            rows = await asyncio.to_thread(floor.rows, "agents")
            for row in rows:
                if row["agent"] in agents and row["declared"] != "ready":
                    signed_out = row["declared"] == "signed_out"
                    deed = SignIn(str(row["agent"])) if signed_out else Ready(str(row["agent"]))
                    await asyncio.to_thread(floor.request, deed)
        await asyncio.sleep(_LOOK_EVERY)
