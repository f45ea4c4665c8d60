"""What the service counts of the dialer. Labels are outcomes, reasons and stages: never a person."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dialer.attempts import DialOutcome
from dialer.engine_ports import EngineLook
from dialer.engine_states import ENGINE

FLAGGED = "flagged"


class DialerMetrics(Collector):
    """The dialer's metrics (`dialer.engine_ports.EngineObserver`)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._look: Callable[[], EngineLook] | None = None
        self._dials = Counter("kring_dials_total", "Orders to dial that went out.", registry=registry)
        self._answers = Counter("kring_dial_answers_total", "Dialled calls answered.", registry=registry)
        self._ends = Counter(
            "kring_dial_ends_total", "Attempts that are over, by outcome.", ["outcome"], registry=registry
        )
        self._refusals = Counter(
            "kring_dial_refusals_total", "Dials that were refused, by reason.", ["why"], registry=registry
        )
        self._failures = Counter(
            "kring_dialer_failures_total", "Internal errors of the dialer.", registry=registry
        )
        registry.register(self)

    def look_at(self, look: Callable[[], EngineLook]) -> None:
        """Count this engine's lines from now on."""
        self._look = look

    def dialled(self) -> None:
        """An order to dial went out."""
        self._dials.inc()

    def answered(self) -> None:
        """A call was answered."""
        self._answers.inc()

    def ended(self, outcome: DialOutcome | None) -> None:
        """An attempt is over; None: it was flagged."""
        self._ends.labels(FLAGGED if outcome is None else outcome.value).inc()

    def refused(self, why: str) -> None:
        """A dial was refused."""
        self._refusals.labels(why).inc()

    def failed(self) -> None:
        """Something met an internal error."""
        self._failures.inc()

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the names of what is counted when asked."""
        yield GaugeMetricFamily("kring_dial_lines", "Dialled calls now, by stage.", labels=["stage"])
        yield GaugeMetricFamily("kring_dialer_state", "1 for the engine's state.", labels=["state"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what stands at the moment."""
        lines, states = self.describe()
        if self._look is not None:
            look = self._look()
            for stage in ("preparing", "ringing", "waiting", "joined"):
                lines.add_metric([stage], sum(getattr(one, stage) for one in look.campaigns))
            for state in ENGINE.states:
                states.add_metric([state], float(state == look.state))
        yield lines
        yield states
