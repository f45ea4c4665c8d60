"""The plain audio that Asterisk leaves: one WAV file a side, 16 bit, mono, 8 kHz.

Asterisk writes the lengths into the header when it closes the file. Killed, it leaves a length of 0 and what
it had written so far; a disk that fills up leaves less than the header says. The bytes that are there count.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recording.recordings import RATE

Samples = NDArray[np.int16]

SAMPLE_BYTES = 2
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # RIFF, WAVE, fmt of 16 bytes, data
_OTHER_CHUNKS = 64 * 1024  # bytes before the audio at most; Asterisk writes none of them
_PCM = 1


class WavRefused(Exception):
    """The file is no 16-bit mono WAV of 8 kHz: someone else wrote it, or its beginning was overwritten."""


@dataclass(frozen=True, slots=True)
class Wav:
    """A file as it is."""

    path: Path
    offset: int  # of the first sample, in bytes
    frames: int  # samples that are there
    closed: bool  # the header's lengths are those of the file: it was closed in order
    modified: float  # seconds since 1970, of the last write

    @property
    def milliseconds(self) -> int:
        """Length of the audio."""
        return self.frames * 1000 // RATE


def look(path: Path) -> Wav:
    """Read a file's header, and count its samples. Raises OSError, WavRefused.

    A header that is all zeros (a power cut leaves that) is taken for one of Asterisk's, which is always 44
    bytes long.
    """
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        begin = file.read(_OTHER_CHUNKS)
    if found.st_size < HEADER.size:
        return Wav(path, HEADER.size, 0, closed=False, modified=found.st_mtime)
    offset, told = _data(path, begin)
    there = found.st_size - offset
    closed = told == there and struct.unpack_from("<I", begin, 4)[0] == found.st_size - 8
    return Wav(path, offset, max(0, there) // SAMPLE_BYTES, closed, found.st_mtime)


def repair(wav: Wav) -> Wav:
    """Write the true lengths into the header, and cut half a sample at the end. Raises OSError."""
    if wav.closed:
        return wav
    size = wav.frames * SAMPLE_BYTES
    with wav.path.open("r+b") as file:
        file.write(wav_header(size, extra=wav.offset - HEADER.size))
        if wav.offset > HEADER.size:
            file.seek(wav.offset - 8)
            file.write(struct.pack("<4sI", b"data", size))
        file.truncate(wav.offset + size)
        file.flush()
        os.fsync(file.fileno())
    return Wav(wav.path, wav.offset, wav.frames, closed=True, modified=wav.modified)


def samples(wav: Wav, begin: int, count: int) -> Samples:
    """Return samples from `begin` on; past the end there is silence. Raises OSError."""
    there = max(0, min(count, wav.frames - begin))
    place = wav.offset + begin * SAMPLE_BYTES
    found = np.zeros(count, dtype="<i2")
    if there:
        read = np.fromfile(wav.path, dtype="<i2", count=there, offset=place)
        if len(read) != there:
            raise OSError(f"{wav.path.name}: shorter than it was a moment ago")
        found[:there] = read
    return found


def wav_header(data_bytes: int, *, extra: int = 0) -> bytes:
    """Return the header of a file with so many bytes of audio; with `extra` its first part only."""
    whole = HEADER.pack(
        b"RIFF", 36 + extra + data_bytes, b"WAVE",
        b"fmt ", 16, _PCM, 1, RATE, RATE * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES,
        b"data", data_bytes,
    )  # fmt: skip
    return whole[:36] if extra else whole


def _data(path: Path, begin: bytes) -> tuple[int, int]:
    """Return where the audio begins, and how long the header says it is."""
    if not any(begin[: HEADER.size]):
        return HEADER.size, 0
    if begin[:4] != b"RIFF" or begin[8:12] != b"WAVE":
        raise WavRefused(f"{path.name}: not a WAV file")
    place, fits = 12, False
    while place + 8 <= len(begin):
        name, size = struct.unpack_from("<4sI", begin, place)
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", begin, place + 8)
            fits = (kind, channels, rate, bits) == (_PCM, 1, RATE, 8 * SAMPLE_BYTES)
        elif name == b"data":
            if not fits:
                break
            return place + 8, size
        place += 8 + size + size % 2
    raise WavRefused(f"{path.name}: not 16-bit mono audio of {RATE} Hz")
