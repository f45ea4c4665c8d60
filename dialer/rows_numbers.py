"""Telephone numbers in lists: several to a cell, in every spelling, and only those that may be rung."""

import re

from dialer.lists import RowReason
from domain.phone import SERVICE_NUMBER, callback_number, dialled_number

MOST = 8  # numbers of one contact; further ones are left out
_BETWEEN = re.compile(r"[/;,|\n\r\t&]|\s(?:atau|dan|or|and)\s|\s{3,}", re.IGNORECASE)
_LABEL = re.compile(r"^[A-Za-z][A-Za-z .]{0,20}[.:]?\s*(?=[+(0-9])")
_EXTENSION = re.compile(r"\s*(?:ext|extension|pes|pesawat|x|#)\.?\s*:?\s*[0-9]{1,6}$", re.IGNORECASE)
_NOTE = re.compile(r"\s*\([^0-9)]*\)\s*$")  # "0812… (istri)"
_RANGE = re.compile(r"[0-9]\s*-\s*[0-9]{1,2}$")  # 5250208-10: a row of lines, not one number
_START = re.compile(r"\s+(?=(?:\+?62|0)[0-9(])")
_LEAST_MOBILE = 11  # 62, 8 and eight digits more
_OURS = "500200"  # how every spelling of our own number ends
_MARKS = str.maketrans("", "", " .-()")
# A number as it is dialled here: mobile, or an area code and a subscriber; not 080 (freephone, shared cost,
# premium), not 01 (another carrier's code).
_DOMESTIC = re.compile(r"08[1-9][0-9]{7,10}|0[2-79][0-9]{7,11}", re.ASCII)
_MARKED = re.compile(r"[0-9 .()-]*", re.ASCII)


def read_numbers(text: str) -> tuple[tuple[str, ...], RowReason | None]:
    """Return the numbers of one cell as E.164 digits in their order, and why there are none.

    Dropped are our own numbers, emergency, short, premium and freephone numbers, numbers abroad, and what
    could be read in more than one way.
    """
    if _DOMESTIC.fullmatch(text) and not text.endswith(_OURS):
        return ("62" + text[1:],), None
    if not text:
        return (), RowReason.NUMBER_MISSING
    found: list[str] = []
    ours = False
    for piece in _pieces(text):
        number = _number(piece)
        if number == SERVICE_NUMBER:
            ours = True
        elif number is not None and number not in found and len(found) < MOST:
            found.append(number)
    if found:
        return tuple(found), None
    return (), RowReason.NUMBER_OURS if ours else RowReason.NUMBER_INVALID


def _pieces(text: str) -> list[str]:
    pieces = []
    for part in _BETWEEN.split(text) if _BETWEEN.search(text) else (text,):
        piece = part.strip()
        if not piece:
            continue
        # Two numbers with only a space between, where each says how it begins.
        halves = _START.split(piece)
        if len(halves) > 1 and all(_number(half) for half in halves):
            pieces.extend(halves)
        else:
            pieces.append(piece)
    return pieces


def _number(piece: str) -> str | None:
    """Return one number, SERVICE_NUMBER for our own, None for what may not be rung."""
    if not _MARKED.fullmatch(piece):
        piece = _EXTENSION.sub("", _NOTE.sub("", _LABEL.sub("", piece.removeprefix("'"))))
    if _RANGE.search(piece):
        return None
    digits = piece.translate(_MARKS)
    if _DOMESTIC.fullmatch(digits) and not digits.endswith(_OURS):
        return "62" + digits[1:]
    if dialled_number(piece) == SERVICE_NUMBER:
        return SERVICE_NUMBER
    number = callback_number(piece)
    if number is None or (number[2] == "8" and len(number) < _LEAST_MOBILE):
        return None
    return number
