"""What is wrong with the fields of a request, in the reader's language, without the values."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from web.texts import Texts

_KNOWN_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")  # names that models use; others came with the request
_SENT_BY = frozenset({"body", "query", "path", "header", "cookie"})

# The text of each kind of error of pydantic, and which of its details the text needs.
_LIMITS: Mapping[str, tuple[str, str, str]] = {
    "greater_than": ("field.too_small", "least", "gt"),
    "greater_than_equal": ("field.too_small", "least", "ge"),
    "less_than": ("field.too_large", "most", "lt"),
    "less_than_equal": ("field.too_large", "most", "le"),
    "string_too_short": ("field.too_short", "least", "min_length"),
    "too_short": ("field.too_short", "least", "min_length"),
    "string_too_long": ("field.too_long", "most", "max_length"),
    "too_long": ("field.too_long", "most", "max_length"),
    "literal_error": ("field.choice", "choices", "expected"),
    "enum": ("field.choice", "choices", "expected"),
}
_PLAIN: Mapping[str, str] = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "string_type": "field.text",
    "string_pattern_mismatch": "field.shape",
}
_FAMILIES: Sequence[tuple[Callable[[str], bool], str]] = (
    (lambda kind: kind.startswith(("int_", "float_", "decimal_", "finite_")), "field.number"),
    (lambda kind: kind.startswith(("date", "time", "timezone")), "field.time"),
    (lambda kind: kind.startswith("bool_"), "field.yes_no"),
    (lambda kind: kind.startswith(("uuid_", "url_", "string_")), "field.shape"),
)


class FieldError(BaseModel):
    """One field, and what is wrong with it."""

    field: str  # its name, with those it is in: `promise.date`
    problem: str  # for people: what to write


def field_errors(problems: Sequence[Any], texts: Texts, language: str) -> list[FieldError]:
    """Return pydantic's errors as people may read them."""
    found = [
        FieldError(field=_field(problem), problem=_problem(problem, texts, language)) for problem in problems
    ]
    return list({error.field: error for error in reversed(found)}.values())[::-1]


def _field(problem: Mapping[str, Any]) -> str:
    """Return the field's name. What the sender made up is not repeated."""
    place = list(problem.get("loc", ()))
    if place and place[0] in _SENT_BY:
        place = place[1:]
    names = [str(part) if isinstance(part, int) or _KNOWN_NAME.fullmatch(part) else "?" for part in place]
    if problem.get("type") == "extra_forbidden" and names:
        names[-1] = "?"
    return ".".join(names) or "body"


def _problem(problem: Mapping[str, Any], texts: Texts, language: str) -> str:
    kind, context = str(problem.get("type", "")), problem.get("ctx") or {}
    if kind == "value_error" and (name := str(context.get("error", ""))) in texts:
        return texts.say(language, name)  # a model's own check names its text
    if kind in _LIMITS:
        name, value, detail = _LIMITS[kind]
        if value == "least" and context.get(detail) == 1 and "short" in kind:
            return texts.say(language, "field.missing")
        said = context.get(detail, "?")
        if isinstance(said, str):  # pydantic's own list: 'one', 'two' or 'three'
            said = said.replace(" or ", texts.say(language, "field.or"))
        return texts.say(language, name, **{value: said})
    if kind in _PLAIN:
        return texts.say(language, _PLAIN[kind])
    for fits, name in _FAMILIES:
        if fits(kind):
            return texts.say(language, name)
    return texts.say(language, "field.other")
