"""Two made-up years of calls to plan with: the deadlines' heights are the centre's, all else is assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from bench.season_world import CALLS, DAYS, HANDLE, PATIENCE, PEAK
from desk.tax_dates import load_tax_dates
from ivr.hours_tables import load_office_hours
from reporting.planning.history import Calendar, HistoryDay
from reporting.planning.table import FILING_COMPANY, FILING_PERSON, deadlines, load_planning
from service.plan_history import PlanCalendarOf

FIRST, LAST = date(2024, 1, 2), date(2025, 12, 31)
WEEKDAYS = (1.15, 1.03, 1.00, 0.96, 0.90)
BUILD_UP, WANING = 5.0, 1.0  # working days
HEIGHTS = {FILING_PERSON: PEAK - 1.0, FILING_COMPANY: PEAK - 2.5}
PAYMENT, AFTER_CLOSURE = 0.15, 0.20  # on the day, beyond a usual one
GROWTH = 0.06  # a year
NOISE = 0.07  # of the logarithm, beyond chance
ABANDONED, RING = 0.04, 5.0


def calendar() -> Calendar:
    """Return the office's days and deadlines."""
    hours = load_office_hours()
    office = PlanCalendarOf(lambda: hours)
    first, last = FIRST - timedelta(days=100), LAST + timedelta(days=100)
    return Calendar(
        office.open_days(first, last), deadlines(load_tax_dates(), load_planning(), office, first, last)
    )


def history(office: Calendar, seed: int) -> Sequence[HistoryDay]:
    """Return two years; the same seed gives the same ones."""
    dice = np.random.default_rng((1500200, seed))
    days = office.between(FIRST, LAST)
    shapes = np.array([_shape(office, one.day) for one in days])
    usual = CALLS / DAYS * len(shapes) / shapes.sum()
    found = []
    for one, shape in zip(days, shapes, strict=True):
        calls = int(dice.poisson(usual * shape * dice.lognormal(-(NOISE**2) / 2, NOISE)))
        left = int(dice.binomial(calls, ABANDONED))
        served = calls - left
        handled = served * HANDLE * float(dice.normal(1.0, 0.02))
        found.append(HistoryDay(one.day, calls, left, left * PATIENCE, served, handled, served * RING))
    return found


def _shape(office: Calendar, day: date) -> float:
    rise = 0.0
    for kind, height in HEIGHTS.items():
        steps = office.until(day, kind)
        if steps is not None:
            rise = max(rise, height * math.exp(-steps / BUILD_UP if steps >= 0 else steps / WANING))
    rise += PAYMENT * (office.until(day, "payment") == 0) + AFTER_CLOSURE * office.closed_before(day)
    growth = (1.0 + GROWTH) ** ((day - FIRST).days / 365.25)
    return float(WEEKDAYS[day.weekday()] * growth * (1.0 + rise))
