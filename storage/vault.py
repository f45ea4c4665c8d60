"""Encryption of personal values at rest.

AES-256-GCM (NIST SP 800-38D) under a master key that lives in a file of its own, apart from the
database. Every sealed value names the key that sealed it, so keys can be rotated without touching
what is already stored.
"""

import base64
import binascii
import hashlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_BYTES = 2
_HASH_BLOCK = 64  # bytes; keys have 32


class VaultProblem(Exception):
    """The key file or a sealed value cannot be used."""


class Vault:
    """Seals and opens personal values, and makes look-up keys for them.

    The key file is JSON, readable by its owner only:
    `{"format": 1, "current": 1, "seal": {"1": "<base64, 32 bytes>"}, "lookup": "<base64, 32 bytes>"}`.
    `current` is the key that seals; older keys stay for opening. Nonces are random: rotate before
    2^32 values were sealed under one key (SP 800-38D, 8.3).
    """

    def __init__(self, current: int, seal_keys: dict[int, bytes], lookup_key: bytes) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in seal_keys.items()}
        self._current = self._ciphers[current]
        self._prefix = current.to_bytes(_KEY_ID_BYTES, "big")
        # HMAC-SHA-256 (RFC 2104) with both pads hashed once: a list of a million rows asks for three million.
        block = lookup_key.ljust(_HASH_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key file with fresh keys, mode 0600, and return its vault.

        Raises VaultProblem if the file exists (its keys are the only way to what they sealed).
        """
        keys = {
            "format": _FORMAT,
            "current": 1,
            "seal": {"1": _encode(secrets.token_bytes(_KEY_BYTES))},
            "lookup": _encode(secrets.token_bytes(_KEY_BYTES)),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, keys)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file. Raises VaultProblem with the remedy."""
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise VaultProblem(f"{path}: the key file cannot be read ({error.strerror}).") from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise VaultProblem(f"{path}: others may read the key file. Remedy: chmod 600 {path}")
        try:
            keys = json.loads(text)
            seal = {int(key_id): _decode(key) for key_id, key in keys["seal"].items()}
            current, lookup = int(keys["current"]), _decode(keys["lookup"])
            known = keys["format"] == _FORMAT and current in seal
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            known = False
        if not known:
            raise VaultProblem(
                f"{path}: not a key file of format {_FORMAT}. Remedy: restore it from a backup."
            )
        return cls(current, seal, lookup)

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Read the key file, or make one where there is none."""
        return cls.load(path) if path.exists() else cls.create(path)

    @classmethod
    def rotate(cls, path: Path) -> Self:
        """Add a fresh key that seals from now on; older keys stay for opening. Atomic."""
        cls.load(path)
        keys = json.loads(path.read_text(encoding="utf-8"))
        newest = max(int(key_id) for key_id in keys["seal"]) + 1
        keys["seal"][str(newest)] = _encode(secrets.token_bytes(_KEY_BYTES))
        keys["current"] = newest
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        _write_new(fresh, keys)
        fresh.replace(path)
        return cls.load(path)

    def seal(self, value: bytes, context: bytes) -> bytes:
        """Encrypt a value. `context` (where it is stored) must be the same to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._prefix + nonce + self._current.encrypt(nonce, value, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt a value. Raises VaultProblem: unknown key, altered or moved value."""
        key_id = int.from_bytes(sealed[:_KEY_ID_BYTES], "big")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultProblem(
                f"Key {key_id} is not in the key file. Remedy: restore the key file that has it."
            )
        nonce = sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], context)
        except (InvalidTag, ValueError) as error:
            raise VaultProblem("A sealed value was altered, moved, or sealed by another key file.") from error

    def lookup_key(self, value: str) -> bytes:
        """Return a keyed fingerprint (HMAC-SHA-256) by which a value can be found but not read."""
        inner = self._inner.copy()
        inner.update(value.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


def _write_new(path: Path, keys: dict[str, Any]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise VaultProblem(f"{path}: a key file is already there; it is never overwritten.") from error
    except OSError as error:
        raise VaultProblem(f"{path}: the key file cannot be written ({error.strerror}).") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decode(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
