"""`originate`: attempts a second with every check, durable intent and exact outcome, against a raw client.

Ours is the whole dialer: leads leased from PostgreSQL, the gate with all its questions, the intent in its
transaction, the order through the dialplan's guard, the answer, the exact outcome and what follows for the
lead. The peer sends the same numbers to the same trunk of the same Asterisk and checks, records and guards
nothing: the least that a dialer can be. Both keep as many lines busy, and hang up on whoever answers.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
import uvloop

import ari
from ari import events
from asterisk_conf import certificate
from asterisk_conf.ami import Ami
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.program import find_asterisk
from asterisk_conf.settings import APPLICATION, ARI_USER, AsteriskSettings
from bench import originate_far_end as far_end
from bench import processes
from bench.accounting import Meter
from bench.figures import Report, at_least, at_most, median, ratio_at_least
from bench.leads_rows import CAMPAIGN, NOW, fill
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition, Pacing
from dialer.engine import Engine
from dialer.engine_leads import LeadDesk
from dialer.engine_ports import EnginePorts, Ordered
from dialer.engine_rules import EngineRules
from dialer.gate import Gate
from dialer.kinds import load_caps, load_kinds
from dialer.outcomes import load_outcomes
from dialer.pacing.progressive import Progressive
from dialer.ports import LineEnd
from dialer.retry import load_retry
from domain.clock import SystemClock
from domain.ids import new_id
from service.agent_telephony import LEG_LANES
from service.outbound_ledger import CelLedger
from service.outbound_lines import AriLines
from service.wiring import UNHEEDED
from storage.attempt_tables import attempts
from storage.attempts import DurableAttempts
from storage.campaign_facts import RecordedFacts
from storage.database import Database
from storage.lead_outcomes import LeadOutcomes
from storage.leads import DurableLeads
from storage.solved import OutcomeFeed
from storage.suppressions import DurableSuppressions
from storage.vault import Vault
from tests.postgres import running

LINES = 120  # busy at once, in both arms
PORT = 26075  # of the far end
_POSTGRES = {"listen_addresses": "", "shared_buffers": "128MB", "max_connections": "20"}
_DEFINITION = Definition("bench", CampaignKind.NON_FILER, "non_filer", "outbound_agent")
_EXPECTED = {DialOutcome.TALKED, DialOutcome.BUSY, DialOutcome.NO_ANSWER}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the bench measures."""

    leads: int
    rounds: int
    seconds: float
    warm_up: float = 2.0


FULL, SHORT = Effort(400_000, 3, 12.0), Effort(40_000, 1, 4.0, 1.0)


def run(report: Report) -> None:
    """Measure and print."""
    effort = SHORT if report.short else FULL
    with TemporaryDirectory(prefix="kring-originate-") as folder, running(_POSTGRES) as server:
        vault = Vault.create(Path(folder) / "key")
        database = Database.open(server.new_database())
        report.progress(f"{effort.leads} leads are being made")
        fill(database, vault, effort.leads)
        with far_end.running(processes.CACHE, PORT) as far, _policy():
            apart = {far: "far end", server.process.pid: "postgresql"}
            found = asyncio.run(_measure(report, effort, Path(folder), database, vault, apart))
        database.close()
    _print(report, found)


@dataclass
class _Found:
    ours: list[float] = field(default_factory=list)  # attempts a second
    raw: list[float] = field(default_factory=list)  # calls a second
    cpu: dict[str, list[float]] = field(default_factory=dict)  # ms for each attempt or call, by process
    outcomes: "Counter[str]" = field(default_factory=Counter)
    flagged: int = 0

    def spent(self, arm: str, meter: Meter, names: Mapping[int, str], done: int) -> None:
        for pid, seconds in meter.read().items():
            self.cpu.setdefault(f"{arm} {names[pid]}", []).append(1000 * seconds / max(1, done))


def _print(report: Report, found: _Found) -> None:
    ours, raw = median(found.ours), median(found.raw)
    cpu = ", ".join(f"{name} {median(spent):.2f}" for name, spent in sorted(found.cpu.items()))
    mix = ", ".join(f"{name} {count}" for name, count in sorted(found.outcomes.items()))
    rounds = f"rounds ours {[round(x) for x in found.ours]}, raw {[round(x) for x in found.raw]}"
    report.add(at_least("originate_rate", ours, 300.0, "attempts/s", f"{mix}; {rounds}"))
    report.add(ratio_at_least("originate_of_raw", ours, raw, 0.5, "1/s", f"CPU ms each: {cpu}"))
    wrong = found.flagged + sum(
        count for name, count in found.outcomes.items() if name not in {one.value for one in _EXPECTED}
    )
    report.add(at_most("originate_inexact", wrong, 0, "attempts", "flagged, or not as the far end said"))


@contextmanager
def _policy() -> Iterator[None]:
    before = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(before)


