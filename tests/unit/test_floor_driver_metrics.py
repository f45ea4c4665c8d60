"""What the service counts of the floor."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from acd.commands import Why
from acd.floor_views import AgentView, QueueView
from domain.floor_log import AgentRow, LegRow, OfferRow, Phase
from service.floor_metrics import FloorMetrics

AT = datetime(2026, 3, 31, 2, tzinfo=UTC)
STAFF = ("19900107", "19900108", "19900109")


class Hall:
    """Three agents and two queues."""

    def agents(self) -> Sequence[AgentView]:
        states = (("ready", "talking"), ("ready", "talking"), ("paused", "idle"))
        return [
            AgentView(agent, "Melati", "one", *state, "", 1.0, "", (), "", "", None, False, None)
            for agent, state in zip(STAFF, states, strict=True)
        ]

    def queues(self) -> Sequence[QueueView]:
        return [
            QueueView("efin", "id", 4, 1, 30.0, None, 0, 2, 2),
            QueueView("kup/C", "en", 0, 0, 0.0, 12.0, 1, 1, 0),
        ]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_what_stands_is_counted_when_it_is_asked_for(registry: CollectorRegistry) -> None:
    metrics = FloorMetrics(registry)
    assert registry.get_sample_value("kring_agents", {"declared": "ready", "observed": "talking"}) is None
    metrics.look_at(Hall())
    assert registry.get_sample_value("kring_agents", {"declared": "ready", "observed": "talking"}) == 2
    assert registry.get_sample_value("kring_agents", {"declared": "paused", "observed": "idle"}) == 1
    assert registry.get_sample_value("kring_waiting", {"queue": "efin", "language": "id"}) == 4
    assert registry.get_sample_value("kring_waiting", {"queue": "kup/C", "language": "en"}) == 0


def test_rows_become_counts_and_no_label_names_a_person(registry: CollectorRegistry) -> None:
    metrics = FloorMetrics(registry)
    metrics.look_at(Hall())
    for outcome in ("", "accepted", "", Why.RING_TIME_OUT.value):
        metrics.floor_row(OfferRow(1, AT, "call", STAFF[0], "leg-1", 0, 3.0, outcome))
    metrics.floor_row(LegRow("leg-1", 1, AT, "call", STAFF[0], Phase.TALK))
    metrics.floor_row(LegRow("leg-1", 2, AT, "call", STAFF[0], Phase.TALK, 95.0, "agent_hung_up"))
    metrics.floor_row(AgentRow(STAFF[0], AT, "ready", "idle"))
    assert registry.get_sample_value("kring_offers_total") == 2
    assert registry.get_sample_value("kring_offers_ended_total", {"outcome": "accepted"}) == 1
    assert registry.get_sample_value("kring_missed_rings_total") == 1
    assert registry.get_sample_value("kring_leg_phase_seconds_sum", {"phase": "talk"}) == 95.0
    assert registry.get_sample_value("kring_leg_phase_seconds_count", {"phase": "talk"}) == 1
    assert registry.get_sample_value("kring_agent_changes_total") == 1
    page = generate_latest(registry).decode()
    assert not [staff for staff in (*STAFF, "Melati", "leg-1") if staff in page]
