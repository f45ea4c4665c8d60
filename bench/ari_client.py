"""`ari_client`: requests and events a second through the ARI client, against other clients.

Each arm is a process of its own (`bench.ari_client_arm`); rounds are interleaved, and medians compared.
Peers run on uvloop, too.
"""

import asyncio
import contextlib
import json
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

import ari
from ari.fake import FakeAsterisk, frames
from ari.fake.world import FakePlayback, World
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.program import find_asterisk
from asterisk_conf.settings import ARI_USER, AsteriskSettings
from bench.figures import Report, at_most, median, not_measured, percentile, ratio_at_least
from bench.peers import peer_python

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache"
ARM = CHECKOUT / "bench" / "ari_client_arm.py"
OURS = "ours"

# arm → (requests a round, least ratio of our rate to its rate)
PEERS = {"ari_client": (640, 20.0), "aioari": (3_200, 2.0), "asyncari": (600, 2.0), "raw": (40_000, 0.6)}
OUR_REQUESTS = 40_000
EVENTS = {OURS: 100_000, "ari_client": 10_000}
EVENTS_RATIO = 10.0
WAITING_SECONDS = 20.0
OTHERS_P99_MS = 10.0


@dataclass(slots=True)
class Arm:
    """A running arm and what it measured."""

    name: str
    process: asyncio.subprocess.Process
    problem: str = ""  # why it cannot be measured
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    event_rates: list[float] = field(default_factory=list)
    event_cpu: list[float] = field(default_factory=list)

    async def line(self) -> str:
        """Return the arm's next line."""
        assert self.process.stdout is not None  # noqa: S101 - a pipe
        async with asyncio.timeout(120):
            return (await self.process.stdout.readline()).decode().strip()

    def tell(self, words: str) -> None:
        """Send the arm a line."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe
        self.process.stdin.write(words.encode() + b"\n")

    async def answer(self) -> dict[str, float]:
        """Return the arm's figures; an arm that died measures nothing from now on."""
        line = await self.line()
        if not line:
            self.problem = self.problem or "it ended while it was measured"
            return {}
        answer: dict[str, float] = json.loads(line)
        return answer


def run(report: Report) -> None:
    """Measure and print."""
    uvloop.run(_run(report))


async def _run(report: Report) -> None:
    rounds = 2 if report.short else 5
    async with _asterisk(report) as settings:
        python = {name: peer_python(CACHE) if name != "raw" else Path(sys.executable) for name in PEERS}
        arms = [
            await _start(name, python.get(name, Path(sys.executable)), settings) for name in (OURS, *PEERS)
        ]
        try:
            for number in range(rounds):
                report.progress(f"round {number + 1} of {rounds}")
                for arm in arms:
                    await _requests(arm, report.short)
                    await _events(arm, report.short)
        finally:
            for arm in arms:
                with contextlib.suppress(ProcessLookupError):
                    arm.process.kill()
                await arm.process.wait()
        _compare(report, {arm.name: arm for arm in arms})
        await _slow_command(report, settings)


def _compare(report: Report, arms: dict[str, Arm]) -> None:
    ours = arms[OURS]
    for name, (_, least) in PEERS.items():
        peer, figure = arms[name], f"ari_requests_of_{name}"
        if peer.problem or not peer.rates:
            report.add(not_measured(figure, f"ratio >= {least:g}", "requests/s", peer.problem))
            continue
        note = f"CPU of the client per request: {median(ours.cpu):.1f} and {median(peer.cpu):.1f} µs"
        report.add(ratio_at_least(figure, median(ours.rates), median(peer.rates), least, "requests/s", note))
    peer, figure = arms["ari_client"], "ari_events_of_ari_client"
    if peer.problem or not peer.event_rates:
        report.add(not_measured(figure, f"ratio >= {EVENTS_RATIO:g}", "events/s", peer.problem))
        return
    note = f"CPU per event: {median(ours.event_cpu):.1f} and {median(peer.event_cpu):.1f} µs"
    rates = median(ours.event_rates), median(peer.event_rates)
    report.add(ratio_at_least(figure, *rates, EVENTS_RATIO, "events/s", note))


async def _start(name: str, python: Path, settings: AsteriskSettings) -> Arm:
    process = await asyncio.create_subprocess_exec(
        # -P: this folder holds a module of the peer's name.
        python, "-P", ARM, name, str(settings.ari_port), ARI_USER,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=CHECKOUT,
        env={"PYTHONPATH": str(CHECKOUT) if name in {OURS, "raw"} else ""},
    )  # fmt: skip
    arm = Arm(name, process)
    arm.tell(settings.ari_password)
    first = await arm.line()
    if first != "ready":
        arm.problem = first or "it did not start"
    return arm


