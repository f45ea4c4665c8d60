"""Lists what a two-way scan compares, mends what is certain, and holds stored bytes against the manifest."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.manifest import Act
from recording.plain import PlainFolder
from recording.ports import RecordingsUnavailable
from recording.scan import FileSeen, Found, Listing, RowSeen, Signed, Stray, scan
from recording.sound_store import SoundStore, recording_of
from recording.states import State
from storage.database import Database
from storage.kept import Kept
from storage.recording_tables import recording_manifest, recordings

_R, _M = recordings.c, recording_manifest.c
_AT_ONCE = 5000  # rows
_PIECE = 1_048_576  # bytes of an object that are read at once
_DIGITS = "0123456789abcdef"
# By the first sign of the id, so that a year's recordings need not be remembered at once; the last part has
# what has no id of ours.
_PARTS = (*_DIGITS, "")


class Scanner(Kept):
    """Scans one installation. Methods raise RecordingsUnavailable, and OSError for a folder or the store."""

    unavailable = RecordingsUnavailable

    def __init__(self, database: Database, plain: PlainFolder, store: SoundStore, clock: Clock) -> None:
        super().__init__(database)
        self._plain = plain
        self._store = store
        self._clock = clock

    async def scan(self) -> Sequence[Found]:
        """Return what does not fit. Changes nothing."""
        # Files before rows: a row is there before its file is.
        plain = await asyncio.to_thread(self._plain_files)
        found = []
        for part in _PARTS:
            of_part = [file for file in plain if _part_of(file.recording_id) == part]
            objects = {one.name: one async for one in self._objects(part)}
            rows, manifest = await self._read(partial(_rows_and_manifest, part=part))
            found += scan(Listing(of_part, objects, rows, manifest), self._clock.now())
        return found

    async def mend(self, found: Iterable[Found]) -> Sequence[Found]:
        """Remove what is certainly too much; return what was mended."""
        mended = []
        for one in found:
            if not one.certain:
                continue
            if one.stray is Stray.PLAIN_LEFT:
                await asyncio.to_thread(self._plain.remove, one.recording_id)
            else:
                await self._store.delete(one.name)
            mended.append(one)
        return mended

    async def changed(self, recording_ids: Iterable[str]) -> AsyncIterator[Found]:
        """Read these recordings' stored objects and yield those that are not what the manifest says."""
        for recording_id in recording_ids:
            signed = await self._signed(recording_id)
            if signed is None or signed.act is Act.DESTROYED:
                continue
            try:
                digest = await self._digest(signed.object_key)
            except FileNotFoundError:
                yield Found(Stray.ROW_WITHOUT_OBJECT, recording_id, signed.object_key)
                continue
            if digest != signed.digest:
                yield Found(Stray.OBJECT_CHANGED, recording_id, signed.object_key)

    async def sealed(self) -> Sequence[str]:
        """Return the ids of all recordings that have an object."""
        sound = _R.state.in_([State.SEALED.value, State.HELD.value])
        query = sa.select(_R.recording_id).where(sound).order_by(_R.planned_at)
        return await self._read(lambda connection: connection.execute(query).scalars().all())

    async def _digest(self, key: str) -> str:
        size, digest = await self._store.size(key), hashlib.sha256()
        for start in range(0, size, _PIECE):
            digest.update(await self._store.read(key, start, min(start + _PIECE, size)))
        return digest.hexdigest()

    async def _signed(self, recording_id: str) -> Signed | None:
        whose = _M.recording_id == recording_id
        found = await self._read(lambda connection: _manifest_in(connection, whose))
        return found.get(recording_id)

    async def _objects(self, part: str) -> AsyncIterator[FileSeen]:
        """Yield the objects of a part; of the last one those that are not named as ours are."""
        async for stored in self._store.objects(part):
            owner = recording_of(stored.key)
            # What begins with a full stop is on its way, or a trial.
            if _part_of(owner) == part and not stored.key.startswith("."):
                yield FileSeen(owner, stored.key, stored.size, stored.at)

    def _plain_files(self) -> list[FileSeen]:
        found = []
        for file in self._plain.files():
            at = datetime.fromtimestamp(file.modified, UTC)
            found.append(FileSeen(file.recording_id, file.path.name, file.size, at))
        return found


def _part_of(recording_id: str) -> str:
    return recording_id[:1] if recording_id[:1] in _DIGITS else ""


def _in_part(column: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    first = sa.func.substr(column, 1, 1)
    return first == part if part else first.not_in(list(_DIGITS))


def _rows_and_manifest(connection: Connection, part: str) -> tuple[dict[str, RowSeen], Mapping[str, Signed]]:
    if connection.dialect.name == "postgresql":
        # Row and manifest are written in one step: they have to be read as of one moment.
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    times = (_R.destroyed_at, _R.sealed_at, _R.stopped_at, _R.started_at, _R.planned_at)
    columns = (_R.recording_id, _R.state, _R.object_key, _R.object_bytes)
    query = sa.select(*columns, sa.func.coalesce(*times).label("since")).where(
        _in_part(_R.recording_id, part)
    )
    rows = {}
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        state = State.LOST
        with contextlib.suppress(ValueError):  # an edited one is none of ours
            state = State(row.state)
        rows[row.recording_id] = RowSeen(row.recording_id, state, row.object_key, row.object_bytes, row.since)
    return rows, _manifest_in(connection, _in_part(_M.recording_id, part))


def _manifest_in(connection: Connection, whose: sa.ColumnElement[bool]) -> dict[str, Signed]:
    acts = [Act.SEALED.value, Act.DESTROYED.value]
    query = sa.select(_M.recording_id, _M.act, _M.digest, _M.detail).where(_M.act.in_(acts), whose)
    found: dict[str, Signed] = {}
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query.order_by(_M.number)):
        before = found.get(row.recording_id)
        if row.act == Act.SEALED:
            found[row.recording_id] = Signed(Act.SEALED, row.detail, row.digest)
        else:
            key, digest = (before.object_key, before.digest) if before else ("", "")
            found[row.recording_id] = Signed(Act.DESTROYED, key, digest)
    return found
