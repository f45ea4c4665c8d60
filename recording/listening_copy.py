"""A copy of a recording that says who took it: to the ear, every 30 s, and in its header.

A copy leaves the house, so it must be known whose it is even when only its sound goes on. Each copy has a
number of eight hex digits; it is sounded as a call sign: a starting tone of 2600 Hz and a tone for each
digit (800 Hz for 0, 100 Hz more for each further one), 70 ms each at -26 dBFS, on both sides, from the
beginning and every 30 s. `read_sign` finds it again. WAV (PCM, 16 bit): its length is known before it is
made.
"""

from __future__ import annotations

import asyncio
import io
import struct
from collections import Counter
from collections.abc import AsyncIterator

import numpy as np
import soundfile
from numpy.typing import NDArray

from recording.ports import OpenSound, SoundDamaged, SoundGone

EVERY = 30.0  # seconds
TONE = 0.07  # seconds
START_HZ, LOWEST_HZ, STEP_HZ = 2600.0, 800.0, 100.0
LEVEL = 0.05  # of full scale
_DIGITS = 8
_BLOCK = 65_536  # frames of one step
_WIDTH = 2  # bytes a sample
_CLEAR = 3.0  # a digit's tone over the next best one, where a sign counts as read

Sound = NDArray[np.float64]


class Copy:
    """A marked copy in the making. `number`: eight hex digits; `about`: for the header, ASCII."""

    def __init__(self, sound: OpenSound, number: str, about: str) -> None:
        self._sound = sound
        self._number = number
        self._about = about

    async def open(self) -> tuple[int, AsyncIterator[bytes]]:
        """Return how many bytes it has and what yields them. Raises SoundDamaged, OSError."""
        loop = asyncio.get_running_loop()
        source = _Source(self._sound, loop)
        file = await asyncio.to_thread(_opened, source)
        head = header(file.frames, file.channels, file.samplerate, self._about)
        size = len(head) + file.frames * file.channels * _WIDTH
        return size, self._parts(head, file, source)

    async def _parts(self, head: bytes, file: soundfile.SoundFile, source: _Source) -> AsyncIterator[bytes]:
        yield head
        tones = sign(self._number, file.samplerate)
        at = 0
        while at < file.frames:
            block = await asyncio.to_thread(file.read, min(_BLOCK, file.frames - at), "float64", True)
            if source.failed is not None:
                raise source.failed
            if len(block) == 0:
                raise SoundDamaged("the end")
            yield _pcm(marked(block, at, tones, file.samplerate))
            at += len(block)


class _Source(io.RawIOBase):
    """An open sound as a file, for a reader in another thread."""

    def __init__(self, sound: OpenSound, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._sound, self._loop, self._at = sound, loop, 0
        self.failed: Exception | None = None  # libsndfile knows no exceptions: it is told of an end instead

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._sound.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        end = min(self._at + len(buffer), self._sound.size)
        if end <= self._at:
            return 0
        try:
            data = asyncio.run_coroutine_threadsafe(_all(self._sound, self._at, end), self._loop).result()
        except (SoundDamaged, SoundGone, OSError) as error:
            self.failed = error
            return 0
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


async def _all(sound: OpenSound, start: int, end: int) -> bytes:
    return b"".join([part async for part in sound.read(start, end)])


def _opened(source: _Source) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(io.BufferedReader(source, 65_536))
    except soundfile.LibsndfileError as error:
        raise source.failed or SoundDamaged("the coding") from error


def header(frames: int, channels: int, rate: int, about: str) -> bytes:
    """Return the header of a WAV file (RIFF, PCM 16 bit) with a comment (LIST INFO ICMT)."""
    said = about.encode("ascii", "replace") + b"\0"
    said += b"\0" * (len(said) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(said)) + said
    shape = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * _WIDTH, channels * _WIDTH, 8 * _WIDTH)
    data = frames * channels * _WIDTH
    body = (
        b"WAVE"
        + b"fmt " + struct.pack("<I", len(shape)) + shape
        + b"LIST" + struct.pack("<I", len(info)) + info
        + b"data" + struct.pack("<I", data)
    )  # fmt: skip
    return b"RIFF" + struct.pack("<I", len(body) + data) + body


def sign(number: str, rate: int) -> Sound:
    """Return the tones of a number of eight hex digits, mono. Raises ValueError for anything else."""
    if len(number) != _DIGITS:
        raise ValueError("a copy's number has eight hex digits")
    return np.concatenate([_tone(hertz, rate) for hertz in (START_HZ, *map(_hertz, number))])


def marked(block: Sound, at: int, tones: Sound, rate: int) -> Sound:
    """Return a block (frames × sides) that begins at frame `at`, with the tones that fall into it."""
    out = block.copy()
    period = round(EVERY * rate)
    first = max(0, (at - len(tones)) // period)
    for begin in range(first * period, at + len(block), period):
        low, high = max(begin, at), min(begin + len(tones), at + len(block))
        if low < high:
            out[low - at : high - at] += tones[low - begin : high - begin, None]
    return out


def read_sign(sound: Sound, rate: int) -> str:
    """Return the number that a copy's sound (frames × sides, from its beginning) carries; empty: none."""
    found: Counter[str] = Counter()
    mono, long = sound.mean(axis=1), len(sign("0" * _DIGITS, rate))
    for begin in range(0, len(mono) - long + 1, round(EVERY * rate)):
        if number := _heard(mono[begin : begin + long], rate):
            found[number] += 1
    return found.most_common(1)[0][0] if found else ""


def _heard(part: Sound, rate: int) -> str:
    each = round(TONE * rate)
    pitches = [_hertz(f"{digit:x}") for digit in range(16)]
    if _strength(part[:each], START_HZ, rate) < _CLEAR * max(
        _strength(part[:each], hertz, rate) for hertz in pitches
    ):
        return ""
    digits = ""
    for place in range(1, _DIGITS + 1):
        tone = part[place * each : (place + 1) * each]
        digits += f"{int(np.argmax([_strength(tone, hertz, rate) for hertz in pitches])):x}"
    return digits


def _hertz(digit: str) -> float:
    return LOWEST_HZ + STEP_HZ * int(digit, 16)


def _tone(hertz: float, rate: int) -> Sound:
    frames = round(TONE * rate)
    edge: Sound = np.hanning(frames)
    made: Sound = LEVEL * np.minimum(1.0, 4 * edge) * np.sin(2 * np.pi * hertz * np.arange(frames) / rate)
    return made


def _strength(part: Sound, hertz: float, rate: int) -> float:
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / rate) * np.hanning(len(part))
    return float(abs(np.dot(part, turns)))


def _pcm(block: Sound) -> bytes:
    return (np.clip(block, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()
