"""Predictive pacing against others on a virtual clock: agents' occupancy, at what share of abandoned calls.

Two worlds: a day on which nothing changes, and 30 on which everything does. Every way of pacing meets the
same people; answered with no agent within 2 s is abandoned, for all alike. The peers that are tuned are
tuned afterwards, by search over the very days that are measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.figures import Figure, Report, at_least, at_most, not_measured
from bench.pacing_days import Day, restless, stationary
from bench.pacing_floor import ByPacer, Floor, Tally
from bench.pacing_peers import Progressive, Vicidial, VicidialSettings
from bench.pacing_search import (
    FEW,
    LIMIT,
    LIMITS,
    NEVER,
    Result,
    best_ratio,
    best_vicidial,
    played,
)
from dialer.pacing.predictive import Predictive
from dialer.pacing.settings import PacingSettings

LEAST_TEAM = 4  # of the campaign: with a quarter of ten agents on a break there is still prediction
OVERNIGHT = 86_400.0
ABOVE_USUAL = 20.0  # points above VICIdial's usual settings
MOST_COST = 0.2  # milliseconds of processor time a decision; about 0.1 on a quiet machine


@dataclass(frozen=True, slots=True)
class Size:
    """A team, its days, and what must hold."""

    agents: int
    days: int  # restless ones
    occupancy: float  # at least, on the stationary day, per cent
    above_tuned: float  # points above VICIdial's best tuning, on the restless days


SIZES = (Size(10, 30, 79.5, 5.0), Size(20, 30, 85.5, 3.0), Size(50, 30, 92.0, 1.0), Size(100, 6, 95.0, 0.0))


def run(report: Report) -> None:
    """Play both worlds for each size of team; print what came and what is bounded."""
    cost = Tally()
    all_days: list[float] = []
    for size in SIZES:
        hours = 3.0 if report.short else 8.0
        ours = by_predictive([stationary(size.agents, hours=hours)])
        cost.add(ours.tally)
        _stationary(report, size, ours, stationary(size.agents, hours=hours))
    for size in SIZES[:2] if report.short else SIZES:
        days = [restless(size.agents, number) for number in range(2 if report.short else size.days)]
        ours = by_predictive(days)
        cost.add(ours.tally)
        all_days += ours.days
        _restless(report, size, ours, days)
    _days(report, all_days)
    note = f"processor time in the pacer, {cost.decisions} decisions of all sizes"
    milliseconds = 1000.0 * cost.decision_seconds / cost.decisions
    report.add(at_most("pacing.decision", milliseconds, MOST_COST, "ms", note))


def by_predictive(days: Sequence[Day]) -> Result:
    """Play days one after the other with one pacer: what it learnt stays overnight."""
    pacer = Predictive(PacingSettings(least_team=LEAST_TEAM))
    result = Result("predictive")
    for number, day in enumerate(days):
        began = number * OVERNIGHT
        pacer.new_day(began)
        tally = Floor(day, ByPacer(pacer), began).play()
        result.tally.add(tally)
        result.days.append(tally.abandonment)
    return result


def _stationary(report: Report, size: Size, ours: Result, day: Day) -> None:
    name = f"pacing.stationary.{size.agents}"
    note = _note(ours)
    report.add(at_least(f"{name}.occupancy", ours.tally.occupancy, size.occupancy, "%", note))
    report.add(at_most(f"{name}.abandoned", ours.tally.abandonment, LIMIT, "%", note))
    for peer, result in _untuned([day]).items():
        report.add(_peer(f"{name}.{peer}", ours, result))
    report.add(_peer(f"{name}.vicidial_tuned", ours, best_vicidial([day], "each day")))
    report.add(_peer(f"{name}.ratio_tuned", ours, best_ratio([day], "each day")))


def _restless(report: Report, size: Size, ours: Result, days: Sequence[Day]) -> None:
    name = f"pacing.restless.{size.agents}"
    note = _note(ours)
    report.add(at_most(f"{name}.abandoned", ours.tally.abandonment, LIMIT, "%", note))
    untuned = _untuned(days)
    report.add(_peer(f"{name}.progressive", ours, untuned["progressive"]))
    report.add(_peer(f"{name}.vicidial_usual", ours, untuned["vicidial_usual"], ABOVE_USUAL))
    for limit in LIMITS:
        strict = (
            limit == "each day"
        )  # as ours is held to; the other is easier for the peers, and for the record
        word = "tuned" if strict else "tuned_loosely"
        report.progress(f"{size.agents} agents: search under the limit for {limit}")
        tuned, ratio = best_vicidial(days, limit), best_ratio(days, limit)
        report.add(_peer(f"{name}.vicidial_{word}", ours, tuned, size.above_tuned if strict else None))
        report.add(_peer(f"{name}.ratio_{word}", ours, ratio, 0.0 if strict else None))


def _untuned(days: Sequence[Day]) -> dict[str, Result]:
    return {
        "progressive": played("progressive", Progressive, days),
        "vicidial_usual": played("usual settings", lambda: Vicidial(VicidialSettings()), days),
    }


def _days(report: Report, days: Sequence[float]) -> None:
    """Report the days above the limit."""
    above = 100.0 * sum(day > LIMIT for day in days) / len(days)
    note = f"{len(days)} restless days of all sizes, one number each"
    report.add(at_most("pacing.days_above", above, 100.0 * FEW, "% of days", f"{note}; above {LIMIT} %"))
    report.add(at_most("pacing.worst_day", float(np.max(days)), NEVER, "%", note))


def _peer(name: str, ours: Result, peer: Result | None, above: float | None = None) -> Figure:
    """Return our occupancy beside a peer's; bounded when we must be so many points above."""
    bound = "none" if above is None else f"ours - peer >= {above:g}"
    if peer is None:
        return not_measured(name, bound, "% occupancy", "no tuning that was tried keeps the limit")
    mine, theirs = ours.tally.occupancy, peer.tally.occupancy
    holds = above is None or mine - theirs >= above
    ratio = mine / theirs if theirs else math.inf
    note = f"ours {_note(ours)}; peer ({peer.name}) {_note(peer)}"
    return Figure(name, mine, theirs, ratio, bound, holds, "% occupancy", note)


def _note(result: Result) -> str:
    tally = result.tally
    note = f"abandoned {tally.abandonment:.2f} %, worst hour {tally.worst_hour:.1f} %"
    if len(result.days) > 1:
        note += (
            f", worst day {max(result.days):.2f} %, {result.above} of {len(result.days)} days above {LIMIT} %"
        )
    if tally.cancelled:
        note += f", {tally.cancelled / tally.dials:.0%} of dials cancelled"
    return note
