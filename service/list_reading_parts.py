"""The parts of an XLSX workbook beside its sheets: which sheets there are, shared texts, styles."""

import re
import xml.parsers.expat as expat
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialer.imports import FileFault, FileRefused

_BLOCK = 1 << 18
_OFFICE = "officeDocument"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BUILT_IN_DATES = frozenset({*range(14, 23), 27, 30, 36, *range(45, 48), 50, 57})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One visible sheet."""

    name: str
    path: str  # in the archive


def parse(
    archive: zipfile.ZipFile,
    path: str,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
    on_block: Callable[[], None] | None = None,
) -> None:
    """Read a part from front to end; tags come without their prefix. Raises FileRefused."""
    for _ in blocks(archive, path, start, end, text):
        if on_block is not None:
            on_block()


def blocks(
    archive: zipfile.ZipFile, path: str, start: Start, end: End | None, text: Text | None
) -> Iterator[None]:
    """As `parse`, and yield after each piece of the part."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        with archive.open(path) as part:
            while block := part.read(_BLOCK):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
            yield
    except (KeyError, expat.ExpatError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise FileRefused(FileFault.DAMAGED, path.rpartition("/")[2]) from error
    except RuntimeError as error:  # the part is encrypted
        raise FileRefused(FileFault.PASSWORD) from error


def _refuse_document_type(*_: object) -> None:
    # No workbook has one; entities declared there could unpack to anything.
    raise FileRefused(FileFault.ZIP_BOMB)


def local(tag: str) -> str:
    """Return a tag without its prefix."""
    return tag.rpartition(":")[2]


def sheet_parts(archive: zipfile.ZipFile) -> tuple[Sequence[SheetPart], bool, Mapping[str, str]]:
    """Return the visible sheets, whether days are counted from 1904, and the parts by their type.

    Raises FileRefused: DAMAGED, NOT_A_TABLE.
    """
    roots = _relations(archive, "_rels/.rels", "")
    book = next((path for kind, path in roots.values() if kind == _OFFICE), "")
    if not book.endswith(".xml"):
        raise FileRefused(FileFault.NOT_A_TABLE)
    folder, _, name = book.rpartition("/")
    parts = _relations(archive, f"{folder}/_rels/{name}.rels", folder)
    sheets: list[SheetPart] = []
    from_1904: list[bool] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        tag = local(tag)
        if tag == "workbookPr":
            from_1904.append(attributes.get("date1904") in ("1", "true"))
        elif tag == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if local(key) == "id"), "")
            kind, path = parts.get(relation, ("", ""))
            if kind == "worksheet":
                sheets.append(SheetPart(attributes.get("name", ""), path))

    parse(archive, book, start)
    if not sheets:
        raise FileRefused(FileFault.EMPTY)
    return sheets, any(from_1904), dict(parts.values())


def _relations(archive: zipfile.ZipFile, path: str, folder: str) -> Mapping[str, tuple[str, str]]:
    """Return relation id → (last word of its type, path in the archive)."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target[1:] if target.startswith("/") else f"{folder}/{target}" if folder else target
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], whole)

    parse(archive, path, start)
    return found


class SharedTexts:
    """The texts that cells of all sheets share, one after the other in one piece of memory.

    Read as far as they are asked for: the header's stand in front.
    """

    def __init__(self, archive: zipfile.ZipFile, path: str, most: int) -> None:
        """`path`: of the part, or empty. More than `most` bytes are refused as TOO_LARGE."""
        self._texts = bytearray()
        self._ends = array("I")  # 4 bytes each: `most` is far below 4 GB
        self._most = most
        self._in_text = self._phonetic = False
        self._blocks: Iterator[None] = iter(())
        if path:
            self._blocks = blocks(archive, path, self._start, self._end, self._text)

    def get(self, number: int) -> str:
        """Return a text. Raises IndexError, FileRefused."""
        while number >= len(self._ends) and next(self._blocks, self) is None:
            if len(self._texts) > self._most:
                raise FileRefused(FileFault.TOO_LARGE, f"{self._most >> 20} MB")
        if number < 0:
            raise IndexError(number)
        first = self._ends[number - 1] if number else 0
        return plain(self._texts[first : self._ends[number]].decode("utf-8", "replace"))

    def _start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "t" or tag.endswith(":t"):
            self._in_text = not self._phonetic
        elif local(tag) == "rPh":  # how Japanese is read aloud
            self._phonetic = True

    def _end(self, tag: str) -> None:
        if tag == "si" or tag.endswith(":si"):
            self._ends.append(len(self._texts))
        elif local(tag) == "rPh":
            self._phonetic = False
        self._in_text = False

    def _text(self, text: str) -> None:
        if self._in_text:
            self._texts += text.encode("utf-8", "replace")


def plain(text: str) -> str:
    """Return a text with the workbook's own escapes resolved (`_x000D_`)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def date_styles(archive: zipfile.ZipFile, path: str) -> frozenset[str]:
    """Return the numbers of those cell styles that show a number as a date or time."""
    if not path:
        return frozenset()
    own: dict[str, str] = {}
    formats: list[str] = []
    inside: list[bool] = [False]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        tag = local(tag)
        if tag == "numFmt":
            own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            formats.append(attributes.get("numFmtId", "0"))

    def end(tag: str) -> None:
        if local(tag) == "cellXfs":
            inside[0] = False

    parse(archive, path, start, end)
    return frozenset(str(style) for style, number in enumerate(formats) if _is_date(number, own))


def _is_date(number: str, own: Mapping[str, str]) -> bool:
    if number in own:
        return _DATE_LETTERS.search(_QUOTED.sub("", own[number])) is not None
    return number.isdecimal() and int(number) in _BUILT_IN_DATES
