"""A search as words: of an address or form, and as it is kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from recording.quality.finding import MOST_VALUES, NAMED, SPANS, Search, Span

MOST_SECONDS = 86_400
_KEY = re.compile(r"[0-9A-Za-z_./ -]{1,64}")
_LENGTH = re.compile(r"(?:(\d{1,2}):)?(\d{1,3})(?::(\d{2}))?")
_LONGEST_WORDS = 200
_FLAGS = ("scored", "complaint", "new_agent", "audible")
_YES_NO: Mapping[str, bool | None] = {"yes": True, "no": False, "": None, "any": None}
_MOST: Mapping[str, int] = {
    "seconds": MOST_SECONDS, "hold": MOST_SECONDS, "transfers": 100, "silence": 100, "overlap": 100,
    "score": 10_000,
}  # fmt: skip
FIELDS = (
    "since", "until", *NAMED, "direction", *(f"{span}_{end}" for span in SPANS for end in ("least", "most")),
    *_FLAGS, "words",
)  # fmt: skip
"""What a search is written with, in the order of the form."""


class SearchRefused(Exception):
    """A field of a search cannot be read. `problem`: `unknown`, `not_a_day`, `too_many` …."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.field = name
        self.problem = problem


def read(given: Mapping[str, str]) -> Search:
    """Return the search that these words mean; several values of a field are apart by commas.

    Lengths are seconds or `m:ss`, scores points with a point or comma. Raises SearchRefused.
    """
    for name in given:
        if name not in FIELDS:
            raise SearchRefused(name[:40], "unknown")
    words = {name: value.strip() for name, value in given.items()}
    since, until = _day(words, "since"), _day(words, "until")
    if since is not None and until is not None and until < since:
        raise SearchRefused("until", "before_since")
    direction = words.get("direction", "")
    if direction not in ("", "in", "out"):
        raise SearchRefused("direction", "unknown")
    text = words.get("words", "")
    if len(text) > _LONGEST_WORDS:
        raise SearchRefused("words", "too_long")
    named = {name: _keys(words, name) for name in NAMED}
    spans = {name: _span(words, name) for name in SPANS}
    flags = {name: _flag(words, name) for name in _FLAGS}
    if "audible" not in words:
        flags["audible"] = True
    return Search(since=since, until=until, direction=direction, words=text, **named, **spans, **flags)  # type: ignore[arg-type]  # three mappings of fields, each of one type


def write(search: Search) -> Mapping[str, str]:
    """Return a search as words that `read` understands; what does not narrow is left out."""
    found = {
        "since": "" if search.since is None else search.since.isoformat(),
        "until": "" if search.until is None else search.until.isoformat(),
        "direction": search.direction,
        "words": search.words,
    }
    for name in NAMED:
        found[name] = ",".join(getattr(search, name))
    for name in SPANS:
        span: Span = getattr(search, name)
        for end, value in (("least", span.least), ("most", span.most)):
            found[f"{name}_{end}"] = "" if value is None else _shown(name, value)
    for name in _FLAGS:
        value = getattr(search, name)
        found[name] = "any" if value is None and name == "audible" else _word(value)
    if search.audible:
        found["audible"] = ""
    return {name: found[name] for name in FIELDS if found[name]}


def _word(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _day(words: Mapping[str, str], name: str) -> date | None:
    value = words.get(name, "")
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise SearchRefused(name, "not_a_day") from error


def _keys(words: Mapping[str, str], name: str) -> Sequence[str]:
    values = tuple(dict.fromkeys(part.strip() for part in words.get(name, "").split(",") if part.strip()))
    if len(values) > MOST_VALUES:
        raise SearchRefused(name, "too_many")
    if not all(_KEY.fullmatch(value) for value in values):
        raise SearchRefused(name, "unknown")
    return values


def _span(words: Mapping[str, str], name: str) -> Span:
    least, most = _number(words, name, "least"), _number(words, name, "most")
    if least is not None and most is not None and most < least:
        raise SearchRefused(f"{name}_most", "below_least")
    return Span(least, most)


def _number(words: Mapping[str, str], name: str, end: str) -> int | None:
    value, field = words.get(f"{name}_{end}", ""), f"{name}_{end}"
    if not value:
        return None
    try:
        number = _score(value) if name == "score" else _length(value) if name in _LENGTHS else int(value)
    except (ValueError, InvalidOperation) as error:
        raise SearchRefused(field, "not_a_number") from error
    if not 0 <= number <= _MOST[name]:
        raise SearchRefused(field, "out_of_range")
    return number


_LENGTHS = ("seconds", "hold")


def _score(value: str) -> int:
    points = Decimal(value.replace(",", ".")) * 100
    if points != points.to_integral_value():
        raise ValueError
    return int(points)


def _length(value: str) -> int:
    if value.isdecimal():
        return int(value)
    match = _LENGTH.fullmatch(value)
    if match is None:
        raise ValueError
    parts = [int(part) for part in match.groups() if part is not None]
    if any(part > 59 for part in parts[1:]):
        raise ValueError
    total = 0
    for part in parts:
        total = total * 60 + part
    return total


def _shown(name: str, value: int) -> str:
    if name in _LENGTHS:
        minutes, seconds = divmod(value, 60)
        return f"{minutes}:{seconds:02}"
    return f"{Decimal(value) / 100:f}" if name == "score" else str(value)


def _flag(words: Mapping[str, str], name: str) -> bool | None:
    value = words.get(name, "")
    if value not in _YES_NO:
        raise SearchRefused(name, "unknown")
    return _YES_NO[value]
