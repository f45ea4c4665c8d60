"""Deadlines and fines as scripts state them, out of dated data. Pure.

Sources: UU KUP articles 3 and 7, PMK 81/2024 (`desk/data/tax_dates.yaml`). Days are the office's (WIB).
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from desk.matter_data import DATA, TableProblem, check_order, in_force, read_table
from desk.proof import Holder
from desk.script_days import day_name
from desk.working_days import WorkingCalendar, next_working_day

FILING, FINE, PAYMENT = "batas_lapor", "denda_lapor", "batas_setor"
"""Blanks of scripts that this fills."""

_LONGEST_ROLL = timedelta(days=20)


class DayOfYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day that comes every year."""

    month: int
    day: int

    def after(self, day: date) -> date:
        """Return its first occurrence on or after a day."""
        this_year = date(day.year, self.month, self.day)
        return this_year if this_year >= day else date(day.year + 1, self.month, self.day)


class FilingDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when annual returns are filed."""

    person: DayOfYear
    company: DayOfYear


class Fines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For filing late, in rupiah."""

    person: int
    company: int
    vat: int
    monthly: int


class TaxDates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The deadlines and fines of one time."""

    since: date
    rule: str
    filing: FilingDays
    payment_day: int  # of the month after
    rolls: bool  # past days off
    fines: Fines
    assumed: bool = False


class TaxCalendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[TaxDates, ...]

    def on(self, day: date) -> TaxDates:
        """Return the version in force on a day."""
        return in_force(self.versions, day)


def load_tax_dates(folder: Path = DATA) -> TaxCalendar:
    """Read `tax_dates.yaml`. Raises TableProblem."""
    path = folder / "tax_dates.yaml"
    found = read_table(path, TaxCalendar)
    check_order(path, found.versions)
    for version in found.versions:
        days = (version.filing.person, version.filing.company)
        try:
            for one in days:
                date(2025, one.month, one.day)
        except ValueError as error:
            raise TableProblem(f"{path.name}: {version.rule}: filing: no day of every year.") from error
        if not 1 <= version.payment_day <= 28:  # the last day that every month has
            raise TableProblem(f"{path.name}: {version.rule}: payment_day: from 1 to 28.")
    return found


def filing_deadline(dates: TaxDates, calendar: WorkingCalendar, holder: Holder, today: date) -> date:
    """Return the next day until which annual returns of this kind of taxpayer are filed."""
    days = dates.filing.person if holder is Holder.PERSON else dates.filing.company
    return _next(dates, calendar, days.after, today)


def payment_deadline(dates: TaxDates, calendar: WorkingCalendar, today: date) -> date:
    """Return the next day until which most monthly taxes are paid."""

    def after(day: date) -> date:
        this_month = day.replace(day=dates.payment_day)
        if this_month >= day:
            return this_month
        year, month = divmod(day.year * 12 + day.month, 12)
        return date(year, month + 1, dates.payment_day)

    return _next(dates, calendar, after, today)


def spoken_dates(
    tax: TaxCalendar, calendar: WorkingCalendar, holder: Holder | None, today: date
) -> Mapping[str, Mapping[str, str]]:
    """Return what scripts say of deadlines and fines: blank → language → text.

    Without `holder` what differs between persons and companies stays blank.
    """
    dates = tax.on(today)
    found = {PAYMENT: _both(payment_deadline(dates, calendar, today))}
    if holder is not None:
        found[FILING] = _both(filing_deadline(dates, calendar, holder, today))
        fine = dates.fines.person if holder is Holder.PERSON else dates.fines.company
        found[FINE] = {"id": f"Rp{fine:,}".replace(",", "."), "en": f"Rp{fine:,}"}
    return found


def _next(dates: TaxDates, calendar: WorkingCalendar, after: Callable[[date], date], today: date) -> date:
    """Return the first deadline that is not over: one that rolled past days off may still be open."""
    due = after(today - _LONGEST_ROLL)
    while True:
        last = next_working_day(calendar, due) if dates.rolls and not calendar.works(due) else due
        if last >= today:
            return last
        due = after(due + timedelta(days=1))


def _both(day: date) -> Mapping[str, str]:
    return {language: day_name(day, language) for language in ("id", "en")}
