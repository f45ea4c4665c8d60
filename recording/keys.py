"""The keys of recordings: a file with versioned master keys, each recording's own key wrapped by one of them.

Each recording is encrypted under a key of its own, made afresh for it. That key is kept in the recording's
row, encrypted (wrapped) by AES-256-GCM under a master key with the recording's id and the version as
associated data: a wrapped key that was moved to another row does not open. Rotation adds a version and wraps
the keys of all rows anew; what is stored is not touched. Each version has a key for the manifest's chain too.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE = "recording_keys"  # its name in the folder of secrets

_FORMAT = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12  # random: rotate before 2^32 recordings under one version (NIST SP 800-38D, 8.3)


class KeysProblem(OSError):
    """The key file, or a version in it, cannot be used now. The message names the file and the remedy."""


class KeyRefused(Exception):
    """A wrapped key was changed, belongs to another recording, or was wrapped by another key file."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A recording's own key, in clear and as it is kept."""

    key: bytes = field(repr=False)  # 32 bytes
    wrapped: bytes
    version: int  # of the master key


class Keys(Protocol):
    """What wraps and opens recordings' keys, and gives the chain's. Each method raises KeysProblem."""

    @property
    def current(self) -> int:
        """The version that wraps from now on."""
        ...

    def fresh(self, recording_id: str) -> OwnKey:
        """Make a key for one recording."""
        ...

    def unwrap(self, recording_id: str, version: int, wrapped: bytes) -> bytes:
        """Return a recording's key. Raises KeyRefused."""
        ...

    def rewrap(self, recording_id: str, version: int, wrapped: bytes) -> OwnKey:
        """Wrap a recording's key under the current version. Raises KeyRefused."""
        ...

    def chain_key(self, version: int) -> bytes:
        """Return the manifest's key of a version. Raises KeyError: there is no such version."""
        ...


class RecordingKeys:
    """The keys of one file, as `Keys`.

    The file is JSON, readable by its owner only: `{"format": 1, "current": 1, "master": {"1": "<base64, 32
    bytes>"}, "chain": {"1": "<base64, 32 bytes>"}}`. `current` wraps; older versions stay for opening.
    """

    def __init__(self, current: int, master: Mapping[int, bytes], chain: Mapping[int, bytes]) -> None:
        self._current = current
        self._master = {version: AESGCM(key) for version, key in master.items()}
        self._chain = dict(chain)

    @classmethod
    def create(cls, path: Path) -> RecordingKeys:
        """Make a key file, mode 0600. Raises KeysProblem if there is one: it opens what it sealed."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        first = {"1": _fresh()}
        _write_new(path, {"format": _FORMAT, "current": 1, "master": first, "chain": {"1": _fresh()}})
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> RecordingKeys:
        """Read a key file. Raises KeysProblem with the remedy."""
        keys = _read(path)
        try:
            master = {int(version): _decode(key) for version, key in keys["master"].items()}
            chain = {int(version): _decode(key) for version, key in keys["chain"].items()}
            current = int(keys["current"])
            known = keys["format"] == _FORMAT and current in master and current in chain
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            known = False
        if not known:
            raise KeysProblem(
                f"{path}: not a key file of format {_FORMAT}. Remedy: restore it from a backup."
            )
        return cls(current, master, chain)

    @classmethod
    def rotate(cls, path: Path) -> RecordingKeys:
        """Add a version that wraps from now on; older ones stay. Atomic. Raises KeysProblem."""
        cls.load(path)
        keys = _read(path)
        newest = max(int(version) for version in keys["master"]) + 1
        keys["master"][str(newest)] = _fresh()
        keys["chain"][str(newest)] = _fresh()
        _replace(path, keys | {"current": newest})
        return cls.load(path)

    @classmethod
    def retire(cls, path: Path, version: int) -> RecordingKeys:
        """Remove a master key that wraps nothing any more; its chain key stays. Raises KeysProblem."""
        keys = _read(path)
        if version == cls.load(path).current:
            raise KeysProblem(f"{path}: version {version} is the current one. Remedy: rotate first.")
        keys["master"].pop(str(version), None)
        _replace(path, keys)
        return cls.load(path)

    @property
    def current(self) -> int:
        """The version that wraps from now on."""
        return self._current

    @property
    def versions(self) -> Sequence[int]:
        """Every version that can open, oldest first."""
        return sorted(self._master)

    def fresh(self, recording_id: str) -> OwnKey:
        """Make a key for one recording."""
        return self._wrap(recording_id, secrets.token_bytes(_KEY_BYTES))

    def unwrap(self, recording_id: str, version: int, wrapped: bytes) -> bytes:
        """Return a recording's key. Raises KeysProblem: no such version; KeyRefused."""
        master = self._master.get(version)
        if master is None:
            raise KeysProblem(
                f"version {version} of the recordings' master key is not in the key file. "
                "Remedy: restore the key file that has it."
            )
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return master.decrypt(nonce, sealed, _context(recording_id, version))
        except (InvalidTag, ValueError) as error:
            raise KeyRefused(f"the key of recording {recording_id} cannot be opened") from error

    def rewrap(self, recording_id: str, version: int, wrapped: bytes) -> OwnKey:
        """Wrap a recording's key under the current version. Raises as `unwrap` does."""
        return self._wrap(recording_id, self.unwrap(recording_id, version, wrapped))

    def chain_key(self, version: int) -> bytes:
        """Return the manifest's key of a version. Raises KeyError: there is no such version."""
        return self._chain[version]

    def _wrap(self, recording_id: str, key: bytes) -> OwnKey:
        nonce = os.urandom(_NONCE_BYTES)
        context = _context(recording_id, self._current)
        wrapped = nonce + self._master[self._current].encrypt(nonce, key, context)
        return OwnKey(key, wrapped, self._current)


