"""`recording`: conversations of SIP phones recorded at once: what each costs Asterisk, whether it is whole.

Three arms in one Asterisk, in rounds one after the other: this product's recorder; ARI's recording of the
bridge; MixMonitor started bare in the dialplan for the same two sides. What an arm costs is its CPU less that
of the same conversations right after their recording was ended: what else Asterisk does drifts by more than
an arm costs. One long call is recorded all the while: the clicks of its two phones tell how far its sides are
apart at its end.

What the phones could not say, for want of CPU, is no finding about the recorder: it is "not measured".
"""

import asyncio
import secrets
import time
from dataclasses import dataclass

import ari
from asterisk_conf.ami import Ami
from asterisk_conf.settings import ARI_USER, AsteriskSettings
from bench import dialplan, processes
from bench.accounting import Meter
from bench.figures import Figure, Report, at_most, median, not_measured, ratio_at_least, ratio_at_most
from bench.phone import CallFailed, play
from bench.processes import HOST, Installation
from bench.recording_accounts import Account, Fit, Span, apart, missed, tally
from bench.recording_talks import Count, Talk, Talkers, Talks
from bench.rtp import FRAME_SECONDS
from recording.capture_ports import RecorderRefused
from recording.plain import PlainFolder
from recording.recordings import SIDES
from recording.wav import look, samples
from service.recording_capture_asterisk import AsteriskRecorder

CLOSED_WITHIN = 10.0  # seconds until files are closed
FIT_SHARE = 0.9  # of the conversations: with fewer nothing is said about all
SPOKEN_SHARE = 0.97  # of the packets that phones had to send while CPU was measured
FAILURES = (TimeoutError, CallFailed, RecorderRefused, ari.AriError, OSError)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    conversations: int
    rounds: int
    seconds: float  # of each arm in a round
    long_call: float  # seconds, at least
    within: float  # seconds: what is not measured then never is


@dataclass(frozen=True, slots=True)
class Running:
    """A recording that runs."""

    talk: Talk
    recording_id: str
    before: Count
    after: Count


