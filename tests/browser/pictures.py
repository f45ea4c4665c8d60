"""PNG with a palette: a sixth of what a browser writes. A page of text has few colours."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_BEGIN = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_PALETTE = 3
_BYTES = {2: 3, _PALETTE: 1, 6: 4}  # PNG's colour type: bytes a pixel
_MOST = 48  # colours: the pages' own, and enough between them for letters
_SEEN = 64  # of 255: colours that differ by less look the same
_HARDLY = 0.001  # of all pixels: a clock, a number, a caret


def small(png: bytes) -> bytes:
    """Return an 8-bit picture (RGB or RGBA, not interlaced) with its most frequent colours."""
    pixels = _pixels(png)
    height, width, _ = pixels.shape
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, places, counts = np.unique(packed.ravel(), return_inverse=True, return_counts=True)
    kept = colours[np.sort(np.argsort(-counts, kind="stable")[:_MOST])]
    palette = np.stack([kept >> 16, kept >> 8 & 255, kept & 255], 1).astype(np.uint8)
    all_colours = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], 1).astype(np.int32)
    far = ((all_colours[:, None, :] - palette[None].astype(np.int32)) ** 2).sum(2)
    indexed = far.argmin(1).astype(np.uint8)[places].reshape(height, width)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), indexed], 1)
    chunks = (
        (b"IHDR", _HEADER.pack(width, height, 8, _PALETTE, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _BEGIN + b"".join(_chunk(name, data) for name, data in chunks)


def looks_the_same(one: bytes, other: bytes) -> bool:
    """Whether two pictures, as `small` writes them, differ by no more than a clock or a number."""
    first, second = _pixels(one).astype(np.int16), _pixels(other).astype(np.int16)
    if first.shape != second.shape:
        return False
    return bool((np.abs(first - second).max(2) > _SEEN).mean() <= _HARDLY)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _pixels(png: bytes) -> Bytes:
    """Return the colours, (height, width, 3)."""
    at, packed, palette, header = len(_BEGIN), b"", b"", (0, 0, 0, 0, 0, 0, 0)
    while at < len(png):
        size, name = struct.unpack_from(">I4s", png, at)
        data = png[at + 8 : at + 8 + size]
        if name == b"IHDR":
            header = _HEADER.unpack(data)
        elif name == b"PLTE":
            palette = data
        elif name == b"IDAT":
            packed += data
        at += 12 + size
    width, height, depth, kind, _, _, interlaced = header
    assert (depth, interlaced) == (8, 0), "not what a browser writes"
    each = _BYTES[kind]
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * each)
    above = np.zeros(width * each, np.uint8)
    made = np.empty((height, width * each), np.uint8)
    for number, row in enumerate(rows):
        above = made[number] = _unfiltered(int(row[0]), row[1:], above, each)
    if kind == _PALETTE:
        return np.frombuffer(palette, np.uint8).reshape(-1, 3)[made]
    return made.reshape(height, width, each)[:, :, :3]


def _unfiltered(how: int, row: Bytes, above: Bytes, each: int) -> Bytes:
    """Undo a row's filter (PNG specification, section 9)."""
    if how == 0:
        return row
    if how == 1:
        return np.cumsum(row.reshape(-1, each), axis=0, dtype=np.uint8).ravel()
    if how == 2:
        return row + above
    made = bytearray(row.tobytes())
    up = above.tobytes()
    for at in range(len(made)):
        left, over = (made[at - each], up[at - each]) if at >= each else (0, 0)
        guess = (left + up[at]) // 2 if how == 3 else _paeth(left, up[at], over)
        made[at] = (made[at] + guess) & 255
    return np.frombuffer(bytes(made), np.uint8)


def _paeth(left: int, above: int, over: int) -> int:
    guess = left + above - over
    return min((left, above, over), key=lambda one: abs(guess - one))
