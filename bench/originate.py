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
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

import ari
from asterisk_conf import certificate
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.program import find_asterisk
from asterisk_conf.settings import APPLICATION, ARI_USER, AsteriskSettings
from bench import originate_far_end as far_end
from bench import processes
from bench.accounting import Meter
from bench.figures import Report, at_least, at_most, median, ratio_at_least
from bench.leads_rows import fill
from bench.originate_arms import LINES, Ours, Raw
from dialer.attempts import DialOutcome
from service.agent_telephony import LEG_LANES
from service.wiring import UNHEEDED
from storage.database import Database
from storage.vault import Vault
from tests.postgres import running

PORT = 26075  # of the far end
_POSTGRES = {"listen_addresses": "", "shared_buffers": "128MB", "max_connections": "20"}
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
        raw, ours = Raw(client), Ours(client, settings, database, vault)
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


async def _round_of_raw(found: _Found, raw: Raw, effort: Effort, names: Mapping[int, str]) -> None:
    raw.begin()
    await asyncio.sleep(effort.warm_up)
    done, began, meter = raw.done, time.monotonic(), Meter.start(tuple(names))
    await asyncio.sleep(effort.seconds)
    done, seconds = raw.done - done, time.monotonic() - began
    found.spent("raw", meter, names, done)
    found.raw.append(done / seconds)
    await raw.end()


async def _round_of_ours(found: _Found, ours: Ours, effort: Effort, names: Mapping[int, str]) -> None:
    ours.begin()
    await asyncio.sleep(effort.warm_up)
    done, began, meter = ours.durable(), time.monotonic(), Meter.start(tuple(names))
    await asyncio.sleep(effort.seconds)
    done, seconds = ours.durable() - done, time.monotonic() - began
    found.spent("ours", meter, names, done)
    found.ours.append(done / seconds)
    await ours.end()
