"""An agent's own figures of today, from the floor's record and the state that still runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from acd.floor_views import AgentView
from acd.skills import OFFICE_ZONE, office_day
from desk.figures import AgentDay, WorkRecord
from domain.clock import Clock
from domain.floor_log import Phase
from reporting.counts import Counts
from reporting.formulas import FORMULAS

KEPT = 10.0  # seconds that a reading of the record is good for, unless the agent's state changed

_AT_REST = frozenset({"idle", "phone_gone", "busy_otherwise"})  # observed states without a call


@dataclass(frozen=True, slots=True)
class PauseFigure:
    """Pauses of one reason; seconds."""

    reason: str
    label: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """An agent's day; times in seconds, shares from 0 to 1. None: without calls or time there is none."""

    day: date  # in the office's zone
    answered: int  # ACD calls
    average_ring: float | None  # ART
    average_handling: float | None  # AHT
    call_efficiency: float | None  # CE
    calls_per_hour: float | None  # CPH
    occupancy: float | None
    staffed: float
    paused: float
    estimated: float  # seconds in these figures that a restart cut and that were worked out
    pauses: tuple[PauseFigure, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    day: AgentDay
    at: float  # monotonic
    state: tuple[str, str, str]
    seconds: float  # in that state then


def counts_of(day: AgentDay) -> Counts:
    """Return an agent's day as the counts that every figure is made of."""
    return Counts(
        acd_calls=day.acd_calls,
        ring_ms=_ms(day.of(Phase.RING)),
        acd_ms=_ms(day.acd_time),
        talk_ms=_ms(day.of(Phase.TALK)),
        hold_ms=_ms(day.of(Phase.HOLD)),
        wrap_up_ms=_ms(day.of(Phase.WRAP_UP)),
        assisting_ms=_ms(day.assisting),
        estimated_ms=_ms(day.estimated),
        staffed_ms=_ms(day.staffed),
        paused_ms=_ms(day.paused),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


class FiguresOfToday:
    """Reads one agent's day at most once in `KEPT` seconds and state. One for the application."""

    def __init__(self, work: WorkRecord, clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._kept: dict[str, _Reading] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def of(self, view: AgentView, labels: Mapping[str, str]) -> OwnFigures:
        """Return an agent's figures. `labels`: what pause reasons are called. Raises WorkUnavailable."""
        async with self._reading.setdefault(view.agent, asyncio.Lock()):
            reading = self._kept.get(view.agent)
            if reading is None or not self._is_good(reading, view):
                day = await self._work.day(view.agent, office_day(self._clock.now()))
                state = (view.declared, view.observed, view.reason)
                reading = _Reading(day, self._clock.monotonic(), state, view.seconds)
                self._kept[view.agent] = reading
        day = self._with_running(reading.day, view)
        counts = counts_of(day)
        pauses = (
            PauseFigure(reason, labels.get(reason, reason), seconds)
            for reason, seconds in sorted(day.pauses.items(), key=lambda one: -one[1])
        )
        return OwnFigures(
            day=day.day,
            answered=day.acd_calls,
            average_ring=FORMULAS["art"].of(counts).value,
            average_handling=FORMULAS["aht"].of(counts).value,
            call_efficiency=FORMULAS["ce"].of(counts).value,
            calls_per_hour=FORMULAS["cph"].of(counts).value,
            occupancy=FORMULAS["occupancy"].of(counts).value,
            staffed=day.staffed,
            paused=day.paused,
            estimated=day.estimated,
            pauses=tuple(pauses),
        )

    def _is_good(self, reading: _Reading, view: AgentView) -> bool:
        """Whether the agent is still in the state in which the record was read, and that is not long ago."""
        return (
            reading.state == (view.declared, view.observed, view.reason)
            and view.seconds >= reading.seconds
            and self._clock.monotonic() - reading.at < KEPT
            and reading.day.day == office_day(self._clock.now())
        )

    def _with_running(self, day: AgentDay, view: AgentView) -> AgentDay:
        """Add the state that still runs: the record counts a state once it has ended."""
        if view.declared == "signed_out":
            return day
        local = self._clock.now().astimezone(OFFICE_ZONE)
        today = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        seconds = min(view.seconds, today)
        pauses = dict(day.pauses)
        if view.declared == "paused" and view.observed in _AT_REST:
            pauses[view.reason] = pauses.get(view.reason, 0.0) + seconds
        return replace(day, staffed=day.staffed + seconds, pauses=pauses)
