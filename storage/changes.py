"""Every change of what administrators set, with the whole text before and after. Append-only.

Of tables that have no store of their own, the newest change is the text in force.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.change_tables import config_changes
from storage.database import Database
from storage.vault import Vault

_C = config_changes.c
_LIGHT = (_C.number, _C.at, _C.who, _C.kind, _C.why, _C.undoes, _C.added, _C.removed, _C.as_shipped)


class OtherChange(Exception):
    """Another change of the same kind was kept since; nothing was kept."""


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change on record, without its texts."""

    number: int
    at: datetime  # aware, UTC
    who: str
    kind: str
    why: str
    undoes: int  # 0: nothing
    added: int  # lines
    removed: int
    as_shipped: bool  # from then on the product's own text is followed


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change to be kept."""

    at: datetime
    who: str
    kind: str
    why: str
    undoes: int
    added: int
    removed: int
    as_shipped: bool
    before: str
    after: str


class DurableChanges:
    """Keeps and reads them. Every method raises `storage.database.DatabaseProblem` and `VaultProblem`.

    Texts are sealed: some hold names.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def newest(self) -> Mapping[str, KeptChange]:
        """Return the newest change of each kind that was ever changed."""
        return await self._database.read(_newest)

    async def rows(self, kind: str = "", before: int = 0, most: int = 50) -> Sequence[KeptChange]:
        """Return changes, newest first; `before`: older than this number."""
        query = sa.select(*_LIGHT).order_by(_C.number.desc()).limit(most)
        if kind:
            query = query.where(_C.kind == kind)
        if before:
            query = query.where(_C.number < before)
        rows: Sequence[Any] = await self._database.read(lambda connection: connection.execute(query).all())
        return [KeptChange(*row) for row in rows]

    async def undone(self, numbers: Sequence[int]) -> Mapping[int, int]:
        """Return, of these changes, those that were undone, each with the newest change that did it."""
        query = sa.select(_C.undoes, sa.func.max(_C.number)).where(_C.undoes.in_(numbers)).group_by(_C.undoes)
        rows: Sequence[Any] = await self._database.read(lambda connection: connection.execute(query).all())
        return dict(rows)

    async def get(self, number: int) -> tuple[KeptChange, str, str]:
        """Return a change with the text before and after. Raises KeyError."""
        query = sa.select(config_changes).where(_C.number == number)
        row: Any = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise KeyError(number)
        kept = KeptChange(*(getattr(row, column.name) for column in _LIGHT))
        return kept, self._open(row, "before"), self._open(row, "after")

    async def text(self, kind: str) -> tuple[int, str | None]:
        """Return the newest change of a kind (0: none) and its text; None: as shipped."""
        return await self._database.read(lambda connection: self._text(connection, kind))

    def own_texts_now(self) -> Mapping[str, tuple[int, str | None]]:
        """Return kind → newest change and its text; None: as shipped again. Blocking."""

        def work(connection: Connection) -> Mapping[str, tuple[int, str | None]]:
            return {kind: self._text(connection, kind) for kind in _newest(connection)}

        return self._database.read_now(work)

    async def add(self, change: NewChange, after: int | None = None) -> KeptChange:
        """Keep a change. `after`: only if this is the newest of its kind (0: none). Raises OtherChange."""

        def work(connection: Connection) -> KeptChange:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE config_changes IN SHARE ROW EXCLUSIVE MODE"))
            if after is not None and _newest_number(connection, change.kind) != after:
                raise OtherChange
            number = (connection.execute(sa.select(sa.func.max(_C.number))).scalar() or 0) + 1
            kept = KeptChange(
                number,
                change.at,
                change.who[:64],
                change.kind,
                change.why[:200],
                change.undoes,
                change.added,
                change.removed,
                change.as_shipped,
            )
            values = {
                **{column.name: getattr(kept, column.name) for column in _LIGHT},
                "sealed_before": self._seal(change.before, number, "before"),
                "sealed_after": self._seal(change.after, number, "after"),
            }
            connection.execute(sa.insert(config_changes).values(values))
            return kept

        return await self._database.write(work)

    def _text(self, connection: Connection, kind: str) -> tuple[int, str | None]:
        number = _newest_number(connection, kind)
        row: Any = connection.execute(sa.select(config_changes).where(_C.number == number)).first()
        return number, None if row is None or row.as_shipped else self._open(row, "after")

    def _seal(self, text: str, number: int, side: str) -> bytes:
        return self._vault.seal(zlib.compress(text.encode()), _context(number, side))

    def _open(self, row: Any, side: str) -> str:
        sealed = bytes(getattr(row, f"sealed_{side}"))
        return zlib.decompress(self._vault.open(sealed, _context(row.number, side))).decode()


def _newest(connection: Connection) -> dict[str, KeptChange]:
    newest = sa.select(sa.func.max(_C.number)).group_by(_C.kind)
    query = sa.select(*_LIGHT).where(_C.number.in_(newest))
    return {row.kind: KeptChange(*row) for row in connection.execute(query)}


def _newest_number(connection: Connection, kind: str) -> int:
    return connection.execute(sa.select(sa.func.max(_C.number)).where(_C.kind == kind)).scalar() or 0


def _context(number: int, side: str) -> bytes:
    return f"config_changes/{number}/{side}".encode()
