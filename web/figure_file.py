"""Figures as the rows of a file: every line with every figure, numerator, denominator and count. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from reporting.asking import Line, Question
from reporting.counts import OF_QUEUES
from reporting.formulas import COUNTS, FORMULAS, of_queues
from reporting.rollup_lines import of_agents
from web.figure_people import Person
from web.figure_words import FigureWords
from web.list_models import SheetForm

MOST_FILE_LINES = 200_000
Cell = str | int | float | None
"""A text, a number, or nothing: not known, or nothing to divide by."""


class FigureFile(msgspec.Struct, frozen=True):
    """What a file is made of, with the names that its rows need."""

    question: Question
    form: SheetForm
    language: str
    people: tuple[Person, ...]
    campaigns: Mapping[str, str]


class FileNotMade(Exception):
    """A file was not made: `word` is the text figures_page.file_WORD."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def header(question: Question, words: FigureWords) -> Sequence[str]:
    """Return the names of the columns."""
    figures = [
        column
        for name in FORMULAS
        for column in (
            words.figure(name),
            words.say("figures_column.numerator_of", figure=words.figure(name)),
            words.say("figures_column.denominator_of", figure=words.figure(name)),
        )
    ]
    return [
        words.say("figures_column.interval"),
        *(words.say(f"figures_dimension.{one}") for one in question.by),
        *figures,
        *(words.count(name) for name in COUNTS),
    ]


def rows(question: Question, lines: Iterable[Line], words: FigureWords) -> Iterator[Sequence[Cell]]:
    """Yield the row of each line. Shares are 0 to 1, times seconds, counts of time milliseconds."""
    names: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        if line.key not in names:
            pairs = zip(question.by, line.key, strict=True)
            names[line.key] = [words.group(dimension, value) for dimension, value in pairs]
        yield _row(question, line, [words.interval(line.begins, question.interval), *names[line.key]])


def _row(question: Question, line: Line, cells: list[str]) -> Sequence[Cell]:
    known = not of_agents(question.only, question.by, line.key)
    found: list[Cell] = [*cells]
    for name, formula in FORMULAS.items():
        figure = formula.of(line.counts)
        shown = known or not of_queues(name)
        found += [figure.value, figure.numerator if shown else None, figure.denominator if shown else None]
    found += [getattr(line.counts, name) if known or name not in OF_QUEUES else None for name in COUNTS]
    return found
