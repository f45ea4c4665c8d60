"""How often a report is tried again: the dated-data table `data/report_rules.yaml`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from desk.matter_data import read_table

DATA = Path(__file__).parent / "data" / "report_rules.yaml"


class ReportRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table."""

    assumed: bool
    again_after_minutes: tuple[int, ...]

    def again_after(self, tries: int) -> timedelta | None:
        """Return how long to wait after so many tries; None: it is given up."""
        if self.over(tries):
            return None
        return timedelta(minutes=self.again_after_minutes[tries - 1])

    def over(self, tries: int) -> bool:
        """Whether no further try follows after so many."""
        return tries > len(self.again_after_minutes)


def load_report_rules(path: Path = DATA) -> ReportRules:
    """Read the table. Raises desk.matter_data.TableProblem."""
    return read_table(path, ReportRules)
