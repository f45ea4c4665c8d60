"""What agents said of calls: the durable record of dispositions, and of contacts they skipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

NO_DISPOSITION = "no_disposition"
"""The code of a call whose agent gave none before the time for the note was over."""

SYSTEM = "system"
"""`Disposed.by` of what nobody gave."""


class DispositionsUnavailable(Exception):
    """Dispositions cannot be read or written at the moment; nothing was kept."""


class DispositionTaken(Exception):
    """Another disposition of the same call was kept first. Read them again and judge anew."""


@dataclass(frozen=True, slots=True)
class Disposed:
    """One disposition of one call. A later one of the same call takes its place; none is ever deleted."""

    call_id: str
    number: int  # 1, 2, … without gaps within a call
    attempt_id: str  # of the dial; the call's own id, but for people who rang back
    campaign_id: str
    lead_id: int
    at: datetime  # aware, UTC
    by: str  # staff_id, or SYSTEM
    agent: str  # staff number of who had the call
    code: str
    due_at: datetime | None = None  # promised callback; aware
    owner: str = ""  # staff number of who promised it; empty: anyone
    promised_on: date | None = None  # by when the taxpayer files or pays
    applied_at: datetime | None = None  # when lead and suppressions had followed it


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contact that an agent saw and did not dial."""

    skip_id: str
    campaign_id: str
    lead_id: int
    agent: str  # staff number
    by: str  # staff_id
    reason: str  # of `dialer/data/skips.yaml`
    at: datetime


class DispositionRecord(Protocol):
    """Keeps dispositions and skips, append-only. Every method raises DispositionsUnavailable."""

    async def of(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions, oldest first; the last one counts."""
        ...

    async def add(self, row: Disposed) -> None:
        """Make one durable. Raises DispositionTaken if its `number` is taken."""
        ...

    async def applied(self, call_id: str, number: int, at: datetime) -> None:
        """Lead and suppressions have followed it. Idempotent."""
        ...

    async def pending(self, before: datetime, most: int = 100) -> Sequence[Disposed]:
        """Return dispositions from before a time that nothing has followed yet, oldest first."""
        ...

    async def undisposed(
        self, since: datetime, agents: Sequence[str] | None, most: int = 200
    ) -> Sequence[Disposed]:
        """Return calls since a time whose last disposition is NO_DISPOSITION, newest first.

        `agents`: only theirs; None: everybody's.
        """
        ...

    async def skip(self, row: Skipped) -> None:
        """Make a skip durable. Idempotent by `skip_id`."""
        ...
