"""What attempts leave in their leads, many to a transaction (`dialer.engine_leads.LeadEnds`)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.engine_leads import LeadEnd
from dialer.leads import LeadsUnavailable
from storage.campaign_tables import lead_leases, leads
from storage.kept import Kept
from storage.leads_rows import PUT_OFF, to_values

_L, _E = leads.c, lead_leases.c
_THIS = _L.lead_id == sa.bindparam("this_lead")
_COUNT = sa.update(leads).where(_THIS).values(attempts=_L.attempts + 1)
_SETTLE = PUT_OFF.values(attempts=_L.attempts + 1)
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_LEASED = sa.select(_E.lead_id).where(_E.lead_id.in_(_IDS))
_END_LEASES = sa.delete(lead_leases).where(_E.lead_id.in_(_IDS))


class LeadOutcomes(Kept):
    """Settles leads of many attempts at once."""

    unavailable = LeadsUnavailable

    async def settle_all(self, ends: Sequence[LeadEnd]) -> None:
        """Keep what follows from outcomes; each counts one attempt. Leads that are gone are let go."""
        await self._write(lambda connection: _settle(connection, ends))


def _settle(connection: Connection, ends: Sequence[LeadEnd]) -> None:
    ids = {"ids": [end.lead_id for end in ends]}
    leased = frozenset(connection.execute(_LEASED, ids).scalars())
    connection.execute(_END_LEASES, ids)
    # In the order of their ids: two transactions never wait for each other's rows.
    ordered = sorted(ends, key=lambda end: end.lead_id)
    # Where the agent's disposition came first it ended the lease, and its follow-up stays.
    disposed = [end for end in ordered if end.only_leased and end.lead_id not in leased]
    settled = [end for end in ordered if not end.only_leased or end.lead_id in leased]
    if disposed:
        connection.execute(_COUNT, [{"this_lead": end.lead_id} for end in disposed])
    if settled:
        connection.execute(_SETTLE, [_row(end) for end in settled])


def _row(end: LeadEnd) -> dict[str, Any]:
    return {"this_lead": end.lead_id, **to_values(end.what)}
