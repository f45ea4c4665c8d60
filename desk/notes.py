"""Interaction notes: what a call was about and what came of it. Pure rules, and ports of what keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from desk.branches import Branches
from desk.history import PastNotes
from desk.standing import Rung, Standing

LONGEST_TEXT = 8000  # characters of a question or an answer
LONGEST_NAME = 120  # characters of a name
DRAFT_KEPT = timedelta(days=7)
NEW = "new"  # the slot of the draft of a new note; a correction's slot is the id of its note
PAGE = 25  # notes that a search returns at once
PURPOSES = ("follow_up", "complaint", "quality", "supervision", "data_request", "audit")
"""Why somebody looks for notes; a word, so that nothing personal is in it."""


@dataclass(frozen=True, slots=True)
class NoteContent:
    """What an agent writes. `caller`, `question` and `answer` are personal."""

    branch: str = ""  # keys of the catalogue (`desk.branches`)
    category: str = ""
    result: str = ""
    language: str = "id"  # of the conversation
    caller: str = field(default="", repr=False)  # the name as the caller said it
    question: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note to be kept, or a version of one."""

    note_id: str  # 32 hex digits; chosen before, so that saving it twice keeps it once
    call_id: str
    content: NoteContent
    staff_id: str
    agent: str  # staff number: personal
    team: str
    at: datetime  # aware
    taxpayer_id: str | None  # whom the call was about when it was saved


@dataclass(frozen=True, slots=True)
class Note:
    """A kept note, in one version."""

    note_id: str
    version: int  # 1, 2, …; the newest is in force, the others stay
    call_id: str
    content: NoteContent
    staff_id: str
    agent: str
    team: str
    at: datetime  # of this version
    taxpayer_id: str | None
    first_at: datetime  # of the first version


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being written and not saved yet."""

    call_id: str
    staff_id: str
    slot: str  # NEW, or the note that is corrected
    note_id: str  # that it will have
    version: int  # counted on with every save; 0: nothing was saved yet
    content: NoteContent
    at: datetime


class NotesUnavailable(Exception):
    """Notes cannot be written or read at the moment."""


class NoteConflict(Exception):
    """Somebody else, or another tab, wrote in between; nothing was changed."""


class NoteChanged(NoteConflict):
    """The note has another version now, or was saved with another text."""

    def __init__(self, current: Note) -> None:
        super().__init__("The note has been changed meanwhile. Remedy: compare both texts, then save again.")
        self.current = current


class DraftChanged(NoteConflict):
    """The draft has another version now. `current` None: it was saved as `saved`, or thrown away."""

    def __init__(self, current: Draft | None, saved: Note | None = None) -> None:
        super().__init__("The draft has been changed meanwhile. Remedy: compare both texts, then go on.")
        self.current = current
        self.saved = saved


@dataclass(frozen=True, slots=True)
class NoteSearch:
    """Which notes are meant; what is empty does not narrow."""

    since: date | None = None  # days in Western Indonesian Time, both included
    until: date | None = None
    branch: str = ""
    category: str = ""
    result: str = ""
    agent: str = ""  # staff number
    team: str = ""
    taxpayer_id: str = ""
    words: str = field(default="", repr=False)  # all of them must be in the note
    before: tuple[datetime, str] | None = None  # the last note of the page before this one: time, id


class Interactions(PastNotes, Protocol):
    """Keeps notes and drafts, their text sealed. Every method that waits raises NotesUnavailable."""

    async def save(self, note: NewNote) -> Note:
        """Keep a new note, and let the draft of it go. The same note again changes nothing.

        Raises NoteChanged when its id was used for something else.
        """
        ...

    async def correct(self, note: NewNote, expected: int) -> Note:
        """Keep a further version of a note, and let the draft of it go.

        Without `taxpayer_id` the note stays with the taxpayer it was about. Raises NoteChanged unless
        the newest version is `expected`; KeyError: there is no such note.
        """
        ...

    async def note(self, note_id: str) -> Sequence[Note]:
        """Return every version of a note, newest first; empty: there is none."""
        ...

    async def of_call(self, call_id: str) -> Sequence[Note]:
        """Return a call's notes in their newest versions, in the order of writing."""
        ...

    async def draft(self, call_id: str, staff_id: str, slot: str = NEW) -> Draft | None:
        """Return what somebody was writing about a call."""
        ...

    async def keep_draft(self, draft: Draft) -> Draft:
        """Keep a draft; `draft.version` is the one it is based on. Return it with its new version.

        Raises DraftChanged when another version is kept.
        """
        ...

    async def drop_draft(self, call_id: str, staff_id: str, slot: str, version: int) -> None:
        """Throw a draft away. Raises DraftChanged when another version is kept."""
        ...

    async def drafts_of(self, staff_id: str) -> Sequence[Draft]:
        """Return everything somebody has not saved yet, newest first."""
        ...

    async def purge_drafts(self, before: datetime) -> int:
        """Delete the drafts last written before a moment; return how many."""
        ...

    async def search(self, search: NoteSearch) -> Sequence[Note]:
        """Return at most PAGE notes in their newest versions, newest first."""
        ...

    async def documented(self, call_ids: Sequence[str]) -> frozenset[str]:
        """Return those of these calls that have a note: the numerator of CRM %."""
        ...

    def safe_key(self, session_id: str) -> str:
        """Return the key (base64 of 32 bytes) with which a page of this session seals what it keeps."""
        ...


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call for its note and script; nothing personal."""

    queue: str = ""  # the last waiting room
    chosen: Sequence[str] = ()  # menus in which a key was taken, first to last
    language: str = "id"  # that the caller last heard


class CallFactsReader(Protocol):
    """Tells what is known of calls."""

    async def facts(self, call_id: str) -> CallFacts:
        """Return what is known of a call. Raises NotesUnavailable; KeyError: no such call."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """What a note lacks: a field and a word for what is wrong with it."""

    field: str
    word: str  # "missing", "unknown" or "too_long"


def faults(content: NoteContent, branches: Branches, today: date) -> Sequence[Fault]:
    """Return what keeps a note from being saved. A draft may have any of it but texts too long."""
    found = list(too_long(content))
    branch, result = branches.branches.get(content.branch), branches.results.get(content.result)
    if branch is None:
        found.append(_missing_or_unknown("branch", content.branch))
    category = None if branch is None else branch.categories.get(content.category)
    if branch is not None and (category is None or (category.until is not None and category.until < today)):
        found.append(_missing_or_unknown("category", content.category))
    if result is None:
        found.append(_missing_or_unknown("result", content.result))
    if (result is None or result.text) and not content.question.strip():
        found.append(Fault("question", "missing"))
    if content.language not in ("id", "en"):
        found.append(_missing_or_unknown("language", content.language))
    return found


def too_long(content: NoteContent) -> Sequence[Fault]:
    """Return the texts that are longer than is kept."""
    limits: Mapping[str, int] = {
        "caller": LONGEST_NAME,
        "question": LONGEST_TEXT,
        "answer": LONGEST_TEXT,
        "branch": LONGEST_NAME,
        "category": LONGEST_NAME,
        "result": LONGEST_NAME,
        "language": LONGEST_NAME,
    }
    return [Fault(name, "too_long") for name, most in limits.items() if len(getattr(content, name)) > most]


def taxpayer_of(standing: Standing) -> str | None:
    """Return whom a note is linked with: nobody below the rung on which a number was keyed or told."""
    return standing.taxpayer_id if standing.rung >= Rung.KEYED else None


def _missing_or_unknown(name: str, value: str) -> Fault:
    return Fault(name, "unknown" if value else "missing")
