"""An agent's own figures of today: the same counts and formulas as those of every other page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from acd.floor_views import AgentView
from acd.skills import office_day
from domain.clock import Clock
from reporting.formulas import FORMULAS
from reporting.own_day import OwnDay, OwnDays

KEPT = 10.0  # seconds that a count is good for, unless the agent's state changed


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
    outbound: int  # persons whom we called and the agent talked with; not among `answered`
    average_ring: float | None  # ART
    average_handling: float | None  # AHT
    outbound_handling: float | None  # AHT of outbound calls
    call_efficiency: float | None  # CE
    calls_per_hour: float | None  # CPH
    occupancy: float | None
    staffed: float
    paused: float
    estimated: float  # seconds in these figures that a restart cut and that were worked out
    pauses: tuple[PauseFigure, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    day: OwnDay
    at: float  # monotonic
    state: tuple[str, str, str]
    seconds: float  # in that state then


class FiguresOfToday:
    """Counts one agent's day at most once in `KEPT` seconds and state. One for the application."""

    def __init__(self, work: OwnDays, clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._counting: dict[str, asyncio.Lock] = {}

    async def of(self, view: AgentView, labels: Mapping[str, str]) -> OwnFigures:
        """Return an agent's figures. `labels`: what pause reasons are called. Raises FiguresUnavailable."""
        async with self._counting.setdefault(view.agent, asyncio.Lock()):
            kept = self._kept.get(view.agent)
            if kept is None or not self._is_good(kept, view):
                day = await self._work.own(view.agent, office_day(self._clock.now()))
                state = (view.declared, view.observed, view.reason)
                kept = self._kept[view.agent] = _Kept(day, self._clock.monotonic(), state, view.seconds)
        return _figures(kept.day, labels)

    def _is_good(self, kept: _Kept, view: AgentView) -> bool:
        """Whether the agent is still in the state in which the day was counted, and that is not long ago."""
        return (
            kept.state == (view.declared, view.observed, view.reason)
            and view.seconds >= kept.seconds
            and self._clock.monotonic() - kept.at < KEPT
            and kept.day.day == office_day(self._clock.now())
        )


def _figures(day: OwnDay, labels: Mapping[str, str]) -> OwnFigures:
    counts = day.counts
    value = {name: formula.of(counts).value for name, formula in FORMULAS.items()}
    pauses = sorted(day.pauses.items(), key=lambda one: -one[1])
    return OwnFigures(
        day=day.day,
        answered=counts.acd_calls,
        outbound=counts.outbound_calls,
        average_ring=value["art"],
        average_handling=value["aht"],
        outbound_handling=value["out_aht"],
        call_efficiency=value["ce"],
        calls_per_hour=value["cph"],
        occupancy=value["occupancy"],
        staffed=counts.staffed_ms / 1000,
        paused=counts.paused_ms / 1000,
        estimated=counts.estimated_ms / 1000,
        pauses=tuple(PauseFigure(one, labels.get(one, one), ms / 1000) for one, ms in pauses),
    )
