"""Identifiers that this system chooses itself, before anything happens."""

import secrets
import time


def new_id() -> str:
    """Return a fresh identifier: 32 hex digits that sort by creation time (RFC 9562, UUIDv7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return f"{value:032x}"
