"""The databases that benches fill with millions of rows: SQLite in a folder, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from storage.database import Database
from tests.postgres import running

_POSTGRES = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "20",
}


@contextmanager
def _sqlite(folder: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{folder}/kring.db")
    try:
        yield database
    finally:
        database.close()
        for path in folder.glob("kring.db*"):
            path.unlink()


@contextmanager
def _postgres(_: Path) -> Iterator[Database]:
    with running(_POSTGRES) as server:
        database = Database.open(server.new_database())
        try:
            yield database
        finally:
            database.close()


KINDS: Mapping[str, Callable[[Path], AbstractContextManager[Database]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgres,
}
"""By name: opens an empty database of that kind, which is gone afterwards."""
