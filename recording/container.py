"""The sealed form of a recording: encrypted in chunks, so that any part can be read and every change shows.

    header (32 bytes, clear)   magic, format, coding, bytes of a chunk, recording's id
    sound                      the FLAC or Ogg file in chunks of 64 KiB, each with its tag (16 bytes)
    peaks                      levels of the caller, then of the agent, in chunks alike
    index (sealed)             bytes of sound and of peaks, samples of a side, SHA-256 of the audio

Each chunk is AES-256-GCM under the recording's own key, which is used for one object only; the nonce is the
section and the chunk's number, so none is used twice. Associated data is the header, section, number and
whether it is the section's last chunk: a chunk that was changed, moved, or taken from another recording does
not open, and a section that was cut lacks its last chunk. The index stands at a known distance from the end
and says how long the object has to be.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 65536  # bytes in clear
TAG = 16
STEP = CHUNK + TAG  # bytes of a full chunk as it is stored
_HEADER = struct.Struct(">8sBBHI16s")
_INDEX = struct.Struct(">QQQ32s")
_MAGIC = b"KRINGREC"
_FORMAT = 1
HEADER_BYTES = _HEADER.size
INDEX_BYTES = _INDEX.size + TAG
LEAST = HEADER_BYTES + 2 * TAG + INDEX_BYTES  # bytes of the shortest object


class Section(IntEnum):
    """A part of the object."""

    SOUND = 0
    PEAKS = 1
    INDEX = 2


CODINGS = ("flac", "opus")
MEDIA_TYPES = {"flac": "audio/flac", "opus": "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Index:
    """What the object holds."""

    sound_bytes: int
    peaks_bytes: int  # of both sides together
    frames: int  # samples of each side
    audio_digest: bytes  # SHA-256 of the two-channel 16-bit audio that was coded

    @property
    def object_bytes(self) -> int:
        """How long the object has to be."""
        return HEADER_BYTES + stored_bytes(self.sound_bytes) + stored_bytes(self.peaks_bytes) + INDEX_BYTES

    @property
    def peaks_from(self) -> int:
        """Where the peaks begin in the object."""
        return HEADER_BYTES + stored_bytes(self.sound_bytes)


class ChunkRefused(Exception):
    """A chunk is not what was sealed at this place."""


class Sealer:
    """Encrypts and opens the chunks of one object."""

    def __init__(self, recording_id: str, key: bytes, coding: str) -> None:
        """`recording_id`: 32 hex digits; `key`: 32 bytes. Raises ValueError."""
        self.header = header(recording_id, coding)
        self._cipher = AESGCM(key)

    def seal(self, section: Section, number: int, clear: bytes, last: bool) -> bytes:
        """Encrypt a chunk; the result is 16 bytes longer."""
        return self._cipher.encrypt(_nonce(section, number), clear, self._about(section, number, last))

    def open(self, section: Section, number: int, sealed: bytes, last: bool) -> bytes:
        """Decrypt a chunk. Raises ChunkRefused."""
        try:
            return self._cipher.decrypt(_nonce(section, number), sealed, self._about(section, number, last))
        except (InvalidTag, ValueError) as error:
            raise ChunkRefused(f"{section.name.lower()} {number}") from error

    def open_index(self, sealed: bytes) -> Index:
        """Decrypt the index. Raises ChunkRefused."""
        return Index(*_INDEX.unpack(self.open(Section.INDEX, 0, sealed, last=True)))

    def seal_index(self, index: Index) -> bytes:
        """Encrypt the index."""
        fields = (index.sound_bytes, index.peaks_bytes, index.frames, index.audio_digest)
        return self.seal(Section.INDEX, 0, _INDEX.pack(*fields), last=True)

    def _about(self, section: Section, number: int, last: bool) -> bytes:
        return self.header + struct.pack(">BQ?", section, number, last)


class SealedFile:
    """A file that encrypts what is written into it; the interface is what soundfile writes to.

    It grows at its end only, except for its first chunk: an encoder returns to the beginning when it knows
    the length. What is not finished is not readable: the first chunk and the index are written last.
    """

    def __init__(self, file: BinaryIO, sealer: Sealer) -> None:
        """`file`: open for writing and empty."""
        self._file = file
        self._sealer = sealer
        self._head = bytearray()
        self._tail = bytearray()  # what follows the chunks that are written
        self._written = 1  # chunks; the first has its place
        self._position = 0
        file.seek(HEADER_BYTES + STEP)

    @property
    def length(self) -> int:
        """Bytes in clear so far."""
        beyond = (self._written - 1) * CHUNK + len(self._tail)
        return CHUNK + beyond if beyond else len(self._head)

    def write(self, data: bytes | memoryview) -> int:
        """Write at the position. Raises ValueError for a place that is encrypted already."""
        view = memoryview(data)
        begin = self._position
        inside = max(0, min(len(view), CHUNK - begin))
        if inside:
            self._head[begin : begin + inside] = view[:inside]
        rest = view[inside:]
        if rest:
            if begin + inside != self.length:
                raise ValueError("only the first chunk and the end can be written")
            self._tail += rest
            self._flush()
        self._position = begin + len(view)
        return len(view)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.length}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Nothing can be read back."""
        return b""

    def finish(self, peaks: bytes, frames: int, audio_digest: bytes) -> Index:
        """Write what remains, and the index; return it. The file is not synced to the disk."""
        index = Index(self.length, len(peaks), frames, audio_digest)
        if self._tail:
            self._seal_tail(len(self._tail), last=True)
        for number, begin in enumerate(range(0, max(len(peaks), 1), CHUNK)):
            part = peaks[begin : begin + CHUNK]
            last = begin + CHUNK >= len(peaks)
            self._put(index.peaks_from + number * STEP, self._sealer.seal(Section.PEAKS, number, part, last))
        self._put(index.object_bytes - INDEX_BYTES, self._sealer.seal_index(index))
        alone = index.sound_bytes <= CHUNK
        self._put(0, self._sealer.header)
        self._put(HEADER_BYTES, self._sealer.seal(Section.SOUND, 0, bytes(self._head), alone))
        self._file.truncate(index.object_bytes)
        return index

    def _flush(self) -> None:
        # One chunk stays behind: whether it is the last one is not known yet.
        while len(self._tail) > CHUNK:
            self._seal_tail(CHUNK, last=False)

    def _seal_tail(self, size: int, *, last: bool) -> None:
        clear = bytes(self._tail[:size])
        self._put(
            HEADER_BYTES + self._written * STEP,
            self._sealer.seal(Section.SOUND, self._written, clear, last),
        )
        del self._tail[:size]
        self._written += 1

    def _put(self, place: int, data: bytes) -> None:
        self._file.seek(place)
        self._file.write(data)


def header(recording_id: str, coding: str) -> bytes:
    """Return what an object begins with. Raises ValueError for what is no id or coding."""
    named = bytes.fromhex(recording_id)
    if len(named) != 16:
        raise ValueError("a recording's id has 32 hex digits")
    return _HEADER.pack(_MAGIC, _FORMAT, CODINGS.index(coding), 0, CHUNK, named)


def chunks(size: int) -> int:
    """Return how many chunks a section of so many bytes has; an empty one has one."""
    return max(1, -(-size // CHUNK))


def stored_bytes(size: int) -> int:
    """Return how long a section of so many bytes is as it is stored."""
    return size + chunks(size) * TAG


def _nonce(section: Section, number: int) -> bytes:
    return struct.pack(">BxxxQ", section, number)
