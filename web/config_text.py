"""Texts of tables as the pages of settings show them: what is assumed, values with their places. Pure."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from web.config_port import Form
from web.list_sheets import defused

ASSUMED = "assumed"
_YES = frozenset({"true", "yes", "on"})
_NAMES = ("name", "code", "since", "from", "day", "first", "rule", "key")  # what a row of a list is known by


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value of a YAML text and where it stands: characters from `begins` to before `ends`."""

    path: tuple[str, ...]
    value: str
    begins: int
    ends: int
    line: int  # from 1
    quoted: bool
    assumed: bool  # the part it belongs to is marked


@dataclass(frozen=True, slots=True)
class FieldPart:
    """Values that belong together: one part of a YAML text."""

    path: tuple[str, ...]
    assumed: bool
    values: tuple[Scalar, ...]


@lru_cache(maxsize=256)
def assumed_lines(form: Form, text: str) -> Sequence[int]:
    """Return the lines (from 1) that are marked as published by nobody; empty for what is no such text."""
    if form is Form.CSV:
        rows = _rows(text)
        if not rows or ASSUMED not in rows[0]:
            return ()
        at = rows[0].index(ASSUMED)
        return tuple(n for n, row in enumerate(rows[1:], 2) if len(row) > at and row[at].strip() in _YES)
    node = composed(text)
    return tuple(sorted(set(_assumed(node)))) if node is not None else ()


def scalars(text: str) -> list[Scalar]:
    """Return every value of one line of a YAML text, in its order. Empty for what is no YAML."""
    node = composed(text)
    return [] if node is None else list(_scalars(node, (), assumed=False))


def fields_of(text: str) -> list[FieldPart]:
    """Return the values of a YAML text by the part they stand in, in its order. Long texts are left out."""
    parts: list[FieldPart] = []
    for one in scalars(text):
        path = one.path[:-1]
        if parts and parts[-1].path == path:
            values = (*parts[-1].values, one)
            parts[-1] = FieldPart(path, one.assumed, values)
        else:
            parts.append(FieldPart(path, one.assumed, (one,)))
    return parts


def cells_of(text: str) -> list[list[str]]:
    """Return the rows of a CSV, headings first; empty for what is none."""
    return [row for row in _rows(text) if row]


def for_spreadsheets(text: str) -> str:
    """Return a CSV in which no cell is a formula for a spreadsheet that opens it."""
    return _rewritten(text, defused)


def from_spreadsheets(text: str) -> str:
    """Return a CSV as it was before `for_spreadsheets`. What is no CSV is returned as it is."""
    return _rewritten(text, lambda cell: cell[1:] if cell[:1] == "'" and defused(cell[1:]) == cell else cell)


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return []


def _rewritten(text: str, how: Callable[[str], str]) -> str:
    try:
        rows = [[how(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error:
        return text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def row_count(form: Form, text: str) -> int:
    """Return the rows of a CSV below its headings, or the lines of a YAML that say something."""
    if form is Form.CSV:
        return max(0, sum(1 for row in _rows(text) if any(cell.strip() for cell in row)) - 1)
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def line_of(text: str, path: str) -> int:
    """Return the line of a place such as `versions[0].types[2].days`; 0: it is not found."""
    node: yaml.Node | None = composed(text)
    line = 0
    for name, index in re.findall(r"([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]", path):
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode) and name:
            found = next((value for key, value in node.value if key.value == name), None)
            line = next((key.start_mark.line + 1 for key, _ in node.value if key.value == name), line)
        elif isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
            found = node.value[int(index)]
            line = node.value[int(index)].start_mark.line + 1
        if found is None:
            return line
        node = found
    return line


def composed(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML text; None for what is none."""
    try:
        found: object = yaml.compose(text, Loader=yaml.CSafeLoader)  # compiled: pages wait for it
    except yaml.YAMLError:
        return None
    return found if isinstance(found, yaml.Node) else None


def _marked(node: yaml.MappingNode) -> int:
    """Return the line that marks a part as published by nobody; 0: none does."""
    for key, value in node.value:
        if key.value == ASSUMED and str(value.value).lower() in _YES:
            return int(key.start_mark.line) + 1
    return 0


def _assumed(node: yaml.Node) -> Iterator[int]:
    if isinstance(node, yaml.MappingNode):
        if line := _marked(node):
            yield line
        for _, value in node.value:
            yield from _assumed(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _assumed(value)


def _scalars(node: yaml.Node, path: tuple[str, ...], *, assumed: bool) -> Iterator[Scalar]:
    if isinstance(node, yaml.MappingNode):
        marked = assumed or _marked(node) > 0
        for key, value in node.value:
            yield from _scalars(value, (*path, str(key.value)), assumed=marked)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value, 1):
            yield from _scalars(value, (*path, _row_name(value, number)), assumed=assumed)
    elif isinstance(node, yaml.ScalarNode) and node.start_mark.line == node.end_mark.line:
        start, end = node.start_mark, node.end_mark
        yield Scalar(
            path, node.value, start.index, end.index, start.line + 1, node.style in ("'", '"'), assumed
        )


def _row_name(node: yaml.Node, number: int) -> str:
    if isinstance(node, yaml.MappingNode):
        known: dict[str, str] = {
            str(key.value): value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)
        }
        named: Sequence[str] = [known[name] for name in _NAMES if known.get(name)]
        if named:
            return named[0]
    return f"{number}"
