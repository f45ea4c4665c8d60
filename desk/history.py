"""What happened before with the same taxpayer, for the card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class HistoryUnavailable(Exception):
    """Earlier notes, cases or callbacks cannot be read at the moment."""


@dataclass(frozen=True, slots=True)
class PastNote:
    """An earlier interaction note."""

    note_id: str
    call_id: str
    at: datetime  # aware, UTC
    branch: str  # a key of the catalogue of branches
    category: str
    question: str  # as it was written; personal
    by: str  # staff_id


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A case, complaint or callback promise that is still open."""

    matter_id: str
    kind: str  # "case", "complaint" or "promise"
    title: str  # a key of a catalogue: the type of case, the kind of complaint
    step: str  # where it stands
    opened_at: datetime
    due: date | datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """Newest first."""

    notes: Sequence[PastNote]
    matters: Sequence[OpenMatter]


class PastNotes(Protocol):
    """Reads earlier notes."""

    async def notes_about(self, taxpayer_id: str, most: int = 10) -> Sequence[PastNote]:
        """Return the newest notes about a taxpayer, newest first. Raises HistoryUnavailable."""
        ...


class OpenMatters(Protocol):
    """Reads what is open."""

    async def matters_of(self, taxpayer_id: str) -> Sequence[OpenMatter]:
        """Return a taxpayer's open cases, complaints and promises. Raises HistoryUnavailable."""
        ...
