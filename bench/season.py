"""A whole filing season through the real matcher on a virtual clock, in four kinds of rings.

The same calls, handle times, patience and number of agents in each, so that a planner can choose.
The bound is Erlang-A's: one pool in which everybody takes everything, by the half-hour.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from bench.figures import Figure, Report, percentile
from bench.season_run import Season, Tally
from bench.season_world import HANDLE, PATIENCE, RINGS, TARGET, WITHIN, Day, day_of, team, volumes
from reporting.planning.erlang import erlang_a

LOSS_BOUND = 2.0  # points of service level below the fully pooled bound
FAIRNESS_BOUND = 1.15
SHORT_STEP = 12  # every which day a short round takes
ABOUT: Mapping[str, str] = {
    "narrow": "the required skill and tier alone; two skills an agent, tiers A, B, C as the load",
    "widening": "rings as shipped; agents as for narrow",
    "pooled": "all rings open at once; two skills an agent, tier B or C",
    "alike": "every agent takes every call: the pool of the bound, with log-normal handle times",
}
Column = tuple[str, float, str]  # name, value, unit


def run(report: Report) -> None:
    """Run the season in each kind of rings; print the table and what is bounded."""
    sizes = volumes()
    days = [(number, day_of(number, sizes[number])) for number in range(0, len(sizes), _step(report))]
    agents = max(max(day.roster) for _, day in days) + 2
    bound = pooled_bound([day for _, day in days])
    calls = sum(sizes[number] for number, _ in days)
    report.progress(f"{calls} calls on {len(days)} days, {agents} agents in all")
    rows = {}
    for rings in RINGS:
        began = time.process_time()
        tally = play(rings, days, agents)
        seconds = time.process_time() - began
        rows[rings] = tally
        if rings == "pooled":
            _bounded(report, tally, bound, seconds)
            report.add(_fairness(tally, play(rings, days, agents, longest_free=True)))
        for name, value, unit in columns(tally):
            figure, note = f"season.{rings}.{name}", ABOUT[rings]
            report.add(Figure(figure, value, None, None, "none", True, unit, note))
    _table(rows, bound)


def _step(report: Report) -> int:
    return SHORT_STEP if report.short else 1


def play(rings: str, days: Sequence[tuple[int, Day]], agents: int, *, longest_free: bool = False) -> Tally:
    """Run the days in one kind of rings and return the count.

    Free agents are chosen by their share of idle time (acd.idle), or the longest free first.
    """
    season = Season(rings, team(agents, rings), longest_free)
    for number, day in days:
        season.run(number, day)
    return season.finish()


def pooled_bound(days: Sequence[Day]) -> float:
    """Return the service level of all calls if all agents were one pool, in the long run of each slot."""
    calls = in_time = 0.0
    for day in days:
        for rate, agents in zip(day.rates, day.roster, strict=True):
            calls += rate
            in_time += rate * erlang_a(agents, rate, HANDLE, PATIENCE, WITHIN).service_level
    return in_time / calls


def columns(tally: Tally) -> list[Column]:
    """Return the table's columns of one kind of rings."""
    waits = tally.waits
    return [
        ("service_level", 100 * tally.service_level, f"% answered in {WITHIN:g} s, of all callers"),
        ("mean_wait", sum(waits) / len(waits), "s"),
        ("p95_wait", percentile(waits, 0.95), "s"),
        ("worst_wait", max(waits), "s"),
        ("occupancy", 100 * tally.occupancy, "% of time on duty"),
        ("abandoned", 100 * tally.gave_up / tally.offered, "% of all callers"),
        ("right_tier", 100 * tally.right_tier / tally.answered, "% answered by just the required tier"),
        ("worst_queue", 100 * tally.worst_queue[1], "% answered in time, of the queue with the least"),
        ("fairness", tally.fairness, "most ÷ least idle"),
    ]


def _bounded(report: Report, tally: Tally, bound: float, seconds: float) -> None:
    note = f"{tally.offered} calls through the real matcher, one kind of rings"
    report.add(Figure("season.seconds", seconds, None, None, "none", True, "s of CPU", note))
    ours, peer = 100 * tally.service_level, 100 * bound
    worst, level = tally.worst_queue
    note = (
        f"two skills an agent, all rings open at once; peer: one pool by Erlang-A, roster by the half-hour"
        f" for {100 * TARGET:g} % in {WITHIN:g} s; worst queue {worst} {100 * level:.0f} %; the queues'"
        " shares of the calls, day shape, patience are assumed"
    )
    holds = peer - ours <= LOSS_BOUND
    report.add(
        Figure("season.service_level", ours, peer, ours / peer, f"peer - ours <= {LOSS_BOUND:g}", holds,
               "% of all callers", note)
    )  # fmt: skip


def _fairness(tally: Tally, longest_free: Tally) -> Figure:
    ours, peer = tally.fairness, longest_free.fairness
    note = (
        "idle time ÷ an even share of the idle time of the same hours, by agent; two skills an agent;"
        " peer: the longest free agent first"
    )
    holds = ours <= FAIRNESS_BOUND
    bound = f"ours <= {FAIRNESS_BOUND:g}"
    return Figure("season.fairness", ours, peer, ours / peer, bound, holds, "most ÷ least idle", note)


def _table(rows: Mapping[str, Tally], bound: float) -> None:
    """Print the table for a person (standard error)."""
    names = [name for name, _, _ in columns(next(iter(rows.values())))]
    lines = ["  rings     " + "".join(f"{name:>15}" for name in names)]
    for rings, tally in rows.items():
        lines.append(f"  {rings:10}" + "".join(f"{value:15.2f}" for _, value, _ in columns(tally)))
    lines.append(f"  bound     {100 * bound:15.2f}")
    print("\n".join(lines), file=sys.stderr, flush=True)
