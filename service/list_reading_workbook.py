"""Lists as XLS and ODS, by python-calamine. Small enough by their formats to be held in memory."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.rows_cells import Cell
from service.list_reading import Rows


class WorkbookFile:
    """An XLS or ODS workbook: a `service.list_reading.TableFile`."""

    encoding = separator = ""

    def __init__(self, path: Path, kind: FileKind) -> None:
        """Read the workbook. Raises FileRefused."""
        self.kind = kind
        try:
            self._book = CalamineWorkbook.from_path(path)
        except PasswordError as error:
            raise FileRefused(FileFault.PASSWORD) from error
        except CalamineError as error:
            # A cell may say that it is repeated a million times.
            bomb = "limit exceeded" in str(error)
            raise FileRefused(FileFault.ZIP_BOMB if bomb else FileFault.DAMAGED) from error
        except OSError as error:
            raise FileRefused(FileFault.UNREADABLE, error.strerror or "") from error
        self.sheets: Sequence[str] = [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not self.sheets:
            raise FileRefused(FileFault.EMPTY)

    def rows(self, sheet: int) -> Rows:
        """Read a sheet. Raises FileRefused."""
        part = self._sheet(sheet)
        if part.start is None:
            return
        first_row, first_column = part.start
        before: list[Cell] = [""] * first_column
        for number, row in enumerate(part.iter_rows(), start=first_row + 1):
            yield number, [*before, *map(_cell, row)]

    def about(self, sheet: int) -> int:
        """Return how many rows a sheet has."""
        end = self._sheet(sheet).end
        return 0 if end is None else end[0] + 1

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def _sheet(self, sheet: int) -> CalamineSheet:
        try:
            return self._book.get_sheet_by_name(self.sheets[sheet])
        except CalamineError as error:
            raise FileRefused(FileFault.DAMAGED, self.sheets[sheet]) from error


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else ""
