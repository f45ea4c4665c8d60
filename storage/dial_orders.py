"""What campaign managers have ordered: the kill switch, and campaigns that run or are paused."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.campaigns import Campaign, CampaignState, CampaignStore, CampaignsUnavailable
from dialer.engine_ports import Ordered
from storage.campaign_tables import campaigns, kill_switch
from storage.database import Database, DatabaseProblem

_C, _K = campaigns.c, kill_switch.c
_LIVE = (CampaignState.RUNNING.value, CampaignState.PAUSED.value)
_Stamp = tuple[str, int, datetime]  # state, version, changed_at


class RecordedOrders:
    """`dialer.engine_ports.Orders`: read several times a second, a campaign only when it has changed."""

    def __init__(self, database: Database, store: CampaignStore) -> None:
        self._database, self._store = database, store
        self._known: dict[str, tuple[_Stamp, Campaign]] = {}

    async def read(self) -> Ordered:
        """Return what is ordered. Raises CampaignsUnavailable."""
        try:
            killed, rows = await self._database.read_first(_look)
        except DatabaseProblem as error:
            raise CampaignsUnavailable(str(error)) from error
        known: dict[str, tuple[_Stamp, Campaign]] = {}
        for row in rows:
            stamp = (row.state, row.version, row.changed_at)
            before = self._known.get(row.campaign_id)
            if before is None or before[0] != stamp:
                before = (stamp, await self._store.get(row.campaign_id))
            known[row.campaign_id] = before
        self._known = known
        return Ordered(killed, tuple(campaign for _, campaign in known.values()))


def _look(connection: Connection) -> tuple[bool, list[Any]]:
    thrown = sa.select(_K.thrown).order_by(_K.number.desc()).limit(1)
    live = sa.select(_C.campaign_id, _C.state, _C.version, _C.changed_at).where(_C.state.in_(_LIVE))
    return bool(connection.execute(thrown).scalar()), list(connection.execute(live.order_by(_C.created_at)))
