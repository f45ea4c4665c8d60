"""How many of a campaign's leads were done lately."""

from datetime import datetime

import sqlalchemy as sa

from dialer.leads import LeadState, LeadsUnavailable
from storage.attempt_tables import attempts
from storage.campaign_tables import leads
from storage.database import Database, DatabaseProblem


class LeadsDone:
    """Counts them by the attempts of that time: a day's attempts are few, a campaign's leads are many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, campaign_id: str, since: datetime) -> int:
        """Return how many leads are done that were dialled since a time. Raises LeadsUnavailable."""
        query = (
            sa.select(sa.func.count(sa.distinct(attempts.c.lead_id)))
            .join(leads, leads.c.lead_id == attempts.c.lead_id)
            .where(
                attempts.c.campaign_id == campaign_id,
                attempts.c.intended_at >= since,
                leads.c.state == LeadState.DONE.value,
            )
        )
        try:
            found = await self._database.read(lambda connection: connection.execute(query).scalar())
        except DatabaseProblem as error:
            raise LeadsUnavailable(str(error)) from error
        return int(found or 0)
