"""`ivr`: the same menu by this service and as dialplan: greeting, menu, key, prompt, key, prompt, end.

Both arms run in one Asterisk, play the same 30 s of prompts and take keys as RFC 4733 events; callers
send no audio beside them. The service's event log and metrics are on.
"""

import time
from dataclasses import dataclass

from bench import dialplan, processes
from bench.accounting import Meter, Size
from bench.callers import Walks, always, steadily
from bench.figures import Report, at_most, median, not_measured, percentile, ratio_at_most, within
from bench.phone import Exchange, caller_numbers, play
from bench.processes import HOST, Installation
from bench.sipp import CalleeHangsUp, Key, Sipp, may_send_raw

ARMS = {"ours": processes.NUMBER, "dialplan": dialplan.MENU}
KEYS_A_SECOND = 5.0
KEYS_A_CALL = 2
CALLERS = 300
# A patient SIPp caller: each key half a second after its prompt, measured from the answer and from the
# key before; the dialplan's Answer() waits up to 0.5 s for the caller's audio before it greets.
SIPP_KEYS = (Key("1", 6 + 9 + 1.0), Key("1", 8 + 0.5))
SIPP_END = CalleeHangsUp(7 + 2.0)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the bench measures."""

    rounds: int
    cpu_calls: int
    cpu_rate: float  # calls a second
    key_seconds: float
    warm_seconds: float  # of the crowd before anything is compared: pools and caches reach their size
    crowd_seconds: float


FULL = Effort(rounds=3, cpu_calls=120, cpu_rate=3, key_seconds=60, warm_seconds=300, crowd_seconds=300)
SHORT = Effort(rounds=1, cpu_calls=10, cpu_rate=2, key_seconds=10, warm_seconds=0.1, crowd_seconds=30)


def run(report: Report) -> None:
    """Measure and print."""
    effort = SHORT if report.short else FULL
    with processes.running("menu") as product:
        report.machine(product.program.version)
        bench = _Bench(report, product, effort)
        bench.cpu()
        bench.keys()
        bench.crowd()


class _Bench:
    def __init__(self, report: Report, product: Installation, effort: Effort) -> None:
        self._report, self._product, self._effort = report, product, effort
        self._repertoire = product.repertoire()
        self._who = caller_numbers()

    def cpu(self) -> None:
        """Print the CPU of a call, Asterisk and service together."""
        if not may_send_raw():
            why = "SIPp needs raw sockets to send keys; run this bench as root"
            self._report.add(not_measured("ivr_cpu", "ratio <= 1.15", "ms/call", why))
            return
        per_call: dict[str, list[float]] = {arm: [] for arm in ARMS}
        failed = 0
        application: list[float] = []
        for _ in range(self._effort.rounds):
            for arm, number in ARMS.items():
                cost, own, lost = self._cpu_of(number)
                per_call[arm].append(cost)
                failed += lost
                if arm == "ours":
                    application.append(own)
                self._report.progress(f"{arm}: {cost:.1f} ms of CPU a call")
        note = f"of ours the service {median(application):.1f}; {per_call}".replace("'", "")
        if failed:
            why = f"{failed} of SIPp's calls failed"
            self._report.add(not_measured("ivr_cpu", "ratio <= 1.15", "ms/call", why))
            return
        ours, peer = median(per_call["ours"]), median(per_call["dialplan"])
        self._report.add(ratio_at_most("ivr_cpu", ours, peer, 1.15, "ms/call", note))

    def _cpu_of(self, number: str) -> tuple[float, float, int]:
        """Return milliseconds of CPU a call, those of the service alone, and how many calls failed."""
        product, effort = self._product, self._effort
        remote = (HOST, processes.SIP)
        sipp = Sipp.fetched(processes.CACHE, processes.SIPP_SIP, processes.CALLERS_AUDIO.start, remote)
        meter = Meter.start((*product.application, product.asterisk))
        result = sipp.run(number, SIPP_KEYS, rate=effort.cpu_rate, calls=effort.cpu_calls, ending=SIPP_END)
        time.sleep(1)
        spent = meter.read()
        calls = max(1, result.completed)
        own = sum(spent[pid] for pid in product.application)
        return 1000 * sum(spent.values()) / calls, 1000 * own / calls, result.offered - result.completed

    def keys(self) -> None:
        """Print the time from a key to the first packet of the prompt it leads to."""
        walks = {arm: Walks(self._repertoire) for arm in ARMS}
        rate = KEYS_A_SECOND / KEYS_A_CALL
        for _ in range(self._effort.rounds):
            for arm, number in ARMS.items():
                play(self._steadily(walks[arm], number, rate))
                self._report.progress(f"{arm}: {len(walks[arm].after_key_ms)} keys")
        ours, peer = walks["ours"], walks["dialplan"]
        lost = {arm: done.failures[:3] for arm, done in walks.items() if done.failures}
        note = f"{len(ours.after_key_ms)} and {len(peer.after_key_ms)} keys" + (
            f"; failed: {lost}" if lost else ""
        )
        for name, share, margin in (("p50", 0.5, 2.0), ("p99", 0.99, 10.0)):
            if not ours.after_key_ms or not peer.after_key_ms:
                bound = f"ours - peer <= {margin:g}"
                self._report.add(not_measured(f"ivr_key_to_prompt_{name}", bound, "ms", note))
                continue
            mine, theirs = percentile(ours.after_key_ms, share), percentile(peer.after_key_ms, share)
            self._report.add(within(f"ivr_key_to_prompt_{name}", mine, theirs, margin, "ms", note))

    async def _steadily(self, walks: Walks, number: str, rate: float) -> None:
        async with self._exchange() as exchange:
            await steadily(walks, exchange, number, self._who, rate=rate, seconds=self._effort.key_seconds)

    def crowd(self) -> None:
        """Print what 300 callers at once meet, and what they leave behind."""
        product = self._product
        warm = Walks(self._repertoire)
        play(self._crowd(warm, self._effort.warm_seconds))
        before = self._at_rest()
        walks = Walks(self._repertoire)
        meter = Meter.start((*product.application, product.asterisk))
        began = time.monotonic()
        late = play(self._crowd(walks, self._effort.crowd_seconds))
        seconds = time.monotonic() - began
        load = sum(meter.read().values()) / seconds
        after = self._at_rest()
        note = (
            f"{walks.completed} calls in {seconds:.0f} s, {load:.2f} cores, {walks.packets_missing} packets "
            f"missing, {walks.prompts_clipped} prompts clipped, {late} late ticks of the callers; "
            f"first failures: {walks.failures[:3]}"
        )
        self._report.add(at_most("ivr_300_failed", len(walks.failures), 0, "calls", note))
        lost = walks.keys_pressed - walks.keys_heeded
        self._report.add(at_most("ivr_300_keys_lost", lost, 0, "keys", f"of {walks.keys_pressed}"))
        self._growth(before, after)

    async def _crowd(self, walks: Walks, seconds: float) -> int:
        async with self._exchange() as exchange:
            await always(walks, exchange, processes.NUMBER, self._who, callers=CALLERS, seconds=seconds)
            return exchange.late_ticks

    def _at_rest(self) -> "_Rest":
        """Return what is held once every call is over and the last timers have run out."""
        product = self._product
        product.until_empty()
        time.sleep(5 if self._report.short else 35)  # Asterisk keeps ended SIP transactions for 32 s
        tasks = product.metrics().get("kring_tasks")
        return _Rest(product.sizes(), len(product.ari("channels")), len(product.ari("bridges")), tasks)

    def _growth(self, before: "_Rest", after: "_Rest") -> None:
        for name in ("service", "asterisk"):
            was, now = before.sizes[name], after.sizes[name]
            note = f"{was.memory / 1e6:.1f} to {now.memory / 1e6:.1f} MB"
            growth = 100 * (now.memory - was.memory) / was.memory
            self._report.add(at_most(f"ivr_300_memory_growth_{name}", growth, 3, "%", note))
            more = now.descriptors - was.descriptors
            self._report.add(at_most(f"ivr_300_more_descriptors_{name}", more, 0, "descriptors"))
        for what in ("channels", "bridges"):
            more = getattr(after, what) - getattr(before, what)
            self._report.add(at_most(f"ivr_300_more_{what}", more, 0, what))
        if before.tasks is None or after.tasks is None:
            why = "the service exports no kring_tasks"
            self._report.add(not_measured("ivr_300_more_tasks", "ours <= 0", "tasks", why))
        else:
            self._report.add(at_most("ivr_300_more_tasks", after.tasks - before.tasks, 0, "tasks"))

    def _exchange(self) -> Exchange:
        local, remote = (HOST, processes.CALLERS_SIP), (HOST, processes.SIP)
        return Exchange(local, remote, processes.CALLERS_AUDIO, self._repertoire)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is held while nobody calls."""

    sizes: dict[str, Size]
    channels: int
    bridges: int
    tasks: float | None
