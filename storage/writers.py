"""How the call log's thread writes rows: one transaction per batch, few statements.

The drivers are used directly: going through SQLAlchemy for each row would cost several times what
the row itself costs. Both writers take rows from `storage.rows`.
"""

import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Protocol

import psycopg

from storage.checkpoints import Checkpoints
from storage.rows import CallRow, EventRow

# (ended_at, end_reason, call_id)
EndRow = tuple[str, str, str]


class RowConflict(Exception):
    """A row with this key is there already."""


class WriteFailed(Exception):
    """The batch was not written, as far as is known; the connection must be renewed."""


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


# Pages. While writing never pauses, a checkpoint beside it cannot empty the log; then the writer does.
_LONGEST_WAL = 16_000
_EVENT_COLUMNS = 6
# Statements with many rows: each statement gives up the interpreter's lock once, instead of once a row.
_CHUNKS = (64, 16, 4, 1)
_ROW = f"({','.join('?' * _EVENT_COLUMNS)})"
_INSERT_EVENTS = {size: f"INSERT INTO call_events VALUES {','.join([_ROW] * size)}" for size in _CHUNKS}  # noqa: S608 - constants only


class SqliteWriter:
    """Writes to SQLite; checkpoints are made beside it."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._checkpoints = Checkpoints(connect)
        self._db = self._connected()

    def _connected(self) -> sqlite3.Connection:
        db: sqlite3.Connection = self._connect()
        db.execute(f"PRAGMA wal_autocheckpoint={_LONGEST_WAL}")
        return db

    def write(self, opens: Sequence[CallRow], rows: Sequence[EventRow], ends: Sequence[EndRow]) -> None:
        """Write all in one transaction."""
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            if opens:
                db.executemany("INSERT INTO calls VALUES (?,?,?,?,?,?,?,?)", opens)
            self._insert_events(rows)
            if ends:
                db.executemany(
                    "UPDATE calls SET ended_at=?, end_reason=? WHERE call_id=? AND ended_at IS NULL", ends
                )
            db.execute("COMMIT")
            self._checkpoints.wrote()
        except sqlite3.Error as error:
            self._roll_back()
            if isinstance(error, sqlite3.IntegrityError):
                raise RowConflict from error
            raise WriteFailed from error

    def _insert_events(self, rows: Sequence[EventRow]) -> None:
        done, total = 0, len(rows)
        for size in _CHUNKS:
            while total - done >= size:
                values = rows[done] if size == 1 else tuple(chain.from_iterable(rows[done : done + size]))
                self._db.execute(_INSERT_EVENTS[size], values)
                done += size

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            self._db.close()  # the transaction ends with its connection; renew() makes another

    def last_seq(self, call_id: str) -> int | None:
        """Return the call's last event number."""
        try:
            found = self._db.execute(
                "SELECT (SELECT coalesce(max(seq), 0) FROM call_events WHERE call_id = c.call_id) "
                "FROM calls c WHERE call_id = ?",
                (call_id,),
            ).fetchone()
        except sqlite3.Error as error:
            raise WriteFailed from error
        return None if found is None else int(found[0])

    def kept(self, call_id: str, seqs: range) -> list[tuple[str, str]]:
        """Return (kind, data) of the events that are there."""
        try:
            return self._db.execute(
                "SELECT kind, data FROM call_events WHERE call_id=? AND seq>=? AND seq<? ORDER BY seq",
                (call_id, seqs.start, seqs.stop),
            ).fetchall()
        except sqlite3.Error as error:
            raise WriteFailed from error

    def renew(self) -> None:
        """Make another connection."""
        try:
            self._db.close()
            self._db = self._connected()
        except Exception as error:
            raise WriteFailed from error

    def close(self) -> None:
        """Let the connection go."""
        self._checkpoints.close()
        self._db.close()


class PostgresWriter:
    """Writes to PostgreSQL, each batch in one round trip."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._db = self._prepared()

    def _prepared(self) -> "psycopg.Connection[Any]":
        db: psycopg.Connection[Any] = self._connect()
        db.rollback()
        db.autocommit = True
        db.prepare_threshold = 0
        return db

    def write(self, opens: Sequence[CallRow], rows: Sequence[EventRow], ends: Sequence[EndRow]) -> None:
        """Write all in one transaction."""
        try:
            if not opens and not ends:
                self._db.execute(_PG_EVENTS, _columns(rows))
                return
            with self._db.pipeline(), self._db.transaction():
                if opens:
                    self._db.execute(_PG_CALLS, _columns(opens))
                if rows:
                    self._db.execute(_PG_EVENTS, _columns(rows))
                if ends:
                    self._db.execute(_PG_ENDS, _columns(ends))
        except psycopg.Error as error:
            if isinstance(error, psycopg.IntegrityError):
                raise RowConflict from error
            raise WriteFailed from error

    def last_seq(self, call_id: str) -> int | None:
        """Return the call's last event number."""
        try:
            found = self._db.execute(
                "SELECT (SELECT coalesce(max(seq), 0) FROM call_events e WHERE e.call_id = c.call_id) "
                "FROM calls c WHERE call_id = %s",
                (call_id,),
            ).fetchone()
        except psycopg.Error as error:
            raise WriteFailed from error
        return None if found is None else int(found[0])

    def kept(self, call_id: str, seqs: range) -> list[tuple[str, str]]:
        """Return (kind, data) of the events that are there."""
        try:
            return self._db.execute(
                "SELECT kind, data FROM call_events WHERE call_id=%s AND seq>=%s AND seq<%s ORDER BY seq",
                (call_id, seqs.start, seqs.stop),
            ).fetchall()
        except psycopg.Error as error:
            raise WriteFailed from error

    def renew(self) -> None:
        """Make another connection."""
        try:
            self.close()
            self._db = self._prepared()
        except Exception as error:
            raise WriteFailed from error

    def close(self) -> None:
        """Let the connection go."""
        self._db.close()


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


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
