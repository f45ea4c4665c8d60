"""What the status page and its API show: the line, the calls inside, queues and agents as counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel

from acd.floor_views import AgentView, QueueView
from web.operations import Line, LiveCall, Readiness


class LineView(BaseModel):
    """Whether callers are let in."""

    open: bool
    shut: bool  # by an administrator, whatever the hour
    until: datetime | None  # the next change by the timetable, if known


class StepCount(BaseModel):
    """How many calls are at one step of a flow."""

    flow: str
    step: str
    calls: int


class QueueCount(BaseModel):
    """A queue in one language; times in seconds."""

    queue: str
    language: str
    waiting: int
    longest: float | None  # None: nobody waits
    expected: float | None  # None: it cannot be told honestly
    free: int
    talking: int


class StateCount(BaseModel):
    """How many agents are in one state. No names, no numbers."""

    declared: str
    observed: str
    agents: int


class StatusView(BaseModel):
    """The service at one moment, without personal data."""

    at: datetime
    ready: bool
    reasons: list[str]  # why it is not ready
    facts: dict[str, str]  # versions
    line: LineView
    dial: list[str]
    calls: int
    steps: list[StepCount]
    queues: list[QueueCount]
    agents: list[StateCount]


def status_view(
    at: datetime,
    readiness: Readiness,
    line: Line,
    dial: Iterable[str],
    calls: Sequence[LiveCall],
    queues: Iterable[QueueView],
    agents: Iterable[AgentView],
) -> StatusView:
    """Return what is to be shown."""
    return StatusView(
        at=at,
        ready=readiness.ready,
        reasons=list(readiness.reasons),
        facts=dict(readiness.facts),
        line=LineView(open=line.open, shut=line.shut, until=line.until),
        dial=list(dial),
        calls=len(calls),
        steps=_steps(calls),
        queues=[_queue(view) for view in queues if view.waiting or view.talking or view.serving],
        agents=_states(agents),
    )


def duration(seconds: float | None) -> str:
    """Return minutes and seconds, `4:05`; a dash for nothing."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _steps(calls: Iterable[LiveCall]) -> list[StepCount]:
    counted = Counter((call.flow, call.step) for call in calls)
    return [StepCount(flow=flow, step=step, calls=count) for (flow, step), count in sorted(counted.items())]


def _queue(view: QueueView) -> QueueCount:
    return QueueCount(
        queue=view.queue,
        language=view.language,
        waiting=view.waiting,
        longest=view.longest if view.waiting else None,
        expected=view.expected,
        free=view.free,
        talking=view.talking,
    )


def _states(agents: Iterable[AgentView]) -> list[StateCount]:
    counted = Counter((view.declared, view.observed) for view in agents if view.declared != "signed_out")
    return [StateCount(declared=d, observed=o, agents=count) for (d, o), count in sorted(counted.items())]
