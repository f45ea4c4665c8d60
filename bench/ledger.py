"""`ledger`: thousands of real SIP calls while the service is killed and its connection to Asterisk cut.

The far end answers, rejects, delays, lies and vanishes. Three ledgers (far end, Asterisk's CEL, database)
are joined at the end, and every law of `bench.ledger_laws` is held against them.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml

from bench import ledger_agents, ledger_read, ledger_world
from bench.figures import Report, at_least, at_most
from bench.ledger_book import Book, Joined, Limits, Rules
from bench.ledger_far import STATUSES, FarSide
from bench.ledger_faults import STEPS, Faults
from bench.ledger_house import ARI, FAR, FAR_HOST, RELAY_PORT, Clocks, House, clocks, house
from bench.ledger_laws import LAWS, Breach, check
from bench.ledger_laws_who import most_at_once
from bench.ledger_relay import Relay
from bench.ledger_world import AGENTS, RING, World
from bench.processes import CHECKOUT
from dialer.campaigns import CampaignState
from dialer.kinds import load_caps
from service.floor_client import FloorClient
from service.outbound_ledger import CelLedger
from service.secrets import MASTER_KEY
from storage.campaign_switch import DurableKillSwitch
from storage.database import Database
from storage.vault import Vault

Deed = tuple[float, Callable[[float], Awaitable[float]]]
SEED = 1500200
KEEP = "LEDGER_KEEP"  # of the environment: a folder in which the ledgers of a run are left
MINUTES = "LEDGER_MINUTES"  # of the environment: the longest that the calls and faults may take
_SETTLED = 240.0  # seconds after the end until nothing may be under way any more


@dataclass(frozen=True, slots=True)
class Size:
    """How large a proof is."""

    calls: int
    faults: int  # kills, and as many cuts
    contacts: int
    lines: int
    zones_change: tuple[float, float]  # seconds until calls begin in one zone, and until they end in another


FULL = Size(10_000, 50, 9_000, 60, (240.0, 480.0))
SHORT = Size(300, 3, 900, 24, (30.0, 60.0))


@dataclass(slots=True)
class Run:
    """What a run leaves behind."""

    size: Size
    clocks: Clocks
    over: dict[str, float] = field(default_factory=dict)  # list → when it was withdrawn or expired
    runs: tuple[list[tuple[float, float]], list[tuple[float, float]]] = field(
        default_factory=lambda: ([], [])
    )
    switched_off: list[tuple[float, float]] = field(default_factory=list)
    talks: int = 0
    seconds: float = 0.0


def run(report: Report) -> None:
    """Measure and print."""
    size = SHORT if report.short else FULL
    set_clocks = clocks(time.time(), *size.zones_change)
    keep = Path(os.environ[KEEP]) if KEEP in os.environ else None
    with house(size.lines, set_clocks, keep) as place:
        book, faults, what = asyncio.run(_prove(report, place, Run(size, set_clocks)))
    breaches = check(book)
    if keep is not None:
        leave(book, breaches, keep)
    _tell(report, book, breaches, faults, what)


async def _prove(report: Report, place: House, what: Run) -> tuple[Book, Faults, Run]:
    relay = Relay(RELAY_PORT, ARI)
    await relay.open()
    place.start()
    await asyncio.to_thread(place.until_ready)
    database = Database.open(place.settings.database)
    try:
        return await _with_service(report, place, database, relay, what)
    finally:
        database.close()
        await relay.close()


async def _with_service(
    report: Report, place: House, database: Database, relay: Relay, what: Run
) -> tuple[Book, Faults, Run]:
    size = what.size
    vault = Vault.load(place.settings.secrets_folder / MASTER_KEY)
    world = await ledger_world.make(database, vault, size.contacts, size.lines, what.clocks.day, SEED)
    await world.stop_calling(size.contacts // 50)
    tables = place.home / "tables"
    ledger_world.write_tables(tables)
    await asyncio.to_thread(place.kring, "acd", "tables", "import", str(tables))
    far = FarSide(FAR_HOST, FAR, SEED, world.fingerprint)
    await far.listen()
    former = place.kill()  # it comes back with the calendar
    await asyncio.to_thread(place.until_ready, former)
    over = asyncio.Event()
    working = asyncio.create_task(ledger_agents.work(FloorClient(place.settings), AGENTS, over))
    faults = Faults(place, database, relay, far, CelLedger(_cel(place)), random.Random(SEED))
    try:
        await _campaigns_run(report, world, faults, what, database)
        await _until_settled(database)
        over.set()
        what.talks = await working
    finally:
        over.set()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        far.close()
    return _book(world, database, far, place, what), faults, what


async def _campaigns_run(report: Report, world: World, faults: Faults, what: Run, database: Database) -> None:
    size, far, began = what.size, faults.far, time.time()
    since = time.time()
    what.over[world.lists[2]] = since  # its last day was yesterday
    await world.move(CampaignState.RUNNING)
    await asyncio.sleep(8.0)  # the first fault is to meet somebody
    pending = _meddling(world, what, database)
    while len(far.calls) < size.calls or faults.kills < size.faults or faults.cuts < size.faults:
        if faults.kills < size.faults and faults.kills <= faults.cuts:
            await faults.kill()
        elif faults.cuts < size.faults:
            await faults.cut()
        else:
            await asyncio.sleep(1.0)
        done = max(faults.kills + faults.cuts, 0)
        while pending and done >= pending[0][0] * 2 * size.faults:
            since = await pending.pop(0)[1](since)
        told = f"{len(far.calls)} calls, {faults.kills} kills, {faults.cuts} cuts"
        last = faults.moments[-1][1] if faults.moments else ""
        report.progress(f"{time.time() - began:5.0f} s: {told}; {last}")
        if time.time() - began > _longest() or (not pending and await _dry(far, size)):
            break
    stopped = await world.move(CampaignState.STOPPED)
    for spans in what.runs:
        spans.append((since, stopped))
    what.seconds = time.time() - began


def _longest() -> float:
    """Return after how many seconds a run ends, whatever it has reached."""
    return 60.0 * float(os.environ.get(MINUTES, "90"))


async def _dry(far: FarSide, size: Size) -> bool:
    """Return whether no call has come for so long that none will."""
    newest = next(reversed(far.calls.values()), None)
    return newest is not None and time.time() - newest.row.at > 120.0


def _meddling(world: World, what: Run, database: Database) -> list[Deed]:
    """Return what people do meanwhile, and after which share of the faults."""
    switch = DurableKillSwitch(database)

    async def stop_some(since: float) -> float:
        await world.stop_calling(what.size.contacts // 20)
        return since

    async def withdraw(since: float) -> float:
        what.over[world.lists[1]] = await world.withdraw(world.lists[1])
        return since

    async def pause(since: float) -> float:
        paused = await world.move(CampaignState.PAUSED)
        for spans in what.runs:
            spans.append((since, paused))
        await asyncio.sleep(8.0)
        again = time.time()
        await world.move(CampaignState.RUNNING)
        return again

    async def throw(since: float) -> float:
        await switch.throw("staff-approves", "ledger proof", ledger_world.now())
        thrown = time.time()
        await asyncio.sleep(8.0)
        what.switched_off.append((thrown, time.time()))
        await switch.lift("staff-approves", "ledger proof", ledger_world.now())
        return since

    return [(0.15, stop_some), (0.3, pause), (0.5, withdraw), (0.6, throw), (0.8, stop_some)]


async def _until_settled(database: Database) -> None:
    """Wait until no attempt is unfinished. Nothing is done about one that stays: a law finds it."""
    query = "SELECT count(*) FROM attempts WHERE ended_at IS NULL"
    deadline = time.monotonic() + _SETTLED
    while time.monotonic() < deadline:
        left = database.read_now(lambda connection: connection.exec_driver_sql(query).scalar())
        if not left:
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(3.0)


def _cel(place: House) -> Path:
    return place.home / "asterisk" / "log" / "cel-custom" / "outbound.csv"


def _book(world: World, database: Database, far: FarSide, place: House, what: Run) -> Book:
    caps = load_caps().at(ledger_world.now())
    taxpayer = Limits(caps.taxpayer.life, caps.taxpayer.day, caps.taxpayer.rolling_24h)
    rules = Rules(
        offsets=what.clocks.offsets,
        days=frozenset({what.clocks.day}),
        taxpayer=taxpayer,
        rest=72 * 3600.0,
        lines=what.size.lines,
        caller="1500200",
        statuses=statuses(),
        ring=RING,
        switched_off=tuple(what.switched_off),
    )
    campaigns = [
        ledger_world.campaign_row(one, definition, spans)
        for one, definition, spans in zip(
            world.ids, ledger_world.definitions(what.size.lines), what.runs, strict=True
        )
    ]
    return Book(
        rules, far.ledger(), list(CelLedger(_cel(place)).rows()), ledger_read.attempts_of(database),
        ledger_read.events_of(database), ledger_read.leads_of(database),
        ledger_read.lists_of(database, what.over), campaigns, world.stops,
    )  # fmt: skip


def statuses() -> dict[int, str]:
    """Return what each status that the far end may send is on record as, out of the table itself."""
    table = yaml.safe_load((CHECKOUT / "dialer" / "data" / "outcomes.yaml").read_text(encoding="utf-8"))
    return {one: table["sip"].get(one) or table["sip_classes"][one // 100] for one in STATUSES}


def leave(book: Book, breaches: Sequence[Breach], folder: Path) -> None:
    """Leave the ledgers of a run in a folder, to be looked into."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("far", "cel", "attempts", "events", "leads", "lists"):
        lines = (json.dumps(asdict(row)) for row in getattr(book, name))
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "breaches.jsonl").write_text("\n".join(json.dumps(asdict(one)) for one in breaches), "utf-8")


