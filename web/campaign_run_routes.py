"""Campaigns at work: started, paused, stopped, paced; the switch that stops all; who is not called, why."""

from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from dialer.campaigns import MOVES, Campaign, CampaignChanged, CampaignState
from dialer.campaigns_text import from_plain, to_plain
from web.campaign_answers import answer_detail
from web.campaign_door import CampaignDoor
from web.campaign_jobs import DryState
from web.campaign_models import (
    ID,
    CampaignDetail,
    DryRunView,
    ExampleView,
    PacingBody,
    SwitchBody,
    SwitchView,
    WhyBody,
    WhyView,
)
from web.campaign_views import EXAMPLES, CampaignWords, switch_view
from web.guard import visitor_of
from web.permissions import Permission

_TAGS = ["campaigns"]
_CampaignId = Annotated[str, Path(pattern=ID)]


def add_run_routes(door: CampaignDoor) -> None:
    """Add the routes."""
    _add_moves(door)
    _add_pacing(door)
    _add_switch(door)
    _add_dry_run(door)
    _add_why(door)


def _add_moves(door: CampaignDoor) -> None:
    guard = door.shared.guard

    async def moved(request: Request, campaign_id: str, to: CampaignState, act: str) -> Response:
        visitor, before = visitor_of(request), await door.found(campaign_id)
        if to not in MOVES[before.state]:
            raise CampaignChanged
        await door.audit(visitor, act, f"campaign:{campaign_id}")
        by, at = visitor.staff.staff_id, door.shared.clock.now()
        return await answer_detail(door, request, await door.port.campaigns.move(campaign_id, to, by, at))

    @guard.post(
        "/api/campaigns/{campaign_id}/start",
        Permission.CAMPAIGN_RUN,
        response_model=CampaignDetail,
        tags=_TAGS,
    )
    async def start_campaign(request: Request, campaign_id: _CampaignId) -> Response:
        """Let a campaign dial, or dial again."""
        return await moved(request, campaign_id, CampaignState.RUNNING, "campaign_started")

    @guard.post(
        "/api/campaigns/{campaign_id}/pause",
        Permission.CAMPAIGN_RUN,
        response_model=CampaignDetail,
        tags=_TAGS,
    )
    async def pause_campaign(request: Request, campaign_id: _CampaignId) -> Response:
        """Dial nobody more; what rings goes on."""
        return await moved(request, campaign_id, CampaignState.PAUSED, "campaign_paused")

    @guard.post(
        "/api/campaigns/{campaign_id}/stop",
        Permission.CAMPAIGN_RUN,
        response_model=CampaignDetail,
        tags=_TAGS,
    )
    async def stop_campaign(request: Request, campaign_id: _CampaignId) -> Response:
        """Dial nobody more, and cancel what rings; talks go on."""
        return await moved(request, campaign_id, CampaignState.STOPPED, "campaign_stopped")

    @guard.post(
        "/api/campaigns/{campaign_id}/finish",
        Permission.CAMPAIGN_RUN,
        response_model=CampaignDetail,
        tags=_TAGS,
    )
    async def finish_campaign(request: Request, campaign_id: _CampaignId) -> Response:
        """End a campaign."""
        return await moved(request, campaign_id, CampaignState.FINISHED, "campaign_finished")


def _add_pacing(door: CampaignDoor) -> None:
    @door.shared.guard.post(
        "/api/campaigns/{campaign_id}/pacing",
        Permission.CAMPAIGN_RUN,
        response_model=CampaignDetail,
        tags=_TAGS,
    )
    async def change_pacing(request: Request, campaign_id: _CampaignId, body: PacingBody) -> Response:
        """Change how calls are placed, from now on: a new version; 409 if somebody else made one."""
        visitor, one = visitor_of(request), await door.found(campaign_id)
        changed = body.model_dump(mode="json", exclude={"version"})
        definition = from_plain({**to_plain(one.definition), **changed})
        await door.audit(visitor, "campaign_paced", f"campaign:{campaign_id}", pacing=body.pacing)
        by, at = visitor.staff.staff_id, door.shared.clock.now()
        after = await door.port.campaigns.change(campaign_id, body.version, definition, by, at)
        return await answer_detail(door, request, after)


