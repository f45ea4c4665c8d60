"""Anchors: heads of the manifest kept outside the database, so that what is cut off its end is missed.

One file a month of lines `number time key-version link seal chain`, only ever appended to and on the disk
before a line counts. Each line shows by its own MAC (`seal`) whether it is what was written, and by `chain`
whether one before it was taken out. What is cut off the end of the file itself shows by rows that have been
without an anchor for longer than a crash explains, and by a second place.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from recording.manifest import ChainKeys, Head

_SUFFIX = ".anchors"
_LOCK = "lock"
_FIELDS = 6
_TAIL = 1024  # bytes; a line has fewer than 300
_NEAR = 100  # rows: more are not written between two anchors
_NOTHING = "0" * 64


class Anchored(StrEnum):
    """What came of anchoring a head."""

    WRITTEN = "written"
    THERE = "there"  # it was anchored before
    AHEAD = "ahead"  # the anchor knows rows that the table does not have
    DIFFERS = "differs"  # the same number was anchored with another link
    GONE = "gone"  # nothing is anchored in any place, and there is much that was
    FAILED = "failed"  # a place cannot be written


@dataclass(frozen=True, slots=True)
class Anchors:
    """What is anchored."""

    links: Mapping[int, bytes]  # by the row's number; of two lines the first counts
    spoilt: Sequence[int]  # numbers at which a line was edited, or one before it was taken out

    @property
    def newest(self) -> int:
        """Return the highest number; 0: nothing is anchored."""
        return max(self.links, default=0)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    at: str
    version: int
    link: str
    seal: str
    chain: str

    @classmethod
    def read(cls, text: str) -> _Line | None:
        parts = text.split(" ")
        if len(parts) != _FIELDS or not (parts[0].isdecimal() and parts[2].isdecimal()):
            return None
        return cls(int(parts[0]), parts[1], int(parts[2]), *parts[3:])

    def text(self) -> str:
        return f"{self.number} {self.at} {self.version} {self.link} {self.seal} {self.chain}\n"


class AnchorFolder:
    """Anchors in one folder. Several processes may write; each method may raise OSError. Blocking."""

    def __init__(self, folder: Path, keys: ChainKeys) -> None:
        self.folder = folder
        self._keys = keys

    def append(self, head: Head, at: datetime) -> Anchored:
        """Anchor a head; on the disk when this returns. Raises KeyError: the chain's key is missing."""
        if not head.number:
            return Anchored.AHEAD if self._last() is not None else Anchored.THERE
        with self._locked():
            last = self._last()
            if last is not None and last.number >= head.number:
                if last.number > head.number:
                    return Anchored.AHEAD
                return Anchored.THERE if last.link == head.link.hex() else Anchored.DIFFERS
            self._write(head, at, _NOTHING if last is None else last.chain)
        return Anchored.WRITTEN

    @property
    def empty(self) -> bool:
        """Whether nothing is anchored here, or nothing can be read."""
        try:
            return self._last() is None
        except OSError:
            return True

    def put_aside(self, at: datetime) -> None:
        """Move all lines into a folder of their own, where they stay."""
        with self._locked():
            aside = self.folder / f"until-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
            files = self._files()
            if files:
                aside.mkdir(mode=0o700)
            for file in files:
                file.rename(aside / file.name)
            _sync_folder(self.folder)

    def read(self) -> Anchors:
        """Return everything that is anchored here, and which lines are not what was written."""
        links: dict[int, bytes] = {}
        spoilt: list[int] = []
        chains = {_NOTHING}  # what the next line may follow: as stored, and as it should be
        number = 0
        lines = [_Line.read(text) for file in self._files() for text in _whole_lines(file)]
        for index, line in enumerate(lines):
            following = lines[index + 1] if index + 1 < len(lines) else None
            if line is None or not self._sealed(line):
                number = self._written_for(number, line) or _position(number, line, following)
                spoilt.append(number)
                # What stood here cannot be known, so nothing can be said of whether the next follows it.
                chains = set() if line is None else {line.chain}
                continue
            right = {self._chain(line, before) for before in chains}
            if right and line.chain not in right:
                spoilt.append(line.number)
            chains = {line.chain, *right}
            number = line.number
            links.setdefault(number, bytes.fromhex(line.link))
        return Anchors(links, tuple(dict.fromkeys(spoilt)))

    def _write(self, head: Head, at: datetime, before: str) -> None:
        moment = at.astimezone(UTC)
        bare = _Line(
            head.number,
            moment.isoformat(timespec="microseconds"),
            self._keys.current,
            head.link.hex(),
            "",
            "",
        )
        seal = self._seal(bare)
        sealed = _Line(bare.number, bare.at, bare.version, bare.link, seal, "")
        line = _Line(sealed.number, sealed.at, sealed.version, sealed.link, seal, self._chain(sealed, before))
        newest = self._files()[-1].name if self._files() else ""
        # Never a file before the newest one: a clock set back must not put lines out of order.
        path = self.folder / max(newest, f"{moment:%Y-%m}{_SUFFIX}")
        fresh = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - _TAIL)
            file.seek(start)
            # What a power cut left of a line that was never whole was never an anchor.
            file.truncate(start + file.read().rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            file.write(line.text().encode())
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            _sync_folder(self.folder)

    def _last(self) -> _Line | None:
        for file in reversed(self._files()):
            with file.open("rb") as opened:
                opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL))
                tail = opened.read()
            for text in reversed(tail[: tail.rfind(b"\n") + 1].decode("ascii", "replace").splitlines()):
                if (line := _Line.read(text)) is not None:
                    return line
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{_SUFFIX}"))

    def _sealed(self, line: _Line) -> bool:
        try:
            return hmac.compare_digest(self._seal(line), line.seal)
        except (KeyError, TypeError):  # the version was edited, or the line is not ASCII
            return False

    def _written_for(self, before: int, line: _Line | None) -> int:
        """Return the number that a line had whose number alone was edited; 0: that is not so."""
        if line is None:
            return 0
        near = range(before + 1, before + 1 + _NEAR)
        return next((number for number in near if self._sealed(replace(line, number=number))), 0)

    def _seal(self, line: _Line) -> str:
        plain = f"manifest anchor {line.number} {line.at} {line.version} {line.link}"
        return hmac.digest(self._keys.chain_key(line.version), plain.encode(), hashlib.sha256).hex()

    def _chain(self, line: _Line, before: str) -> str:
        plain = f"manifest anchors {before} {line.seal}"
        return hmac.digest(self._keys.chain_key(line.version), plain.encode(), hashlib.sha256).hex()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class AnchorPlaces:
    """The first place and, where one is set, a second one that tells on the first."""

    def __init__(self, places: Sequence[AnchorFolder]) -> None:
        self._places = places

    def append(self, head: Head, at: datetime) -> Anchored:
        """Anchor a head in every place; the worst of what came of it. Blocking."""
        order = list(Anchored)
        if head.number > _NEAR and all(place.empty for place in self._places):
            return Anchored.GONE  # not begun anew: who cut the table may have removed them
        return max((self._try(place, head, at) for place in self._places), key=order.index)

    def begin_anew(self, head: Head, at: datetime) -> None:
        """Put aside what is anchored and anchor a head as the first one. Raises OSError, KeyError."""
        for place in self._places:
            place.put_aside(at)
        for place in self._places:
            place.append(head, at)

    def read(self) -> Anchors:
        """Return what is anchored in any place. Raises OSError."""
        links: dict[int, bytes] = {}
        spoilt: set[int] = set()
        every = [place.read() for place in self._places]
        for found in every:
            spoilt.update(found.spoilt)
            for number, link in found.links.items():
                if links.setdefault(number, link) != link:
                    spoilt.add(number)
        for found in every:
            # A place that was set up later begins later; one that was cut ends sooner.
            if found.links and found.newest < max(links):
                spoilt.add(min(number for number in links if number > found.newest))
        return Anchors(links, sorted(spoilt))

    @staticmethod
    def _try(place: AnchorFolder, head: Head, at: datetime) -> Anchored:
        try:
            return place.append(head, at)
        except (OSError, KeyError):
            return Anchored.FAILED


def _whole_lines(file: Path) -> Iterator[str]:
    with file.open("rb") as opened:
        for line in opened:
            if line.endswith(b"\n"):
                yield line[:-1].decode("ascii", "replace")


def _position(before: int, line: _Line | None, following: _Line | None) -> int:
    """Return the number that a spoilt line stood for: what it says if that fits, else the next one."""
    if line is None or line.number <= before or (following is not None and line.number >= following.number):
        return before + 1
    return line.number


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
