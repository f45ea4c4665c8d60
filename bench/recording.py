"""`recording`: conversations of SIP phones recorded at once: what each costs Asterisk, whether it is whole.

Four arms in one Asterisk, in rounds one after the other: nobody recorded; this product's recorder; MixMonitor
started bare in the dialplan for the same two sides; ARI's recording of the bridge. What an arm costs is its
CPU less that of the round's unrecorded conversations.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass

import ari
from ari import events
from asterisk_conf.ami import Ami
from asterisk_conf.settings import ARI_USER, AsteriskSettings
from bench import dialplan, processes
from bench.accounting import Meter
from bench.figures import Report, at_most, median, ratio_at_least, ratio_at_most
from bench.phone import Caller, Exchange, caller_numbers, play
from bench.processes import HOST, Installation
from bench.rtp import FRAME, FRAME_SECONDS
from recording.plain import PlainFolder
from recording.recordings import SIDES
from recording.wav import look
from service.recording_capture_asterisk import AsteriskRecorder

TONE = bytes((0x35, 0x35, 0xB5, 0xB5) * (FRAME // 4))  # A-law, 2 kHz
CLOSED_WITHIN = 10.0  # seconds until files are closed


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    conversations: int
    rounds: int
    seconds: float  # of each arm in a round
    long_call: float  # seconds


class Talkers(Exchange):
    """Callers who speak a tone all the time."""

    async def _pace(self) -> None:
        due = time.monotonic()
        while True:
            for leg in [leg for slot in self._slots for leg in slot]:
                leg.receive(everything=True)
                if leg._socket is not None and leg.media is not None and not leg.ended:
                    leg._socket.sendto(leg.rtp.speak(TONE), leg.media)
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))


class Talks:
    """Conversations: two phones each, in a bridge of an application of the bench's own."""

    def __init__(self, exchange: Exchange, client: ari.Client) -> None:
        self._exchange, self._client = exchange, client
        self._who = caller_numbers()
        self._arrived: asyncio.Queue[str] = asyncio.Queue()
        client.on_event(events.StasisStart, self._start)
        self.pairs: list[tuple[str, str]] = []  # bridge, the recorded leg's channel
        self._legs: list[Caller] = []

    def _start(self, event: events.StasisStart) -> None:
        self._client.channels.answer(event.channel.id)
        self._arrived.put_nowait(event.channel.id)

    async def begin(self, count: int, number: str) -> None:
        """Begin so many; the recorded leg of each rings `number`."""
        for _ in range(count):
            caller = await self._leg(number)
            other = await self._leg(dialplan.APPLICATION)
            bridge = f"bench-{secrets.token_hex(6)}"
            await self._client.bridges.create_with_id(bridge, type="mixing")
            await self._client.bridges.add_channel(bridge, channel=f"{caller},{other}")
            self.pairs.append((bridge, caller))

    async def end(self) -> None:
        """Hang everybody up."""
        for leg in self._legs:
            await self._exchange.hang_up(leg)
        for bridge, _ in self.pairs:
            await self._client.bridges.destroy(bridge)
        self._legs.clear()
        self.pairs.clear()

    async def _leg(self, number: str) -> str:
        leg = await self._exchange.call(number, self._who())
        self._legs.append(leg)
        async with asyncio.timeout(10):
            return await self._arrived.get()


def run(report: Report) -> None:
    """Measure cost per recorded conversation, completeness, alignment."""
    effort = Effort(20, 2, 8.0, 60.0) if report.short else Effort(100, 3, 30.0, 1800.0)
    with processes.running("menu") as product:
        play(_Bench(report, product, effort).run())


