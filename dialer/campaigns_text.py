"""A campaign's definition as plain text values, for YAML, JSON and forms: one reading for all of them.

Every scalar is text: days as 2026-03-31, times as 08:00, spans as 90s, 30m, 4h or 3d, flags as yes or no.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from acd.skills import Tier
from dialer.campaigns import CampaignKind, CampaignRefused, Caps, Definition, Pacing, RetryRule, Window

Plain = dict[str, Any]
"""Texts, lists of texts, and the like by name."""

E = TypeVar("E", bound=StrEnum)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([0-9]{1,8})([smhd])", re.ASCII)
_CLOCK = re.compile(r"([01][0-9]|2[0-3])[:.]([0-5][0-9])", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_LEAST = ("title", "kind", "script", "flow")


def to_plain(definition: Definition) -> Plain:
    """Return a definition as plain values, every field in its order."""
    return {one.name: _told(getattr(definition, one.name)) for one in fields(Definition)}


def from_plain(values: Mapping[str, object]) -> Definition:
    """Return the definition that plain values tell; what is missing is as a new campaign has it.

    Raises CampaignRefused for the first field that cannot be read.
    """
    for name in values:
        if name not in _READERS:
            raise CampaignRefused(name, "unknown_field")
    for name in _LEAST:
        if not values.get(name):
            raise CampaignRefused(name, "missing")
    found: dict[str, Any] = {name: _READERS[name](name, value) for name, value in values.items()}
    return Definition(**found)


def _told(value: object) -> Any:
    if isinstance(value, Mapping):
        return {name: _told(row) for name, row in value.items()}
    if isinstance(value, Window | Caps | RetryRule):
        return {one.name: _told(getattr(value, one.name)) for one in fields(value)}
    return next((told(value) for kind, told in _TELLERS if isinstance(value, kind)), value)


def _told_number(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _told_span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    unit = next(name for name in "dhms" if seconds % _UNITS[name] == 0)
    return f"{seconds // _UNITS[unit]}{unit}" if seconds else "0s"


# The first kind that fits: a flag is a whole number to Python, and a word of an enumeration a text.
_TELLERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (type(None), lambda _: ""),
    (bool, lambda flag: "yes" if flag else "no"),
    (StrEnum, lambda word: word.value),
    (int, str),
    (float, _told_number),
    (date, date.isoformat),
    (time, lambda clock: clock.isoformat("minutes")),
    (timedelta, _told_span),
    (frozenset, lambda days: [WEEKDAYS[day] for day in sorted(days)]),
    (tuple, list),
)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise CampaignRefused(name, "not_a_text")
    return value.strip()


def _matching(pattern: re.Pattern[str], word: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        text = _text(name, value)
        if not pattern.fullmatch(text):
            raise CampaignRefused(name, word, text)
        return text

    return read


_whole_text, _decimal_text = _matching(_WHOLE, "not_a_whole_number"), _matching(_DECIMAL, "not_a_number")


def _whole(name: str, value: object) -> int:
    return int(_whole_text(name, value))


def _decimal(name: str, value: object) -> float:
    return float(_decimal_text(name, value))


def _flag(name: str, value: object) -> bool:
    text = _text(name, value)
    if text not in ("yes", "no"):
        raise CampaignRefused(name, "not_yes_or_no", text)
    return text == "yes"


def _day(name: str, value: object) -> date | None:
    text = _text(name, value)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CampaignRefused(name, "not_a_day", text) from error


def _time(name: str, value: object) -> time:
    text = _text(name, value)
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise CampaignRefused(name, "not_a_time", text)
    return time(int(found[1]), int(found[2]))


def _span(name: str, value: object) -> timedelta:
    text = _text(name, value)
    found = _SPAN.fullmatch(text)
    if found is None:
        raise CampaignRefused(name, "not_a_span", text)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _words(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise CampaignRefused(name, "not_a_list")
    return tuple(_text(name, one) for one in value)


def _weekdays(name: str, value: object) -> frozenset[int]:
    days = _words(name, value)
    for day in days:
        if day not in WEEKDAYS:
            raise CampaignRefused(name, "not_a_weekday", day)
    return frozenset(WEEKDAYS.index(day) for day in days)


def _one_of(kind: type[E]) -> Callable[[str, object], E]:
    def read(name: str, value: object) -> E:
        text = _text(name, value)
        try:
            return kind(text)
        except ValueError as error:
            raise CampaignRefused(name, "no_such_choice", text) from error

    return read


def _part(
    kind: Callable[..., Any], readers: Mapping[str, Callable[[str, object], Any]], *needed: str
) -> Callable[[str, object], Any]:
    def read(name: str, value: object) -> Any:
        if not isinstance(value, Mapping):
            raise CampaignRefused(name, "not_a_part")
        for key in value:
            if key not in readers:
                raise CampaignRefused(f"{name}.{key}", "unknown_field")
        for key in needed:
            if key not in value:
                raise CampaignRefused(f"{name}.{key}", "missing")
        return kind(**{key: readers[key](f"{name}.{key}", one) for key, one in value.items()})

    return read


_rule = _part(RetryRule, {"attempts": _whole, "spacing": _span, "next_number": _flag}, "attempts", "spacing")


def _rules(name: str, value: object) -> Mapping[str, RetryRule]:
    if not isinstance(value, Mapping):
        raise CampaignRefused(name, "not_a_part")
    return {str(code): _rule(f"{name}.{code}", one) for code, one in value.items()}


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    **dict.fromkeys(("title", "script", "flow", "skill", "tax_period", "content"), _text),
    "kind": _one_of(CampaignKind),
    "pacing": _one_of(Pacing),
    "tier": _one_of(Tier),
    **dict.fromkeys(("priority", "most_lines", "least_team", "effect_days"), _whole),
    **dict.fromkeys(("ring_seconds", "abandon_limit", "control_share"), _decimal),
    **dict.fromkeys(("starts_on", "ends_on"), _day),
    **dict.fromkeys(("needs_poro", "amd"), _flag),
    **dict.fromkeys(("dispositions", "fields"), _words),
    "window": _part(Window, {"opens": _time, "closes": _time, "weekdays": _weekdays}),
    "caps": _part(Caps, dict.fromkeys(("life", "day", "rolling_24h"), _whole)),
    "retry": _rules,
}
