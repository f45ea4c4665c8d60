"""G.711 companding by table: 16-bit linear samples to A-law and µ-law bytes (ITU-T G.711)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
_ULAW_BIAS = 132
_ULAW_CLIP = 32635


def to_alaw(samples: Samples) -> bytes:
    """Encode 16-bit samples as A-law."""
    return _alaw_table()[samples.view(np.uint16)].tobytes()


def to_ulaw(samples: Samples) -> bytes:
    """Encode 16-bit samples as µ-law."""
    return _ulaw_table()[samples.view(np.uint16)].tobytes()


def _all_samples() -> NDArray[np.int32]:
    """Every 16-bit sample, in the order of its bit pattern."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


@cache
def _alaw_table() -> NDArray[np.uint8]:
    linear = _all_samples() >> 3  # 13 bits
    sign = np.where(linear >= 0, 0xD5, 0x55)
    size = np.where(linear >= 0, linear, -linear - 1)
    segment = np.zeros_like(size)
    for index in range(1, 8):
        segment = np.where(size >= 32 << (index - 1), index, segment)
    step = np.where(segment < 2, size >> 1, size >> np.maximum(segment, 1)) & 0x0F
    return (((segment << 4) | step) ^ sign).astype(np.uint8)


@cache
def _ulaw_table() -> NDArray[np.uint8]:
    linear = _all_samples()
    sign = np.where(linear < 0, 0x80, 0)
    size = np.minimum(np.abs(linear), _ULAW_CLIP) + _ULAW_BIAS
    segment = np.zeros_like(size)
    for index in range(1, 8):
        segment = np.where(size >= 256 << (index - 1), index, segment)
    step = (size >> (segment + 3)) & 0x0F
    table: NDArray[np.uint8] = (~(sign | (segment << 4) | step) & 0xFF).astype(np.uint8)
    return table
