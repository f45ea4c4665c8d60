"""Taxpayer numbers as callers key them: NPWP of 15 and 16 digits, NIK, NITKU.

Since July 2024 (PMK 112/PMK.03/2022 with PMK 136/2023) an NPWP has 16 digits: for resident persons
it is the NIK; for all others it is `0` followed by the old 15. Callers still key the old form.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

OLD_LENGTH = 15
LENGTH = 16
NITKU_LENGTH = 22  # 16 digits of NPWP and 6 of the place
KEYED_LENGTHS = frozenset({OLD_LENGTH, LENGTH, NITKU_LENGTH})

_CHECKED = 9  # kind (2), serial (6), check digit (1): Luhn covers these
_WOMEN = 40  # added to the day of birth in a woman's NIK
_DIGITS = re.compile(r"[0-9]+", re.ASCII)

# The Ministry of Home Affairs' codes of provinces (Kepmendagri 100.1.1-6117/2022).
PROVINCES = frozenset(
    f"{code}"
    for block in (range(11, 20), [21], range(31, 37), range(51, 54), range(61, 66), range(71, 77), [81, 82])
    for code in block
) | frozenset(f"{code}" for code in range(91, 97))


class NpwpKind(StrEnum):
    """Which form a number has."""

    OLD = "old"  # 15 digits
    NIK = "nik"  # 16 digits, a resident person's
    PREFIXED = "prefixed"  # 16 digits, `0` and the old 15
    NITKU = "nitku"  # 22 digits, a place of business
    UNKNOWN = "unknown"


class NpwpFault(StrEnum):
    """Why a number cannot be right."""

    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    CHECK_DIGIT = "check_digit"
    REGION = "region"
    BIRTH_DATE = "birth_date"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class NpwpCheck:
    """What is known of a number from its digits alone.

    `candidates` are the numbers under which the register is to be asked, in turn. The old form of
    a company leads to `0` and the number; a person's old form cannot be turned into the new one, so
    the register is asked for the old number itself. Empty for a number that cannot be right.
    """

    kind: NpwpKind
    fault: NpwpFault | None
    candidates: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether the digits can be a taxpayer's number."""
        return self.fault is None


def check_npwp(digits: str) -> NpwpCheck:
    """Check a number of 15, 16 or 22 digits by its own rules."""
    kind, fault = _judge(digits)
    if fault is not None:
        return NpwpCheck(kind, fault, ())
    if kind is NpwpKind.OLD:
        return NpwpCheck(kind, None, ("0" + digits, digits))
    return NpwpCheck(kind, None, (digits[:LENGTH],))


def keyed_npwp(digits: str) -> str | None:
    """Return a keyed number as it is kept (a NITKU as its 16-digit NPWP), or None if it is wrong."""
    check = check_npwp(digits)
    return digits[:LENGTH] if check.valid else None


def check_digit(first_eight: str) -> str:
    """Return the ninth digit that makes kind and serial of an old number right (Luhn)."""
    return str(-_luhn_sum(first_eight + "0") % 10)


def _judge(digits: str) -> tuple[NpwpKind, NpwpFault | None]:
    if not _DIGITS.fullmatch(digits):
        return NpwpKind.UNKNOWN, NpwpFault.NOT_DIGITS
    if len(digits) == OLD_LENGTH:
        return NpwpKind.OLD, _old_fault(digits)
    if len(digits) == LENGTH:
        if digits[0] == "0":
            return NpwpKind.PREFIXED, _old_fault(digits[1:])
        return NpwpKind.NIK, _nik_fault(digits)
    if len(digits) == NITKU_LENGTH:
        return NpwpKind.NITKU, _judge(digits[:LENGTH])[1]
    return NpwpKind.UNKNOWN, NpwpFault.LENGTH


def _old_fault(digits: str) -> NpwpFault | None:
    if not int(digits[:_CHECKED]):
        return NpwpFault.SERIAL  # zeros satisfy Luhn, but are nobody's number
    return None if _luhn_sum(digits[:_CHECKED]) % 10 == 0 else NpwpFault.CHECK_DIGIT


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def _nik_fault(digits: str) -> NpwpFault | None:
    province, regency, district = digits[:2], digits[2:4], digits[4:6]
    if province not in PROVINCES or "00" in (regency, district):
        return NpwpFault.REGION
    if not _is_birth_date(digits[6:12]):
        return NpwpFault.BIRTH_DATE
    return NpwpFault.SERIAL if digits[12:] == "0000" else None


@lru_cache(maxsize=65_536)  # a list of a million people has each date many times
def _is_birth_date(ddmmyy: str) -> bool:
    day, month, year = int(ddmmyy[:2]), int(ddmmyy[2:4]), int(ddmmyy[4:])
    if day > _WOMEN:
        day -= _WOMEN
    # The century is not in the number; of 1900 and 2000 the latter has a 29 February.
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
