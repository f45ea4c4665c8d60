"""Cells as readers bring them, and what spreadsheets do to long numbers.

A cell is a text, or a number as the workbook holds it: what was once a number has at most 15 digits that
can be trusted (IEEE 754 double, and Excel's own limit), whatever it looks like now.
"""

import re
import unicodedata

Cell = str | int | float

_TRUSTED = 10**15
_TEXT_FORMULA = '="'  # ="0812…": how programs keep a spreadsheet from reading a text as a number
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_LOST = re.compile("[\ud800-\udfff\ufffd]")
_MARKS = frozenset("='")


def as_text(cell: Cell) -> str:
    """Return a cell as text, without what surrounds it.

    A number of more digits than can be trusted is written with an exponent, so that a row which was refused
    for it is refused again when it comes back as it was.
    """
    if isinstance(cell, str):
        return plain_text(cell)
    if abs(cell) >= _TRUSTED:
        return f"{cell:.14E}"
    return str(int(cell)) if float(cell).is_integer() else repr(cell)


def plain_text(text: str) -> str:
    """Return a text without invisible characters, the marks of a text cell, and spaces around it."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = _INVISIBLE.sub("", text)
    text = text.strip()
    if text and text[0] in _MARKS:
        if text.startswith(_TEXT_FORMULA) and text.endswith('"') and len(text) > 2:
            text = text[2:-1].strip()
        text = text.removeprefix("'")
    return text


def is_damaged(text: str) -> bool:
    """Whether bytes that are no text left their mark in it: a surrogate, or the replacement character."""
    return not text.isascii() and _LOST.search(text) is not None