async def _measure(
    report: Report, effort: Effort, folder: Path, database: Database, vault: Vault, apart: Mapping[int, str]
) -> _Found:
    settings = _asterisk_settings(folder / "a")
    program = find_asterisk(processes.CACHE, report.progress)
    asterisk = EmbeddedAsterisk(settings, program, progress=lambda _: None)
    await asterisk.start()
    client = ari.Client(
        f"http://127.0.0.1:{settings.ari_port}",
        ARI_USER,
        settings.ari_password,
        APPLICATION,
        lanes=LEG_LANES,
        hidden_events=UNHEEDED,
    )
    running_client = asyncio.create_task(client.run())
    try:
        await client.ready()
        report.machine(program.version)
        pid = asterisk.pid()
        assert pid is not None  # noqa: S101 - it was started
        names = {pid: "asterisk", os.getpid(): "application", **apart}
        found = _Found()
        raw, ours = _Raw(client), _Ours(client, settings, database, vault)
        raw.listen(ours)
        for _ in range(effort.rounds):
            await _round_of_raw(found, raw, effort, names)
            await _round_of_ours(found, ours, effort, names)
            report.progress(f"raw {found.raw[-1]:.0f}/s, ours {found.ours[-1]:.0f}/s")
        await ours.close()
        found.flagged, found.outcomes = ours.flagged(), ours.outcomes()
        return found
    finally:
        await client.close()
        await asyncio.gather(running_client, return_exceptions=True)
        await asterisk.stop()


def _asterisk_settings(home: Path) -> AsteriskSettings:
    home.mkdir()
    certificate.ensure(home / "certificate.pem", home / "key.pem", processes.HOST)
    return AsteriskSettings(
        home,
        "ari-bench-password",
        "ami-bench-password",
        sip_port=processes.SIP,
        ari_port=processes.ARI,
        ami_port=processes.AMI,
        rtp_first=processes.ASTERISK_AUDIO.start,
        rtp_last=processes.ASTERISK_AUDIO.stop,
        trunks=(far_end.HOST,),
        outbound=f"{far_end.HOST}:{PORT}",
        outbound_lines=4 * LINES,
        outbound_hours=(0, 24),
        max_calls=8 * LINES,
    )


async def _round_of_raw(found: _Found, raw: "_Raw", effort: Effort, names: Mapping[int, str]) -> None:
    raw.begin()
    await asyncio.sleep(effort.warm_up)
    done, began, meter = raw.done, time.monotonic(), Meter.start(tuple(names))
    await asyncio.sleep(effort.seconds)
    done, seconds = raw.done - done, time.monotonic() - began
    found.spent("raw", meter, names, done)
    found.raw.append(done / seconds)
    await raw.end()


async def _round_of_ours(found: _Found, ours: "_Ours", effort: Effort, names: Mapping[int, str]) -> None:
    ours.begin()
    await asyncio.sleep(effort.warm_up)
    done, began, meter = ours.durable(), time.monotonic(), Meter.start(tuple(names))
    await asyncio.sleep(effort.seconds)
    done, seconds = ours.durable() - done, time.monotonic() - began
    found.spent("ours", meter, names, done)
    found.ours.append(done / seconds)
    await ours.end()


class _Raw:
    """Originates straight to the trunk, and waits for the end: nothing else."""

    def __init__(self, client: ari.Client) -> None:
        self._client = client
        self._live: set[str] = set()
        self._going = False
        self._count = 0
        self.done = 0

    def listen(self, ours: "_Ours") -> None:
        def destroyed(event: events.ChannelDestroyed) -> None:
            if event.channel.id in self._live:
                self._over(event.channel.id)
            else:
                ours.destroyed(event)

        def arrived(event: events.StasisStart) -> None:
            if event.channel.id in self._live:
                self._client.channels.hangup(event.channel.id)
            else:
                ours.arrived(event)

        self._client.on_event(events.ChannelDestroyed, destroyed)
        self._client.on_event(events.StasisStart, arrived)

    def begin(self) -> None:
        self._going = True
        for _ in range(LINES):
            self._dial()

    async def end(self) -> None:
        self._going = False
        for _ in range(200):
            if not self._live:
                return
            await asyncio.sleep(0.05)
        self._live.clear()

    def _dial(self) -> None:
        self._count += 1
        channel = f"raw-{self._count}"
        self._live.add(channel)
        self._client.channels.originate_with_id(
            channel,
            endpoint=f"PJSIP/62812{self._count:08}@trunk",
            app=APPLICATION,
            app_args="raw",
            timeout=30,
        )

    def _over(self, channel: str) -> None:
        self._live.discard(channel)
        self.done += 1
        if self._going:
            self._dial()


