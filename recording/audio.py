"""One pass over the two plain files: silence written, digest taken, levels measured, both sides coded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from recording.container import SealedFile
from recording.recordings import RATE, SIDES
from recording.wav import Samples, Wav, samples

PEAK_FRAMES = RATE // 10  # 100 ms
LEVEL_FRAMES = RATE // 50  # 20 ms
_BLOCK = RATE * 60  # samples of a side at a time; a whole number of both
_FULL = 32768.0  # the loudest sample

_FORMATS = {"flac": ("FLAC", "PCM_16"), "opus": ("OGG", "OPUS")}


class CodingFailed(Exception):
    """The encoder refused what it was given."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud one side is."""

    peaks: bytes  # 0–255 for each 100 ms: the loudest sample, linear
    energy: NDArray[np.float32]  # for each 20 ms: the mean square, 0–1


@dataclass(frozen=True, slots=True)
class Heard:
    """What the pass found."""

    frames: int
    digest: bytes  # SHA-256 of the two-channel 16-bit audio, little-endian, after silencing
    levels: tuple[Levels, Levels]  # caller, agent

    @property
    def peaks(self) -> bytes:
        """The peaks of the caller, then of the agent."""
        return b"".join(side.peaks for side in self.levels)


class Sound(Protocol):
    """Two-channel audio, in blocks."""

    def blocks(self) -> Iterator[Samples]:
        """Yield arrays of shape (samples, 2); all but the last hold the same number. Raises OSError."""
        ...


class PlainSides:
    """The two plain files as one two-channel sound, caller left, agent right."""

    def __init__(self, sides: Sequence[Wav | None], frames: int, silent: Sequence[tuple[int, int]]) -> None:
        """`silent`: ordered parts [from, until) in samples that are given as silence."""
        self._sides = sides
        self._frames = frames
        self._silent = silent

    def blocks(self) -> Iterator[Samples]:
        """Yield arrays of shape (samples, 2). Raises OSError."""
        for begin in range(0, self._frames, _BLOCK):
            count = min(_BLOCK, self._frames - begin)
            block = np.zeros((count, len(SIDES)), dtype="<i2")
            for number, side in enumerate(self._sides):
                if side is not None:
                    block[:, number] = samples(side, begin, count)
            for start, end in self._silent:
                block[max(0, start - begin) : max(0, end - begin)] = 0
            yield block


def encode(sound: Sound, coding: str, out: SealedFile) -> Heard:
    """Code a sound into `out`; return what was heard on the way.

    `coding`: `flac` (every sample is kept) or `opus` (about 24 kbit/s). Raises OSError as reading and writing
    do, CodingFailed.
    """
    digest, frames = hashlib.sha256(), 0
    meters = _Meter(), _Meter()
    sink = _Sink(out)
    kind, subtype = _FORMATS[coding]
    try:
        with sf.SoundFile(sink, "w", RATE, len(SIDES), subtype, format=kind) as coder:
            for block in sound.blocks():
                coder.write(block)
                sink.complain()
                digest.update(block.data)
                frames += len(block)
                for number, meter in enumerate(meters):
                    meter.hear(block[:, number])
    except (sf.SoundFileError, AssertionError) as error:  # soundfile asserts that all was taken
        sink.complain()
        raise CodingFailed(f"{coding}: {type(error).__name__}") from error
    sink.complain()
    return Heard(frames, digest.digest(), (meters[0].levels(), meters[1].levels()))


def decode(path: Path) -> Iterator[Samples]:
    """Yield the audio of a coded file, as it was given to `encode` for `flac`. Raises CodingFailed."""
    try:
        with sf.SoundFile(path) as coded:
            yield from coded.blocks(_BLOCK, dtype="int16", always_2d=True)
    except sf.SoundFileError as error:
        raise CodingFailed(f"{path.name}: {type(error).__name__}") from error


class _Sink:
    """The file that libsndfile writes to. It calls from C, where an exception would be lost: it is kept."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._failure: Exception | None = None

    def complain(self) -> None:
        """Raise what was kept."""
        if self._failure is not None:
            raise self._failure

    def write(self, data: bytes) -> int:
        if self._failure is not None:
            return 0
        try:
            return self._file.write(data)
        except Exception as error:  # noqa: BLE001 - raised again by `complain`
            self._failure = error
            return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


class _Meter:
    """Collects the levels of one side."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._energy: list[NDArray[np.float32]] = []

    def hear(self, block: Samples) -> None:
        whole = np.ascontiguousarray(block)
        if rest := -len(whole) % PEAK_FRAMES:  # of the last block only
            whole = np.concatenate([whole, np.zeros(rest, dtype=whole.dtype)])
        windows = whole.reshape(-1, PEAK_FRAMES)
        top = np.maximum(windows.max(axis=1).astype(np.int32), -windows.min(axis=1).astype(np.int32))
        self._peaks.append(np.round(top * (255 / _FULL)).astype(np.uint8).tobytes())
        loud = whole.astype(np.float32).reshape(-1, LEVEL_FRAMES)
        square = np.einsum("ij,ij->i", loud, loud) * np.float32(1 / (LEVEL_FRAMES * _FULL * _FULL))
        self._energy.append(square)

    def levels(self) -> Levels:
        energy = np.concatenate(self._energy) if self._energy else np.zeros(0, dtype=np.float32)
        return Levels(b"".join(self._peaks), energy.astype(np.float32))
