"""What listening is bound by: the dated table `listening.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import office_day
from domain.staff import Reach

DATA = Path(__file__).parent / "data"
LONGEST_LINK = 60  # seconds: the most that the quality people were promised


class Purpose(StrEnum):
    """What somebody listens for: UU 27/2022 allows no processing without one."""

    REVIEW = "review"
    APPEAL = "appeal"
    CALIBRATION = "calibration"
    COACHING = "coaching"
    COMPLAINT = "complaint"
    PERSON_REQUEST = "person_request"


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may give a purpose: a reach, and a further permission (its word) or none."""

    reaches: tuple[Reach, ...]
    needs: str = ""


class ListeningRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds of one time. `listen` and `download` are by purpose."""

    since: date
    link_s: int
    idle_s: int
    longest_s: int
    answer_bytes: int
    listen: Mapping[Purpose, Who]
    download: Mapping[Purpose, Who]
    assumed: bool = False

    @property
    def link(self) -> timedelta:
        """How long after it was given a link may be used for the first time."""
        return timedelta(seconds=self.link_s)

    @property
    def idle(self) -> timedelta:
        """How long a playback stays open without a request."""
        return timedelta(seconds=self.idle_s)

    @property
    def longest(self) -> timedelta:
        """How long a playback stays open at most."""
        return timedelta(seconds=self.longest_s)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[ListeningRules, ...]


class ListeningTable:
    """All versions of `listening.yaml`."""

    def __init__(self, versions: tuple[ListeningRules, ...]) -> None:
        self._versions = versions

    def at(self, now: datetime) -> ListeningRules:
        """Return the rules in force at a time."""
        return in_force(self._versions, office_day(now))


def load_listening_rules(folder: Path = DATA) -> ListeningTable:
    """Read `listening.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "listening.yaml"
    versions = read_table(path, _Table).versions
    check_order(path, versions)
    for version in versions:
        _check(path, version)
    return ListeningTable(versions)


def _check(path: Path, version: ListeningRules) -> None:
    where = f"{path.name}: {version.since}"
    if min(version.link_s, version.idle_s, version.longest_s, version.answer_bytes) < 1:
        raise TableProblem(f"{where}: every number is at least 1.")
    if version.link_s > LONGEST_LINK:
        raise TableProblem(f"{where}: link_s: a link lasts {LONGEST_LINK} seconds at most.")
    for field, table in (("listen", version.listen), ("download", version.download)):
        for purpose, who in table.items():
            if not who.reaches:
                raise TableProblem(f"{where}: {field}: {purpose}: `reaches` names nobody.")
