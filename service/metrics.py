"""What this service counts, in Prometheus's form.

Each method is on a call's path and costs at most two microseconds: the children of every labelled
metric are made once and kept. Labels come from closed sets (end reasons, prompt and queue names),
never from what a caller keyed or said.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

import ari
from domain.calls import EndReason

CONTENT_TYPE = CONTENT_TYPE_LATEST
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_CALL = (5, 15, 30, 60, 120, 300, 600, 1200, 2400)


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # scraped where no loop runs
        return 0


class Metrics:
    """The service's metrics. Implements `ivr.observer.CallObserver`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Make every metric in `registry`; a fresh one by default, so that two never mix."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series per counter for nothing
        self.registry = registry or CollectorRegistry(auto_describe=False)
        self._make_call_metrics()
        self._make_health_metrics()

    def _make_call_metrics(self) -> None:
        self._inside = 0
        in_progress = self._gauge("kring_calls_in_progress", "Calls inside now.")
        in_progress.set_function(lambda: self._inside)
        self._started = self._counter("kring_calls_started_total", "Calls that came in.")
        ended = self._counter("kring_calls_ended_total", "Calls that ended, by reason.", ["reason"])
        self._ended = {reason: ended.labels(reason.value) for reason in EndReason}
        self._length = self._histogram("kring_call_seconds", "Length of calls.", _CALL)
        self._prompts = _Children(
            self._counter("kring_prompts_total", "Prompts played.", ["prompt", "language"])
        )
        self._keys = self._counter("kring_keys_total", "Keys pressed by callers.")
        self._look_ups = _Children(
            self._counter("kring_look_ups_total", "Look-ups by answer.", ["look_up", "answer"])
        )
        self._look_up_time = self._histogram("kring_look_up_seconds", "Time of look-ups.", _FAST)
        self._queued = _Children(
            self._counter("kring_queued_total", "Calls that entered a queue.", ["queue"])
        )
        self._recovered = self._counter("kring_calls_recovered_total", "Calls regained after a restart.")
        self._record_failed = self._counter(
            "kring_record_failures_total", "Rows of the call record that could not be written."
        )
        self._call_failed = self._counter("kring_call_failures_total", "Calls that met an internal error.")

    def _make_health_metrics(self) -> None:
        self._limit = self._gauge(
            "kring_calls_limit", "Calls that may be inside now; a further one gets 503."
        )
        self._commit = self._histogram(
            "kring_event_log_commit_seconds", "Time to make events durable.", _FAST
        )
        self._ari = self._histogram("kring_ari_request_seconds", "Time of ARI requests.", _FAST)
        self._ari_failures = _Children(
            self._counter("kring_ari_failures_total", "ARI requests that failed.", ["why"])
        )
        self._lag = self._histogram("kring_loop_lag_seconds", "How late the event loop runs.", _FAST)
        self._restarts = _Children(
            self._counter("kring_restarts_total", "Restarts and reconnects by part.", ["part"])
        )
        self._line_open = self._gauge("kring_line_open", "1 while callers are let in by the timetable.")
        tasks = self._gauge("kring_tasks", "Tasks of the event loop.")
        tasks.set_function(_tasks)
        self._ready = self._gauge("kring_ready", "1 when every part is ready.")
        self._controlled = self._gauge(
            "kring_calls_controlled_since_seconds",
            "Unix time since which all calls in Asterisk are under control; 0 while they are not.",
        )

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self.registry)

    def _counter(self, name: str, about: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, bounds: Sequence[float]) -> "_Histogram":
        made = _Histogram(name, about, bounds)
        self.registry.register(made)
        return made

    # What the calls tell (ivr.observer.CallObserver).

    def call_started(self) -> None:
        """A call came in."""
        self._started.inc()
        self._inside += 1

    def call_ended(self, reason: EndReason, seconds: float) -> None:
        """A call ended after so many seconds."""
        self._ended[reason].inc()
        self._inside -= 1
        self._length.observe(seconds)

    def prompt_played(self, name: str, language: str) -> None:
        """A prompt began."""
        self._prompts.of(name, language).inc()

    def key_pressed(self) -> None:
        """A caller pressed a key; which one is nobody's business here."""
        self._keys.inc()

    def looked_up(self, name: str, answer: str, seconds: float) -> None:
        """A look-up was answered with one of its declared words."""
        self._look_ups.of(name, answer).inc()
        self._look_up_time.observe(seconds)

    def queued(self, queue: str) -> None:
        """A call entered a queue."""
        self._queued.of(queue).inc()

    def recovered(self, calls: int) -> None:
        """So many calls are under control again after a restart."""
        self._recovered.inc(calls)
        self._inside += calls

    def record_failed(self) -> None:
        """A row of the call record could not be written; the call went on."""
        self._record_failed.inc()

    def call_failed(self) -> None:
        """A call met an internal error and was ended with an apology or at once."""
        self._call_failed.inc()

    # What the service tells.

    def limited(self, calls: int) -> None:
        """So many calls may be inside from now on."""
        self._limit.set(calls)

    def committed(self, seconds: float) -> None:
        """Events became durable."""
        self._commit.observe(seconds)

    def ari_answered(self, seconds: float) -> None:
        """Asterisk answered a request."""
        self._ari.observe(seconds)

    def ari_failed(self, why: str) -> None:
        """Asterisk refused a request or did not answer in time."""
        self._ari_failures.of(why).inc()

    def loop_late(self, seconds: float) -> None:
        """The event loop ran a timer so much too late."""
        self._lag.observe(seconds)

    def restarted(self, part: str) -> None:
        """A part of the service was started again or reconnected."""
        self._restarts.of(part).inc()

    def controlled(self, state: ari.State) -> None:
        """The connection to Asterisk is in this state; from READY on every call is reconciled."""
        self._controlled.set(time.time() if state is ari.State.READY else 0)

    def ready(self, ready: bool) -> None:
        """Every part is ready, or not."""
        self._ready.set(1 if ready else 0)

    def line_open(self, is_open: bool) -> None:
        """The line is open, or not."""
        self._line_open.set(1 if is_open else 0)

    def calls_in_progress(self) -> int:
        """Return how many calls are inside."""
        return self._inside

    def page(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


class _Children:
    """A counter's children by label values, each made once: making one costs 20 times an increment."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._made: dict[tuple[str, ...], Counter] = {}

    def of(self, *labels: str) -> Counter:
        child = self._made.get(labels)
        if child is None:
            child = self._made[labels] = self._counter.labels(*labels)
        return child


class _Histogram(Collector):
    """A histogram for one thread, the event loop's: without a lock it costs a tenth of the library's."""

    def __init__(self, name: str, about: str, bounds: Sequence[float]) -> None:
        self._name, self._about, self._bounds = name, about, tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        labels = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        buckets = list(zip(labels, accumulate(self._counts), strict=True))
        yield HistogramMetricFamily(self._name, self._about, buckets=buckets, sum_value=self._sum)
