"""A report as a document: texts, tables and charts, whatever it is written as.

It goes to the process that writes it as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

Value = str | int | float | None
"""A cell. None: there is nothing, e.g. a figure without a denominator."""


class Kind(StrEnum):
    """What a column or a chart's values are, and so how they are written."""

    TEXT = "text"
    COUNT = "count"
    SECONDS = "seconds"  # as 4:05
    SHARE = "share"  # 0 to 1; as per cent
    CHANGE = "change"  # as SHARE, with its sign
    POINTS = "points"  # change of a share, in percentage points
    PER_HOUR = "per_hour"


class Column(msgspec.Struct, frozen=True):
    """One column of a table."""

    name: str
    kind: Kind = Kind.TEXT


class Table(msgspec.Struct, frozen=True, tag=True):
    """Rows as wide as the columns. `kinds`: of the rows, where not all cells of a column are alike."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] = ()  # a last row; empty: none
    kinds: Sequence[
        Kind
    ] = ()  # one for each row, of its cells behind the first; the change of a share is in POINTS
    left_out: int = 0  # rows that are not here, behind those that are


class Series(msgspec.Struct, frozen=True):
    """Values along a chart, one for each label."""

    name: str
    values: Sequence[float | None]


class Chart(msgspec.Struct, frozen=True, tag=True):
    """Lines or bars."""

    title: str
    kind: Kind
    labels: Sequence[str]
    series: Sequence[Series]
    bars: bool = False


class Term(msgspec.Struct, frozen=True):
    """What a word of the report means."""

    name: str
    about: str
    made_of: str = ""  # the formula in counts


class Document(msgspec.Struct, frozen=True):
    """All of a report."""

    title: str
    about: str  # which days
    facts: Sequence[tuple[str, str]]  # label and value: narrowed to, made at …
    sentences: Sequence[str]  # the summary
    parts: Sequence[Table | Chart]
    terms: Sequence[Term]
    terms_title: str
    foot: str
    language: str  # id or en
    unknown: str  # written for a cell without value
    cut: str = ""  # said below a table of which only {most} of {all} rows have room


def cut(document: Document, rows: int) -> Document:
    """Return the document with so many rows of each table at most."""
    parts = [_cut(part, rows) if isinstance(part, Table) else part for part in document.parts]
    return msgspec.structs.replace(document, parts=parts)


def _cut(table: Table, rows: int) -> Table:
    over = len(table.rows) - rows
    if over <= 0:
        return table
    return msgspec.structs.replace(
        table, rows=table.rows[:rows], kinds=table.kinds[:rows], left_out=table.left_out + over
    )


def kind_of_cell(table: Table, row: int, column: int) -> Kind:
    """Return what a cell is."""
    own = table.columns[column].kind
    if own is Kind.TEXT or not table.kinds:
        return own
    if own is Kind.CHANGE:
        return Kind.POINTS if table.kinds[row] is Kind.SHARE else own
    return table.kinds[row]
