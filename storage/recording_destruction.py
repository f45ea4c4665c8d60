"""The end of a recording: its key and its bytes go; its rows, its marks and the reason stay.

The key goes first, in the transaction that puts the destruction on record: from then on nobody can hear it.
Then the stored bytes. The row names its object until that is gone, so that what broke off is completed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.manifest import Act, Entry
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from recording.retention import BY_TABLE, RetentionTable
from recording.sound_store import SoundStore, object_prefix
from recording.states import State
from storage.database import Database
from storage.kept import Kept
from storage.recording_holds import held_for, locked
from storage.recording_manifest import DurableManifest
from storage.recording_tables import recording_manifest, recordings
from storage.recordings import move_in, recording_of

SYSTEM = "system"  # who destroys by the table
_R, _M = recordings.c, recording_manifest.c
_NAME = 40  # characters of a name in the manifest
_CONFIRM_WITHIN = timedelta(days=14)


class NotDestroyed(Exception):
    """A recording is not destroyed: `why` is a word, `detail` says more."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why  # held, not_due, not_sealed, no_reason, not_asked, same_person
        self.detail = detail


class GoesWith(Protocol):
    """Something else that holds a recording's words or sounds, such as its transcript."""

    async def forget(self, recording_id: str) -> None:
        """Remove it for good. Idempotent. Raises RecordingsUnavailable, OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A destruction outside the table that waits for a second person."""

    recording_id: str
    at: datetime
    reason: str
    by: str  # staff_id


