"""What the page of the outcome feed stands on: who has filed or paid, out of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class OutcomesRefused(Exception):
    """A file cannot be read at all. `fault` is a text `outcomes_fault.…`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault  # unreadable, not_utf8, not_csv, columns, too_large


class OutcomesBusy(Exception):
    """Another file is being taken in at the moment."""


@dataclass(frozen=True, slots=True)
class OutcomeMistake:
    """What is wrong in one line."""

    line: int  # in the file, from 1
    field: str  # npwp, kind, period or date; its remedy is the text `outcomes_remedy.…`
    value: str  # masked


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What became of a file."""

    taken: bool  # False: some lines are wrong, and nothing was taken in
    new: int
    known: int
    wrong: int
    mistakes: Sequence[OutcomeMistake]  # the first ones


class OutcomeImports(Protocol):
    """Takes files in."""

    async def take_in(self, file: Path, source: str, *, skip_wrong: bool) -> OutcomeReport:
        """Keep what a CSV file of the columns npwp, kind, period and date tells.

        With a wrong line nothing is kept, unless these are to be skipped. Raises OutcomesRefused,
        OutcomesBusy, dialer.campaigns.CampaignsUnavailable.
        """
        ...