class KeyFile:
    """The key file as it is at each moment, as `Keys`: read again when it was changed, or came back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: RecordingKeys | None = None

    @property
    def keys(self) -> RecordingKeys:
        """The keys now. Raises KeysProblem."""
        try:
            found = self.path.stat()
        except OSError as error:
            self._keys = None
            raise _unreadable(self.path, error) from error
        seen = (found.st_ino, found.st_mtime_ns, found.st_mode)
        if self._keys is None or seen != self._seen:
            self._keys = RecordingKeys.load(self.path)
            self._seen = seen
        return self._keys

    @property
    def current(self) -> int:
        """The version that wraps from now on."""
        return self.keys.current

    def fresh(self, recording_id: str) -> OwnKey:
        """Make a key for one recording."""
        return self.keys.fresh(recording_id)

    def unwrap(self, recording_id: str, version: int, wrapped: bytes) -> bytes:
        """Return a recording's key. Raises KeyRefused."""
        return self.keys.unwrap(recording_id, version, wrapped)

    def rewrap(self, recording_id: str, version: int, wrapped: bytes) -> OwnKey:
        """Wrap a recording's key under the current version. Raises KeyRefused."""
        return self.keys.rewrap(recording_id, version, wrapped)

    def chain_key(self, version: int) -> bytes:
        """Return the manifest's key of a version. Raises KeyError: there is no such version."""
        return self.keys.chain_key(version)


def _context(recording_id: str, version: int) -> bytes:
    return f"kring recording key {version} {recording_id}".encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(path, error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysProblem(f"{path}: others may read the key file. Remedy: chmod 600 {path}")
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise KeysProblem(f"{path}: not a key file of format {_FORMAT}. Remedy: restore it from a backup.")
    return keys


def _unreadable(path: Path, error: OSError) -> KeysProblem:
    return KeysProblem(
        f"{path}: the recordings' key file cannot be read ({error.strerror}). "
        "Remedy: restore it from a backup."
    )


def _replace(path: Path, keys: Mapping[str, Any]) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, keys)
    fresh.replace(path)
    _sync_folder(path.parent)


def _write_new(path: Path, keys: Mapping[str, Any]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeysProblem(f"{path}: a key file is already there; it is never overwritten.") from error
    except OSError as error:
        raise KeysProblem(f"{path}: the key file cannot be written ({error.strerror}).") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _decode(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
