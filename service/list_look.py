"""What a file is, shown without showing anybody's data."""

import re
from itertools import islice

from dialer.imports import FileFault, FileRefused, Inspection, SheetView
from dialer.mapping import ColumnMapping
from dialer.rows_cells import Cell, as_text
from domain.masking import HIDDEN, mask
from service.list_reading import BadRow, Rows, TableFile, find_header

_SAMPLE = 5  # rows
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHORT = 5  # characters; a code of a province, an office or a year


def look(table: TableFile, size: int) -> Inspection:
    """Return what a file is; its columns are for others to guess. Raises FileRefused."""
    views: list[SheetView] = []
    refused: FileRefused | None = None
    for index, name in enumerate(table.sheets):
        rows = table.rows(index)
        try:
            header = find_header(rows)
        except FileRefused as error:
            refused = refused or error
            continue
        sample = _sample(rows, len(header.columns))
        if not sample:
            refused = refused or FileRefused(FileFault.NO_ROWS)
            continue
        count = max(table.about(index) - header.row, len(sample))
        views.append(SheetView(name, header.columns, count, sample))
    if not views:
        raise refused or FileRefused(FileFault.EMPTY)
    return Inspection(
        table.kind, size, table.encoding, table.separator, tuple(views), ColumnMapping(), remembered=False
    )


def _sample(rows: Rows, width: int) -> tuple[tuple[str, ...], ...]:
    whole = (cells for _, cells in rows if not isinstance(cells, BadRow) and any(cells))
    return tuple(
        tuple(masked(cell) for cell in [*cells, *[""] * width][:width]) for cells in islice(whole, _SAMPLE)
    )


def masked(cell: Cell) -> str:
    """Return a cell as it may be shown: its shape, and the last four digits of a long number."""
    text = " ".join(as_text(cell).split())  # a cell of several lines is shown in one
    if len(text) < _SHORT and not _WORD.search(text):
        return text
    if sum(map(str.isdigit, text)) * 2 >= len(text):
        return mask(text)
    hidden = _WORD.sub(lambda word: word[0][0] + HIDDEN, text)
    return re.sub(r"\d", "•", hidden)[:60]
