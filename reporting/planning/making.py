"""A plan from what was asked and what is known; and the same plan with numbers changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from reporting.planning import backtest as testing
from reporting.planning.forecast import LEAST_DAYS, DayForecast, assumed, fit, naive
from reporting.planning.history import Calendar, HistoryDay, HistorySlot
from reporting.planning.plans import (
    LONGEST,
    Asked,
    Backtest,
    DayPlan,
    Given,
    Plan,
    PlanRefused,
    Reason,
)
from reporting.planning.ports import OfficeDay
from reporting.planning.shape import Durations, Shapes, durations, learn
from reporting.planning.staffing import check_reachable, interval, load_of
from reporting.planning.table import Assumptions
from reporting.planning.what_if import CHANGEABLE, Change

HISTORY, ASKED, ASSUMED = "history", "asked", "assumed"
_MOST_CALLS = 200_000.0  # of a day


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a plan is made from. History oldest first, of open days with calls."""

    history: Sequence[HistoryDay]
    slots: Sequence[HistorySlot]
    calendar: Calendar
    table: Assumptions
    mix: Mapping[str, float]
    today: date


def check(asked: Asked, today: date) -> None:
    """Refuse what cannot be planned. Raises PlanRefused."""
    if asked.first <= today:
        raise PlanRefused("first", "first")
    if asked.last < asked.first:
        raise PlanRefused("order", "last")
    if (asked.last - asked.first).days >= LONGEST:
        raise PlanRefused("longest", "last")
    if asked.calls is not None and not 1 <= asked.calls <= _MOST_CALLS:
        raise PlanRefused("range", "calls")
    for name in CHANGEABLE:
        value = number_of(asked, name)
        if value is not None:
            check_change(Change(name, value))


def check_known(asked: Asked, history: Sequence[HistoryDay]) -> None:
    """Refuse a forecast out of too little history. Raises PlanRefused."""
    if asked.calls is None and len(history) < LEAST_DAYS:
        raise PlanRefused("history", "calls")


def check_change(change: Change) -> None:
    """Refuse a number that nobody can plan with. Raises PlanRefused."""
    if change.name not in CHANGEABLE:
        raise PlanRefused("no_choice", change.name)
    least, most = CHANGEABLE[change.name]
    if not (math.isfinite(change.value) and least <= change.value <= most):
        raise PlanRefused("range", change.name)


def number_of(asked: Asked, name: str) -> float | None:
    """Return a number of CHANGEABLE as it was asked for; None: it was left to history."""
    found: float | None = getattr(asked.target if hasattr(asked.target, name) else asked, name)
    return found


def changed(asked: Asked, changes: Sequence[Change]) -> Asked:
    """Return what was asked with some numbers changed."""
    target = {one.name: one.value for one in changes if hasattr(asked.target, one.name)}
    rest: dict[str, Any] = {one.name: one.value for one in changes if one.name not in target}
    return replace(asked, target=replace(asked.target, **target), **rest)


def make(asked: Asked, known: Known) -> Plan:
    """Return a plan. Raises PlanRefused: it cannot be made of what is known."""
    check(asked, known.today)
    days = known.calendar.between(asked.first, asked.last)
    if not days:
        raise PlanRefused("closed", "first")
    check_known(asked, known.history)
    by_history = asked.calls is None
    tested = testing.backtest(known.history, known.slots, known.calendar, known.table) if by_history else None
    forecaster = _forecaster(asked, known, tested)
    until = known.history[-1].day if known.history else known.today
    shapes = learn(known.slots, known.calendar, known.table, until)
    given = _given(asked, known.table, durations(known.history))
    check_reachable(asked.target, given)
    band = testing.GUESSED if tested is None else testing.band(tested.days, tested.chosen)
    made = tuple(_day(asked, given, one, forecaster(one), shapes, band) for one in days)
    return Plan(
        asked,
        given,
        made,
        known.mix,
        len(known.history),
        known.history[0].day if known.history else None,
        known.history[-1].day if known.history else None,
        tested,
        _assumed(given, known, shapes, tested, by_history=by_history),
    )


def _forecaster(asked: Asked, known: Known, tested: Backtest | None) -> Callable[[OfficeDay], DayForecast]:
    if asked.calls is not None:
        return assumed(asked.calls, known.calendar, known.table, known.today).day
    if tested is not None and tested.chosen == "naive":
        return lambda one: DayForecast(one.day, naive(known.history, one), (Reason("week_before", 1.0),))
    return fit(known.history, known.calendar, known.table).day


def _given(asked: Asked, table: Assumptions, measured: Durations) -> Given:
    sources = {}

    def pick(name: str, wanted: float | None, found: float | None, otherwise: float) -> float:
        if wanted is not None:
            sources[name] = ASKED
            return wanted
        sources[name] = HISTORY if found is not None else ASSUMED
        return found if found is not None else otherwise

    handle = pick("handle", asked.handle, measured.handle, table.handle)
    patience = pick("patience", asked.patience, measured.patience, table.patience)
    ring = pick("ring", None, measured.ring, table.ring)
    sources["sigma"] = ASSUMED
    return Given(handle, patience, ring, table.sigma, sources)


def _day(
    asked: Asked,
    given: Given,
    one: OfficeDay,
    forecast: DayForecast,
    shapes: Shapes,
    band: testing.Band,
) -> DayPlan:
    calls = forecast.calls * asked.volume
    slots = tuple(
        interval(
            minute,
            load_of(calls * share, given.handle * shapes.handle(one, minute), given),
            asked.target,
            asked.shrinkage,
        )
        for minute, share in shapes.calls(one).items()
    )
    return DayPlan(one.day, calls, calls * band.low, calls * band.high, slots, forecast.reasons)


def _assumed(
    given: Given, known: Known, shapes: Shapes, tested: Backtest | None, *, by_history: bool
) -> tuple[str, ...]:
    """Return what of the plan nobody has measured."""
    found = [name for name, source in given.sources.items() if source == ASSUMED]
    if not by_history:
        found.append("calendar")
    if tested is None:
        found.append("band")
    if not shapes.known:
        found.append("day_shape")
    if by_history and not _seen_season(known):
        found.append("season")
    return tuple(found)


def _seen_season(known: Known) -> bool:
    """Whether the history has a filing season in it."""
    first, last = known.history[0].day, known.history[-1].day
    kinds = {one.kind for one in known.calendar.deadlines if first < one.day <= last}
    return {"filing_person", "filing_company"} <= kinds
