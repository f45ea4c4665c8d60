"""A year of calls: reports of any day, any month and any year; roll-ups against the event log."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.databases import KINDS
from bench.figures import Figure, Report, at_most, percentile
from bench.year import WHOLE, Size, working_days
from bench.year_load import load_year
from reporting.asking import Dimension, Interval, Question
from reporting.rollup import total
from service.figures_part import FiguresPart, make_figures
from storage.database import Database
from storage.vault import Vault

_DAY_MS, _MONTH_MS, _YEAR_MS = 200.0, 1_000.0, 3_000.0  # the bounds
_SHORT = 20  # days of a short round
_CHECKED = 100  # random days whose roll-up is held against the event log
_DAY_REPORTS, _DAY_REPORTS_SHORT = 400, 60
_D = Dimension
# What people ask for: nothing, one group, several, everything.
_BY: Sequence[tuple[Dimension, ...]] = (
    (), (_D.AGENT,), (_D.TEAM,), (_D.QUEUE,), (_D.BRANCH,), (_D.TIER,), (_D.DIRECTION,), (_D.CAMPAIGN,),
    (_D.TEAM, _D.QUEUE), (_D.AGENT, _D.QUEUE), tuple(_D),
)  # fmt: skip
_PARTS = (Interval.QUARTER_HOUR, Interval.HALF_HOUR, Interval.HOUR, Interval.WHOLE)


@dataclass(frozen=True, slots=True)
class _Clock:
    """A morning after what was drawn."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()


def run(report: Report) -> None:
    """Load, roll up, ask and check on both databases."""
    size = WHOLE.share(_SHORT) if report.short else WHOLE
    for kind, opened in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="kring-reports-") as folder:
            vault = Vault.create(Path(folder) / "key")
            with opened(Path(folder)) as database:
                for figure in _measured(report, kind, database, vault, size):
                    report.add(figure)


def _measured(report: Report, kind: str, database: Database, vault: Vault, size: Size) -> Iterator[Figure]:
    began = time.monotonic()
    rows = asyncio.run(load_year(database, vault, size, report.progress))
    report.progress(f"{kind}: {rows:,} rows in {time.monotonic() - began:.0f} s")
    after = datetime.combine(size.last + timedelta(days=5), datetime.min.time(), UTC)
    part = make_figures(database, vault, _Clock(after))
    began = time.monotonic()
    rolled = asyncio.run(part.rollups.round())
    per_day = (time.monotonic() - began) / max(1, len(rolled.days))
    note = f"{len(rolled.days)} days, {rolled.months} months, {per_day * 1000:.0f} ms a day"
    report.progress(f"{kind}: rolled up {note}")
    yield from _counted(kind, part, size)
    days = working_days(size.first, size.last)
    draw, reports = random.Random(7), _DAY_REPORTS_SHORT if report.short else _DAY_REPORTS
    yield _slowest(f"{kind}: report of a day, p95", part, _of_days(draw, days, reports), _DAY_MS, 0.95)
    yield _slowest(f"{kind}: report of a month", part, _of_months(days), _MONTH_MS, 1.0)
    yield _slowest(f"{kind}: report of a year", part, _of_years(size), _YEAR_MS, 1.0)
    some = sorted(draw.sample(days, min(_CHECKED, len(days))))
    checked = asyncio.run(part.rollups.check(some))
    wrong = sum(not one.same for one in checked) + len(some) - len(checked)
    name = f"{kind}: of {len(some)} random days, roll-ups unlike the event log"
    yield at_most(name, wrong, 0, "days", note)


def _counted(kind: str, part: FiguresPart, size: Size) -> Iterator[Figure]:
    """Yield whether the year comes to what it was drawn from."""
    lines = asyncio.run(part.figures.lines(Question(size.first, size.last)))
    found = total(line.counts for line in lines)
    for name, ours, drawn in (
        ("inbound calls", found.incoming + found.ivr_only, size.inbound),
        ("answered calls", found.answered, size.answered),
        ("dials", found.attempts, size.dials),
        ("outbound calls with an agent", found.outbound_calls, size.reached),
    ):
        yield Figure(f"{kind}: {name}", ours, drawn, ours / drawn, "ours == peer", ours == drawn, "calls")


def _of_days(draw: random.Random, days: Sequence[date], reports: int) -> Iterator[Question]:
    for _ in range(reports):
        day, by, interval = draw.choice(days), draw.choice(_BY), draw.choice(_PARTS)
        only = {_D.TEAM: frozenset({"tim_03"})} if draw.random() < 0.25 else {}
        yield Question(day, day, by, interval, only)


def _of_months(days: Sequence[date]) -> Iterator[Question]:
    for month in sorted({day.replace(day=1) for day in days}):
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for by in _BY:
            for interval in (Interval.DAY, Interval.WEEK, Interval.WHOLE):
                if not (interval is Interval.DAY and len(by) == len(_D)):
                    yield Question(month, last, by, interval)
        yield Question(month, last, (), Interval.HALF_HOUR)  # the heat map of the week
        yield Question(month, last, (_D.QUEUE,), Interval.HOUR)


def _of_years(size: Size) -> Iterator[Question]:
    for by in _BY:
        for interval in (Interval.MONTH, Interval.WHOLE):
            yield Question(size.first, size.last, by, interval)
    yield Question(size.first, size.last, (), Interval.DAY)
    yield Question(size.first, size.last, (_D.TEAM,), Interval.WEEK)
    yield Question(size.first, size.last, (), Interval.MONTH, {_D.TEAM: frozenset({"tim_03"})})


def _slowest(
    name: str, part: FiguresPart, questions: Iterator[Question], bound: float, share: float
) -> Figure:
    """Return how long the slowest answers took, in milliseconds; `share` of them are no slower."""

    async def asked() -> list[float]:
        took = []
        for question in questions:
            began = time.monotonic()
            await part.figures.lines(question)
            took.append((time.monotonic() - began) * 1000)
        return took

    took = asyncio.run(asked())
    note = f"{len(took)} reports, median {percentile(took, 0.5):.0f} ms, slowest {max(took):.0f} ms"
    return at_most(name, percentile(took, share), bound, "ms", note)
