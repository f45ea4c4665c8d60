"""Interaction notes and their drafts on a database. Notes are append-only, drafts come and go."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from desk.history import HistoryUnavailable, PastNote
from desk.notes import (
    NEW,
    PAGE,
    Draft,
    DraftChanged,
    NewNote,
    Note,
    NoteChanged,
    NoteSearch,
    NotesUnavailable,
)
from desk.notes_words import words_of
from storage.database import Database
from storage.interaction_rows import InteractionRows
from storage.interaction_tables import interaction_drafts, interaction_notes, interaction_words
from storage.kept import Kept
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
_MANY = 500  # values of one IN
_notes, _words, _drafts = interaction_notes.c, interaction_words.c, interaction_drafts.c
_later = interaction_notes.alias()
_NEWEST = ~sa.exists().where(_later.c.note_id == _notes.note_id, _later.c.version > _notes.version)


class DurableInteractions(Kept):
    """A `desk.notes.Interactions`, and a `desk.history.PastNotes`, on a database."""

    unavailable = NotesUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._rows = InteractionRows(vault)

    async def save(self, note: NewNote) -> Note:
        """Keep a new note, and let the draft of it go. The same note again changes nothing."""
        row = self._rows.note_row(note, 1)

        def work(connection: Connection) -> Any:
            if not _insert_new(connection, interaction_notes, row):
                kept = _newest(connection, note.note_id)
                if not self._same(kept, note):
                    raise NoteChanged(self._rows.note(kept))
                return kept
            self._index(connection, note, 1)
            _drop_drafts_of(connection, note)
            return _newest(connection, note.note_id)

        return await self._write(lambda connection: self._rows.note(work(connection)))

    async def correct(self, note: NewNote, expected: int) -> Note:
        """Keep a further version of a note, and let the draft of it go."""

        def work(connection: Connection) -> Any:
            kept = _newest(connection, note.note_id)
            if kept is None:
                raise KeyError(note.note_id)
            if kept.version == expected + 1 and self._same(kept, note):
                return kept
            row = self._rows.note_row(note, expected + 1, kept)
            if kept.version != expected or not _insert_new(connection, interaction_notes, row):
                raise NoteChanged(self._rows.note(_newest(connection, note.note_id)))
            self._index(connection, note, expected + 1)
            _drop_drafts_of(connection, note)
            return _newest(connection, note.note_id)

        return await self._write(lambda connection: self._rows.note(work(connection)))

    async def note(self, note_id: str) -> Sequence[Note]:
        """Return every version of a note, newest first."""
        query = sa.select(interaction_notes).where(_notes.note_id == note_id).order_by(_notes.version.desc())
        return await self._found(query)

    async def of_call(self, call_id: str) -> Sequence[Note]:
        """Return a call's notes in their newest versions, in the order of writing."""
        query = sa.select(interaction_notes).where(_notes.call_id == call_id, _NEWEST)
        return await self._found(query.order_by(_notes.first_at, _notes.note_id))

    async def draft(self, call_id: str, staff_id: str, slot: str = NEW) -> Draft | None:
        """Return what somebody was writing about a call."""
        query = sa.select(interaction_drafts).where(_slot(call_id, staff_id, slot))
        rows = await self._read(lambda connection: connection.execute(query).all())
        return self._opened(self._rows.draft, rows[0]) if rows else None

    async def keep_draft(self, draft: Draft) -> Draft:
        """Keep a draft; `draft.version` is the one it is based on. Return it with its new version."""
        values, which = self._rows.draft_values(draft), _slot(draft.call_id, draft.staff_id, draft.slot)
        key = {"call_id": draft.call_id, "staff_id": draft.staff_id, "slot": draft.slot}

        def work(connection: Connection) -> Draft:
            base = sa.and_(which, _drafts.version == draft.version, _drafts.note_id == draft.note_id)
            change = sa.update(interaction_drafts).where(base).values(**values, version=draft.version + 1)
            # The draft of a note that was saved meanwhile must not come back as a second one.
            saved = draft.slot == NEW and _newest(connection, draft.note_id) is not None
            kept = not saved and (
                _insert_new(connection, interaction_drafts, {**key, **values, "version": 1})
                if draft.version == 0
                else connection.execute(change).rowcount == 1
            )
            if not kept:
                raise self._draft_changed(connection, draft)
            return self._rows.draft(connection.execute(sa.select(interaction_drafts).where(which)).one())

        return await self._write(work)

    async def drop_draft(self, call_id: str, staff_id: str, slot: str, version: int) -> None:
        """Throw a draft away; one that is gone already is no conflict."""
        which = _slot(call_id, staff_id, slot)

        def work(connection: Connection) -> None:
            delete = sa.delete(interaction_drafts).where(which, _drafts.version == version)
            if connection.execute(delete).rowcount == 0:
                row = connection.execute(sa.select(interaction_drafts).where(which)).first()
                if row is not None:
                    raise DraftChanged(self._rows.draft(row))

        await self._write(work)

    async def drafts_of(self, staff_id: str) -> Sequence[Draft]:
        """Return everything somebody has not saved yet, newest first."""
        query = sa.select(interaction_drafts).where(_drafts.staff_id == staff_id)
        query = query.order_by(_drafts.at.desc(), _drafts.call_id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [self._opened(self._rows.draft, row) for row in rows]

    async def purge_drafts(self, before: datetime) -> int:
        """Delete the drafts last written before a moment; return how many."""
        delete = sa.delete(interaction_drafts).where(_drafts.at < before)
        return await self._write(lambda connection: connection.execute(delete).rowcount)

    async def search(self, search: NoteSearch) -> Sequence[Note]:
        """Return at most PAGE notes in their newest versions, newest first."""
        wanted = words_of(search.words)
        if search.words.strip() and not wanted:
            return []
        query = sa.select(interaction_notes).where(_NEWEST, *_narrowed(search))
        for word in sorted(wanted):
            same = sa.and_(_words.note_id == _notes.note_id, _words.version == _notes.version)
            query = query.where(sa.exists().where(_words.fingerprint == self._rows.fingerprint(word), same))
        return await self._found(query.order_by(_notes.first_at.desc(), _notes.note_id.desc()).limit(PAGE))

    async def documented(self, call_ids: Sequence[str]) -> frozenset[str]:
        """Return those of these calls that have a note."""

        def work(connection: Connection) -> frozenset[str]:
            found: set[str] = set()
            for start in range(0, len(call_ids), _MANY):
                which = _notes.call_id.in_(call_ids[start : start + _MANY])
                found.update(connection.scalars(sa.select(_notes.call_id).where(which).distinct()))
            return frozenset(found)

        return await self._read(work)

    async def notes_about(self, taxpayer_id: str, most: int = 10) -> Sequence[PastNote]:
        """Return the newest notes about a taxpayer, newest first. Raises HistoryUnavailable."""
        query = sa.select(interaction_notes).where(_notes.taxpayer_id == taxpayer_id, _NEWEST)
        query = query.order_by(_notes.first_at.desc(), _notes.note_id.desc()).limit(most)
        try:
            found = await self._found(query)
        except NotesUnavailable as error:
            raise HistoryUnavailable(str(error)) from error
        return [
            PastNote(
                note.note_id,
                note.call_id,
                note.first_at,
                note.content.branch,
                note.content.category,
                note.content.question,
                note.staff_id,
            )
            for note in found
        ]

    def safe_key(self, session_id: str) -> str:
        """Return the key with which a page of this session seals what it keeps itself."""
        return base64.b64encode(self._rows.session_key(session_id)).decode()

    def _same(self, kept: Any, note: NewNote) -> bool:
        found = self._rows.note(kept)
        return (found.call_id, found.staff_id, found.content) == (note.call_id, note.staff_id, note.content)

    def _index(self, connection: Connection, note: NewNote, version: int) -> None:
        rows = [
            {"fingerprint": fingerprint, "note_id": note.note_id, "version": version}
            for fingerprint in self._rows.words(note.content)
        ]
        if rows:
            connection.execute(sa.insert(interaction_words), rows)

    def _draft_changed(self, connection: Connection, draft: Draft) -> DraftChanged:
        which = _slot(draft.call_id, draft.staff_id, draft.slot)
        row = connection.execute(sa.select(interaction_drafts).where(which)).first()
        saved = _newest(connection, draft.note_id)
        return DraftChanged(
            None if row is None else self._rows.draft(row), None if saved is None else self._rows.note(saved)
        )

    async def _found(self, query: "sa.Select[Any]") -> Sequence[Note]:
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [self._opened(self._rows.note, row) for row in rows]

    def _opened(self, build: Callable[[Any], T], row: Any) -> T:
        try:
            return build(row)
        except VaultProblem as error:
            raise NotesUnavailable(str(error)) from error


def _insert_new(connection: Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; return whether it was inserted."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(values).on_conflict_do_nothing()
    done = connection.execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount == 1


def _newest(connection: Connection, note_id: str) -> Any:
    query = sa.select(interaction_notes).where(_notes.note_id == note_id)
    return connection.execute(query.order_by(_notes.version.desc()).limit(1)).first()


def _slot(call_id: str, staff_id: str, slot: str) -> "sa.ColumnElement[bool]":
    return sa.and_(_drafts.call_id == call_id, _drafts.staff_id == staff_id, _drafts.slot == slot)


def _drop_drafts_of(connection: Connection, note: NewNote) -> None:
    mine = sa.and_(_drafts.call_id == note.call_id, _drafts.staff_id == note.staff_id)
    connection.execute(sa.delete(interaction_drafts).where(mine, _drafts.note_id == note.note_id))


def _narrowed(search: NoteSearch) -> Sequence["sa.ColumnElement[bool]"]:
    found: list[sa.ColumnElement[bool]] = []
    if search.since is not None:
        found.append(_notes.first_at >= _midnight(search.since))
    if search.until is not None:
        found.append(_notes.first_at < _midnight(search.until + timedelta(days=1)))
    for column, value in (
        (_notes.branch, search.branch),
        (_notes.category, search.category),
        (_notes.result, search.result),
        (_notes.agent, search.agent),
        (_notes.team, search.team),
        (_notes.taxpayer_id, search.taxpayer_id),
    ):
        if value:
            found.append(column == value)
    if search.before is not None:
        at, note_id = search.before
        found.append(sa.or_(_notes.first_at < at, sa.and_(_notes.first_at == at, _notes.note_id < note_id)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC)
