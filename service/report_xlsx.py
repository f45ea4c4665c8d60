"""A report as a workbook: a summary, a sheet for each table with its chart, the definitions. No formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped] # it has no types of its own
from xlsxwriter.utility import xl_range_abs  # type: ignore[import-untyped] # as above

from reporting.reports_document import Chart, Document, Kind, Table, Value, kind_of_cell

MOST_LETTERS = 32_767  # of a cell, by the format (ECMA-376)
_NAME = 31  # letters of a sheet's name, by the format
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_SECONDS_A_DAY = 86_400  # a duration is a part of a day
_FORMATS = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.SECONDS: "[h]:mm:ss.0",
    Kind.SHARE: "0.0%",
    Kind.CHANGE: "+0.0%;-0.0%;0.0%",
    Kind.POINTS: '+0.0" pp";-0.0" pp";0.0" pp"',
    Kind.PER_HOUR: "#,##0.00",
}
_INK, _ACCENT, _GROUND = "#1d2733", "#0b5c7d", "#e6eef2"
_WIDTHS = (12, 46)  # of a column, in letters: least and most
_CHART = {"width": 860, "height": 300}
_CHART_ROWS = 17  # that a chart covers


class _Looks:
    """The formats of one workbook."""

    def __init__(self, book: Any) -> None:
        plain = {"font_color": _INK, "valign": "top"}
        self.title = book.add_format({**plain, "bold": True, "font_size": 16})
        self.head = book.add_format(
            {**plain, "bold": True, "bg_color": _GROUND, "text_wrap": True, "bottom": 1}
        )
        self.label = book.add_format({**plain, "bold": True})
        self.text = book.add_format({**plain, "text_wrap": True})
        self.cells = {kind: book.add_format({**plain, "num_format": _FORMATS[kind]}) for kind in Kind}
        bold = {**plain, "bold": True, "top": 1}
        self.totals = {kind: book.add_format({**bold, "num_format": _FORMATS[kind]}) for kind in Kind}


def write_xlsx(document: Document, path: Path) -> None:
    """Write the workbook; texts are never formulas, numbers or links."""
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        book.set_properties({"title": document.title, "subject": document.about})
        looks, names = _Looks(book), _Names()
        _summary(book, looks, names, document)
        for part in document.parts:
            sheet = book.add_worksheet(names.free(part.title))
            if isinstance(part, Table):
                _table(sheet, looks, part, document)
            else:
                _chart(book, sheet, looks, part)
        _terms(book, looks, names, document)


class _Names:
    """Names of sheets: allowed, and each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, wanted: str) -> str:
        """Return a name that no sheet has."""
        base = _NOT_IN_NAMES.sub(" ", wanted).strip()[:_NAME] or "1"
        name, number = base, 2
        while name.casefold() in self._taken:
            tail = f" {number}"
            name, number = base[: _NAME - len(tail)] + tail, number + 1
        self._taken.add(name.casefold())
        return name


def _summary(book: Any, looks: _Looks, names: _Names, document: Document) -> None:
    sheet = book.add_worksheet(names.free(document.title))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    _write(sheet, 0, 0, document.title, looks.title)
    _write(sheet, 1, 0, document.about, looks.label)
    row = 3
    for sentence in document.sentences:
        sheet.merge_range(row, 0, row, 1, "", looks.text)
        _write(sheet, row, 0, sentence, looks.text)
        sheet.set_row(row, 32)
        row += 1
    for label, value in document.facts:
        _write(sheet, row + 1, 0, label, looks.label)
        _write(sheet, row + 1, 1, value, looks.text)
        row += 1
    _print(sheet, document)


def _table(sheet: Any, looks: _Looks, table: Table, document: Document) -> None:
    for place, column in enumerate(table.columns):
        _write(sheet, 0, place, column.name, looks.head)
        sheet.set_column(place, place, _width(table, place))
    for number, row in enumerate(table.rows):
        for place, value in enumerate(row):
            kind = kind_of_cell(table, number, place)
            _value(sheet, number + 1, place, value, kind, looks.cells[kind])
    if table.total:
        for place, value in enumerate(table.total):
            kind = table.columns[place].kind
            _value(sheet, len(table.rows) + 1, place, value, kind, looks.totals[kind])
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.repeat_rows(0)
    _print(sheet, document)


def _chart(book: Any, sheet: Any, looks: _Looks, chart: Chart) -> None:
    """Write a chart with the values that it is drawn from below it."""
    head = _CHART_ROWS + 1
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(chart.series), 18)
    for place, one in enumerate(chart.series, 1):
        _write(sheet, head, place, one.name, looks.head)
        for number, value in enumerate(one.values, 1):
            _value(sheet, head + number, place, value, chart.kind, looks.cells[chart.kind])
    for number, label in enumerate(chart.labels, 1):
        _write(sheet, head + number, 0, label, looks.cells[Kind.TEXT])
    drawn = book.add_chart({"type": "column" if chart.bars else "line"})
    quoted = "'" + sheet.get_name() + "'"
    last = head + len(chart.labels)
    for place, one in enumerate(chart.series, 1):
        drawn.add_series(
            {
                "name": one.name,
                "categories": f"={quoted}!{xl_range_abs(head + 1, 0, last, 0)}",
                "values": f"={quoted}!{xl_range_abs(head + 1, place, last, place)}",
                **({"fill": {"color": _ACCENT}} if chart.bars and len(chart.series) == 1 else {}),
            }
        )
    drawn.set_title({"name": chart.title, "overlay": False})
    drawn.set_y_axis({"num_format": _FORMATS[chart.kind], "min": 0})
    drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    drawn.show_blanks_as("gap")
    drawn.set_size(_CHART)
    sheet.insert_chart(0, 0, drawn, {"description": chart.title})


def _terms(book: Any, looks: _Looks, names: _Names, document: Document) -> None:
    if not document.terms:
        return
    sheet = book.add_worksheet(names.free(document.terms_title))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 2, 50)
    for number, term in enumerate(document.terms):
        _write(sheet, number, 0, term.name, looks.label)
        _write(sheet, number, 1, term.about, looks.text)
        _write(sheet, number, 2, term.made_of, looks.text)
    _print(sheet, document)


def _value(sheet: Any, row: int, column: int, value: Value, kind: Kind, look: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, str):
        _write(sheet, row, column, value, look)
    else:
        sheet.write_number(row, column, value / _SECONDS_A_DAY if kind is Kind.SECONDS else value, look)


def _write(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    sheet.write_string(row, column, text[:MOST_LETTERS], look)


def _width(table: Table, place: int) -> int:
    texts: Sequence[str] = [row[place] for row in table.rows[:500] if isinstance(row[place], str)]  # type: ignore[misc] # only texts
    least, most = _WIDTHS
    return min(most, max(least, *(len(one) + 2 for one in (*texts, table.columns[place].name))))


def _print(sheet: Any, document: Document) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L" + document.foot.replace("&", "&&")[:200] + "&R&P / &N")
