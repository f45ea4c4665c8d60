"""WebSocket frames (RFC 6455), the server's side: enough for a fake, with all its faults on request."""

import asyncio
import base64
import hashlib
import struct

_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

CONTINUATION, TEXT, CLOSE, PING, PONG = 0x0, 0x1, 0x8, 0x9, 0xA


def accept_key(key: str) -> str:
    """Return the answer to a client's `Sec-WebSocket-Key`."""
    digest = hashlib.sha1((key + _KEY).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def frame(payload: bytes, kind: int = TEXT, *, fin: bool = True) -> bytes:
    """Return a frame as a server sends it (not masked)."""
    first = (0x80 if fin else 0) | kind
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the next frame's kind and payload. Raises IncompleteReadError at the end."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", await reader.readexactly(8))
    mask = await reader.readexactly(4) if second & 0x80 else b""
    payload = await reader.readexactly(size)
    if mask:
        repeated = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
    return first & 0x0F, payload
