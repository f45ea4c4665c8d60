"""What the page of announcements needs: each prompt's texts, and how its audio stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SoundState(StrEnum):
    """Whether a sound says what its text says."""

    CURRENT = "current"
    STALE = "stale"  # the text was changed since
    UNKNOWN = "unknown"  # a file was put in its place and not adopted yet
    MISSING = "missing"


class SoundSource(StrEnum):
    """Where a sound comes from."""

    TTS = "tts"  # rendered by a voice
    RECORDED = "recorded"  # spoken by a person
    GENERATED = "generated"  # computed: music
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sound:
    """One piece of a prompt in one language."""

    key: str  # `id/welcome_morning`, `id/npwp_read_back-1`
    language: str
    state: SoundState
    source: SoundSource
    seconds: float
    since: datetime | None  # since when the file is as it is; aware, UTC


@dataclass(frozen=True, slots=True)
class PromptState:
    """A prompt: what it says, and the sounds that say it."""

    name: str
    texts: Mapping[str, str]  # by language; empty: it is computed
    sounds: Sequence[Sound]
    command: str  # that renders it anew


@dataclass(frozen=True, slots=True)
class Prompts:
    """All prompts, and whether they can be rendered on this machine."""

    file: str  # where the texts are changed
    can_render: bool
    rows: Sequence[PromptState]


class PromptsUnavailable(Exception):
    """The prompts cannot be read. The message is the reader's, in English."""


class PromptShelf(Protocol):
    """Reads the prompts as they lie in their folder now. Every method raises PromptsUnavailable."""

    async def all(self) -> Prompts:
        """Return every prompt, by name."""
        ...

    async def wav(self, key: str) -> bytes | None:
        """Return a sound as WAV; None: there is none of that key."""
        ...
