"""What the sealing process is told, and what it tells: lines of JSON by its standard input and output."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from storage.sound_store import StorePlace


class SealJob(msgspec.Struct, frozen=True):
    """What to work on. It holds the database's address with its password: it never is an argument."""

    database: str
    key_file: str
    plain: str  # the folder that Asterisk records into
    store: StorePlace
    anchors: Sequence[str]  # folders in which the manifest's head is anchored
    lock: str  # file that the one process that seals here holds locked
    coding: str  # "flac" or "opus"


class Did(msgspec.Struct, frozen=True, tag="did"):
    """A recording came to its end."""

    recording_id: str
    outcome: str  # a recording.sealing.Outcome
    audio_ms: int
    cpu_seconds: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Something cannot be done now and is tried again; an alarm says the same."""

    what: str  # a word: a recording.recordings.AlarmKind, or `records`
    detail: str


Told = Did | Failed

read_job = msgspec.json.Decoder(SealJob)
read_told: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)


def line(message: SealJob | Told) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"
