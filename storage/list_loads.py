"""Lists on their way in: begun, broken off, cleaned; and the mapping of columns of each source."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dialer.imports import ImportsBusy
from dialer.lists import ListChanged, ListState, ListsUnavailable, Order
from dialer.mapping import ColumnMapping
from domain.ids import new_id
from storage.database import Database, DatabaseProblem
from storage.list_rows import as_json, split_keys
from storage.list_tables import column_mappings, contact_keys, contacts, lists, refused_rows
from storage.lists import add_event, name_context
from storage.vault import Vault

_AT_ONCE = 2000  # rows deleted in one transaction
_mapping = msgspec.json.Decoder(ColumnMapping)
_ZEROS = dict.fromkeys(("rows_read", "accepted", "rejected", "duplicate", "suppressed", "last_contact"), 0)


class ListLoads:
    """What is begun, and what is left of what broke off. Blocking; every method raises ListsUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def begin(self, order: Order, mapping: ColumnMapping, file_name: str, by: str, loader: str) -> str:
        """Make a list that is LOADING, and remember the mapping. Raises ImportsBusy.

        `loader`: HOST:PID:STARTED of the process that will read it.
        """
        list_id, at = new_id(), datetime.now(UTC)
        values = self._new(list_id, at, order, file_name, by, loader)
        remembered = {
            "source": order.source,
            "mapping": as_json(mapping),
            "changed_by": by,
            "changed_at": at,
        }

        def begin(connection: Connection) -> None:
            # The index on LOADING lists lets in one; this question gives its refusal a name.
            if connection.execute(sa.select(lists.c.list_id).where(_loading())).first() is not None:
                raise ImportsBusy
            connection.execute(sa.insert(lists).values(values))
            add_event(connection, list_id, at, by, "begun")
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            keep = dialect.insert(column_mappings).values(remembered)
            connection.execute(keep.on_conflict_do_update(index_elements=["source"], set_=remembered))

        try:
            self._write(begin)
        except ListsUnavailable:
            if self.loading():  # two began at the same moment, and the index chose
                raise ImportsBusy from None
            raise
        return list_id

    def _new(
        self, list_id: str, at: datetime, order: Order, file_name: str, by: str, loader: str
    ) -> dict[str, Any]:
        """Return the row of a list of which nothing was read yet."""
        return {
            **{name: getattr(order, name) for name in Order.__slots__},
            **_ZEROS,
            "requester": order.requester.value,
            "list_id": list_id,
            "sealed_file_name": self._vault.seal(file_name.encode("utf-8", "replace"), name_context(list_id)),
            "loaded_by": by,
            "loaded_at": at,
            "state": ListState.LOADING.value,
            "rows_about": 0,
            "reasons": "{}",
            "sheets": "[]",
            "approved_by": "",
            "loader": loader,
            "touched_at": at,
            "fault": "",
        }

    def read_by(self, list_id: str, loader: str) -> None:
        """Note which process reads it now."""
        which = sa.and_(lists.c.list_id == list_id, _loading())
        self._write(
            lambda connection: connection.execute(sa.update(lists).where(which).values(loader=loader))
        )

    def remembered(self, source: str) -> ColumnMapping | None:
        """Return the mapping that was used last for a source."""
        query = sa.select(column_mappings.c.mapping).where(column_mappings.c.source == source)
        text = self._read(lambda connection: connection.execute(query).scalar())
        return None if text is None else _mapping.decode(text)

    def next_contact(self) -> int:
        """Return the id of the next contact: greater than every one that was ever given."""
        query = sa.select(sa.func.max(lists.c.last_contact))
        return (self._read(lambda connection: connection.execute(query).scalar()) or 0) + 1

    def loading(self) -> Sequence[tuple[str, str, datetime]]:
        """Return list id, loader and last sign of life of what is being loaded."""
        query = sa.select(lists.c.list_id, lists.c.loader, lists.c.touched_at).where(_loading())
        rows = self._read(lambda connection: connection.execute(query).all())
        return [(row.list_id, row.loader, row.touched_at) for row in rows]

    def fail(self, list_id: str, fault: str, by: str) -> None:
        """Say that loading broke off; from then on nothing is added. Raises ListChanged: it is over."""
        at = datetime.now(UTC)
        which = sa.and_(lists.c.list_id == list_id, _loading())
        failed = (
            sa.update(lists).where(which).values(state=ListState.FAILED.value, fault=fault, touched_at=at)
        )

        def fail(connection: Connection) -> None:
            if connection.execute(failed).rowcount != 1:
                raise ListChanged
            add_event(connection, list_id, at, by, "failed", {"fault": fault})

        self._write(fail)

    def clean(self) -> int:
        """Delete every row of lists that failed; return how many there were.

        Some thousands to a commit; what is interrupted is gone on with next time.
        """
        query = sa.select(lists.c.list_id).where(lists.c.state == ListState.FAILED.value)
        failed = self._read(lambda connection: connection.execute(query).scalars().all())
        deleted = 0
        for list_id in failed:
            for some in (_delete_contacts, _delete_refused):
                while gone := self._delete(some, list_id):
                    deleted += gone
        return deleted

    def _delete(self, some: Callable[[Connection, str], int], list_id: str) -> int:
        which = sa.select(contacts.c.contact_id).where(contacts.c.list_id == list_id)
        if some is _delete_refused:
            which = sa.select(refused_rows.c.row).where(refused_rows.c.list_id == list_id)
        # Looked at without the lock that a writer takes: usually there is nothing.
        if self._read(lambda connection: connection.execute(which.limit(1)).first()) is None:
            return 0
        deleted: int = self._write(lambda connection: some(connection, list_id))
        return deleted

    def _read(self, work: Callable[[Connection], Any]) -> Any:
        try:
            return self._database.read_now(work)
        except DatabaseProblem as error:
            raise ListsUnavailable(str(error)) from error

    def _write(self, work: Callable[[Connection], Any]) -> Any:
        try:
            return self._database.write_now(work)
        except DatabaseProblem as error:
            raise ListsUnavailable(str(error)) from error


def _loading() -> "sa.ColumnElement[bool]":
    return lists.c.state == ListState.LOADING.value


def _delete_contacts(connection: Connection, list_id: str) -> int:
    query = (
        sa.select(contacts.c.contact_id, contacts.c.taxpayer_key, contacts.c.number_keys)
        .where(contacts.c.list_id == list_id)
        .limit(_AT_ONCE)
    )
    rows = connection.execute(query).all()
    pairs = [
        {"a": key, "b": row.contact_id}
        for row in rows
        for key in (bytes(row.taxpayer_key), *split_keys(bytes(row.number_keys)))
    ]
    if rows:
        pair = sa.and_(
            contact_keys.c.key == sa.bindparam("a"), contact_keys.c.contact_id == sa.bindparam("b")
        )
        connection.execute(sa.delete(contact_keys).where(pair), pairs)
        ids = [row.contact_id for row in rows]
        connection.execute(sa.delete(contacts).where(contacts.c.contact_id.in_(ids)))
    return len(rows)


def _delete_refused(connection: Connection, list_id: str) -> int:
    query = sa.select(refused_rows.c.row).where(refused_rows.c.list_id == list_id).limit(_AT_ONCE)
    rows = connection.execute(query).scalars().all()
    if rows:
        which = sa.and_(refused_rows.c.list_id == list_id, refused_rows.c.row.in_(rows))
        connection.execute(sa.delete(refused_rows).where(which))
    return len(rows)
