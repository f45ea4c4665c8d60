"""What was ticked on the scripts of a call, by all its agents."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.script import Tick, TicksUnavailable
from storage.interaction_tables import script_ticks
from storage.kept import Kept


class CallTicks(Kept):
    """A `web.review_port.CallTicks` on a database."""

    unavailable = TicksUnavailable

    async def of_call(self, call_id: str) -> Sequence[Tick]:
        """Return every agent's ticks, oldest first. Raises TicksUnavailable."""
        columns = script_ticks.c
        query = sa.select(script_ticks).where(columns.call_id == call_id).order_by(columns.number)

        def work(connection: Connection) -> Sequence[Tick]:
            rows = connection.execute(query).all()
            return [Tick(row.script, row.step, row.done, row.answer, row.at) for row in rows]

        return await self._read(work)
