"""Finding recordings: what is known of each, and which ones are wanted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Protocol

PAGE = 50  # recordings that a search returns at once
COUNTED = 1000  # so many are counted; of more it is said that there are more
MOST_VALUES = 50  # of one filter


class Sound(IntEnum):
    """Whether there is something to hear."""

    PENDING = 0  # being recorded, or not sealed yet
    AUDIBLE = 1
    GONE = 2  # destroyed, or lost


@dataclass(frozen=True, slots=True)
class Span:
    """From `least` to `most`, both included; None does not narrow."""

    least: int | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self.least is not None or self.most is not None


NO_SPAN = Span()
NAMED = (
    "agents", "teams", "queues", "branches", "categories", "results", "campaigns", "dispositions",
)  # fmt: skip
SPANS = ("seconds", "hold", "transfers", "silence", "overlap", "score")


@dataclass(frozen=True, slots=True)
class Search:
    """Which recordings are wanted; what is empty or None does not narrow.

    Of several values of one field any will do; of several fields all must fit.
    """

    since: date | None = None  # days in Western Indonesian Time, both included
    until: date | None = None
    agents: Sequence[str] = ()  # staff numbers
    teams: Sequence[str] = ()
    queues: Sequence[str] = ()
    branches: Sequence[str] = ()  # keys of the note's catalogue
    categories: Sequence[str] = ()
    results: Sequence[str] = ()
    campaigns: Sequence[str] = ()
    dispositions: Sequence[str] = ()
    direction: str = ""  # "in", "out"
    seconds: Span = NO_SPAN  # length
    hold: Span = NO_SPAN  # seconds
    transfers: Span = NO_SPAN
    silence: Span = NO_SPAN  # percent
    overlap: Span = NO_SPAN  # percent
    score: Span = NO_SPAN  # hundredths of a point
    scored: bool | None = None
    complaint: bool | None = None
    new_agent: bool | None = None
    audible: bool | None = True
    words: str = field(default="", repr=False)  # all of them must be in the note or the transcript


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recording. Staff numbers are personal; nothing else is."""

    recording_id: str
    call_id: str
    at: datetime  # aware, UTC
    agent: str
    team: str = ""
    queue: str = ""
    branch: str = ""
    category: str = ""
    result: str = ""
    campaign: str = ""
    disposition: str = ""
    direction: str = "in"
    seconds: int = 0
    hold: int = 0  # seconds
    transfers: int = 0
    silence: int | None = None  # percent; None: not measured
    overlap: int | None = None
    score: int | None = None  # hundredths of a point, of the score that counts
    complaint: bool = False
    new_agent: bool = False
    sound: Sound = Sound.PENDING


@dataclass(frozen=True, slots=True)
class FactsPage:
    """What a search found, newest first."""

    rows: Sequence[Facts]  # at most PAGE
    total: int  # counted from the page's beginning on; COUNTED if there are at least as many
    more: bool  # there are more than COUNTED
    next: int | None  # where the next page begins; None: there is none


class FindingUnavailable(Exception):
    """Recordings cannot be searched at the moment."""


class Finder(Protocol):
    """Finds recordings. Every method raises FindingUnavailable."""

    async def find(self, search: Search, team: str | None = None, before: int | None = None) -> FactsPage:
        """Return a page, newest first; `team`: held to that team, `before`: `next` of the page before."""
        ...

    async def facts(self, recording_id: str) -> Facts | None:
        """Return what is known of one; None: it is not in the index (yet)."""
        ...

    async def several(self, recording_ids: Sequence[str]) -> Sequence[Facts]:
        """Return what is known of these, newest first; those that are not in the index are left out."""
        ...

    async def names(self) -> Mapping[str, Sequence[str]]:
        """Return the values that occur, sorted, by field of a `Search`."""
        ...
