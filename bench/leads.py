"""Choosing the next 100 leads among 5 million, on SQLite and PostgreSQL.

The peer is the query that one would write first: the whole condition, sorted, without the index made for it.
Both lease for good, with a commit. Between two of ours the leads leased before are settled, as in a day's
work: their rows change, and what is left of them lies in the way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench.databases import KINDS
from bench.figures import Report, at_most, median, percentile, ratio_at_most
from bench.leads_rows import CAMPAIGN, NOW, fill
from dialer.leads import FollowUp, Lead, LeadState
from domain.zones import Zone
from storage.campaign_tables import lead_batches, lead_leases, leads
from storage.database import Database
from storage.leads import DurableLeads
from storage.vault import Vault

MOST = 100  # leads at a time
BOUND = 20.0  # ms, p95
PEER_BOUND = 0.1  # of the peer's median
_L = leads.c


def run(report: Report) -> None:
    """Measure both databases; print p95 and the ratio to the peer in the same run."""
    size, rounds, peers = (200_000, 30, 3) if report.short else (5_000_000, 300, 5)
    with TemporaryDirectory(prefix="kring-leads-") as folder:
        vault = Vault.create(Path(folder) / "key")
        for name, opened in KINDS.items():
            report.progress(f"{name}: {size} leads are being made")
            with opened(Path(folder)) as database:
                filled = fill(database, vault, size)
                report.progress(f"{name}: leads are being leased")
                ours = asyncio.run(_ours(database, vault, rounds))
                peer = [_peer(database, number) for number in range(peers)]
            note = (
                f"{filled.leads} leads, {filled.due} of the campaign due; until {MOST} leads with their "
                f"contacts are leased and committed; {rounds} times, settled in between"
            )
            p95 = percentile(ours, 0.95)
            report.add(at_most(f"leads.{name}", p95, BOUND, "ms, p95", note))
            note = f"ours: p95; peer: median of {peers}, the same condition sorted, without the index"
            bound = 1.0 if report.short else PEER_BOUND  # few leads are sorted fast
            report.add(ratio_at_most(f"leads.{name}_peer", p95, median(peer), bound, "ms", note))


async def _ours(database: Database, vault: Vault, rounds: int) -> list[float]:
    """Return how long each lease took, in ms."""
    store, now, taken = DurableLeads(database, vault), NOW, []
    for number in range(rounds):
        now += timedelta(seconds=1)
        start = time.perf_counter()
        found = await store.lease(CAMPAIGN, frozenset(Zone), now, MOST, "bench", now + timedelta(minutes=10))
        taken.append((time.perf_counter() - start) * 1000)
        if len(found) != MOST:
            raise RuntimeError(f"{len(found)} leads were leased in round {number}, {MOST} were wanted")
        await store.put_off("bench", _settled(found, now))
    return taken


def _settled(found: Sequence[Lead], now: datetime) -> dict[int, FollowUp]:
    """Return what becomes of leads: one in three is done, the others are due again in three hours."""
    later = FollowUp(LeadState.READY, now + timedelta(hours=3), "no_answer")
    done = FollowUp(LeadState.DONE, now, "informed")
    return {lead.lead_id: done if lead.lead_id % 3 == 0 else later for lead in found}


def _peer(database: Database, number: int) -> float:
    """Lease the same number by one query over everything; return how long it took, in ms."""
    now = NOW + timedelta(hours=1, seconds=number)
    b = lead_batches.c
    wanted = (
        sa.select(_L.lead_id)
        .join(lead_batches, b.batch_id == _L.batch_id)
        .where(b.campaign_id == CAMPAIGN, _L.state == "ready", _L.due_at <= now)
        .where(_L.zone.in_([zone.value for zone in Zone]))
        .where(_L.lead_id.not_in(sa.select(lead_leases.c.lead_id).where(lead_leases.c.until > now)))
        .where(sa.or_(_L.owner == "", _L.anyone_from <= now))
        .order_by(_L.rank, _L.due_at, _L.lead_id)
        .limit(MOST)
        .with_for_update(skip_locked=True, of=leads)
    )

    def lease(connection: sa.Connection) -> int:
        found = connection.execute(wanted).scalars().all()
        until = now + timedelta(minutes=10)
        rows = [{"lead_id": lead_id, "engine": "peer", "until": until} for lead_id in found]
        connection.execute(sa.insert(lead_leases), rows)
        return len(found)

    if number == 0:
        database.write_now(_without_index)
    start = time.perf_counter()
    found = database.write_now(lease)
    if found != MOST:
        raise RuntimeError(f"the peer leased {found} leads, {MOST} were wanted")
    return (time.perf_counter() - start) * 1000


def _without_index(connection: sa.Connection) -> None:
    drop: Callable[[sa.Connection], None] = next(
        index.drop for index in leads.indexes if index.name == "leads_due"
    )
    drop(connection)
