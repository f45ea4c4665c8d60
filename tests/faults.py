"""What fault tests tell of what they did: faults by kind, tamperings found, silent losses, bytes given.

It goes to pytest's own report of a test (`record_property`); tests/fault_report.py adds it up.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path


class Fault(StrEnum):
    """A kind of fault. Every one of them has to be injected somewhere."""

    DISK_FULL = "disk full"
    FOLDER_GONE = "folder gone"
    SERVICE_KILLED = "service killed"
    WORKER_KILLED = "worker killed"  # the process that seals
    ASTERISK_KILLED = "Asterisk killed"
    KEY_MISSING = "key missing"
    FILE_TRUNCATED = "file truncated"
    BYTE_FLIPPED = "byte flipped"
    ROW_DELETED = "row deleted"
    MANIFEST_EDITED = "manifest edited"
    MANIFEST_SWAPPED = "manifest swapped"
    MANIFEST_CUT = "manifest cut"


class Denied(StrEnum):
    """To whom no byte of a recording may be given. Every one of them has to have asked."""

    WRONG_ROLE = "wrong roles"
    EXPIRED = "expired links"
    OTHER_SESSION = "other sessions"


INJECTED, FOUND, TAMPERED, SILENT, GIVEN, ASKED = (
    f"faults.{name}" for name in ("injected", "found", "tampered", "silent", "given", "asked")
)


class FaultLog:
    """What one test did; the fixture `faults` gives it."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def injected(self, fault: Fault, many: int = 1) -> None:
        """Tell that so many faults were injected, and are known to have taken effect."""
        self._record(INJECTED, f"{fault.value}={many}")

    def tampered(self, fault: Fault, *, found: bool) -> None:
        """Tell of something changed behind the service's back, and whether the right place was named."""
        self.injected(fault)
        self._record(TAMPERED, 1)
        self._record(FOUND, int(found))

    def lost(self, *, silently: bool) -> None:
        """Tell whether something was lost of which nobody was told."""
        self._record(SILENT, int(silently))

    def asked(self, who: Denied, times: int, given: int) -> None:
        """Tell how often somebody asked for a recording that is not for them, and how many bytes they got."""
        self._record(ASKED, f"{who.value}={times}")
        self._record(GIVEN, f"{who.value}={given}")


def truncate(path: Path) -> None:
    """Cut a file in half; its times stay."""
    data = path.read_bytes()
    _put(path, data[: len(data) // 2])


def flip(path: Path) -> None:
    """Change one bit in the middle of a file; its times stay."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    _put(path, bytes(data))


def _put(path: Path, data: bytes) -> None:
    times = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
