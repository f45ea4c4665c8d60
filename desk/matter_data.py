"""Reads the dated tables of `desk/data`. A mistake names file, place and remedy."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from desk.matter_fields import Field
from desk.table_text import BadText, read_text
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
        return msgspec.convert(read_text(in_use(path).read_text(encoding="utf-8")), kind)
    except OSError as error:
        raise TableProblem(f"{path.name}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise TableProblem(f"{path.name}: the file is not UTF-8. Remedy: save it as UTF-8.") from error
    except BadText as error:
        raise TableProblem(f"{path.name}, {error}") from error
    except msgspec.ValidationError as error:
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
