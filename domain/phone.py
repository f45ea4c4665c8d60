"""Telephone numbers as trunks deliver them.

What arrives as caller id is the caller's own text: Asterisk passes on CR/LF, `&`, HTML and formulas
percent-decoded (measured). Nothing but digits leaves this module.
"""

import re

SERVICE_NUMBER = "1500200"
COUNTRY = "62"
# The number until July 2015; both still arrive, with and without Jakarta's area code.
_SERVICE_SPELLINGS = frozenset({SERVICE_NUMBER, "500200"})
_AREA = "21"

_LONGEST_TEXT = 40
_E164_DIGITS = 15  # ITU-T E.164
_LEAST_INTERNATIONAL = 8
_NATIONAL = re.compile(r"[1-9][0-9]{6,11}", re.ASCII)  # after the trunk prefix 0
_SUBSCRIBER = re.compile(COUNTRY + r"(?!80|1)[1-9][0-9]{7,11}", re.ASCII)
_INTERNATIONAL = re.compile(r"[1-9][0-9]+", re.ASCII)
_PUNCTUATION = re.compile(r"[ .\-()]", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9]+", re.ASCII)


def dialled_number(text: str) -> str | None:
    """Return what was dialled: `1500200` for every spelling of it, another number's digits as they are.

    Spellings: 1500200 and the old 500200, each also behind 021, 21, 62, +62, 0062 or a lone 0.
    None if the text is no number.
    """
    number = _plain(text)
    if number is None:
        return None
    rest = number.removeprefix("+")
    for international in ("00" + COUNTRY, COUNTRY):
        if rest.startswith(international):
            rest = rest.removeprefix(international)
            break
    rest = rest.removeprefix("0").removeprefix(_AREA)
    if rest in _SERVICE_SPELLINGS:
        return SERVICE_NUMBER
    return number.removeprefix("+")[:_E164_DIGITS]


def caller_number(text: str | None) -> str | None:
    """Return a caller's number as E.164 digits without plus, e.g. `628110000123`.

    None for a withheld number and for every text that is not clearly one number: `0…` and `8…` are
    Indonesian, `62…` too even without a plus, `+…` and `00…` name their country. Anything else could
    be read in more than one way.
    """
    number = _plain(text) if text else None
    if number is None:
        return None
    if number.startswith("+"):
        return _international(number[1:])
    if number.startswith("00"):
        return _international(number[2:])
    if number.startswith(COUNTRY):
        return _international(number)
    if number.startswith("0"):
        return _national(number[1:])
    return _national(number) if number.startswith("8") and len(number) >= 9 else None


def callback_number(text: str) -> str | None:
    """Return a number that this service may ring at a caller's wish, as E.164 digits; None for any other.

    Indonesian subscribers only: a keyed number abroad, or one behind 080x (freephone, shared cost,
    premium) or 01x (another carrier's access code), could be made to cost or to loop.
    """
    number = caller_number(text)
    if number is None or dialled_number(number) == SERVICE_NUMBER:
        return None
    return number if _SUBSCRIBER.fullmatch(number) else None


def _plain(text: str) -> str | None:
    if len(text) > _LONGEST_TEXT:
        return None
    if text.isdecimal() and text.isascii():
        return text
    # `+62 (0)21 …`: the trunk prefix is written but not dialled behind a country code.
    number = _PUNCTUATION.sub("", re.sub(r"^(\+?62) ?\(0\)", r"\1", text))
    return number if _NUMBER.fullmatch(number) else None


def _international(digits: str) -> str | None:
    if digits.startswith(COUNTRY):
        return _national(digits.removeprefix(COUNTRY).removeprefix("0"))
    fits = _LEAST_INTERNATIONAL <= len(digits) <= _E164_DIGITS
    return digits if fits and _INTERNATIONAL.fullmatch(digits) else None


def _national(digits: str) -> str | None:
    return COUNTRY + digits if _NATIONAL.fullmatch(digits) else None
