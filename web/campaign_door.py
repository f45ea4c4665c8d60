"""What every route of the campaigns' pages does first."""

from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException, Request, Response

from dialer.campaigns import Campaign, SwitchChange
from dialer.leads import LeadState
from domain.audit import AuditRow
from domain.staff import StaffUnavailable
from web.campaign_feed import CampaignFeed
from web.campaign_jobs import DryRunning, LeadMaking
from web.campaign_port import CampaignPort
from web.list_sheets import sweep
from web.parts import Shared
from web.visitor import Visitor

_COUNTED_FOR = 10.0  # seconds that a count of leads is good for on a list of campaigns

LeadCounts = Mapping[LeadState, int]


class CampaignDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: CampaignPort) -> None:
        self.shared, self.port = shared, port
        self.feed = CampaignFeed(port.live)
        self.lists = LeadMaking(port.campaigns, shared.clock, self._forget_counts)
        self.dry_runs = DryRunning(port.dry_runs, shared.clock)
        self._counts: dict[str, tuple[float, LeadCounts]] = {}
        sweep(port.work)

    def close(self) -> None:
        """End what would never end by itself: the service stops."""
        self.feed.close()
        self.lists.close()
        self.dry_runs.close()

    async def found(self, campaign_id: str) -> Campaign:
        """Return a campaign. Raises HTTPException 404."""
        try:
            return await self.port.campaigns.get(campaign_id)
        except KeyError as error:
            raise HTTPException(404, "campaigns.no_such_campaign") from error

    async def names(self) -> Mapping[str, str]:
        """Return staff_id → name. Raises HTTPException 503."""
        try:
            return {one.staff_id: one.display_name for one in await self.port.people.all()}
        except StaffUnavailable:
            raise HTTPException(503, "sign_in.unavailable") from None

    async def switch(self) -> SwitchChange | None:
        """Return the change of the kill switch that is in force."""
        return await self.port.switch.latest()

    async def counts(self, campaign_id: str) -> LeadCounts:
        """Return how many leads there are by state; not older than some seconds."""
        now = self.shared.clock.monotonic()
        kept = self._counts.get(campaign_id)
        if kept is None or now - kept[0] > _COUNTED_FOR:
            found = dict.fromkeys(LeadState, 0)
            for (state, _), number in (await self.port.leads.reasons(campaign_id)).items():
                found[state] += number
            kept = self._counts[campaign_id] = (now, found)
        return kept[1]

    def _forget_counts(self, campaign_id: str) -> None:
        self._counts.pop(campaign_id, None)

    async def audit(
        self, visitor: Visitor, act: str, subject: str, outcome: str = "done", **data: str
    ) -> None:
        """Put an act on the trail, before it is done. Raises AuditUnavailable."""
        row = AuditRow(self.shared.clock.now(), visitor.staff.staff_id, act, subject, "", outcome, data)
        await self.shared.audit.record(row)

    def page(self, request: Request, template: str, switch: SwitchChange | None, **values: Any) -> Response:
        """Return a page with the kill switch on it."""
        return self.shared.render.page(request, template, switch=switch, **values)
