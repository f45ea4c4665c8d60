"""The file of rows that were not accepted: the columns they came with, and behind them what is told of each.

It is mended and sent again, perhaps more than once: what such a file told the time before is left out.
"""

import re
from collections.abc import Iterator, Sequence

from web.list_sheets import Row
from web.texts import LANGUAGES, Texts

_TOLD = ("row", "reason", "column", "remedy")
_COUNTED = re.compile(r" \([2-9]\)$")  # as `_apart` tells columns of the same name from one another


class RefusedSheet:
    """How rows of one list are written."""

    def __init__(self, texts: Texts, language: str, columns: Sequence[str]) -> None:
        """`columns`: the headers that the rows came with."""
        words = {one: [texts.say(one, f"lists.file_{name}") for name in _TOLD] for one in LANGUAGES}
        told = {place for told in words.values() for place in _places(columns, told)}
        self._width = len(columns)
        self._kept = [place for place in range(len(columns)) if place not in told]
        kept = [columns[place] for place in self._kept]
        self.header: Row = [*kept, *(_apart(word, kept) for word in words[language])]

    def row(self, cells: Sequence[str], at: str, reason: str, column: str, remedy: str) -> Row:
        """Return a row as it came with where it stood and what is told of it."""
        came = [cells[place] if place < len(cells) else "" for place in self._kept]
        return [*came, at, reason, column, remedy, *cells[self._width :]]  # the last: below no header


def placed(sheet: str, row: int) -> str:
    """Return where a row stood: of a workbook also in which sheet."""
    return f"{sheet}, {row}" if sheet else str(row)


def _places(columns: Sequence[str], told: Sequence[str]) -> Iterator[int]:
    """Yield where these words stand among the columns, one behind the other."""
    plain = [_COUNTED.sub("", column) for column in columns]
    for start in range(len(plain) - len(told) + 1):
        if plain[start : start + len(told)] == list(told):
            yield from range(start, start + len(told))


def _apart(word: str, columns: Sequence[str]) -> str:
    """Return a word as the name of a column beside these: no two columns of a file may have the same one."""
    return next(name for name in (word, *(f"{word} ({n})" for n in range(2, 10))) if name not in columns)
