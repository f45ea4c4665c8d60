"""Whoever has a database open holds its schema: nobody changes the tables below a program that runs.

An older service would go on writing rows of the old form into tables of the new one. So every open database
shares the hold, and a migration needs it alone. The kernel (SQLite) or the server (PostgreSQL) lets it go
when its process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

_LOCK = 1_500_201  # a PostgreSQL advisory lock of the database
BESIDE = "-schema"  # SQLite's own locks die with any descriptor of the file; so another file carries this one


class SchemaHold(Protocol):
    """One program's hold on the schema of a database. Blocking."""

    def share(self) -> None:
        """Hold it beside others; waits while somebody changes it."""
        ...

    def alone(self) -> bool:
        """Hold it alone, if nobody else does; otherwise hold nothing and return False."""
        ...

    def let_go(self) -> None:
        """Hold nothing any more. Idempotent."""
        ...


class FileHold:
    """The hold on an SQLite database: a lock on an empty file beside it.

    Where that file cannot be made nothing is held: SQLite cannot write there either.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + BESIDE)
        self._file: IO[bytes] | None = None

    def share(self) -> None:
        """Hold it beside others; waits while somebody changes it."""
        if (file := self._opened()) is not None:
            fcntl.flock(file, fcntl.LOCK_SH)

    def alone(self) -> bool:
        """Hold it alone, if nobody else does; otherwise hold nothing and return False."""
        file = self._opened()
        if file is None:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(file, fcntl.LOCK_UN)
            return False
        return True

    def let_go(self) -> None:
        """Hold nothing any more. Idempotent."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> IO[bytes] | None:
        if self._file is None:
            try:
                self._file = os.fdopen(
                    os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb"
                )
            except OSError:
                return None
        return self._file


class ServerHold:
    """The hold on a PostgreSQL database: an advisory lock that every connection of the engine shares."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._alone: Connection | None = None
        self._sharing = False
        sa.event.listen(engine, "connect", self._connected)

    def share(self) -> None:
        """Hold it beside others, with every connection from now on; waits while somebody changes it."""
        alone, self._alone, self._sharing = self._alone, None, True
        if alone is not None:
            alone.exec_driver_sql(f"SELECT pg_advisory_lock_shared({_LOCK}), pg_advisory_unlock({_LOCK})")
        self._engine.dispose()  # connections that were made before do not share it
        with self._engine.connect():
            pass
        if alone is not None:
            _end(alone)

    def alone(self) -> bool:
        """Hold it alone, if nobody else does; otherwise hold nothing and return False."""
        self._sharing = False
        # The one connection that there is by now: its own share would stand in its way.
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock_shared({_LOCK})")
        if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar():
            self._alone = connection
            return True
        connection.close()
        return False

    def let_go(self) -> None:
        """Hold nothing any more, once the engine's connections are closed. Idempotent."""
        alone, self._alone, self._sharing = self._alone, None, False
        if alone is not None:
            _end(alone)

    def _connected(self, driver: Any, _record: object) -> None:
        if not self._sharing:
            return
        # Of the session, so no end of a transaction lets it go.
        driver.execute(f"SELECT pg_advisory_lock_shared({_LOCK})")
        driver.commit()


def _end(connection: Connection) -> None:
    """Close a connection for good: in a pool it would go on holding what it holds."""
    connection.invalidate()
    connection.close()
