"""Counts of chat and e-mail on a database: of one day, agent and team the newest import holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting.channels import (
    COUNTED,
    ChannelImport,
    ChannelRow,
    ChannelsUnavailable,
    ChannelTaken,
)
from storage.database import Database, DatabaseProblem
from storage.figure_days import mark_stale
from storage.figure_tables import figure_channels, figure_imports

_C, _I = figure_channels.c, figure_imports.c
_COLUMNS = (_C.day, _C.agent, _C.team, *(_C[name] for name in COUNTED))


class DurableChannels:
    """A `reporting.channels.ChannelCounts` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_in(self, rows: Sequence[ChannelRow], by: str, at: datetime) -> ChannelTaken:
        """Keep all rows or none; roll-ups of days whose counts changed are made again."""
        try:
            return await self._database.write(lambda connection: _take_in(connection, rows, by, at))
        except DatabaseProblem as error:
            raise ChannelsUnavailable(str(error)) from error

    async def rows(self, first: date, last: date) -> Sequence[ChannelRow]:
        """Return what is kept of these days, by day, team and agent."""
        try:
            found = await self._database.read(lambda c: channels_that_hold(c, first, last))
        except DatabaseProblem as error:
            raise ChannelsUnavailable(str(error)) from error
        return [ChannelRow(*row) for row in found]

    async def imports(self, most: int = 20) -> Sequence[ChannelImport]:
        """Return the latest files that were taken in, newest first."""
        query = sa.select(figure_imports).order_by(_I.import_id.desc()).limit(most)
        try:
            found = await self._database.read(lambda connection: connection.execute(query).all())
        except DatabaseProblem as error:
            raise ChannelsUnavailable(str(error)) from error
        return [
            ChannelImport(row.at, row.who, row.first, row.last, ChannelTaken(row.new, row.replaced, row.same))
            for row in found
        ]


def channels_that_hold(connection: Connection, first: date, last: date) -> Sequence[Any]:
    """Return the rows in force of these days, in the order of a ChannelRow's fields. Blocking."""
    later = figure_channels.alias().c
    newer = sa.exists().where(
        later.day == _C.day, later.agent == _C.agent, later.team == _C.team, later.import_id > _C.import_id
    )
    query = sa.select(*_COLUMNS).where(_C.day >= first, _C.day <= last, ~newer)
    return connection.execute(query.order_by(_C.day, _C.team, _C.agent)).all()


def _take_in(connection: Connection, rows: Sequence[ChannelRow], by: str, at: datetime) -> ChannelTaken:
    if not rows:
        return ChannelTaken(0, 0, 0)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE figure_imports IN SHARE ROW EXCLUSIVE MODE"))
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    before = {row[:3]: tuple(row[3:]) for row in channels_that_hold(connection, first, last)}
    given = {(row.day, row.agent, row.team): tuple(getattr(row, name) for name in COUNTED) for row in rows}
    new = given.keys() - before.keys()
    changed = {place for place, counts in given.items() if place in before and before[place] != counts}
    taken = ChannelTaken(len(new), len(changed), len(given) - len(new) - len(changed))
    counted = {"new": taken.new, "replaced": taken.replaced, "same": taken.same}
    number = (connection.execute(sa.select(sa.func.max(_I.import_id))).scalar() or 0) + 1
    values = {"import_id": number, "at": at, "who": by, "first": first, "last": last, **counted}
    connection.execute(sa.insert(figure_imports).values(values))
    kept = [
        {"import_id": number, "day": day, "agent": agent, "team": team,
         **dict(zip(COUNTED, given[day, agent, team], strict=True))}
        for day, agent, team in sorted(new | changed)
    ]  # fmt: skip
    if kept:
        connection.execute(sa.insert(figure_channels), kept)
        mark_stale(connection, {place[0] for place in new | changed})
    return taken