class _Ours:
    """The dialer as the service joins it, but for the floor: whoever answers is hung up on."""

    def __init__(
        self, client: ari.Client, settings: AsteriskSettings, database: Database, vault: Vault
    ) -> None:
        self._client, self._database = client, database
        self._outcomes = load_outcomes()
        self._campaign: Campaign | None = None
        record = DurableAttempts(database, vault, self._outcomes, asyncio.get_running_loop())
        self._record = record
        self._ami = Ami(settings)
        kinds, caps = load_kinds(), load_caps()
        facts, solved = RecordedFacts(database, self._outcomes), OutcomeFeed(database, kinds)
        gate = Gate(facts, DurableSuppressions(database), solved, caps, _EveryDay())
        ends = LeadOutcomes(database)
        leads = LeadDesk(DurableLeads(database, vault), ends, gate, load_retry(), caps, _EveryDay(), "bench")
        ports = EnginePorts(
            attempts=record,
            role=record,
            leads=leads,
            campaigns=self,  # type: ignore[arg-type]
            orders=self,
            floor=_NoFloor(),  # type: ignore[arg-type]
            lines=AriLines(client, SystemClock(), self._ami.hang_up),
            ledger=CelLedger(settings.ledger),
            room=lambda: True,
            clock=_OnAWednesday(),
            observer=_Silent(),
            sleep=asyncio.sleep,
        )
        rules = EngineRules(lambda _: Progressive(), self._outcomes, LINES, new_id)
        self.engine = Engine(ports, rules, "bench", "bench")
        self.engine.start()
        client.on_state(lambda state: self.engine.back() if state is ari.State.READY else self.engine.lost())

    async def read(self) -> Ordered:
        """As `dialer.engine_ports.Orders`."""
        return Ordered(killed=False, campaigns=() if self._campaign is None else (self._campaign,))

    async def get(self, campaign_id: str) -> Campaign:
        """As `dialer.campaigns.CampaignStore`."""
        return _campaign()

    def begin(self) -> None:
        self._campaign = _campaign()

    async def end(self) -> None:
        self._campaign = replace(_campaign(), state=CampaignState.PAUSED)
        for _ in range(400):
            await asyncio.sleep(0.05)
            if not self.engine.look().lines:
                break
        self._campaign = None
        await asyncio.sleep(1.0)

    async def close(self) -> None:
        await self.engine.stop()
        await self._record.close()
        await self._ami.close()

    def arrived(self, event: events.StasisStart) -> None:
        attempt = event.channel.id.removeprefix("out-")
        self.engine.answered(attempt, event.args[-1])
        self.engine.over(attempt, DialOutcome.TALKED)
        self._client.channels.hangup(event.channel.id)

    def destroyed(self, event: events.ChannelDestroyed) -> None:
        if event.channel.id.startswith("out-") and ";" not in event.channel.id:
            attempt, up = event.channel.id.removeprefix("out-"), event.channel.state == "Up"
            self.engine.ended(LineEnd(attempt, event.cause, event.tech_cause or 0, up))

    def durable(self) -> int:
        """Return how many attempts have their outcome on record."""
        return self._count(attempts.c.state == "ended")

    def flagged(self) -> int:
        """Return how many have no outcome."""
        return self._count(attempts.c.state.in_(("flagged", "unknown")))

    def outcomes(self) -> "Counter[str]":
        """Return attempts by outcome."""
        query = sa.select(attempts.c.outcome, sa.func.count()).group_by(attempts.c.outcome)
        rows = self._database.read_now(lambda c: c.execute(query.where(attempts.c.state == "ended")).all())
        return Counter({row[0]: row[1] for row in rows})

    def _count(self, which: "sa.ColumnElement[bool]") -> int:
        query = sa.select(sa.func.count()).select_from(attempts).where(which)
        return int(self._database.read_now(lambda c: c.execute(query).scalar()) or 0)


def _campaign() -> Campaign:
    definition = replace(_DEFINITION, pacing=Pacing.AGENTLESS, most_lines=LINES, ring_seconds=15.0)
    return Campaign(CAMPAIGN, definition, 1, CampaignState.RUNNING, (), "", NOW, NOW)


class _OnAWednesday:
    """A clock on which calls are allowed, whatever the hour: the leads' own day at 10.00 WIB, going on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self._began)

    def monotonic(self) -> float:
        return time.monotonic()


class _EveryDay:
    def works(self, day: date) -> bool:
        return True


class _NoFloor:
    """A reminder without agents."""

    def watch(self, callback: Any) -> Any:
        return partial(id, callback)

    def release(self, attempt_id: str) -> None:
        """Nobody is kept."""


class _Silent:
    """Counts nothing: the record does."""

    def dialled(self) -> None:
        """Not counted."""

    def answered(self) -> None:
        """Not counted."""

    def ended(self, outcome: DialOutcome | None) -> None:
        """Not counted."""

    def refused(self, why: str) -> None:
        """Not counted."""

    def failed(self) -> None:
        """Logged by the engine."""
