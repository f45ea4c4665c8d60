"""The database: connections, migrations at start, and errors that name the remedy."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from storage.schema_hold import FileHold, SchemaHold, ServerHold
from storage.tables import SCHEMA_REVISION

_MIGRATIONS = Path(__file__).parent / "migrations"
_HELD_WITHIN = 5.0  # seconds in which two new programs that start together agree on who migrates
_READERS = 2
# KiB of pages that each SQLite connection keeps. With SQLite's own 2000 half a dozen connections grow by
# 12 MB with the first 20 MB of a database (measured); the machine's page cache has those pages once for all.
_PAGES_KEPT = 512

T = TypeVar("T")


class DatabaseProblem(Exception):
    """The database cannot be used."""


@dataclass(frozen=True, slots=True)
class Durability:
    """What a commit survives on SQLite.

    `power_cut` False (synchronous NORMAL): every acknowledged row survives the death of the process
    and of the whole service; a power cut or kernel crash can lose the rows committed since the last
    checkpoint of the write-ahead log (the database stays consistent, without gaps: the last
    commits are missing as a whole). True (FULL): each commit waits for the disk and survives that
    too. PostgreSQL waits for its disk either way.
    """

    power_cut: bool = False


class Database:
    """An open database with the newest schema.

    `url` is SQLAlchemy's: `sqlite:////path/kring.db` or `postgresql+psycopg://user@host/name`
    (`postgresql://` and `sqlite:` with a relative path are understood as well).
    """

    def __init__(self, engine: Engine, hold: SchemaHold) -> None:
        """`hold`: this program's, shared, on the schema; it goes with the connections."""
        self.engine, self._hold = engine, hold
        self._writing = engine.execution_options(writes=True)
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="database")
        self._first = ThreadPoolExecutor(1, thread_name_prefix="database-first")
        # SQLite has one writer at a time and lets others only look again now and then, up to 100 ms
        # apart; writers of this process wait for one another here.
        self.turn = threading.Lock()

    @classmethod
    def open(cls, url: str, durability: Durability = Durability()) -> Self:
        """Connect, create what is missing, migrate. Blocking.

        Raises DatabaseProblem: unreachable, not writable, full, damaged, newer than this program, or
        older while another program works with it.
        """
        parsed = _parse(url)
        hold: SchemaHold
        if _is_sqlite(parsed):
            engine = _sqlite_engine(parsed, durability)
            hold = FileHold(Path(parsed.database or ""))
        else:
            engine = _postgres_engine(parsed)
            hold = ServerHold(engine)
        try:
            _migrate(engine, parsed, hold)
        except BaseException:
            hold.let_go()
            engine.dispose()
            raise
        return cls(engine, hold)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection. Blocking; raises DatabaseProblem."""
        try:
            with self.engine.connect() as connection:
                return work(connection)
        except (DBAPIError, SQLAlchemyError) as error:
            raise problem(error, self.engine.url) from error

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction. Blocking; raises DatabaseProblem."""
        try:
            with self.turn if self.is_sqlite else nullcontext(), self._writing.begin() as connection:
                return work(connection)
        except (DBAPIError, SQLAlchemyError) as error:
            raise problem(error, self.engine.url) from error

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection in a thread; raises DatabaseProblem."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, work)

    async def read_first(self, work: Callable[[Connection], T]) -> T:
        """Run short `work` in a thread of its own: it never waits behind somebody's report."""
        return await asyncio.get_running_loop().run_in_executor(self._first, self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction in a thread; raises DatabaseProblem."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.write_now, work)

    def raw(self) -> Any:
        """Return a driver connection of its own (sqlite3 or psycopg), for a writer's thread."""
        pooled = self.engine.raw_connection()
        driver = pooled.driver_connection
        pooled.detach()
        return driver

    def close(self) -> None:
        """Wait for what runs and let the connections go."""
        self._threads.shutdown()
        self._first.shutdown()
        self._hold.let_go()
        self.engine.dispose()


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _parse(url: str) -> URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise DatabaseProblem(
            "The database URL cannot be read. Remedy: sqlite:////path/kring.db or "
            "postgresql+psycopg://user@host/name"
        ) from error
    if _is_sqlite(parsed):
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseProblem("The SQLite URL names no file. Remedy: sqlite:////path/kring.db")
        return parsed
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseProblem(f"{parsed.drivername}: only sqlite and postgresql are served.")
    return parsed.set(drivername="postgresql+psycopg")


def _sqlite_engine(url: URL, durability: Durability) -> Engine:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseProblem(f"{folder}: the folder cannot be made ({error.strerror}).") from error
    engine = sa.create_engine(url, connect_args={"timeout": 5})
    synchronous = "FULL" if durability.power_cut else "NORMAL"

    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun by us: the driver's own way does not cover DDL.
        driver.isolation_level = None
        driver.execute("PRAGMA journal_mode=WAL")
        driver.execute(f"PRAGMA synchronous={synchronous}")
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(f"PRAGMA cache_size=-{_PAGES_KEPT}")

    def begin(connection: Connection) -> None:
        # A reader must not take the write lock; a writer takes it at once, or its first write could
        # fail because another process wrote in between.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", begin)
    return engine


def _postgres_engine(url: URL) -> Engine:
    return sa.create_engine(
        url,
        pool_size=_READERS + 2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "kring", "options": "-c timezone=UTC"},
    )


