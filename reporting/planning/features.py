"""What makes one day's calls differ from another's, as numbers, with what is assumed of each beforehand.

Calls are the product of the effects: the sum of features times coefficients is the logarithm. A feature
stands for an effect; deadlines have several shapes each, so that data can bend the assumed one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from reporting.planning.history import Calendar
from reporting.planning.ports import OfficeDay
from reporting.planning.table import FILING_COMPANY, FILING_PERSON, Assumptions

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_SEASON = frozenset({FILING_PERSON, FILING_COMPANY})
_FULL_DAY = 480.0  # minutes: the hours that a day's calls are compared over
_WEEKDAY_DOUBT, _SEASON_DOUBT, _MONTHLY_DOUBT, _OTHER_DOUBT = 0.15, 0.7, 0.15, 0.15
_TREND_DOUBT = 0.10  # a year
_YEARLY_DOUBT = 0.15
_YEAR = 365.25
_TREND_FROM, _YEARLY_FROM = 300, 600  # days of history: with less the season would be taken for them


@dataclass(frozen=True, slots=True)
class Feature:
    """One column: which effect it belongs to, what is assumed of it and how far that is doubted."""

    word: str  # of the catalogue; several columns may share one
    assumed: float
    doubt: float


def columns(table: Assumptions, span: int) -> Sequence[Feature]:
    """Return the columns for a history of `span` days, the level not among them."""
    found = [Feature("weekday", math.log(one), _WEEKDAY_DOUBT) for one in table.weekdays]
    found.append(Feature("ramadan", math.log(table.ramadan), _OTHER_DOUBT))
    found.append(Feature("after_closure", math.log(table.after_closure), _OTHER_DOUBT))
    found.append(Feature("before_closure", math.log(table.before_closure), _OTHER_DOUBT))
    for kind, rise in table.deadlines.items():
        doubt = _SEASON_DOUBT if kind in _SEASON else _MONTHLY_DOUBT
        found.append(Feature(kind, math.log(rise.height), doubt))
        found += [Feature(kind, 0.0, doubt)] * (3 if kind in _SEASON else 2)
    if span >= _TREND_FROM:
        found.append(Feature("trend", 0.0, _TREND_DOUBT))
    if span >= _YEARLY_FROM:
        found += [Feature("time_of_year", 0.0, _YEARLY_DOUBT)] * 4
    return found


def matrix(
    days: Sequence[OfficeDay], calendar: Calendar, table: Assumptions, span: int, until: date
) -> Array:
    """Return the features of days, one row each; `until`: the last day of history, where the trend is 0."""
    rows: Array = np.array([_row(one, calendar, table, span, until) for one in days])
    return rows


def hours(days: Sequence[OfficeDay]) -> Array:
    """Return the logarithm of how long the line is open, against a usual day."""
    shares: Array = np.array([max(30, one.closes - one.opens) / _FULL_DAY for one in days])
    return np.log(shares)


def _row(one: OfficeDay, calendar: Calendar, table: Assumptions, span: int, until: date) -> list[float]:
    day = one.day
    found = [float(day.weekday() == number) for number in range(len(table.weekdays))]
    found.append(float(one.ramadan))
    found.append(float(calendar.closed_before(day)))
    found.append(float(calendar.closed_after(day)))
    for kind, rise in table.deadlines.items():
        steps = calendar.until(day, kind)
        if kind in _SEASON:
            found += [
                _shape(steps, rise.build_up, rise.waning),
                _shape(steps, rise.build_up / 3, rise.waning / 2),
                _shape(steps, rise.build_up * 3, rise.waning),
                float(steps is not None and steps < 0) * _shape(steps, 1.0, rise.waning * 3),
            ]
        else:
            found += [_shape(steps, rise.build_up, rise.waning), float(steps == 0), float(steps == -1)]
    years = (day - until).days / _YEAR
    if span >= _TREND_FROM:
        found.append(min(years, 0.5))  # beyond half a year a trend is held: it was measured over few
    if span >= _YEARLY_FROM:
        turn = 2 * math.pi * day.timetuple().tm_yday / _YEAR
        found += [math.sin(turn), math.cos(turn), math.sin(2 * turn), math.cos(2 * turn)]
    return found


def _shape(steps: int | None, build_up: float, waning: float) -> float:
    if steps is None:
        return 0.0
    return math.exp(-steps / build_up) if steps >= 0 else math.exp(steps / waning)