def run(report: Report) -> None:
    """Measure cost per recorded conversation, completeness, alignment."""
    short, full = Effort(20, 2, 6.0, 60.0, 150.0), Effort(100, 5, 15.0, 1800.0, 2700.0)
    with processes.running("menu") as product:
        play(_Bench(report, product, short if report.short else full).run())


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
        self._accounts: list[Account] = []
        self._spoken = 1.0  # the least share of what phones had to say that they said, CPU being measured
        self._apart: list[float] = []
        self._missed = 0
        self._long_fit: Fit | None = None
        self._incomplete = 0
        self._failed = ""  # why it could not be brought to its end

    async def run(self) -> None:
        """Measure and report."""
        local, remote = (HOST, processes.CALLERS_SIP), (HOST, processes.SIP)
        exchange = Talkers(local, remote, processes.CALLERS_AUDIO, self._product.repertoire())
        url = f"http://{HOST}:{processes.ARI}"
        password = self._product.ari_password
        async with exchange, ari.Client(url, ARI_USER, password, dialplan.PEER_APPLICATION) as client:
            try:
                async with asyncio.timeout(self._effort.within):
                    await self._measure_all(Talks(exchange, client), client, exchange)
            except FAILURES as error:
                self._failed = f"{type(error).__name__} {error}".strip()
        await self._recorder.close()
        self._tell()

    async def _measure_all(self, talks: Talks, client: ari.Client, exchange: Talkers) -> None:
        began = time.monotonic()
        (long,) = await self._ours(talks, await talks.begin(1, dialplan.APPLICATION))
        for number in range(self._effort.rounds):
            self._report.progress(f"round {number + 1} of {self._effort.rounds}")
            await self._round(talks, client, exchange)
        await asyncio.sleep(max(0.0, began + self._effort.long_call - time.monotonic()))
        await self._finish_long(talks, long)

    async def _round(self, talks: Talks, client: ari.Client, exchange: Talkers) -> None:
        count = self._effort.conversations
        some = await talks.begin(count, dialplan.APPLICATION)
        running = await self._ours(talks, some)
        cpu = await self._measure(exchange, some)
        self._accounts += [await self._finish(talks, one) for one in running]
        await self._without("ours", cpu, exchange, some)
        names = [f"bench-{secrets.token_hex(8)}" for _ in some]
        for talk, name in zip(some, names, strict=True):
            await client.bridges.record(talk.bridge, name=name, format="wav")
        cpu = await self._measure(exchange, some)
        for name in names:
            await client.recordings.stop(name)
        await self._without("bridge", cpu, exchange, some)
        await talks.end(some)
        bare = await talks.begin(count, dialplan.RECORDED)
        cpu = await self._measure(exchange, bare)
        for talk in bare:
            await self._recorder.end("", talk.channel)
        await self._without("bare", cpu, exchange, bare)
        await talks.end(bare)

    async def _without(self, arm: str, cpu: float, exchange: Talkers, some: list[Talk]) -> None:
        """Keep what an arm cost, now that its recordings are ended and the conversations go on."""
        idle = await self._measure(exchange, some)
        self._cost[arm].append((cpu - idle) / len(some))

    async def _ours(self, talks: Talks, some: list[Talk]) -> list[Running]:
        """Record every conversation."""
        found = []
        for talk in some:
            recording_id, before = secrets.token_hex(16), await talks.count(talk)
            await self._recorder.begin(recording_id, talk.channel, time.monotonic)
            found.append(Running(talk, recording_id, before, await talks.count(talk)))
        return found

    async def _finish(self, talks: Talks, one: Running) -> Account:
        """End a recording and hold what is there against what Asterisk received."""
        before = await talks.count(one.talk)
        await self._recorder.end(one.recording_id, one.talk.channel)
        after = await talks.count(one.talk)
        async with asyncio.timeout(CLOSED_WITHIN):
            await self._recorder.closed(one.recording_id)
        sides = [look(self._folder.path(one.recording_id, side)) for side in SIDES]
        self._incomplete += not all(side.closed and side.frames for side in sides)
        lengths = float(sides[0].milliseconds), float(sides[1].milliseconds)
        return Account(Span(one.before, one.after, before, after), lengths)

    async def _finish_long(self, talks: Talks, long: Running) -> None:
        """End the long call; see where its clicks are."""
        account = await self._finish(talks, long)
        self._accounts.append(account)
        self._long_fit = account.fit
        paths = [look(self._folder.path(long.recording_id, side)) for side in SIDES]
        caller, agent = (samples(side, 0, side.frames) for side in paths)
        self._missed = max(missed(caller), missed(agent))
        self._apart = apart(caller, agent)
        await talks.end([long.talk])

    async def _measure(self, exchange: Talkers, some: list[Talk]) -> float:
        """Return the share of a core that Asterisk takes now."""
        await asyncio.sleep(1.0)
        meter, began = Meter.start([self._product.asterisk]), time.monotonic()
        legs = [leg for talk in some for leg in talk.legs]
        said = sum(exchange.said(leg) for leg in legs)
        await asyncio.sleep(self._effort.seconds)
        lasted = time.monotonic() - began
        due = len(legs) * lasted / FRAME_SECONDS
        self._spoken = min(self._spoken, (sum(exchange.said(leg) for leg in legs) - said) / due)
        return sum(meter.read().values()) / lasted

    def _tell(self) -> None:
        for figure in (*self._costs(), *self._lengths(), *self._sides()):
            self._report.add(figure)

    def _costs(self) -> list[Figure]:
        unit = "% of a core per recorded conversation"
        dear, light = (
            "recording: against MixMonitor bare in the dialplan",
            "recording: ARI's bridge against ours",
        )
        why = self._failed
        if self._spoken < SPOKEN_SHARE:
            why = f"phones were short of CPU: they said {self._spoken:.0%} of what they had to"
        if why:
            return [
                not_measured(dear, "ratio <= 1.05", unit, why),
                not_measured(light, "ratio >= 2.5", unit, why),
            ]
        ours, bare, bridge = (median(self._cost[arm]) * 100 for arm in ("ours", "bare", "bridge"))
        rounds = {arm: [round(100 * one, 3) for one in costs] for arm, costs in self._cost.items()}
        note = f"{self._effort.conversations} conversations at once, rounds {rounds}"
        return [
            ratio_at_most(dear, ours, bare, 1.05, unit, note),
            ratio_at_least(light, bridge, ours, 2.5, unit, note),
        ]

    def _lengths(self) -> list[Figure]:
        whole, length = (
            "recording: files that are not whole",
            "recording: length against audio received, worst",
        )
        note, fed = tally(self._accounts), [one for one in self._accounts if one.fit is Fit.FED]
        if self._failed or len(fed) < FIT_SHARE * len(self._accounts):
            why = self._failed or note
            return [
                not_measured(whole, "ours <= 0", "files", why),
                not_measured(length, "ours <= 100", "ms", why),
            ]
        return [
            at_most(whole, self._incomplete, 0, "files"),
            at_most(length, max(one.error for one in fed), 100, "ms", note),
        ]

    def _sides(self) -> list[Figure]:
        name, drift = "recording: sides apart at the end", "recording: sides drifted apart"
        lost = "recording: clicks that are not in the files"
        if self._failed or self._long_fit is not Fit.FED:
            why = self._failed or f"the long call was {self._long_fit}"
            return [
                not_measured(name, "ours <= 40", "ms", why),
                not_measured(drift, "ours <= 20", "ms", why),
                not_measured(lost, "ours <= 0", "clicks", why),
            ]
        # Medians: on a busy machine one phone of a conversation may click a moment after the other.
        first, last = median(self._apart[:10]), median(self._apart[-10:])
        worst = max(abs(one) for one in self._apart)
        note = f"{len(self._apart)} clicks, the worst {worst:g} ms apart"
        return [
            at_most(name, abs(last), 40, "ms", note),  # each side is written in frames of 20 ms
            at_most(drift, abs(last - first), 20, "ms", "the last ten clicks against the first ten"),
            at_most(lost, self._missed, 0, "clicks"),
        ]