class _Bench:
    def __init__(self, report: Report, product: Installation, effort: Effort) -> None:
        self._report, self._product, self._effort = report, product, effort
        settings = AsteriskSettings(
            product.home,
            product.ari_password,
            (product.home / "secrets" / "ami_password").read_text().strip(),
            ami_port=processes.AMI,
        )
        # Beside the product's own folder: what lies there is looked after.
        self._folder = PlainFolder(product.home / "bench-recordings")
        self._folder.root.mkdir(mode=0o700)
        self._recorder = AsteriskRecorder(Ami(settings), self._folder)
        self._cost: dict[str, list[float]] = {"ours": [], "bare": [], "bridge": []}
        self._errors: list[float] = []  # milliseconds between the files and the clock
        self._apart: list[float] = []  # milliseconds between both sides
        self._incomplete = 0

    async def run(self) -> None:
        """Measure and report."""
        local, remote = (HOST, processes.CALLERS_SIP), (HOST, processes.SIP)
        exchange = Talkers(local, remote, processes.CALLERS_AUDIO, self._product.repertoire())
        url = f"http://{HOST}:{processes.ARI}"
        password = self._product.ari_password
        async with exchange, ari.Client(url, ARI_USER, password, dialplan.PEER_APPLICATION) as client:
            talks = Talks(exchange, client)
            for number in range(self._effort.rounds):
                self._report.progress(f"round {number + 1} of {self._effort.rounds}")
                await self._round(talks, client)
            await self._long(talks)
        await self._recorder.close()
        self._tell()

    async def _round(self, talks: Talks, client: ari.Client) -> None:
        count = self._effort.conversations
        await talks.begin(count, dialplan.APPLICATION)
        idle = await self._measure()
        ids = await self._ours(talks)
        cpu = await self._measure()
        self._cost["ours"].append((cpu - idle) / count)
        await self._finish(talks, ids)
        names = [f"bench-{secrets.token_hex(8)}" for _ in talks.pairs]
        for (bridge, _), name in zip(talks.pairs, names, strict=True):
            await client.bridges.record(bridge, name=name, format="wav")
        cpu = await self._measure()
        self._cost["bridge"].append((cpu - idle) / count)
        await talks.end()
        await talks.begin(count, dialplan.RECORDED)
        cpu = await self._measure()
        self._cost["bare"].append((cpu - idle) / count)
        await talks.end()

    async def _ours(self, talks: Talks) -> list[tuple[str, str, float]]:
        """Record every conversation; return id, channel and when it began (monotonic)."""
        found = []
        for _, channel in talks.pairs:
            recording_id = secrets.token_hex(16)
            await self._recorder.begin(recording_id, channel)
            found.append((recording_id, channel, time.monotonic()))
        return found

    async def _finish(self, talks: Talks, ids: list[tuple[str, str, float]]) -> None:
        """End recordings and hold what is there against the clock."""
        for recording_id, channel, began in ids:
            await self._recorder.end(recording_id, channel)
            lasted = time.monotonic() - began
            async with asyncio.timeout(CLOSED_WITHIN):
                await self._recorder.closed(recording_id)
            sides = [look(self._folder.path(recording_id, side)) for side in SIDES]
            self._incomplete += not all(side.closed and side.frames for side in sides)
            self._errors += [abs(side.milliseconds - lasted * 1000) for side in sides]
            self._apart.append(abs(sides[0].frames - sides[1].frames) / 8)

    async def _long(self, talks: Talks) -> None:
        """Record one long call: are both sides aligned at its end."""
        await talks.begin(1, dialplan.APPLICATION)
        self._apart.clear()
        ids = await self._ours(talks)
        await asyncio.sleep(self._effort.long_call)
        await self._finish(talks, ids)
        await talks.end()

    async def _measure(self) -> float:
        """Return the share of a core that Asterisk takes now."""
        await asyncio.sleep(1.0)
        meter, began = Meter.start([self._product.asterisk]), time.monotonic()
        await asyncio.sleep(self._effort.seconds)
        return sum(meter.read().values()) / (time.monotonic() - began)

    def _tell(self) -> None:
        ours, bare, bridge = (median(self._cost[arm]) * 100 for arm in ("ours", "bare", "bridge"))
        count, unit = self._effort.conversations, "% of a core per recorded conversation"
        note = f"{count} conversations at once, {self._effort.rounds} rounds"
        add = self._report.add
        add(ratio_at_most("recording: against MixMonitor bare in the dialplan", ours, bare, 1.05, unit, note))
        add(ratio_at_least("recording: ARI's bridge recording against ours", bridge, ours, 2.5, unit, note))
        add(at_most("recording: files that are not whole", self._incomplete, 0, "files"))
        add(at_most("recording: length error, worst", max(self._errors), 100, "ms"))
        minutes = f"at the end of {self._effort.long_call / 60:g} minutes"
        add(at_most("recording: sides apart", max(self._apart), 20, "ms", minutes))
