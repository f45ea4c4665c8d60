"""What planning needs from the rest of the service, and what the rest may ask of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from reporting.planning.cover import CoverDay
from reporting.planning.plans import Asked, DayPlan, KeptPlan, Plan, PlanRow
from reporting.planning.roster import DayRoster
from reporting.planning.simulated import Simulated
from reporting.planning.what_if import Change, WhatIf


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """A day on which the line is open; minutes from midnight, WIB."""

    day: date
    opens: int
    closes: int
    ramadan: bool = False


@dataclass(frozen=True, slots=True)
class Rostered:
    """The schedule on some days of a plan."""

    days: Sequence[DayRoster]
    skilled: bool = True  # False: the tables have nobody for the queues, and everybody was counted


class PlanCalendar(Protocol):
    """The office's days, with the administrator's."""

    def open_days(self, first: date, last: date) -> Sequence[OfficeDay]:
        """Return the days on which the line is open, first to last."""
        ...


class Plans(Protocol):
    """Plans on record. A plan that was kept under a name never changes."""

    async def add(self, plan_id: str, plan: Plan, by: str, now: datetime) -> None:
        """Put a new plan on record, as a draft. Raises PlansUnavailable."""
        ...

    async def get(self, plan_id: str) -> KeptPlan:
        """Return one. Raises KeyError, PlansUnavailable."""
        ...

    async def rows(self, by: str, most: int = 100) -> Sequence[PlanRow]:
        """Return what is kept and not put away, and the drafts of `by`, newest first. Raises as `add`."""
        ...

    async def keep(self, plan_id: str, name: str, by: str, now: datetime) -> KeptPlan:
        """Keep a draft under a name; again it changes nothing. Raises KeyError, PlansUnavailable."""
        ...

    async def put_away(self, plan_id: str, by: str, now: datetime) -> None:
        """Take a kept plan out of the list; it stays on record. Raises KeyError, PlansUnavailable."""
        ...

    async def forget_drafts(self, before: datetime) -> int:
        """Delete drafts made before a moment; return how many. Raises PlansUnavailable."""
        ...


class Rosters(Protocol):
    """Knows who is scheduled."""

    async def of(self, days: Sequence[DayPlan], queues: Collection[str] = (), team: str = "") -> Rostered:
        """Return the schedule on a plan's days. Raises PlanRefused: no such team; PlansUnavailable.

        `queues`: only who may take one of these, by the tables in force; none: everybody.
        """
        ...

    def teams(self) -> Sequence[str]:
        """Return the teams of the tables in force."""
        ...


class Planner(Protocol):
    """Makes plans. Reckoning takes seconds, in a process of its own."""

    async def make(self, asked: Asked) -> Plan:
        """Forecast and staff. Raises PlanRefused, PlansUnavailable."""
        ...

    async def what_if(self, plan: Plan, changes: Sequence[Change]) -> WhatIf:
        """Set a plan beside itself with one or two numbers changed. Raises as `make`."""
        ...

    async def simulate(self, plan: Plan, day: date) -> Simulated:
        """Run a day of a plan through the matcher. Raises as `make`."""
        ...

    async def cover(self, plan: Plan, rosters: Sequence[DayRoster], queue: str = "") -> Sequence[CoverDay]:
        """Set a plan beside schedules; with a queue only its share of the calls. Raises as `make`."""
        ...

    async def happened(self, plan: Plan) -> Mapping[date, int]:
        """Return the calls that came on the plan's days which are over. Raises PlansUnavailable."""
        ...
