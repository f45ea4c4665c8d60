"""`agents`: 60 agents and 200 waiting callers as SIP phones, half an hour of traffic.

Everybody has a tone of their own, so that each bridged call proves that both hear each other. Who is
served or loses patience calls again.
"""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench import processes
from bench.accounting import Size
from bench.figures import Report, at_least, at_most
from bench.phone import play
from bench.processes import Installation
from bench.swarm_day import LINES, Colleague, Day, Visit
from bench.swarm_floor import FloorDoor
from bench.swarm_hall import Hall, begin_work, end_work, hall
from bench.swarm_people import Contact
from bench.swarm_sip import Credentials

AGENTS, WAITING = 60, 200
_LISTENING = 40  # callers, more than hear the notice of recording at any moment
WRAP_UP = 1.0  # seconds
_COMING = 20  # new calls a second at the beginning
_IMPATIENT = 0.05  # share of the callers who give up
GROWTH = 3  # % of memory, from the end of the warm-up to the end of all calls
_FREE_WITHIN = 25.0  # seconds after the last call within which every agent must be free again


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the bench measures."""

    seconds: float
    talk: float  # seconds on the average
    warm_up: float  # seconds after which memory must no longer grow


FULL = Effort(seconds=1800, talk=25, warm_up=300)
SHORT = Effort(seconds=120, talk=10, warm_up=60)


@dataclass(slots=True)
class _Seen:
    """What the run showed."""

    contacts: list[Contact]
    stuck: list[str]
    unheard: list[str]
    busy_offers: int
    most_waiting: int
    gap: float
    late_ticks: int
    before: dict[str, Size]


def run(report: Report) -> None:
    """Measure and print."""
    effort = SHORT if report.short else FULL
    day = _day()
    with processes.running("queues") as product:
        report.machine(product.program.version)
        door = FloorDoor(product)
        door.adopt(day, WRAP_UP)
        who = door.accounts(colleague.number for colleague in day.staff)
        seen = play(_traffic(product, door, day, who, effort))
        product.until_empty()
        time.sleep(5 if report.short else 35)  # Asterisk keeps ended SIP transactions for 32 s
        _report(report, seen)
        _left_over(report, product, seen)


def _day() -> Day:
    """Everybody has two skills in the tier that is required; callers are drawn as they come."""
    staff = tuple(
        Colleague(place, f"8{place:04d}", {LINES[(place + step) % 4].skill: LINES[(place + step) % 4].tier
                                           for step in range(2)})
        for place in range(AGENTS)
    )  # fmt: skip
    return Day(0.0, LINES, staff, ())


async def _traffic(
    product: Installation, door: FloorDoor, day: Day, who: Sequence[Credentials], effort: Effort
) -> _Seen:
    async with hall(day, who, processes.NUMBER) as people:
        await begin_work(door, people.phones)
        crowd = asyncio.create_task(_crowd(people, effort))
        began, most_waiting = time.monotonic(), 0
        before: dict[str, Size] = {}
        while not crowd.done():
            await asyncio.sleep(0.5)
            most_waiting = max(most_waiting, sum(each.how == "waits" for each in people.callers.contacts))
            if not before and time.monotonic() - began > effort.warm_up:
                before = product.sizes()
        crowd.result()
        stuck = await _stuck(door, people)
        await end_work(door, people.phones)
        return _Seen(
            contacts=people.callers.contacts,
            stuck=stuck,
            unheard=[text for phone in people.phones for text in phone.unheard],
            busy_offers=sum(phone.busy_offers for phone in people.phones),
            most_waiting=most_waiting,
            gap=max((each.gap for each in people.callers.contacts), default=0.0),
            late_ticks=people.pump.late_ticks,
            before=before,
        )


async def _crowd(people: Hall, effort: Effort) -> None:
    """Keep everybody calling for so long; return when the last call is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + effort.seconds
    chance = random.Random(1500200)
    count = iter(range(1_000_000))

    async def again_and_again(place: int) -> None:
        await asyncio.sleep(place / _COMING)
        while loop.time() < end:
            contact = await people.callers.call(_visit(next(count), effort, chance))
            await asyncio.sleep(chance.uniform(0.1, 1.0) if contact.how != "lost" else 2.0)

    async with asyncio.TaskGroup() as group:
        for place in range(AGENTS + WAITING + _LISTENING):
            group.create_task(again_and_again(place))


def _visit(place: int, effort: Effort, chance: random.Random) -> Visit:
    line = chance.choices(LINES, weights=[each.share for each in LINES])[0]
    impatient = chance.random() < _IMPATIENT
    patience = chance.uniform(1.0, effort.talk) if impatient else 1200.0
    talk = chance.lognormvariate(math.log(effort.talk) - 0.18, 0.6)  # 0.18 is half of 0.6 squared
    return Visit(place, 0.0, line, patience, min(max(1.0, talk), 3 * effort.talk), chance.random() < 0.5)


async def _stuck(door: FloorDoor, people: Hall) -> list[str]:
    """Return the agents who are not free though nobody calls any more, once they have had time."""
    deadline = time.monotonic() + _FREE_WITHIN
    while True:
        rows = await asyncio.to_thread(door.rows, "agents")
        mine = {phone.colleague.number for phone in people.phones}
        stuck = [
            f"{row['declared']}/{row['observed']}"
            for row in rows
            if row["agent"] in mine and (row["declared"], row["observed"]) != ("ready", "idle")
        ]
        if not stuck or time.monotonic() > deadline:
            return stuck
        await asyncio.sleep(0.5)


def _report(report: Report, seen: _Seen) -> None:
    hows = Counter(contact.how for contact in seen.contacts)
    talks = [contact for contact in seen.contacts if contact.served_at]
    lost = [contact.why for contact in seen.contacts if contact.how not in ("served", "impatient")]
    note = f"{dict(hows)}; {seen.late_ticks} late ticks of the phones; first losses: {lost[:3]}"
    report.add(at_least("agents_most_waiting", seen.most_waiting, WAITING, "callers", note))
    report.add(at_most("agents_lost", len(lost), 0, "calls", note))
    report.add(at_most("agents_stuck", len(seen.stuck), 0, "agents", f"{seen.stuck[:3]}"))
    one_way = sum(not contact.heard for contact in talks) + len(seen.unheard)
    note = f"of {len(talks)} talks; longest gap {1000 * seen.gap:.0f} ms; {seen.unheard[:3]}"
    report.add(at_most("agents_not_heard_both_ways", one_way, 0, "talks", note))
    report.add(at_most("agents_rung_while_busy", seen.busy_offers, 0, "offers"))


def _left_over(report: Report, product: Installation, seen: _Seen) -> None:
    for what in ("channels", "bridges"):
        report.add(at_most(f"agents_left_{what}", len(product.ari(what)), 0, what))
    after = product.sizes()
    for name, was in seen.before.items():
        now = after[name]
        growth = 100 * (now.memory - was.memory) / was.memory
        note = f"{was.memory / 1e6:.1f} to {now.memory / 1e6:.1f} MB"
        report.add(at_most(f"agents_memory_growth_{name}", growth, GROWTH, "%", note))
