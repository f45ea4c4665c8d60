"""Reads the floor's record about one call, for explanations. Figures are read by `figure_facts.py`."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.floor_log import FloorRow
from storage.database import Database
from storage.floor_rows import entry_of, leg_of, offer_of, supervision_of
from storage.tables import floor_entries, floor_legs, floor_offers, floor_supervision


class FloorReader:
    """Reads the record. What is no coroutine blocks and raises `storage.database.DatabaseProblem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_call(self, call_id: str) -> list[FloorRow]:
        """Return every row about a call, in the order of writing."""

        def work(connection: Connection) -> list[FloorRow]:
            found: list[tuple[int, FloorRow]] = []
            for table, made in _OF_CALL:
                rows = connection.execute(sa.select(table).where(table.c.call_id == call_id))
                found += [(row.n, made(row)) for row in rows]
            return [row for _, row in sorted(found, key=lambda one: one[0])]

        return self._database.read_now(work)


_OF_CALL = (
    (floor_entries, entry_of),
    (floor_offers, offer_of),
    (floor_legs, leg_of),
    (floor_supervision, supervision_of),
)
