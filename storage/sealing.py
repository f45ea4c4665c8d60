"""That a recording is sealed, on record: its row, its measures and the manifest's row in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from recording.manifest import Act, Entry
from recording.recordings import Recording
from recording.sealing import Sealed
from storage.recording_manifest import DurableManifest
from storage.recordings import measures_in, move_in


class DurableSeals:
    """`recording.sealing.Seals` on the database."""

    def __init__(self, manifest: DurableManifest) -> None:
        self._manifest = manifest

    async def seal(self, recording_id: str, sealed: Sealed, at: datetime) -> Recording:
        """State, measures and manifest row in one transaction; nothing if it was sealed before."""

        def work(connection: Connection) -> Recording:
            facts = {
                "object_key": sealed.object_key,
                "object_bytes": sealed.object_bytes,
                "digest": sealed.digest,
                "coding": sealed.coding,
                "key_version": sealed.key_version,
                "wrapped_key": sealed.wrapped_key,
                "keep_until": sealed.keep_until,
            }
            after = move_in(connection, recording_id, "seal", at, facts)
            if after.object_key == sealed.object_key:
                measures_in(connection, recording_id, sealed.measures)
                entry = Entry(recording_id, Act.SEALED, at, sealed.object_digest, sealed.object_key)
                self._manifest.append(connection, entry)
            return after

        return await self._manifest.write(work)
