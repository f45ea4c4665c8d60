"""`pages`: 200 agents' pages listen to the running product while calls are offered and answered.

The pages are plain connections in a process of their own; each hears of its own agent's state and fetches
the card when the agent is offered a call. The same traffic without pages is what the CPU is compared with.
"""

import asyncio
import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from bench import processes
from bench.accounting import Meter, size
from bench.figures import Report, at_most, not_measured, percentile
from bench.pages_browser import NoBrowser, usable
from bench.pages_staff import BROWSER, changes, sign_in
from bench.phone import play
from bench.processes import CHECKOUT, HOST, WEB, Installation, NotRunning
from bench.swarm_day import LINES, Colleague, Day, Visit
from bench.swarm_floor import FloorDoor
from bench.swarm_hall import Hall, begin_work, end_work, hall
from bench.swarm_people import Contact

PAGES = 200
EVENT_MS, CARD_MS, USABLE_S = 200, 300, 1.0
CPU_SHARE = 0.5  # of a core, for calls and pages together
PAGE_KB = 200
WRAP_UP = 1.0  # seconds
_TEAM = "bench"  # as in the tables of `swarm_floor`
_LATEST = 2.0  # seconds after a state was over: what comes then is of another time
_LOADS = 6


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the bench measures."""

    seconds: float
    rate: float  # calls a second
    talk: float  # seconds


FULL = Effort(seconds=60, rate=4, talk=5)
SHORT = Effort(seconds=12, rate=3, talk=3)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of traffic cost."""

    contacts: Sequence[Contact]
    cpu: float  # seconds of the service
    wall: float  # seconds


@dataclass(frozen=True, slots=True)
class PageSeen:
    """What the page of an agent saw; see `bench.pages_clients.Seen`."""

    agent: str
    states: Sequence[tuple[float, str, str]]
    cards: Sequence[tuple[str, float, float, int]]
    closed: str


def run(report: Report) -> None:
    """Measure and print."""
    effort = SHORT if report.short else FULL
    numbers = [f"8{place:04d}" for place in range(PAGES)]
    staff = tuple(
        Colleague(place, number, {line.skill: line.tier for line in LINES})
        for place, number in enumerate(numbers)
    )
    day = Day(0.0, LINES, staff, ())
    with processes.running("queues") as product:
        report.machine(product.program.version)
        door = FloorDoor(product)
        door.adopt(day, WRAP_UP)
        cookies = sign_in(product.environment, numbers, _TEAM)
        play(_measure(report, product, door, day, cookies, effort))
        product.until_empty()


async def _measure(
    report: Report, product: Installation, door: FloorDoor, day: Day, cookies: Sequence[str], effort: Effort
) -> None:
    numbers = [colleague.number for colleague in day.staff]
    who = await asyncio.to_thread(door.accounts, numbers)
    async with hall(day, who, processes.NUMBER) as people:
        await begin_work(door, people.phones)
        without = await _traffic(product, people, effort)
        before = size(product.service).memory
        with _pages(cookies) as pages:
            per_page = (size(product.service).memory - before) / len(cookies)
            began = time.time()
            with_pages = await _traffic(product, people, effort)
            ended = time.time()
            await asyncio.to_thread(_browser, report, product, numbers[0])
            seen = await asyncio.to_thread(_read, pages, numbers)
        await end_work(door, people.phones)
    await asyncio.sleep(1)  # the last rows become durable
    _report(report, seen, changes(product, began, ended))
    _report_cost(report, without, with_pages, per_page)


