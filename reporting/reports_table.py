"""The document of a report that is one question: a table, its total, a chart, the definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from operator import add

from reporting.asking import Dimension, Interval, Line, Question
from reporting.counts import Counts
from reporting.formulas import of_queues
from reporting.reports import Asked, ChartKind, Definition
from reporting.reports_document import Chart, Column, Document, Kind, Series, Table, Value
from reporting.reports_words import ReportWords
from reporting.rollup_lines import of_agents

MOST_ROWS = 100_000
_SERIES = 6  # of a chart that can be told apart
_PLACES = 60  # of a bar chart that can be read


class TooLong(Exception):
    """The answer has more rows than a report may have; ask for fewer days or a coarser interval."""


def question_of(
    asked: Asked, days: tuple[date, date], numbers: Mapping[str, str], team: str = ""
) -> Question:
    """Return what the figures are asked.

    `numbers`: the staff number of each account; one that is there no longer has no figures. `team`: whose
    work alone may be seen; empty: everybody's.
    """
    only: dict[Dimension, frozenset[str]] = dict(asked.only)
    if Dimension.AGENT in only:
        only[Dimension.AGENT] = frozenset(numbers[one] for one in only[Dimension.AGENT] if one in numbers)
    if team:
        mine = frozenset({team})
        only[Dimension.TEAM] = only.get(Dimension.TEAM, mine) & mine
    return Question(*days, asked.by, asked.interval, only)


def table_document(
    definition: Definition, question: Question, lines: Sequence[Line], words: ReportWords, made_at: datetime
) -> Document:
    """Return the document. Raises TooLong."""
    if len(lines) > MOST_ROWS:
        raise TooLong(str(len(lines)))
    title = definition.title
    parts: list[Table | Chart] = []
    drawn = not (of_queues(definition.figures[0]) and of_agents(question.only))
    if definition.chart is not ChartKind.NONE and lines and drawn:
        parts.append(_chart(definition, question, lines, words))
    parts.append(_table(definition, question, lines, words))
    return Document(
        title=title,
        about=words.days(question.first, question.last),
        facts=facts(question.only, words, made_at),
        sentences=tuple(_sentences(definition, question, lines, words)),
        parts=tuple(parts),
        terms=tuple(words.term(name) for name in definition.figures),
        terms_title=words.say("report.terms"),
        foot=words.say("report.foot", title=title, at=words.at(made_at)),
        language=words.language,
        unknown=words.say("report.unknown"),
        cut=words.say("report.cut"),
    )


def _sentences(
    definition: Definition, question: Question, lines: Sequence[Line], words: ReportWords
) -> list[str]:
    found = [] if lines else [words.say("report.nothing")]
    known = all(_waiting_known(question, line) for line in lines)
    if not known and any(of_queues(name) for name in definition.figures):
        found.append(words.say("figures_page.of_queues"))
    return found


def _waiting_known(question: Question, line: Line) -> bool:
    return not of_agents(question.only, question.by, line.key)


def facts(
    only: Mapping[Dimension, frozenset[str]], words: ReportWords, made_at: datetime
) -> tuple[tuple[str, str], ...]:
    """Return to what a report is narrowed, and when it was made."""
    narrowed = [
        (words.dimension(dimension), ", ".join(sorted(words.key(dimension, one) for one in values)) or "–")
        for dimension, values in sorted(only.items())
    ]
    return (*narrowed, (words.say("report.made_at"), words.at(made_at)))


def summed(lines: Sequence[Line]) -> Counts:
    """Return the counts of all lines together."""
    return reduce(add, (line.counts for line in lines), Counts())


def heads(words: ReportWords, names: Sequence[str]) -> list[Column]:
    """Return the columns of figures and counts."""
    return [Column(words.name(name), words.kind(name)) for name in names]


def values(words: ReportWords, names: Sequence[str], counts: Counts, *, known: bool = True) -> list[Value]:
    """Return their cells. `known`: whether what is about waiting calls is, which belong to queues."""
    return [words.value(name, counts) if known or not of_queues(name) else None for name in names]


def _table(definition: Definition, question: Question, lines: Sequence[Line], words: ReportWords) -> Table:
    timed = question.interval is not Interval.WHOLE
    columns = [Column(words.say(f"report_interval.{question.interval}"))] if timed else []
    columns += [Column(words.dimension(one)) for one in question.by]
    for name in definition.figures:
        columns.append(Column(words.name(name), words.kind(name)))
        if definition.parts and name in words.formulas:
            columns += [
                Column(words.say("report.numerator", figure=words.name(name)), Kind.COUNT),
                Column(words.say("report.denominator", figure=words.name(name)), Kind.COUNT),
            ]
    rows = [
        (
            *_keys(question, line, words),
            *_cells(definition, line.counts, words, known=_waiting_known(question, line)),
        )
        for line in lines
    ]
    total: tuple[Value, ...] = ()
    if rows and len(columns) > len(_cells(definition, Counts(), words)):
        blank = ("",) * (len(question.by) + timed - 1)
        known = not of_agents(question.only)
        total = (words.say("report.total"), *blank, *_cells(definition, summed(lines), words, known=known))
    if not any(one.kind is Kind.TEXT for one in columns):  # one line about everything still has a first cell
        columns.insert(0, Column(words.say("report.all")))
        rows = [(words.days(question.first, question.last), *row) for row in rows]
    return Table(definition.title, tuple(columns), tuple(rows), total)


def _keys(question: Question, line: Line, words: ReportWords) -> list[Value]:
    found: list[Value] = [] if line.begins is None else [words.begins(line.begins, question.interval)]
    return [*found, *(words.key(one, key) for one, key in zip(question.by, line.key, strict=True))]


def _cells(definition: Definition, counts: Counts, words: ReportWords, *, known: bool = True) -> list[Value]:
    cells: list[Value] = []
    for name in definition.figures:
        shown = known or not of_queues(name)
        cells.append(words.value(name, counts) if shown else None)
        if definition.parts and name in words.formulas:
            cells += words.parts(name, counts) if shown else (None, None)
    return cells


def _chart(definition: Definition, question: Question, lines: Sequence[Line], words: ReportWords) -> Chart:
    """Return the first figure: along time, the first keys apart; without intervals by key."""
    figure = definition.figures[0]
    title, kind = words.name(figure), words.kind(figure)
    bars = definition.chart is ChartKind.BAR
    if question.interval is Interval.WHOLE:
        shown = lines[:_PLACES]
        labels = tuple(" · ".join(str(one) for one in _keys(question, line, words)) for line in shown)
        named = labels if question.by else (words.say("report.all"),)
        found = tuple(_number(words.value(figure, line.counts)) for line in shown)
        return Chart(title, kind, named, (Series(title, found),), bars=True)
    times = sorted({line.begins for line in lines if line.begins is not None})
    keys = list(dict.fromkeys(line.key for line in lines))[:_SERIES]
    by_place = {(line.key, line.begins): line.counts for line in lines}
    series = []
    for key in keys:
        name = " · ".join(words.key(one, part) for one, part in zip(question.by, key, strict=True)) or title
        course = [by_place.get((key, at)) for at in times]
        points = tuple(None if one is None else _number(words.value(figure, one)) for one in course)
        series.append(Series(name, points))
    labels = tuple(words.begins(at, question.interval) for at in times)
    return Chart(title, kind, labels, tuple(series), bars=bars)


def _number(value: Value) -> float | None:
    return None if value is None else float(value)
