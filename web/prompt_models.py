"""What the pages that change prompts and their API show and take."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from web.prompt_port import (
    Piece,
    PromptChangeRow,
    PromptDetail,
    PromptPreview,
    SoundSource,
    TakenSound,
    WantedPrompt,
    Worded,
)

NAME = "^[a-z][a-z0-9_]{0,63}$"
SOUNDS = "/pengaturan/pengumuman/suara/"
_DIGEST = "^([0-9a-f]{64})?$"
_TEXT = Field(
    max_length=4000, description="What callers hear; values as `{name:kind}` where the prompt has some"
)
_WHY = Field("", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
LANGUAGES = ("id", "en")


class PieceView(BaseModel):
    """What has to be spoken, and the audio that says it."""

    key: str
    language: str
    text: str
    digest: str  # SHA-256 of the WAV file; empty: there is none yet
    address: str  # where it is heard; empty: there is none yet
    seconds: float
    source: SoundSource

    @classmethod
    def of(cls, one: Piece) -> "PieceView":
        """Return it as it is shown."""
        by_digest = f"{SOUNDS}{one.digest}" if one.digest else ""
        return cls(
            key=one.key,
            language=one.language,
            text=one.text,
            digest=one.digest,
            address=f"/pengaturan/pengumuman/{one.shipped_as}" if one.shipped_as else by_digest,
            seconds=one.seconds,
            source=one.source,
        )


class WordedView(BaseModel):
    """What a prompt says at a time, or would say."""

    texts: dict[str, str]
    pieces: list[PieceView]

    @classmethod
    def of(cls, one: Worded | None) -> "WordedView | None":
        """Return it as it is shown."""
        if one is None:
            return None
        return cls(texts=dict(one.texts), pieces=[PieceView.of(piece) for piece in one.pieces])


class WordsView(BaseModel):
    """Words that go (-), come (+) or stay (blank)."""

    sign: str
    text: str


class PromptPreviewView(BaseModel):
    """What texts would change; nothing was changed."""

    name: str
    based_on: int = Field(description="To be sent with the change: it fails if there is a newer one by then")
    before: WordedView | None  # none: there is no such announcement yet
    after: WordedView
    differences: dict[str, list[WordsView]]  # by language
    can_render: bool  # whether the voice is there to speak

    @classmethod
    def of(cls, one: PromptPreview) -> "PromptPreviewView":
        """Return it as it is shown."""
        after = WordedView(
            texts=dict(one.after.texts), pieces=[PieceView.of(piece) for piece in one.after.pieces]
        )
        return cls(
            name=one.name,
            based_on=one.based_on,
            before=WordedView.of(one.before),
            after=after,
            differences=differences({} if one.before is None else one.before.texts, one.after.texts),
            can_render=one.can_render,
        )


class PromptChangeView(BaseModel):
    """A change on record."""

    number: int
    at: datetime
    who: str  # a user name, or `cli:NAME`
    prompt: str
    why: str
    undoes: int  # 0: nothing
    as_shipped: bool  # from then on the product's own is heard; what it does not have is gone
    before: WordedView | None
    after: WordedView | None
    differences: dict[str, list[WordsView]]

    @classmethod
    def of(cls, row: PromptChangeRow, names: Mapping[str, str]) -> "PromptChangeView":
        """Return it as it is shown. `names`: staff_id → user name."""
        before = {} if row.before is None else row.before.texts
        return cls(
            number=row.number,
            at=row.at,
            who=names.get(row.who, row.who),
            prompt=row.prompt,
            why=row.why,
            undoes=row.undoes,
            as_shipped=row.as_shipped,
            before=WordedView.of(row.before),
            after=WordedView.of(row.after),
            differences=differences(before, {} if row.after is None else row.after.texts),
        )


class PromptChangeList(BaseModel):
    """Changes, newest first; `older`: give it as `before` for more."""

    rows: list[PromptChangeView]
    older: int | None


class PromptDetailView(BaseModel):
    """A prompt to be looked at or changed."""

    name: str
    own: bool  # set here
    overtaken: bool  # and the product's own text changed since
    unfit: bool  # what was set here does not fit this version; the product's own is heard
    fixed: str  # why it cannot be changed; empty: it can
    can_render: bool
    based_on: int
    now: WordedView | None  # none: it is computed, or gone
    shipped: dict[str, str] | None  # none: the product has none

    @classmethod
    def of(cls, one: PromptDetail) -> "PromptDetailView":
        """Return it as it is shown."""
        return cls(
            name=one.state.name,
            own=one.state.own,
            overtaken=one.state.overtaken,
            unfit=one.state.unfit,
            fixed=one.fixed,
            can_render=one.can_render,
            based_on=one.based_on,
            now=WordedView.of(one.now),
            shipped=None if one.shipped is None else dict(one.shipped),
        )


class SoundNote(BaseModel):
    """Something that was done to a recording, or is worth hearing."""

    word: str
    message: str


class TakenView(BaseModel):
    """Audio that was brought or rendered; kept for a day until a change names it."""

    digest: str
    address: str
    seconds: float
    source: SoundSource
    notes: list[SoundNote]

    @classmethod
    def of(cls, one: TakenSound, notes: Sequence[SoundNote]) -> "TakenView":
        """Return it as it is shown."""
        return cls(
            digest=one.digest,
            address=f"{SOUNDS}{one.digest}",
            seconds=one.seconds,
            source=one.source,
            notes=list(notes),
        )


class TextsBody(BaseModel):
    """Texts to be checked."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, _TEXT]
    en: Annotated[str, _TEXT]

    def texts(self) -> Mapping[str, str]:
        """Return them by language."""
        return {"id": self.id, "en": self.en}


class PromptBody(TextsBody):
    """Texts and audio to be put in force."""

    sounds: list[Annotated[str, Field(pattern=_DIGEST)]] = Field(
        [], max_length=60, description="Digests in the order of the check's pieces; empty: as the check told"
    )
    based_on: int = Field(ge=0, le=2**31 - 1)
    why: str = _WHY

    def wanted(self, name: str, who: str) -> WantedPrompt:
        """Return it as the office takes it."""
        return WantedPrompt(name, self.texts(), tuple(self.sounds), self.based_on, who, self.why)


class RestoreBody(BaseModel):
    """Why a prompt is as shipped again."""

    model_config = ConfigDict(extra="forbid")

    based_on: int = Field(ge=0, le=2**31 - 1)
    why: str = _WHY


class PromptUndoBody(BaseModel):
    """Why a change is undone."""

    model_config = ConfigDict(extra="forbid")

    why: str = _WHY


class SpeakBody(BaseModel):
    """A text to be spoken by the voice."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field(pattern="^(id|en)$")
    text: str = Field(min_length=1, max_length=900)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[WordsView]]:
    """Compare texts word by word, language by language."""
    return {
        language: list(_words(before.get(language, "").split(), after.get(language, "").split()))
        for language in LANGUAGES
    }


def _words(before: Sequence[str], after: Sequence[str]) -> Iterator[WordsView]:
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield WordsView(sign=" ", text=" ".join(before[first:last]))
            continue
        if last > first:
            yield WordsView(sign="-", text=" ".join(before[first:last]))
        if end > begin:
            yield WordsView(sign="+", text=" ".join(after[begin:end]))
