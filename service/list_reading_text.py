"""Lists as text: CSV in every encoding and separator that offices' programs write."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import charset_normalizer

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.lists import RowReason
from dialer.rows_cells import Cell
from service.list_reading import USUAL, BadRow, ReadingLimits, Rows, read_bytes

_BLOCK = 1 << 20
_HEAD = 1 << 16
_SEPARATORS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = "cp1252"
_OPEN = "open"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)  # Excel's own hint in the first line
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<\?xml|<table|\{|%PDF)", re.IGNORECASE)


class TextFile:
    """A CSV file: a `service.list_reading.TableFile`."""

    kind = FileKind.CSV
    sheets: Sequence[str] = ("",)

    def __init__(self, path: Path, limits: ReadingLimits = USUAL) -> None:
        """Find encoding and separator out. Raises FileRefused."""
        self._path = path
        self._limits = limits
        head = read_bytes(path, _HEAD)
        if not head:
            raise FileRefused(FileFault.EMPTY)
        self.encoding, self._skip = _encoding(path, head)
        # Where a byte can be told from its neighbours, only its own row is lost.
        self._errors = "replace" if self.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        lines = self._first_lines()
        self._hinted = bool(lines) and _SEPARATOR_LINE.fullmatch(lines[0]) is not None
        self.separator = lines[0][-1] if self._hinted else _separator(lines)
        self._size = path.stat().st_size
        self._line_bytes = len(head) / max(head.count(b"\n"), head.count(b"\r"), 1)

    def rows(self, sheet: int) -> Rows:
        """Read the rows; a cell may have several lines. Raises FileRefused."""
        row = 0
        pending: list[str] = []
        first = self._hinted
        for lines in self._blocks():
            if first:
                del lines[0]
                first = False
            if not pending and not any('"' in line for line in lines):
                for line in lines:
                    row += 1
                    if line:
                        yield row, self._plain(line)
                continue
            waiting = [*pending, *lines]
            pending.clear()
            for record in self._records(waiting, pending):
                row += 1
                if record:
                    yield row, self._taken_apart(record)
        while pending:  # a quotation mark is open at the end of the file
            row += 1
            yield row, BadRow(RowReason.BROKEN, (pending.pop(0),))
            waiting = pending[:]
            pending.clear()
            for record in self._records(waiting, pending):
                row += 1
                yield row, self._taken_apart(record)

    def about(self, sheet: int) -> int:
        """Return about how many rows there are."""
        return max(int(self._size / self._line_bytes), 1)

    def close(self) -> None:
        """Nothing is held open."""

    def _plain(self, line: str) -> Sequence[Cell] | BadRow:
        if len(line) > self._limits.line_characters:
            return BadRow(RowReason.BROKEN, (line[:200],))
        if "\0" in line:
            return BadRow(RowReason.ENCODING, line.split(self.separator))
        return line.split(self.separator)

    def _taken_apart(self, record: str) -> Sequence[Cell] | BadRow:
        if '"' not in record or len(record) > self._limits.line_characters:
            return self._plain(record)
        if "\0" in record:
            return BadRow(RowReason.ENCODING, record.split(self.separator))
        if _is_open(record, self.separator):
            return BadRow(RowReason.BROKEN, (record,))
        return next(csv.reader([record], delimiter=self.separator))

    def _records(self, waiting: Sequence[str], pending: list[str]) -> Iterator[str]:
        """Join lines to records; what is still open at the end goes to `pending`.

        A mark that is never closed costs its own line only: the lines after it are looked at afresh.
        """
        at, count = 0, len(waiting)
        while at < count:
            record = waiting[at]
            if '"' not in record or not _is_open(record, self.separator):
                yield record
                at += 1
                continue
            end = self._closing(waiting, at)
            if end is None:
                pending.extend(waiting[at:])
                return
            yield "\n".join(waiting[at : end + 1]) if end > at else record
            at = end + 1

    def _closing(self, lines: Sequence[str], start: int) -> int | None:
        """Return the line in which a cell that was opened ends, `start` for never, None for not yet."""
        record = lines[start]
        last = min(start + self._limits.quoted_lines, len(lines) - 1)
        for at in range(start + 1, last + 1):
            record += "\n" + lines[at]
            if '"' in lines[at]:
                fault = _fault(record, self.separator)
                if fault != _OPEN:
                    # What follows the closing mark is no separator: it opens a cell of another row.
                    return start if fault else at
        return start if last == start + self._limits.quoted_lines else None

    def _blocks(self) -> Iterator[list[str]]:
        """Yield lines without their ends, some thousands at a time."""
        rest = ""
        for text in self._texts():
            lines = (rest + text).split("\n")
            rest = lines.pop()
            if len(rest) > 10 * self._limits.line_characters:
                raise FileRefused(FileFault.NOT_A_TABLE)
            if lines:
                yield lines
        if rest:
            yield [rest]

    def _texts(self) -> Iterator[str]:
        """Yield the text in pieces, every line's end a line feed."""
        decoder = codecs.getincrementaldecoder(self.encoding)(self._errors)
        held = ""
        try:
            with self._path.open("rb") as file:
                file.seek(self._skip)
                while block := file.read(_BLOCK):
                    text = held + decoder.decode(block)
                    held = ""
                    if text.endswith("\r"):  # perhaps the first half of a line's end
                        text, held = text[:-1], "\r"
                    yield _line_feeds(text)
                yield _line_feeds(held + decoder.decode(b"", final=True))
        except OSError as error:
            raise FileRefused(FileFault.UNREADABLE, error.strerror or "") from error

    def _first_lines(self) -> list[str]:
        lines: list[str] = []
        for text in self._texts():
            lines = text[:_HEAD].split("\n")
            break
        if len(lines) > 1:
            lines.pop()  # it may be cut
        return lines


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _is_open(record: str, separator: str) -> bool:
    """Whether a quotation mark that begins a cell is not closed in this text."""
    return record.count('"') % 2 == 1 and _fault(record, separator) == _OPEN


