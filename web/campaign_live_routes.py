"""The live page of a campaign, and the events that keep it so."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import HTTPException, Path, Request, Response
from fastapi.responses import StreamingResponse

from dialer.campaigns import Campaign
from web.answers import answer_events
from web.campaign_door import CampaignDoor
from web.campaign_look_views import look_view
from web.campaign_models import ID, LookView
from web.campaign_port import LiveLook
from web.campaign_views import CampaignWords, switch_view
from web.guard import visitor_of
from web.permissions import Permission

_TAGS = ["campaigns"]
_CampaignId = Annotated[str, Path(pattern=ID)]

Teller = Callable[[Request, Campaign], Awaitable[Callable[[LiveLook], LookView]]]


def add_live_routes(door: CampaignDoor) -> None:
    """Add the routes."""
    shared = door.shared

    async def teller(request: Request, one: Campaign) -> Callable[[LiveLook], LookView]:
        change = await door.switch()
        words = CampaignWords(door, request, visitor_of(request))
        thrown = change is not None and change.thrown
        return lambda look: look_view(door, words, one, look, thrown=thrown)

    async def looked(request: Request, one: Campaign) -> LookView:
        tell = await teller(request, one)
        try:
            return tell(await door.port.live.look(one.campaign_id))
        except KeyError as error:
            raise HTTPException(404, "campaigns.no_such_campaign") from error

    @shared.guard.get("/kampanye/{campaign_id}/langsung", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def live_page(request: Request, campaign_id: _CampaignId) -> Response:
        """Show a campaign as it is now."""
        one = await door.found(campaign_id)
        model = await looked(request, one)
        switch = switch_view(await door.switch(), await door.names())
        return shared.render.page(
            request,
            "campaigns/live.html",
            campaign=one,
            switch=switch,
            model=model,
            model_json=model.model_dump_json(),
        )

    @shared.guard.get(
        "/api/campaigns/{campaign_id}/live", Permission.CAMPAIGN_VIEW, response_model=LookView, tags=_TAGS
    )
    async def look_at_campaign(request: Request, campaign_id: _CampaignId) -> LookView:
        """Return a campaign as it is now: lines, agents, figures of today, progress, reasons."""
        return await looked(request, await door.found(campaign_id))

    _add_events(door, teller)


def _add_events(door: CampaignDoor, teller: Teller) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/campaigns/{campaign_id}/events",
        Permission.CAMPAIGN_VIEW,
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "See `web.campaign_feed`"}},
        tags=_TAGS,
    )
    async def campaign_events(request: Request, campaign_id: _CampaignId) -> StreamingResponse:
        """Tell every second how a campaign is: `look`, `away`, `session`."""
        one = await door.found(campaign_id)

        async def tell(look: LiveLook) -> bytes:
            view = await teller(request, await door.port.campaigns.get(one.campaign_id))
            return view(look).model_dump_json().encode()

        still_signed_in = partial(shared.guard.still_admits, request, Permission.CAMPAIGN_VIEW)
        messages = door.feed.listen(campaign_id, tell, still_signed_in)
        return answer_events(messages)
