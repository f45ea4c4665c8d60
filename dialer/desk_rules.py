"""What an agent's outbound work is bound by: the dated table `desk.yaml`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import office_day
from dialer.kinds import DATA


class SkipReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a contact is skipped. `again`: minutes until it may be shown again; `for_good`: never."""

    id: str
    en: str
    digit: int
    again: int = 0
    for_good: bool = False

    @property
    def spacing(self) -> timedelta:
        """How long the contact is shown to nobody."""
        return timedelta(minutes=self.again)

    def words(self, language: str) -> str:
        """Return it in Indonesian or English."""
        return self.en if language == "en" else self.id


class DeskRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds of one time."""

    since: date
    preview: int  # minutes
    promise: int  # days
    soon: int  # minutes
    given_late: int  # hours
    skips: Mapping[str, SkipReason]
    assumed: bool = False

    @property
    def kept(self) -> timedelta:
        """How long a contact is kept for the agent who looks at it."""
        return timedelta(minutes=self.preview)

    @property
    def shown_before(self) -> timedelta:
        """How long before its time a promised callback stands on its agent's page."""
        return timedelta(minutes=self.soon)

    @property
    def late(self) -> timedelta:
        """How long after a call its missing disposition may still be given."""
        return timedelta(hours=self.given_late)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[DeskRules, ...]


class DeskTable:
    """All versions of `desk.yaml`."""

    def __init__(self, versions: tuple[DeskRules, ...]) -> None:
        self._versions = versions

    def at(self, now: datetime) -> DeskRules:
        """Return the rules in force at a time."""
        return in_force(self._versions, office_day(now))


def load_desk_rules(folder: Path = DATA) -> DeskTable:
    """Read `desk.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "desk.yaml"
    versions = read_table(path, _Table).versions
    check_order(path, versions)
    for version in versions:
        _check(path, version)
    return DeskTable(versions)


def _check(path: Path, version: DeskRules) -> None:
    if min(version.preview, version.promise, version.soon, version.given_late) < 1:
        raise TableProblem(f"{path.name}: {version.since}: every number is at least 1.")
    for name, reason in version.skips.items():
        if reason.for_good == (reason.again > 0):
            raise TableProblem(f"{path.name}: {name}: either `again` in minutes, or `for_good: true`.")
    digits = [reason.digit for reason in version.skips.values()]
    if not digits or len(digits) != len(set(digits)):
        raise TableProblem(f"{path.name}: {version.since}: a digit chooses two reasons, or there is none.")
