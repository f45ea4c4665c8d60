"""A campaign as the routes answer with it."""

from typing import Any

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
    model, values = await detail_of(door, request, one), detail_words(door, request)
    return door.shared.render.reply(request, model, "campaigns/detail.html", status, **values)


def detail_words(door: CampaignDoor, request: Request) -> dict[str, Any]:
    """Return what the template of a campaign says names with."""
    words, choices = CampaignWords(door, request, visitor_of(request)), door.port.choices
    offered = [find(words.language) for find in (choices.skills, choices.flows, choices.scripts)]
    return {"code": words.code, "choices": dict(pair for pairs in offered for pair in pairs)}
