"""The manifest: a chain of rows in which no change, loss, exchange or insertion goes unseen.

A row's MAC is two HMAC-SHA-256 values of 32 bytes each: the *seal* covers the row's own columns with its
number, so each row shows alone whether it is what was written and where it belongs; the *link* covers the
link before and the seal, so rows of another history do not fit. What a cut at the end or an older copy of
the whole table leaves is sound in itself: it shows against the heads that were anchored outside.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

_HALF = 32  # bytes of HMAC-SHA-256
NOTHING_BEFORE = bytes(_HALF)  # the link before the first row


class ChainKeys(Protocol):
    """The versioned keys of the chain."""

    @property
    def current(self) -> int:
        """The version that is written with."""
        ...

    def chain_key(self, version: int) -> bytes:
        """Return a version's key. Raises KeyError: there is no such version."""
        ...


class Act(StrEnum):
    """What a row of the manifest tells of a recording."""

    SEALED = "sealed"
    HELD = "held"
    RELEASED = "released"
    ASKED = "asked"  # its destruction outside the table, which a second person has to confirm
    DENIED = "denied"  # what was asked is not done
    DESTROYED = "destroyed"
    RESTORED = "restored"  # the table is an older copy, on purpose; its anchors begin anew. No recording's
    REWRAPPED = "rewrapped"  # its key was wrapped again, under a newer master key


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be put on record."""

    recording_id: str
    act: Act
    at: datetime  # aware
    digest: str = ""  # SHA-256 of the stored object, hex; empty where the act does not concern it
    detail: str = ""  # words and ids, never personal; at most 120 characters


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is stored."""

    number: int  # 1, 2, … without gaps
    at: datetime  # aware
    recording_id: str
    act: str
    digest: str
    detail: str
    key_version: int
    mac: bytes  # 64 bytes: seal, link

    @property
    def seal(self) -> bytes:
        """The MAC of the row alone."""
        return self.mac[:_HALF]

    @property
    def link(self) -> bytes:
        """The MAC of the row as the next after all before it."""
        return self.mac[_HALF:]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row, by which all before it are known."""

    number: int  # 0: there is no row
    link: bytes  # 32 bytes


EMPTY = Head(0, NOTHING_BEFORE)


class Wrong(StrEnum):
    """What is wrong at a row."""

    CHANGED = "changed"  # not what was written here
    MISSING = "missing"  # was written, and is not there
    EXCHANGED = "exchanged"  # belongs to another place
    INSERTED = "inserted"  # was never written by the service
    CUT = "cut"  # missing, and everything after it too: an anchor shows that it was there
    ROLLED_BACK = "rolled_back"  # sound, but not what was anchored: another history, or an older copy
    ANCHOR = "anchor"  # the anchor at this number was edited, or one before it is missing
    NO_KEY = "no_key"  # cannot be checked: the key file lacks the key's version


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong."""

    number: int  # of the row: where it is, or where it should be
    wrong: Wrong
    until: int  # the last row that is wrong in this way; mostly `number`
    other: int = 0  # the row that this one belongs to, or is a copy of; 0: none
    recording_id: str = ""  # as the row says, where there is one


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    rows: int
    head: Head  # of the table
    anchored: int  # the highest number that is anchored; 0: nothing is
    findings: Sequence[Finding]  # by number

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def sign(keys: ChainKeys, head: Head, entry: Entry) -> Row:
    """Return the row that follows `head`. Raises KeyError, and ValueError for a time without zone."""
    if entry.at.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    bare = Row(
        head.number + 1,
        entry.at.astimezone(UTC),
        entry.recording_id,
        entry.act.value,
        entry.digest,
        entry.detail,
        keys.current,
        b"",
    )
    key = keys.chain_key(keys.current)
    seal = seal_of(key, bare, bare.number)
    mac = seal + link_of(key, head.link, seal)
    return Row(
        bare.number, bare.at, bare.recording_id, bare.act, bare.digest, bare.detail, bare.key_version, mac
    )


def seal_of(key: bytes, row: Row, number: int) -> bytes:
    """Return the MAC of a row alone, as if it had this number."""
    fields = (
        str(number),
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.recording_id,
        row.act,
        row.digest,
        row.detail,
        str(row.key_version),
    )
    # Each field with its length: no two rows are the same bytes.
    plain = b"".join(len(data).to_bytes(4, "big") + data for data in (field.encode() for field in fields))
    return hmac.digest(key, b"manifest row" + plain, hashlib.sha256)


def link_of(key: bytes, before: bytes, seal: bytes) -> bytes:
    """Return the MAC of a row, by its seal, as the next after the link before."""
    return hmac.digest(key, b"manifest link" + before + seal, hashlib.sha256)