def _tell(report: Report, book: Book, breaches: Sequence[Breach], faults: Faults, what: Run) -> None:
    broken, joined = Counter(one.law for one in breaches), Joined.of(book)
    for law in LAWS:
        examples = [one.what for one in breaches if one.law == law.name][:3]
        note = law.text + (f" For example: {'; '.join(examples)}" if examples else "")
        report.add(at_most(f"ledger_{law.name}", broken[law.name], 0, "breaches", note))
    outcomes = Counter(row.outcome or row.state for row in book.attempts)
    size = what.size
    note = f"{what.seconds:.0f} s; far end: {dict(faults.far.did)}; record: {dict(outcomes)}"
    report.add(at_least("ledger_calls", len(book.far), size.calls, "SIP calls", note))
    worst = sorted(faults.outages)[-3:]
    note = f"seconds to the next INVITE: median {_median(faults.outages):.1f}, longest {worst}"
    report.add(at_least("ledger_kills", faults.kills, size.faults, "kills", note))
    report.add(at_least("ledger_cuts", faults.cuts, size.faults, "cuts", f"{faults.links} connections"))
    report.add(at_least("ledger_faults_in_a_dial", faults.met, size.faults, "faults"))
    for step in STEPS:
        least = 0 if report.short and step not in {"dialing", "talking"} else 1  # moments of milliseconds
        report.add(at_least(f"ledger_faults_at_{step}", faults.hit[step], least, "faults"))
    unknown = {event.attempt_id for event in book.events if event.state == "unknown"}
    flagged = sum(row.state == "flagged" for row in book.attempts)
    note = f"{len(unknown)} were UNKNOWN, {flagged} flagged; at most {most_at_once(joined)} calls at once; "
    note += f"{what.talks} offers to agents"
    report.add(at_least("ledger_attempts", len(book.attempts), size.calls, "attempts", note))


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
