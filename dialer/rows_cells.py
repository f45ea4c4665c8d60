"""Cells as readers bring them, and what spreadsheets do to long numbers.

A cell is a text, or a number as the workbook holds it: what was once a number has at most 15 digits that
can be trusted (IEEE 754 double, and Excel's own limit), whatever it looks like now.
"""

import unicodedata

Cell = str | int | float

_TRUSTED = 10**15
_TEXT_FORMULA = '="'  # ="0812…": how programs keep a spreadsheet from reading a text as a number
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff\u00ad"))


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
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    text = text.strip()
    if text.startswith(_TEXT_FORMULA) and text.endswith('"') and len(text) > 2:
        text = text[2:-1].strip()
    return text.removeprefix("'")


def is_damaged(text: str) -> bool:
    """Whether bytes that are no text left their mark in it: a surrogate, or the replacement character."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" or char == "\ufffd" for char in text)
