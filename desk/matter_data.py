"""Reads the dated tables of `desk/data`. A mistake names file, place and remedy."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import yaml

from desk.matter_fields import Field
from domain.own_tables import in_use

DATA = Path(__file__).parent / "data"


class TableProblem(Exception):
    """A table of cases, complaints, promises or requests cannot be used."""


class Dated(Protocol):
    """A version of a table: in force from a day until the next one's."""

    @property
    def since(self) -> date:
        """The first day it is in force."""
        ...


V = TypeVar("V", bound=Dated)
T = TypeVar("T")


def read_table(path: Path, kind: type[T]) -> T:
    """Return a YAML file as `kind`. Raises TableProblem."""
    try:
        text = in_use(path).read_text(encoding="utf-8")
        _refuse_doubles(path, yaml.compose(text, Loader=yaml.CSafeLoader))
        return msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), kind)
    except OSError as error:
        raise TableProblem(f"{path.name}: cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise TableProblem(f"{path.name}: {error}. Remedy: correct this place.") from error


def in_force(versions: Sequence[V], day: date) -> V:
    """Return the version in force on a day; before the first one, the first."""
    return versions[max(bisect_right(versions, day, key=lambda row: row.since) - 1, 0)]


def check_order(path: Path, versions: Sequence[Dated]) -> None:
    """Raise TableProblem unless there are versions, in order of time, a day each."""
    days = [version.since for version in versions]
    if not days or days != sorted(set(days)):
        raise TableProblem(f"{path.name}: no version, or not in order of time. Remedy: add or sort them.")


def check_fields(path: Path, owner: str, fields: Sequence[Field]) -> None:
    """Raise TableProblem unless the names differ and exactly the choices have choices."""
    names = [field.name for field in fields]
    if len(set(names)) != len(names):
        raise TableProblem(f"{path.name}: {owner}: a field is there twice. Remedy: remove one.")
    for field in fields:
        if (field.kind == "choice") != bool(field.choices):
            raise TableProblem(f"{path.name}: {owner}, {field.name}: only kind `choice` has `choices`.")


def _refuse_doubles(path: Path, node: yaml.Node | None) -> None:
    # YAML itself lets the later of two equal keys win without a word.
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise TableProblem(
                    f"{path.name}, line {line}: {key.value} is there twice. Remedy: remove one."
                )
            seen.add(key.value)
        for _, value in node.value:
            _refuse_doubles(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_doubles(path, value)
