"""Figures on a database: from roll-ups where there are any, from the event log where not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy.engine import Connection

from acd.skills import office_day
from acd.tables_csv import CsvRefused
from domain.clock import Clock
from reporting.adherence import AdherenceOf, AdherenceUnavailable
from reporting.asking import CallSeen, FiguresUnavailable, Interval, Line, Question
from reporting.counting import count
from reporting.counting_tally import CallTally, CellTally
from reporting.facts import DayFacts, Places, ServiceLevels
from reporting.rollup import Key, NotReadable
from reporting.rollup_lines import Adding, check, check_calls, cuts_days, fits, has_any
from storage.database import Database, DatabaseProblem
from storage.figure_days import (
    DayCells,
    days_of,
    first_day,
    month_of,
    read_days,
    read_months,
    rolled_up,
    summed_months,
)
from storage.figure_facts import Outcomes, first_seen, read_facts
from storage.vault import VaultProblem

T = TypeVar("T")

MOST_COUNTED = 10  # days that one question may count from the event log because they have no roll-up
FRESH = 30.0  # seconds for which the counts of the day at hand are good
_LONG = frozenset({Interval.MONTH, Interval.YEAR, Interval.WHOLE})


class PlacesOf(Protocol):
    """Says to which team, tier and branch agents and queues belong.

    Raises DatabaseProblem, VaultProblem, acd.tables_csv.CsvRefused.
    """

    async def on(self, day: date) -> Places:
        """Return the places of a day of the office."""
        ...


@dataclass(frozen=True, slots=True)
class Tables:
    """What facts are counted by."""

    places: PlacesOf
    levels: ServiceLevels
    outcomes: Outcomes
    adherence: AdherenceOf | None  # None: there are no schedules


class DayCounter:
    """Counts a day from the event log. Raises FiguresUnavailable."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._tables = tables

    async def day(self, day: date) -> DayCells:
        """Return the cells of a day of the office."""
        facts, places = await self._facts(day)
        return await asyncio.to_thread(self._count, facts, places)

    async def calls(self, day: date, name: str, wanted: Callable[[Key], bool]) -> Sequence[CallSeen]:
        """Return the day's calls behind a count under keys that are wanted, oldest first."""
        facts, places = await self._facts(day)
        return await asyncio.to_thread(self._calls, facts, places, name, wanted)

    async def _facts(self, day: date) -> tuple[DayFacts, Places]:
        tables = self._tables
        try:
            places = await tables.places.on(day)
            facts = await asyncio.to_thread(
                self._database.read_now, lambda c: read_facts(c, day, tables.outcomes)
            )
            if tables.adherence is not None:
                facts = replace(facts, adherence=await tables.adherence.of(day, day))
        except (DatabaseProblem, VaultProblem, CsvRefused, AdherenceUnavailable) as error:
            raise FiguresUnavailable(str(error)) from error
        return facts, places

    def _count(self, facts: DayFacts, places: Places) -> DayCells:
        tally = CellTally(facts.begins)
        count(facts, places, self._tables.levels.on(facts.day).seconds, tally)
        return DayCells(facts.day, tally.day(), tally.quarters())

    def _calls(
        self, facts: DayFacts, places: Places, name: str, wanted: Callable[[Key], bool]
    ) -> Sequence[CallSeen]:
        tally = CallTally(facts.begins)
        count(facts, places, self._tables.levels.on(facts.day).seconds, tally)
        return tally.calls(name, wanted)


