"""Lists: what became of their rows, who approved or withdrew them. The trail only grows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.imports import Progress
from dialer.lists import (
    Counts,
    ListChanged,
    ListState,
    ListsUnavailable,
    Order,
    RefusedRow,
    Requester,
    SamePerson,
    TaxpayerList,
)
from storage.database import Database
from storage.kept import Kept
from storage.list_rows import ListRows, as_json
from storage.list_tables import list_events, lists, refused_rows
from storage.vault import Vault, VaultProblem

_counts = msgspec.json.Decoder(dict[str, int])
_names = msgspec.json.Decoder(tuple[str, ...])
_ORDER = ("title", "unit", "order_number", "legal_basis", "cut_off", "expires_on", "source", "kind")


@dataclass(frozen=True, slots=True)
class ListEvent:
    """What was done to a list."""

    at: datetime
    who: str  # staff_id
    what: str  # begun, loaded, failed, approved, withdrawn, exported
    words: dict[str, str]  # nothing personal


class DurableLists(Kept):
    """A `dialer.lists.ListStore` on a database."""

    unavailable = ListsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault
        self._rows = ListRows(vault)

    async def all(self, most: int = 200) -> Sequence[TaxpayerList]:
        """Return lists, newest first."""
        query = sa.select(lists).order_by(lists.c.loaded_at.desc(), lists.c.list_id.desc()).limit(most)
        return [_list(row) for row in await self._read(lambda connection: connection.execute(query).all())]

    async def get(self, list_id: str) -> TaxpayerList:
        """Return one. Raises KeyError."""
        return _list(await self._row(list_id))

    async def progress(self, list_id: str) -> Progress:
        """Return how far it has been read. Raises KeyError."""
        row = await self._row(list_id)
        return Progress(
            list_id, ListState(row.state), row.rows_read, row.rows_about, _list(row).counts, row.fault
        )

    async def refused(self, list_id: str, after: int = 0, most: int = 200) -> Sequence[RefusedRow]:
        """Return rows that were not accepted, by row, those after a row number."""
        query = (
            sa.select(refused_rows)
            .where(refused_rows.c.list_id == list_id, refused_rows.c.row > after)
            .order_by(refused_rows.c.row)
            .limit(most)
        )
        try:
            row = await self._row(list_id)
            header, sheets = self._header(row), _names.decode(row.sheets)
            found = await self._read(lambda connection: connection.execute(query).all())
            return [self._rows.refused(one, header, sheets) for one in found]
        except KeyError:
            return []
        except VaultProblem as error:
            raise ListsUnavailable(str(error)) from error

    async def header(self, list_id: str) -> Sequence[str]:
        """Return the columns of its file. Raises KeyError."""
        row = await self._row(list_id)
        try:
            return self._header(row)
        except VaultProblem as error:
            raise ListsUnavailable(str(error)) from error

    async def file_name(self, list_id: str) -> str:
        """Return the name of its file, which may be personal. Raises KeyError."""
        row = await self._row(list_id)
        try:
            return self._vault.open(bytes(row.sealed_file_name), name_context(list_id)).decode()
        except VaultProblem as error:
            raise ListsUnavailable(str(error)) from error

    async def history(self, list_id: str) -> Sequence[ListEvent]:
        """Return what was done to it, oldest first."""
        query = sa.select(list_events).where(list_events.c.list_id == list_id).order_by(list_events.c.n)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [ListEvent(row.at, row.who, row.what, msgspec.json.decode(row.words)) for row in rows]

    async def approve(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        """Let it be dialled. Raises SamePerson, ListChanged (also when it has expired), KeyError."""

        def check(row: Any) -> None:
            if row.state != ListState.LOADED or row.expires_on < office_day(at):
                raise ListChanged
            if row.loaded_by == by:
                raise SamePerson

        values = {"state": ListState.APPROVED.value, "approved_by": by, "approved_at": at}
        return await self._move(list_id, check, values, by, at, "approved")

    async def withdraw(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        """Let nothing of it be dialled any more. Raises ListChanged, KeyError."""

        def check(row: Any) -> None:
            if row.state not in (ListState.LOADED, ListState.APPROVED):
                raise ListChanged

        return await self._move(list_id, check, {"state": ListState.WITHDRAWN.value}, by, at, "withdrawn")

    async def note_export(self, list_id: str, by: str, at: datetime) -> None:
        """Put on record that somebody took its refused rows out. Raises KeyError."""
        await self._move(list_id, lambda _: None, {}, by, at, "exported")

    async def _move(
        self,
        list_id: str,
        check: Callable[[Any], None],
        values: dict[str, Any],
        by: str,
        at: datetime,
        what: str,
    ) -> TaxpayerList:
        def move(connection: Connection) -> Any:
            row = _one(connection, list_id)
            check(row)
            if values:
                same = sa.and_(lists.c.list_id == list_id, lists.c.state == row.state)
                if connection.execute(sa.update(lists).where(same).values(**values)).rowcount != 1:
                    raise ListChanged
            add_event(connection, list_id, at, by, what)
            return _one(connection, list_id)

        return _list(await self._write(move))

    def _header(self, row: Any) -> tuple[str, ...]:
        if row.sealed_header is None:
            return ()
        return self._rows.texts(bytes(row.sealed_header), header_context(row.list_id))

    async def _row(self, list_id: str) -> Any:
        return await self._read(lambda connection: _one(connection, list_id))


def add_event(
    connection: Connection, list_id: str, at: datetime, who: str, what: str, words: object = None
) -> None:
    """Add a step to a list's trail."""
    values = {"list_id": list_id, "at": at, "who": who, "what": what, "words": as_json(words or {})}
    connection.execute(sa.insert(list_events).values(values))


def name_context(list_id: str) -> bytes:
    """Return under what a file's name is sealed."""
    return f"lists/{list_id}/file_name".encode()


def header_context(list_id: str) -> bytes:
    """Return under what a file's header is sealed."""
    return f"lists/{list_id}/header".encode()


def _one(connection: Connection, list_id: str) -> Any:
    row = connection.execute(sa.select(lists).where(lists.c.list_id == list_id)).first()
    if row is None:
        raise KeyError(list_id)
    return row


def _list(row: Any) -> TaxpayerList:
    order = Order(requester=Requester(row.requester), **{name: getattr(row, name) for name in _ORDER})
    counts = Counts(row.rows_read, row.accepted, row.rejected, row.duplicate, row.suppressed)
    return TaxpayerList(
        row.list_id,
        order,
        ListState(row.state),
        counts,
        _counts.decode(row.reasons),
        row.loaded_by,
        row.loaded_at,
        row.approved_by,
        row.approved_at,
    )
