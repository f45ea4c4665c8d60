"""What the sources say about counts and tables, for the data dictionary."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from reporting import counts
from reporting.dictionary import ColumnText, TableText, data_dictionary
from reporting.formulas import FORMULAS
from storage.schema import metadata
from storage.tables import UtcTime

DOCUMENT = Path(__file__).parent.parent / "docs" / "data-dictionary.md"
_FOLDER = Path(__file__).parent
_KINDS: Sequence[tuple[type[sa.types.TypeEngine[Any]], str]] = (
    (sa.Boolean, "yes or no"),
    (sa.Date, "day"),
    (sa.LargeBinary, "bytes"),
    (sa.Integer, "whole number"),
    (sa.Numeric, "number"),
    (sa.String, "text"),
)


def made_dictionary() -> str:
    """Return the data dictionary as it follows from the sources."""
    return data_dictionary(FORMULAS, _count_notes(), _tables())


def _count_notes() -> Mapping[str, str]:
    """Return the comment beside each field of Counts."""
    source = Path(counts.__file__).read_text(encoding="utf-8")
    notes = _comments(source)
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = notes.get(node.end_lineno or 0, ("", False))[0]
    return found


def _tables() -> Iterator[TableText]:
    for path in sorted(_FOLDER.glob("*tables.py")):
        source = path.read_text(encoding="utf-8")
        notes = _comments(source)
        for name, node in _declared(source):
            table = metadata.tables.get(name)
            if table is not None:
                columns = [_column(one, _column_notes(node, notes)) for one in table.columns]
                about = _above(node.lineno, notes)
                yield TableText(name, f"{_FOLDER.name}/{path.name}", about, columns)


def _declared(source: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each `Table("name", …)` of a file."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Table"):
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value), node


def _column_notes(table: ast.Call, notes: Mapping[int, tuple[str, bool]]) -> Mapping[str, str]:
    found = {}
    for node in table.args[1:]:
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            text, alone = notes.get(node.end_lineno or 0, ("", False))
            found[str(node.args[0].value)] = "" if alone else text
    return found


def _column(column: sa.Column[Any], notes: Mapping[str, str]) -> ColumnText:
    return ColumnText(
        column.name, _kind(column.type), column.primary_key, bool(column.nullable), notes.get(column.name, "")
    )


def _kind(of: sa.types.TypeEngine[Any]) -> str:
    if isinstance(of, UtcTime):
        return "time"
    return next((word for kind, word in _KINDS if isinstance(of, kind)), "text")


def _above(line: int, notes: Mapping[int, tuple[str, bool]]) -> str:
    """Return the comment right above a line."""
    found: list[str] = []
    while (note := notes.get(line - 1)) and note[1]:
        found.insert(0, note[0])
        line -= 1
    return " ".join(found)


def _comments(source: str) -> Mapping[int, tuple[str, bool]]:
    """Return each line's comment, and whether it stands there alone."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = token.string.lstrip("#").strip()
            if not text.startswith(("noqa", "type:", "fmt:")):
                found[token.start[0]] = (text, not token.line[: token.start[1]].strip())
    return found
