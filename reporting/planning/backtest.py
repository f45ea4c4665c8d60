"""How good forecasts would have been: made again from earlier days, set beside a naive peer. Pure.

Days of the first filing season on record are not tested: nothing was known of one before it, which is not how
it will be the next time. A plan says so of a season that was never seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from reporting.planning.forecast import LEAST_DAYS, fit, naive
from reporting.planning.history import Calendar, HistoryDay, HistorySlot
from reporting.planning.plans import Backtest, PastDay
from reporting.planning.shape import learn
from reporting.planning.table import FILING_COMPANY, FILING_PERSON, Assumptions

AHEAD = 10  # working days that each origin is asked for
_LEAST_KNOWN = 40  # days that an origin needs behind it
_EVERY, _NEWEST = 5, 4  # the newest origins: one a week
_SPREAD = 8  # further ones over the second half of the history
_BEFORE = (9, 4)  # and so many working days before the last filing deadlines: what is planned for most
_SEASON = range(-3, 16)  # working days until a filing deadline that are its season
_LEAST_TESTED = 20  # days, for quantiles
_LOW, _HIGH = 0.10, 0.90
_GUESSED = 0.25  # half the width of a band where nothing was tested


@dataclass(frozen=True, slots=True)
class Band:
    """Times a forecast: 8 of 10 days are expected between."""

    low: float
    high: float


GUESSED = Band(1 - _GUESSED, 1 + _GUESSED)


def backtest(
    history: Sequence[HistoryDay], slots: Sequence[HistorySlot], calendar: Calendar, table: Assumptions
) -> Backtest | None:
    """Return how good forecasts would have been; None: too little history to tell."""
    origins = _origins(history, calendar)
    tested = [one for origin in origins for one in _from(history, origin, calendar, table)]
    if len(tested) < AHEAD:
        return None
    calls = sum(one.actual for one in tested)
    model = sum(abs(one.model - one.actual) for one in tested) / calls
    peer = sum(abs(one.naive - one.actual) for one in tested) / calls
    bias = sum(one.model for one in tested) / calls - 1.0
    slot_model, slot_naive = _by_slot(history, slots, tested, calendar, table)
    chosen = "model" if model <= peer else "naive"
    return Backtest(
        len(origins), tuple(tested), model, peer, bias, _covered(tested), slot_model, slot_naive, chosen
    )


def band(tested: Sequence[PastDay], chosen: str) -> Band:
    """Return the band of a forecast, from the misses of the past."""
    misses = [math.log(one.actual / (one.model if chosen == "model" else one.naive)) for one in tested]
    if len(misses) < _LEAST_TESTED:
        return GUESSED
    low, high = np.quantile(np.array(misses), [_LOW, _HIGH])
    return Band(math.exp(min(float(low), 0.0)), math.exp(max(float(high), 0.0)))


def _origins(history: Sequence[HistoryDay], calendar: Calendar) -> Sequence[int]:
    """Return how many days each origin knows: the newest ones, some over the last half, before deadlines."""
    known = len(history)
    last = known - 1
    newest = [last - _EVERY * back for back in range(_NEWEST)]
    spread = np.linspace(max(_LEAST_KNOWN, known // 2), last - AHEAD, _SPREAD).astype(int).tolist()
    season = []
    for kind in (FILING_PERSON, FILING_COMPANY):
        due = [place for place, one in enumerate(history) if calendar.until(one.day, kind) == 0]
        season += [due[-1] - back for back in _BEFORE] if due else []
    least = max(_LEAST_KNOWN, LEAST_DAYS)
    return sorted({one for one in (*newest, *spread, *season) if least <= one < known})


def _from(
    history: Sequence[HistoryDay], origin: int, calendar: Calendar, table: Assumptions
) -> Sequence[PastDay]:
    known = history[:origin]
    model = fit(known, calendar, table)
    found = []
    for ahead, past in enumerate(history[origin : origin + AHEAD], 1):
        if _first_season(past.day, known, calendar):
            continue
        one = calendar.by_day[past.day]
        found.append(PastDay(past.day, ahead, float(past.calls), model.day(one).calls, naive(known, one)))
    return found


def _first_season(day: date, known: Sequence[HistoryDay], calendar: Calendar) -> bool:
    """Whether a day is of a filing season and no day before a deadline of its kind is known."""
    return any(
        calendar.until(day, kind) in _SEASON and all(calendar.until(one.day, kind) != 0 for one in known)
        for kind in (FILING_PERSON, FILING_COMPANY)
    )


def _covered(tested: Sequence[PastDay]) -> float | None:
    """Return the share of days within the band that the other half of the tested days gives."""
    halves = tested[::2], tested[1::2]
    if min(map(len, halves)) < _LEAST_TESTED:
        return None
    inside = 0
    for mine, other in (halves, halves[::-1]):
        found = band(other, "model")
        inside += sum(found.low * one.model <= one.actual <= found.high * one.model for one in mine)
    return inside / len(tested)


def _by_slot(
    history: Sequence[HistoryDay],
    slots: Sequence[HistorySlot],
    tested: Sequence[PastDay],
    calendar: Calendar,
    table: Assumptions,
) -> tuple[float | None, float | None]:
    """Return the errors by the half hour, of tested days known by it as well as those a week before."""
    by_day: dict[date, dict[int, int]] = {}
    for slot in slots:
        by_day.setdefault(slot.day, {})[slot.minute] = slot.calls
    nearest = {one.day: one for one in reversed(tested)}
    calls = model = peer = 0.0
    for day, one in nearest.items():
        before = _week_before(day, by_day)
        if day not in by_day or before is None:
            continue
        known = [past.day for past in history if past.day < day][-one.ahead :]
        shares = learn(slots, calendar, table, known[0]).calls(calendar.by_day[day])
        for minute, share in shares.items():
            actual = by_day[day].get(minute, 0)
            calls += actual
            model += abs(share * one.model - actual)
            peer += abs(before.get(minute, 0) - actual)
    return (model / calls, peer / calls) if calls else (None, None)


def _week_before(day: date, by_day: Mapping[date, Mapping[int, int]]) -> Mapping[int, int] | None:
    same = [other for other in by_day if other < day and other.weekday() == day.weekday()]
    return by_day[max(same)] if same else None
