"""Sealed recordings, opened for who may hear them."""

from __future__ import annotations

from recording.container_reader import SealedObject, open_object
from recording.keys import KeyRefused, Keys
from recording.ports import SoundDamaged, SoundGone
from recording.recordings import Recording
from recording.sound_store import SoundStore


class StoredSounds:
    """`recording.ports.SealedSounds` on a store and the key file."""

    def __init__(self, store: SoundStore, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def open(self, recording: Recording) -> SealedObject:
        """Open one. Raises SoundGone, SoundDamaged, StoreAway and KeysProblem (both OSError)."""
        if not recording.audible or not recording.object_key:
            raise SoundGone(f"recording {recording.recording_id} is {recording.state}")
        try:
            own = self._keys.unwrap(recording.recording_id, recording.key_version, recording.wrapped_key)
        except KeyRefused as error:
            raise SoundDamaged("key") from error
        return await open_object(
            self._store, recording.object_key, recording.recording_id, own, recording.coding
        )

    async def peaks(self, recording: Recording) -> tuple[bytes, bytes]:
        """Return the levels (0–255) of both sides, one for each 100 ms. Raises as `open` does."""
        return await (await self.open(recording)).peaks()
