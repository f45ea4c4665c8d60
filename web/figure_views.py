"""Answers about figures out of lines of counts: every figure by its formula, nothing computed here. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from reporting.asking import Dimension, Line
from reporting.counts import Counts
from reporting.formulas import COUNTS, FORMULAS, of_queues
from reporting.rollup_lines import of_agents
from web.figure_models import DefinitionView, FigureLine, FigureSet, FigureView
from web.figure_words import FigureWords

SETS: Mapping[FigureSet, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FigureSet.SERVICE: (
        ("incoming", "answered", "abandoned", "called_back", "not_served"),
        ("service_level", "answer_rate", "abandonment", "average_wait"),
    ),
    FigureSet.OUTBOUND: (
        ("attempts", "contacts", "outbound_calls"),
        ("contact_rate", "out_aht", "out_abandonment"),
    ),
    FigureSet.CHANNELS: (
        ("chats", "chats_in_time", "mails_assigned", "mails_answered"),
        ("pai_chat", "pai_mail"),
    ),
    FigureSet.COUNTS: (COUNTS, ()),
}
"""Counts and figures of each table; a figure that none names is one of productivity."""


def columns(shown: FigureSet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the counts and figures that a table shows."""
    if shown is not FigureSet.PRODUCTIVITY:
        return SETS[shown]
    elsewhere = {name for _, figures in SETS.values() for name in figures}
    return ("acd_calls",), tuple(name for name in FORMULAS if name not in elsewhere)


def runs(names: Iterable[str]) -> list[tuple[bool, list[str]]]:
    """Return columns side by side: whether they are made of waiting calls, and their names."""
    return [(of, list(run)) for of, run in groupby(names, key=of_queues)]


def total(lines: Iterable[Line]) -> Counts:
    """Return the counts of all lines together."""
    return sum((one.counts for one in lines), Counts())


def line_view(
    line: Line, by: Sequence[Dimension], words: FigureWords, only: Mapping[Dimension, Collection[str]]
) -> FigureLine:
    """Return a line with every figure. `only`: what its question is narrowed to."""
    pairs = list(zip(by, line.key, strict=True))
    return FigureLine(
        key={dimension: words.address(dimension, value) for dimension, value in pairs},
        names={dimension: words.group(dimension, value) for dimension, value in pairs},
        begins=line.begins,
        counts={name: getattr(line.counts, name) for name in COUNTS},
        figures={name: figure_view(name, line.counts) for name in FORMULAS},
        waiting_known=not of_agents(only, by, line.key),
    )


def figure_view(name: str, counts: Counts) -> FigureView:
    """Return one figure of some counts."""
    found = FORMULAS[name].of(counts)
    return FigureView(value=found.value, numerator=found.numerator, denominator=found.denominator)


def value_of(name: str, counts: Counts) -> float | None:
    """Return a figure's value, or a count (times in seconds)."""
    if name in FORMULAS:
        return FORMULAS[name].of(counts).value
    amount = getattr(counts, name)
    return amount / 1000 if name.endswith("_ms") else float(amount)


def weight_of(name: str, counts: Counts) -> int:
    """Return how much stands behind a figure: its denominator, or the count itself."""
    return FORMULAS[name].of(counts).denominator if name in FORMULAS else int(getattr(counts, name))


def definitions(language: str) -> list[DefinitionView]:
    """Return what every figure means."""
    return [
        DefinitionView(
            code=name,
            name=one.words(language).name,
            about=one.words(language).about,
            unit=one.unit,
            numerator=list(one.numerator),
            denominator=list(one.denominator),
            less=list(one.less),
            assumed=one.assumed,
        )
        for name, one in FORMULAS.items()
    ]
