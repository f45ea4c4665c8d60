"""What the service counts of the floor. Labels are states, queues and outcomes: never a person."""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from acd.commands import Why
from acd.floor_views import AgentView, QueueView
from domain.floor_log import AgentRow, FloorRow, LegRow, OfferRow, Phase

_PHASES = (5, 15, 30, 60, 120, 300, 600, 1200, 2400)  # seconds


class Looked(Protocol):
    """What can be looked at (`acd.driver.FloorDriver`)."""

    def agents(self) -> Sequence[AgentView]:
        """Return every agent."""
        ...

    def queues(self) -> Sequence[QueueView]:
        """Return every queue."""
        ...


class FloorMetrics(Collector):
    """The floor's metrics (`acd.ports.FloorObserver`); what stands at the moment is counted when asked."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._floor: Looked | None = None
        self._offers = Counter("kring_offers_total", "Offers of calls to agents.", registry=registry)
        self._ended = Counter(
            "kring_offers_ended_total", "Offers that ended, by outcome.", ["outcome"], registry=registry
        )
        self._missed = Counter("kring_missed_rings_total", "Phones that rang in vain.", registry=registry)
        self._phases = Histogram(
            "kring_leg_phase_seconds",
            "Length of the phases of agents' legs.",
            ["phase"],
            buckets=_PHASES,
            registry=registry,
        )
        self._length = {phase: self._phases.labels(phase.value) for phase in Phase}
        self._failed = Counter(
            "kring_floor_failures_total", "Internal errors of the floor.", registry=registry
        )
        self._unwritten = Counter(
            "kring_floor_record_failures_total",
            "Times that rows of the floor's record could not be written at once.",
            registry=registry,
        )
        self._changes = Counter("kring_agent_changes_total", "Changes of agents' states.", registry=registry)
        registry.register(self)

    def look_at(self, floor: Looked) -> None:
        """Count agents and queues of this floor from now on."""
        self._floor = floor

    # acd.ports.FloorObserver

    def floor_row(self, row: FloorRow) -> None:
        """A row went to the record."""
        if isinstance(row, LegRow):
            if row.seconds is not None:
                self._length[row.phase].observe(row.seconds)
        elif isinstance(row, OfferRow):
            if not row.outcome:
                self._offers.inc()
                return
            self._ended.labels(row.outcome).inc()
            if row.outcome == Why.RING_TIME_OUT:
                self._missed.inc()
        elif isinstance(row, AgentRow):
            self._changes.inc()

    def floor_record_failed(self) -> None:
        """Rows could not be written yet."""
        self._unwritten.inc()

    def floor_failed(self) -> None:
        """The floor met an internal error."""
        self._failed.inc()

    # prometheus_client.registry.Collector

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count who does what and who waits where."""
        agents = GaugeMetricFamily(
            "kring_agents",
            "Agents by what they declared and what is observed.",
            labels=["declared", "observed"],
        )
        waiting = GaugeMetricFamily(
            "kring_waiting", "Calls that wait, by queue.", labels=["queue", "language"]
        )
        if self._floor is not None:
            states = Tally((view.declared, view.observed) for view in self._floor.agents())
            for state, count in states.items():
                agents.add_metric(state, count)
            for queue in self._floor.queues():
                waiting.add_metric((queue.queue, queue.language), queue.waiting)
        yield agents
        yield waiting
