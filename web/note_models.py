"""Interaction notes as the API takes and gives them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from desk.notes import LONGEST_NAME, LONGEST_TEXT, Draft, Note, NoteContent, NoteSearch
from web.days import DayOrNothing

HEX_ID = r"^[0-9a-f]{32}$"
SLOT = r"^(new|[0-9a-f]{32})$"
_KEY = r"^[a-z0-9_]*$"
_MOST = 1_000_000_000  # of a version: fits the database's integers


class Content(BaseModel):
    """What an agent writes."""

    model_config = ConfigDict(extra="forbid")

    branch: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    category: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    result: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    language: Literal["id", "en"] = "id"
    caller: str = Field("", max_length=LONGEST_NAME, description="The name as the caller said it")
    question: str = Field("", max_length=LONGEST_TEXT)
    answer: str = Field("", max_length=LONGEST_TEXT)

    def content(self) -> NoteContent:
        """Return it as the rules know it."""
        return NoteContent(
            self.branch,
            self.category,
            self.result,
            self.language,
            self.caller.strip(),
            self.question.strip(),
            self.answer.strip(),
        )

    def as_typed(self) -> NoteContent:
        """Return it as a draft keeps it: with every blank at its place."""
        return NoteContent(**self.model_dump(include=set(Content.model_fields)))


class SaveNote(Content):
    """A new note."""

    note_id: str | None = Field(None, pattern=HEX_ID, description="Chosen before, so that a retry is safe")


class CorrectNote(Content):
    """A further version of a note."""

    version: int = Field(ge=1, le=_MOST, description="The version that was corrected")


class KeepDraft(Content):
    """What is being written."""

    note_id: str = Field(pattern=HEX_ID)
    slot: str = Field("new", pattern=SLOT, description="new, or the note that is corrected")
    version: int = Field(0, ge=0, le=_MOST, description="The version it is based on; 0: none yet")


class DropDraft(BaseModel):
    """The draft to be thrown away."""

    model_config = ConfigDict(extra="forbid")

    slot: str = Field("new", pattern=SLOT)
    version: int = Field(ge=1, le=_MOST)


class SearchNotes(BaseModel):
    """Which notes are meant; what is empty does not narrow."""

    model_config = ConfigDict(extra="forbid")

    since: DayOrNothing = None
    until: DayOrNothing = None
    branch: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    category: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    result: str = Field("", pattern=_KEY, max_length=LONGEST_NAME)
    agent: str = Field("", pattern=r"^[0-9A-Za-z]*$", max_length=20, description="Staff number")
    words: str = Field("", max_length=200, description="All of them are in the note, whole")
    npwp: str = Field("", max_length=40, description="Of the taxpayer whom notes are about")
    purpose: Literal["follow_up", "complaint", "quality", "supervision", "data_request", "audit"]
    before: str = Field("", pattern=r"^([0-9a-f]{32})?$", description="The last note of the page before")

    def search(self, *, agent: str, team: str, taxpayer_id: str = "") -> NoteSearch:
        """Return the search as the rules know it, within what the visitor reaches."""
        return NoteSearch(
            self.since,
            self.until,
            self.branch,
            self.category,
            self.result,
            agent,
            team,
            taxpayer_id,
            self.words,
        )


class NoteView(BaseModel):
    """A note in one version, with its text."""

    note_id: str
    version: int
    call_id: str
    branch: str
    category: str
    result: str
    language: str
    caller: str
    question: str
    answer: str
    by: str  # on-air name, or a masked staff number
    mine: bool
    at: datetime
    first_at: datetime
    taxpayer_known: bool  # whether the note is linked with a taxpayer


class NoteRow(BaseModel):
    """A note without its text, as a search returns it."""

    note_id: str
    version: int
    call_id: str
    branch: str
    category: str
    result: str
    by: str
    at: datetime
    taxpayer_known: bool


class DraftView(BaseModel):
    """What is being written, as it was kept."""

    call_id: str
    slot: str
    note_id: str
    version: int
    at: datetime
    branch: str
    category: str
    result: str
    language: str
    caller: str
    question: str
    answer: str


class DraftRow(BaseModel):
    """A draft without its text."""

    call_id: str
    slot: str
    at: datetime
    branch: str
    category: str


class Form(BaseModel):
    """What the note's form begins with."""

    call_id: str
    slot: str
    note_id: str
    version: int  # of the draft; 0: nothing is kept yet
    note_version: int  # of the note that is corrected; 0: a new note
    suggested_branch: str
    suggested_category: str
    content: Content
    drafted_at: datetime | None  # when the draft that is shown was kept
    notes: list[NoteView]  # of the call so far, other agents' too


class Conflict(BaseModel):
    """Somebody, or another tab, wrote in between: nothing was changed."""

    error: str
    message: str
    current: DraftView | None = None  # the draft in force
    saved: NoteView | None = None  # the note in force


class Found(BaseModel):
    """A page of a search."""

    notes: list[NoteRow]
    more: str  # `before` of the next page; empty: this is the last


class DocumentedView(BaseModel):
    """How far one's calls of today are documented (CRM %)."""

    interactions: int
    documented: int
    share: float | None  # None: no call yet
    missing: list[str]  # calls without a note of one's own


class SafeKey(BaseModel):
    """The key with which this session's pages seal what they keep themselves."""

    key: str  # base64 of 32 bytes


def draft_view(draft: Draft) -> DraftView:
    """Return a draft as the API gives it."""
    return DraftView(
        call_id=draft.call_id,
        slot=draft.slot,
        note_id=draft.note_id,
        version=draft.version,
        at=draft.at,
        **fields_of(draft.content),
    )


def note_view(note: Note, by: str, *, mine: bool) -> NoteView:
    """Return a note as the API gives it."""
    return NoteView(
        note_id=note.note_id,
        version=note.version,
        call_id=note.call_id,
        by=by,
        mine=mine,
        at=note.at,
        first_at=note.first_at,
        taxpayer_known=note.taxpayer_id is not None,
        **fields_of(note.content),
    )


def fields_of(content: NoteContent) -> dict[str, str]:
    """Return the fields of a note's content by name."""
    return {name: getattr(content, name) for name in Content.model_fields}
