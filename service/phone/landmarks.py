"""Landmarks: places in a sound that can be found again wherever the sound is heard.

A landmark is a sample whose magnitude is the largest around it; its key is a 32-bit word of
comparisons between pairs of samples near it. G.711 keeps both nearly unchanged, and neither
depends on packet boundaries or volume, so that equal keys at a constant distance in time mean
that the sound is being heard, to the sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

REACH = 64  # samples each side of which a landmark is the largest
MARGIN = 160  # samples each side that a key looks at: 20 ms
QUIET = 200.0  # below this magnitude (16-bit scale, -44 dBFS) nothing is a landmark
KEY_BITS = 32
_PAIRS = np.random.default_rng(1500200).integers(-MARGIN, MARGIN, size=(2, KEY_BITS))
_WEIGHTS = (np.uint64(1) << np.arange(KEY_BITS, dtype=np.uint64)).astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Positions (samples) and keys, shape (n,); `variants` shape (n, 4), the key itself first."""

    positions: NDArray[np.int64]
    keys: NDArray[np.uint64]
    variants: NDArray[np.uint64]


def find(samples: Samples, probes: bool = True) -> Landmarks:
    """Return the landmarks of a sound.

    With `probes` each gets variants whose one or two least certain bits are turned: what noise
    (µ-law instead of A-law, a lost packet nearby) would have turned first.
    """
    magnitude = np.abs(samples)
    if len(samples) <= 2 * MARGIN:
        empty = np.empty(0, np.uint64)
        return Landmarks(np.empty(0, np.int64), empty, empty.reshape(0, 4))
    inner = magnitude[MARGIN:-MARGIN]
    before, after = _running_maximum(magnitude)
    # Strict on one side only, so that a plateau has exactly one landmark.
    peaks = np.flatnonzero((inner > QUIET) & (inner > before) & (inner >= after)) + MARGIN
    values = samples[peaks[:, None, None] + _PAIRS[None]]  # (n, 2, bits)
    differences = values[:, 0] - values[:, 1]
    keys: NDArray[np.uint64] = ((differences > 0) * _WEIGHTS).sum(axis=1, dtype=np.uint64)
    variants = np.repeat(keys[:, None], 4, axis=1)
    if probes and len(peaks):
        weakest = np.argpartition(np.abs(differences), 1, axis=1)[:, :2]
        first, second = _WEIGHTS[weakest[:, 0]], _WEIGHTS[weakest[:, 1]]
        variants[:, 1] ^= first
        variants[:, 2] ^= second
        variants[:, 3] ^= first | second
    return Landmarks(peaks, keys, variants)


def _running_maximum(magnitude: Samples) -> tuple[Samples, Samples]:
    """Return the maxima of the REACH samples before and after each inner sample."""
    window = magnitude
    width = 1
    while width < REACH:
        step = min(width, REACH - width)
        window = np.maximum(window[:-step], window[step:])
        width += step
    inner = len(magnitude) - 2 * MARGIN
    return window[MARGIN - REACH :][:inner], window[MARGIN + 1 :][:inner]
