"""What the page of alarms and states of recordings stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from recording.ports import Holds
from recording.recordings import Alarm, Recording
from recording.retention import RetentionTable
from recording.states import State


class NotEnded(Exception):
    """A recording is not destroyed. `why` is a text `oversight_refused.…`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AlarmBook(Protocol):
    """The alarms on record. Every method raises recording.ports.RecordingsUnavailable."""

    async def open(self) -> Sequence[Alarm]:
        """Return the open ones, newest first."""
        ...

    async def recent(self, most: int = 100) -> Sequence[Alarm]:
        """Return the newest ones that are over."""
        ...

    async def take_note(self, alarm_id: int, by: str) -> Alarm | None:
        """Note who looks after one; None: there is no such alarm."""
        ...


class HoldBook(Holds, Protocol):
    """Holds, and what they are for."""

    async def reasons(self, recording_id: str) -> frozenset[str]:
        """Return what a recording is held for. Raises recording.ports.RecordingsUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class StateCount:
    """Recordings in one state."""

    state: State
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """A place that recordings need."""

    names: Sequence[str]  # words: spool, store, records
    percent: float  # left
    free: int  # bytes
    level: str  # a word: "", low, short, critical


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything but alarms."""

    counted_at: datetime | None  # None: not counted yet
    states: Sequence[StateCount]
    due: int
    unfinished: int
    rooms: Sequence[RoomLeft]
    checked_at: datetime | None  # when manifest, files and store were checked last


@dataclass(frozen=True, slots=True)
class Wish:
    """A destruction outside the table that waits for a second person."""

    recording_id: str
    at: datetime
    reason: str
    by: str


class Ends(Protocol):
    """Destruction. Raises KeyError, NotEnded, recording.ports.RecordingsUnavailable, OSError (store)."""

    async def wishes(self) -> Sequence[Wish]:
        """Return what waits for a second person, the oldest first."""
        ...

    async def ask(self, recording_id: str, reason: str, by: str) -> None:
        """Ask for a destruction outside the table."""
        ...

    async def deny(self, recording_id: str, by: str) -> None:
        """Withdraw or turn down what was asked."""
        ...

    async def destroy(self, recording_id: str, reason: str, by: str) -> Recording:
        """Destroy a recording."""
        ...


@dataclass(frozen=True, slots=True)
class OversightPort:
    """What the routes stand on."""

    alarms: AlarmBook
    holds: HoldBook
    ends: Ends
    overview: "OverviewSource"
    table: RetentionTable


class OverviewSource(Protocol):
    """Knows what was counted last."""

    def overview(self) -> Overview:
        """Return it; nothing is counted for it."""
        ...