@contextmanager
def _pages(cookies: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Open everybody's page; each has its first state."""
    clients = subprocess.Popen(
        [sys.executable, "-m", "bench.pages_clients"],
        cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _say(clients, json.dumps({"port": WEB, "browser": BROWSER, "cookies": list(cookies)}))
        if clients.stdout is None or clients.stdout.readline() != "ready\n":
            raise NotRunning("the pages did not begin to listen")
        yield clients
    finally:
        clients.kill()
        clients.wait()


def _say(clients: subprocess.Popen[str], line: str) -> None:
    if clients.stdin is not None:
        clients.stdin.write(line + "\n")
        clients.stdin.flush()


def _read(clients: subprocess.Popen[str], numbers: Sequence[str]) -> list[PageSeen]:
    """End the pages; return what they saw."""
    _say(clients, "")
    lines = clients.stdout.read().splitlines() if clients.stdout is not None else []
    rows = [json.loads(line) for line in lines]
    return [
        PageSeen(number, row["states"], row["cards"], row["closed"])
        for number, row in zip(numbers, rows, strict=True)
    ]


async def _traffic(product: Installation, people: Hall, effort: Effort) -> Round:
    """Let callers come at an even rate for so long; return when the last is served."""
    chance = random.Random(1500200)
    first = len(people.callers.contacts)
    meter, began = Meter.start((product.service,)), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for place in range(int(effort.seconds * effort.rate)):
            await asyncio.sleep(max(0.0, began + place / effort.rate - time.monotonic()))
            line = chance.choice(LINES)
            talk = effort.talk * chance.uniform(0.5, 1.5)
            group.create_task(
                people.callers.call(Visit(first + place, 0.0, line, 60.0, talk, place % 2 == 0))
            )
    await asyncio.sleep(WRAP_UP + 1.0)
    cpu = meter.read()[product.service]
    return Round(people.callers.contacts[first:], cpu, time.monotonic() - began)


def _browser(report: Report, product: Installation, number: str) -> None:
    figure, bound = "pages_usable", f"ours <= {USABLE_S:g}"
    loads = 2 if report.short else _LOADS

    def cookie(browser: str) -> str:
        # In another thread: the browser's driver has this one's event loop.
        with ThreadPoolExecutor(1) as thread:
            made = thread.submit(sign_in, product.environment, [number], _TEAM, browser)
            return made.result()[0]

    try:
        first, *later = usable(f"http://{HOST}:{WEB}", cookie, loads)
    except NoBrowser as error:
        report.add(not_measured(figure, bound, "s", str(error)))
        return
    note = f"slowest of {len(later)} loads of /agen in Chromium; the first, with nothing stored: {first:.2f}"
    report.add(at_most(figure, max(later), USABLE_S, "s", note))
    report.add(at_most(f"{figure}_first_time", first, USABLE_S, "s", "with nothing stored in the browser"))


# -- figures --------------------------------------------------------------------------------------


def event_delays(
    rows: Sequence[tuple[float, str]], states: Sequence[tuple[float, str, str]]
) -> tuple[list[float], int]:
    """Return the seconds from each change on record to its event, and how many events never came.

    `rows`: (when, observed); `states`: (arrival, observed, call). A state that was over again before its
    event was due, and was not told, counts neither way.
    """
    found, missing = [], 0
    for place, (at, observed) in enumerate(rows):
        end = rows[place + 1][0] if place + 1 < len(rows) else math.inf
        arrivals = (arrival for arrival, state, _ in states if arrival >= at and state == observed)
        arrival = next(arrivals, math.inf)
        if arrival < end + _LATEST:
            found.append(arrival - at)
        elif end - at > EVENT_MS / 1000:
            missing += 1
    return found, missing


def card_delays(
    rows: Sequence[tuple[float, str]], cards: Sequence[tuple[str, float, float, int]]
) -> list[float]:
    """Return the seconds from each offer on record to its card."""
    found = []
    for _, asked, there, _ in cards:
        offers = [at for at, observed in rows if observed == "offered" and at <= asked]
        if offers:
            found.append(there - offers[-1])
    return found


def _report(
    report: Report, seen: Sequence[PageSeen], rows: Mapping[str, Sequence[tuple[float, str]]]
) -> None:
    delays: list[float] = []
    cards: list[float] = []
    missing = 0
    for page in seen:
        late, lost = event_delays(rows.get(page.agent, ()), page.states)
        delays += late
        missing += lost
        cards += card_delays(rows.get(page.agent, ()), page.cards)
    refused = [card for page in seen for card in page.cards if card[3] != 200]
    closed = [page.closed for page in seen if page.closed]
    note = f"{len(delays)} events at {len(seen)} pages; slowest {1000 * max(delays, default=0):.0f}"
    if not delays or not cards:
        report.add(not_measured("pages_event_p95", f"ours <= {EVENT_MS}", "ms", f"{note}; {closed[:2]}"))
        return
    report.add(at_most("pages_event_p50", 1000 * percentile(delays, 0.5), EVENT_MS, "ms", note))
    report.add(at_most("pages_event_p95", 1000 * percentile(delays, 0.95), EVENT_MS, "ms", note))
    report.add(at_most("pages_events_missing", missing, 0, "events"))
    report.add(at_most("pages_closed", len(closed), 0, "pages", f"{closed[:2]}"))
    note = f"{len(cards)} cards; slowest {1000 * max(cards):.0f}"
    report.add(at_most("pages_card_p50", 1000 * percentile(cards, 0.5), CARD_MS, "ms", note))
    report.add(at_most("pages_card_p95", 1000 * percentile(cards, 0.95), CARD_MS, "ms", note))
    report.add(at_most("pages_cards_refused", len(refused), 0, "cards", f"{refused[:2]}"))


def _report_cost(report: Report, without: Round, with_pages: Round, per_page: float) -> None:
    lost = [contact.why for part in (without, with_pages) for contact in part.contacts if contact.why]
    report.add(at_most("pages_calls_lost", len(lost), 0, "calls", f"{lost[:3]}"))
    share = with_pages.cpu / with_pages.wall
    alone = without.cpu / without.wall
    calls = len(with_pages.contacts) / with_pages.wall
    note = f"{calls:.1f} calls/s, the cards fetched; without pages {alone:.2f}"
    report.add(at_most("pages_service_cpu", share, CPU_SHARE, "cores", note))
    report.add(at_most("pages_memory_per_page", per_page / 1000, PAGE_KB, "kB"))
