"""The book of schedules: shifts, exceptions, and every change of them. A port; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from desk.working_days import office_day
from reporting.adherence import Away
from reporting.schedule import Piece, Shift


class SchedulesUnavailable(Exception):
    """Schedules cannot be read or written at the moment; nothing was changed."""


class AlreadyTakenBack(Exception):
    """The exception was taken back before."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """An exception: time that is taken out of an agent's schedule, for a reason."""

    exception_id: str  # 32 hex digits
    agent: str  # staff number
    begins: datetime  # aware, UTC
    ends: datetime
    reason: str  # a code of reporting/data/exceptions.yaml
    made_by: str  # staff_id, `cli:NAME`
    made_at: datetime
    request_id: str = ""  # the approved request it comes from; empty: entered without one
    ended_at: datetime | None = None  # taken back
    ended_by: str = ""

    @property
    def away(self) -> Away:
        """What it does to adherence while it is in force."""
        return Away(self.begins, self.ends, self.reason)

    @property
    def first_day(self) -> date:
        """The office's day it begins on."""
        return office_day(self.begins)

    @property
    def last_day(self) -> date:
        """The office's day it ends on."""
        return office_day(self.ends - timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done to a schedule."""

    at: datetime
    who: str
    what: str  # set, removed, excepted, unexcepted
    agent: str
    day: date
    last_day: date
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """What putting shifts into the book did, or would do."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0


class Schedules(Protocol):
    """Keeps schedules. Every method raises SchedulesUnavailable; days are the office's."""

    async def shifts(self, first: date, last: date, agents: Collection[str] = ()) -> Sequence[Shift]:
        """Return the shifts of these agents (empty: all), by day and agent. First and last included."""
        ...

    async def put(self, shifts: Sequence[Shift], who: str, at: datetime, *, keep: bool = True) -> Put:
        """Put shifts in place of what these agents had on these days: all or none.

        A shift without pieces takes the day's shift away. `keep` False: only tell what it would do.
        """
        ...

    async def exempt(self, new: Exempt) -> None:
        """Keep an exception."""
        ...

    async def of_request(self, exception_id: str) -> bool:
        """Whether an exception came of a request. Raises KeyError."""
        ...

    async def take_back(self, exception_id: str, who: str, at: datetime) -> Exempt:
        """End an exception; the time counts again. Raises KeyError, AlreadyTakenBack."""
        ...

    async def exempted(
        self, first: date, last: date, agents: Collection[str] = (), *, ended: bool = False
    ) -> Sequence[Exempt]:
        """Return the exceptions that touch these days, by time; with `ended` those taken back too."""
        ...

    async def changes(self, agent: str, first: date, last: date, most: int = 100) -> Sequence[Change]:
        """Return what was done to these days of an agent, newest first."""
        ...

    async def changed(self, since: datetime) -> Collection[date]:
        """Return the days of shifts and exceptions that changed at or after a time.

        A shift that ends after midnight is of two.
        """
        ...
