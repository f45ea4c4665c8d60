"""Files on their way in: in pieces, each smaller than the largest body, into a private folder.

A piece is written whole or not at all, at the place where the last one ended: a cut connection leaves the
file as it was, and the sender goes on from there. Nothing of a file outlives its import, or the service.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import disk_usage

from dialer.imports import FileKind
from domain.ids import new_id

PIECE = 524_288  # bytes of a piece at most; `web.app.LARGEST_BODY` stands above it
LARGEST_FILE = 512 * 1024 * 1024  # bytes: several times a list of 1.2 million rows
MOST_OPEN = 4  # uploads of one person at the same time
BEING_SENT = 60.0  # seconds after a piece in which the next one is on its way: a page tries again sooner
KEPT = 6 * 3600.0  # seconds after the last piece
LEFT_FREE = 1024 * 1024 * 1024  # bytes that stay free on the disk: calls and attempts need it more

_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # ZIP; OLE2
_NO_TEXT = (
    _WORKBOOK,
    _OLD_WORKBOOK,
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
)


class UploadRefused(Exception):
    """A file or piece cannot be taken. `word` is a text `lists_upload.…`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class OutOfPlace(Exception):
    """A piece does not begin where the file ends. `received`: where it ends, in bytes."""

    def __init__(self, received: int) -> None:
        super().__init__(f"the file has {received} bytes")
        self.received = received


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way."""

    upload_id: str
    owner: str  # staff_id
    kind: FileKind
    size: int  # bytes, as announced
    received: int
    path: Path = field(repr=False)
    touched: float  # monotonic seconds

    @property
    def complete(self) -> bool:
        """Whether every byte is there."""
        return self.received == self.size


class Uploads:
    """Keeps them. One for the application, all on one event loop. Methods raise OSError when a disk fails."""

    def __init__(self, folder: Path, monotonic: Callable[[], float]) -> None:
        """`folder`: `dialer.imports.Imports.uploads`, which removes what an earlier run left there."""
        self.folder = folder
        self._monotonic = monotonic
        self._uploads: dict[str, Upload] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._purging: asyncio.TimerHandle | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def begin(self, owner: str, kind: FileKind, size: int) -> Upload:
        """Make room for a file. Raises UploadRefused."""
        self.purge()
        if size > LARGEST_FILE:
            raise UploadRefused("too_large")
        self._make_room(owner)
        expected = sum(one.size - one.received for one in self._uploads.values())
        if disk_usage(self.folder).free - expected - size < LEFT_FREE:
            raise UploadRefused("disk_full")
        upload_id = new_id()
        path = self.folder / f"{upload_id}.{kind}"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        made = Upload(upload_id, owner, kind, size, 0, path, self._monotonic())
        self._keep(made)
        return made

    def get(self, owner: str, upload_id: str) -> Upload:
        """Return somebody's own upload. Raises KeyError."""
        found = self._uploads[upload_id]
        if found.owner != owner:
            raise KeyError(upload_id)
        return found

    async def write(self, owner: str, upload_id: str, at: int, content: bytes) -> Upload:
        """Write the piece that begins at byte `at`. Raises KeyError, OutOfPlace, UploadRefused."""
        self.get(owner, upload_id)
        async with self._locks[upload_id]:
            before = self.get(owner, upload_id)
            if at != before.received:
                raise OutOfPlace(before.received)
            if not content or len(content) > PIECE or at + len(content) > before.size:
                raise UploadRefused("piece")
            if at == 0 and not _begins_as(before.kind, content):
                self.drop(upload_id)  # no other piece would make it right
                raise UploadRefused("wrong_type")
            await asyncio.to_thread(_write_at, before.path, content, at)
            self.get(owner, upload_id)  # it may have been dropped meanwhile
            after = replace(before, received=at + len(content), touched=self._monotonic())
            self._uploads[upload_id] = after
            return after

    def take(self, owner: str, upload_id: str) -> Upload:
        """Hand somebody's own file over: who takes it removes it, nobody else finds it. Raises KeyError."""
        found = self.get(owner, upload_id)
        self._forget(upload_id)
        return found

    def give_back(self, taken: Upload) -> None:
        """Have a file again that was taken in vain."""
        self._keep(replace(taken, touched=self._monotonic()))

    def drop(self, upload_id: str) -> None:
        """Remove a file. Idempotent."""
        found = self._uploads.get(upload_id)
        self._forget(upload_id)
        if found is not None:
            found.path.unlink(missing_ok=True)

    def purge(self) -> None:
        """Remove what nobody went on with."""
        oldest = self._monotonic() - KEPT
        for one in [one for one in self._uploads.values() if one.touched < oldest]:
            self.drop(one.upload_id)

    def close(self) -> None:
        """Remove everything: the service stops."""
        for upload_id in list(self._uploads):
            self.drop(upload_id)
        if self._purging is not None:
            self._purging.cancel()

    def _make_room(self, owner: str) -> None:
        """Remove somebody's file that was left alone longest, if there are too many. Raises UploadRefused.

        A page that was closed cancels nothing: what it left must not keep its owner from sending another.
        """
        own = [one for one in self._uploads.values() if one.owner == owner]
        if len(own) < MOST_OPEN:
            return
        last = self._monotonic() - BEING_SENT
        left_alone = [one for one in own if one.complete or one.touched < last]
        if not left_alone:
            raise UploadRefused("too_many")
        self.drop(min(left_alone, key=lambda one: one.touched).upload_id)

    def _keep(self, upload: Upload) -> None:
        self._uploads[upload.upload_id], self._locks[upload.upload_id] = upload, asyncio.Lock()
        if self._purging is None:
            self._purging = asyncio.get_running_loop().call_later(KEPT, self._purge_again)

    def _forget(self, upload_id: str) -> None:
        self._uploads.pop(upload_id, None)
        self._locks.pop(upload_id, None)

    def _purge_again(self) -> None:
        """Purge now, and again while there is something."""
        self._purging = None
        self.purge()
        if self._uploads:
            self._purging = asyncio.get_running_loop().call_later(KEPT, self._purge_again)


def _begins_as(kind: FileKind, content: bytes) -> bool:
    if kind is FileKind.XLS:
        return content.startswith(_OLD_WORKBOOK)
    if kind is FileKind.CSV:
        return not content.startswith(_NO_TEXT)
    return content.startswith(_WORKBOOK)


def _write_at(path: Path, content: bytes, at: int) -> None:
    """Write a piece. One that was cut short by the disk is overwritten by the next try."""
    target = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        written = 0
        while written < len(content):
            written += os.pwrite(target, content[written:], at + written)
    finally:
        os.close(target)
