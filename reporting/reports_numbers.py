"""Numbers as staff read them: 1.234,5 in Indonesian, 1,234.5 in English."""

from __future__ import annotations

from reporting.reports_document import Kind, Value

_SWAPPED = str.maketrans({",": ".", ".": ","})
_SECONDS = {"id": "dtk", "en": "s"}


def number(value: float, decimals: int, language: str) -> str:
    """Return a number with its separators."""
    written = f"{value:,.{decimals}f}"
    return written.translate(_SWAPPED) if language == "id" else written


def clock(seconds: float, language: str) -> str:
    """Return a duration: 6,3 dtk, 4:05 from a minute on, 1:04:05 from an hour on."""
    if round(seconds * 10) < 600:
        return f"{number(seconds, 1, language)} {_SECONDS[language]}"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{number(hours, 0, language)}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _signed(value: float, language: str) -> str:
    tenths = round(value * 10)
    sign = "+" if tenths > 0 else "−" if tenths < 0 else "±"
    return f"{sign}{number(abs(tenths) / 10, 1, language)}"


def written(value: Value, kind: Kind, language: str, unknown: str = "–") -> str:
    """Return a cell for people."""
    if value is None:
        return unknown
    if isinstance(value, str):
        return value
    match kind:
        case Kind.SECONDS:
            return clock(value, language)
        case Kind.SHARE:
            return f"{number(value * 100, 1, language)} %"
        case Kind.CHANGE:
            return f"{_signed(value * 100, language)} %"
        case Kind.POINTS:
            return f"{_signed(value, language)} pp"
        case Kind.PER_HOUR:
            return number(value, 2, language)
        case _:
            return number(value, 0, language)
