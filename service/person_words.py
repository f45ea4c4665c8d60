"""Words of the index that a person gets with their data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from desk.matter_data import read_table

_PATH = Path(__file__).parent / "person_words.yaml"


class PersonWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Titles of sections by table, labels by column."""

    sections: Mapping[str, str]
    columns: Mapping[str, str]


@cache
def person_words() -> PersonWords:
    """Read them. Raises desk.matter_data.TableProblem."""
    return read_table(_PATH, PersonWords)
