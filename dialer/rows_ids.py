"""Numbers of taxpayers in lists. What a spreadsheet has touched is refused in every spelling, never mended.

A spreadsheet keeps 15 digits of a number: `3171015506990123` becomes 3171015506990120, shown as
3.17102E+15. A 15-digit number or one that begins with 0 does not lose digits at the end, but zeros in front.
"""

import math
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from dialer.lists import RowReason
from dialer.rows_cells import Cell, plain_text
from domain.npwp import LENGTH, NITKU_LENGTH, OLD_LENGTH, check_npwp

_KEPT = 15  # digits that a spreadsheet keeps
_SEPARATORS = re.compile("[ .\\-/\u2010-\u2015\u2212]")
# 1.23E+15, 1,23E+15, 123E13, 1.23×10^15, 1.23 x 10^15, 1.23*10^15, 1.23D+15
_EXPONENT = re.compile(r"[+-]?[0-9][0-9.,]*\s*(?:[eEdD]\s*[+-]?|[×x*]\s*10\s*(?:\^|\*\*)?\s*)[0-9]+")
_DECIMALS = re.compile(r"[+-]?[0-9]{9,}[.,][0-9]*")  # 3171015506990123.0
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3}){3,6}(?:[.,][0-9]+)?")
_MARKED = re.compile(r"[0-9]{15}\?+")  # by `marked`
_CELL_ERROR = re.compile(r"#+|#(?:N/A|VALUE!|REF!|NUM!|NAME\?|DIV/0!|NULL!)")
_LOST_ZEROS = frozenset({OLD_LENGTH - 2, OLD_LENGTH - 1, NITKU_LENGTH - 1, NITKU_LENGTH - 2})


@dataclass(slots=True)
class IdSigns:
    """What all numbers of a file's column show together; filled by `look_at`.

    A single 16-digit number that ends in 0 may be right, one of ten is. But where the column went through a
    spreadsheet all end so, and no single one can be told from a damaged one.
    """

    from_cells: bool  # text cells of a workbook, which that workbook did not touch
    whole: int = 0  # of 16 digits or more, none of them 0 in front
    ending_in_zero: int = 0
    damaged: int = 0  # written as only a spreadsheet writes them

    def look_at(self, cell: Cell) -> None:
        """Take one cell into account."""
        if type(cell) is not str:
            return
        if not (len(cell) == LENGTH and cell.isdecimal() and cell.isascii()):
            cell = plain_text(cell)
            if _spreadsheet_made(cell):
                self.damaged += 1
                return
            cell = _SEPARATORS.sub("", cell)
            if len(cell) not in (LENGTH, NITKU_LENGTH) or not cell.isdecimal():
                return
        if cell[0] != "0":
            self.whole += 1
            self.ending_in_zero += _may_be_rounded(cell)

    @property
    def rounded(self) -> bool:
        """Whether numbers that could have lost their last digit must be taken for damaged."""
        if not self.ending_in_zero:
            return False
        if self.damaged:
            return True
        if self.ending_in_zero == self.whole:
            return self.whole >= 5 or not self.from_cells
        # A tenth is usual; four standard deviations above it is not.
        usual = 0.12 * self.whole
        return self.ending_in_zero > usual + 4 * math.sqrt(usual) + 3


def read_npwp(cell: Cell, *, rounded: bool, no_persons: AbstractSet[str]) -> tuple[str, RowReason | None]:
    """Return a taxpayer's number in 16 digits, and why it cannot be used.

    `rounded`: of `IdSigns`. `no_persons`: second digits of old numbers whose holders are no resident persons.
    """
    if type(cell) is not str:
        return "", RowReason.NPWP_DAMAGED
    if len(cell) == LENGTH and cell.isdecimal() and cell.isascii():
        digits = cell
    else:
        digits, reason = _digits(plain_text(cell))
        if reason is not None:
            return "", reason
    if _may_be_rounded(digits) and (rounded or digits[LENGTH - 3 : LENGTH] == "000"):
        return "", RowReason.NPWP_DAMAGED
    if not check_npwp(digits).valid:
        return "", RowReason.NPWP_INVALID
    if len(digits) == OLD_LENGTH:
        return ("0" + digits, None) if digits[1] in no_persons else ("", RowReason.NPWP_OLD_PERSON)
    return digits[:LENGTH], None


def marked(text: str) -> str:
    """Return a number whose last digits may be lost with `?` in their place.

    A refused row comes back in another file, where nothing else shows any more that it was damaged.
    """
    digits = _SEPARATORS.sub("", text)
    return digits[:_KEPT] + "?" * (len(digits) - _KEPT) if _may_be_rounded(digits) else text


def _digits(text: str) -> tuple[str, RowReason | None]:
    """Return the digits of a number in any spelling, and why there are none."""
    if not text:
        return "", RowReason.NPWP_MISSING
    if _spreadsheet_made(text):
        return "", RowReason.NPWP_DAMAGED
    if not text[0].isdecimal():  # a sign in front is no separator
        return "", RowReason.NPWP_INVALID
    digits = _SEPARATORS.sub("", text)
    if len(digits) in _LOST_ZEROS and digits.isdecimal():
        return "", RowReason.NPWP_DAMAGED
    return digits, None


def _spreadsheet_made(text: str) -> bool:
    """Whether a text is a number as only spreadsheets write it."""
    if text.isdecimal():
        return False
    return any(form.fullmatch(text) for form in (_EXPONENT, _DECIMALS, _THOUSANDS, _MARKED, _CELL_ERROR))


def _may_be_rounded(digits: str) -> bool:
    """Whether a number of 16 digits or more would look so after a spreadsheet had it."""
    # Nearly all end in another digit.
    if not digits.endswith("0") or len(digits) < LENGTH or digits[0] == "0":
        return False
    return digits.isdecimal() and not digits[_KEPT:].strip("0")
