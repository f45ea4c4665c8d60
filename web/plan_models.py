"""Plans of staffing as the API takes and gives them. Shares come as per cent and go as 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reporting.planning.plans import Asked, Backtest, DayPlan, Given, Reason, Target
from reporting.planning.what_if import Change, Column
from web.days import Day

HEX_ID = r"^[0-9a-f]{32}$"
_QUEUE = r"^[a-z][a-z0-9_]{0,39}(/[ABC])?$"
QUEUE_OR_NOTHING = r"^([a-z][a-z0-9_]{0,39}(/[ABC])?)?$"
_NAME = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"
PlanId = Annotated[str, Path(pattern=HEX_ID)]

PER_CENT = frozenset({"volume", "level", "abandoned", "occupancy", "shrinkage"})
"""Numbers that people give in per cent."""

Number = Literal["volume", "handle", "patience", "level", "within", "abandoned", "occupancy", "shrinkage"]


def _nothing(given: object) -> object:
    """Return None for a field of a form that was left empty."""
    return None if given == "" else given


def _several(given: object) -> object:
    """Return one chosen box as a list of one, an empty field as none."""
    if isinstance(given, str):
        return [one for one in given.split(",") if one]
    return given


_Own = Annotated[float | None, BeforeValidator(_nothing)]
_Queues = Annotated[
    list[Annotated[str, Field(pattern=_QUEUE)]], Field(max_length=200), BeforeValidator(_several)
]


class MakePlan(BaseModel):
    """What a plan is to cover, and its target. What is None comes from history, or is assumed."""

    model_config = ConfigDict(extra="forbid")

    first: Day
    last: Day
    queues: _Queues = Field([], description="Of these only; none: of all")
    level: float = Field(80, ge=5, le=99, description="Least share of callers answered in time, per cent")
    within: float = Field(20, ge=0, le=600, description="Seconds that count as in time")
    abandoned: float = Field(5, ge=0.1, le=100, description="Greatest share who give up, per cent")
    occupancy: float = Field(88, ge=30, le=100, description="Greatest share of agents' time, per cent")
    shrinkage: float = Field(30, ge=0, le=80, description="Of paid time without calls, per cent")
    volume: float = Field(100, ge=10, le=1000, description="Of the calls expected, per cent")
    calls: _Own = Field(None, ge=1, le=200_000, description="Of a usual day, instead of the history's")
    handle: _Own = Field(None, ge=10, le=7200, description="Seconds, instead of the history's")
    patience: _Own = Field(None, ge=5, le=7200, description="Seconds, mean, instead of the history's")

    def asked(self) -> Asked:
        """Return it as planning has it."""
        return Asked(
            self.first,
            self.last,
            tuple(sorted(set(self.queues))),
            Target(self.level / 100, self.within, self.abandoned / 100, self.occupancy / 100),
            self.shrinkage / 100,
            self.volume / 100,
            self.calls,
            self.handle,
            self.patience,
        )


class KeepPlan(BaseModel):
    """A name under which a plan is kept."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=_NAME)


class ChangeNumbers(BaseModel):
    """One number changed, or two."""

    model_config = ConfigDict(extra="forbid")

    name: Number = Field("volume", description="Which number")
    value: float = Field(description="As it would be: per cent, or seconds")
    other: Annotated[Number | None, BeforeValidator(_nothing)] = None
    other_value: _Own = None

    def changes(self) -> Sequence[Change]:
        """Return them as planning has them."""
        found = [_change(self.name, self.value)]
        if self.other is not None and self.other_value is not None:
            found.append(_change(self.other, self.other_value))
        return found


def _change(name: str, value: float) -> Change:
    return Change(name, value / 100 if name in PER_CENT else value)


class SimulateDay(BaseModel):
    """Which day of the plan is played."""

    model_config = ConfigDict(extra="forbid")

    day: Day


class PlanRowView(BaseModel):
    """A plan in a list."""

    plan_id: str
    name: str  # empty: a draft
    first: date
    last: date
    made_at: datetime
    made_by: str  # a name
    kept: bool


class DayRow(BaseModel):
    """A day of a plan."""

    day: date
    calls: float
    low: float
    high: float
    happened: int | None  # calls that came; None: the day is not over
    hours: float  # of agents with calls
    paid: float  # on the roster
    peak: int
    reasons: list[Reason]


class PlanView(BaseModel):
    """A whole plan, but for its half hours."""

    plan_id: str
    name: str
    made_at: datetime
    made_by: str
    kept_at: datetime | None
    put_away: bool
    asked: Asked
    given: Given
    days: list[DayRow]
    calls: float
    hours: float
    paid: float
    peak: int
    peak_at: datetime | None
    miss: float | None  # of the days that are over: sum of misses ÷ sum of calls
    known_days: int
    known_first: date | None
    known_last: date | None
    tested: Backtest | None
    assumed: list[str]


class PlanDayView(BaseModel):
    """The half hours of a day."""

    plan_id: str
    day: DayPlan
    hours: float
    paid: float


class WhatIfView(BaseModel):
    """The plan as it is, under each change alone, and under both."""

    plan_id: str
    columns: list[Column]
