"""The formulas of every figure, over counts: the catalogue `data/formulas.yaml`. No page computes its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from desk.matter_data import TableProblem, read_table
from reporting.counts import OF_QUEUES, Counts

DATA = Path(__file__).parent / "data"
COUNTS = tuple(one.name for one in fields(Counts))
"""The fields of Counts, in their order."""


class Unit(StrEnum):
    """What a figure is measured in, and so how numerator and denominator are divided."""

    SECONDS = "seconds"  # milliseconds ÷ a number ÷ 1000
    SHARE = "share"  # 0 to 1; shown in per cent
    PER_HOUR = "per_hour"  # a number ÷ milliseconds in hours


# Numerator and denominator are multiplied as whole numbers, and divided once.
_FACTORS = {Unit.SECONDS: (1, 1000), Unit.SHARE: (1, 1), Unit.PER_HOUR: (3_600_000, 1)}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of some counts, with what it was made of."""

    value: float | None  # in the formula's unit; None: there is nothing to divide by
    numerator: int  # a number or milliseconds, as the formula's terms are
    denominator: int


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a figure is called, and its definition."""

    name: str
    about: str


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a figure is made of counts. `name` is its key in the catalogue."""

    numerator: tuple[str, ...]  # fields of Counts, added up
    denominator: tuple[str, ...]  # likewise
    unit: Unit
    source: Literal["guide", "assumed"]
    id: Words  # in Indonesian
    en: Words
    less: tuple[str, ...] = ()  # taken off the denominator
    at_most: float | None = None
    name: str = ""

    def of(self, counts: Counts) -> Figure:
        """Return the figure of these counts."""
        numerator = _sum(counts, self.numerator)
        denominator = _sum(counts, self.denominator) - _sum(counts, self.less)
        if denominator <= 0:
            return Figure(None, numerator, denominator)
        above, below = _FACTORS[self.unit]
        value = (numerator * above) / (denominator * below)
        return Figure(value if self.at_most is None else min(value, self.at_most), numerator, denominator)

    def words(self, language: str) -> Words:
        """Return name and definition in `id` or `en`."""
        return self.en if language == "en" else self.id

    @property
    def assumed(self) -> bool:
        """Whether nobody has published this definition."""
        return self.source == "assumed"


def of_queues(name: str) -> bool:
    """Return whether a figure or count is made of waiting calls, and so known of queues, not of agents."""
    formula = FORMULAS.get(name)
    terms = (name,) if formula is None else (*formula.numerator, *formula.denominator, *formula.less)
    return not OF_QUEUES.isdisjoint(terms)


def load_formulas(folder: Path = DATA) -> Mapping[str, Formula]:
    """Return the catalogue in its order. Raises TableProblem: a field that Counts does not have."""
    path = folder / "formulas.yaml"
    found = read_table(path, dict[str, Formula])
    for name, formula in found.items():
        for term in (*formula.numerator, *formula.denominator, *formula.less):
            if term not in COUNTS:
                raise TableProblem(
                    f"{path.name}: {name}: {term} is no count. Remedy: see reporting/counts.py"
                )
    return MappingProxyType({name: msgspec.structs.replace(one, name=name) for name, one in found.items()})


def _sum(counts: Counts, terms: Sequence[str]) -> int:
    return sum(int(getattr(counts, term)) for term in terms)


FORMULAS: Mapping[str, Formula] = load_formulas()
