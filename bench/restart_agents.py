"""The second part of `restart`: the service is killed with 40 bridged and 60 waiting calls.

The bridged hear each other's tones all the while; the waiting are served afterwards in the order in
which they came.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench import processes
from bench.figures import Report, at_least, at_most
from bench.phone import play
from bench.processes import CONTROL_SECONDS, Back, Installation, NotRunning
from bench.swarm_day import LINES, Colleague, Day, Visit
from bench.swarm_floor import FloorDoor
from bench.swarm_hall import LISTENS, begin_work, end_work, hall
from bench.swarm_people import Contact
from bench.swarm_sip import Credentials

BRIDGED, WAITING = 40, 60
GAP_MS = 100.0  # an ear takes a pause of five packets for a stop
_PATIENCE = 300.0  # seconds
_BETWEEN = 0.25  # seconds between two arrivals: whose turn it is must be beyond doubt
_TALK_AFTER = 6.0  # seconds that a talk lasts after the kill
_APART = 0.3  # seconds between the ends of two talks, for the same reason
_SURE = 0.02  # seconds by which a later call must have been offered before one that came earlier


def run(report: Report) -> None:
    """Measure and print."""
    bridged, waiting = (8, 12) if report.short else (BRIDGED, WAITING)
    day = _day(bridged)
    with processes.running("queues") as product:
        report.machine(product.program.version)
        door = FloorDoor(product)
        door.adopt(day, wrap_up=0)
        who = door.accounts(colleague.number for colleague in day.staff)
        seen = play(_kill_with_talks(product, door, day, who, waiting))
        product.until_empty()
        _report(report, product, seen, bridged, waiting)


@dataclass(slots=True)
class _Seen:
    """What became of everybody."""

    bridged: list[Contact]
    waiting: list[Contact]
    offers: Mapping[int, float]  # call → arrival of the INVITE that won it an agent
    back: Back
    gap: float  # seconds: the longest pause that any of the bridged heard, on either side


def _day(agents: int) -> Day:
    line = LINES[2]
    staff = tuple(Colleague(place, f"9{place:04d}", {line.skill: line.tier}) for place in range(agents))
    return Day(0.0, (line,), staff, ())


async def _kill_with_talks(
    product: Installation, door: FloorDoor, day: Day, who: Sequence[Credentials], waiting: int
) -> _Seen:
    async with hall(day, who, processes.NUMBER) as people:
        await begin_work(door, people.phones)
        line, agents = day.lines[0], len(day.staff)
        # Who came first talks until all have come, through the kill, and for a while after it.
        lasts = (agents + waiting) * _BETWEEN + LISTENS + 3.0 + _TALK_AFTER
        calls = []
        for place in range(agents + waiting):
            # One agent after the other comes free, now and the second time.
            talk = lasts + place * (_APART - _BETWEEN) if place < agents else agents * _APART + 3.0
            visit = Visit(place, 0.0, line, _PATIENCE, talk, place % 2 == 1)
            calls.append(asyncio.create_task(people.callers.call(visit)))
            await asyncio.sleep(_BETWEEN)
        await _until_placed(people.callers.contacts, agents, waiting)
        back = await asyncio.to_thread(product.kill_and_wait)
        contacts = await asyncio.gather(*calls)
        await end_work(door, people.phones)
        bridged = contacts[:agents]
        gap = max([contact.gap for contact in bridged] + [phone.gaps[0] for phone in people.phones])
        offers = {offer.call: offer.at for phone in people.phones for offer in phone.offers}
        return _Seen(bridged, contacts[agents:], offers, back, gap)


async def _until_placed(contacts: Sequence[Contact], talking: int, waiting: int) -> None:
    """Wait until everybody is where the kill is to find them.

    Raises NotRunning otherwise: a fault that meets nobody proves nothing.
    """
    deadline = time.monotonic() + LISTENS + 3.0
    while True:
        hows = Counter(contact.how for contact in contacts)
        if (hows["talks"], hows["waits"]) == (talking, waiting):
            return
        if time.monotonic() > deadline:
            raise NotRunning(f"{talking} were to talk and {waiting} to wait, but they are {dict(hows)}")
        await asyncio.sleep(0.1)


def displaced(waiting: Sequence[Contact], offers: Mapping[int, float]) -> int:
    """Return how many calls were offered after one that came later, or never."""
    order = [offers.get(contact.visit.place, math.inf) for contact in sorted(waiting, key=_came)]
    return sum(
        math.isinf(at) or any(later < at - _SURE for later in order[place + 1 :])
        for place, at in enumerate(order)
    )


def _came(contact: Contact) -> float:
    return contact.waits_since


def _report(report: Report, product: Installation, seen: _Seen, bridged: int, waiting: int) -> None:
    everybody = seen.bridged + seen.waiting
    lost = [contact.why or contact.how for contact in everybody if contact.how != "served"]
    note = f"{bridged} bridged, {waiting} waiting; {seen.back}; {lost[:3]}"
    report.add(at_most("restart_agents_lost", len(lost), 0, "calls", note))
    report.add(at_most("restart_agents_under_control", seen.back.control, CONTROL_SECONDS, "s", note))
    report.add(at_most("restart_agents_longest_gap", 1000 * seen.gap, GAP_MS, "ms", "in the bridged's tones"))
    moved = displaced(seen.waiting, seen.offers)
    report.add(at_most("restart_agents_places_lost", moved, 0, "calls", "offered after a later caller"))
    heard = sum(contact.heard and contact.served_at > 0 for contact in everybody)
    report.add(at_least("restart_agents_heard_both_ways", heard, bridged + waiting, "calls"))
    for what in ("channels", "bridges"):
        report.add(at_most(f"restart_agents_left_{what}", len(product.ari(what)), 0, what))
