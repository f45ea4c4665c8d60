"""The calls of the days that were asked for last, kept for a while: a page of them costs no counting anew."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from acd.skills import office_day
from domain.clock import Clock
from reporting.asking import Dimension
from reporting.counting_tally import CallTally
from reporting.rollup_lines import of_agents

FRESH = 30.0  # seconds for which what was counted of the day at hand is good
GOOD = 120.0  # seconds for which that of another day is: notes may still be corrected
MOST = 2  # days; some tens of megabytes each on the busiest ones


class CountsCalls(Protocol):
    """Counts a day's calls from the event log."""

    async def calls(self, day: date, only: Mapping[Dimension, Collection[str]] | None = None) -> CallTally:
        """Return what they gave to the day's counts; see `storage.figures.DayCounter`."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    tally: CallTally
    until: float  # on the monotonic clock
    let_go: asyncio.TimerHandle


class TalliesOfDays:
    """Holds at most `MOST` days. One for whoever answers questions; used on one event loop at a time."""

    def __init__(self, counter: CountsCalls, clock: Clock) -> None:
        self._counter = counter
        self._clock = clock
        self._kept: dict[date, _Kept] = {}  # the one counted last at the end
        self._counting = asyncio.Lock()

    async def of(self, day: date, only: Mapping[Dimension, Collection[str]]) -> CallTally:
        """Return a tally that has everything which fits `only`. Raises FiguresUnavailable.

        Of certain agents or teams it is read when nobody has asked for the whole day: that costs little.
        """
        kept = self._good(day)
        if kept is not None:
            return kept
        if of_agents(only):
            return await self._counter.calls(day, only)
        async with self._counting:
            return self._good(day) or await self._counted(day)

    def _good(self, day: date) -> CallTally | None:
        kept = self._kept.get(day)
        return None if kept is None or self._clock.monotonic() > kept.until else kept.tally

    async def _counted(self, day: date) -> CallTally:
        begun = self._clock.monotonic()
        tally = await self._counter.calls(day)
        seconds = FRESH if day == office_day(self._clock.now()) else GOOD
        self._drop(day)
        while len(self._kept) >= MOST:
            self._drop(next(iter(self._kept)))
        let_go = asyncio.get_running_loop().call_later(seconds, self._drop, day)
        self._kept[day] = _Kept(tally, begun + seconds, let_go)
        return tally

    def _drop(self, day: date) -> None:
        kept = self._kept.pop(day, None)
        if kept is not None:
            kept.let_go.cancel()
