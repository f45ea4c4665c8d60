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
_PUNCTUATION = str.maketrans("", "", " .-()")
# As word processors write them.
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_DECIMALS = re.compile(r"(?<=[0-9]{9})\.0{1,2}$")  # 81234567890.0: a program took it for a quantity
_ONE_SIGN = str.maketrans(dict.fromkeys(";,|\n\r\t&", "/"))
# A number as it is dialled here, without the 0 in front: mobile, or an area code and a subscriber; not 80x
# (freephone, shared cost, premium), not 1 (another carrier's code).
_DOMESTIC = re.compile(r"8[1-9][0-9]{7,10}|[2-79][0-9]{7,11}", re.ASCII)
_WORDLESS = re.compile(r"[0-9 .()+/;,|\n\r\t&-]*", re.ASCII)


def read_numbers(text: str) -> tuple[tuple[str, ...], RowReason | None]:
    """Return the numbers of one cell as E.164 digits in their order, and why there are none.

    Dropped are our own numbers, emergency, short, premium and freephone numbers, numbers abroad, and what
    could be read in more than one way.
    """
    if not text:
        return (), RowReason.NUMBER_MISSING
    if not text.isascii():
        text = text.translate(_DASHES)
    found: list[str] = []
    ours = False
    for piece in _pieces(text):
        for number in _numbers(piece):
            if number == SERVICE_NUMBER:
                ours = True
            elif number not in found and len(found) < MOST:
                found.append(number)
    if found:
        return tuple(found), None
    return (), RowReason.NUMBER_OURS if ours else RowReason.NUMBER_INVALID


def _pieces(text: str) -> list[str]:
    if _WORDLESS.fullmatch(text) and "   " not in text:
        return text.translate(_ONE_SIGN).split("/")
    return _BETWEEN.split(text)


def _numbers(piece: str) -> list[str]:
    """Return what stands between two separators: one number, or several that each say how they begin."""
    number = _number(piece)
    if number is not None or " " not in piece:
        return [] if number is None else [number]
    halves = [_number(half) for half in _START.split(piece)]
    # Two numbers in a row are too long for one, so nothing is read in two ways.
    found = [half for half in halves if half is not None]
    return found if len(found) == len(halves) else []


def _number(piece: str) -> str | None:
    """Return one number, SERVICE_NUMBER for our own, None for what may not be rung."""
    piece = piece.strip()
    if not _WORDLESS.fullmatch(piece):
        piece = _EXTENSION.sub("", _NOTE.sub("", _LABEL.sub("", piece.removeprefix("'"))))
    if "-" in piece and _RANGE.search(piece):
        return None
    if piece.endswith("0") and "." in piece:
        piece = _DECIMALS.sub("", piece)
    national = _national(piece.translate(_PUNCTUATION))
    if _DOMESTIC.fullmatch(national) and not national.endswith(_OURS):
        return "62" + national
    if dialled_number(piece) == SERVICE_NUMBER:
        return SERVICE_NUMBER
    number = callback_number(piece)
    if number is None or (number[2] == "8" and len(number) < _LEAST_MOBILE):
        return None
    return number


def _national(number: str) -> str:
    """Return the digits after the country's code and the trunk prefix 0; nothing where there is neither."""
    if number.startswith("0") and not number.startswith("00"):
        return number[1:]
    for code in ("62", "+62", "0062"):
        if number.startswith(code):
            return number[len(code) :].removeprefix("0")
    return ""
