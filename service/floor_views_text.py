"""The floor's views as lines for a terminal, in Indonesian or English."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from acd.messages import DECLARED, HEAD, OBSERVED, WORD, staff_messages
from service.aligned import aligned, clock

Row = Mapping[str, Any]
Cell = Callable[[Row, str], str]  # a row and the language → the text

_STATE_COLOURS = {"ready": "green", "paused": "yellow", "leaving": "yellow"}


def agent_line(row: Row, language: str) -> str:
    """Return an agent's state in one line."""
    return f"{row['agent']} {row['on_air_name']}: {_declared(row, language)}, {_observed(row, language)}"


def agents_lines(rows: Sequence[Row], language: str, colours: bool = False) -> list[str]:
    """Return the agents as a table."""
    lines = _lines(rows, language, _AGENTS)
    if not colours:
        return lines
    painted = [
        click.style(line, fg="red" if row["over_limit"] else _STATE_COLOURS.get(row["declared"]))
        for line, row in zip(lines[1:], rows, strict=False)
    ]
    return [click.style(lines[0], bold=True), *painted] if rows else lines


def queues_lines(rows: Sequence[Row], language: str, colours: bool = False) -> list[str]:
    """Return the queues as a table."""
    lines = _lines(rows, language, _QUEUES)
    if not colours or not rows:
        return lines
    painted = [
        click.style(line, fg="red" if row["waiting"] and not row["serving"] else None)
        for line, row in zip(lines[1:], rows, strict=True)
    ]
    return [click.style(lines[0], bold=True), *painted]


def talks_lines(rows: Sequence[Row], language: str) -> list[str]:
    """Return the talks as a table."""
    return _lines(rows, language, _TALKS)


def _lines(rows: Sequence[Row], language: str, columns: Mapping[str, Cell]) -> list[str]:
    messages = staff_messages()
    if not rows:
        return [messages.text(WORD, "nobody", language)]
    heads = [messages.text(HEAD, name, language) for name in columns]
    cells = [[cell(row, language) for cell in columns.values()] for row in rows]
    right = frozenset(place for place, name in enumerate(columns) if name in _NUMBERS)
    return aligned(heads, cells, right)


def _declared(row: Row, language: str) -> str:
    state = staff_messages().text(DECLARED, row["declared"], language)
    return f"{state} ({row['reason']})" if row["reason"] else state


def _observed(row: Row, language: str) -> str:
    return staff_messages().text(OBSERVED, row["observed"], language)


def _phase(row: Row, language: str) -> str:
    messages, phase = staff_messages(), row["phase"]
    return messages.text(OBSERVED if phase in messages.words(OBSERVED) else WORD, phase, language)


def _text(name: str) -> Cell:
    return lambda row, _: str(row[name] or "-")


def _count(name: str) -> Cell:
    return lambda row, _: str(row[name])


def _span(name: str) -> Cell:
    return lambda row, _: "-" if row[name] is None else clock(row[name])


_NUMBERS = frozenset(
    {"seconds", "waiting", "offered", "longest", "expected", "free", "serving", "talking", "wrap_up_left"}
)
_AGENTS: Mapping[str, Cell] = {
    "agent": _text("agent"),
    "on_air_name": _text("on_air_name"),
    "team": _text("team"),
    "declared": _declared,
    "observed": _observed,
    "seconds": _span("seconds"),
    "wrap_up_left": _span("wrap_up_left"),
    "queue": _text("queue"),
    "lent": _text("lent"),
    "call": _text("call_id"),
}
_QUEUES: Mapping[str, Cell] = {
    "queue": _text("queue"),
    "language": _text("language"),
    "waiting": _count("waiting"),
    "offered": _count("offered"),
    "longest": lambda row, _: clock(row["longest"]) if row["waiting"] else "-",
    "expected": _span("expected"),
    "free": _count("free"),
    "serving": _count("serving"),
    "talking": _count("talking"),
}
_TALKS: Mapping[str, Cell] = {
    "call": _text("call_id"),
    "queue": _text("queue"),
    "language": _text("language"),
    "agent": _text("agent"),
    "phase": _phase,
    "seconds": _span("seconds"),
    "third": _text("third"),
    "supervisors": lambda row, _: " ".join(row["supervisors"]) or "-",
}
