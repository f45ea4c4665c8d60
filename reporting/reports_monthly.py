"""The monthly report in the shape a directorate reads: what happened, against before, by day and by subject.

What it has in it nobody has published: it is the table `data/monthly_report.yaml`, marked assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, read_table
from reporting.asking import Dimension, Figures, Interval, Line, Question
from reporting.counts import Counts
from reporting.formulas import FORMULAS, of_queues
from reporting.reports_document import Chart, Column, Document, Kind, Series, Table, Value
from reporting.reports_table import facts, heads, summed, values
from reporting.reports_times import first_of_month, last_of_month, month_before
from reporting.reports_words import COUNTS, ReportWords
from reporting.rollup_lines import of_agents

DATA = Path(__file__).parent / "data" / "monthly_report.yaml"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the month by one thing."""

    by: Dimension
    figures: tuple[str, ...]
    most: int = 50  # rows; the busiest ones


class MonthlyShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the monthly report shows. Names are of formulas or counts."""

    assumed: bool
    compared: tuple[str, ...]  # against the month before and the same month a year before
    course: tuple[str, ...]  # by day
    months: tuple[str, ...]  # of the year so far
    drawn: tuple[str, ...]  # charts of the course, one each
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class MonthAnswers:
    """What the figures answered about a month. Sections in the shape's order."""

    month: date  # its first day
    now: Counts
    before: Counts
    year_before: Counts
    days: Sequence[Line]
    months: Sequence[Line]
    sections: Sequence[Sequence[Line]]
    waiting_known: bool = True  # False: of certain agents or teams; waiting calls belong to queues


def load_shape(path: Path = DATA) -> MonthlyShape:
    """Read the table. Raises TableProblem: unreadable, or a name that is neither formula nor count."""
    shape = read_table(path, MonthlyShape)
    named = [*shape.compared, *shape.course, *shape.months, *shape.drawn]
    named += [one for section in shape.sections for one in section.figures]
    for name in named:
        if name not in FORMULAS and name not in COUNTS:
            raise TableProblem(f"{path.name}: {name}: no such figure. Remedy: see data/formulas.yaml")
    return shape


@cache
def shape() -> MonthlyShape:
    """Return the shipped table, read once."""
    return load_shape()


async def ask_month(
    figures: Figures, month: date, only: Mapping[Dimension, frozenset[str]], shape: MonthlyShape
) -> MonthAnswers:
    """Ask what a monthly report needs; `month` is any day of it. Raises NotAsked, FiguresUnavailable."""
    first = first_of_month(month)

    async def lines(
        begin: date, end: date, interval: Interval = Interval.WHOLE, by: tuple[Dimension, ...] = ()
    ) -> Sequence[Line]:
        return await figures.lines(Question(begin, end, by, interval, only))

    async def whole(begin: date) -> Counts:
        return summed(await lines(begin, last_of_month(begin)))

    last = last_of_month(first)
    return MonthAnswers(
        month=first,
        now=await whole(first),
        before=await whole(month_before(first)),
        year_before=await whole(first.replace(year=first.year - 1)),
        days=await lines(first, last, Interval.DAY),
        months=await lines(date(first.year, 1, 1), last, Interval.MONTH),
        sections=[await lines(first, last, by=(one.by,)) for one in shape.sections],
        waiting_known=not of_agents(only),
    )


def monthly_document(
    title: str,
    answers: MonthAnswers,
    only: Mapping[Dimension, frozenset[str]],
    shape: MonthlyShape,
    words: ReportWords,
    made_at: datetime,
) -> Document:
    """Return the document. Of certain agents or teams it has nothing about waiting calls."""
    month = words.month(answers.month)
    if not answers.waiting_known:
        shape = _without_waiting(shape)
    named = [*shape.compared, *shape.course, *(name for one in shape.sections for name in one.figures)]
    return Document(
        title=title,
        about=month,
        facts=facts(only, words, made_at),
        sentences=tuple(_sentences(answers, words)),
        parts=(
            _comparison(answers, shape, words),
            *(_drawn(name, answers, words) for name in shape.drawn if answers.days),
            _course(answers, shape, words),
            *(
                _section(one, lines, words)
                for one, lines in zip(shape.sections, answers.sections, strict=True)
                if lines and one.figures
            ),
            _months(answers, shape, words),
        ),
        terms=tuple(words.term(name) for name in dict.fromkeys(named)),
        terms_title=words.say("report.terms"),
        foot=words.say("report.foot", title=f"{title}, {month}", at=words.at(made_at)),
        language=words.language,
        unknown=words.say("report.unknown"),
        cut=words.say("report.cut"),
    )


def _without_waiting(shape: MonthlyShape) -> MonthlyShape:
    """Return the shape without figures of waiting calls: these belong to queues."""

    def known(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if not of_queues(name))

    sections = tuple(msgspec.structs.replace(one, figures=known(one.figures)) for one in shape.sections)
    return MonthlyShape(
        shape.assumed,
        known(shape.compared),
        known(shape.course),
        known(shape.months),
        known(shape.drawn),
        sections,
    )


