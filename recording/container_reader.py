"""Reads sealed recordings: any range, each byte checked before it is given."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator

from recording.container import (
    CHUNK,
    HEADER_BYTES,
    INDEX_BYTES,
    LEAST,
    MEDIA_TYPES,
    STEP,
    TAG,
    ChunkRefused,
    Index,
    Sealer,
    Section,
    chunks,
)
from recording.ports import SoundDamaged, SoundGone
from recording.sound_store import SoundStore

_FIRST = 1  # chunks of the first look into the store: a player waits for it
_MOST = 16  # chunks of each later one


class SealedObject:
    """An object of the store, open. Implements `recording.ports.OpenSound`; made by `open_object`."""

    def __init__(self, store: SoundStore, key: str, sealer: Sealer, index: Index, coding: str) -> None:
        self.index = index
        self._store = store
        self._key = key
        self._sealer = sealer
        self._coding = coding

    @property
    def size(self) -> int:
        """Bytes in clear."""
        return self.index.sound_bytes

    @property
    def media_type(self) -> str:
        """`audio/flac` or `audio/ogg`."""
        return MEDIA_TYPES[self._coding]

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the sound from `start` up to but not with `end`.

        Raises SoundDamaged before a wrong byte is given, SoundGone, StoreAway.
        """
        end = min(end, self.size)
        number, most = start // CHUNK, _FIRST
        while start < end:
            until = min(number + most, -(-end // CHUNK))
            stored = await self._stored(Section.SOUND, number, until)
            for clear in self._open(Section.SOUND, number, stored):
                begin = number * CHUNK
                yield clear[start - begin : end - begin]
                number += 1
                start = number * CHUNK
            most = _MOST

    async def peaks(self) -> tuple[bytes, bytes]:
        """Return the levels of caller and agent. Raises as `read` does."""
        stored = await self._stored(Section.PEAKS, 0, chunks(self.index.peaks_bytes))
        found = b"".join(self._open(Section.PEAKS, 0, stored))
        half = len(found) // 2
        return found[:half], found[half:]

    async def check(self) -> str:
        """Read and check everything; return the SHA-256 of the object as it is stored, hex.

        Raises as `read` does.
        """
        digest, size = hashlib.sha256(), self.index.object_bytes
        sound, peaks = chunks(self.index.sound_bytes), chunks(self.index.peaks_bytes)
        digest.update(await _exactly(self._store, self._key, 0, HEADER_BYTES, "header"))
        for section, count in ((Section.SOUND, sound), (Section.PEAKS, peaks)):
            for number in range(0, count, _MOST):
                stored = await self._stored(section, number, min(number + _MOST, count))
                for _ in self._open(section, number, stored):
                    pass
                digest.update(stored)
        digest.update(await _exactly(self._store, self._key, size - INDEX_BYTES, size, "end"))
        return digest.hexdigest()

    async def _stored(self, section: Section, number: int, until: int) -> bytes:
        """Return chunks from `number` up to but not with `until` as they are stored."""
        base, whole = self._place(section)
        start = base + number * STEP
        end = base + min(until * STEP, whole + chunks(whole) * TAG)
        return await _exactly(self._store, self._key, start, end, _where(section, number))

    def _open(self, section: Section, number: int, stored: bytes) -> Iterator[bytes]:
        """Yield chunks in clear, beginning with `number`. Raises SoundDamaged at the first that is none."""
        last = chunks(self._place(section)[1]) - 1
        for begin in range(0, len(stored), STEP):
            try:
                yield self._sealer.open(section, number, stored[begin : begin + STEP], last=number == last)
            except ChunkRefused as error:
                raise SoundDamaged(_where(section, number)) from error
            number += 1

    def _place(self, section: Section) -> tuple[int, int]:
        """Return where a section begins, and its bytes in clear."""
        if section is Section.SOUND:
            return HEADER_BYTES, self.index.sound_bytes
        return self.index.peaks_from, self.index.peaks_bytes


async def open_object(
    store: SoundStore, key: str, recording_id: str, own: bytes, coding: str
) -> SealedObject:
    """Open an object with the recording's own key; header, index and length are checked.

    Raises SoundGone: it is not there; SoundDamaged: `header`, `end` (index or length); StoreAway.
    """
    sealer = Sealer(recording_id, own, coding)
    try:
        size = await store.size(key)
        if size < LEAST:
            raise SoundDamaged("end")
        head, tail = await asyncio.gather(
            store.read(key, 0, HEADER_BYTES), store.read(key, size - INDEX_BYTES, size)
        )
    except FileNotFoundError as error:
        raise SoundGone(f"recording {recording_id}: {key} is not in the store") from error
    if head != sealer.header:
        raise SoundDamaged("header")
    try:
        index = sealer.open_index(tail)
    except ChunkRefused as error:
        raise SoundDamaged("end") from error
    if index.object_bytes != size:
        raise SoundDamaged("end")
    return SealedObject(store, key, sealer, index, coding)


async def _exactly(store: SoundStore, key: str, start: int, end: int, where: str) -> bytes:
    try:
        found = await store.read(key, start, end)
    except FileNotFoundError as error:
        raise SoundGone(f"{key} is not in the store any more") from error
    if len(found) != end - start:
        raise SoundDamaged(where)
    return found


def _where(section: Section, number: int) -> str:
    return str(number) if section is Section.SOUND else "peaks"
