"""A report as CSV: its tables one below the other. Nothing in it is ever a formula."""

from __future__ import annotations

import csv
from pathlib import Path

from reporting.reports_document import Document, Table, Value
from web.list_sheets import defused

_DECIMALS = 6


def write_csv(document: Document, path: Path) -> None:
    """Write UTF-8 with its mark (spreadsheets need it), commas, CRLF (RFC 4180); numbers with a point.

    Durations are seconds, shares 0 to 1.
    """
    tables = [part for part in document.parts if isinstance(part, Table)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for place, table in enumerate(tables):
            if len(tables) > 1:
                writer.writerows([[], [defused(table.title)]] if place else [[defused(table.title)]])
            writer.writerow([defused(column.name) for column in table.columns])
            writer.writerows([_cell(value) for value in row] for row in table.rows)
            if table.total:
                writer.writerow([_cell(value) for value in table.total])


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return defused(value)
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
