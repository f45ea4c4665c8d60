"""What the dialer says and offers for callbacks of matters: the dated table `matter_callbacks.yaml`."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec

from desk.matter_data import DATA, TableProblem, check_order, in_force, read_table
from desk.matters_callbacks import Purpose
from desk.working_days import office_day


class PurposeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The campaign of one purpose, as it is made."""

    title: str
    script: str
    needs_poro: bool
    priority: int
    content: str
    without: frozenset[str]  # codes of dispositions that are not offered


class CallbackVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    purposes: Mapping[Purpose, PurposeRow]
    assumed: bool = False


class CallbackTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[CallbackVersion, ...]

    def at(self, now: datetime) -> Mapping[Purpose, PurposeRow]:
        """Return what is in force at a time."""
        return in_force(self.versions, office_day(now)).purposes


def load_callbacks(folder: Path = DATA) -> CallbackTable:
    """Read `matter_callbacks.yaml`. Raises TableProblem."""
    path = folder / "matter_callbacks.yaml"
    table = read_table(path, CallbackTable)
    check_order(path, table.versions)
    for version in table.versions:
        if missing := sorted(set(Purpose) - set(version.purposes)):
            raise TableProblem(f"{path.name}: purposes: {', '.join(missing)} missing. Remedy: add them.")
    return table
