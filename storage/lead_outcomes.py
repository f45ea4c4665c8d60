"""What attempts leave in their leads, many to a transaction (`dialer.engine_leads.LeadEnds`)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.engine_leads import LeadEnd
from dialer.leads import FollowUp, LeadState, LeadsUnavailable
from storage.campaign_tables import leads
from storage.database import Database, DatabaseProblem
from storage.leads_rows import values_of

_L = leads.c
_NOTHING = FollowUp(LeadState.READY, datetime.now(UTC), "")  # for the names of its columns
_VALUES: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in values_of(_NOTHING)}
_FREE = {"leased_by": "", "leased_until": None}
_THIS = _L.lead_id == sa.bindparam("this_lead")
_COUNT = sa.update(leads).where(_THIS).values(attempts=_L.attempts + 1)
_SETTLE = sa.update(leads).where(_THIS).values(**_VALUES, **_FREE, attempts=_L.attempts + 1)
# Where the agent's disposition came first it ended the lease, and its follow-up stays.
_FOLLOW = sa.update(leads).where(_THIS, _L.leased_by != "").values(**_VALUES, **_FREE)


class LeadOutcomes:
    """Settles leads of many attempts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle_all(self, ends: Sequence[LeadEnd]) -> None:
        """Keep what follows from outcomes; each counts one attempt. Leads that are gone are let go."""
        try:
            await self._database.write(lambda connection: _settle(connection, ends))
        except DatabaseProblem as error:
            raise LeadsUnavailable(str(error)) from error


def _settle(connection: Connection, ends: Sequence[LeadEnd]) -> None:
    # In the order of their ids: two transactions never wait for each other's rows.
    ordered = sorted(ends, key=lambda end: end.lead_id)
    plain = [_row(end) for end in ordered if not end.only_leased]
    talked = [_row(end) for end in ordered if end.only_leased]
    if plain:
        connection.execute(_SETTLE, plain)
    if talked:
        connection.execute(_COUNT, [{"this_lead": row["this_lead"]} for row in talked])
        connection.execute(_FOLLOW, talked)


def _row(end: LeadEnd) -> dict[str, Any]:
    values = {f"to_{name}": value for name, value in values_of(end.what).items()}
    return {"this_lead": end.lead_id, **values}