async def _requests(arm: Arm, short: bool) -> None:
    if arm.problem:
        return
    count = OUR_REQUESTS if arm.name == OURS else PEERS[arm.name][0]
    arm.tell(f"requests {count // 5 if short else count}")
    answer = await arm.answer()
    if answer:
        arm.rates.append(answer["rate"])
        arm.cpu.append(answer["cpu_us"])


async def _events(arm: Arm, short: bool) -> None:
    """Send an arm the events of many calls, from a fake: a real Asterisk is no faster than they are."""
    if arm.problem or arm.name not in EVENTS:
        return
    call = events_of_a_call()
    calls = EVENTS[arm.name] // len(call) // (5 if short else 1)
    async with FakeAsterisk() as fake:
        arm.tell(f"events {fake.url.rpartition(':')[2]} {fake.password} {calls * len(call)}")
        if await arm.line() != "listening":
            arm.problem = "it does not take events"
            return
        app = next(name for name in fake.world.applications if not name.endswith("-slow"))
        fake.send_raw(app, b"".join(map(frames.frame, call)) * calls)
        answer = await arm.answer()
    if answer:
        arm.event_rates.append(answer["rate"])
        arm.event_cpu.append(answer["cpu_us"])


def events_of_a_call() -> list[bytes]:
    """Return what Asterisk tells about a short call: greeting, two keys, prompts, hang-up."""
    told: list[bytes] = []

    def tell(app: str, event: dict[str, Any]) -> None:
        whole = event | {"asterisk_id": "02:00:00:00:00:01", "application": app}
        told.append(json.dumps(whole, separators=(",", ":")).encode())

    world = World(tell)
    world.applications["bench"] = {}
    channel = world.new_channel("01995e5a-0000-7000-8000-000000000000")
    world.enter(channel, "bench", ("new", "1500200"))
    world.answer(channel)
    for key in "12":
        playback = FakePlayback(f"playback-{key}", channel, ["sound:kring/id/menu"], "id")
        world.play(playback)
        world.key(channel, key)
        world.end_playback(playback, "done")
    world.end_channel(channel, 16, soft=False)
    return told


async def _slow_command(report: Report, settings: AsteriskSettings) -> None:
    """One caller's variable is set while 20 s are played to them; the others' commands go on."""
    waits = WAITING_SECONDS / 5 if report.short else WAITING_SECONDS
    (settings.sounds / "bench_long.alaw").write_bytes(b"\xd5" * round(8000 * waits))  # silence
    took: list[float] = []
    loop = asyncio.get_running_loop()
    async with ari.Client(settings.ari_url, ARI_USER, settings.ari_password, "bench-slow") as client:
        for name in ("waits", "other"):
            await client.channels.originate_with_id(
                name,
                endpoint="Local/s@kring-hold",
                app="bench-slow",
                formats="alaw",
                other_channel_id=f"{name}-2",
            )
        await asyncio.sleep(0.5)
        await client.channels.play("waits", media="sound:bench_long")
        await asyncio.sleep(0.2)
        started = loop.time()
        waiting = client.channels.set_channel_var("waits", variable="X", value="1", deadline=2 * waits)
        while not waiting.done():
            for command in (client.channels.get("other"), client.channels.play("other", media="sound:beep")):
                sent = loop.time()
                await command
                took.append(1000 * (loop.time() - sent))
            await asyncio.sleep(0.01)
        await waiting
        waited = loop.time() - started
        for channel in await client.channels.list():
            await client.channels.hangup(channel.id)
    figure, unit = "ari_p99_beside_a_waiting_command", "ms"
    if waited < 0.8 * waits:
        why = f"the command waited only {waited:.1f} s"
        report.add(not_measured(figure, f"ours <= {OTHERS_P99_MS:g}", unit, why))
        return
    note = f"{len(took)} commands while one waited {waited:.1f} s"
    report.add(at_most(figure, percentile(took, 0.99), OTHERS_P99_MS, unit, note))


@contextlib.asynccontextmanager
async def _asterisk(report: Report) -> AsyncIterator[AsteriskSettings]:
    """Run an Asterisk of the bench's own, without the service."""
    program = await asyncio.to_thread(find_asterisk, CACHE)
    report.machine(program.version)
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        sip, http, ami = _free_ports(3)
        settings = AsteriskSettings(
            home=Path(home),
            ari_password="bench-ari",  # noqa: S106  # of an Asterisk that lives for this bench only
            ami_password="bench-ami",  # noqa: S106
            sip_port=sip,
            ari_port=http,
            ami_port=ami,
        )
        settings.sounds.mkdir(parents=True)
        embedded = EmbeddedAsterisk(settings, program, progress=report.progress)
        await embedded.start()
        try:
            yield settings
        finally:
            await embedded.stop()


def _free_ports(count: int) -> list[int]:
    """Return loopback ports that nothing listens on at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
