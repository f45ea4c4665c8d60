"""The administrator's tables of agents and skills: one version in force, every earlier one kept.

A version is a whole: its texts are checked together before any of it is stored, and stored in one
transaction. A text that did not change is stored once for all versions that have it.
"""

import csv
import io
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import Skillbook
from acd.tables_csv import COLUMNS, dump, load, load_folder
from storage.database import Database
from storage.tables import acd_texts, acd_versions
from storage.vault import Vault

SHIPPED = 0
"""The number of the tables that are shipped, in force until the first import."""

T = TypeVar("T")
_Kept = dict[str, tuple[str, int]]  # table → fingerprint in hex, rows
_json = msgspec.json.Encoder()
_kept = msgspec.json.Decoder(_Kept)


class NoSuchVersion(Exception):
    """No version of the tables has this number."""


class ChangedMeanwhile(Exception):
    """Somebody else put tables in force since these were made; nothing was applied."""


@dataclass(frozen=True, slots=True)
class TablesVersion:
    """A version of the tables: who put it in force and when."""

    number: int
    at: datetime  # aware, UTC
    who: str
    about: str
    rows: Mapping[str, int]  # table → how many rows it has
    changed: Sequence[str]  # the tables that differ from the version before


@dataclass(frozen=True, slots=True)
class TableChange:
    """How a table differs from another: rows that only one of them has, and rows of both."""

    added: int
    removed: int
    same: int


@dataclass(frozen=True, slots=True)
class Draft:
    """Tables that were checked and could be put in force."""

    based_on: int  # the version that was in force
    book: Skillbook
    texts: Mapping[str, str]  # table → its text, as `acd.tables_csv.dump` writes it
    changes: Mapping[str, TableChange]  # of the tables that differ


