"""A report as PDF: A4 across, the summary first, charts and tables, the definitions, numbered pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)

from reporting.reports_document import Chart, Document, Kind, Table, kind_of_cell
from reporting.reports_numbers import Said
from service.report_pdf_charts import drawing

MOST_ROWS = 1_500  # of a table; the others are in the workbook
_INK, _SOFT = colors.HexColor("#1d2733"), colors.HexColor("#5a6673")
_GROUND, _LINE = colors.HexColor("#e6eef2"), colors.HexColor("#b9c5cd")
_MARGIN = 14 * mm
_PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=9.5, leading=13, textColor=_INK)
_TITLE = ParagraphStyle("title", parent=_PLAIN, fontName="Helvetica-Bold", fontSize=18, leading=22)
_HEAD = ParagraphStyle("head", parent=_TITLE, fontSize=12, leading=16, spaceBefore=10, spaceAfter=4)
_SMALL = ParagraphStyle("small", parent=_PLAIN, fontSize=8, leading=10, textColor=_SOFT)
_CELL = ParagraphStyle("cell", parent=_PLAIN, fontSize=8, leading=10)
_NUMBER = ParagraphStyle("number", parent=_CELL, alignment=TA_RIGHT)
_TOP = ParagraphStyle("top", parent=_CELL, fontName="Helvetica-Bold")
_TOP_NUMBER = ParagraphStyle("top_number", parent=_TOP, alignment=TA_RIGHT)


def write_pdf(document: Document, path: Path) -> None:
    """Write the PDF. Letters that its fonts do not have (WinAnsi) become question marks."""
    width, height = landscape(A4)
    book = BaseDocTemplate(
        str(path),
        pagesize=(width, height),
        title=_latin(f"{document.title}, {document.about}"),
        author="Kring Pajak 1500200",
        lang=document.language,
    )
    frame = Frame(_MARGIN, _MARGIN, width - 2 * _MARGIN, height - 2 * _MARGIN, 0, 0, 0, 0)
    foot = _latin(document.foot)

    def on_page(canvas: Canvas, template: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN, 7 * mm, foot)
        canvas.drawRightString(width - _MARGIN, 7 * mm, str(canvas.getPageNumber()))
        canvas.restoreState()

    book.addPageTemplates([PageTemplate("page", [frame], onPage=on_page)])
    book.build(_story(document, width - 2 * _MARGIN))


def _story(document: Document, width: float) -> list[Flowable]:
    story: list[Flowable] = [_said(document.title, _TITLE), _said(document.about, _HEAD)]
    story += [_said(f"{label}: {value}", _SMALL) for label, value in document.facts]
    story.append(Spacer(1, 4 * mm))
    story += [_said(sentence, _PLAIN) for sentence in document.sentences]
    for part in document.parts:
        if isinstance(part, Chart):
            story.append(KeepTogether([_said(part.title, _HEAD), drawing(part, document.language, width)]))
        else:
            story += _table(part, document, width)
    story.append(_said(document.terms_title, _HEAD))
    for term in document.terms:
        story.append(_said(f"<b>{escape(term.name)}</b> {escape(term.about)}", _PLAIN, marked=True))
        if term.made_of:
            story.append(_said(term.made_of, _SMALL))
    return story


def _table(table: Table, document: Document, width: float) -> list[Flowable]:
    texts = [column.kind is Kind.TEXT for column in table.columns]
    head = [
        _said(column.name, _TOP if text else _TOP_NUMBER)
        for column, text in zip(table.columns, texts, strict=True)
    ]
    rows = [head]
    for number, row in enumerate(table.rows[:MOST_ROWS]):
        kinds = [kind_of_cell(table, number, place) for place in range(len(row))]
        rows.append(_cells(row, kinds, document, (_CELL, _NUMBER)))
    if table.total:
        rows.append(_cells(table.total, [one.kind for one in table.columns], document, (_TOP, _TOP_NUMBER)))
    style: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, 0), _GROUND),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    weights = [2.2 if text else 1.0 for text in texts]
    widths = [width * weight / sum(weights) for weight in weights]
    found: list[Flowable] = [
        _said(table.title, _HEAD),
        LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(style)),
    ]
    if len(table.rows) > MOST_ROWS:
        found.append(_said(document.cut.format(most=MOST_ROWS, all=len(table.rows)), _SMALL))
    return found


def _cells(
    row: Sequence[Any],
    kinds: Sequence[Kind],
    document: Document,
    looks: tuple[ParagraphStyle, ParagraphStyle],
) -> list[Paragraph]:
    said = Said(document.language)
    return [
        _said(
            said.cell(value, kind, document.unknown),
            looks[0] if isinstance(value, str) else looks[1],
        )
        for value, kind in zip(row, kinds, strict=True)
    ]


def _said(text: str, style: ParagraphStyle, *, marked: bool = False) -> Paragraph:
    """Return a paragraph. `marked`: the text has marks of its own and is escaped already."""
    return Paragraph(_latin(text if marked else escape(text)), style)


def _latin(text: str) -> str:
    """Return what the standard fonts of PDF can show. A minus is a dash there."""
    return text.replace("−", "–").encode("cp1252", "replace").decode("cp1252")
