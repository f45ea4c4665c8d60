"""Numbers as staff read them: 1.234,5 · 82,5 % · 4:05 in Indonesian; 1,234.5 · 82.5 % · 4:05 in English."""

from __future__ import annotations

from typing import Protocol

from reporting.formulas import FORMULAS, Formula, Unit
from reporting.reports_document import Kind, Value

NOTHING = "–"
_SWAPPED = str.maketrans({",": ".", ".": ","})
_MINUTE, _HOUR = 60, 3600


class HasValue(Protocol):
    """A figure, as formulas or the API have it."""

    @property
    def value(self) -> float | None:
        """The value in the formula's unit; None: there is none."""
        ...


class Said:
    """Numbers in one language."""

    def __init__(self, language: str) -> None:
        self._english = language == "en"
        self._seconds = "s" if self._english else "dtk"

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with separators."""
        said = f"{value:,.{digits}f}"
        return said if self._english else said.translate(_SWAPPED)

    def share(self, value: float) -> str:
        """Return a share, 0 to 1, in per cent."""
        return f"{self.number(value * 100, 1)} %"

    def seconds(self, value: float) -> str:
        """Return a duration: 6,3 dtk · 4:05 from a minute on · 1:04:05 from an hour on."""
        tenths = round(value * 10)
        if tenths < _MINUTE * 10:
            return f"{self.number(tenths / 10, 1)} {self._seconds}"
        return self.clock(value)

    def clock(self, value: float) -> str:
        """Return a duration of whole seconds: 0:06 · 4:05 · 1:04:05."""
        whole = round(value)
        hours, rest = divmod(whole, _HOUR)
        minutes, left = divmod(rest, _MINUTE)
        return f"{self.number(hours)}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"

    def figure(self, formula: Formula, figure: HasValue) -> str:
        """Return a figure's value in its unit."""
        return NOTHING if figure.value is None else self.in_unit(formula.unit, figure.value)

    def in_unit(self, unit: Unit, value: float) -> str:
        """Return a value in a unit."""
        match unit:
            case Unit.SECONDS:
                return self.seconds(value)
            case Unit.SHARE:
                return self.share(value)
            case Unit.PER_HOUR:
                return self.number(value, 2)

    def count(self, name: str, amount: int) -> str:
        """Return a count, or the time of a field of milliseconds."""
        return self.clock(amount / 1000) if is_time(name) else self.number(amount)

    def value(self, name: str, value: float) -> str:
        """Return a value of a figure or count by its name, as the axis of a chart needs it."""
        if value == 0:
            return "0"
        if name in FORMULAS:
            return self.in_unit(FORMULAS[name].unit, value)
        whole = value == round(value)
        return self.seconds(value) if is_time(name) else self.number(value, 0 if whole else 1)

    def change(self, now: float | None, then: float | None) -> str:
        """Return by how much something grew or fell, in per cent of what it was."""
        if now is None or then is None or then == 0:
            return NOTHING
        return f"{self.signed((now / then - 1) * 100)} %"

    def signed(self, value: float) -> str:
        """Return a difference: +1,5 · −0,2 · 0,0."""
        tenths = round(value * 10)
        sign = "+" if tenths > 0 else "−" if tenths < 0 else ""
        return f"{sign}{self.number(abs(tenths) / 10, 1)}"

    def cell(self, value: Value, kind: Kind, unknown: str = NOTHING) -> str:
        """Return a cell of a document."""
        if value is None:
            return unknown
        if isinstance(value, str):
            return value
        match kind:
            case Kind.SECONDS:
                return self.seconds(value)
            case Kind.SHARE:
                return self.share(value)
            case Kind.CHANGE:
                return f"{self.signed(value * 100)} %"
            case Kind.POINTS:
                return f"{self.signed(value)} pp"
            case Kind.PER_HOUR:
                return self.number(value, 2)
            case _:
                return self.number(value)


def is_time(name: str) -> bool:
    """Whether a field of Counts is a duration."""
    return name.endswith("_ms")


def measures_time(name: str) -> bool:
    """Whether a figure or count is shown as a duration."""
    return FORMULAS[name].unit is Unit.SECONDS if name in FORMULAS else is_time(name)
