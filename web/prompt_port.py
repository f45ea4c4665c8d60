"""What the pages of announcements need: each prompt's texts, how its audio stands, and changing both."""

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
    digest: str = ""  # SHA-256 of the file, of what was set here; empty: it comes with the product


@dataclass(frozen=True, slots=True)
class PromptState:
    """A prompt: what it says, and the sounds that say it."""

    name: str
    texts: Mapping[str, str]  # by language; empty: it is computed
    sounds: Sequence[Sound]
    command: str  # that renders it anew
    own: bool = False  # set here, not as it comes with the product
    overtaken: bool = False  # set here, and the product's own text changed since
    unfit: bool = False  # what was set here does not fit this version; the product's own is heard


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


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a field. `word` names the reason in the texts (`prompts.bad_…`)."""

    field: str
    word: str
    values: Mapping[str, str]  # what the reason's words have in braces


class PromptRefused(Exception):
    """Texts cannot be put in force; nothing was changed."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.word}" for one in troubles))
        self.troubles = tuple(troubles)


class SoundRefused(Exception):
    """A recording cannot be used; nothing was kept. `word` names the reason (`prompts.sound_…`)."""

    def __init__(self, word: str, values: Mapping[str, str]) -> None:
        super().__init__(f"{word} {dict(values)}")
        self.word, self.values = word, values


class PromptBlocked(Exception):
    """A change does not apply. `word` names the reason in the texts (`prompts.block_…`)."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class TakenSound:
    """Audio that was brought or rendered, kept for a day until a change names it."""

    digest: str  # SHA-256 of the WAV file
    seconds: float
    source: SoundSource
    notes: Mapping[str, str]  # what was done to it, or is worth hearing: word (`prompts.note_…`) → value


@dataclass(frozen=True, slots=True)
class Piece:
    """What has to be spoken, and the audio that says it."""

    key: str
    language: str
    text: str
    digest: str  # SHA-256 of its file; empty: there is none yet
    seconds: float
    source: SoundSource
    shipped_as: str = ""  # the key of the product's sound that it is; empty: kept by its digest


@dataclass(frozen=True, slots=True)
class Worded:
    """What a prompt says at a time, or would say."""

    texts: Mapping[str, str]
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """What texts would change; nothing was changed."""

    name: str
    before: Worded | None  # None: there is no such announcement yet
    after: Worded  # pieces whose text is spoken already have their audio
    based_on: int  # to be given with the change: the newest one of this prompt, 0: none
    can_render: bool  # whether the voice is there to speak


@dataclass(frozen=True, slots=True)
class PromptChangeRow:
    """A change on record."""

    number: int
    at: datetime  # aware, UTC
    who: str  # staff_id or `cli:NAME`
    prompt: str
    why: str
    undoes: int  # 0: nothing
    as_shipped: bool  # the product's own is heard from then on; an announcement it does not have is gone
    before: Worded | None
    after: Worded | None


@dataclass(frozen=True, slots=True)
class PromptDetail:
    """A prompt to be looked at or changed."""

    state: PromptState
    now: Worded | None  # None: it is computed, or gone
    shipped: Mapping[str, str] | None  # what the product's own says; None: it has none
    based_on: int
    fixed: str  # why it cannot be changed (`prompts.fixed_…`); empty: it can
    can_render: bool


@dataclass(frozen=True, slots=True)
class WantedPrompt:
    """A change that somebody wants."""

    name: str
    texts: Mapping[str, str]
    sounds: Sequence[str]  # digests, in the order of the preview's pieces
    based_on: int
    who: str
    why: str


class PromptOffice(Protocol):
    """Changes what callers hear. Every method raises PromptsUnavailable."""

    async def detail(self, name: str) -> PromptDetail:
        """Return a prompt. Raises KeyError."""
        ...

    async def preview(self, name: str, texts: Mapping[str, str]) -> PromptPreview:
        """Return what texts would change. Raises PromptRefused, PromptBlocked; KeyError: no prompt's name."""
        ...

    async def put(self, wanted: WantedPrompt) -> PromptChangeRow:
        """Put texts and audio in force. Raises as `preview`."""
        ...

    async def restore(self, name: str, based_on: int, who: str, why: str) -> PromptChangeRow:
        """Follow the product's own again, or take an announcement of ours away.

        Raises KeyError, PromptBlocked.
        """
        ...

    async def undo(self, number: int, who: str, why: str) -> PromptChangeRow:
        """Put in force what a change, the newest of its prompt, replaced. Raises KeyError, PromptBlocked."""
        ...

    async def changes(self, name: str = "", before: int = 0, most: int = 50) -> Sequence[PromptChangeRow]:
        """Return changes, newest first. `before`: older than this number."""
        ...

    async def take(self, content: bytes, characters: int) -> TakenSound:
        """Check, convert and keep a recording. `characters`: how long its text is. Raises SoundRefused."""
        ...

    async def speak(self, language: str, text: str) -> TakenSound:
        """Let the voice speak a text. Raises SoundRefused: there is no voice here."""
        ...

    async def sound(self, digest: str) -> bytes | None:
        """Return audio that was set here, or is to be, as WAV; None: there is none."""
        ...
