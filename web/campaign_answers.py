"""A campaign as the routes answer with it."""

from fastapi import Request, Response

from dialer.campaigns import Campaign
from web.campaign_door import CampaignDoor
from web.campaign_models import CampaignDetail
from web.campaign_views import CampaignWords
from web.guard import visitor_of


async def detail_of(door: CampaignDoor, request: Request, one: Campaign) -> CampaignDetail:
    """Return a campaign with everything about it."""
    words = CampaignWords(door, request, visitor_of(request))
    return words.detail(
        one,
        await door.counts(one.campaign_id),
        await door.port.lists.all(),
        await door.port.campaigns.history(one.campaign_id),
        await door.names(),
        await door.switch(),
    )


async def answer_detail(door: CampaignDoor, request: Request, one: Campaign, status: int = 200) -> Response:
    """Answer with a campaign as it is now."""
    words = CampaignWords(door, request, visitor_of(request))
    model = await detail_of(door, request, one)
    return door.shared.render.reply(request, model, "campaigns/detail.html", status, code=words.code)
