"""Finds the days that rows came in for after they were rolled up. Blocking.

Every source is looked through from its mark on, and a good while before it: a row gets its number or time
when it is made, and may be stored later. A day too many costs a second of work, a day too few is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from acd.skills import office_day
from storage.attempt_tables import attempts
from storage.figure_days import days_of
from storage.figure_tables import figure_marks
from storage.interaction_tables import interaction_notes
from storage.tables import floor_agents, floor_entries, floor_legs, floor_offers

NEAR = timedelta(minutes=10)  # how far a usual look goes back before the mark
FAR = timedelta(hours=36)  # likewise the one of the night: rows may have waited for a database that was away
_LONGEST = timedelta(days=1)  # that a phase or state counts for
_FLOOR, _NOTES, _ATTEMPTS, SCHEDULES, NIGHT = "floor", "notes", "attempts", "schedules", "night"


def late_days(connection: Connection, now: datetime, back: timedelta) -> set[date]:
    """Return the days of the office that rows came in for since the last look, and move the marks."""
    found = set(_of_floor(connection, back))
    found |= set(_of_notes(connection, back)) | set(_of_attempts(connection, back))
    put_mark(connection, _FLOOR, str(time.time_ns()))  # `n` of the floor's rows counts nanoseconds
    for source in (_NOTES, _ATTEMPTS):
        put_mark(connection, source, now.isoformat())
    return found


def mark_of(connection: Connection, source: str) -> str:
    """Return how far a source was looked through; empty: never."""
    c = figure_marks.c
    return connection.execute(sa.select(c.mark).where(c.source == source)).scalar() or ""


def put_mark(connection: Connection, source: str, mark: str) -> None:
    """Note how far a source was looked through."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(figure_marks).values(source=source, mark=mark)
    same = {"mark": statement.excluded.mark}
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=same))


def time_of(mark: str, back: timedelta) -> datetime:
    """Return the time from which a source with such a mark is to be looked through."""
    return datetime.fromisoformat(mark) - back if mark else datetime(2000, 1, 1, tzinfo=UTC)


def _of_floor(connection: Connection, back: timedelta) -> Iterator[date]:
    since = max(0, int(mark_of(connection, _FLOOR) or 0) - int(back.total_seconds()) * 1_000_000_000)
    for table in (floor_legs, floor_agents):
        hours = _hour(connection, table.c.at)
        longest = sa.func.max(table.c.seconds)
        query = sa.select(sa.func.min(table.c.at), sa.func.max(table.c.at), longest).group_by(hours)
        for first, last, seconds in connection.execute(query.where(table.c.n > since)):
            yield from _days(first - min(_LONGEST, timedelta(seconds=seconds or 0)), last)
    entries, offers = floor_entries.c, floor_offers.c
    # What became of a call counts on the day on which it entered: its place in line tells it.
    for column, n in ((entries.at, entries.n), (entries.since, entries.n), (offers.at, offers.n)):
        query = sa.select(sa.func.min(column), sa.func.max(column)).where(n > since)
        for first, last in connection.execute(query.group_by(_hour(connection, column))):
            yield from _days(first, last)


def _of_notes(connection: Connection, back: timedelta) -> Iterator[date]:
    """Yield the days of the calls that notes were written or corrected about."""
    notes, legs, entries = interaction_notes.c, floor_legs.c, floor_entries.c
    changed = sa.select(notes.call_id).where(notes.at > time_of(mark_of(connection, _NOTES), back))
    for at, of in ((legs.at, legs.call_id), (entries.at, entries.call_id)):
        query = sa.select(sa.func.min(at), sa.func.max(at)).where(of.in_(changed))
        for first, last in connection.execute(query.group_by(_hour(connection, at))):
            yield from _days(first, last)


def _of_attempts(connection: Connection, back: timedelta) -> Iterator[date]:
    c = attempts.c
    query = sa.select(sa.func.min(c.intended_at), sa.func.max(c.intended_at))
    query = query.where(c.ended_at > time_of(mark_of(connection, _ATTEMPTS), back))
    for first, last in connection.execute(query.group_by(_hour(connection, c.intended_at))):
        yield from _days(first, last)


def _days(first: datetime, last: datetime) -> Collection[date]:
    return list(days_of(office_day(first), office_day(last)))


def _hour(connection: Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the hour in which a time lies, to group by: the office's days begin with one."""
    if connection.dialect.name == "sqlite":
        return sa.func.substr(sa.cast(column, sa.String), 1, 13)
    return sa.func.date_trunc("hour", column)
