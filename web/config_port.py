"""What the pages of settings need from the service: kinds of tables, their texts, changes, undoing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a text that its table's own checks refuse."""

    line: int  # from 1; 0: the text as a whole
    field: str  # empty: not one field
    value: str  # masked where personal; empty: not told
    what: str  # in the words of the table's reader, English
    remedy: str
    file: str = ""  # where it is not the table itself: another that it contradicts


class ConfigRefused(Exception):
    """The text cannot be put in force; nothing was changed."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("; ".join(f"line {one.line}: {one.what}" for one in mistakes))
        self.mistakes = tuple(mistakes)


class ChangedMeanwhile(Exception):
    """Somebody else changed the table since it was read; nothing was changed."""


class NothingChanged(Exception):
    """The text is what is in force already."""


class CannotUndo(Exception):
    """A change can no longer be undone by itself. `word` names the reason in the texts (`config.undo_…`)."""

    def __init__(self, word: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(word)
        self.word = word
        self.mistakes = tuple(mistakes)


class ConfigUnavailable(Exception):
    """The tables cannot be read or written at the moment."""


@dataclass(frozen=True, slots=True)
class KindState:
    """A kind of table and how it stands."""

    name: str  # a word: `days`, `acd_skills`, `desk_cases`
    group: str  # hours, floor, desk, outbound, recording, quality
    form: Form
    live: bool  # a change is in force within seconds; otherwise after the next start of the service
    file: str  # as mistakes name it: `desk/cases.yaml`
    rows: int  # of a CSV; lines of a YAML that are no comment
    assumed: int  # places that nobody has published
    own: bool  # this installation set it: no longer as shipped
    waiting: bool  # changed since the service started, in force after the next start
    changed_at: datetime | None  # None: never, here
    changed_by: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A table to read or change."""

    state: KindState
    text: str
    based_on: str  # gives the text it was read as; to be sent with a change


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of a comparison."""

    sign: str  # "+", "-", " " (as before) or "" (lines left out)
    before: int  # line number, 0 where there is none
    after: int
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text would change; nothing was changed."""

    text: str  # as it would be kept
    differences: Sequence[Difference]
    added: int
    removed: int
    assumed: int  # places of the new text that nobody has published
    live: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change on record."""

    number: int
    at: datetime  # aware, UTC
    who: str  # staff_id; `cli:NAME`; `system`; `elsewhere`: not made here, seen later
    kind: str
    why: str
    undoes: int  # the change it undid; 0: none
    undone_by: int  # the newest change that undid it; 0: none
    added: int  # lines
    removed: int


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change with the whole of before and after."""

    row: ChangeRow
    before: str
    after: str
    differences: Sequence[Difference]


class ConfigOffice(Protocol):
    """Reads and changes the tables. Every method raises ConfigUnavailable."""

    async def kinds(self) -> Sequence[KindState]:
        """Return every kind."""
        ...

    async def open(self, kind: str) -> Opened:
        """Return a table as it stands. Raises KeyError."""
        ...

    async def shipped(self, kind: str) -> str:
        """Return the text that comes with the product. Raises KeyError."""
        ...

    async def preview(self, kind: str, text: str) -> Preview:
        """Return what a text would change. Raises KeyError, ConfigRefused."""
        ...

    async def put(self, kind: str, text: str, based_on: str, who: str, why: str) -> ChangeRow:
        """Put a text in force, whole. Raises KeyError, ConfigRefused, ChangedMeanwhile, NothingChanged."""
        ...

    async def changes(self, kind: str = "", before: int = 0, most: int = 50) -> Sequence[ChangeRow]:
        """Return changes, newest first; `before`: older than this number."""
        ...

    async def change(self, number: int) -> ChangeDetail:
        """Return one. Raises KeyError."""
        ...

    async def undo_preview(self, number: int) -> Preview:
        """Return what undoing a change would change. Raises KeyError, CannotUndo."""
        ...

    async def undo(self, number: int, who: str, why: str) -> ChangeRow:
        """Undo a change, leaving later ones; it is a change itself. Raises KeyError, CannotUndo."""
        ...
