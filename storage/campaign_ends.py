"""Campaigns that have come to their end: their last day is past, or nobody is left to call."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.campaigns import Campaign, CampaignChanged, CampaignState
from dialer.leads import LeadState
from storage.attempt_tables import attempts
from storage.campaign_tables import lead_batches, leads
from storage.campaigns import DurableCampaigns
from storage.database import Database

BY = "system"
# A callback promised in the last talk makes its lead ready again once the agent has written the disposition.
REST = timedelta(hours=1)
_ON = (CampaignState.RUNNING, CampaignState.PAUSED)


class CampaignEnds:
    """Finishes campaigns."""

    def __init__(self, database: Database, campaigns: DurableCampaigns) -> None:
        self._database, self._campaigns = database, campaigns

    async def look(self, now: datetime) -> Sequence[str]:
        """Finish what is at its end; return their ids.

        A running or paused campaign ends after its last day (the office's), and when every lead was called
        for the last time and an hour has passed since the last attempt. Raises CampaignsUnavailable,
        DatabaseProblem.
        """
        ended = []
        for campaign in await self._campaigns.all():
            if campaign.state in _ON and await self._over(campaign, now):
                try:
                    await self._campaigns.move(campaign.campaign_id, CampaignState.FINISHED, BY, now)
                except CampaignChanged:
                    continue  # somebody moved it at the same moment
                ended.append(campaign.campaign_id)
        return ended

    async def _over(self, campaign: Campaign, now: datetime) -> bool:
        last_day = campaign.definition.ends_on
        if last_day is not None and last_day < office_day(now):
            return True
        return await self._database.read(lambda connection: _nobody_left(connection, campaign, now))


def _nobody_left(connection: Connection, campaign: Campaign, now: datetime) -> bool:
    b, a = lead_batches.c, attempts.c
    of_campaign = sa.select(b.batch_id, b.completed_at).where(b.campaign_id == campaign.campaign_id)
    batches = connection.execute(of_campaign).all()
    if not batches or any(completed is None for _, completed in batches):
        return False
    for batch_id, _ in batches:
        ready = sa.select(leads.c.lead_id).where(
            leads.c.batch_id == batch_id, leads.c.state == LeadState.READY.value
        )
        if connection.execute(ready.limit(1)).first() is not None:
            return False
    late = sa.or_(a.ended_at.is_(None), a.ended_at > now - REST)
    lately = sa.select(a.attempt_id).where(a.campaign_id == campaign.campaign_id, late)
    return connection.execute(lately.limit(1)).first() is None
