"""Reports as they are shown: definitions and runs in words, documents as tables and charts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup

from domain.masking import mask
from reporting.formulas import FORMULAS, Unit
from reporting.reports import Definition, Delivery, Means, ReportRun, Schedule, Span
from reporting.reports_document import Chart, Document, Kind, Table, Value, kind_of_cell
from reporting.reports_numbers import Said
from reporting.reports_words import COUNTS, ReportWords
from web import charts
from web.report_forms import clock_of
from web.report_models import (
    CellView,
    ChartView,
    ColumnView,
    CourseView,
    DeliveryView,
    DictionaryView,
    DocumentView,
    EntryView,
    FileView,
    RunView,
    TableView,
    TermView,
)

ROWS_SHOWN = 500
_UNITS = {Unit.SECONDS: "s", Unit.SHARE: "%", Unit.PER_HOUR: "/h"}


class ReportViews:
    """Makes views for one reader."""

    def __init__(
        self, words: ReportWords, names: Mapping[str, str], *, may_manage: bool, whole: bool
    ) -> None:
        """`whole`: the reader may have files that cover every team."""
        self._words, self._names = words, names
        self._may_manage, self._whole = may_manage, whole

    def who(self, staff_id: str) -> str:
        """Return a name; empty: the service itself."""
        return self._names.get(staff_id, "")

    def days(self, definition: Definition) -> str:
        """Return which days a report is about."""
        asked = definition.asked
        if asked.span is Span.FIXED and asked.first and asked.last:
            return self._words.days(asked.first, asked.last)
        return self._words.say(f"report_span.{asked.span}")

    def schedule(self, schedule: Schedule | None) -> str:
        """Return when a report is made."""
        say = self._words.say
        if schedule is None:
            return say("reports.by_hand")
        weekday = say(f"report_weekday.d{schedule.day}") if schedule.day <= 7 else ""
        at = clock_of(schedule).replace(":", ".")
        return say(f"report_when.{schedule.every}", at=at, weekday=weekday, day=schedule.day)

    def about(self, definition: Definition) -> list[tuple[str, str]]:
        """Return what a report says and where it goes, as labels and values."""
        words, asked = self._words, definition.asked
        say = words.say
        by = ", ".join(words.dimension(one) for one in asked.by) or say("reports.not_grouped")
        figures = [
            (say("reports.figures"), ", ".join(words.name(one) for one in definition.figures)),
            (say("reports.grouped"), by),
            (say("reports.interval"), say(f"report_interval.{asked.interval}")),
        ]
        narrowed = [
            (
                say("reports.narrowed"),
                f"{words.dimension(dimension)}: "
                + ", ".join(sorted(words.key(dimension, one) for one in values)),
            )
            for dimension, values in sorted(asked.only.items())
        ]
        to = "; ".join(self.destination(one) for one in definition.deliveries) or say("reports.nowhere")
        return [
            (say("reports.content"), say(f"report_layout.{definition.layout}")),
            (say("reports.days"), self.days(definition)),
            *(figures if definition.figures else []),
            *narrowed,
            (say("reports.schedule"), self.schedule(definition.schedule)),
            (say("reports.formats"), ", ".join(one.upper() for one in definition.formats)),
            (say("reports.to"), to),
            (say("reports.code"), definition.code),
        ]

    def destination(self, delivery: Delivery) -> str:
        """Return where a report goes; an address is masked for who may not manage reports."""
        to = delivery.to if self._may_manage or delivery.means is Means.FOLDER else mask(delivery.to)
        return f"{self._words.say(f'report_means.{delivery.means}')} {to}".strip()

    def run(self, run: ReportRun, definition: Definition | None) -> RunView:
        """Return a run; `definition`: the one it is made by, if its report is there."""
        say = self._words.say
        files = [
            FileView(
                form=one.form,
                name=one.name,
                size=one.size,
                address=f"/api/report-runs/{run.run_id}/files/{one.form}"
                if self._whole and one.removed_at is None
                else "",
            )
            for one in run.files
        ]
        deliveries = [
            DeliveryView(
                means=definition.deliveries[one.number].means,
                to=self.destination(definition.deliveries[one.number]),
                state=one.state,
                words=say(f"report_outcome.{one.outcome}" if one.outcome else f"report_delivery.{one.state}"),
            )
            for one in run.deliveries
            if definition is not None and one.number < len(definition.deliveries)
        ]
        return RunView(
            run_id=run.run_id,
            report_id=run.report_id,
            title=definition.title if definition else say("reports.removed"),
            days=self._words.days(run.first, run.last),
            first=run.first,
            last=run.last,
            by_schedule=run.due_at is not None,
            asked_by=self.who(run.asked_by),
            at=run.begun_at or run.due_at or run.next_at,
            ended_at=run.ended_at,
            state=run.state,
            words=say(f"report_state.{run.state}"),
            outcome=say(f"report_outcome.{run.outcome}") if run.outcome else "",
            tries=run.tries,
            files=files,
            deliveries=deliveries,
        )


def document_view(document: Document, files: str) -> DocumentView:
    """Return a document. `files`: the address of its file up to the format."""
    return DocumentView(
        title=document.title,
        days=document.about,
        facts=list(document.facts),
        sentences=list(document.sentences),
        tables=[_table(part, document) for part in document.parts if isinstance(part, Table)],
        charts=[_chart(part) for part in document.parts if isinstance(part, Chart)],
        terms=[TermView(name=one.name, about=one.about, made_of=one.made_of) for one in document.terms],
        files=[("xlsx", files + "xlsx"), ("csv", files + "csv"), ("pdf", files + "pdf")],
    )


def drawn(document: Document) -> list[Markup]:
    """Return its charts as pictures, in their order."""
    found, said = [], Said(document.language)
    for part in document.parts:
        if isinstance(part, Chart):
            chart = charts.Chart(
                part.title,
                part.labels,
                [charts.Series(one.name, one.values) for one in part.series],
                partial(said.cell, kind=part.kind),
                time=part.kind is Kind.SECONDS,
            )
            found.append(charts.bars(chart) if part.bars else charts.lines(chart))
    return found


def dictionary(words: ReportWords) -> DictionaryView:
    """Return every figure and count."""
    formulas = [
        EntryView(
            field=name,
            name=one.words(words.language).name,
            about=one.words(words.language).about,
            unit=_UNITS[one.unit],
            made_of=words.term(name).made_of,
            assumed=one.assumed,
        )
        for name, one in FORMULAS.items()
    ]
    counts = [
        EntryView(
            field=name,
            name=words.name(name),
            about=words.say(f"report_about.{name}"),
            unit="ms" if kind is Kind.SECONDS else "",
            made_of="",
            assumed=False,
        )
        for name, kind in COUNTS.items()
    ]
    return DictionaryView(formulas=formulas, counts=counts)


def _table(table: Table, document: Document) -> TableView:
    shown = table.rows[:ROWS_SHOWN]
    rows = [
        [_cell(value, kind_of_cell(table, number, place), document) for place, value in enumerate(row)]
        for number, row in enumerate(shown)
    ]
    total = [
        _cell(value, column.kind, document)
        for value, column in zip(table.total, table.columns, strict=bool(table.total))
    ]
    columns = [ColumnView(name=one.name, kind=one.kind) for one in table.columns]
    there = len(table.rows) + table.left_out
    return TableView(title=table.title, columns=columns, rows=rows, total=total, all_rows=there)


def _cell(value: Value, kind: Kind, document: Document) -> CellView:
    return CellView(value=value, text=Said(document.language).cell(value, kind, document.unknown))


def _chart(chart: Chart) -> ChartView:
    series = [CourseView(name=one.name, values=list(one.values)) for one in chart.series]
    return ChartView(title=chart.title, kind=chart.kind, labels=list(chart.labels), series=series)
