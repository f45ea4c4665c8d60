"""Lists as XLSX: read from front to end, a sheet is never held in memory as a whole.

`python-calamine` holds a sheet and every shared text at once: 700 MB for 1.2 million rows.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.rows_cells import Cell
from service.list_reading import USUAL, ReadingLimits, Rows
from service.list_reading_parts import SharedTexts, blocks, date_styles, plain, sheet_parts

_LAST_ROW = re.compile(r"(?:.*:)?\$?[A-Z]+\$?([0-9]+)")
_DIGITS = "0123456789"
_FIRST_DAY = date(1899, 12, 30)  # day 0 of dates after Excel's 29 February 1900 that never was
_FIRST_DAY_1904 = date(1904, 1, 1)
_LAST_DAY = 2_958_465  # 31 December 9999


class XlsxFile:
    """An XLSX workbook: a `service.list_reading.TableFile`."""

    kind = FileKind.XLSX
    encoding = separator = ""

    def __init__(self, path: Path, limits: ReadingLimits = USUAL) -> None:
        """Read what the sheets share. Raises FileRefused."""
        try:
            self._archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise FileRefused(FileFault.DAMAGED) from error
        except OSError as error:
            raise FileRefused(FileFault.UNREADABLE, error.strerror or "") from error
        try:
            self._parts, from_1904, others = sheet_parts(self._archive)
            self._first_day = _FIRST_DAY_1904 if from_1904 else _FIRST_DAY
            self._dates = date_styles(self._archive, others.get("styles", ""))
            shared = others.get("sharedStrings", "")
            self._shared = SharedTexts(self._archive, shared, limits.shared_bytes)
            self._columns = limits.columns
        except BaseException:
            self._archive.close()
            raise

    @property
    def sheets(self) -> Sequence[str]:
        """Return the names of the visible sheets."""
        return [part.name for part in self._parts]

    def rows(self, sheet: int) -> Rows:
        """Read a sheet. Raises FileRefused."""
        reader = _SheetReader(self._shared, self._dates, self._first_day, self._columns)
        path = self._parts[sheet].path
        for _ in blocks(self._archive, path, reader.start, reader.end, reader.text):
            yield from reader.take()

    def about(self, sheet: int) -> int:
        """Return how many rows the sheet says it has, 0 if it does not."""
        try:
            with self._archive.open(self._parts[sheet].path) as part:
                head = part.read(4096)
        except (KeyError, OSError, RuntimeError, zipfile.BadZipFile):
            return 0
        found = re.search(rb'<(?:\w+:)?dimension[^>]*ref="([^"]*)"', head)
        last = _LAST_ROW.fullmatch(found[1].decode("ascii", "replace")) if found else None
        return int(last[1]) if last else 0

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()


class _SheetReader:
    """Turns the tags of a sheet into rows."""

    def __init__(
        self, shared: SharedTexts, dates: frozenset[str], first_day: date, most_columns: int
    ) -> None:
        self._shared = shared
        self._dates = dates
        self._first_day = first_day
        self._most_columns = most_columns
        self._tags: dict[str, str] = {}
        self._letters: dict[str, int] = {}
        self._rows: list[tuple[int, Sequence[Cell]]] = []
        self._row = 0
        self._cells: list[Cell] = []
        self._column = -1
        self._kind = self._style = self._value = ""
        self._reading = False
        self._phonetic = False

    def take(self) -> Sequence[tuple[int, Sequence[Cell]]]:
        """Return the rows that are complete."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag begins."""
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t"):
            self._reading = not self._phonetic
        elif tag == "row":
            self._begin_row(attributes)
        elif tag == "rPh":
            self._phonetic = True
        elif ":" in tag:
            self.start(tag.rpartition(":")[2], attributes)

    def end(self, tag: str) -> None:
        """A tag ends."""
        self._reading = False
        if tag == "c":
            if self._value:
                self._keep()
        elif tag == "row":
            if self._cells:
                self._rows.append((self._row, self._cells))
        elif tag == "rPh":
            self._phonetic = False
        elif ":" in tag:
            self.end(tag.rpartition(":")[2])

    def text(self, text: str) -> None:
        """Text between tags."""
        if self._reading:
            self._value += text

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        self._cells = []
        self._column = -1

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self._value = ""
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        place = attributes.get("r")
        if place is None:
            self._column += 1
            return
        letters = place.rstrip(_DIGITS)
        column = self._letters.get(letters)
        if column is None:
            column = self._letters[letters] = _column(letters)
        self._column = column

    def _keep(self) -> None:
        if self._column >= 2 * self._most_columns:
            return  # far beside the table
        cells = self._cells
        while len(cells) < self._column:
            cells.append("")
        cell = self._as_cell()
        if len(cells) == self._column:
            cells.append(cell)
        else:
            cells[self._column] = cell

    def _as_cell(self) -> Cell:
        kind, value = self._kind, self._value
        try:
            if kind == "s":
                return self._shared.get(int(value))
            if kind == "n":
                return self._number(value)
        except (ValueError, IndexError, OverflowError) as error:
            raise FileRefused(FileFault.DAMAGED, f"row {self._row}") from error
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return plain(value)

    def _number(self, value: str) -> Cell:
        if self._style in self._dates:
            return _moment(float(value), self._first_day)
        return int(value) if value.isdecimal() else float(value)


def _column(letters: str) -> int:
    """Return a column's index, 0 for A. Raises FileRefused."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise FileRefused(FileFault.DAMAGED)
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _moment(days: float, first_day: date) -> Cell:
    """Return what a number of days means, as ISO 8601; a number that is no date stays one."""
    if not 0 <= days <= _LAST_DAY:
        return days
    moment = datetime.combine(first_day, datetime.min.time()) + timedelta(seconds=round(days * 86400))
    if days < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if days == int(days) else moment.isoformat(sep=" ")
