"""What the wallboard's pages stand on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.staff import StaffStore
from ivr.announcements import Announcement, AnnouncementStore
from reporting.wall_messages import MessageStore
from reporting.wall_rows import Row
from reporting.wall_thresholds import Thresholds, ThresholdStore


@dataclass(frozen=True, slots=True)
class Sample:
    """The floor at one moment, for the lines of the last hour."""

    at: datetime
    waiting: int
    free: int
    talking: int


class WallSource(Protocol):
    """The wallboard as it is now. One for all who look at it."""

    async def refresh(self) -> None:
        """Look at what is not in memory (records, campaigns, alarms), each at its pace. Raises nothing."""
        ...

    def rows(self) -> Mapping[str, Row]:
        """Return every row by its key (`web.wall_models.BoardView`)."""
        ...

    def key(self, agent: str) -> str:
        """Return the key of an agent (staff number)."""
        ...

    def team_of(self, key: str) -> str:
        """Return the team of the agent with a key; empty: nobody's."""
        ...

    def course(self) -> Sequence[Sample]:
        """Return the last hour, oldest first."""
        ...

    def thresholds(self) -> Thresholds:
        """Return the thresholds in force."""
        ...

    async def changed(self) -> None:
        """Take up at once what was set or switched. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class WallPort:
    """Given to `add_wall_routes`."""

    source: WallSource
    thresholds: ThresholdStore
    messages: MessageStore
    announcements: AnnouncementStore
    prompts: Callable[[], Sequence["Announceable"]]
    people: StaffStore
    queues: Callable[[], Sequence[str]]  # of the administrator's tables
    reasons: Callable[[str], Mapping[str, str]]  # to pause, in a language (id, en)


@dataclass(frozen=True, slots=True)
class Announceable:
    """A prompt that may be announced, with what it says by language."""

    name: str
    texts: Mapping[str, str]


__all__ = ["Announceable", "Announcement", "Sample", "WallPort", "WallSource"]
