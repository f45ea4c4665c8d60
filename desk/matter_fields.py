"""Fields of forms, as the dated tables declare them, and what was filled into them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from desk.matters import MatterRefused
from domain.phone import callback_number

LONGEST = 4000  # characters of one field
LONGEST_NOTE = 4000
Kind = Literal["text", "long", "day", "choice", "phone"]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field. `field_NAME` and `choice_NAME_CHOICE` are its texts in the catalogue."""

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    past: bool = False  # a day that must not lie ahead
    item: bool = False  # a point of the completeness check
    most: int = 200  # characters


def filled(
    fields: Sequence[Field], given: Mapping[str, str], today: date, *, partial: bool = False
) -> dict[str, str]:
    """Return what was filled in, checked and tidy; empty fields are left out.

    `partial`: required fields may be missing. Raises MatterRefused with the field, never the value.
    """
    known = {field.name: field for field in fields}
    for name in given:
        if name not in known:
            raise MatterRefused("unknown_field", place="" if len(name) > 40 else name)
    found = {}
    for field in fields:
        text = given.get(field.name, "").strip()
        if text:
            found[field.name] = _checked(field, text, today)
        elif field.required and not partial:
            raise MatterRefused("missing", place=field.name)
    return found


def check_note(note: str, *, required: bool = False) -> str:
    """Return a note without space around it. Raises MatterRefused."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise MatterRefused("too_long", place="note", most=str(LONGEST_NOTE))
    if required and not note:
        raise MatterRefused("missing", place="note")
    return note


def phone(text: str, place: str) -> str:
    """Return a number that may be called back, as E.164 digits. Raises MatterRefused."""
    number = callback_number(text)
    if number is None:
        raise MatterRefused("no_phone", place=place)
    return number


def missing(fields: Sequence[Field], body: Mapping[str, str]) -> tuple[str, ...]:
    """Return the points of the completeness check that are not answered yet."""
    return tuple(field.name for field in fields if field.item and not body.get(field.name))


def _checked(field: Field, text: str, today: date) -> str:
    most = LONGEST if field.kind == "long" else field.most
    if len(text) > most:
        raise MatterRefused("too_long", place=field.name, most=str(most))
    if field.kind == "choice" and text not in field.choices:
        raise MatterRefused("no_choice", place=field.name)
    if field.kind == "phone":
        return phone(text, field.name)
    if field.kind == "day":
        return _day(field, text, today)
    return text


def _day(field: Field, text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise MatterRefused("no_day", place=field.name) from error
    if field.past and day > today:
        raise MatterRefused("day_ahead", place=field.name)
    return day.isoformat()
