"""Compares what a caller says with what the register holds, without telling either.

What is said reaches the keyboard in many spellings: case, spaces, punctuation, old spelling, dates and
telephone numbers written in any usual way count as the same; everything else does not.
"""

import hmac
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from domain.directory import ProofItem
from domain.npwp import check_npwp
from domain.phone import caller_number


class AnswerUnreadable(ValueError):
    """The answer cannot be one of its kind, e.g. no date; it was not compared."""


class AnswerKind(StrEnum):
    """How an answer is written."""

    NAME = "name"
    DIGITS = "digits"
    CODE = "code"  # letters and digits
    DATE = "date"
    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"


KINDS: Mapping[ProofItem, AnswerKind] = {
    ProofItem.NAME: AnswerKind.NAME,
    ProofItem.EFIN: AnswerKind.DIGITS,
    ProofItem.AUTHORISATION_CODE: AnswerKind.CODE,
    ProofItem.BIRTH_DATE: AnswerKind.DATE,
    ProofItem.MOTHER_NAME: AnswerKind.NAME,
    ProofItem.ADDRESS: AnswerKind.ADDRESS,
    ProofItem.EMAIL: AnswerKind.EMAIL,
    ProofItem.PHONE: AnswerKind.PHONE,
    ProofItem.REPRESENTATIVE: AnswerKind.NAME,
    ProofItem.REGISTERED_ON: AnswerKind.DATE,
}

LONGEST_ANSWER = 200
_EFIN_DIGITS = 10
_LEAST_LETTERS = 2

# Words of courtesy and of legal form: part of how a name is said, not of the name.
_COURTESY = "bapak bpk pak ibu bu saudara saudari sdr sdri tuan nyonya nona mr mrs ms"
_LEGAL_FORM = "pt cv ud fa tbk persero perseroan terbatas"
_NOT_OF_THE_NAME = frozenset(f"{_COURTESY} {_LEGAL_FORM}".split())
_MUHAMAD = frozenset({"moh", "muh", "mohd", "mohamad", "mohamed", "mochamad", "muhamed"})
# Spelling before 1972 beside today's, on purpose only where it cannot be read in two ways.
_OLD_SPELLING = (("oe", "u"), ("dj", "j"), ("tj", "c"))
_NOT_OF_THE_ADDRESS = frozenset(
    {"jalan", "jl", "jln", "no", "nomor", "rt", "rw", "kel", "kelurahan", "desa", "kec", "kecamatan"}
    | {"kab", "kabupaten", "kota", "prov", "provinsi", "kode", "pos"}
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("januari january jan", "februari february feb pebruari", "maret march mar", "april apr"),
            *("mei may", "juni june jun", "juli july jul", "agustus august agu aug agt"),
            *("september sep sept", "oktober october okt oct", "november nov nopember"),
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(r"(\d{1,2})[\s./-]*([a-z]+|\d{1,2})[\s./-]*(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PACKED_DATE = re.compile(r"(\d{2})(\d{2})(\d{4})")
_SEPARATORS = re.compile(r"[\s./\-]")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_DOUBLED = re.compile(r"([a-z])\1+")


def same(item: ProofItem, held: str, answer: str) -> bool:
    """Whether an answer is the held value. Raises AnswerUnreadable for what cannot be an answer."""
    kind = KINDS[item]
    said = normal(item, answer)
    if kind is AnswerKind.ADDRESS:
        return _same_address(held, answer)
    try:
        wanted = normal(item, held)
    except AnswerUnreadable:  # the register's own value is out of form: nobody can prove it
        return False
    return hmac.compare_digest(wanted.encode(), said.encode())


def normal(item: ProofItem, answer: str) -> str:
    """Return an answer in the one form that is compared. Raises AnswerUnreadable."""
    if len(answer) > LONGEST_ANSWER:
        raise AnswerUnreadable(f"the answer is longer than {LONGEST_ANSWER} characters")
    found = _normal(KINDS[item], _folded(answer))
    if not found:
        raise AnswerUnreadable(f"the answer cannot be read as {KINDS[item].value}")
    return found


def readable_npwp(digits: str) -> str:
    """Return an NPWP as digits alone. Raises AnswerUnreadable unless its own rules allow it."""
    found = _SEPARATORS.sub("", digits)
    if not check_npwp(found).valid:
        raise AnswerUnreadable("the number cannot be an NPWP; ask for it again")
    return found


def _normal(kind: AnswerKind, folded: str) -> str:
    match kind:
        case AnswerKind.NAME:
            return _name(folded)
        case AnswerKind.DIGITS:
            digits = _SEPARATORS.sub("", folded)
            return digits if re.fullmatch(rf"[0-9]{{{_EFIN_DIGITS}}}", digits) else ""
        case AnswerKind.CODE:
            return _NO_WORD.sub("", folded)
        case AnswerKind.DATE:
            return _date(folded)
        case AnswerKind.EMAIL:
            text = re.sub(r"\s", "", folded)
            return text if _EMAIL.fullmatch(text) else ""
        case AnswerKind.PHONE:
            return caller_number(folded.strip()) or ""
        case AnswerKind.ADDRESS:
            return " ".join(_address_words(folded))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def _name(folded: str) -> str:
    plain = folded.replace(".", "")  # P.T. is PT
    words = [word for word in _NO_WORD.split(plain) if word and word not in _NOT_OF_THE_NAME]
    spelt = "".join(_spelt(word) for word in words)
    return spelt if len(spelt) >= _LEAST_LETTERS else ""


def _spelt(word: str) -> str:
    for old, new in _OLD_SPELLING:
        word = word.replace(old, new)
    word = _DOUBLED.sub(r"\1", word)
    return "muhamad" if word in _MUHAMAD else word


def _date(folded: str) -> str:
    text = folded.strip()
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = found.groups()
    elif (found := _PACKED_DATE.fullmatch(text)) or (found := _DATE.fullmatch(text)):
        day, month, year = found.groups()
    else:
        return ""
    number = _MONTHS.get(month, 0) if month.isalpha() else int(month)
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return ""


def _address_words(folded: str) -> list[str]:
    words = (word.lstrip("0") or word for word in _NO_WORD.split(folded) if word)
    return [_DOUBLED.sub(r"\1", word) for word in words if word not in _NOT_OF_THE_ADDRESS]


def _same_address(held: str, answer: str) -> bool:
    """Whether street and number were said, first and in order, and nothing that is elsewhere.

    The held address begins with them, up to its first comma.
    """
    street = _address_words(_folded(held.partition(",")[0]))
    said = _address_words(_folded(answer))
    if not street or said[: len(street)] != street:
        return False
    return set(said) <= set(_address_words(_folded(held)))
