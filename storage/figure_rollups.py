"""Keeps the roll-ups: makes those that are missing, and again those for which rows came in later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy.engine import Connection

from acd.skills import office_day
from domain.clock import Clock
from reporting.adherence import AdherenceOf, AdherenceUnavailable
from reporting.asking import FiguresUnavailable
from reporting.rollup import NotReadable
from reporting.rollup_lines import midnight
from storage.database import Database, DatabaseProblem
from storage.figure_days import (
    DayCells,
    days_of,
    drop,
    first_day,
    is_unfinished,
    mark_stale,
    put_day,
    read_days,
    rolled_up,
    sum_months,
)
from storage.figure_late import FAR, NEAR, NIGHT, SCHEDULES, late_days, mark_of, put_mark, time_of
from storage.figures import DayCounter

T = TypeVar("T")
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a round did."""

    stale: int  # roll-ups for which rows came in later
    days: Sequence[date]  # that were made, oldest first
    months: int  # that were summed
    left: int  # days that are still to be made


@dataclass(frozen=True, slots=True)
class Checked:
    """A roll-up held against a recomputation from the event log."""

    day: date
    same: bool


class RollUps:
    """The roll-ups of every day that is over. Every method raises FiguresUnavailable."""

    def __init__(
        self,
        database: Database,
        counter: DayCounter,
        adherence: AdherenceOf | None,
        clock: Clock,
        near: timedelta = NEAR,
    ) -> None:
        """`near`: how far back a usual look goes, for rows that were made a while before they were stored."""
        self._database, self._counter = database, counter
        self._adherence, self._clock, self._near = adherence, clock, near

    async def round(self, most: int | None = None) -> Rolled:
        """Look for rows that came in late, then make what is missing, oldest first: `most` days."""
        stale = await self.look()
        due = await self.due()
        made = due if most is None else due[:most]
        for day in made:
            await self.make(day)
        months = await self._write(lambda c: sum_months(c, self._clock.now()))
        return Rolled(stale, made, months, len(due) - len(made))

    async def look(self) -> int:
        """Mark the roll-ups for which rows came in late; return how many there were.

        The first look of a day goes far back, for rows that waited for a database that was away.
        """
        now, today = self._clock.now(), self._today().isoformat()
        back = FAR if await self._read(lambda c: mark_of(c, NIGHT)) != today else self._near
        days = await self._write(lambda c: late_days(c, now, back))
        if self._adherence is not None:
            mark = await self._read(lambda c: mark_of(c, SCHEDULES))
            try:
                days |= set(await self._adherence.changed(time_of(mark, back)))
            except AdherenceUnavailable as error:
                raise FiguresUnavailable(str(error)) from error

        def work(connection: Connection) -> int:
            put_mark(connection, SCHEDULES, now.isoformat())
            put_mark(connection, NIGHT, today)
            return mark_stale(connection, days)

        return await self._write(work)

    async def due(self) -> Sequence[date]:
        """Return the days that are over and have no roll-up that holds, oldest first."""
        today = self._today()

        def work(connection: Connection) -> Sequence[date]:
            first = first_day(connection)
            if first is None:
                return []
            there = rolled_up(connection, first, today)
            return [day for day in days_of(first, today - _ONE) if day not in there]

        return await self._read(work)

    async def make(self, day: date) -> None:
        """Make one day's roll-up from the event log."""
        found, now = await self._counter.day(day), self._clock.now()

        def work(connection: Connection) -> None:
            # What a call that still goes on will give to the day is not known yet.
            stale = is_unfinished(connection, midnight(day), midnight(day + _ONE))
            put_day(connection, found, now, stale=stale)

        await self._write(work)

    async def check(self, days: Sequence[date]) -> Sequence[Checked]:
        """Hold the roll-ups of these days against the event log; days without one are left out."""
        found = []
        for day in days:
            kept = await self._read(partial(_kept, day=day))
            if kept is not None:
                counted = await self._counter.day(day)
                same = counted.cells.same_as(kept.cells) and counted.quarters.same_as(kept.quarters)
                found.append(Checked(day, same))
        return found

    async def forget(self) -> None:
        """Let every roll-up go: all are made anew."""
        await self._write(drop)

    def _today(self) -> date:
        return office_day(self._clock.now())

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await _ran(self._database.read_now, work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await _ran(self._database.write_now, work)


def _kept(connection: Connection, day: date) -> DayCells | None:
    cells = dict(read_days(connection, [day], cut=False)).get(day)
    quarters = dict(read_days(connection, [day], cut=True)).get(day)
    return None if cells is None or quarters is None else DayCells(day, cells, quarters)


async def _ran(run: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]) -> T:
    try:
        return await asyncio.to_thread(run, work)
    except DatabaseProblem as error:
        raise FiguresUnavailable(str(error)) from error
    except NotReadable as error:
        raise FiguresUnavailable(
            "The roll-ups are of another version of this program. Remedy: kring figures rollup --anew"
        ) from error
