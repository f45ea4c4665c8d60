"""What a SIP code, a Q.850 cause or the dialplan's own word means: the table `outcomes.yaml`. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, read_table
from dialer.attempts import DialOutcome
from dialer.ports import LineEnd

DATA = Path(__file__).parent / "data"
SIP_IN_CAUSE = 1000
"""Our dialplan tells a SIP code with the cause, as one number: code × 1000 + cause (decision 8)."""


class OutcomeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an outcome entails."""

    counts: bool  # as an attempt, for caps
    live: bool = False  # a person answered
    rests: bool = False  # the taxpayer and the number are left alone for the rest


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sip: Mapping[int, DialOutcome]
    sip_classes: Mapping[int, DialOutcome]
    causes: Mapping[int, DialOutcome]
    cause_classes: Mapping[int, DialOutcome]
    dialplan: Mapping[int, DialOutcome]
    outcomes: Mapping[DialOutcome, OutcomeRow]


class Outcomes:
    """The table in force. Made by `load_outcomes`."""

    def __init__(self, table: _Table) -> None:
        self._table = table
        rows = table.outcomes.items()
        self.uncounted = frozenset(outcome for outcome, row in rows if not row.counts)
        self.live = frozenset(outcome for outcome, row in rows if row.live)
        self.resting = frozenset(outcome for outcome, row in rows if row.rests)

    def said_by_dialplan(self, sip_code: int) -> DialOutcome | None:
        """Return what our own dialplan called an end, by the number it uses in place of a SIP code."""
        return self._table.dialplan.get(sip_code)

    def unanswered(self, sip_code: int, cause: int) -> DialOutcome:
        """Return what a call came to that nobody answered. 0 stands for a code or cause not told."""
        table = self._table
        if (own := self.said_by_dialplan(sip_code)) is not None:
            return own
        if sip_code >= 300:
            return table.sip.get(sip_code) or table.sip_classes.get(sip_code // 100, DialOutcome.FAILED)
        found = table.causes.get(cause)
        return found or table.cause_classes.get(cause >> 4, DialOutcome.FAILED)


def plain(end: LineEnd) -> LineEnd:
    """Return an end whose SIP code and cause stand apart, however they were told."""
    if end.cause < SIP_IN_CAUSE:
        return end
    sip_code, cause = divmod(end.cause, SIP_IN_CAUSE)
    return replace(end, cause=cause, sip_code=sip_code)


@lru_cache(maxsize=4)
def load_outcomes(folder: Path = DATA) -> Outcomes:
    """Read `outcomes.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "outcomes.yaml"
    table = read_table(path, _Table)
    if missing := sorted(set(DialOutcome) - set(table.outcomes)):
        raise TableProblem(f"{path.name}: outcomes are missing: {', '.join(missing)}. Remedy: add them.")
    if missing_classes := {3, 4, 5, 6} - set(table.sip_classes):
        raise TableProblem(
            f"{path.name}: sip_classes: {sorted(missing_classes)} are missing. Remedy: add them."
        )
    if missing_bits := set(range(8)) - set(table.cause_classes):
        raise TableProblem(
            f"{path.name}: cause_classes: {sorted(missing_bits)} are missing. Remedy: add them."
        )
    return Outcomes(table)
