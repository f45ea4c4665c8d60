"""Tones that tell who is heard: two frequencies each, periodic in 20 ms, so that every packet is the same.

A bridge of two legs in the same codec passes audio as it is, so a tone is known by its bytes alone.
Nothing else is: a spectrum would take a chord of the music for somebody's voice.
"""

import itertools

import numpy as np

from bench.rtp import FRAME
from prompts import g711, wav

_STEP = 50  # Hz: whole periods in 20 ms
_LOWEST, _HIGHEST = 400, 2400  # Hz: well inside a telephone's band
_APART = 200  # Hz between the two
_AMPLITUDE = 6000.0  # of each, in 16-bit samples


def _pairs() -> list[tuple[int, int]]:
    raster = range(_LOWEST, _HIGHEST + 1, _STEP)
    return [(low, high) for low, high in itertools.combinations(raster, 2) if high - low >= _APART]


class Tones:
    """The tones of everybody, by number."""

    def __init__(self, count: int) -> None:
        """Make so many. Raises ValueError when there are not so many."""
        pairs = _pairs()
        if count > len(pairs):
            raise ValueError(f"{count} tones; the telephone's band holds {len(pairs)}")
        self.frames = [_frame(pair) for pair in pairs[:count]]
        self._numbers = {frame: number for number, frame in enumerate(self.frames)}

    def known(self, payload: bytes) -> int | None:
        """Return whose packet this is, by its bytes."""
        return self._numbers.get(payload)


def _frame(pair: tuple[int, int]) -> bytes:
    time = np.arange(FRAME) / wav.RATE
    samples = sum(_AMPLITUDE * np.sin(2 * np.pi * hertz * time) for hertz in pair)
    return g711.to_alaw(np.asarray(samples).astype(np.int16))
