"""What a called taxpayer is told of their own duty, once ownership is proven: period and deadline. Pure.

Deadlines come from the dated table of `desk.tax_dates`; days are the office's (WIB).
"""

import re
from collections.abc import Mapping
from datetime import date

from desk.proof import Holder
from desk.tax_dates import TaxCalendar, filing_deadline, payment_deadline
from desk.working_days import WorkingCalendar
from domain.campaign_calls import Matter, PlacedCall

_PERIOD = re.compile(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?")

Duty = tuple[str, Mapping[str, str]]
"""An answer of the look-up `duty`, with the facts that its prompt speaks."""


def duty_of(placed: PlacedCall, tax: TaxCalendar, calendar: WorkingCalendar, today: date) -> Duty | None:
    """Return what may be said; None for calls that are not about filing or paying.

    A missed annual return of no named period is that of the last deadline that is over; of payments and
    monthly returns without a period no deadline can be told, for it differs from tax to tax.
    """
    if placed.matter not in {Matter.FILING, Matter.PAYMENT}:
        return None
    holder = Holder.PERSON if placed.resident_person else Holder.COMPANY
    as_of = {"as_of": placed.as_of.isoformat()}
    found = _PERIOD.fullmatch(placed.period)
    if found and found[2] is not None and placed.matter is Matter.PAYMENT:
        year, month = divmod(int(found[1]) * 12 + int(found[2]), 12)  # the month after the period
        after = date(year, month + 1, 1)
        deadline = payment_deadline(tax.on(after), calendar, after)
        return "payment_month", {**as_of, "tax_month": placed.period, "deadline": deadline.isoformat()}
    if found and found[2] is None:
        year = int(found[1])
    elif not placed.period and placed.matter is Matter.FILING:
        year = _year_of_return(placed, tax, calendar, holder, today)
    else:
        return f"{placed.matter}_undated", as_of
    after = date(year + 1, 1, 1)
    deadline = filing_deadline(tax.on(after), calendar, holder, after)
    return f"{placed.matter}_year", {**as_of, "tax_year": str(year), "deadline": deadline.isoformat()}


def _year_of_return(
    placed: PlacedCall, tax: TaxCalendar, calendar: WorkingCalendar, holder: Holder, today: date
) -> int:
    """Return the tax year whose return is due next, or whose deadline was the last one to pass."""
    coming = filing_deadline(tax.on(today), calendar, holder, today).year - 1
    return coming - 1 if placed.missed else coming
