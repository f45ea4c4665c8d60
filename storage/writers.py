"""How the call log's thread writes rows: one transaction per batch, few statements.

Both writers take rows from `storage.rows`.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

from storage.rows import CallRow, EventRow
from storage.sessions import ManyRows, PostgresSession, SqliteSession, columns

# (ended_at, end_reason, call_id)
EndRow = tuple[str, str, str]


class Writer(Protocol):
    """Writes batches on a connection of its own, from one thread."""

    def write(self, opens: Sequence[CallRow], rows: Sequence[EventRow], ends: Sequence[EndRow]) -> None:
        """Write all in one transaction. Raises RowConflict or WriteFailed; then nothing was written."""
        ...

    def last_seq(self, call_id: str) -> int | None:
        """Return the call's last event number, 0 without events, None without a header."""
        ...

    def kept(self, call_id: str, seqs: range) -> list[tuple[str, str]]:
        """Return (kind, data) of the events that are there, in order."""
        ...

    def renew(self) -> None:
        """Let the connection go and make another. Raises WriteFailed."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


_INSERT_EVENTS = ManyRows("INSERT INTO call_events VALUES", 6)


class SqliteWriter(SqliteSession):
    """Writes the call log to SQLite."""

    def write(self, opens: Sequence[CallRow], rows: Sequence[EventRow], ends: Sequence[EndRow]) -> None:
        """Write all in one transaction."""

        def insert(db: sqlite3.Connection) -> None:
            if opens:
                db.executemany("INSERT INTO calls VALUES (?,?,?,?,?,?,?,?)", opens)
            _INSERT_EVENTS.run(db, rows)
            if ends:
                db.executemany(
                    "UPDATE calls SET ended_at=?, end_reason=? WHERE call_id=? AND ended_at IS NULL", ends
                )

        self.transaction(insert)

    def last_seq(self, call_id: str) -> int | None:
        """Return the call's last event number."""
        found = self.rows(
            "SELECT (SELECT coalesce(max(seq), 0) FROM call_events WHERE call_id = c.call_id) "
            "FROM calls c WHERE call_id = ?",
            (call_id,),
        )
        return int(found[0][0]) if found else None

    def kept(self, call_id: str, seqs: range) -> list[tuple[str, str]]:
        """Return (kind, data) of the events that are there."""
        return self.rows(
            "SELECT kind, data FROM call_events WHERE call_id=? AND seq>=? AND seq<? ORDER BY seq",
            (call_id, seqs.start, seqs.stop),
        )


class PostgresWriter(PostgresSession):
    """Writes the call log to PostgreSQL."""

    def write(self, opens: Sequence[CallRow], rows: Sequence[EventRow], ends: Sequence[EndRow]) -> None:
        """Write all in one transaction."""
        parts: Sequence[tuple[str, Sequence[tuple[Any, ...]]]] = (
            (_PG_CALLS, opens),
            (_PG_EVENTS, rows),
            (_PG_ENDS, ends),
        )
        self.transaction([(text, columns(values)) for text, values in parts if values])

    def last_seq(self, call_id: str) -> int | None:
        """Return the call's last event number."""
        found = self.rows(
            "SELECT (SELECT coalesce(max(seq), 0) FROM call_events e WHERE e.call_id = c.call_id) "
            "FROM calls c WHERE call_id = %s",
            (call_id,),
        )
        return int(found[0][0]) if found else None

    def kept(self, call_id: str, seqs: range) -> list[tuple[str, str]]:
        """Return (kind, data) of the events that are there."""
        return self.rows(
            "SELECT kind, data FROM call_events WHERE call_id=%s AND seq>=%s AND seq<%s ORDER BY seq",
            (call_id, seqs.start, seqs.stop),
        )


_PG_CALLS = (
    "INSERT INTO calls SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bytea[], %b::text[], "
    "%b::timestamptz[], %b::timestamptz[], %b::text[])"
)
_PG_EVENTS = (
    "INSERT INTO call_events SELECT * FROM "
    "unnest(%b::text[], %b::int4[], %b::timestamptz[], %b::text[], %b::text[], %b::bytea[])"
)
_PG_ENDS = (
    "UPDATE calls SET ended_at = e.at, end_reason = e.reason "
    "FROM unnest(%b::timestamptz[], %b::text[], %b::text[]) AS e(at, reason, id) "
    "WHERE call_id = e.id AND ended_at IS NULL"
)
