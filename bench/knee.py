"""`knee`: answer, hold 100 ms, the caller hangs up. How many calls a second, and what lies past that.

Arms: this service (its whole way: flow, prompt, event log, metrics), the dialplan, and the same
written against ari-client 0.9.0. Each answers and starts the same prompt, which plays until the caller
hangs up; the dialplan answers with option `i`, for it would wait half a second for the caller's
audio. A rate is clean when no call fails or is refused and 99 % are answered within 100 ms; the knee
is the highest clean rate.
"""

import math
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from asterisk_conf.settings import ARI_USER
from bench import dialplan, processes
from bench.accounting import Meter
from bench.figures import Report, at_most, median, not_measured, ratio_at_least
from bench.peers import peer_python
from bench.processes import Installation
from bench.sipp import CallerHangsUp, Outcome, Sipp

HOLD = CallerHangsUp(0.1)
ANSWER_MS = 100.0
STRIDE = 1.5  # from rate to rate until the knee is between two
FINENESS = 1.06  # then halved until it is known to 6 %
FLOOR, CEILING = 10.0, 4000.0  # calls a second


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the bench measures."""

    rounds: int
    step_seconds: float  # of calls at one rate
    overload_seconds: float


FULL = Effort(rounds=3, step_seconds=8, overload_seconds=30)
SHORT = Effort(rounds=1, step_seconds=3, overload_seconds=8)


def run(report: Report) -> None:
    """Measure and print."""
    effort = SHORT if report.short else FULL
    with processes.running("hold") as product, _running_peer(product) as peer:
        report.machine(product.program.version)
        bench = _Bench(report, product, effort, peer)
        knees = bench.knees()
        ours, plan, client = (median(knees[arm]) for arm in ("ours", "dialplan", "ari_client"))
        spread = "; ".join(f"{arm} {[round(rate) for rate in rates]}" for arm, rates in knees.items())
        report.add(ratio_at_least("knee_of_dialplan", ours, plan, 0.5, "calls/s", spread))
        report.add(ratio_at_least("knee_of_ari_client", ours, client, 2.5, "calls/s", spread))
        bench.cpu(0.7 * ours)
        bench.overload(ours)


class _Peer:
    """The peer client's application; a fresh one after each overload, whose leavings it would go on with."""

    def __init__(self, product: Installation) -> None:
        self._product = product
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Run it until it has registered. Raises NotRunning."""
        script = processes.CHECKOUT / "bench" / "peer_app.py"
        # -P: the script's folder holds an ari_client.py of its own.
        words = [str(peer_python(processes.CACHE)), "-P", str(script), str(processes.ARI), ARI_USER]
        self._process = process = subprocess.Popen(
            [*words, dialplan.PEER_APPLICATION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
        process.stdin.write(self._product.ari_password + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != "ready":
            raise processes.NotRunning("the ari-client application did not register")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


@contextmanager
def _running_peer(product: Installation) -> Iterator[_Peer]:
    peer = _Peer(product)
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


class _Bench:
    def __init__(self, report: Report, product: Installation, effort: Effort, peer: _Peer) -> None:
        self._report, self._product, self._effort, self._peer = report, product, effort, peer
        self._sipp = Sipp.fetched(
            processes.CACHE,
            processes.SIPP_SIP,
            processes.CALLERS_AUDIO.start,
            (processes.HOST, processes.SIP),
        )
        self._numbers = {
            "ours": processes.NUMBER,
            "dialplan": dialplan.HOLD,
            "ari_client": dialplan.APPLICATION,
        }

    def knees(self) -> dict[str, list[float]]:
        """Return each arm's knee, once a round."""
        found: dict[str, list[float]] = {arm: [] for arm in self._numbers}
        for _ in range(self._effort.rounds):
            for arm, before in found.items():
                knee = search(partial(self._clean, arm), before[-1] if before else 100.0)
                before.append(knee)
                self._report.progress(f"{arm}: {knee:.0f} calls/s")
        return found

    def cpu(self, rate: float) -> None:
        """Print the application's CPU per call at a rate below the knee."""
        product = self._product
        per_call: dict[str, list[float]] = {"ours": [], "asterisk": []}
        for _ in range(self._effort.rounds):
            meter = Meter.start((*product.application, product.asterisk))
            calls = self._calls("ours", rate, self._effort.step_seconds).completed
            time.sleep(1)
            spent = meter.read()
            asterisk = spent.pop(product.asterisk)
            per_call["ours"].append(1000 * sum(spent.values()) / max(1, calls))
            per_call["asterisk"].append(1000 * asterisk / max(1, calls))
        note = f"at {rate:.0f} calls/s; Asterisk beside it {median(per_call['asterisk']):.2f} ms"
        self._report.add(at_most("knee_application_cpu", median(per_call["ours"]), 1.0, "ms/call", note))

    def overload(self, knee: float) -> None:
        """Print what becomes of 1.3 times the knee."""
        seconds = self._effort.overload_seconds
        result = self._calls("ours", 1.3 * knee, seconds)
        goodput = result.completed / seconds
        note = (
            f"{result.offered} offered, {result.completed} served, {result.refused} refused with 503, "
            f"{result.failed} failed, p99 of the answer {result.p99():.0f} ms"
        )
        self._report.add(ratio_at_least("knee_goodput_at_1.3", goodput, knee, 0.95, "calls/s", note))
        if result.offered < 1.2 * knee * seconds:
            why = f"SIPp offered only {result.offered / seconds:.0f} calls/s"
            self._report.add(not_measured("knee_neither_served_nor_refused", "ours <= 0", "calls", why))
            return
        self._report.add(at_most("knee_neither_served_nor_refused", result.failed, 0, "calls", note))

    def _clean(self, arm: str, rate: float) -> bool:
        result = self._calls(arm, rate, self._effort.step_seconds)
        clean = is_clean(result, rate, self._effort.step_seconds)
        self._report.progress(
            f"{arm} {rate:.0f}/s: {result.completed}/{result.offered}, {result.refused} refused, "
            f"p99 {result.p99():.0f} ms{'' if clean else ' – not clean'}"
        )
        if arm == "ari_client" and not clean:
            self._peer.stop()
            self._peer.start()
        return clean

    def _calls(self, arm: str, rate: float, seconds: float) -> Outcome:
        result = self._sipp.run(
            self._numbers[arm], [], rate=rate, calls=max(10, round(rate * seconds)), ending=HOLD
        )
        self._product.clear()
        return result


def is_clean(result: Outcome, rate: float, seconds: float) -> bool:
    """Return whether every call was served, in time, and SIPp kept the rate."""
    in_time = result.seconds <= seconds * 1.1 + 1 and result.offered >= round(rate * seconds) * 0.99
    return result.completed == result.offered and in_time and result.p99() < ANSWER_MS


def search(clean: Callable[[float], bool], start: float) -> float:
    """Return the highest clean rate, to within `FINENESS`; 0 when none down to `FLOOR` is clean."""
    rate, good, bad = start, 0.0, math.inf
    while FLOOR <= rate <= CEILING and (good == 0.0 or bad == math.inf):
        if clean(rate):
            good, rate = rate, rate * STRIDE
        else:
            bad, rate = rate, rate / STRIDE
    while good > 0.0 and FINENESS < bad / good < math.inf:
        middle = math.sqrt(good * bad)
        if clean(middle):
            good = middle
        else:
            bad = middle
    return good
