"""Reads the reasons for which time is taken out of a schedule, and the clock of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table

_FILE = Path(__file__).parent / "data" / "exceptions.yaml"
AGENT, PLANNER = "agent", "planner"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody was not where the schedule has them."""

    id: str
    en: str
    asked_by: tuple[str, ...]
    whole_day: bool = False
    edge: str = ""  # begin: from the shift's beginning; end: to its end
    needs_note: bool = False
    served_below_minutes: int = 0  # only on a day with less time signed in; 0: any day


class OfflineVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    source: str
    request_days: int
    ahead_days: int
    request_days_assumed: bool
    reasons: dict[str, Reason]
    span_days: int = 14  # calendar days that one request may be about, at most
    span_days_assumed: bool = True

    @property
    def rule(self) -> str:
        """Its name on record."""
        return f"exceptions {self.since.isoformat()}"

    def asked_by(self, who: str) -> Mapping[str, Reason]:
        """Return the reasons that an agent or a planner may give."""
        return {code: one for code, one in self.reasons.items() if who in one.asked_by}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[OfflineVersion, ...]


@dataclass(frozen=True)
class OfflineTable:
    """All versions."""

    versions: Sequence[OfflineVersion]

    def on(self, day: date) -> OfflineVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)

    def words(self, code: str, language: str) -> str:
        """Return a reason in words; the code itself if no version has it."""
        for version in reversed(self.versions):
            if code in version.reasons:
                text: str = getattr(version.reasons[code], language)
                return text
        return code


def load_offline_table(path: Path = _FILE) -> OfflineTable:
    """Return the table. Raises TableProblem: file, place and remedy."""
    found = read_table(path, _File)
    check_order(path, found.versions)
    for version in found.versions:
        if min(version.request_days, version.ahead_days, version.span_days) < 1:
            raise TableProblem(f"{path.name}: request_days, ahead_days and span_days must be at least 1.")
        for code, reason in version.reasons.items():
            if not reason.asked_by or not set(reason.asked_by) <= {AGENT, PLANNER}:
                raise TableProblem(f"{path.name}: {code}: asked_by must be agent, planner or both.")
            if reason.edge not in ("", "begin", "end") or (reason.edge and reason.whole_day):
                raise TableProblem(f"{path.name}: {code}: edge must be begin or end, without whole_day.")
    return OfflineTable(found.versions)