def _sentences(answers: MonthAnswers, words: ReportWords) -> list[str]:
    now, before = answers.now, answers.before
    month = words.month(answers.month)
    if not answers.waiting_known:
        return [*_of_agents(answers, words), words.say("figures_page.of_queues")]
    if not (now.incoming or now.attempts or now.ivr_only):
        return [words.say("monthly.nothing", month=month)]
    found = [
        words.say(
            "monthly.incoming",
            month=month,
            incoming=words.said.number(now.incoming),
            answered=words.said.number(now.answered),
            rate=words.written("answer_rate", now),
        )
    ]
    if before.incoming:
        way = (
            "more"
            if now.incoming > before.incoming
            else "fewer"
            if now.incoming < before.incoming
            else "same"
        )
        share = abs(now.incoming / before.incoming - 1)
        earlier = words.month(month_before(answers.month))
        found.append(words.say(f"monthly.{way}", month=earlier, change=words.said.share(share)))
    if now.incoming:
        names = ("service_level", "average_wait", "abandonment", "aht")
        found.append(words.say("monthly.service", **{name: words.written(name, now) for name in names}))
    if busiest := _busiest(answers.days, words):
        found.append(busiest)
    return [*found, *_outbound(now, words)]


def _of_agents(answers: MonthAnswers, words: ReportWords) -> list[str]:
    """Return what is known of certain agents or teams."""
    now, month = answers.now, words.month(answers.month)
    if not (now.acd_calls or now.attempts or now.outbound_calls):
        return [words.say("monthly.nothing", month=month)]
    calls = words.said.number(now.acd_calls)
    told = {name: words.written(name, now) for name in ("aht", "cph", "crm")}
    return [words.say("monthly.talks", month=month, calls=calls, **told), *_outbound(now, words)]


def _outbound(now: Counts, words: ReportWords) -> list[str]:
    if not now.attempts:
        return []
    names = ("attempts", "contacts", "outbound_calls")
    counts = {name: words.said.number(getattr(now, name)) for name in names}
    return [words.say("monthly.outbound", rate=words.written("contact_rate", now), **counts)]


def _busiest(days: Sequence[Line], words: ReportWords) -> str:
    most = max(days, key=lambda line: line.counts.incoming, default=None)
    if most is None or most.begins is None or not most.counts.incoming:
        return ""
    day = (most.begins + timedelta(hours=7)).date()  # WIB: no daylight saving
    return words.say("monthly.busiest", day=words.day(day), incoming=words.said.number(most.counts.incoming))


def _comparison(answers: MonthAnswers, shape: MonthlyShape, words: ReportWords) -> Table:
    last_year = answers.month.replace(year=answers.month.year - 1)
    columns = (
        Column(words.say("monthly.figure")),
        Column(words.month(answers.month), Kind.COUNT),
        Column(words.month(month_before(answers.month)), Kind.COUNT),
        Column(words.say("monthly.change"), Kind.CHANGE),
        Column(words.month(last_year), Kind.COUNT),
        Column(words.say("monthly.change"), Kind.CHANGE),
    )
    rows = []
    for name in shape.compared:
        now, before, earlier = (
            words.value(name, one) for one in (answers.now, answers.before, answers.year_before)
        )
        kind = words.kind(name)
        changes = _change(kind, now, before), _change(kind, now, earlier)
        rows.append((words.name(name), now, before, changes[0], earlier, changes[1]))
    kinds = tuple(words.kind(name) for name in shape.compared)
    return Table(words.say("monthly.comparison"), columns, tuple(rows), kinds=kinds)


def _change(kind: Kind, now: Value, before: Value) -> Value:
    """Return the change as a share of what was before, of shares in percentage points.

    None: there is nothing to compare with.
    """
    if not isinstance(now, (int, float)) or not isinstance(before, (int, float)):
        return None
    if kind is Kind.SHARE:
        return (now - before) * 100
    return now / before - 1 if before else None


def _drawn(name: str, answers: MonthAnswers, words: ReportWords) -> Chart:
    days = [line for line in answers.days if line.begins is not None]
    found = [words.value(name, line.counts) for line in days]
    points = tuple(float(one) if isinstance(one, (int, float)) else None for one in found)
    labels = tuple(words.begins(line.begins, Interval.DAY)[:5] for line in days if line.begins is not None)
    title = words.say("monthly.by_day_of", figure=words.name(name))
    return Chart(title, words.kind(name), labels, (Series(words.name(name), points),), bars=name in COUNTS)


def _course(answers: MonthAnswers, shape: MonthlyShape, words: ReportWords) -> Table:
    return _timed(words.say("monthly.by_day"), Interval.DAY, answers.days, shape.course, words)


def _months(answers: MonthAnswers, shape: MonthlyShape, words: ReportWords) -> Table:
    title = words.say("monthly.by_month", year=answers.month.year)
    return _timed(title, Interval.MONTH, answers.months, shape.months, words)


def _timed(
    title: str,
    interval: Interval,
    lines: Sequence[Line],
    names: Sequence[str],
    words: ReportWords,
) -> Table:
    rows = [
        (words.begins(line.begins, interval), *values(words, names, line.counts))
        for line in lines
        if line.begins is not None
    ]
    total = (words.say("report.total"), *values(words, names, summed(lines))) if rows else ()
    columns = (Column(words.say(f"report_interval.{interval}")), *heads(words, names))
    return Table(title, columns, tuple(rows), total)


def _section(section: Section, lines: Sequence[Line], words: ReportWords) -> Table:
    busiest = sorted(lines, key=lambda line: (-_size(line.counts), line.key))[: section.most]
    rows = [
        (words.key(section.by, line.key[0]), *cells)
        for line in busiest
        if any(cells := values(words, section.figures, line.counts))
    ]
    total = (words.say("report.total"), *values(words, section.figures, summed(lines)))
    columns = (Column(words.dimension(section.by)), *heads(words, section.figures))
    return Table(words.say(f"monthly.section_{section.by}"), columns, tuple(rows), total)


def _size(counts: Counts) -> int:
    return counts.incoming + counts.acd_calls + counts.outbound_calls + counts.attempts