class AcdTables:
    """Reads and replaces the tables, for every process on the same database.

    Every method raises `storage.database.DatabaseProblem` and `storage.vault.VaultProblem`. Texts are
    sealed: there are names in them.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def version(self) -> int:
        """Return the number of the version in force: cheap, to be asked every second."""
        return await self._database.read(_newest)

    async def texts(self, number: int | None = None) -> tuple[int, Mapping[str, str]]:
        """Return a version, by default the one in force: its number, and table → text.

        A table that the version does not know yet is the shipped one. Raises NoSuchVersion.
        """
        return await self._database.read(lambda connection: self._texts(connection, number))

    async def book(self, number: int | None = None) -> tuple[int, Skillbook]:
        """Return a version, by default the one in force, ready for use. Raises NoSuchVersion, CsvRefused."""

        def work(connection: Connection) -> tuple[int, Skillbook]:
            found, texts = self._texts(connection, number)
            return found, load(texts)

        return await self._database.read(work)

    async def draft(self, given: Mapping[str, str], today: date) -> Draft:
        """Check tables together with those in force that are not given.

        Competences that have expired by `today` (in the office's zone) are refused, unless they are in
        force as they stand. Raises `acd.tables_csv.CsvRefused` with every mistake of every table.
        """

        def work(connection: Connection) -> Draft:
            number, old = self._texts(connection, None)
            book = _checked({**old, **given}, load(old), today)
            texts = dump(book.tables)
            changes = {
                table: change
                for table in COLUMNS
                if (change := _change(old[table], texts[table])).added or change.removed
            }
            return Draft(number, book, texts, changes)

        return await self._database.read(work)

    async def put(self, draft: Draft, who: str, about: str, at: datetime) -> int:
        """Put a draft in force and return its number; a draft without a change is not put again.

        Raises ValueError without a name, ChangedMeanwhile.
        """
        if not who.strip():
            raise ValueError("tables are put in force by somebody, for the record")
        kept: _Kept = {}
        sealed: dict[bytes, bytes] = {}
        for table, text in draft.texts.items():
            fingerprint = self._vault.lookup_key(f"{table}\n{text}")
            kept[table] = fingerprint.hex(), len(_rows(text))
            sealed[fingerprint] = self._vault.seal(zlib.compress(text.encode()), _context(fingerprint))
        values = {"at": at, "who": who.strip(), "about": about.strip(), "texts": _json.encode(kept).decode()}

        def work(connection: Connection) -> int:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE acd_versions IN SHARE ROW EXCLUSIVE MODE"))
            newest = _newest(connection)
            if newest != draft.based_on:
                raise ChangedMeanwhile(f"version {newest} was put in force meanwhile")
            if newest != SHIPPED and not draft.changes:
                return newest
            there = {bytes(row[0]) for row in connection.execute(sa.select(acd_texts.c.fingerprint))}
            for fingerprint in sealed.keys() - there:
                row = {"fingerprint": fingerprint, "sealed_text": sealed[fingerprint]}
                connection.execute(sa.insert(acd_texts).values(row))
            connection.execute(sa.insert(acd_versions).values(number=newest + 1, **values))
            return newest + 1

        return await self._database.write(work)

    async def history(self, limit: int = 20) -> Sequence[TablesVersion]:
        """Return the newest versions, newest first."""
        query = sa.select(acd_versions).order_by(acd_versions.c.number.desc()).limit(limit + 1)
        rows: Sequence[Any] = await self._database.read(lambda c: c.execute(query).all())
        found = [_kept.decode(row.texts) for row in rows]
        before: list[_Kept] = [*found, {}][1:]
        return [
            TablesVersion(
                row.number,
                row.at,
                row.who,
                row.about,
                {table: rows_ for table, (_, rows_) in texts.items()},
                [table for table in texts if texts[table] != old.get(table)],
            )
            for row, texts, old in zip(rows, found, before, strict=True)
        ][:limit]

    def _texts(self, connection: Connection, number: int | None) -> tuple[int, Mapping[str, str]]:
        wanted = _newest(connection) if number is None else number
        shipped = dump(load_folder().tables)
        if wanted == SHIPPED:
            return wanted, shipped
        version = sa.select(acd_versions.c.texts).where(acd_versions.c.number == wanted)
        known = connection.execute(version).scalar()
        if known is None:
            raise NoSuchVersion(f"The tables have no version {wanted}. Remedy: kring acd tables history")
        kept = {
            table: bytes.fromhex(found[0]) for table, found in _kept.decode(known).items() if table in COLUMNS
        }
        rows = connection.execute(sa.select(acd_texts).where(acd_texts.c.fingerprint.in_(kept.values())))
        sealed = {bytes(row.fingerprint): bytes(row.sealed_text) for row in rows}
        texts = {table: self._open(fingerprint, sealed[fingerprint]) for table, fingerprint in kept.items()}
        return wanted, {**shipped, **texts}

    def _open(self, fingerprint: bytes, sealed: bytes) -> str:
        return zlib.decompress(self._vault.open(sealed, _context(fingerprint))).decode()


class TablesWatch:
    """Notices that other tables were put in force; to be asked once a second."""

    def __init__(self, tables: AcdTables, number: int) -> None:
        """`number` is the version that is in use."""
        self.number = number
        self._tables = tables

    async def changed(self) -> Skillbook | None:
        """Return the tables in force if they are others than before, else None.

        Raises DatabaseProblem, VaultProblem, CsvRefused; then the old ones stay in use.
        """
        if await self._tables.version() == self.number:
            return None
        self.number, book = await self._tables.book()
        return book


def _checked(texts: Mapping[str, str], old: Skillbook, today: date) -> Skillbook:
    book = load(texts)
    in_force = set(old.tables.competences)
    late = (row for row in book.tables.competences if row.expires and row.expires < today)
    # Tables that were right when they were put in force stay right: only new rows must not be late.
    return load(texts, today) if any(row not in in_force for row in late) else book


def _change(old: str, new: str) -> TableChange:
    before, after = Counter(_rows(old)), Counter(_rows(new))
    same = (before & after).total()
    return TableChange(after.total() - same, before.total() - same, same)


def _rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(cells) for cells in csv.reader(io.StringIO(text, newline=""))][1:]


def _newest(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.max(acd_versions.c.number))).scalar() or SHIPPED


def _context(fingerprint: bytes) -> bytes:
    return b"acd_texts/" + fingerprint.hex().encode()
