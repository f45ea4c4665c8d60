"""Dispositions: what agents say came of outbound calls, with what each means. `dispositions.yaml`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import office_day
from dialer.campaigns import CampaignKind, Definition
from dialer.kinds import DATA


class Flag(StrEnum):
    """What a disposition means."""

    TERMINAL = "terminal"  # nobody calls this lead again
    RETRY = "retry"  # called again by its retry rule
    CALLBACK = "callback"  # a time was asked for
    HUMAN = "human"  # a person was spoken to
    RIGHT_PARTY = "right_party"  # the taxpayer, or who speaks for them by law
    PROMISE = "promise"  # promised to file or pay
    SOLVED = "solved"  # says that it is filed or paid already
    DO_NOT_CALL = "do_not_call"  # taxpayer and number are not called again, by any campaign
    WRONG_NUMBER = "wrong_number"  # the number is not dialled again, by any campaign


NEXT = frozenset({Flag.TERMINAL, Flag.RETRY, Flag.CALLBACK})
"""What becomes of the lead: every disposition has exactly one of them."""


class Disposition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One disposition. `digit` chooses it on the page; `kinds`: of campaigns, empty for all."""

    id: str
    en: str
    flags: frozenset[Flag]
    kinds: frozenset[CampaignKind] = frozenset()
    digit: int | None = None

    def has(self, flag: Flag) -> bool:
        """Whether it means this."""
        return flag in self.flags

    def fits(self, kind: CampaignKind) -> bool:
        """Whether agents of such campaigns may choose it."""
        return not self.kinds or kind in self.kinds

    def words(self, language: str) -> str:
        """Return it in Indonesian or English."""
        return self.en if language == "en" else self.id


class DispositionVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dispositions in force from a day, by code."""

    since: date
    dispositions: Mapping[str, Disposition]
    assumed: bool = False

    def offered(self, definition: Definition) -> Mapping[str, Disposition]:
        """Return what agents of a campaign choose from, in the order of the table."""
        wanted = definition.dispositions
        return {
            code: row
            for code, row in self.dispositions.items()
            if row.fits(definition.kind) and (not wanted or code in wanted)
        }

    def with_flag(self, *flags: Flag) -> frozenset[str]:
        """Return the codes that have all of these flags."""
        return frozenset(code for code, row in self.dispositions.items() if row.flags.issuperset(flags))


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[DispositionVersion, ...]


class DispositionTable:
    """All versions of `dispositions.yaml`."""

    def __init__(self, versions: Sequence[DispositionVersion]) -> None:
        self._versions = tuple(versions)

    def at(self, now: datetime) -> DispositionVersion:
        """Return the dispositions in force at a time."""
        return in_force(self._versions, office_day(now))


def load_dispositions(folder: Path = DATA) -> DispositionTable:
    """Read `dispositions.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "dispositions.yaml"
    versions = read_table(path, _Table).versions
    check_order(path, versions)
    for version in versions:
        _check(path, version)
    return DispositionTable(versions)


def _check(path: Path, version: DispositionVersion) -> None:
    for code, row in version.dispositions.items():
        if len(row.flags & NEXT) != 1:
            raise TableProblem(f"{path.name}: {code}: exactly one of {', '.join(sorted(NEXT))}.")
        if row.has(Flag.RIGHT_PARTY) and not row.has(Flag.HUMAN):
            raise TableProblem(f"{path.name}: {code}: who is the right party is human.")
        if row.has(Flag.DO_NOT_CALL) and not row.has(Flag.TERMINAL):
            raise TableProblem(f"{path.name}: {code}: who is not to be called is not called again: terminal.")
    for kind in CampaignKind:
        digits = [row.digit for row in version.dispositions.values() if row.fits(kind) and row.digit]
        if len(digits) != len(set(digits)):
            raise TableProblem(f"{path.name}: {kind.value}: a digit chooses two dispositions.")
