"""From when on a check of the installation warns: `checkup_limits.yaml`."""

from functools import cache
from pathlib import Path

import msgspec

from desk.matter_data import read_table

FILE = Path(__file__).with_name("checkup_limits.yaml")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits; each field's unit is in its name."""

    assumed: bool
    certificate_days: int
    competence_days: int
    list_days: int
    free_percent: int
    database_free_times: int
    backup_hours: int
    holidays_month: int
    holidays_least: int
    clock_seconds: float
    open_files_a_call: int
    heartbeat_seconds: float


@cache
def limits() -> Limits:
    """Return them. Raises desk.matter_data.TableProblem."""
    return read_table(FILE, Limits)
