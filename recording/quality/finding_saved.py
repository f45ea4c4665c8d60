"""Searches that somebody keeps for later, for themselves or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

LONGEST_NAME, MOST_OF_ONE = 60, 50


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under a name. Days are kept as they are; words can be personal, so all of it is sealed."""

    search_id: str  # 32 hex digits
    staff_id: str  # whose it is
    name: str = field(repr=False)
    words: Mapping[str, str] = field(repr=False)  # `finding_text`
    shared: bool
    changed_at: datetime


class TooManySearches(Exception):
    """Somebody has MOST_OF_ONE already."""


class SavedSearches(Protocol):
    """Keeps searches. Every method raises `finding.FindingUnavailable`."""

    async def seen_by(self, staff_id: str) -> Sequence[SavedSearch]:
        """Return one's own and the shared ones, by name."""
        ...

    async def get(self, search_id: str) -> SavedSearch | None:
        """Return one."""
        ...

    async def keep(self, saved: SavedSearch) -> None:
        """Keep a new one, or write over one's own with its id. Raises TooManySearches, KeyError."""
        ...

    async def forget(self, search_id: str, staff_id: str) -> None:
        """Delete one's own. Idempotent; another's stays."""
        ...
