"""Deadlines and fines that scripts state."""

from datetime import date
from pathlib import Path

import pytest

from desk.matter_data import DATA, TableProblem
from desk.proof import Holder
from desk.tax_dates import (
    FILING,
    FINE,
    PAYMENT,
    filing_deadline,
    load_tax_dates,
    payment_deadline,
    spoken_dates,
)

TAX = load_tax_dates()


class Weekdays:
    """An office that works from Monday to Friday, but not on some days."""

    def __init__(self, *off: date) -> None:
        self._off = off

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._off


@pytest.mark.parametrize(
    ("today", "holder", "deadline"),
    [
        (date(2026, 3, 31), Holder.PERSON, date(2026, 3, 31)),
        (date(2026, 4, 1), Holder.PERSON, date(2027, 3, 31)),
        (date(2026, 4, 1), Holder.COMPANY, date(2026, 4, 30)),
        (date(2028, 4, 30), Holder.COMPANY, date(2028, 5, 1)),  # a Sunday: the Monday after counts
        (date(2028, 5, 1), Holder.COMPANY, date(2028, 5, 1)),  # still open on that Monday
        (date(2028, 5, 2), Holder.COMPANY, date(2029, 4, 30)),
    ],
)
def test_an_annual_return_is_due_on_the_next_deadline(today: date, holder: Holder, deadline: date) -> None:
    assert filing_deadline(TAX.on(today), Weekdays(), holder, today) == deadline


@pytest.mark.parametrize(
    ("today", "deadline"),
    [
        (date(2024, 6, 3), date(2024, 6, 10)),  # by the 10th before 2025
        (date(2025, 7, 3), date(2025, 7, 15)),
        (date(2025, 7, 16), date(2025, 8, 15)),
        (date(2025, 12, 20), date(2026, 1, 15)),
        (date(2026, 2, 16), date(2026, 2, 16)),  # the 15th is a Sunday
    ],
)
def test_a_monthly_payment_is_due_by_the_table_of_its_time(today: date, deadline: date) -> None:
    assert payment_deadline(TAX.on(today), Weekdays(), today) == deadline


def test_a_deadline_rolls_past_holidays() -> None:
    calendar = Weekdays(date(2025, 7, 15), date(2025, 7, 16))
    assert payment_deadline(TAX.on(date(2025, 7, 1)), calendar, date(2025, 7, 16)) == date(2025, 7, 17)


def test_what_a_script_says_is_in_the_language_of_the_call() -> None:
    said = spoken_dates(TAX, Weekdays(), Holder.COMPANY, date(2026, 4, 1))
    assert said[FILING] == {"id": "30 April 2026", "en": "30 April 2026"}
    assert said[FINE] == {"id": "Rp1.000.000", "en": "Rp1,000,000"}
    assert said[PAYMENT]["id"] == "15 April 2026"


def test_without_a_kind_of_taxpayer_no_fine_is_said() -> None:
    assert set(spoken_dates(TAX, Weekdays(), None, date(2026, 4, 1))) == {PAYMENT}


def test_a_payment_day_that_not_every_month_has_is_refused(tmp_path: Path) -> None:
    text = (DATA / "tax_dates.yaml").read_text("utf-8").replace("payment_day: 15", "payment_day: 31")
    (tmp_path / "tax_dates.yaml").write_text(text, "utf-8")
    with pytest.raises(TableProblem, match="payment_day"):
        load_tax_dates(tmp_path)
