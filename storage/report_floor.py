"""The floor's rows of some days, in the order of writing, for the export of a `queue_log`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import OFFICE_ZONE, Skillbook
from domain.floor_log import FloorRow
from reporting.reports_queue_log import QueueLog
from storage.database import Database
from storage.floor_rows import agent_of, entry_of, leg_of
from storage.tables import floor_agents, floor_entries, floor_legs

_BEFORE = timedelta(days=1)  # read ahead of the first day: calls that were there when it began
_AT_ONCE = timedelta(hours=1)
_TABLES: tuple[tuple[sa.Table, Callable[[Any], FloorRow]], ...] = (
    (floor_entries, entry_of),
    (floor_legs, leg_of),
    (floor_agents, agent_of),
)


def write_queue_log(
    database: Database, book: Skillbook, days: tuple[date, date], write: Callable[[str], object]
) -> int:
    """Hand over the lines of these days of the office, first and last included; return how many.

    Days that follow each other have every event once. Blocking; raises storage.database.DatabaseProblem.
    """
    begin = datetime.combine(days[0], time.min, OFFICE_ZONE)
    end = datetime.combine(days[1] + timedelta(days=1), time.min, OFFICE_ZONE)

    def work(connection: Connection) -> int:
        log = QueueLog(lambda agent: queues_of(book, agent, begin), _declared(connection, begin - _BEFORE))
        count = 0
        for event in log.events(_rows(connection, begin - _BEFORE, end)):
            if begin <= event.at < end:
                write(event.line() + "\n")
                count += 1
        return count

    return database.read_now(work)


def queues_of(book: Skillbook, agent: str, at: datetime) -> list[str]:
    """Return the queues that an agent can serve, now or once rings have widened; none: no such agent."""
    if agent not in book.agents:
        return []
    skills = {one.skill for one in book.competences_of(agent) if one.holds(at)}
    found = []
    for queue in book.requirements:
        need = book.requirement(queue)
        if need is not None and skills & set(book.chain(need.skill)):
            found.append(queue)
    return found


def _declared(connection: Connection, before: datetime) -> dict[str, str]:
    """Return what every agent had declared at a moment."""
    rows = floor_agents.c
    last = sa.select(sa.func.max(rows.n)).where(rows.at < before).group_by(rows.agent)
    query = sa.select(rows.agent, rows.declared).where(rows.n.in_(last))
    return {row.agent: row.declared for row in connection.execute(query)}


def _rows(connection: Connection, begin: datetime, end: datetime) -> Iterator[FloorRow]:
    """Yield rows by time, those of one moment as they were written; an hour of them in memory at once."""
    while begin < end:
        until = min(begin + _AT_ONCE, end)
        found: list[tuple[datetime, int, FloorRow]] = []
        for table, made in _TABLES:
            query = sa.select(table).where(table.c.at >= begin, table.c.at < until)
            found += [(row.at, row.n, made(row)) for row in connection.execute(query)]
        for _, _, row in sorted(found, key=itemgetter(0, 1)):
            yield row
        begin = until
