"""What planning assumes, as dated data (`data/planning.yaml`), and the deadlines people call before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.tax_dates import DayOfYear, TaxCalendar
from desk.working_days import WorkingCalendar, next_working_day
from reporting.planning.plans import Target

DATA = Path(__file__).parent / "data"
FILING_PERSON, FILING_COMPANY, PAYMENT = "filing_person", "filing_company", "payment"
_WEEKDAYS = 5


class Rise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How calls rise towards a deadline and fade after it."""

    height: float  # times a usual day, on the day itself
    build_up: float  # working days
    waning: float


class Assumptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the table; see the file."""

    since: date
    assumed: bool
    handle: float
    sigma: float
    patience: float
    ring: float
    english: float
    shrinkage: float
    target: Target
    weekdays: tuple[float, ...]
    ramadan: float
    after_closure: float
    before_closure: float
    deadlines: Mapping[str, Rise]
    monthly: Mapping[str, int]
    day_shape: tuple[float, ...]


class PlanningTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[Assumptions, ...]

    def on(self, day: date) -> Assumptions:
        """Return the version in force on a day."""
        return in_force(self.versions, day)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day for something; people call before it."""

    kind: str
    day: date


def load_planning(folder: Path = DATA) -> PlanningTable:
    """Read `planning.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "planning.yaml"
    found = read_table(path, PlanningTable)
    check_order(path, found.versions)
    for one in found.versions:
        _check(path, one)
    return found


def _check(path: Path, one: Assumptions) -> None:
    wrong = ""
    if len(one.weekdays) != _WEEKDAYS:
        wrong = "weekdays: five numbers, Monday to Friday"
    elif min(*one.weekdays, *one.day_shape, one.ramadan, one.after_closure, one.before_closure) <= 0:
        wrong = "weekdays, day_shape, ramadan, closures: numbers above 0"
    elif min(one.handle, one.sigma, one.patience) <= 0 or one.ring < 0:
        wrong = "handle, sigma, patience: above 0; ring: from 0"
    elif not (0 <= one.shrinkage < 1 and 0 <= one.english <= 1):
        wrong = "shrinkage, english: shares from 0 to 1"
    elif not set(one.monthly) <= set(one.deadlines):
        wrong = "monthly: each has its rise among `deadlines`"
    elif any(not 0 <= day <= 28 for day in one.monthly.values()):  # the last that every month has
        wrong = "monthly: days from 1 to 28, 0 for the last"
    elif any(min(rise.height, rise.build_up, rise.waning) <= 0 for rise in one.deadlines.values()):
        wrong = "deadlines: numbers above 0"
    if wrong:
        raise TableProblem(f"{path.name}: {one.since}: Remedy: {wrong}.")


def deadlines(
    tax: TaxCalendar, table: PlanningTable, works: WorkingCalendar, first: date, last: date
) -> Sequence[Deadline]:
    """Return what is due between two days, each on the working day it rolls to, in order of time."""
    found = []
    for month in _months(first - timedelta(days=40), last):
        for kind, day in _due(tax, table, month):
            rolls = tax.on(day).rolls
            due = next_working_day(works, day) if rolls and not works.works(day) else day
            if first <= due <= last:
                found.append(Deadline(kind, due))
    return sorted(found, key=lambda one: (one.day, one.kind))


def _due(tax: TaxCalendar, table: PlanningTable, month: date) -> Iterator[tuple[str, date]]:
    """Yield what is due in a month, given by its first day."""
    dates = tax.on(month)
    for kind, day_of in ((FILING_PERSON, dates.filing.person), (FILING_COMPANY, dates.filing.company)):
        if _falls(day_of, month):
            yield kind, date(month.year, day_of.month, day_of.day)
    yield PAYMENT, month.replace(day=dates.payment_day)
    for kind, number in table.on(month).monthly.items():
        yield kind, month.replace(day=number) if number else _next_month(month) - timedelta(days=1)


def _falls(day_of: DayOfYear, month: date) -> bool:
    return day_of.month == month.month


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next_month(month)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
