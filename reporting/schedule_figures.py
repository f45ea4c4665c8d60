"""Figures of schedules over days of agents: ATS by the catalogue, conformance, time out by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reporting.adherence import Adherence
from reporting.counts import Counts
from reporting.formulas import FORMULAS, Figure


@dataclass(frozen=True, slots=True)
class DaySums:
    """Some days of some agents, added up; milliseconds."""

    counts: Counts
    excepted_ms: int
    work_scheduled_ms: int
    worked_ms: int
    shifts: int  # that begin on these days
    by_reason: Mapping[str, int]  # reason → time taken out
    by_activity: Mapping[str, Counts]  # activity → its part of `counts`

    @property
    def ats(self) -> Figure:
        """Adherence to the schedule, as the catalogue has it."""
        return FORMULAS["ats"].of(self.counts)

    @property
    def conformance(self) -> Figure:
        """Time worked ÷ time scheduled for work, whenever it was; more than 1 with overtime [assumed]."""
        share = self.worked_ms / self.work_scheduled_ms if self.work_scheduled_ms else None
        return Figure(share, self.worked_ms, self.work_scheduled_ms)


def sums(days: Iterable[Adherence]) -> DaySums:
    """Add days up."""
    counts, found = Counts(), list(days)
    reasons, activities = Counter[str](), dict[str, Counts]()
    for day in found:
        counts += day.counts
        for span in day.spans:
            if span.excepted:
                reasons[span.excepted] += span.ms
                continue
            part = Counts(scheduled_ms=span.ms, adherent_ms=span.ms if span.adherent else 0)
            activities[span.activity] = activities.get(span.activity, Counts()) + part
    return DaySums(
        counts,
        sum(day.excepted_ms for day in found),
        sum(day.work_scheduled_ms for day in found),
        sum(day.worked_ms for day in found),
        sum(day.shifts for day in found),
        reasons,
        activities,
    )
