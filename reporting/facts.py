"""Facts: the rows of the event log that the counts of one day are made of, as plain values.

Times are whole milliseconds since 1970 (UTC), lengths whole milliseconds of the monotonic clock. Every call,
leg and agent of the day comes with the rows before the day that it takes to understand it; what lies outside
of the day is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from acd.skills import Skillbook
from desk.branches import Branches
from desk.matter_data import check_order, in_force, read_table
from reporting.adherence import Adherence
from reporting.channels import ChannelRow
from reporting.rollup_lines import midnight

DATA = Path(__file__).parent / "data"
QUARTER_MS = 15 * 60 * 1000
DAY_MS = 24 * 3600 * 1000


class LegFact(NamedTuple):
    """A phase of an agent's leg began (`ms` None) or ended."""

    leg: str
    seq: int  # 1, 2, … within the leg
    at: int
    call_id: str
    agent: str  # staff number
    phase: str  # a domain.floor_log.Phase
    ms: int | None
    estimated: bool


class OfferFact(NamedTuple):
    """An offer was made (`outcome` empty) or ended."""

    at: int
    call_id: str
    agent: str
    leg: str
    outcome: str


class EntryFact(NamedTuple):
    """A call entered the waiting room (`outcome` empty) or left it."""

    at: int
    call_id: str
    queue: str
    since: int  # its place in line
    outcome: str


class StateFact(NamedTuple):
    """An agent's state ended that had lasted so long; on the day at hand also one that goes on."""

    agent: str
    at: int
    ms: int
    declared: str
    observed: str
    reason: str  # of a pause


class AttemptFact(NamedTuple):
    """A dial that was or may have been sent."""

    attempt_id: str  # the id of its call too
    campaign: str
    at: int  # of its intent
    agent: str  # joined with it, or that it was placed for; empty: none
    outcome: str
    contact: bool  # a person answered
    abandoned: bool  # who got no agent in time


class NoteFact(NamedTuple):
    """An interaction note, in its newest version."""

    call_id: str
    agent: str
    branch: str


class CallFact(NamedTuple):
    """A call of the day that has ended and never waited for an agent."""

    call_id: str
    at: int  # of its begin


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything that the counts of one day of the office are made of."""

    day: date
    legs: Sequence[LegFact] = ()  # by leg and seq
    offers: Sequence[OfferFact] = ()
    entries: Sequence[EntryFact] = ()  # in the order of writing
    states: Sequence[StateFact] = ()
    attempts: Sequence[AttemptFact] = ()  # intended on the day
    placed: Mapping[str, str] = field(default_factory=dict)  # calls that we placed → campaign
    notes: Sequence[NoteFact] = ()  # of these calls, by the time of their first version
    calls: Sequence[CallFact] = ()  # that asked for nobody, inbound
    adherence: Sequence[Adherence] = ()
    channels: Sequence[ChannelRow] = ()
    until: int | None = None  # of the day at hand: now; what goes on counts until then

    @property
    def begins(self) -> int:
        """The day's first millisecond."""
        return to_ms(midnight(self.day))


def to_ms(at: datetime) -> int:
    """Return an aware time in whole milliseconds since 1970."""
    return (at - _EPOCH) // _MS


def from_ms(at: int) -> datetime:
    """Return the time, in UTC."""
    return _EPOCH + timedelta(milliseconds=at)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MS = timedelta(milliseconds=1)


class Places(Protocol):
    """To which team, tier and branch agents and queues belong on one day; empty text: not known."""

    def team(self, agent: str) -> str:
        """Return an agent's team."""
        ...

    def tier(self, agent: str) -> str:
        """Return the highest tier that an agent has in any skill."""
        ...

    def tier_of_queue(self, queue: str) -> str:
        """Return the tier that a queue requires."""
        ...

    def branch_of_queue(self, queue: str) -> str:
        """Return what a queue's calls are about, unless a note says otherwise."""
        ...

    def members(self, teams: Collection[str]) -> Collection[str]:
        """Return the agents of teams that are known."""
        ...


class BookPlaces:
    """`Places` by the administrator's tables in force on a day."""

    def __init__(self, book: Skillbook, branches: Branches, day: date) -> None:
        self._book = book
        self._branches = branches
        at = midnight(day) + timedelta(hours=12)
        held: dict[str, str] = {}
        for row in book.tables.competences:
            if row.holds(at) and row.tier.value > held.get(row.agent, ""):
                held[row.agent] = row.tier.value
        self._tiers = held

    def team(self, agent: str) -> str:
        """Return an agent's team."""
        found = self._book.agents.get(agent)
        return "" if found is None else found.team

    def tier(self, agent: str) -> str:
        """Return the highest tier that an agent has in any skill."""
        return self._tiers.get(agent, "")

    def tier_of_queue(self, queue: str) -> str:
        """Return the tier that a queue requires."""
        found = self._book.requirement(queue)
        return "" if found is None else found.tier.value

    def branch_of_queue(self, queue: str) -> str:
        """Return what a queue's calls are about, unless a note says otherwise."""
        return self._branches.suggest(queue, ()).branch

    def members(self, teams: Collection[str]) -> Collection[str]:
        """Return the agents of teams that are known."""
        return [number for number, one in self._book.agents.items() if one.team and one.team in teams]


class ServiceLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Within how many seconds a call is answered in time, from a day on."""

    since: date
    seconds: int
    assumed: bool = False


class _Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[ServiceLevel, ...]


class ServiceLevels:
    """The limits by day. Made by `load_service_levels`."""

    def __init__(self, versions: Sequence[ServiceLevel]) -> None:
        self._versions = versions

    def on(self, day: date) -> ServiceLevel:
        """Return the limit of a day of the office."""
        return in_force(self._versions, day)


def load_service_levels(folder: Path = DATA) -> ServiceLevels:
    """Read the dated table. Raises desk.matter_data.TableProblem."""
    path = folder / "service_level.yaml"
    found = read_table(path, _Levels)
    check_order(path, found.versions)
    return ServiceLevels(found.versions)
