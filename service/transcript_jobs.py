"""What the process that makes transcripts is told, and what it tells: lines of JSON."""

from __future__ import annotations

import msgspec

from storage.sound_store import StorePlace


class TranscriptJob(msgspec.Struct, frozen=True):
    """What to work on. It holds the database's address with its password: it never is an argument."""

    database: str
    master_key: str  # file of the vault's keys
    recording_keys: str
    store: StorePlace
    lock: str  # file that the one process that makes transcripts here holds locked
    most: int = 10  # transcripts; then the process ends, and another is started when there is more


class Tried(msgspec.Struct, frozen=True, tag="tried"):
    """A recording was tried."""

    recording_id: str
    outcome: str  # a service.transcript_making.Outcome
    audio_ms: int = 0
    cpu_ms: int = 0
    sentences: int = 0
    cause: str = ""


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """Nothing can be made now: `what` is a word, `detail` names the remedy."""

    what: str  # packages, records, store, busy (others need the machine), locked (another one is at work)
    detail: str = ""


TranscriptTold = Tried | Stopped

read_transcript_job = msgspec.json.Decoder(TranscriptJob)
read_transcript_told: msgspec.json.Decoder[TranscriptTold] = msgspec.json.Decoder(TranscriptTold)


def transcript_line(message: TranscriptJob | TranscriptTold) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"
