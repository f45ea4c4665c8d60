"""Wraps recordings' keys anew after the master key was rotated. Stored sound is not touched."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.keys import Keys
from recording.manifest import Act, Entry
from recording.ports import RecordingsUnavailable
from recording.states import State
from storage.database import Database
from storage.kept import Kept
from storage.recording_holds import locked
from storage.recording_manifest import DurableManifest
from storage.recording_tables import recordings

_R = recordings.c
_AUDIBLE = (State.SEALED, State.HELD)


class Rewrap(Kept):
    """Goes through all recordings; what broke off is gone on with by doing it again."""

    unavailable = RecordingsUnavailable

    def __init__(self, database: Database, manifest: DurableManifest, keys: Keys, clock: Clock) -> None:
        super().__init__(database)
        self._manifest = manifest
        self._keys = keys
        self._clock = clock

    async def waiting(self) -> list[str]:
        """Return the recordings whose keys are wrapped by an older version. Raises RecordingsUnavailable."""
        current = self._keys.current
        older = (_R.state.in_([state.value for state in _AUDIBLE]), _R.key_version != current)
        query = sa.select(_R.recording_id).where(*older).order_by(_R.planned_at)
        found = await self._read(lambda connection: connection.execute(query).scalars().all())
        return list(found)

    async def rewrap(self, recording_id: str) -> bool:
        """Wrap one recording's key under the current version; whether there was something to do.

        Raises RecordingsUnavailable, recording.keys.KeyRefused: the row's key was changed.
        """

        def work(connection: Connection) -> bool:
            before = locked(connection, recording_id)
            if before.state not in _AUDIBLE or before.key_version == self._keys.current:
                return False
            own = self._keys.rewrap(recording_id, before.key_version, before.wrapped_key)
            new = {"wrapped_key": own.wrapped, "key_version": own.version}
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.execute(sa.update(recordings).where(_R.recording_id == recording_id).values(new))
            detail = f"{before.key_version} to {own.version}"
            self._manifest.append(
                connection, Entry(recording_id, Act.REWRAPPED, self._clock.now(), detail=detail)
            )
            return True

        return await self._manifest.write(work)
