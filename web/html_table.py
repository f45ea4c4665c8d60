"""A table of the pages."""

from collections.abc import Iterable, Sequence
from html import escape


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as HTML: the first column is text, the others are numbers."""

    def cells(tag: str, values: Sequence[str]) -> str:
        first, *others = values
        return f"<tr><{tag}>{escape(first)}</{tag}>" + "".join(
            f'<{tag} class="number">{escape(value)}</{tag}>' for value in others
        )

    return f"<table>{cells('th', heads)}{''.join(cells('td', row) for row in rows)}</table>"
