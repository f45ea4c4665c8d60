"""Roll-ups on a database: a day's cells, whole and cut into quarters, and the sums of months. Blocking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from acd.skills import office_day
from reporting.rollup import Cells, joined, pack, unpack
from storage.attempt_tables import attempts
from storage.figure_tables import figure_channels, figure_days, figure_months
from storage.tables import calls, floor_agents, floor_entries, floor_legs

_D, _M = figure_days.c, figure_months.c
_ONE = timedelta(days=1)
_FIRSTS = (calls.c.started_at, floor_entries.c.at, floor_agents.c.at, floor_legs.c.at, attempts.c.ended_at)


@dataclass(frozen=True, slots=True)
class DayCells:
    """What was counted of one day."""

    day: date
    cells: Cells  # not cut
    quarters: Cells


def first_day(connection: Connection) -> date | None:
    """Return the first day of the office that anything is on record of; None: nothing is."""
    times = [connection.execute(sa.select(sa.func.min(column))).scalar() for column in _FIRSTS]
    days = [office_day(at) for at in times if at is not None]
    channels = connection.execute(sa.select(sa.func.min(figure_channels.c.day))).scalar()
    return min([*days, *([channels] if channels else [])], default=None)


def days_of(first: date, last: date) -> Iterable[date]:
    """Return the days from the first to the last one."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def last_of(month: date) -> date:
    """Return the last day of a month, given by its first day."""
    return month_of(month + timedelta(days=31)) - _ONE


def rolled_up(connection: Connection, first: date, last: date) -> set[date]:
    """Return the days that have a roll-up which holds."""
    query = sa.select(_D.day).where(_D.day >= first, _D.day <= last, ~_D.stale)
    return set(connection.scalars(query))


def read_days(connection: Connection, days: Collection[date], *, cut: bool) -> Iterable[tuple[date, Cells]]:
    """Yield the cells of days that are rolled up, in order; one that cannot be read is left out."""
    if not days:
        return
    column = _D.quarters if cut else _D.cells
    query = sa.select(_D.day, column).where(_D.day >= min(days), _D.day <= max(days), ~_D.stale)
    wanted = set(days)
    for day, stored in connection.execute(query.order_by(_D.day), execution_options={"yield_per": 16}):
        if day in wanted:
            yield day, _opened(stored)


def summed_months(connection: Connection, first: date, last: date) -> list[date]:
    """Return the months that lie between two days with all their days and are summed."""
    query = sa.select(_M.month).where(_M.month >= first, _M.month <= last).order_by(_M.month)
    return [month for month in connection.scalars(query) if last_of(month) <= last]


def read_months(connection: Connection, months: Collection[date]) -> Iterable[tuple[date, Cells]]:
    """Yield the sums of months, in order."""
    if months:
        query = sa.select(_M.month, _M.cells).where(_M.month.in_(sorted(months))).order_by(_M.month)
        for month, stored in connection.execute(query):
            yield month, _opened(stored)


def put_day(connection: Connection, found: DayCells, at: datetime, *, stale: bool) -> None:
    """Keep a day's roll-up in place of the one before; its month is to be summed again."""
    cells, quarters = pack(found.cells), pack(found.quarters)
    _upsert(
        connection,
        figure_days,
        {"day": found.day, "made_at": at, "stale": stale, "cells": cells, "quarters": quarters},
    )
    connection.execute(sa.delete(figure_months).where(_M.month == month_of(found.day)))


def mark_stale(connection: Connection, days: Collection[date]) -> int:
    """Let roll-ups be made again; return how many there were."""
    if not days:
        return 0
    within = sa.update(figure_days).where(_D.day.in_(sorted(days)), ~_D.stale)
    connection.execute(sa.delete(figure_months).where(_M.month.in_({month_of(day) for day in days})))
    return connection.execute(within.values(stale=True)).rowcount


def sum_months(connection: Connection, at: datetime) -> int:
    """Sum the months that are over, have all their days and are not summed yet; return how many."""
    first, today = first_day(connection), office_day(at)
    if first is None:
        return 0
    done = 0
    there = set(connection.scalars(sa.select(_M.month)))
    for month in sorted({month_of(day) for day in days_of(first, today)} - there):
        days = set(days_of(max(month, first), last_of(month)))
        if last_of(month) >= today or rolled_up(connection, month, last_of(month)) < days:
            continue
        cells = joined([cells for _, cells in read_days(connection, days, cut=False)])
        _upsert(connection, figure_months, {"month": month, "made_at": at, "cells": pack(cells)})
        done += 1
    return done


def drop(connection: Connection) -> None:
    """Let every roll-up go, to be made anew."""
    connection.execute(sa.delete(figure_months))
    connection.execute(sa.delete(figure_days))


def is_unfinished(connection: Connection, first: datetime, last: datetime) -> bool:
    """Return whether a call begun in a time still goes on: its day is not yet what it will be."""
    begun = sa.select(calls.c.call_id).where(calls.c.started_at >= first, calls.c.started_at < last)
    return connection.execute(begun.where(calls.c.ended_at.is_(None)).limit(1)).first() is not None


def _opened(stored: bytes) -> Cells:
    return unpack(bytes(stored))


def _upsert(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    key = [column.name for column in table.primary_key]
    statement = insert(table).values(values)
    others = {name: statement.excluded[name] for name in values if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=others))
