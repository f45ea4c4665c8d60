"""The effect of calls: who filed or paid in time, of those called and of those who were not. Pure.

Rule. Everybody has a day (WIB) on which their count begins:
- those *called*: the day of the first attempt that reached a person;
- those *dialled*: the day of their first attempt, whether anybody was reached or not;
- the *control group*: the day on which the campaign first dialled, or on which they joined it, if later.
Whoever filed or paid from that day to `days` days after it is solved. Left out of every group are those whose
days are not over by the last day that the outcome feed tells of, and those who had filed or paid between the
cut-off of their list and the day before their count began: no call could change anything for them.

Who was called is chosen by who picks up the telephone, and such people differ from others. The control group
is a fair measure of those *dialled*; against those *called* it shows how much more they file, not why.

Intervals are of 95 % confidence: Wilson's score interval for a share; for a difference of two shares the
interval that is built of both (R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import NormalDist

from desk.working_days import WIB

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class EffectRow:
    """Those called within one group, and how many of them filed or paid in time."""

    group: str  # a script's name, an hour (WIB) or which attempt it was
    people: int
    solved: int
    low: float | None = None  # 95 % confidence interval of the share that solved; None: there is nobody
    high: float | None = None

    @property
    def share(self) -> float | None:
        """Return solved ÷ people; None: there is nobody."""
        return self.solved / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of one group minus the share of another, with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Filed or paid within so many days, of those called and of the control group."""

    days: int
    called: EffectRow
    control: EffectRow
    difference: float | None  # share of the called minus share of the control; None: one of them is empty
    low: float | None  # its 95 % confidence interval
    high: float | None
    by_script: Sequence[EffectRow] = ()
    by_hour: Sequence[EffectRow] = ()
    by_attempt: Sequence[EffectRow] = ()
    fresh_until: date | None = None  # the last day that the outcome feed tells of
    dialled: EffectRow | None = None  # reached or not
    of_dialled: Difference | None = None  # share of the dialled minus share of the control


@dataclass(frozen=True, slots=True)
class Begun:
    """Where somebody's count begins. Of those who were not called only the day is told."""

    day: date  # WIB
    version: int = 0  # of the campaign's definition
    hour: int = 0  # WIB
    attempt: int = 0  # which attempt it was, from 1


@dataclass(frozen=True, slots=True)
class Deeds:
    """What one person did since the cut-off of their list; only those who did anything have one."""

    begun: Begun
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class Group:
    """People by where their count begins, and how many of them filed or paid in time."""

    people: Mapping[Begun, int]
    solved: Mapping[Begun, int]

    def row(self, name: str) -> EffectRow:
        """Return all of them together."""
        return _row(name, sum(self.people.values()), sum(self.solved.values()))

    def by(self, name_of: Callable[[Begun], str]) -> list[tuple[str, EffectRow]]:
        """Return them apart; groups without anybody are left out."""
        people: Counter[str] = Counter()
        solved: Counter[str] = Counter()
        for begun, count in self.people.items():
            people[name_of(begun)] += count
        for begun, count in self.solved.items():
            solved[name_of(begun)] += count
        return [(name, _row(name, count, solved[name])) for name, count in people.items() if count > 0]


@dataclass(frozen=True, slots=True)
class Span:
    """For how long anything counts, and up to which day it is known."""

    days: int
    fresh_until: date

    @property
    def last_end(self) -> datetime:
        """Return the end of the last day (WIB) on which a count can begin that is over."""
        return datetime.combine(self.fresh_until - timedelta(days=self.days - 1), time(), WIB)

    def is_over(self, begun: Begun) -> bool:
        """Whether all days of somebody's count are known."""
        return begun.day + timedelta(days=self.days) <= self.fresh_until

    def solved(self, deeds: Deeds) -> bool | None:
        """Whether somebody filed or paid in time; None: they had before their count began."""
        first = deeds.begun.day
        if any(day < first for day in deeds.days):
            return None
        return any(day <= first + timedelta(days=self.days) for day in deeds.days)

    def group(self, people: Mapping[Begun, int], deeds: Iterable[Deeds]) -> Group:
        """Return those who count. `deeds`: of some of these people, one for each."""
        counted = Counter({begun: count for begun, count in people.items() if self.is_over(begun)})
        solved: Counter[Begun] = Counter()
        for one in deeds:
            if one.begun not in counted:
                continue
            match self.solved(one):
                case None:
                    counted[one.begun] -= 1
                case True:
                    solved[one.begun] += 1
        return Group(counted, solved)


def effect_of(
    span: Span, called: Group, dialled: Group, control: Group, scripts: Mapping[int, str]
) -> Effect:
    """Return the effect. `scripts`: by version of the definition."""
    reached, against, tried = called.row("called"), control.row("control"), dialled.row("dialled")
    found = difference(reached, against)
    by_hour = sorted(called.by(lambda begun: str(begun.hour)), key=lambda one: int(one[0]))
    by_attempt = sorted(called.by(lambda begun: str(begun.attempt)), key=lambda one: int(one[0]))
    return Effect(
        span.days,
        reached,
        against,
        None if found is None else found.value,
        None if found is None else found.low,
        None if found is None else found.high,
        by_script=[row for _, row in sorted(called.by(lambda begun: scripts.get(begun.version, "")))],
        by_hour=[row for _, row in by_hour],
        by_attempt=[row for _, row in by_attempt],
        fresh_until=span.fresh_until,
        dialled=tried,
        of_dialled=difference(tried, against),
    )


def wilson(solved: int, people: int) -> tuple[float, float]:
    """Return the 95 % interval of a share. Raises ValueError: of nobody there is none."""
    if people < 1 or not 0 <= solved <= people:
        raise ValueError(f"{solved} of {people}: no share")
    share, more = solved / people, _Z * _Z / people
    middle = share + more / 2.0
    half = math.sqrt(share * (1.0 - share) * more + more * more / 4.0)
    # At the ends the bound is exactly 0 or 1; rounding must not take it beyond.
    low = 0.0 if solved == 0 else max((middle - half) / (1.0 + more), 0.0)
    high = 1.0 if solved == people else min((middle + half) / (1.0 + more), 1.0)
    return low, high


def difference(one: EffectRow, other: EffectRow) -> Difference | None:
    """Return the difference of two shares; None: one of the groups is empty."""
    if not one.people or not other.people:
        return None
    first, second = one.solved / one.people, other.solved / other.people
    (low1, high1), (low2, high2) = wilson(one.solved, one.people), wilson(other.solved, other.people)
    value = first - second
    low = value - math.hypot(first - low1, high2 - second)
    return Difference(value, low, value + math.hypot(high1 - first, second - low2))


def _row(name: str, people: int, solved: int) -> EffectRow:
    return EffectRow(name, people, solved, *(wilson(solved, people) if people else (None, None)))
