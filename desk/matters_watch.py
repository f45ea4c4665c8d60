"""The work on matters as it is watched: signals of clocks, who has how much, what waits for somebody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from desk.complaint_referrals import Referral
from desk.matters import Matter, MatterKind
from desk.matters_assignment import Burden
from desk.matters_statistics import Story
from desk.matters_work import Signal


@dataclass(frozen=True, slots=True)
class RaisedSignal:
    """A signal that stands: its matter is still in the step, and the due day is the same.

    Of a disposition to a unit: its answer is still waited for.
    """

    signal_id: str
    signal: Signal
    raised_at: datetime
    matter: Matter  # without what was said
    referral: Referral | None = None  # without what was asked


@dataclass(frozen=True, slots=True)
class Reached:
    """Whose matters: a team's, somebody's own; both None: everybody's."""

    team: str | None = None
    assignee: str | None = None  # staff_id

    def covers(self, matter: Matter) -> bool:
        """Whether a matter is within reach."""
        return self.team in (None, matter.team) and self.assignee in (None, matter.assignee)


class MatterWatch(Protocol):
    """What is asked of all matters together. Every method raises desk.matters.MattersUnavailable.

    Matters come without what was said: nothing is unsealed.
    """

    async def clocks(self, due_until: date, after: str = "", most: int = 1000) -> Sequence[Matter]:
        """Return open matters whose clock ends by a day, by matter_id, those after one."""
        ...

    async def disposed(self, after: str = "", most: int = 1000) -> Sequence[Story]:
        """Return open complaints that were ever sent to a unit, by matter_id, those after one.

        Of their trails only the rows of dispositions, without notes.
        """
        ...

    async def raise_signals(self, signals: Sequence[Signal], at: datetime) -> Sequence[Signal]:
        """Put signals on record, each once; return those that are new."""
        ...

    async def standing_signals(
        self, whose: Reached, unseen_by: str | None = None, most: int = 200
    ) -> Sequence[RaisedSignal]:
        """Return the gravest signal of each clock that still stands, due first.

        A complaint has a clock of its step, and one of each disposition that a unit has not answered.

        `unseen_by`: without those that this person (staff_id) has seen.
        """
        ...

    async def saw(self, signal_ids: Collection[str], staff_id: str, at: datetime) -> None:
        """Note that somebody has seen signals, and lesser ones of the same clocks. Idempotent."""
        ...

    async def burdens(self, today: date) -> Mapping[str, Burden]:
        """Return what everybody has to do, by staff_id; who has nothing and never had is left out."""
        ...

    async def unassigned(
        self, kinds: Collection[MatterKind], opened_before: datetime, most: int = 50
    ) -> Sequence[Matter]:
        """Return open matters that nobody has, the longest waiting first."""
        ...

    async def open_by_step(self, whose: Reached, today: date) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Return (kind, state) → how many are open and how many of these are late."""
        ...

    async def stories(
        self, kinds: Collection[MatterKind], since: datetime, until: datetime, team: str | None = None
    ) -> Sequence[Story]:
        """Return matters that were open at any time between, with their trails; oldest first."""
        ...
