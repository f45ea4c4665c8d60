"""Figures on a database: from roll-ups where there are any, from the event log where not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy.engine import Connection

from acd.skills import office_day
from acd.tables_csv import CsvRefused
from domain.clock import Clock
from reporting.adherence import AdherenceOf, AdherenceUnavailable
from reporting.asking import CallSeen, Dimension, FiguresUnavailable, Interval, Line, Question, Within
from reporting.counting import count
from reporting.counting_tally import CallTally, CellTally
from reporting.facts import DayFacts, Places, ServiceLevels
from reporting.own_day import OwnDay, own_day
from reporting.rollup import NotReadable
from reporting.rollup_lines import Adding, check, check_calls, cuts_days, fits, has_any, quarters_of
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
from storage.figure_facts import Outcomes, first_seen, read_facts, read_facts_of
from storage.figure_tallies import FRESH, TalliesOfDays
from storage.vault import VaultProblem

T = TypeVar("T")

_Reads = Callable[[Connection, date, Outcomes, datetime | None], DayFacts]

MOST_COUNTED = 10  # days that one question may count from the event log because they have no roll-up
_TIMES = 10  # the day at hand is good for so many times what counting it took,
_LEAST = 1.0  # and for so many seconds at least
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
    """Counts a day from the event log, the day at hand until now. Raises FiguresUnavailable."""

    def __init__(self, database: Database, tables: Tables, clock: Clock) -> None:
        self._database = database
        self._tables = tables
        self._clock = clock

    async def day(self, day: date) -> DayCells:
        """Return the cells of a day of the office."""
        facts, places = await self._facts(day)
        return await asyncio.to_thread(self._count, facts, places)

    async def calls(self, day: date, only: Mapping[Dimension, Collection[str]] | None = None) -> CallTally:
        """Return what the day's calls gave to its counts.

        `only`: of agents or teams alone, no more is read than the calls they had a part in; what the tally
        has of others is not all of it.
        """
        places = await self._places(day)
        agents = None if only is None else _agents(only, places)
        read = read_facts if agents is None else partial(read_facts_of, agents=agents)
        facts = await self._read(day, read)
        return await asyncio.to_thread(self._calls, facts, places)

    async def own(self, agent: str, day: date) -> OwnDay:
        """Return one agent's work on a day of the office (`reporting.own_day.OwnDays`)."""
        places = await self._places(day)
        facts = await self._read(day, partial(read_facts_of, agents=[agent]))
        seconds = self._tables.levels.on(day).seconds
        return await asyncio.to_thread(own_day, facts, places, seconds, agent)

    async def _facts(self, day: date) -> tuple[DayFacts, Places]:
        places, facts = await self._places(day), await self._read(day, read_facts)
        if self._tables.adherence is not None:
            try:
                facts = replace(facts, adherence=await self._tables.adherence.of(day, day))
            except AdherenceUnavailable as error:
                raise FiguresUnavailable(str(error)) from error
        return facts, places

    async def _places(self, day: date) -> Places:
        try:
            return await self._tables.places.on(day)
        except (DatabaseProblem, VaultProblem, CsvRefused) as error:
            raise FiguresUnavailable(str(error)) from error

    async def _read(self, day: date, how: _Reads) -> DayFacts:
        outcomes, now = self._tables.outcomes, self._clock.now()
        until = now if office_day(now) == day else None
        try:
            return await asyncio.to_thread(self._database.read_now, lambda c: how(c, day, outcomes, until))
        except DatabaseProblem as error:
            raise FiguresUnavailable(str(error)) from error

    def _count(self, facts: DayFacts, places: Places) -> DayCells:
        tally = CellTally(facts.begins)
        count(facts, places, self._tables.levels.on(facts.day).seconds, tally)
        return DayCells(facts.day, tally.day(), tally.quarters())

    def _calls(self, facts: DayFacts, places: Places) -> CallTally:
        tally = CallTally(facts.begins)
        count(facts, places, self._tables.levels.on(facts.day).seconds, tally)
        return tally


class DurableFigures:
    """A `reporting.asking.Figures` on a database."""

    def __init__(self, database: Database, counter: DayCounter, clock: Clock) -> None:
        self._database = database
        self._counter = counter
        self._clock = clock
        self._today: tuple[float, DayCells] | None = None  # until when it is good, on the monotonic clock
        self._counting = asyncio.Lock()
        self._tallies = TalliesOfDays(counter, clock)

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
        self, question: Question, count: str, limit: int = 100, after: str = "", within: Within | None = None
    ) -> Sequence[CallSeen]:
        """Return the calls behind a count, oldest first."""
        check_calls(question, count)
        days = await self._read(lambda c: _days_with(c, question, count, self._clock_day()))
        begun = (await self._read(lambda c: first_seen(c, after))) if after else None
        found: dict[str, CallSeen] = {}
        started = not after
        for day in days:
            quarters = None if within is None else quarters_of(day, within)
            if (begun is not None and day < begun) or quarters == range(0):
                continue
            tally = await self._tallies.of(day, question.only)
            for call in tally.found(count, lambda key: fits(key, question.only), quarters):
                if started and call.call_id != after and len(found) < limit:
                    found.setdefault(call.call_id, tally.call(call))
                started = started or call.call_id == after
            if len(found) >= limit:
                break
        return list(found.values())

    def _clock_day(self) -> date:
        return office_day(self._clock.now())

    async def _counted(self, day: date) -> DayCells:
        if day != self._clock_day():
            return await self._counter.day(day)
        async with self._counting:
            begun = self._clock.monotonic()
            if self._today is None or self._today[1].day != day or begun > self._today[0]:
                found = await self._counter.day(day)
                ended = self._clock.monotonic()
                self._today = (ended + min(max(_TIMES * (ended - begun), _LEAST), FRESH), found)
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


def _agents(only: Mapping[Dimension, Collection[str]], places: Places) -> Collection[str] | None:
    """Return to whose work a question is narrowed; None: to nobody's, or to what has no agent."""
    agents, teams = only.get(Dimension.AGENT), only.get(Dimension.TEAM)
    if agents is not None and "" not in agents:
        return agents
    return None if teams is None or "" in teams else places.members(teams)


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
