"""Reads of the record that an agent's outbound work needs: promised callbacks, calls nobody spoke of."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.leads import LeadState, LeadsUnavailable
from domain.calls import EventKind
from domain.zones import Zone
from storage.attempt_tables import attempts
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.kept import Kept
from storage.outbound_tables import outbound_dispositions
from storage.rows import Rows
from storage.tables import call_events
from storage.vault import Vault

_PROMISED = 0  # `leads.rank`
RECOGNISED_FACT = "attempt_id"
"""The fact that the look-up `recognised_call` gives an inbound call: our call that it answers."""


class OutboundReader(Kept):
    """Reads only. Every method raises LeadsUnavailable."""

    unavailable = LeadsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._rows = Rows(vault)

    async def promised(
        self, agent: str, campaigns: Collection[str], until: datetime, most: int = 20
    ) -> Sequence[int]:
        """Return the ids of leads that an agent promised to call until a time, the first one first."""
        batches = sa.select(lead_batches.c.batch_id).where(
            lead_batches.c.campaign_id.in_(list(campaigns)), lead_batches.c.completed_at.is_not(None)
        )
        query = sa.select(leads.c.lead_id).where(
            leads.c.batch_id.in_(batches),
            leads.c.zone.in_([zone.value for zone in Zone]),
            leads.c.state == LeadState.READY.value,
            leads.c.rank == _PROMISED,
            leads.c.owner == agent,
            leads.c.due_at <= until,
        )
        query = query.order_by(leads.c.due_at).limit(most)
        return await self._read(lambda connection: connection.execute(query).scalars().all())

    async def unspoken(self, since: datetime, until: datetime, most: int = 200) -> Sequence[tuple[str, str]]:
        """Return the calls that ended between two times, had an agent and have no disposition.

        Each with the staff number of the agent who was joined first.
        """
        spoken = sa.exists().where(outbound_dispositions.c.call_id == attempts.c.attempt_id)
        query = (
            sa.select(attempts.c.attempt_id, attempts.c.joined)
            .where(attempts.c.ended_at >= since, attempts.c.ended_at < until)
            .where(attempts.c.joined != "", ~spoken)
            .order_by(attempts.c.ended_at)
            .limit(most)
        )

        def work(connection: Connection) -> Sequence[tuple[str, str]]:
            return [(row.attempt_id, row.joined) for row in connection.execute(query)]

        return await self._read(work)

    async def recognised(self, call_id: str) -> str | None:
        """Return the id of our call that an inbound call answers; None: it answers none, or is unknown."""
        query = sa.select(call_events).where(
            call_events.c.call_id == call_id, call_events.c.kind == EventKind.LOOKED_UP.value
        )

        def work(connection: Connection) -> str | None:
            for row in connection.execute(query.order_by(call_events.c.seq.desc())):
                found = (self._rows.event(row).secret or {}).get(RECOGNISED_FACT)
                if found is not None:
                    return found
            return None

        return await self._read(work)
