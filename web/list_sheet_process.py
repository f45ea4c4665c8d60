"""Writes a workbook from rows on standard input: `python -m web.list_sheet_process FILE`.

Each line is a JSON list of texts; the first is the header, repeated on every sheet. Cells are texts, never
formulas, numbers or links.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec
from xlsxwriter import Workbook  # type: ignore[import-untyped] # it has no types of its own
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped] # as above

MOST_ROWS = 1_048_576  # of a sheet, by the format (ECMA-376), header included
MOST_LETTERS = 32_767  # of a cell, by the format
_WIDTH = 18  # of a column, in letters
_CALM = 10  # added niceness: calls come first

_AS_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


def write(path: Path, lines: BinaryIO, most_rows: int = MOST_ROWS) -> None:
    """Write the rows to a file, a further sheet where one is full."""
    decode = msgspec.json.Decoder(list[str]).decode
    options = {"constant_memory": True, "tmpdir": str(path.parent), **_AS_TEXT}
    with Workbook(str(path), options) as book:
        header = decode(next(lines))
        place, sheet = most_rows, None
        for line in lines:
            if sheet is None or place >= most_rows:
                sheet, place = _new_sheet(book, header), 1
            _write_row(sheet, place, decode(line))
            place += 1
        if sheet is None:
            _new_sheet(book, header)


def _new_sheet(book: Workbook, header: list[str]) -> Worksheet:
    sheet: Worksheet = book.add_worksheet()
    sheet.set_column(0, max(len(header) - 1, 0), _WIDTH)
    sheet.freeze_panes(1, 0)
    _write_row(sheet, 0, header)
    return sheet


def _write_row(sheet: Worksheet, place: int, cells: list[str]) -> None:
    for column, cell in enumerate(cells):
        if cell:
            sheet.write_string(place, column, cell[:MOST_LETTERS])


if __name__ == "__main__":
    os.umask(0o077)
    os.nice(_CALM)
    write(Path(sys.argv[1]), sys.stdin.buffer)