def _migrate(engine: Engine, url: URL, hold: SchemaHold) -> None:
    """Leave the newest schema, held. Nothing is changed while another program holds it."""
    deadline = time.monotonic() + _HELD_WITHIN
    try:
        while True:
            hold.share()
            with engine.connect() as connection:
                found = _revision(connection)
            if found == SCHEMA_REVISION:
                return
            _refuse_newer(found, url)
            if hold.alone():
                with engine.execution_options(writes=True).begin() as connection:
                    _upgrade(connection)
            elif time.monotonic() > deadline:
                raise DatabaseProblem(
                    f"{_shown(url)}: the database has schema {found or 'none'}, this program needs "
                    f"{SCHEMA_REVISION}, and another program, such as a running service, works with it as it "
                    "is: nothing was changed. Remedy: stop that service, start this program's (kring serve), "
                    "or use the kring of the version that runs"
                )
            else:
                time.sleep(0.05)
    except (DBAPIError, SQLAlchemyError) as error:
        raise problem(error, url) from error


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _refuse_newer(found: str | None, url: URL) -> None:
    from alembic.script import ScriptDirectory  # here for its price, as below

    # Its own files may be replaced while a program runs: what came later is not known to it.
    own = ScriptDirectory(str(_MIGRATIONS)).walk_revisions("base", SCHEMA_REVISION)
    known = {script.revision for script in own}
    if found is not None and found not in known:
        raise DatabaseProblem(
            f"{_shown(url)}: the database has schema {found}, this program knows up to "
            f"{SCHEMA_REVISION}. Remedy: start the newer program that made it."
        )


def _upgrade(connection: Connection) -> None:
    # Imported here: Alembic takes a fifth of a second, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, SCHEMA_REVISION)


def _shown(url: URL) -> str:
    return url.database or "" if _is_sqlite(url) else url.render_as_string(hide_password=True)


def problem(error: Exception, url: URL) -> DatabaseProblem:
    """Return a driver's error as a sentence with its remedy, without any stored value."""
    driver_error = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = str(driver_error).splitlines()[0] if str(driver_error) else type(driver_error).__name__
    where = _shown(url)
    lowered = text.lower()
    for sign, remedy in _REMEDIES.items():
        if sign in lowered:
            return DatabaseProblem(f"{where}: {remedy}")
    # Only the kind of an unknown error: a driver's text can quote the row.
    state = getattr(driver_error, "sqlstate", None) or getattr(driver_error, "sqlite_errorname", None)
    return DatabaseProblem(f"{where}: {type(driver_error).__name__} ({state or 'no code'}).")


_REMEDIES = {
    "readonly": "it cannot be written. Remedy: give this user the right to write the file and its folder.",
    "unable to open": "it cannot be opened. Remedy: check that the folder exists and its rights.",
    "disk is full": "the disk is full. Remedy: make room; the call record is written again by itself.",
    "no space left": "the disk is full. Remedy: make room; the call record is written again by itself.",
    "disk i/o error": "the disk failed to read or write. Remedy: check the disk and the room on it.",
    "not a database": "the file is not an SQLite database. Remedy: name another file or restore a backup.",
    "malformed": "the database is damaged. Remedy: restore a backup.",
    "is locked": "another program holds the database. Remedy: end the other program.",
    "password authentication failed": "the password was refused. Remedy: check the database URL.",
    "does not exist": "the database or user does not exist. Remedy: create it, or check the URL.",
    "connection": "the database server does not answer. Remedy: start it, or check host and port.",
    "append-only": "the record is append-only; it is not changed or deleted.",
    "are kept": "the record is append-only; it is not changed or deleted.",
    "only closed": "a call's header is only closed, once.",
}
