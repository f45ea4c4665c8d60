"""Opens files of lists, whatever they are: found out by content, never by name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.lists import RowReason
from dialer.rows_cells import Cell, as_text

_HEADER_WITHIN = 20  # rows: titles may stand above it
_LEAST_COLUMNS = 3  # number of the taxpayer, name, telephone
_LONG_NUMBER = re.compile(r"[0-9]{9,}")
_SEPARATORS = re.compile(r"[ .\-/()+]")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What is too much. A file beyond them is refused before its content is used."""

    file_bytes: int = 1 << 30
    unpacked_bytes: int = 4 << 30  # of all parts of a workbook
    shared_bytes: int = 256 << 20  # of the texts that a workbook keeps in one place; held in memory
    whole_bytes: int = 128 << 20  # of an XLS file, or an ODS file unpacked: those are held in memory
    columns: int = 200
    line_characters: int = 100_000
    quoted_lines: int = 30  # of one cell; a quotation mark that is open for longer is never closed


USUAL = ReadingLimits()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken apart."""

    reason: RowReason
    cells: Sequence[str] = field(repr=False)


Rows = Iterator[tuple[int, Sequence[Cell] | BadRow]]
"""Rows with their number in the sheet, the first being 1; empty ones may be left out."""


class TableFile(Protocol):
    """A file as sheets of rows."""

    @property
    def kind(self) -> FileKind:
        """What it is."""
        ...

    @property
    def encoding(self) -> str:
        """Of CSV; otherwise empty."""
        ...

    @property
    def separator(self) -> str:
        """Of CSV; otherwise empty."""
        ...

    @property
    def sheets(self) -> Sequence[str]:
        """Return the names of its visible sheets; of CSV one empty name."""
        ...

    def rows(self, sheet: int) -> Rows:
        """Read a sheet from its first row. Raises FileRefused."""
        ...

    def about(self, sheet: int) -> int:
        """Return about how many rows a sheet has, 0 if that is not known."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a sheet have their names."""

    row: int
    columns: tuple[str, ...]


def find_header(rows: Rows, limits: ReadingLimits = USUAL) -> Header:
    """Return the header: the first row with enough texts. Leaves `rows` behind it.

    Raises FileRefused: EMPTY, NO_HEADER, TOO_MANY_COLUMNS, SAME_COLUMN.
    """
    anything = False
    for row, cells in rows:
        if isinstance(cells, BadRow):
            raise FileRefused(FileFault.NO_HEADER)
        texts = [as_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        anything = anything or bool(texts)
        if sum(map(bool, texts)) >= _LEAST_COLUMNS:
            return Header(row, _columns(texts, cells, limits))
        if row >= _HEADER_WITHIN:
            break
    raise FileRefused(FileFault.NO_HEADER if anything else FileFault.EMPTY)


def _columns(texts: Sequence[str], cells: Sequence[Cell], limits: ReadingLimits) -> tuple[str, ...]:
    if len(texts) > limits.columns:
        raise FileRefused(FileFault.TOO_MANY_COLUMNS, str(limits.columns))
    if any(_LONG_NUMBER.fullmatch(_SEPARATORS.sub("", text)) for text in texts):
        raise FileRefused(FileFault.NO_HEADER)
    if sum(type(cell) is not str for cell in cells[: len(texts)]) * 2 > len(texts):
        raise FileRefused(FileFault.NO_HEADER)
    columns = [" ".join(text.split())[:100] or f"({_letters(at)})" for at, text in enumerate(texts)]
    for at, column in enumerate(columns):
        if column in columns[:at]:
            raise FileRefused(FileFault.SAME_COLUMN, column)
    return tuple(columns)


def _letters(column: int) -> str:
    """Return a column's letters as spreadsheets count: A, B, … Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_bytes(path: Path, most: int) -> bytes:
    """Return a file's first bytes. Raises FileRefused."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise FileRefused(FileFault.UNREADABLE, error.strerror or "") from error
