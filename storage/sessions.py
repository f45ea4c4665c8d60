"""A writer thread's own connection: transactions on a driver, without anything in between.

The drivers are used directly: going through SQLAlchemy for each row would cost several times what
the row itself costs.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import psycopg

from storage.checkpoints import Checkpoints


class RowConflict(Exception):
    """A row with this key is there already, or the database refuses what is in it."""


class WriteFailed(Exception):
    """Nothing was written, as far as is known; the connection must be renewed."""


# Pages. While writing never pauses, a checkpoint beside it cannot empty the log; then the writer does.
_LONGEST_WAL = 16_000
# Statements with many rows: each statement gives up the interpreter's lock once, instead of once a row.
_CHUNKS = (64, 16, 4, 1)


class ManyRows:
    """An SQLite statement for rows of a fixed number of values, as few times as it takes."""

    def __init__(self, before: str, columns: int, after: str = "") -> None:
        """`before` and `after` stand around the rows' placeholders. Constants only."""
        row = f"({','.join('?' * columns)})"
        self._texts = {size: f"{before} {','.join([row] * size)} {after}" for size in _CHUNKS}

    def run(self, db: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it for these rows, in order."""
        done, total = 0, len(rows)
        for size in _CHUNKS:
            while total - done >= size:
                values = rows[done] if size == 1 else tuple(chain.from_iterable(rows[done : done + size]))
                db.execute(self._texts[size], values)
                done += size


class SqliteSession:
    """Writes to SQLite; checkpoints are made beside it."""

    def __init__(self, connect: Callable[[], Any], turn: threading.Lock) -> None:
        """`turn` is held during a transaction: SQLite itself looks only now and then whether it may."""
        self._connect = connect
        self._turn = turn
        self._checkpoints = Checkpoints(connect)
        self._db = self._connected()

    def transaction(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do all or nothing. Raises RowConflict or WriteFailed; then nothing was written."""
        db = self._db
        with self._turn:
            try:
                db.execute("BEGIN IMMEDIATE")
                work(db)
                db.execute("COMMIT")
            except (sqlite3.Error, OverflowError) as error:
                self._roll_back()
                if isinstance(error, sqlite3.IntegrityError | OverflowError):
                    raise RowConflict from error
                raise WriteFailed from error
        self._checkpoints.wrote()

    def rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Return what a query finds. Raises WriteFailed."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise WriteFailed from error

    def renew(self) -> None:
        """Let the connection go and make another. Raises WriteFailed."""
        try:
            self._db.close()
            self._db = self._connected()
        except Exception as error:
            raise WriteFailed from error

    def close(self) -> None:
        """Let the connection go."""
        self._checkpoints.close()
        self._db.close()

    def _connected(self) -> sqlite3.Connection:
        db: sqlite3.Connection = self._connect()
        db.execute(f"PRAGMA wal_autocheckpoint={_LONGEST_WAL}")
        return db

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            self._db.close()  # the transaction ends with its connection; renew() makes another


class PostgresSession:
    """Writes to PostgreSQL, each transaction in one round trip."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._db = self._prepared()

    def transaction(self, statements: Sequence[tuple[str, list[Any]]]) -> None:
        """Run statements with their values, all or none. Raises RowConflict or WriteFailed."""
        try:
            if len(statements) == 1:
                self._db.execute(*statements[0])
                return
            with self._db.pipeline(), self._db.transaction():
                for text, values in statements:
                    self._db.execute(text, values)
        except psycopg.Error as error:
            if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
                raise RowConflict from error
            raise WriteFailed from error

    def rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Return what a query finds. Raises WriteFailed."""
        try:
            return self._db.execute(query, values).fetchall()
        except psycopg.Error as error:
            raise WriteFailed from error

    def renew(self) -> None:
        """Let the connection go and make another. Raises WriteFailed."""
        try:
            self.close()
            self._db = self._prepared()
        except Exception as error:
            raise WriteFailed from error

    def close(self) -> None:
        """Let the connection go."""
        self._db.close()

    def _prepared(self) -> "psycopg.Connection[Any]":
        db: psycopg.Connection[Any] = self._connect()
        db.rollback()
        db.autocommit = True
        db.prepare_threshold = 0
        return db


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Return rows as columns, as PostgreSQL's `unnest` takes them."""
    return [list(column) for column in zip(*rows, strict=True)]
