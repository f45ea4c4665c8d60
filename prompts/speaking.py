"""Values of calls, spoken as recorded words of a language."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time

from prompts import spoken_en, spoken_id
from prompts.errors import BadValue

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)

Speaker = Callable[[str], tuple[str, ...]]

SPEAKERS: Mapping[str, Mapping[str, Speaker]] = {
    "id": {
        "digits": spoken_id.digits,
        "number": lambda value: spoken_id.number(int(value)),
        "money": lambda value: spoken_id.money(int(value)),
        "date": lambda value: spoken_id.day(date.fromisoformat(value)),
        "month": lambda value: spoken_id.month(_first_of(value)),
        "weekday": lambda value: spoken_id.weekday(date.fromisoformat(value)),
        "time": lambda value: spoken_id.clock(time.fromisoformat(value)),
        "code": spoken_id.code,
    },
    "en": {
        "digits": spoken_en.digits,
        "number": lambda value: spoken_en.number(int(value)),
        "money": lambda value: spoken_en.money(int(value)),
        "date": lambda value: spoken_en.day(date.fromisoformat(value)),
        "month": lambda value: spoken_en.month(_first_of(value)),
        "weekday": lambda value: spoken_en.weekday(date.fromisoformat(value)),
        "time": lambda value: spoken_en.clock(time.fromisoformat(value)),
        "code": spoken_en.code,
    },
}


def _first_of(month: str) -> date:
    if not _MONTH.fullmatch(month):
        raise ValueError("no month")
    return date.fromisoformat(f"{month}-01")


_FORMS = {
    "digits": "digits only",
    "number": "a whole number",
    "money": "whole rupiah",
    "date": "YYYY-MM-DD",
    "month": "YYYY-MM",
    "weekday": "YYYY-MM-DD",
    "time": "HH:MM",
    "code": "letters A-Z and digits",
}


def speak(language: str, kind: str, value: str) -> tuple[str, ...]:
    """Speak a value as keys of `words.yaml`.

    `date` and `weekday` take YYYY-MM-DD, `month` YYYY-MM, `time` HH:MM, `number` and `money` (rupiah)
    whole numbers.
    Raises BadValue, which does not repeat the value: it may be a caller's NPWP.
    """
    try:
        return SPEAKERS[language][kind](value)
    except ValueError as error:
        raise BadValue(
            f"a value of {len(value)} signs cannot be spoken as {kind}: give {_FORMS[kind]}"
        ) from error
