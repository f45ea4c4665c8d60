"""The trail of who saw or changed whose data: UU 27/2022 art. 31 (a log of all processing)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class AuditUnavailable(Exception):
    """The trail cannot be written at the moment: what was asked for is not shown or done."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act. Nothing in it is personal but by way of the ids."""

    at: datetime  # aware, UTC
    who: str  # domain.staff.Staff.staff_id; "system" or "cli:NAME" where nobody is signed in
    act: str  # a word, e.g. "card_viewed", "proof_item_checked", "staff_disabled"
    subject: str = ""  # KIND:ID, e.g. "taxpayer:…", "staff:…", "note:…"
    why: str = ""  # a word or a call: "call:…", "search", "case:…"
    outcome: str = "done"  # "done", "refused", "matched", "not_matched" …
    data: Mapping[str, str] = field(default_factory=dict)  # words only, nothing personal


class AuditTrail(Protocol):
    """The durable trail, append-only."""

    async def record(self, row: AuditRow) -> None:
        """Make a row durable. Before anything is shown or done. Raises AuditUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which rows are wanted; what is empty does not matter."""

    who: str = ""
    act: str = ""
    subject: str = ""  # whole, or a kind with its colon: "taxpayer:"
    since: datetime | None = None  # aware; included
    until: datetime | None = None  # aware; not included
    before: int | None = None  # rows older than the one of this number
    most: int = 100


class AuditReader(Protocol):
    """Reads the trail."""

    async def rows(self, query: AuditQuery) -> Sequence[tuple[int, AuditRow]]:
        """Return rows with their numbers, newest first. Raises AuditUnavailable."""
        ...

    async def acts(self) -> Sequence[str]:
        """Return every act on record. Raises AuditUnavailable."""
        ...
