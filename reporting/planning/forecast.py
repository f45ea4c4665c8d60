"""How many calls a day brings, from history and calendar. Pure.

A regression of the logarithm of calls on the features of days. Each coefficient begins at what is assumed
of it and moves as far as data speak against that (ridge regression towards the assumption; in other words
its posterior mean with normal errors). Days far off, such as those of an outage, count less (P. Huber's
weights). What the last days had more or less than the regression says goes on, fading day by day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from reporting.planning.features import Array, Feature, columns, hours, matrix
from reporting.planning.history import Calendar, HistoryDay
from reporting.planning.plans import Reason
from reporting.planning.ports import OfficeDay
from reporting.planning.table import Assumptions

LEAST_DAYS = 20  # working days of history, below which there is none to speak of

_ROUNDS = 6  # of reweighting
_HUBER = 1.5  # deviations from which on a day counts less
_LEAST_NOISE = 0.04  # of the logarithm
_FIRST_NOISE = 0.15
_RECENT, _RECENT_DAYS, _SHRUNK = 0.87, 15, 3.0  # weight kept a day back; days; as many days without news
_FADES = 0.97  # of the recent level, a working day ahead
_TELLING = 0.03  # an effect smaller than this is no reason
_LEVEL_DOUBT = 10.0
_MAD = 1.4826  # times the median of absolute values: a normal's deviation


@dataclass(frozen=True, slots=True)
class DayForecast:
    """A day to come, and why it is as it is."""

    day: date
    calls: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Model:
    """Coefficients, and the history they stand on."""

    calendar: Calendar
    table: Assumptions
    features: Sequence[Feature]
    level: float  # logarithm of the calls of a full day without anything particular
    coefficients: Array
    noise: float  # deviation of the logarithm
    recent: float  # what the last days had more, logarithm
    span: int  # days of history
    until: date  # its last day

    def day(self, one: OfficeDay) -> DayForecast:
        """Return the forecast of an open day after the history."""
        row = matrix([one], self.calendar, self.table, self.span, self.until)[0]
        ahead = len(self.calendar.between(self.until, one.day)) - 1
        recent = self.recent * _FADES ** max(0, ahead)
        parts = row * self.coefficients
        # The mean of a log-normal, since agents are needed for the mean and not for the median.
        whole = self.level + float(parts.sum()) + recent + float(hours([one])[0]) + self.noise**2 / 2
        return DayForecast(one.day, math.exp(whole), self._reasons(one, parts, recent))

    def _reasons(self, one: OfficeDay, parts: Array, recent: float) -> tuple[Reason, ...]:
        effects: dict[str, float] = {}
        for feature, part in zip(self.features, parts, strict=True):
            effects[feature.word] = effects.get(feature.word, 0.0) + float(part)
        effects["recent"] = recent
        found = [
            Reason(word, math.exp(effect), (self.calendar.until(one.day, word) or 0))
            for word, effect in effects.items()
            if abs(effect) >= _TELLING
        ]
        return tuple(sorted(found, key=lambda reason: -abs(math.log(reason.factor))))


def fit(history: Sequence[HistoryDay], calendar: Calendar, table: Assumptions) -> Model:
    """Return the model of a history, oldest day first, of open days with calls.

    Raises ValueError: fewer than LEAST_DAYS.
    """
    if len(history) < LEAST_DAYS:
        raise ValueError(f"{len(history)} days of history; {LEAST_DAYS} are needed")
    span, until = (history[-1].day - history[0].day).days, history[-1].day
    features = columns(table, span)
    days = [calendar.by_day[one.day] for one in history]
    rows = matrix(days, calendar, table, span, until)
    wanted = np.log(np.array([float(one.calls) for one in history])) - hours(days)
    found, noise, left = _solve(rows, wanted, features)
    return Model(calendar, table, features, float(found[0]), found[1:], noise, _recent(left), span, until)


def assumed(calls: float, calendar: Calendar, table: Assumptions, today: date) -> Model:
    """Return the model without any history: `calls` on a day without anything particular."""
    features = columns(table, 0)
    prior = np.array([one.assumed for one in features])
    return Model(calendar, table, features, math.log(calls), prior, 0.0, 0.0, 0, today)


def _solve(rows: Array, wanted: Array, features: Sequence[Feature]) -> tuple[Array, float, Array]:
    """Return level and coefficients, the noise, and what is left of each day."""
    design = np.hstack([np.ones((len(rows), 1)), rows])
    prior = np.array([float(np.median(wanted)), *(one.assumed for one in features)])
    doubt = np.array([_LEVEL_DOUBT, *(one.doubt for one in features)])
    weights, noise, found = np.ones(len(rows)), _FIRST_NOISE, prior
    left = wanted - design @ prior
    for _ in range(_ROUNDS):
        pull = np.diag((noise / doubt) ** 2)
        weighted = design * weights[:, None]
        found = np.linalg.solve(weighted.T @ design + pull, weighted.T @ wanted + pull @ prior)
        left = wanted - design @ found
        noise = max(_LEAST_NOISE, _MAD * float(np.median(np.abs(left))))
        weights = np.minimum(1.0, _HUBER * noise / np.maximum(np.abs(left), 1e-12))
    return found, noise, left


def _recent(left: Array) -> float:
    """Return what the last days had more than the regression says; a single day is not believed much."""
    tail = left[-_RECENT_DAYS:][::-1]
    weights = _RECENT ** np.arange(len(tail))
    return float((weights * tail).sum() / (weights.sum() + _SHRUNK))


def naive(history: Sequence[HistoryDay], one: OfficeDay) -> float:
    """Return the peer's forecast: the newest known day of the same weekday, else the newest of all."""
    for past in reversed(history):
        if past.day.weekday() == one.day.weekday():
            return float(past.calls)
    return float(history[-1].calls)
