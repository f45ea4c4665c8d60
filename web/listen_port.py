"""What the routes of listening need from the rest of the service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.staff import Staff
from recording.listening import Comments, Playbacks
from recording.listening_rules import ListeningRules
from recording.persons import NobodyRestricted, PersonCases
from recording.ports import Alarms, RecordingBook, SealedSounds
from recording.quality.blind import BlindWork
from recording.quality.scores import Scores


class People(Protocol):
    """Who staff are, to name them beside what they wrote."""

    async def by_id(self, staff_id: str) -> Staff | None:
        """Return one person. Raises domain.staff.StaffUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ListenPort:
    """Given to `add_listen_routes`."""

    book: RecordingBook
    sounds: SealedSounds
    scores: Scores
    blind: BlindWork
    playbacks: Playbacks
    comments: Comments
    people: People
    alarms: Alarms
    rules: Callable[[datetime], ListeningRules]  # in force at a time
    persons: PersonCases = field(default_factory=NobodyRestricted)
