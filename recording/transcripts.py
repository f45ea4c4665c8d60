"""Transcripts of recordings: a search aid, made by a machine, and never evidence. Pure data and Protocols.

What was said is in the recording. A transcript has wrong words, and names speakers only by the side on which
they were heard; whoever shows one says so (`web/texts/transcripts.yaml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from prompts.sound import Wave
from prompts.whisper import Word


class Made(StrEnum):
    """What became of a recording's transcript."""

    THERE = "there"
    FAILED = "failed"  # tried again a few times
    GONE = "gone"  # with its recording


class TranscriptsUnavailable(Exception):
    """Transcripts cannot be read or written at the moment."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one side said without a longer pause, in milliseconds of the recording."""

    side: str  # one of recording.recordings.SIDES
    from_ms: int
    until_ms: int
    text: str = field(repr=False)  # personal may occur: sealed at rest, never in a log


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a machine made of one recording."""

    recording_id: str
    call_id: str
    at: datetime  # aware, UTC
    language: str  # id or en: the recording's
    model: str
    model_version: str
    audio_ms: int
    cpu_ms: int  # of the machine's time it took
    sentences: Sequence[Sentence] = field(repr=False)  # by their beginning


class Recogniser(Protocol):
    """Writes down speech. Its name and version are kept with what it made."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def version(self) -> str:
        """What exactly it is: the program's version and the model's hash."""
        ...

    def words(self, wave: Wave, language: str) -> Sequence[Word]:
        """Return the words of at most 30 s of 8 kHz, from -1 to 1, in order. Blocking."""
        ...


class Transcripts(Protocol):
    """Keeps transcripts. Every method raises TranscriptsUnavailable."""

    async def keep(self, transcript: Transcript) -> bool:
        """Keep one, in place of an earlier one. False: its recording was destroyed meanwhile; nothing is."""
        ...

    async def failed(self, recording_id: str, call_id: str, cause: str, at: datetime) -> None:
        """Note that it could not be made; `cause` is a word."""
        ...

    async def get(self, recording_id: str) -> Transcript | None:
        """Return the transcript of a recording that can still be heard."""
        ...

    async def waiting(self, since: datetime, most: int = 20) -> Sequence[str]:
        """Return recordings sealed since then that have none, the newest first."""
        ...

    async def index(self, most: int = 50) -> int:
        """Let recordings be found by the words of transcripts that could not be before; return how many."""
        ...
