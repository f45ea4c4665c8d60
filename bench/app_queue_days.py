"""`app_queue` on many days: the same comparison on a virtual clock, so that no single day decides.

The real matcher with the tables that the bench writes, and a model of app_queue (`bench.app_queue_virtual`).
Two sets of days: drawn anew each time, and the recorded day of `app_queue` over and over, with other times
until agents answer, which shows what is chance in a single run.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from acd.skills import Skillbook
from acd.tables_csv import load_folder
from bench.app_queue import AGENTS, LOAD
from bench.app_queue_virtual import OurHall, PeerHall
from bench.figures import Report, ratio_at_least, ratio_at_most
from bench.swarm_columns import Columns
from bench.swarm_day import Day, draw
from bench.swarm_floor import write_tables

SECONDS = 480.0  # of a day: as `app_queue`
DAYS, SHORT_DAYS = 24, 6
Pair = tuple[Columns, Columns]  # ours, the peer's
_COLUMNS = {  # name → unit; of shares more is better, of all else less
    "service_level": "%", "mean_wait": "s", "p95_wait": "s", "worst_wait": "s", "occupancy": "%",
    "right_tier": "%", "impatient": "calls",
}  # fmt: skip


def run(report: Report) -> None:
    """Let the days pass in both arms; print each column's mean and on how many days it holds."""
    count = SHORT_DAYS if report.short else DAYS
    drawn = [play(draw(SECONDS, AGENTS, LOAD, seed), seed) for seed in range(count)]
    compare(report, "app_queue_days.drawn", drawn)
    recorded = draw(SECONDS, AGENTS, LOAD)
    compare(report, "app_queue_days.recorded", [play(recorded, seed) for seed in range(count)])


def play(day: Day, seed: int) -> Pair:
    """Let a day pass in both arms. Raises ValueError when our arm rang a busy agent's phone."""
    ours, theirs = OurHall(day, seed, book_of(day)).run(), PeerHall(day, seed).run()
    if ours.busy_offers:
        raise ValueError(f"{ours.busy_offers} phones rang while busy")
    return ours, theirs


def book_of(day: Day) -> Skillbook:
    """Return a day's tables as they are put in force."""
    with TemporaryDirectory() as folder:
        write_tables(Path(folder), day, wrap_up=0)
        return load_folder(Path(folder))


def compare(report: Report, name: str, days: Sequence[Pair]) -> None:
    """Print each column: the mean over the days of both arms, and on how many days it holds by itself."""
    calls = fmean(ours.calls for ours, _ in days)
    for column, unit in _COLUMNS.items():
        more, times = (unit == "%"), (100 if unit == "%" else 1)
        ours = [times * getattr(mine, column) for mine, _ in days]
        theirs = [times * getattr(peer, column) for _, peer in days]
        held = sum(mine >= peer if more else mine <= peer for mine, peer in zip(ours, theirs, strict=True))
        make = ratio_at_least if more else ratio_at_most
        note = f"mean of {len(days)} days of {calls:.0f} calls; better or equal on {held} of them"
        report.add(make(f"{name}.{column}", fmean(ours), fmean(theirs), 1, unit, note))
