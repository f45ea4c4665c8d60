"""What a plan of staffing is: what was asked, what is expected, how many agents that takes.

Frozen dataclasses of plain values: the same shapes are reckoned with, kept as JSON and answered by the API.
Days and times of day are the office's (WIB); `minute` counts from midnight; durations are seconds; shares
are between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

SLOT = 30
"""Minutes of an interval in which the number of agents stays the same."""

LONGEST = 92
"""Days that one plan may cover, closed ones included."""


class PlanRefused(Exception):
    """Such a plan cannot be made: `word` names the reason in the catalogue, `field` what to correct."""

    def __init__(self, word: str, field: str = "") -> None:
        super().__init__(f"{word} {field}".strip())
        self.word = word
        self.field = field


class PlansUnavailable(Exception):
    """Plans cannot be kept, read or reckoned at the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the agents are to reach in every interval. All three hold at once."""

    level: float = 0.80  # least share of all callers answered in time
    within: float = 20.0  # seconds that count as in time
    abandoned: float = 0.05  # greatest share of callers who give up
    occupancy: float = 0.88  # greatest share of agents' time with calls


@dataclass(frozen=True, slots=True)
class Asked:
    """What a planner asks for. What is None comes from history, or is assumed where there is none."""

    first: date
    last: date
    queues: tuple[str, ...] = ()  # of these only; none: of all
    target: Target = field(default_factory=Target)
    shrinkage: float = 0.30  # share of paid time in which agents take no calls
    volume: float = 1.0  # times the calls expected
    calls: float | None = None  # of a day without anything particular, instead of the history's
    handle: float | None = None
    patience: float | None = None  # mean


@dataclass(frozen=True, slots=True)
class Given:
    """The numbers a plan stands on, each with where it came from: history, asked, assumed."""

    handle: float
    patience: float
    ring: float  # until an agent's phone is answered; an agent is taken for it, a caller waits it
    sigma: float  # of the logarithm of handle times
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a day is busier or calmer than others: `factor` times."""

    word: str  # of the catalogue
    factor: float
    days: int = 0  # working days until it, if it is a deadline; negative: since


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """An interval of SLOT minutes."""

    minute: int
    calls: float
    handle: float
    agents: int  # needed with calls, by Erlang A
    agents_c: int  # by Erlang C, whose callers never give up
    scheduled: int  # on the roster, so that `agents` remain after shrinkage
    level: float  # with `agents`, by Erlang A, as the next three
    abandoned: float
    wait: float  # mean, of all callers
    occupancy: float


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day on which the line is open. Between `low` and `high` 8 of 10 days are expected."""

    day: date
    calls: float
    low: float
    high: float
    slots: tuple[SlotPlan, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def hours(self) -> float:
        """Agents' hours with calls."""
        return sum(slot.agents for slot in self.slots) * SLOT / 60

    @property
    def paid(self) -> float:
        """Agents' hours on the roster."""
        return sum(slot.scheduled for slot in self.slots) * SLOT / 60

    @property
    def peak(self) -> int:
        """The most agents needed at once."""
        return max((slot.agents for slot in self.slots), default=0)


@dataclass(frozen=True, slots=True)
class PastDay:
    """One day of the past, forecast with what was known `ahead` working days before."""

    day: date
    ahead: int
    actual: float
    model: float
    naive: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """How good forecasts would have been. Errors are the sum of misses ÷ the sum of calls.

    The naive peer says what the same weekday had in the newest whole week that was known.
    """

    origins: int
    days: tuple[PastDay, ...]
    model: float
    naive: float
    bias: float  # of the model: mean of forecast ÷ actual, less 1; below 0: too low
    covered: float | None  # share of days between low and high; None: too few
    slot_model: float | None = None  # the same error by the half hour; None: no half hours to test with
    slot_naive: float | None = None
    chosen: str = "model"  # what the plan stands on: model or naive, whichever missed less


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan."""

    asked: Asked
    given: Given
    days: tuple[DayPlan, ...]
    mix: Mapping[str, float]  # queue → share of the calls
    known_days: int = 0  # working days of history that it stands on
    known_first: date | None = None
    known_last: date | None = None
    tested: Backtest | None = None  # None: too little history to test with
    assumed: tuple[str, ...] = ()  # words of the catalogue: what nobody has published or measured


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan on record. Without a name it is a draft, which is forgotten after some days."""

    plan_id: str
    made_at: datetime
    made_by: str  # staff_id
    plan: Plan
    name: str = ""
    kept_at: datetime | None = None
    kept_by: str = ""
    put_away: bool = False


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list."""

    plan_id: str
    name: str
    first: date
    last: date
    made_at: datetime
    made_by: str
    kept_at: datetime | None
    put_away: bool
