"""What the routes of finding, sampling and the work list need from the rest of the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from desk.branches import Branches
from desk.notes import Interactions
from desk.proof_desk import ProvedStandings
from desk.script import Script, Tick
from desk.working_days import WorkingCalendar
from recording.persons import NobodyRestricted, PersonCases
from recording.ports import RecordingBook
from recording.quality.blind import BlindWork
from recording.quality.finding import Finder
from recording.quality.finding_saved import SavedSearches
from recording.quality.sampling_rules import TaskRules
from recording.quality.sampling_tasks import Plans, WorkList

Names = Mapping[str, str]


class CallTicks(Protocol):
    """What was ticked on the scripts of a call."""

    async def of_call(self, call_id: str) -> Sequence[Tick]:
        """Return every agent's ticks, oldest first. Raises desk.script.TicksUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ContextPort:
    """What stands beside a recording."""

    book: RecordingBook
    proofs: ProvedStandings
    notes: Interactions
    ticks: CallTicks
    scripts: Mapping[str, Script]
    persons: PersonCases = field(default_factory=NobodyRestricted)


@dataclass(frozen=True, slots=True)
class ReviewPort:
    """Given to `add_review_routes`."""

    finder: Finder
    searches: SavedSearches
    plans: Plans
    tasks: WorkList
    rules: TaskRules
    calendar: WorkingCalendar
    blind: BlindWork
    branches: Branches
    campaigns: Callable[[], Awaitable[Names]]  # id → name; empty where they cannot be read
    dispositions: Callable[[str], Names]  # language → code → words
    people: Callable[[], Awaitable[Names]]  # staff_id → name; empty where they cannot be read
    context: ContextPort
