"""Sealed recordings to keep, hold and destroy: database, folder of sounds, keys, anchors, a moved clock."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.anchors import AnchorFolder, AnchorPlaces
from recording.keys import KeyFile, RecordingKeys
from recording.manifest import Act, Entry
from recording.plain import PlainFolder
from recording.recordings import Mark, MarkKind, Mode, Recording
from recording.retention import keep_until, load_retention
from recording.sound_store import SoundStore, StoreAway, Stored, object_key
from recording.states import State
from storage.database import Database
from storage.recording_destruction import Destruction
from storage.recording_holds import DurableHolds
from storage.recording_manifest import DurableManifest
from storage.recordings import DurableRecordings, move_in
from storage.sound_store_folder import FolderStore

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class MovedClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = AT) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - AT).total_seconds()

    def move(self, by: timedelta) -> None:
        self._now += by


class KeepingWorld:
    """Everything that keeps recordings, and ways to break it."""

    def __init__(self, database: Database, home: Path, at: datetime = AT) -> None:
        self.database, self.home = database, home
        self.clock = MovedClock(at)
        # The places are those of an installation whose home is this folder.
        self.key_file = home / "secrets" / "recording_keys"
        if not self.key_file.exists():
            RecordingKeys.create(self.key_file)
        self.keys = KeyFile(self.key_file)
        self.anchors = AnchorPlaces([AnchorFolder(home / name, self.keys) for name in ("anchors", "second")])
        self.manifest = DurableManifest(database, self.keys, self.anchors, self.clock)
        self.book = DurableRecordings(database)
        self.holds = DurableHolds(database, self.manifest, self.clock)
        self.store = FolderStore.make(home / "recordings")
        self.plain = PlainFolder(home / "asterisk" / "spool" / "recording")
        self.plain.root.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.table = load_retention()
        self.destruction = self.destruction_with(self.store)

    def destruction_with(self, store: SoundStore) -> Destruction:
        return Destruction(self.database, self.manifest, store, self.table, self.clock)

    def rotate_keys(self) -> None:
        RecordingKeys.rotate(self.key_file)

    async def stopped(self) -> str:
        recording_id = uuid4().hex
        of_whom = (f"call-{recording_id[:8]}", 1, "leg-1", "in", "efin/B", "", "1001", "id", Mode.ALWAYS)
        await self.book.plan(Recording(recording_id, *of_whom, State.PLANNED, self.clock.now()))
        await self.book.move(recording_id, "start", self.clock.now())
        await self.book.mark(recording_id, [Mark(MarkKind.TALK, 0, 1000, "1001")])
        await self.book.move(recording_id, "stop", self.clock.now())
        return recording_id

    async def put(self, key: str, sound: bytes) -> None:
        source = self.store.staging / "object"
        source.write_bytes(sound)
        await self.store.put(key, source)

    async def seal(self, recording_id: str, *, spare: bool = True) -> None:
        """Seal as the worker does: bytes in the store, then row and manifest in one step.

        `spare`: an attempt before this one broke off and left its object.
        """
        recording = await self.book.get(recording_id)
        assert recording is not None
        own = self.keys.fresh(recording_id)
        key = object_key(recording_id, "1")
        sound = b"sound of " + recording_id.encode()
        for name in (key, object_key(recording_id, "0"))[: 2 if spare else 1]:
            await self.put(name, sound)
        at = self.clock.now()
        facts = {
            "object_key": key,
            "object_bytes": len(sound),
            "digest": "d" * 64,
            "coding": "flac",
            "wrapped_key": own.wrapped,
            "key_version": own.version,
            "keep_until": keep_until(self.table, recording, at),
        }

        def work(connection: Connection) -> None:
            move_in(connection, recording_id, "verify", at)
            move_in(connection, recording_id, "seal", at, facts)
            digest = hashlib.sha256(sound).hexdigest()
            self.manifest.append(connection, Entry(recording_id, Act.SEALED, at, digest, key))

        await self.manifest.write(work)

    async def sealed(self, *, spare: bool = True) -> str:
        recording_id = await self.stopped()
        await self.seal(recording_id, spare=spare)
        return recording_id

    async def state(self, recording_id: str) -> State:
        recording = await self.book.get(recording_id)
        assert recording is not None
        return recording.state

    async def sound(self, recording_id: str) -> bytes | None:
        """What the store still has of a recording."""
        kept = [key.key async for key in self.store.objects() if recording_id in key.key]
        return await self.store.read(kept[0], 0, 100) if kept else None

    def break_the_database(self) -> None:
        """Let nothing more be written into the rows of recordings and alarms."""
        for table in ("recordings", "recording_alarms"):
            self._execute(f"ALTER TABLE {table} RENAME TO {table}_away")

    def mend_the_database(self) -> None:
        """Undo it."""
        there = sa.inspect(self.database.engine).get_table_names()
        for table in ("recordings", "recording_alarms"):
            if f"{table}_away" in there:
                self._execute(f"ALTER TABLE {table}_away RENAME TO {table}")

    def _execute(self, text: str) -> None:
        self.database.write_now(lambda connection: connection.exec_driver_sql(text))


class Refusing:
    """A store that refuses one method, after it worked some times; it counts what it refused."""

    def __init__(
        self, store: SoundStore, method: str, after: int = 0, then: Callable[[], None] | None = None
    ) -> None:
        self._store, self._method, self._left, self._then = store, method, after, then
        self.refused = 0

    @property
    def staging(self) -> Path:
        return self._store.staging

    async def put(self, key: str, source: Path) -> None:
        self._refuse("put")
        await self._store.put(key, source)

    async def size(self, key: str) -> int:
        self._refuse("size")
        return await self._store.size(key)

    async def read(self, key: str, start: int, end: int) -> bytes:
        self._refuse("read")
        return await self._store.read(key, start, end)

    async def delete(self, key: str) -> None:
        self._refuse("delete")
        await self._store.delete(key)

    async def objects(self, prefix: str = "") -> AsyncIterator[Stored]:
        self._refuse("objects")
        async for stored in self._store.objects(prefix):
            yield stored

    async def check(self) -> None:
        self._refuse("check")
        await self._store.check()

    def _refuse(self, method: str) -> None:
        if method != self._method or self.refused:
            return
        if self._left:
            self._left -= 1
            return
        self.refused += 1
        if self._then is None:
            raise StoreAway("the store is away (a test)")
        self._then()
