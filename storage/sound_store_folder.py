"""A folder as the store of sealed recordings."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from recording.sound_store import StoreAway, Stored

T = TypeVar("T")

_STAGING = ".incoming"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderStore:
    """A `recording.sound_store.SoundStore` of files below a folder, 0700 and 0600.

    An object is made in a folder beside the others, synced, and moved to its name; then the folders are
    synced. The folder itself is made by `make` alone: one that is gone later is a disk that is not mounted,
    and is never replaced by an empty one.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def make(cls, root: Path) -> FolderStore:
        """Make the folder where there is none. Raises StoreAway."""
        with _told(root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            root.chmod(0o700)
            (root / _STAGING).mkdir(mode=0o700, exist_ok=True)
        return cls(root)

    @property
    def staging(self) -> Path:
        """The folder of this machine in which an object is made before it is put."""
        return self._root / _STAGING

    async def put(self, key: str, source: Path) -> None:
        """Keep a file of `staging` under a key and remove it there."""
        await self._do(lambda: self._put(key, source))

    async def size(self, key: str) -> int:
        """Return an object's bytes. Raises FileNotFoundError."""
        return await self._do(lambda: self._path(key).stat().st_size)

    async def read(self, key: str, start: int, end: int) -> bytes:
        """Return a range. Raises FileNotFoundError."""
        return await self._do(lambda: _read(self._path(key), start, end))

    async def delete(self, key: str) -> None:
        """Remove an object for good. Idempotent."""
        await self._do(lambda: self._delete(key))

    async def objects(self, prefix: str = "") -> AsyncIterator[Stored]:
        """Yield the objects whose keys begin so."""
        for stored in await self._do(lambda: list(self._objects(prefix))):
            yield stored

    async def check(self) -> None:
        """Write, read and remove a small object."""
        key, sample = f".check/{secrets.token_hex(8)}", secrets.token_bytes(64)

        def work() -> bytes:
            source = self.staging / key.rpartition("/")[2]
            source.write_bytes(sample)
            try:
                self._put(key, source)
                return self._path(key).read_bytes()
            finally:
                source.unlink(missing_ok=True)
                self._path(key).unlink(missing_ok=True)

        if await self._do(work) != sample:
            raise StoreAway(f"{self._root}: what was written is not what is read. Remedy: check the disk.")

    async def _do(self, work: Callable[[], T]) -> T:
        def told() -> T:
            with _told(self._root):
                return work()

        return await asyncio.to_thread(told)

    def _path(self, key: str) -> Path:
        path = self._root / key
        if ".." in path.parts or not key or key.startswith("/"):
            raise ValueError("no key of an object")
        return path

    def _put(self, key: str, source: Path) -> None:
        target = self._path(key)
        _sync(source, os.O_RDONLY)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700)
            _sync(self._root, os.O_RDONLY | os.O_DIRECTORY)
        source.replace(target)
        _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)

    def _delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(FileNotFoundError):
            path.unlink()
            _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        if not self._root.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self._root))

    def _objects(self, prefix: str) -> Iterator[Stored]:
        if not self._root.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self._root))
        folder, slash, _ = prefix.partition("/")
        folders = [self._root / folder] if slash else sorted(self._root.glob(f"{folder}[!.]*"))
        for one in folders:
            if one.is_dir():
                yield from self._in_folder(one, prefix)

    def _in_folder(self, folder: Path, prefix: str) -> Iterator[Stored]:
        with os.scandir(folder) as entries:
            for entry in entries:
                key = f"{folder.name}/{entry.name}"
                if key.startswith(prefix) and entry.is_file(follow_symlinks=False):
                    found = entry.stat()
                    yield Stored(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """Tell a folder that cannot be used from an object that is not there."""
    try:
        yield
    except StoreAway:
        raise
    except FileNotFoundError as error:
        if root.is_dir() and (root / _STAGING).is_dir():
            raise
        raise StoreAway(
            f"{root}: the folder of sealed recordings is gone. Remedy: mount it again, or restore it.",
            "folder_gone",
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StoreAway(f"{root}: the disk is full. Remedy: make room.", "disk_full") from error
        raise StoreAway(
            f"{root}: cannot be used ({error.strerror}). Remedy: check the disk and its rights."
        ) from error


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        return os.pread(file.fileno(), max(0, end - start), start)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
