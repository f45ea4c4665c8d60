"""How the floor log's thread writes rows: one transaction per batch, few statements."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from storage.floor_rows import TABLES, TableRow, open_legs
from storage.sessions import ManyRows, PostgresSession, SqliteSession, columns

Batch = Mapping[str, Sequence[TableRow]]
"""Table → its rows, in order."""


class FloorWriter(Protocol):
    """Writes batches on a connection of its own, from one thread."""

    def write(self, batch: Batch) -> None:
        """Write all in one transaction; rows whose `n` is there already are left as they are.

        Raises RowConflict (a leg's row is there under another `n`) or WriteFailed; then nothing was
        written.
        """
        ...

    def renew(self) -> None:
        """Let the connection go and make another. Raises WriteFailed."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


_WIDTHS = {
    "floor_legs": 10,
    "floor_offers": 9,
    "floor_agents": 9,
    "floor_supervision": 7,
    "floor_entries": 7,
}
_INSERT = {
    table: ManyRows(f"INSERT INTO {table} VALUES", width, "ON CONFLICT (n) DO NOTHING")
    for table, width in _WIDTHS.items()
}
_OPENED = ManyRows("INSERT OR REPLACE INTO floor_open_legs VALUES", 2)


class SqliteFloorWriter(SqliteSession):
    """Writes the floor log to SQLite."""

    def write(self, batch: Batch) -> None:
        """Write all in one transaction."""
        opened, closed = open_legs(batch.get("floor_legs", ()))

        def insert(db: sqlite3.Connection) -> None:
            for table in TABLES:
                _INSERT[table].run(db, batch.get(table, ()))
            _OPENED.run(db, opened)
            if closed:
                db.executemany("DELETE FROM floor_open_legs WHERE leg=?", [(leg,) for leg in closed])

        self.transaction(insert)


class PostgresFloorWriter(PostgresSession):
    """Writes the floor log to PostgreSQL."""

    def write(self, batch: Batch) -> None:
        """Write all in one transaction."""
        opened, closed = open_legs(batch.get("floor_legs", ()))
        statements: list[tuple[str, list[Any]]] = [
            (_PG_INSERT[table], columns(batch[table])) for table in TABLES if batch.get(table)
        ]
        if opened:
            statements.append((_PG_OPENED, columns(opened)))
        if closed:
            statements.append((_PG_CLOSED, [closed]))
        self.transaction(statements)


_PG_TYPES = {
    "floor_legs": "int8 text int4 timestamptz text text text float8 text bool",
    "floor_offers": "int8 int8 timestamptz text text text int4 float8 text",
    "floor_agents": "int8 text timestamptz text text text text text float8",
    "floor_supervision": "int8 timestamptz text text text text text",
    "floor_entries": "int8 text timestamptz text text timestamptz text",
}
_PG_INSERT = {
    table: f"INSERT INTO {table} SELECT * FROM "  # noqa: S608 - constants only
    f"unnest({', '.join(f'%b::{kind}[]' for kind in kinds.split())}) ON CONFLICT (n) DO NOTHING"
    for table, kinds in _PG_TYPES.items()
}
_PG_OPENED = (
    "INSERT INTO floor_open_legs SELECT * FROM unnest(%b::text[], %b::int8[]) "
    "ON CONFLICT (leg) DO UPDATE SET n = excluded.n"
)
_PG_CLOSED = "DELETE FROM floor_open_legs WHERE leg = ANY(%b::text[])"
