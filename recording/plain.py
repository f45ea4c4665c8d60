"""The one folder of plain audio: what Asterisk records into, and what leaves it as soon as it is sealed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recording.recordings import SIDES
from recording.wav import Wav, WavRefused, look


class PlainAway(OSError):
    """The folder of plain audio is not there or cannot be used. The message names the remedy."""


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file of the folder."""

    recording_id: str  # empty: its name is not one of ours
    path: Path
    modified: float  # seconds since 1970
    size: int


class PlainFolder:
    """The folder. Nothing but Asterisk, the worker and their user may look into it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def check(self) -> None:
        """Raise PlainAway unless the folder is there; take from others what rights they have."""
        try:
            mode = self.root.stat().st_mode
            if stat.S_ISDIR(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
                self.root.chmod(0o700)
        except OSError as error:
            raise PlainAway(
                f"{self.root}: the folder of plain audio cannot be used ({error.strerror}). "
                "Remedy: mount it again, or restart the service, which makes it."
            ) from error
        if not stat.S_ISDIR(mode):
            raise PlainAway(f"{self.root}: no folder. Remedy: move it away.")

    def path(self, recording_id: str, side: str) -> Path:
        """Return where one side of a recording is."""
        return self.root / f"{recording_id}-{side}.wav"

    def sides(self, recording_id: str) -> tuple[list[Wav | None], bool]:
        """Return caller's and agent's side (None: no file that can be used), and whether one is refused.

        Raises PlainAway, OSError.
        """
        self.check()
        found: list[Wav | None] = []
        refused = False
        for side in SIDES:
            try:
                found.append(look(self.path(recording_id, side)))
            except FileNotFoundError:
                found.append(None)
            except WavRefused:
                refused = True
                found.append(None)
        return found, refused

    def remove(self, recording_id: str) -> None:
        """Remove both sides, and have the disk know it. Raises OSError."""
        for side in SIDES:
            self.path(recording_id, side).unlink(missing_ok=True)
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def files(self, *, below: bool = False) -> Iterator[PlainFile]:
        """Yield what is in the folder, or with `below` in the folders in it too. Raises PlainAway."""
        self.check()
        yield from _files(self.root, below)


def _files(folder: Path, below: bool) -> Iterator[PlainFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(found.st_mode):
                owner = _recording(entry.name)
                yield PlainFile(owner, Path(entry.path), found.st_mtime, found.st_size)
            elif below and stat.S_ISDIR(found.st_mode):
                yield from _files(Path(entry.path), below)


def _recording(name: str) -> str:
    """Return whose audio a file is, `ID-SIDE.wav` or a part of it `ID-SIDE-….wav`; empty: nobody's."""
    recording_id, *rest = name.removesuffix(".wav").split("-")
    ours = name.endswith(".wav") and len(recording_id) == 32 and rest[:1] in ([side] for side in SIDES)
    return recording_id if ours else ""