class Destruction(Kept):
    """Destroys recordings. Every method raises RecordingsUnavailable."""

    unavailable = RecordingsUnavailable

    def __init__(
        self,
        database: Database,
        manifest: DurableManifest,
        store: SoundStore,
        table: RetentionTable,
        clock: Clock,
        also: Sequence[GoesWith] = (),
    ) -> None:
        super().__init__(database)
        self._manifest = manifest
        self._store = store
        self._table = table
        self._clock = clock
        self._also = also

    async def due(self, most: int = 500) -> Sequence[Recording]:
        """Return recordings whose time is over and which nothing holds, the longest over first."""
        over = (_R.state == State.SEALED.value, _R.keep_until <= self._clock.now())
        query = sa.select(recordings).where(*over).order_by(_R.keep_until).limit(most)

        def read(connection: Connection) -> list[Recording]:
            found = [recording_of(row) for row in connection.execute(query).mappings().all()]
            return [one for one in found if not held_for(connection, one.recording_id)]

        return await self._read(read)

    async def asked(self) -> Sequence[Asked]:
        """Return what waits for a second person, the oldest first."""
        return await self._read(lambda connection: _asked(connection, self._since()))

    async def ask(self, recording_id: str, reason: str, by: str) -> None:
        """Ask for a destruction outside the table. Raises NotDestroyed, KeyError."""

        def work(connection: Connection) -> None:
            self._check(connection, recording_id, reason)
            if not self._needs_second(reason):
                raise NotDestroyed("no_reason", reason)
            if any(one.by == by and one.reason == reason for one in self._open(connection, recording_id)):
                return
            self._note(connection, recording_id, Act.ASKED, f"{reason} {by[:_NAME]}")

        await self._manifest.write(work)

    async def deny(self, recording_id: str, by: str) -> None:
        """Withdraw or turn down what was asked. Raises NotDestroyed, KeyError."""

        def work(connection: Connection) -> None:
            locked(connection, recording_id)
            if not self._open(connection, recording_id):
                raise NotDestroyed("not_asked")
            self._note(connection, recording_id, Act.DENIED, by[:_NAME])

        await self._manifest.write(work)

    async def destroy(self, recording_id: str, reason: str, by: str) -> Recording:
        """Destroy a recording for good. Idempotent.

        A reason outside the table needs somebody else who asked for it (`ask`). Raises NotDestroyed,
        KeyError, and OSError (the store): then it is on record and unreadable, and `complete` goes on.
        """
        gone = await self._manifest.write(lambda connection: self._end(connection, recording_id, reason, by))
        return await self._remove(gone)

    async def unfinished(self, most: int = 500) -> Sequence[Recording]:
        """Return destroyed ones whose bytes may still be in the store."""
        left = (_R.state == State.DESTROYED.value, _R.object_key != "")
        query = sa.select(recordings).where(*left).limit(most)
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [recording_of(row) for row in rows]

    async def complete(self) -> int:
        """Remove what destructions that broke off left; return how many those were. Raises OSError."""
        found = await self.unfinished()
        for one in found:
            await self._remove(one)
        return len(found)

    def _end(self, connection: Connection, recording_id: str, reason: str, by: str) -> Recording:
        before = locked(connection, recording_id)
        if before.state is State.DESTROYED:
            return before
        self._check(connection, recording_id, reason)
        confirmed = ""
        if self._needs_second(reason):
            asked = [one for one in self._open(connection, recording_id) if one.reason == reason]
            if not asked:
                raise NotDestroyed("not_asked", reason)
            others = [one.by for one in asked if one.by != by[:_NAME]]
            if not others:
                raise NotDestroyed("same_person", reason)
            confirmed = others[-1]
        elif before.keep_until is None or before.keep_until > self._clock.now():
            raise NotDestroyed("not_due", "" if before.keep_until is None else before.keep_until.isoformat())
        if connection.dialect.name == "sqlite":
            # What stood in the row is overwritten, not only let go of.
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        facts = {"object_key": before.object_key, "cause": reason}
        gone = move_in(connection, recording_id, "destroy", self._clock.now(), facts)
        who = f"{reason} {by[:_NAME]} {confirmed}".strip()
        sealed = (_M.recording_id == recording_id, _M.act == Act.SEALED.value)
        newest = sa.select(_M.digest).where(*sealed).order_by(_M.number.desc()).limit(1)
        digest = connection.execute(newest).scalar() or ""
        self._note(connection, recording_id, Act.DESTROYED, who, digest)
        return gone

    async def _remove(self, gone: Recording) -> Recording:
        """Remove the bytes; then let the row say so."""
        for one in self._also:
            await one.forget(gone.recording_id)
        if gone.object_key:
            async for stored in self._store.objects(object_prefix(gone.recording_id)):
                await self._store.delete(stored.key)
            await self._store.delete(gone.object_key)
        same = (_R.recording_id == gone.recording_id, _R.state == State.DESTROYED.value)
        done = sa.update(recordings).where(*same).values(object_key="", object_bytes=0)

        def work(connection: Connection) -> Recording:
            connection.execute(done)
            return locked(connection, gone.recording_id)

        return await self._write(work)

    def _check(self, connection: Connection, recording_id: str, reason: str) -> None:
        """Raise NotDestroyed where a destruction is not possible at all."""
        if reason not in self._table.at(self._clock.now()).destroyed_for:
            raise NotDestroyed("no_reason", reason)
        recording = locked(connection, recording_id)
        held = held_for(connection, recording_id)
        if held:
            raise NotDestroyed("held", ", ".join(sorted(held)))
        if recording.state is not State.SEALED:
            raise NotDestroyed("not_sealed", recording.state.value)

    def _needs_second(self, reason: str) -> bool:
        rules = self._table.at(self._clock.now())
        return reason != BY_TABLE and reason in rules.second_person

    def _open(self, connection: Connection, recording_id: str) -> list[Asked]:
        return _asked(connection, self._since(), recording_id)

    def _since(self) -> datetime:
        return self._clock.now() - _CONFIRM_WITHIN

    def _note(
        self, connection: Connection, recording_id: str, act: Act, detail: str, digest: str = ""
    ) -> None:
        entry = Entry(recording_id, act, self._clock.now(), digest, detail)
        self._manifest.append(connection, entry)


def _asked(connection: Connection, since: datetime, recording_id: str = "") -> list[Asked]:
    """Return what was asked since, and neither done nor denied."""
    acts = [Act.ASKED.value, Act.DENIED.value, Act.DESTROYED.value]
    query = sa.select(_M.recording_id, _M.at, _M.act, _M.detail).where(_M.act.in_(acts), _M.at >= since)
    if recording_id:
        query = query.where(_M.recording_id == recording_id)
    found: dict[str, list[Asked]] = {}
    for row in connection.execute(query.order_by(_M.number)):
        if row.act == Act.ASKED:
            reason, _, by = row.detail.partition(" ")
            found.setdefault(row.recording_id, []).append(Asked(row.recording_id, row.at, reason, by))
        else:
            found.pop(row.recording_id, None)
    return sorted((one for some in found.values() for one in some), key=lambda one: one.at)
