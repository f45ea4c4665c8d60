"""Agents' states out of the floor's record, and what schedules make of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import WIB, office_day
from domain.clock import Clock
from reporting.adherence import (
    SIGNED_OUT,
    Adherence,
    AdherenceRules,
    AdherenceUnavailable,
    Away,
    State,
    judge,
)
from reporting.schedule import Shift, runs_over
from reporting.schedule_book import Exempt, SchedulesUnavailable
from reporting.schedule_rules import ScheduleRules
from storage.database import Database
from storage.kept import Kept
from storage.schedules import DurableSchedules, read_exempted, read_shifts
from storage.tables import floor_agents

# A state counts for at most this long: longer ones are what a restart found after days.
_LONGEST = timedelta(days=1)
_PAGE = 5_000  # rows in memory at once
_ONE = timedelta(days=1)


class DurableAdherence(Kept):
    """A `reporting.adherence.AdherenceOf` over the book of schedules and the floor's record."""

    unavailable = AdherenceUnavailable

    def __init__(self, database: Database, rules: ScheduleRules, clock: Clock) -> None:
        super().__init__(database)
        self._rules, self._clock = rules, clock
        self._book = DurableSchedules(database)

    async def of(self, first: date, last: date, agents: Collection[str] = ()) -> Sequence[Adherence]:
        """Return the days of these agents (empty: all) with something of a shift, by day and agent."""
        until = self._clock.now()
        return await self._read(lambda c: self.read(c, first, last, agents, until))

    async def changed(self, since: datetime) -> Collection[date]:
        """Return the days whose shifts or exceptions changed at or after a time."""
        try:
            return await self._book.changed(since)
        except SchedulesUnavailable as error:
            raise AdherenceUnavailable(str(error)) from error

    async def signed_in(self, agent: str, day: date) -> timedelta:
        """Return how long an agent was signed in on a day of the office, so far."""
        begins, ends = _midnight(day), min(_midnight(day + _ONE), self._clock.now())
        found = await self._read(lambda c: read_states(c, begins, ends, {agent}))
        mine = [one for one in found.get(agent, ()) if one.declared != SIGNED_OUT]
        parts = (min(one.ends, ends) - max(one.begins, begins) for one in mine)
        return sum((max(part, timedelta()) for part in parts), timedelta())

    def read(
        self, connection: Connection, first: date, last: date, agents: Collection[str], until: datetime
    ) -> list[Adherence]:
        """Return the same, a day at a time so that memory stays small. Blocking."""
        found = list[Adherence]()
        last = min(last, office_day(until))
        shifts = read_shifts(connection, first - _ONE, last, agents)
        exempt = _by_agent(read_exempted(connection, first - _ONE, last + _ONE, agents)) if shifts else {}
        by_day: dict[date, list[Shift]] = {}
        for one in shifts:
            by_day.setdefault(one.day, []).append(one)
            if runs_over(one):
                by_day.setdefault(one.day + _ONE, []).append(one)
        for day in sorted(one for one in by_day if first <= one <= last):
            found += self._day(connection, day, by_day[day], exempt, until)
        return found

    def _day(
        self,
        connection: Connection,
        day: date,
        shifts: Sequence[Shift],
        exempt: Mapping[str, Sequence[Away]],
        until: datetime,
    ) -> list[Adherence]:
        ends = min(_midnight(day + _ONE), until)
        # Of many, one look at the time's rows is cheaper than one at each agent's.
        agents = {one.agent for one in shifts} if len(shifts) <= _FEW else frozenset()
        states = dict(read_states(connection, _midnight(day), ends, agents))
        over = {one.agent for one in shifts if one.day < day}
        if over:
            # Whether who works after midnight ever came, and which call ran over, is of the evening before.
            states |= read_states(connection, _midnight(day - _ONE), ends, over)
        by_agent: dict[str, list[Shift]] = {}
        for one in shifts:
            by_agent.setdefault(one.agent, []).append(one)
        return [
            judge(
                day,
                sorted(mine, key=lambda one: one.day),
                states.get(agent, ()),
                exempt.get(agent, ()),
                self._rules_on,
                until,
            )
            for agent, mine in sorted(by_agent.items())
        ]

    def _rules_on(self, day: date) -> AdherenceRules:
        return self._rules.activities(day).rules


_FEW = 20


def read_states(
    connection: Connection, begins: datetime, ends: datetime, agents: Collection[str]
) -> Mapping[str, Sequence[State]]:
    """Return agent → states in order that touch a time; no agents: all. Blocking.

    The last state goes on to the end of the time: the record has no row for what still lasts.
    """
    rows = floor_agents.c
    columns = (rows.agent, rows.at, rows.declared, rows.observed, rows.reason)
    within = sa.select(*columns, rows.n).where(rows.at >= begins, rows.at < ends)
    last = sa.select(sa.func.max(rows.n)).where(rows.at >= begins - _LONGEST, rows.at < begins)
    if agents:
        within, last = within.where(rows.agent.in_(agents)), last.where(rows.agent.in_(agents))
    before = sa.select(*columns, rows.n).where(rows.n.in_(last.group_by(rows.agent)))
    changes: dict[str, list[Any]] = {}
    for query in (before, within):
        options = {"yield_per": _PAGE}
        for row in connection.execute(query.order_by(rows.n), execution_options=options):
            changes.setdefault(row.agent, []).append(row)
    return {agent: _states(found, ends) for agent, found in changes.items()}


def _states(changes: Sequence[Any], ends: datetime) -> Sequence[State]:
    found = []
    for row, following in pairwise([*changes, None]):
        until = min(ends if following is None else following.at, row.at + _LONGEST)
        if row.at < until:
            found.append(State(row.at, until, row.declared, row.observed, row.reason))
    return found


def _by_agent(exempt: Sequence[Exempt]) -> Mapping[str, Sequence[Away]]:
    found: dict[str, list[Away]] = {}
    for one in exempt:
        found.setdefault(one.agent, []).append(one.away)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, WIB).astimezone(UTC)
