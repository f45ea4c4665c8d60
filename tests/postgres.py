"""A PostgreSQL of the tests' own, on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from asterisk_conf import debian
from storage.database import Database
from storage.tables import metadata

_CHECKOUT = Path(__file__).resolve().parent.parent
_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
_START_SECONDS = 30
# As tests want it: nothing but the socket, and no waiting for the disk.
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "logging_collector": "off",
}


@dataclass
class PostgresServer:
    """A server that listens on a Unix socket only, so it needs no port and no password."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    _migrated: str | None = None

    def new_database(self) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        name = f"kring_{next(self._numbers)}"
        with self._connect("postgres") as db:
            db.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://kring@/{name}?host={self.folder}"

    def migrated_database(self) -> str:
        """Return the SQLAlchemy URL of a database with the newest schema and no rows.

        It is the same one each time, emptied: making one takes longer than most tests.
        """
        if self._migrated is None:
            self._migrated = self.new_database()
            Database.open(self._migrated).close()
        with self._connect(str(make_url(self._migrated).database)) as db:
            # The record is append-only: its triggers must not fire here.
            db.execute("SET session_replication_role = replica")
            # Of a few rows: TRUNCATE would make a new file for every table and index.
            deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in metadata.tables]
            db.execute(sql.SQL("; ").join(deletes))
        return self._migrated

    def _connect(self, database: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self.folder), user="kring", dbname=database, autocommit=True)


def programs() -> tuple[Path, Mapping[str, str]]:
    """Return the folder of `initdb` and `postgres`, and their environment.

    The system's newest, else Debian's own unpacked into the checkout's cache.
    """
    installed = _newest(Path("/"))
    if installed is not None:
        return installed, dict(os.environ)
    root = debian.fetch(["postgresql"], debian.host_suite(), _CHECKOUT / ".cache" / "postgresql")
    folder = _newest(root)
    assert folder is not None, f"{root}: no PostgreSQL in the unpacked packages"
    tool = debian.tool_command(root, str((folder / "initdb").relative_to(root)))
    return folder, tool.env


def _newest(root: Path) -> Path | None:
    found = sorted(root.glob("usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running(options: Mapping[str, str] = _OPTIONS) -> Iterator[PostgresServer]:
    """Run a server for as long as the block lasts."""
    binaries, environment = programs()
    # Below /tmp, as a socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="kring-pg-", dir="/tmp"))
    identity = _identity(folder)
    try:
        _initialise(binaries, folder, environment, identity)
        words = [f"-c{name}={value}" for name, value in options.items()]
        process = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", f"-cunix_socket_directories={folder}", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
            **identity,
        )
        try:
            _wait_until_ready(folder, process)
            yield PostgresServer(folder, process)
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait(_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


def _initialise(
    binaries: Path, folder: Path, environment: Mapping[str, str], identity: Mapping[str, Any]
) -> None:
    words: Sequence[str | Path] = ["-D", folder / "data", "-U", "kring", "-A", "trust", "--no-sync"]
    done = subprocess.run(
        [binaries / "initdb", *words, "--encoding=UTF8", "--locale=C.UTF-8"],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        **identity,
    )
    assert done.returncode == 0, f"initdb failed: {done.stderr}"


def _wait_until_ready(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="kring", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError as error:
            log = (folder / "log").read_text(errors="replace")
            assert process.poll() is None, f"PostgreSQL ended: {log}"
            if time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start in {_START_SECONDS} s: {log}") from error
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this run."""
    with running() as server:
        yield server
