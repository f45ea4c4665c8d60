"""What a check of the installation finds, made in a line.

`about`: a part of the installation; `code`: what was found, with its words in `web/texts/findings.yaml`; the
keywords are what those words have in braces; `detail`: what a program or a reader said, word for word.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from web.checkup_port import Finding, Severity, Value

Given = str | int | float | date | Path | Sequence[str]


def good(about: str, code: str, detail: str = "", **values: Given) -> Finding:
    """Return something that is well."""
    return _finding(about, code, Severity.GOOD, detail, values)


def note(about: str, code: str, detail: str = "", **values: Given) -> Finding:
    """Return something that somebody should know."""
    return _finding(about, code, Severity.NOTE, detail, values)


def warning(about: str, code: str, detail: str = "", **values: Given) -> Finding:
    """Return something that works and will not for ever, or not for everybody."""
    return _finding(about, code, Severity.WARNING, detail, values)


def wrong(about: str, code: str, detail: str = "", **values: Given) -> Finding:
    """Return something that does not work."""
    return _finding(about, code, Severity.WRONG, detail, values)


def _finding(about: str, code: str, severity: Severity, detail: str, values: dict[str, Given]) -> Finding:
    shown = {name: _value(value) for name, value in values.items()}
    return Finding(about, code, severity, shown, detail)


def _value(given: Given) -> Value:
    if isinstance(given, (str, int, float)):
        return given
    if isinstance(given, Path):
        return str(given)
    return f"{given:%d.%m.%Y}" if isinstance(given, date) else list(given)