class DurableFigures:
    """A `reporting.asking.Figures` on a database."""

    def __init__(self, database: Database, counter: DayCounter, clock: Clock) -> None:
        self._database = database
        self._counter = counter
        self._clock = clock
        self._today: tuple[float, DayCells] | None = None  # when it was counted, on the monotonic clock
        self._counting = asyncio.Lock()

    async def lines(self, question: Question) -> Sequence[Line]:
        """Return the lines, by interval and key."""
        check(question)
        plan = await self._read(lambda c: _plan(c, question, self._clock_day()))
        if len(plan.missing) > MOST_COUNTED:
            raise FiguresUnavailable(
                f"{len(plan.missing)} days have no roll-up yet. Remedy: wait for the service's round, "
                "or run: kring figures rollup"
            )
        counted = [await self._counted(day) for day in plan.missing]
        cut = cuts_days(question.interval)

        def answer(connection: Connection) -> Sequence[Line]:
            adding = Adding(question)
            for month, cells in read_months(connection, plan.months):
                adding.add(month, cells)
            for day, cells in read_days(connection, plan.there, cut=cut):
                adding.add(day, cells)
            for found in counted:
                adding.add(found.day, found.quarters if cut else found.cells)
            return adding.lines()

        return await self._read(answer)

    async def recomputed(self, question: Question) -> Sequence[Line]:
        """Return the same from the event log alone."""
        adding = Adding(question)
        for day in await self._read(lambda c: _days(c, question, self._clock_day())):
            found = await self._counter.day(day)
            adding.add(day, found.quarters if cuts_days(question.interval) else found.cells)
        return adding.lines()

    async def calls(
        self, question: Question, count: str, limit: int = 100, after: str = ""
    ) -> Sequence[CallSeen]:
        """Return the calls behind a count, oldest first."""
        check_calls(question, count)
        days = await self._read(lambda c: _days_with(c, question, count, self._clock_day()))
        begun = (await self._read(lambda c: first_seen(c, after))) if after else None
        found: dict[str, CallSeen] = {}
        started = not after
        for day in days:
            if begun is not None and day < begun:
                continue
            for call in await self._counter.calls(day, count, lambda key: fits(key, question.only)):
                if started:
                    found.setdefault(call.call_id, call)
                started = started or call.call_id == after
            if len(found) > limit:
                break
        found.pop(after, None)
        return list(found.values())[:limit]

    def _clock_day(self) -> date:
        return office_day(self._clock.now())

    async def _counted(self, day: date) -> DayCells:
        if day != self._clock_day():
            return await self._counter.day(day)
        async with self._counting:
            now = self._clock.monotonic()
            if self._today is None or self._today[1].day != day or now - self._today[0] > FRESH:
                self._today = (now, await self._counter.day(day))
            return self._today[1]

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            # Threads of its own: nobody's short question waits behind a year.
            return await asyncio.to_thread(self._database.read_now, work)
        except DatabaseProblem as error:
            raise FiguresUnavailable(str(error)) from error
        except NotReadable as error:
            raise FiguresUnavailable(
                "The roll-ups are of another version of this program. Remedy: kring figures rollup --anew"
            ) from error


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the lines of a question come from."""

    months: Sequence[date]  # that are summed
    there: Collection[date]  # days that are rolled up
    missing: Sequence[date]  # days to be counted


def _days(connection: Connection, question: Question, today: date) -> list[date]:
    """Return the days of a question on which anything can be on record."""
    first = first_day(connection)
    if first is None:
        return []
    return list(days_of(max(first, question.first), min(today, question.last)))


def _plan(connection: Connection, question: Question, today: date) -> _Plan:
    days, months = _days(connection, question, today), list[date]()
    if question.interval in _LONG:
        months = summed_months(connection, question.first, question.last)
    within = set(months)
    days = [day for day in days if month_of(day) not in within]
    if not days:
        return _Plan(months, (), ())
    there = rolled_up(connection, days[0], days[-1]) - {today}
    return _Plan(months, [day for day in days if day in there], [day for day in days if day not in there])


def _days_with(connection: Connection, question: Question, count: str, today: date) -> list[date]:
    """Return the days on which a count may have calls: those without a roll-up too."""
    days = _days(connection, question, today)
    if not days:
        return []
    there = rolled_up(connection, days[0], days[-1]) - {today}
    empty = {
        day for day, cells in read_days(connection, there, cut=False) if not has_any(cells, question, count)
    }
    return [day for day in days if day not in empty]
