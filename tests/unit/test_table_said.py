"""Sentences that the product's own tables have in English can be told in Indonesian."""

import re
from collections.abc import Iterator
from pathlib import Path

from service.config_kinds import FILE_KINDS
from web.config_text import cells_of, scalars
from web.sentences import Sentences
from web.texts import Texts

FLOOR = Path(__file__).parents[2] / "acd" / "data"
TOLD = Sentences(Texts.load(), "table_said.")
_ENGLISH = set("the an is are of for by what how nobody with who which from assumed".split())  # noqa: SIM905
_INDONESIAN_PLACES = {"en", "english", "name"}  # told in both languages there, or a word of programs


def _cells(text: str) -> Iterator[tuple[str, str]]:
    head, *rows = cells_of(text)
    for row in rows:
        yield from zip(head, row, strict=False)


def _values() -> Iterator[tuple[str, str, str]]:
    for name, kind in FILE_KINDS.items():
        text = kind.shipped()
        is_csv = str(kind.path).endswith(".csv")
        found = (
            _cells(text)
            if is_csv
            else ((one.path[-1] if one.path else "", one.value) for one in scalars(text))
        )
        yield from ((name, field, value) for field, value in found)
    for path in FLOOR.glob("*.csv"):
        yield from ((path.stem, field, value) for field, value in _cells(path.read_text(encoding="utf-8")))


def test_english_sentences_of_tables_are_known() -> None:
    values = list(_values())
    assert len(values) > 1000
    english = {
        (name, field, value)
        for name, field, value in values
        if field not in _INDONESIAN_PLACES
        and _ENGLISH & set(re.findall(r"[a-z]+", value.lower()))
        and "_" not in value
    }
    assert len(english) > 20
    unknown = {one for one in english if not TOLD.say("id", one[2]).known}
    assert not unknown, unknown
