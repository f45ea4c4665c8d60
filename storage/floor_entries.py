"""The floor's record of calls that may still live: read once, after a restart."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from domain.call_log import CallLogUnavailable
from domain.floor_log import EntryRow
from storage.database import Database, DatabaseProblem
from storage.floor_rows import entry_of
from storage.tables import callbacks, calls, floor_entries


async def entries_of_live_calls(database: Database) -> Sequence[EntryRow]:
    """Return the last row of every call that has not ended or is to be called back, oldest first.

    Raises CallLogUnavailable.
    """
    try:
        rows = await database.read(lambda connection: connection.execute(_query()).all())
    except DatabaseProblem as error:
        raise CallLogUnavailable(str(error)) from error
    return [entry_of(row) for row in rows]


def _query() -> "sa.Select[Any]":
    alive = sa.union(
        sa.select(calls.c.call_id).where(calls.c.ended_at.is_(None)),
        sa.select(callbacks.c.call_id).where(callbacks.c.closed_at.is_(None)),
    ).subquery()
    last = (
        sa.select(sa.func.max(floor_entries.c.n))
        .join(alive, alive.c.call_id == floor_entries.c.call_id)
        .group_by(floor_entries.c.call_id)
    )
    return sa.select(floor_entries).where(floor_entries.c.n.in_(last)).order_by(floor_entries.c.n)
