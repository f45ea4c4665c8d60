"""Tones that tell who is heard: two frequencies each, periodic in 20 ms, so that every packet is the same.

A bridge of two legs in the same codec passes audio as it is, so a tone is known by its bytes alone;
where audio was mixed or transcoded, by its spectrum.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from bench.rtp import FRAME
from prompts import g711, wav

_STEP = 50  # Hz: whole periods in 20 ms
_LOWEST, _HIGHEST = 400, 2400  # Hz: well inside a telephone's band
_APART = 200  # Hz between the two
_AMPLITUDE = 6000.0  # of each, in 16-bit samples
_CLEAR = 0.8  # share of the power that the two frequencies carry when a tone is heard


def _linear() -> NDArray[np.float64]:
    """Return the level of each A-law byte (ITU-T G.711): what encodes to it, on the average."""
    every = np.arange(-32768, 32768).astype(np.int16)
    codes = np.frombuffer(g711.to_alaw(every), dtype=np.uint8)
    return np.bincount(codes, weights=every, minlength=256) / np.bincount(codes, minlength=256)


_LINEAR = _linear()


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
        self._pairs = {pair: number for number, pair in enumerate(pairs[:count])}
        self.frames = [_frame(pair) for pair in pairs[:count]]
        self._numbers = {frame: number for number, frame in enumerate(self.frames)}

    def known(self, payload: bytes) -> int | None:
        """Return whose packet this is, by its bytes."""
        return self._numbers.get(payload)

    def heard_in(self, payload: bytes) -> int | None:
        """Return whose tone prevails in a packet, by its spectrum; None if nobody's does."""
        if len(payload) != FRAME:
            return None
        power = np.abs(np.fft.rfft(_LINEAR[np.frombuffer(payload, dtype=np.uint8)])) ** 2
        total = float(power[1:].sum())
        first, second = sorted(int(each) for each in np.argsort(power[1:])[-2:] + 1)
        if not total or float(power[first] + power[second]) < _CLEAR * total:
            return None
        return self._pairs.get((first * _STEP, second * _STEP))


def _frame(pair: tuple[int, int]) -> bytes:
    time = np.arange(FRAME) / wav.RATE
    samples = sum(_AMPLITUDE * np.sin(2 * np.pi * hertz * time) for hertz in pair)
    return g711.to_alaw(np.asarray(samples).astype(np.int16))
