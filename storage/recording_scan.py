"""Lists what a two-way scan compares, mends what is certain, and holds stored bytes against the manifest."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.manifest import Act
from recording.plain import PlainFolder
from recording.ports import RecordingsUnavailable
from recording.scan import FileSeen, Found, Listing, RowSeen, Signed, Stray, scan
from recording.sound_store import SoundStore, recording_of
from recording.states import State
from storage.database import Database, DatabaseProblem
from storage.recording_tables import recording_manifest, recordings

_R, _M = recordings.c, recording_manifest.c
_AT_ONCE = 5000  # rows
_PART = 1_048_576  # bytes of an object that are read at once


class Scanner:
    """Scans one installation. Methods raise RecordingsUnavailable, and OSError for a folder or the store."""

    def __init__(self, database: Database, plain: PlainFolder, store: SoundStore, clock: Clock) -> None:
        self._database = database
        self._plain = plain
        self._store = store
        self._clock = clock

    async def scan(self) -> Sequence[Found]:
        """Return what does not fit. Changes nothing."""
        # Files before rows: a row is there before its file is.
        plain = await asyncio.to_thread(self._plain_files)
        objects = {stored.name: stored async for stored in self._objects()}
        try:
            rows, manifest = await self._database.read(_rows_and_manifest)
        except DatabaseProblem as error:
            raise RecordingsUnavailable(str(error)) from error
        return scan(Listing(plain, objects, rows, manifest), self._clock.now())

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
        try:
            return await self._database.read(lambda connection: connection.execute(query).scalars().all())
        except DatabaseProblem as error:
            raise RecordingsUnavailable(str(error)) from error

    async def _digest(self, key: str) -> str:
        size, digest = await self._store.size(key), hashlib.sha256()
        for start in range(0, size, _PART):
            digest.update(await self._store.read(key, start, min(start + _PART, size)))
        return digest.hexdigest()

    async def _signed(self, recording_id: str) -> Signed | None:
        try:
            found = await self._database.read(lambda connection: _manifest_in(connection, recording_id))
        except DatabaseProblem as error:
            raise RecordingsUnavailable(str(error)) from error
        return found.get(recording_id)

    async def _objects(self) -> AsyncIterator[FileSeen]:
        async for stored in self._store.objects():
            if not stored.key.startswith("."):  # what is on its way, or a trial
                yield FileSeen(recording_of(stored.key), stored.key, stored.size, stored.at)

    def _plain_files(self) -> list[FileSeen]:
        found = []
        for file in self._plain.files():
            at = datetime.fromtimestamp(file.modified, UTC)
            found.append(FileSeen(file.recording_id, file.path.name, file.size, at))
        return found


def _rows_and_manifest(connection: Connection) -> tuple[dict[str, RowSeen], Mapping[str, Signed]]:
    times = (_R.destroyed_at, _R.sealed_at, _R.stopped_at, _R.started_at, _R.planned_at)
    columns = (_R.recording_id, _R.state, _R.object_key, _R.object_bytes)
    query = sa.select(*columns, sa.func.coalesce(*times).label("since"))
    rows = {}
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        state = State.LOST
        with contextlib.suppress(ValueError):  # an edited one is none of ours
            state = State(row.state)
        rows[row.recording_id] = RowSeen(row.recording_id, state, row.object_key, row.object_bytes, row.since)
    return rows, _manifest_in(connection)


def _manifest_in(connection: Connection, recording_id: str = "") -> dict[str, Signed]:
    acts = [Act.SEALED.value, Act.DESTROYED.value]
    query = sa.select(_M.recording_id, _M.act, _M.digest, _M.detail).where(_M.act.in_(acts))
    if recording_id:
        query = query.where(_M.recording_id == recording_id)
    found: dict[str, Signed] = {}
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query.order_by(_M.number)):
        before = found.get(row.recording_id)
        if row.act == Act.SEALED:
            found[row.recording_id] = Signed(Act.SEALED, row.detail, row.digest)
        else:
            key, digest = (before.object_key, before.digest) if before else ("", "")
            found[row.recording_id] = Signed(Act.DESTROYED, key, digest)
    return found
