"""Writes the rows of a list that is being loaded: many to a commit, by COPY on PostgreSQL.

Short transactions: on SQLite the records of calls wait while one runs. Each looks first whether the list is
still being loaded, so that nothing is added after it was cancelled.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.contacts import Key
from dialer.lists import Counts, ListState, ListsUnavailable
from storage.database import Database, DatabaseProblem
from storage.list_rows import CONTACT_COLUMNS, REFUSED_COLUMNS, ContactRow, RefusedRowRow, as_json
from storage.list_tables import list_events, lists

_TRIES = 12  # of 5 seconds each, while another program holds an SQLite database
_LOCKED = "holds the database"  # in `storage.database.problem`
_KEY_COLUMNS = ("key", "contact_id")
# Types of the columns for a binary COPY, by PostgreSQL's names.
_TYPES = {
    "contacts": ("int8", "varchar", "int4", "bytea", "bytea", "varchar", "varchar", "bytea"),
    "refused_rows": ("varchar", "int4", "int2", "int4", "varchar", "varchar", "int2", "varchar", "bytea"),
    "contact_keys": ("bytea", "int8"),
}


class NotLoading(Exception):
    """The list is no longer being loaded: it was cancelled, or taken for broken off."""


class ListWriter:
    """Writes one list. Blocking; every method raises ListsUnavailable and NotLoading."""

    def __init__(self, database: Database, list_id: str) -> None:
        self._database = database
        self._list_id = list_id

    def begin(self, sheets: Sequence[str], sealed_header: bytes, about: int) -> None:
        """Note what is being read."""
        self._write(
            lambda _: None,
            {"sheets": as_json(list(sheets)), "sealed_header": sealed_header, "rows_about": about},
        )

    def write(
        self,
        contacts: Sequence[ContactRow],
        refused: Sequence[RefusedRowRow],
        read: int,
        last_contact: int,
    ) -> None:
        """Add rows; `read` and `last_contact` are up to now."""

        def insert(connection: Connection) -> None:
            _insert(connection, "contacts", CONTACT_COLUMNS, contacts)
            _insert(connection, "refused_rows", REFUSED_COLUMNS, refused)

        self._write(insert, {"rows_read": read, "last_contact": last_contact})

    def write_keys(self, keys: Sequence[tuple[Key, int]]) -> None:
        """Add keys of contacts, in their order."""
        self._write(lambda connection: _insert(connection, "contact_keys", _KEY_COLUMNS, keys), {})

    def finish(self, counts: Counts, reasons: Mapping[str, int], by: str) -> None:
        """Say that all is there: from now on it waits for a second person."""
        at = datetime.now(UTC)
        words = {name: str(getattr(counts, name)) for name in Counts.__slots__}

        def note(connection: Connection) -> None:
            connection.execute(
                sa.insert(list_events).values(
                    list_id=self._list_id, at=at, who=by, what="loaded", words=as_json(words)
                )
            )

        self._write(
            note,
            {
                "state": ListState.LOADED.value,
                "rows_read": counts.read,
                "rows_about": counts.read,
                "accepted": counts.accepted,
                "rejected": counts.rejected,
                "duplicate": counts.duplicate,
                "suppressed": counts.suppressed,
                "reasons": as_json(Counter(reasons)),
            },
        )

    def _write(self, work: Any, values: Mapping[str, Any]) -> None:
        loading = sa.and_(lists.c.list_id == self._list_id, lists.c.state == ListState.LOADING.value)
        touched = sa.update(lists).where(loading).values(**values, touched_at=datetime.now(UTC))

        def write(connection: Connection) -> None:
            if connection.execute(touched).rowcount != 1:
                raise NotLoading
            work(connection)

        for left in reversed(range(_TRIES)):
            try:
                self._database.write_now(write)
            except DatabaseProblem as error:
                # Somebody else writes for longer than usual: nothing of this was done, so it is tried again.
                if left and _LOCKED in str(error):
                    continue
                raise ListsUnavailable(str(error)) from error
            return


def _insert(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        # Names of our own tables, no values: nothing here comes from outside.
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))  # noqa: S608
    else:
        _copy(connection, table, names, rows)


def _copy(connection: Connection, table: str, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_TYPES[table])
        for row in rows:
            copy.write_row(row)
