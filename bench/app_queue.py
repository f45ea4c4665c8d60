"""`app_queue`: one recorded day through Asterisk's own queues and through this service.

A filing day scaled 1:60 is drawn once and replayed to both: the same arrivals, patience, handle times,
agents, skills, tiers and SIP phones, in the same Asterisk. There is no wrap-up time in either arm,
for app_queue counts it in whole seconds.
"""

import asyncio
from collections.abc import Sequence

from bench import app_queue_conf, processes, swarm_accounts
from bench.figures import Report
from bench.phone import play
from bench.processes import HOST
from bench.swarm import Swarm
from bench.swarm_audio import Pump
from bench.swarm_columns import Columns, columns
from bench.swarm_day import Day, draw
from bench.swarm_people import CALLER_TONES, AgentPhone, Callers, Crowd, live
from bench.swarm_sip import Credentials
from bench.swarm_tones import Tones

AGENTS = 20
LOAD = 0.92  # of the agents, on the day's average
INVITE_P50_MS, INVITE_P99_MS = 5.0, 30.0


def run(report: Report) -> None:
    """Measure and print."""
    day = draw(60.0 if report.short else 480.0, AGENTS, LOAD)
    with processes.running("queues") as product:
        report.machine(product.program.version)
        who = swarm_accounts.push(product, AGENTS)
        app_queue_conf.install(product, day, {place: each.user for place, each in enumerate(who)})
        theirs = play(replay(day, who, app_queue_conf.NUMBER))
        product.until_empty()
        print(theirs)


async def replay(day: Day, who: Sequence[Credentials], number: str) -> Columns:
    """Let a day pass, its calls made to `number`; return its columns."""
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
        await asyncio.sleep(4)  # until Asterisk has asked every phone once and counts it as reachable
        callers = Callers(trunk, tones, number, crowd)
        await live(day, callers)
        await asyncio.sleep(1)
        found = columns(day, callers.contacts, phones)
        await asyncio.gather(*(phone.plug_out() for phone in phones))
    return found
