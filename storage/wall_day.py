"""The entries of the waiting room as they come in, for the wallboard's counts of today."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import OFFICE_ZONE
from domain.floor_log import EntryRow
from reporting.wall_thresholds import WallUnavailable
from storage.attempt_tables import attempts
from storage.floor_rows import entry_of
from storage.kept import Kept
from storage.tables import floor_entries

_BEFORE = timedelta(hours=12)  # a call of a day may have entered before midnight
_E = floor_entries.c
# Whom we called is no incoming call, in whatever queue; who rings us is one, in a queue of campaigns too.
_ENTRIES = sa.select(floor_entries, attempts.c.attempt_id.label("ours")).outerjoin(
    attempts, attempts.c.attempt_id == _E.call_id
)


class EntriesOfDay(Kept):
    """Reads rows of calls that came in, in the order of writing, each once."""

    unavailable = WallUnavailable

    async def since(self, day: date) -> tuple[int, Sequence[EntryRow]]:
        """Return the rows of an office's day and shortly before, and the number of the last row there is.

        Raises WallUnavailable.
        """
        begins = datetime.combine(day, time(), OFFICE_ZONE) - _BEFORE
        query = _ENTRIES.where(_E.at >= begins).order_by(_E.n)

        def work(connection: Connection) -> tuple[int, list[EntryRow]]:
            last = connection.execute(sa.select(sa.func.max(_E.n))).scalar() or 0
            return last, [
                entry_of(row) for row in connection.execute(query) if row.n <= last and row.ours is None
            ]

        return await self._read(work)

    async def after(self, number: int) -> tuple[int, Sequence[EntryRow]]:
        """Return the rows after a number, and the number of the last one. Raises WallUnavailable."""
        query = _ENTRIES.where(_E.n > number).order_by(_E.n)

        def work(connection: Connection) -> tuple[int, list[EntryRow]]:
            rows = connection.execute(query).all()
            last = max((row.n for row in rows), default=number)
            return last, [entry_of(row) for row in rows if row.ours is None]

        return await self._read(work)
