"""That a recording is sealed, on record: its row, its measures and the manifest's row in one transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.manifest import Act, Entry
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from recording.retention import RetentionTable, keep_until
from recording.sealing import Sealed
from storage.campaign_tables import campaign_versions
from storage.database import Database
from storage.kept import Kept
from storage.recording_manifest import DurableManifest
from storage.recording_tables import recording_manifest, recordings
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


def anything_sealed(connection: Connection) -> bool:
    """Return whether any recording was ever sealed, or the manifest has a row: keys are in use."""
    sealed = sa.select(recordings.c.recording_id).where(recordings.c.key_version > 0).limit(1)
    signed = sa.select(recording_manifest.c.number).limit(1)
    return any(connection.execute(query).first() is not None for query in (sealed, signed))


class Keeping(Kept):
    """How long a recording is kept: `recording.sealing.KeepUntil` by the retention table."""

    unavailable = RecordingsUnavailable

    def __init__(self, database: Database, table: RetentionTable) -> None:
        super().__init__(database)
        self._table = table

    async def __call__(self, recording: Recording, sealed_at: datetime) -> datetime:
        """Return the end of its keeping. Raises RecordingsUnavailable."""
        kind = await self._kind(recording.campaign_id) if recording.campaign_id else ""
        return keep_until(self._table, recording, sealed_at, kind)

    async def _kind(self, campaign_id: str) -> str:
        """Return the kind of a campaign by its newest version; empty: there is no such campaign."""
        columns = campaign_versions.c
        query = sa.select(columns.definition).where(columns.campaign_id == campaign_id)
        newest = query.order_by(columns.version.desc()).limit(1)
        text = await self._read(lambda connection: connection.execute(newest).scalar())
        return "" if text is None else str(msgspec.json.decode(text).get("kind", ""))
