"""What the documents of reports are written with: texts, names of what is grouped by, formulas and counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from reporting.asking import Dimension, Interval
from reporting.counts import Counts
from reporting.formulas import Formula, Unit
from reporting.reports_document import Kind, Term, Value
from reporting.reports_numbers import Said
from reporting.reports_times import WIB

COUNTS: Mapping[str, Kind] = {
    one.name: Kind.SECONDS if one.name.endswith("_ms") else Kind.COUNT for one in fields(Counts)
}
"""Every count, and how it is written: milliseconds as a duration."""

_KINDS = {Unit.SECONDS: Kind.SECONDS, Unit.SHARE: Kind.SHARE, Unit.PER_HOUR: Kind.PER_HOUR}
_SHORTER_THAN_A_DAY = (Interval.QUARTER_HOUR, Interval.HALF_HOUR, Interval.HOUR)


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Words of one language. `say(name, **values)` gives a text of the catalogue."""

    language: str
    say: Callable[..., str]
    named: Callable[[Dimension, str], str]  # what stands for a key's value; never called with an empty one
    formulas: Mapping[str, Formula]

    @property
    def said(self) -> Said:
        """Return how numbers are written."""
        return Said(self.language)

    def key(self, dimension: Dimension, value: str) -> str:
        """Return a key's value for people."""
        return self.named(dimension, value) if value else self.say(f"figures_none.{dimension}")

    def dimension(self, dimension: Dimension) -> str:
        """Return the heading of a grouping."""
        return self.say(f"figures_dimension.{dimension}")

    def name(self, figure: str) -> str:
        """Return the heading of a figure or a count."""
        formula = self.formulas.get(figure)
        return self.say(f"figures_count.{figure}") if formula is None else formula.words(self.language).name

    def kind(self, figure: str) -> Kind:
        """Return how a figure or a count is written."""
        formula = self.formulas.get(figure)
        return COUNTS[figure] if formula is None else _KINDS[formula.unit]

    def value(self, figure: str, counts: Counts) -> Value:
        """Return a figure or a count of some counts."""
        formula = self.formulas.get(figure)
        if formula is not None:
            return formula.of(counts).value
        found: int = getattr(counts, figure)
        return found / 1000 if COUNTS[figure] is Kind.SECONDS else found

    def written(self, figure: str, counts: Counts) -> str:
        """Return a figure or a count of some counts, as it is written."""
        return self.said.cell(self.value(figure, counts), self.kind(figure), self.say("report.unknown"))

    def parts(self, figure: str, counts: Counts) -> tuple[Value, Value]:
        """Return numerator and denominator of a formula, as they are counted (milliseconds or numbers)."""
        found = self.formulas[figure].of(counts)
        return found.numerator, found.denominator

    def term(self, figure: str) -> Term:
        """Return what a figure or a count means."""
        formula = self.formulas.get(figure)
        if formula is None:
            return Term(self.name(figure), self.say(f"report_about.{figure}"), figure)
        words = formula.words(self.language)
        about = f"{words.about} {self.say('report.assumed')}" if formula.assumed else words.about
        return Term(words.name, about, made_of(formula))

    def day(self, day: date) -> str:
        """Return a day as 31 Maret 2026."""
        return f"{day.day} {self.month(day)}"

    def month(self, day: date) -> str:
        """Return a month as Maret 2026."""
        return f"{self.say(f'report_month.m{day.month}')} {day.year}"

    def days(self, first: date, last: date) -> str:
        """Return a span of days."""
        return (
            self.day(first)
            if first == last
            else self.say("report.days", first=self.day(first), last=self.day(last))
        )

    def begins(self, at: datetime, interval: Interval) -> str:
        """Return an interval by its beginning, by the office's clock."""
        begins = at.astimezone(WIB)
        if interval in _SHORTER_THAN_A_DAY:
            return f"{begins:%d.%m.%Y %H.%M}"
        if interval is Interval.MONTH:
            return self.month(begins.date())
        if interval is Interval.YEAR:
            return str(begins.year)
        return f"{begins:%d.%m.%Y}"

    def at(self, at: datetime) -> str:
        """Return a moment as 31.03.2026 16.00 WIB."""
        return f"{at.astimezone(WIB):%d.%m.%Y %H.%M} WIB"


def made_of(formula: Formula) -> str:
    """Return a formula in names of counts: (a + b) ÷ (c − d)."""
    below = _sum(formula.denominator)
    if formula.less:
        below = f"({_bare(formula.denominator)} − {_sum(formula.less)})"
    return f"{_sum(formula.numerator)} ÷ {below}"


def _sum(names: Sequence[str]) -> str:
    return _bare(names) if len(names) == 1 else f"({_bare(names)})"


def _bare(names: Sequence[str]) -> str:
    return " + ".join(names)
