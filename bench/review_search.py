"""Finding recordings among 1.2 million calls, on SQLite and PostgreSQL.

Searches have one to six filters of every kind, with and without days and words; each shows the newest fifty
and counts up to a thousand. The peer puts those without words to the tables where things are, by joins, with
their own indexes and a quarter of the calls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import KINDS
from bench.figures import Report, at_most, percentile, ratio_at_most
from bench.review_mix import Asked, searches
from bench.review_peer import fill_peer, peer_query
from bench.review_rows import fill, make
from storage.database import Database
from storage.review_find import ReviewFinder
from storage.review_names import ReviewNames
from storage.vault import Vault

BOUND = 300.0  # ms, p95
PEER_BOUND = 1.0  # of the peer's p95
PEER_SHARE = 4  # it has so many times fewer calls


def run(report: Report) -> None:
    """Measure both databases; print p95 and the ratio to the peer in the same run."""
    size, count, peers = (60_000, 60, 20) if report.short else (1_200_000, 300, 60)
    report.progress(f"{size} calls are being made up")
    year, small = make(size), make(max(20_000, size // PEER_SHARE), seed=8)
    asked = searches(year, count)
    with TemporaryDirectory(prefix="kring-review-") as folder:
        vault = Vault.create(Path(folder) / "key")
        for name, opened in KINDS.items():
            report.progress(f"{name}: the index is being filled")
            with opened(Path(folder)) as database:
                fill(database, vault, year)
                report.progress(f"{name}: {count} searches")
                ours, found = asyncio.run(_ours(database, vault, asked))
            report.progress(f"{name}: the tables of the peer are being filled")
            with opened(Path(folder)) as database:
                fill_peer(database, small)
                wordless = [one for one in asked if not one.search.words][:peers]
                peer = [_peer(database, one) for one in wordless]
            note = (
                f"{size} calls, {len(year.words)} words of them; {count} searches of one to six filters, "
                f"{sum(one > 0 for one in found)} of them find something; newest fifty and a count to 1,000"
            )
            report.add(at_most(f"review_search.{name}", percentile(ours, 0.95), BOUND, "ms, p95", note))
            both = [taken for taken, one in zip(ours, asked, strict=True) if not one.search.words][:peers]
            note = f"p95 of the same {len(both)} searches; the peer has {small.size} calls, in joined tables"
            bound = 5.0 if report.short else PEER_BOUND  # few calls are joined fast
            report.add(
                ratio_at_most(
                    f"review_search.{name}_peer",
                    percentile(both, 0.95),
                    percentile(peer, 0.95),
                    bound,
                    "ms",
                    note,
                )
            )


async def _ours(database: Database, vault: Vault, asked: Sequence[Asked]) -> tuple[list[float], list[int]]:
    """Return how long each search took, in ms, and how many it found."""
    finder, taken, found = ReviewFinder(database, vault, ReviewNames()), [], []
    await finder.names()  # as any page has asked for them before
    for one in asked:
        start = time.perf_counter()
        page = await finder.find(one.search, one.team)
        taken.append((time.perf_counter() - start) * 1000)
        found.append(page.total)
    return taken, found


def _peer(database: Database, asked: Asked) -> float:
    """Ask the same of the joined tables; return how long it took, in ms."""
    query = peer_query(asked)
    start = time.perf_counter()
    database.read_now(lambda connection: connection.execute(query).all())
    return (time.perf_counter() - start) * 1000
