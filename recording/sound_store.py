"""Where sealed recordings are kept: a port, so that a folder and an S3-compatible service are one thing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class StoreAway(OSError):
    """The store cannot be used now: not there, full, refused, or out of reach. The message names a remedy."""

    def __init__(self, message: str, word: str = "away") -> None:
        super().__init__(message)
        self.word = word  # for an alarm: `away`, `disk_full`, `folder_gone`, `refused`


@dataclass(frozen=True, slots=True)
class Stored:
    """An object of the store."""

    key: str  # `ab/<recording_id>-<attempt>.sealed`
    size: int  # bytes
    at: datetime  # aware, UTC; last written


class SoundStore(Protocol):
    """Keeps objects under keys, each whole or not at all. Every method raises StoreAway."""

    @property
    def staging(self) -> Path:
        """The folder of this machine in which an object is made before it is put."""
        ...

    async def put(self, key: str, source: Path) -> None:
        """Keep a file of `staging` under a key and remove it there.

        When this returns the object survives a power cut.
        """
        ...

    async def size(self, key: str) -> int:
        """Return an object's bytes. Raises FileNotFoundError."""
        ...

    async def read(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to but not with `end`, or up to the object's end.

        Raises FileNotFoundError.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove an object for good. Idempotent."""
        ...

    def objects(self, prefix: str = "") -> AsyncIterator[Stored]:
        """Yield the objects whose keys begin so, in any order."""
        ...

    async def check(self) -> None:
        """Write, read and remove a small object."""
        ...


def object_prefix(recording_id: str) -> str:
    """Return what the keys of all objects of a recording begin with."""
    return f"{recording_id[:2]}/{recording_id}-"


def object_key(recording_id: str, attempt: str) -> str:
    """Return the key of what one attempt to seal stores.

    Each attempt has a key of its own: a put that is late, or of a worker thought dead, replaces nothing.
    """
    return f"{object_prefix(recording_id)}{attempt}.sealed"


def recording_of(key: str) -> str:
    """Return the recording that an object belongs to; empty: not one of ours."""
    folder, _, name = key.rpartition("/")
    recording_id, dash, _ = name.partition("-")
    fits = dash and name.endswith(".sealed") and len(recording_id) == 32 and folder == recording_id[:2]
    return recording_id if fits else ""
