"""Dispositions and skips on a database. Append-only; nothing in them is personal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dialer.disposed import NO_DISPOSITION, Disposed, DispositionsUnavailable, DispositionTaken, Skipped
from storage.kept import Kept
from storage.outbound_tables import outbound_dispositions, outbound_skips

_columns = outbound_dispositions.c
_later = outbound_dispositions.alias()
_LAST = ~sa.exists().where(_later.c.call_id == _columns.call_id, _later.c.number > _columns.number)


class DurableDispositions(Kept):
    """A `dialer.disposed.DispositionRecord` on a database."""

    unavailable = DispositionsUnavailable

    async def of(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions, oldest first; the last one counts."""
        query = sa.select(outbound_dispositions).where(_columns.call_id == call_id)
        return await self._found(query.order_by(_columns.number))

    async def add(self, row: Disposed) -> None:
        """Make one durable. Raises DispositionTaken if its `number` is taken."""
        values = _values(outbound_dispositions, row)

        def work(connection: Connection) -> bool:
            insert = _insert(connection, outbound_dispositions).values(**values)
            kept = insert.on_conflict_do_nothing().returning(_columns.number)
            return connection.execute(kept).first() is not None

        if not await self._write(work):
            raise DispositionTaken(f"disposition {row.number} of this call is kept already")

    async def applied(self, call_id: str, number: int, at: datetime) -> None:
        """Lead and suppressions have followed it. Idempotent."""
        which = (_columns.call_id == call_id, _columns.number == number, _columns.applied_at.is_(None))
        change = sa.update(outbound_dispositions).where(*which).values(applied_at=at)
        await self._write(lambda connection: connection.execute(change))

    async def pending(self, before: datetime, most: int = 100) -> Sequence[Disposed]:
        """Return dispositions from before a time that nothing has followed yet, oldest first."""
        which = (_columns.applied_at.is_(None), _columns.at < before)
        query = sa.select(outbound_dispositions).where(*which)
        return await self._found(query.order_by(_columns.at, _columns.call_id).limit(most))

    async def undisposed(
        self, since: datetime, agents: Sequence[str] | None, most: int = 200
    ) -> Sequence[Disposed]:
        """Return calls since a time whose last disposition is NO_DISPOSITION, newest first."""
        query = sa.select(outbound_dispositions).where(
            _columns.code == NO_DISPOSITION, _columns.at >= since, _LAST
        )
        if agents is not None:
            query = query.where(_columns.agent.in_(agents))
        return await self._found(query.order_by(_columns.at.desc(), _columns.call_id).limit(most))

    async def skip(self, row: Skipped) -> None:
        """Make a skip durable. Idempotent by `skip_id`."""
        values = _values(outbound_skips, row)

        def work(connection: Connection) -> None:
            insert = _insert(connection, outbound_skips).values(**values)
            connection.execute(insert.on_conflict_do_nothing())

        await self._write(work)

    async def _found(self, query: "sa.Select[Any]") -> Sequence[Disposed]:
        def work(connection: Connection) -> Sequence[Any]:
            return connection.execute(query).all()

        rows = await self._read(work)
        return [_disposed(row) for row in rows]


def _insert(connection: Connection, table: sa.Table) -> Any:
    """Return the dialect's INSERT that can pass over a row that is there."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _values(table: sa.Table, row: Disposed | Skipped) -> dict[str, Any]:
    """Return a row's columns; `by` is a word of SQL, so its column is `done_by`."""
    return {
        column.name: getattr(row, "by" if column.name == "done_by" else column.name) for column in table.c
    }


def _disposed(row: Any) -> Disposed:
    found = dict(row._mapping)
    return Disposed(by=found.pop("done_by"), **found)
