"""What came of a campaign: figures for those who watch, one row per lead for the requester, the effect."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from dialer.campaigns import Campaign
from web.campaign_door import CampaignDoor
from web.campaign_look_views import results_view
from web.campaign_models import ID, ResultsView
from web.campaign_views import CampaignWords, switch_view
from web.guard import visitor_of
from web.list_models import SheetForm
from web.list_sheets import FILE_ANSWER, Row, sheet_answer
from web.permissions import Permission
from web.rendering import in_wib

_TAGS = ["campaigns"]
_CampaignId = Annotated[str, Path(pattern=ID)]
_COLUMNS = (
    "order_number", "row", "npwp", "name", "outcome", "disposition", "attempts", "last_at", "promised_on",
)  # fmt: skip


def add_result_routes(door: CampaignDoor) -> None:
    """Add the routes."""
    shared = door.shared

    async def results(request: Request, one: Campaign) -> ResultsView:
        visitor, port = visitor_of(request), door.port
        words = CampaignWords(door, request, visitor)
        may = visitor.reach(Permission.CAMPAIGN_RESULTS) is not None
        try:
            figures = await port.results.figures(one.campaign_id)
            effect = await port.effect.of(one.campaign_id)
        except KeyError as error:
            raise HTTPException(404, "campaigns.no_such_campaign") from error
        return results_view(words, one, figures, effect, may_download=may)

    @shared.guard.get("/kampanye/{campaign_id}/hasil", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def results_page(request: Request, campaign_id: _CampaignId) -> Response:
        """Show what came of a campaign, without personal data."""
        one = await door.found(campaign_id)
        switch = switch_view(await door.switch(), await door.names())
        model = await results(request, one)
        return shared.render.page(request, "campaigns/results.html", model=model, switch=switch)

    @shared.guard.get(
        "/api/campaigns/{campaign_id}/results",
        Permission.CAMPAIGN_VIEW,
        response_model=ResultsView,
        tags=_TAGS,
    )
    async def show_results(request: Request, campaign_id: _CampaignId) -> Response:
        """Return what came of a campaign in counts, and its effect against the control group."""
        model = await results(request, await door.found(campaign_id))
        return shared.render.reply(request, model, "campaigns/figures.html")

    @shared.guard.get(
        "/api/campaigns/{campaign_id}/results/file",
        Permission.CAMPAIGN_RESULTS,
        response_class=Response,
        responses=FILE_ANSWER,
        tags=_TAGS,
    )
    async def results_file(request: Request, campaign_id: _CampaignId, form: SheetForm = "csv") -> Response:
        """Return one row for each lead, for the requester. Personal data; times are WIB."""
        visitor, one = visitor_of(request), await door.found(campaign_id)
        await door.audit(visitor, "campaign_results_downloaded", f"campaign:{campaign_id}", form=form)
        words = CampaignWords(door, request, visitor)
        header = [words.say(f"campaigns_column.{name}") for name in _COLUMNS]
        rows = _rows(door, words, one)
        return await sheet_answer(form, f"hasil-{campaign_id[:8]}", door.port.work, header, rows)


async def _rows(door: CampaignDoor, words: CampaignWords, one: Campaign) -> AsyncIterator[Sequence[Row]]:
    said: dict[str, str] = {}

    def code(word: str) -> str:
        if word not in said:
            said[word] = words.code(word)
        return said[word]

    async for batch in door.port.results.rows(one.campaign_id):
        yield [
            [
                row.order_number,
                str(row.row),
                row.npwp,
                row.name,
                code(row.outcome),
                code(row.disposition) if row.disposition else "",
                str(row.attempts),
                in_wib(row.last_at) if row.last_at else "",
                f"{row.promised_on:%d.%m.%Y}" if row.promised_on else "",
            ]
            for row in batch
        ]
