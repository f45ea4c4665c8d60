"""A made-up year of calls to plan with: weekdays, deadlines and noise of known size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from desk.tax_dates import load_tax_dates
from ivr.hours_tables import load_office_hours
from reporting.planning.history import Calendar, HistoryDay, HistorySlot
from reporting.planning.making import Known
from reporting.planning.table import deadlines, load_planning
from service.plan_history import PlanCalendarOf

FIRST, TODAY = date(2025, 1, 2), date(2026, 2, 10)
WEEKDAYS = (1.15, 1.0, 1.0, 0.95, 0.90)
USUAL = 1800.0  # calls on a day of factor 1
HANDLE, PATIENCE, RING = 350.0, 266.0, 4.0
MIX = {"efin": 0.5, "kup_information": 0.3, "general": 0.2}


@dataclass(frozen=True, slots=True)
class Year:
    """The truth, and what is known of it."""

    known: Known
    table_day: date = TODAY

    def truth(self, day: date) -> float:
        """Return the mean calls of a day, without noise."""
        return mean_calls(self.known.calendar, day)


def mean_calls(calendar: Calendar, day: date) -> float:
    """Return the calls that a day has without noise: five times as many at the persons' deadline."""
    steps = calendar.until(day, "filing_person")
    rise = 0.0 if steps is None else 4.0 * (math.exp(-steps / 6) if steps >= 0 else math.exp(steps))
    return USUAL * WEEKDAYS[day.weekday()] * (1.0 + rise)


@cache
def office_days() -> PlanCalendarOf:
    """Return the shipped hours and holidays."""
    hours = load_office_hours()
    return PlanCalendarOf(lambda: hours)


@cache
def calendar(first: date = FIRST, last: date = date(2026, 8, 1)) -> Calendar:
    """Return the office's days and deadlines."""
    office = office_days()
    days = office.open_days(first - timedelta(days=100), last)
    due = deadlines(load_tax_dates(), load_planning(), office, first - timedelta(days=100), last)
    return Calendar(days, due)


@cache
def year(first: date = FIRST, noise: float = 0.06) -> Year:
    """Return a history from a day until TODAY, and its newest half hours."""
    office, dice = calendar(), np.random.default_rng(1)
    history: list[HistoryDay] = []
    slots: list[HistorySlot] = []
    for one in office.between(first, TODAY - timedelta(days=1)):
        calls = int(dice.poisson(mean_calls(office, one.day) * dice.lognormal(0.0, noise)))
        left = int(calls * 0.03)
        served = calls - left
        history.append(
            HistoryDay(one.day, calls, left, left * PATIENCE, served, served * HANDLE, served * RING)
        )
    for past in history[-30:]:
        slots += _slots(office, past, dice)
    known = Known(history, slots, office, load_planning().on(TODAY), MIX, TODAY)
    return Year(known)


def _slots(office: Calendar, past: HistoryDay, dice: np.random.Generator) -> Sequence[HistorySlot]:
    """Return a day whose second half hour has three times the calls of any other."""
    one = office.by_day[past.day]
    begins = list(range(one.opens, one.closes, 30))
    shares = np.ones(len(begins))
    shares[1] = 3.0
    counts = dice.multinomial(past.calls, shares / shares.sum())
    return [
        HistorySlot(past.day, minute, int(count), int(count), float(count) * HANDLE)
        for minute, count in zip(begins, counts, strict=True)
    ]
