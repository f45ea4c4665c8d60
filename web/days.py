"""Days as forms and programs send them."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)  # what every database and every zone can count


def _read(given: object) -> object:
    """Return a day as it is written. Numbers are no days."""
    if not isinstance(given, str) or _WRITTEN.fullmatch(given) is None:
        raise PydanticCustomError("date_parsing", "write a day as YYYY-MM-DD")
    return given


def _read_or_nothing(given: object) -> object:
    """Return the same; None for an empty field of a form."""
    return None if given is None or given == "" else _read(given)


_Within = Annotated[date, Field(ge=_FIRST, le=_LAST)]

Day = Annotated[_Within, BeforeValidator(_read), WithJsonSchema({"type": "string", "format": "date"})]
"""A day of the years 2000 to 2999, YYYY-MM-DD."""

DayOrNothing = Annotated[
    _Within | None,
    BeforeValidator(_read_or_nothing),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "maxLength": 0},
                {"type": "null"},
            ]
        }
    ),
]
"""A day of the years 2000 to 2999, YYYY-MM-DD; nothing where a field was left empty."""