def _fault(record: str, separator: str) -> str:
    """Return what is wrong with the quotation marks of a record, or nothing."""
    try:
        next(csv.reader([record], delimiter=separator, strict=True))
    except csv.Error as error:
        return _OPEN if "end of data" in str(error) else "malformed"
    return ""


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that makes most columns of most lines. Raises FileRefused."""
    best, chosen = 0.0, ""
    for separator in _SEPARATORS:
        widths = [len(row) for row in csv.reader(lines[:100], delimiter=separator) if any(row)]
        if not widths:
            raise FileRefused(FileFault.EMPTY)
        width = max(widths, key=widths.count)
        score = width * widths.count(width) / len(widths)
        if width > 1 and score > best:
            best, chosen = score, separator
    if not chosen:
        raise FileRefused(FileFault.SEPARATOR)
    return chosen


def _encoding(path: Path, head: bytes) -> tuple[str, int]:
    """Return the encoding and how many bytes of a mark stand before the text. Raises FileRefused."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    wide = _wide(head)
    if wide:
        return wide, 0
    if _MARKUP.match(head) or len(_CONTROL.findall(head)) * 50 > len(head):
        raise FileRefused(FileFault.NOT_A_TABLE)
    return _narrow(path), 0


def _wide(head: bytes) -> str:
    """Return UTF-16's name if every other byte is zero, as in Latin text."""
    half = max(len(head) // 2, 1)
    if head[1::2].count(0) * 10 > 7 * half and not head[::2].count(0) * 10 > half:
        return "utf-16-le"
    if head[::2].count(0) * 10 > 7 * half and not head[1::2].count(0) * 10 > half:
        return "utf-16-be"
    return ""


def _narrow(path: Path) -> str:
    """Return the encoding of text without a mark: the first letter with an accent may stand at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = broken = 0
    odd = bytearray()  # a sample of the lines that are no UTF-8
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(_BLOCK), b""):
                text = decoder.decode(block)
                if block.isascii() and text.isascii():
                    continue
                lost = len(re.findall("[\udc80-\udcff]", text))
                broken += lost
                valid += len(re.findall("[^\x00-\x7f\udc80-\udcff]", text))
                if lost and len(odd) < _HEAD:
                    odd += block
    except OSError as error:
        raise FileRefused(FileFault.UNREADABLE, error.strerror or "") from error
    if not broken or valid > 3 * broken:
        return "utf-8"  # some rows of a good file may be damaged; they are refused one by one
    return _eight_bits(bytes(odd))


def _eight_bits(sample: bytes) -> str:
    try:
        sample.decode(_WESTERN)
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(sample[:_HEAD]).best()
        return _WESTERN if found is None or found.encoding.startswith(("utf", "ascii")) else found.encoding
    return _WESTERN
