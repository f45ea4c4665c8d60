"""The book of cases, complaints, promises and requests. What was said is sealed; the trail only grows."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.history import HistoryUnavailable, OpenMatter
from desk.matters import (
    CodeTaken,
    Matter,
    MatterChanged,
    MatterEvent,
    MatterKind,
    MattersUnavailable,
    Moved,
    WorkFilter,
    as_open_matter,
)
from desk.standing import Rung
from storage.database import Database, DatabaseProblem
from storage.matter_tables import matter_events, matters
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

_OPEN = matters.c.closed_at.is_(None)
_NEWEST_FIRST = (matters.c.opened_at.desc(), matters.c.matter_id.desc())
_json = msgspec.json.Encoder(order="deterministic")
_strings = msgspec.json.Decoder(dict[str, str])
# Columns that are the matter's fields as they are.
_PLAIN = tuple(
    column.name for column in matters.c if column.name not in ("kind", "rung", "words", "sealed_body")
)


class DurableMatters:
    """A `desk.matters.MatterBook`, and the card's `desk.history.OpenMatters`, on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def open(self, moved: Moved) -> Matter:
        """Keep a new matter; return it, or the one that was opened under this id before."""

        def insert(connection: Connection) -> Any:
            known = _one(connection, matters.c.matter_id == moved.matter.matter_id)
            if known is None:
                self.write_new(connection, moved)
            return known

        known = await self._write(insert)
        if known is None:
            return moved.matter
        found = self._matter(known)
        if not found.same_origin(moved.matter):
            raise MatterChanged
        return found

    async def change(self, moved: Moved, *also: Moved) -> Matter:
        """Keep a step, and what comes of it, all or none."""

        def update(connection: Connection) -> None:
            self.write_step(connection, moved)
            for one in also:
                (self.write_new if one.is_new else self.write_step)(connection, one)

        await self._write(update)
        return moved.matter

    def write_step(self, connection: Connection, moved: Moved) -> None:
        """Keep a step in somebody's transaction. Raises MatterChanged."""
        after = moved.matter
        which = sa.and_(matters.c.matter_id == after.matter_id, matters.c.version == after.version - 1)
        changing = sa.update(matters).where(which).values(self._row(after))
        if connection.execute(changing).rowcount != 1:
            raise MatterChanged
        connection.execute(sa.insert(matter_events).values(self._event_row(moved.event)))

    def write_new(self, connection: Connection, moved: Moved) -> None:
        """Keep a new matter in somebody's transaction. Raises CodeTaken."""
        if _one(connection, matters.c.code == moved.matter.code) is not None:
            raise CodeTaken
        connection.execute(sa.insert(matters).values(self._row(moved.matter)))
        connection.execute(sa.insert(matter_events).values(self._event_row(moved.event)))

    async def get(self, matter_id: str) -> Matter:
        """Return a matter. Raises KeyError: there is none."""
        row = await self._read(lambda connection: _one(connection, matters.c.matter_id == matter_id))
        if row is None:
            raise KeyError(matter_id)
        return self._matter(row)

    async def by_code(self, code: str) -> Matter | None:
        """Return the matter with a code."""
        row = await self._read(lambda connection: _one(connection, matters.c.code == code))
        return None if row is None else self._matter(row)

    async def trail(self, matter_id: str) -> Sequence[MatterEvent]:
        """Return every step, first to last."""
        query = (
            sa.select(matter_events)
            .where(matter_events.c.matter_id == matter_id)
            .order_by(matter_events.c.number)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [self._event(row) for row in rows]

    async def about_taxpayer(self, taxpayer_id: str) -> Sequence[Matter]:
        """Return what is open for a taxpayer, newest first."""
        return await self._several(
            sa.select(matters).where(_OPEN, matters.c.taxpayer_id == taxpayer_id).order_by(*_NEWEST_FIRST)
        )

    async def of_call(self, call_id: str) -> Sequence[Matter]:
        """Return what was opened in a call, newest first."""
        return await self._several(
            sa.select(matters).where(matters.c.call_id == call_id).order_by(*_NEWEST_FIRST)
        )

    async def work(self, wanted: WorkFilter) -> Sequence[Matter]:
        """Return a list of work, those due first in front; closed ones newest first."""
        query = sa.select(matters).where(matters.c.kind.in_([kind.value for kind in wanted.kinds]))
        for column, value in (
            (matters.c.team, wanted.team),
            (matters.c.assignee, wanted.assignee),
            (matters.c.cluster, wanted.cluster),
        ):
            if value is not None:
                query = query.where(column == value)
        if wanted.due_until is not None:
            query = query.where(matters.c.due_at <= wanted.due_until)
        if wanted.closed:
            query = query.where(sa.not_(_OPEN)).order_by(matters.c.closed_at.desc(), matters.c.matter_id)
        else:
            query = query.where(_OPEN).order_by(
                matters.c.due_on.is_(None),
                matters.c.due_on,
                matters.c.due_at.is_(None),
                matters.c.due_at,
                matters.c.matter_id,
            )
        return await self._several(query.limit(wanted.most))

    async def matters_of(self, taxpayer_id: str) -> Sequence[OpenMatter]:
        """Return a taxpayer's open cases, complaints and promises. Raises HistoryUnavailable."""
        try:
            found = await self.about_taxpayer(taxpayer_id)
        except MattersUnavailable as error:
            raise HistoryUnavailable(str(error)) from error
        return [as_open_matter(one) for one in found]

    async def _several(self, query: "sa.Select[Any]") -> Sequence[Matter]:
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [self._matter(row) for row in rows]

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error

    def _row(self, matter: Matter) -> dict[str, Any]:
        return {
            **{name: getattr(matter, name) for name in _PLAIN},
            "kind": matter.kind.value,
            "rung": int(matter.rung),
            "words": _json.encode(dict(matter.words)).decode(),
            "sealed_body": self._vault.seal(
                _json.encode(dict(matter.body)), _context(matter.matter_id, "body")
            ),
        }

    def _matter(self, row: Any) -> Matter:
        try:
            body = self._vault.open(bytes(row.sealed_body), _context(row.matter_id, "body"))
        except VaultProblem as error:
            raise MattersUnavailable(str(error)) from error
        return Matter(
            **{name: getattr(row, name) for name in _PLAIN},
            kind=MatterKind(row.kind),
            rung=Rung(row.rung),
            words=_strings.decode(row.words),
            body=_strings.decode(body),
        )

    def _event_row(self, event: MatterEvent) -> dict[str, Any]:
        context = _context(event.matter_id, f"note/{event.number}")
        return {
            "matter_id": event.matter_id,
            "number": event.number,
            "at": event.at,
            "who": event.who,
            "what": event.what,
            "state": event.state,
            "words": _json.encode(dict(event.words)).decode(),
            "sealed_note": self._vault.seal(event.note.encode(), context) if event.note else None,
        }

    def _event(self, row: Any) -> MatterEvent:
        note = ""
        if row.sealed_note is not None:
            context = _context(row.matter_id, f"note/{row.number}")
            try:
                note = self._vault.open(bytes(row.sealed_note), context).decode()
            except VaultProblem as error:
                raise MattersUnavailable(str(error)) from error
        words = _strings.decode(row.words)
        return MatterEvent(row.matter_id, row.number, row.at, row.who, row.what, row.state, words, note)


def _one(connection: Connection, which: "sa.ColumnElement[bool]") -> Any:
    return connection.execute(sa.select(matters).where(which)).first()


def _context(matter_id: str, what: str) -> bytes:
    return f"matters/{matter_id}/{what}".encode()