def _add_switch(door: CampaignDoor) -> None:
    shared = door.shared

    async def answered(request: Request) -> Response:
        view = switch_view(await door.switch(), await door.names())
        return shared.render.reply(request, view, "campaigns/switch.html", switch=view)

    @shared.guard.get("/api/outbound/switch", Permission.CAMPAIGN_VIEW, response_model=SwitchView, tags=_TAGS)
    async def show_switch(request: Request) -> Response:
        """Tell whether outbound calls are stopped altogether, since when, by whom and why."""
        return await answered(request)

    @shared.guard.post(
        "/api/outbound/switch/throw", Permission.CAMPAIGN_RUN, response_model=SwitchView, tags=_TAGS
    )
    async def throw_switch(request: Request, body: SwitchBody) -> Response:
        """Stop all outbound dialling at once and cancel what rings, of every campaign; talks go on."""
        visitor = visitor_of(request)
        await door.audit(visitor, "kill_switch_thrown", "outbound:")
        await door.port.switch.throw(visitor.staff.staff_id, body.reason, shared.clock.now())
        return await answered(request)

    @shared.guard.post(
        "/api/outbound/switch/lift", Permission.CAMPAIGN_RUN, response_model=SwitchView, tags=_TAGS
    )
    async def lift_switch(request: Request, body: SwitchBody) -> Response:
        """Allow dialling again."""
        visitor = visitor_of(request)
        await door.audit(visitor, "kill_switch_lifted", "outbound:")
        await door.port.switch.lift(visitor.staff.staff_id, body.reason, shared.clock.now())
        return await answered(request)


async def _examples(door: CampaignDoor, words: CampaignWords, state: DryState | None) -> list[ExampleView]:
    if state is None or state.report is None:
        return []
    found = []
    for reason, lead_ids in state.report.examples.items():
        for lead_id in lead_ids[:EXAMPLES]:
            try:
                found.append(words.example(await door.port.leads.get(lead_id), str(reason)))
            except KeyError:
                continue
    return found


async def dry_run_of(
    door: CampaignDoor, request: Request, one: Campaign, state: DryState | None
) -> DryRunView:
    """Return a campaign's dry run as it is now."""
    words = CampaignWords(door, request, visitor_of(request))
    return words.dry_run(one, state, await _examples(door, words, state))


def _add_dry_run(door: CampaignDoor) -> None:
    shared, piece = door.shared, "campaigns/dry_run.html"

    @shared.guard.get("/kampanye/{campaign_id}/uji", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def dry_run_page(request: Request, campaign_id: _CampaignId) -> Response:
        """Show who would be called today, who not, and why."""
        one = await door.found(campaign_id)
        switch = switch_view(await door.switch(), await door.names())
        model = await dry_run_of(door, request, one, door.dry_runs.of(campaign_id))
        return shared.render.page(request, "campaigns/dry_run_page.html", model=model, switch=switch)

    @shared.guard.get(
        "/api/campaigns/{campaign_id}/dry-run",
        Permission.CAMPAIGN_VIEW,
        response_model=DryRunView,
        tags=_TAGS,
    )
    async def show_dry_run(request: Request, campaign_id: _CampaignId) -> Response:
        """Return the last dry run, or how far it is."""
        one = await door.found(campaign_id)
        model = await dry_run_of(door, request, one, door.dry_runs.of(campaign_id))
        return shared.render.reply(request, model, piece)

    @shared.guard.post(
        "/api/campaigns/{campaign_id}/dry-run",
        Permission.CAMPAIGN_VIEW,
        response_model=DryRunView,
        tags=_TAGS,
    )
    async def begin_dry_run(request: Request, campaign_id: _CampaignId) -> Response:
        """Find out who would be called today, by the gate of real calls; nobody is called."""
        one = await door.found(campaign_id)
        model = await dry_run_of(door, request, one, await door.dry_runs.begin(one))
        return shared.render.reply(request, model, piece)


def _add_why(door: CampaignDoor) -> None:
    shared = door.shared

    async def wanted(request: Request, campaign_id: str, body: WhyBody) -> int:
        visitor = visitor_of(request)
        if body.npwp:
            await door.audit(visitor, "campaign_contact_asked", f"campaign:{campaign_id}")
            found = await door.port.finder.lead_of(campaign_id, body.npwp)
            if found is None:
                raise HTTPException(404, "campaigns.not_in_it")
            return found
        if body.lead_id is None:
            raise HTTPException(422, "campaigns.whose")
        return body.lead_id

    @shared.guard.post(
        "/api/campaigns/{campaign_id}/why", Permission.CAMPAIGN_RESULTS, response_model=WhyView, tags=_TAGS
    )
    async def why_not_dialled(request: Request, campaign_id: _CampaignId, body: WhyBody) -> Response:
        """Tell how one contact of a campaign stands and why it is not dialled now."""
        one = await door.found(campaign_id)
        words = CampaignWords(door, request, visitor_of(request))
        try:
            lead = await door.port.leads.get(await wanted(request, campaign_id, body))
        except KeyError as error:
            raise HTTPException(404, "campaigns.not_in_it") from error
        if lead.campaign_id != campaign_id:
            raise HTTPException(404, "campaigns.not_in_it")
        change = await door.switch()
        killed = change is not None and change.thrown
        refusal = await door.port.dry_runs.why(one, lead, words.now, killed=killed)
        return shared.render.reply(request, words.standing(lead, refusal), "campaigns/why.html")
