"""Identifiers that this system chooses itself, before anything happens."""

import random
import time


def new_id() -> str:
    """Return a fresh identifier: 32 hex digits that sort by creation time (RFC 9562, UUIDv7)."""
    milliseconds = time.time_ns() // 1_000_000
    # Unique, not secret; Python seeds this generator anew in a forked process.
    noise = random.getrandbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    return f"{value:032x}"
