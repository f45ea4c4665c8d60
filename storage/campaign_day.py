"""A campaign's day out of the record of attempts, and where its leads stand. For the live page."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.leads import LeadState
from dialer.lists import ListState
from dialer.live import AttemptCount, LeadCount, LeadCounts
from dialer.reasons import WhyNot
from domain.zones import Zone
from storage.attempt_tables import attempts
from storage.campaign_counts import SENT, as_hour, hour_of, read_figures
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.list_tables import lists

_A, _L, _B = attempts.c, leads.c, lead_batches.c
_RANKS = (0, 1)  # promised, and all others: told so that the index of due leads is used
# Written out: that is what makes it a query of the partial index.
_READY = _L.state == sa.literal_column(f"'{LeadState.READY.value}'")


class CampaignDay:
    """Reads counts. Every method raises LiveUnavailable; every read has a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attempts(
        self, campaign_id: str, since: datetime, until: datetime | None = None
    ) -> Sequence[AttemptCount]:
        """Count a campaign's attempts that were intended from a time on, and before another."""
        return await asyncio.to_thread(
            read_figures, self._database, lambda c: self._attempts(c, campaign_id, since, until)
        )

    async def leads(self, campaign_id: str, now: datetime) -> LeadCounts:
        """Count a campaign's leads."""
        return await asyncio.to_thread(read_figures, self._database, lambda c: _leads(c, campaign_id, now))

    def _attempts(
        self, connection: Connection, campaign_id: str, since: datetime, until: datetime | None
    ) -> Sequence[AttemptCount]:
        last = sa.and_(_L.state == LeadState.DONE.value, _L.attempts == _A.ordinal)
        by = (hour_of(_A.intended_at, self._database).label("hour"), _A.outcome, _A.disposition)
        query = (
            sa.select(
                *by,
                sa.func.count().label("many"),
                sa.func.count(_A.answered_at).label("answered"),
                sa.func.count(_A.joined_at).label("joined"),
                sa.func.sum(sa.case((last, 1), else_=0)).label("done"),
            )
            .select_from(sa.outerjoin(attempts, leads, _L.lead_id == _A.lead_id))
            .where(_A.campaign_id == campaign_id, _A.intended_at >= since, SENT)
            .group_by(*by)
        )
        if until is not None:
            query = query.where(_A.intended_at < until)
        return [
            AttemptCount(
                as_hour(row.hour).hour, row.outcome, row.disposition, row.many, row.answered, row.joined,
                int(row.done),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def _leads(connection: Connection, campaign_id: str, now: datetime) -> LeadCounts:
    batches = _batches(connection, campaign_id)
    ready, later = _ready(connection, list(batches)), _later(connection, list(batches), now)
    counts = tuple(
        LeadCount(batches[batch_id].list_id, Zone(zone), many, later.get((batch_id, zone), {}))
        for (batch_id, zone), many in ready.items()
    )
    control = sum(row.control for row in batches.values())
    made = sum(row.leads for row in batches.values())
    today = office_day(now)
    closed = {row.list_id: why for row in batches.values() if (why := _why_closed(row, today)) is not None}
    return LeadCounts(counts, made - control - sum(ready.values()), control, closed)


def _batches(connection: Connection, campaign_id: str) -> Mapping[int, Any]:
    query = (
        sa.select(_B.batch_id, _B.list_id, _B.leads, _B.control, lists.c.state, lists.c.expires_on)
        .join(lists, lists.c.list_id == _B.list_id)
        .where(_B.campaign_id == campaign_id, _B.completed_at.is_not(None))
    )
    return {row.batch_id: row for row in connection.execute(query)}


def _why_closed(row: Any, today: date) -> WhyNot | None:
    if row.state != ListState.APPROVED:
        return WhyNot.LIST_NOT_APPROVED
    return WhyNot.LIST_EXPIRED if today > row.expires_on else None


def _ready(connection: Connection, batches: Sequence[int]) -> Mapping[tuple[int, str], int]:
    query = (
        sa.select(_L.batch_id, _L.zone, sa.func.count())
        .where(_L.batch_id.in_(batches), _READY)
        .group_by(_L.batch_id, _L.zone)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _later(
    connection: Connection, batches: Sequence[int], now: datetime
) -> Mapping[tuple[int, str], Mapping[str, int]]:
    zones = [zone.value for zone in Zone]
    query = (
        sa.select(_L.batch_id, _L.zone, _L.reason, sa.func.count())
        .where(_L.batch_id.in_(batches), _L.zone.in_(zones), _L.rank.in_(_RANKS), _L.due_at > now)
        .where(_READY)
        .group_by(_L.batch_id, _L.zone, _L.reason)
    )
    found: dict[tuple[int, str], dict[str, int]] = {}
    for row in connection.execute(query):
        found.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return found
