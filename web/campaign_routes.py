"""Campaigns `/kampanye`: listed, defined, copied, changed, given lists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition, Pacing
from dialer.campaigns_text import from_plain
from web.campaign_answers import answer_detail, detail_of, detail_words
from web.campaign_door import CampaignDoor
from web.campaign_effect_routes import add_result_routes
from web.campaign_forms import SECTIONS, form_fields, new_definition, retry_lines, weekdays
from web.campaign_live_routes import add_live_routes
from web.campaign_models import (
    ID,
    CampaignDetail,
    Campaigns,
    ChangeBody,
    DefinitionBody,
    ListChoice,
    TitleBody,
)
from web.campaign_port import CampaignPort, Choice
from web.campaign_refusals import add_campaign_refusals
from web.campaign_run_routes import add_run_routes
from web.campaign_views import CampaignWords, switch_view
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission

__all__ = ["CampaignPort", "add_campaign_routes"]

TAGS = ["campaigns"]
CampaignId = Annotated[str, Path(pattern=ID)]
_COUNTED = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPED})
_OUTBOUND = "outbound_agent"  # the flow that a new campaign with agents starts with
_REMINDER = "outbound_reminder"


def add_campaign_routes(shared: Shared, port: CampaignPort) -> CampaignDoor:
    """Add the routes; return what is to be closed at the end."""
    door = CampaignDoor(shared, port)
    add_campaign_refusals(shared)
    _add_lists(door)
    _add_defining(door)
    _add_changing(door)
    _add_detail(door)
    _add_using(door)
    add_run_routes(door)
    add_live_routes(door)
    add_result_routes(door)
    return door


def _add_lists(door: CampaignDoor) -> None:
    shared = door.shared

    async def listed(request: Request) -> Campaigns:
        words, names = CampaignWords(door, request, visitor_of(request)), await door.names()
        found = []
        for one in await door.port.campaigns.all():
            counts = await door.counts(one.campaign_id) if one.state in _COUNTED else None
            found.append(words.campaign(one, names, counts))
        return Campaigns(campaigns=found, switch=switch_view(await door.switch(), names))

    @shared.guard.get("/kampanye", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def campaigns_page(request: Request) -> Response:
        """Show the campaigns, and the switch that stops them all."""
        words = CampaignWords(door, request, visitor_of(request))
        model, kinds = await listed(request), words.options("campaigns_kind", CampaignKind)
        return shared.render.page(
            request, "campaigns/page.html", model=model, switch=model.switch, kinds=kinds
        )

    @shared.guard.get("/api/campaigns", Permission.CAMPAIGN_VIEW, response_model=Campaigns, tags=TAGS)
    async def list_campaigns(request: Request) -> Response:
        """Return the campaigns, newest first, and whether anything is dialled at all."""
        return shared.render.reply(request, await listed(request), "campaigns/list.html")


def _add_detail(door: CampaignDoor) -> None:
    shared = door.shared

    @shared.guard.get("/kampanye/{campaign_id}", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def campaign_page(request: Request, campaign_id: CampaignId) -> Response:
        """Show one campaign."""
        model = await detail_of(door, request, await door.found(campaign_id))
        values = detail_words(door, request)
        return shared.render.page(request, "campaigns/one.html", model=model, switch=model.switch, **values)

    @shared.guard.get(
        "/api/campaigns/{campaign_id}", Permission.CAMPAIGN_VIEW, response_model=CampaignDetail, tags=TAGS
    )
    async def show_campaign(request: Request, campaign_id: CampaignId) -> Response:
        """Return one campaign: definition, lists, state, what was done to it, what may be done."""
        return await answer_detail(door, request, await door.found(campaign_id))


def _form(door: CampaignDoor, request: Request, definition: Definition) -> Mapping[str, Any]:
    """Return what the form's template needs."""
    words, tables = CampaignWords(door, request, visitor_of(request)), door.port.tables
    choices, language = door.port.choices, words.language
    yes_no = [("yes", words.say("common.yes")), ("no", words.say("common.no"))]
    options: Mapping[str, Sequence[Choice]] = {
        "kind": words.options("campaigns_kind", CampaignKind),
        "pacing": words.options("campaigns_pacing", Pacing),
        "script": choices.scripts(language),
        "flow": choices.flows(language),
        "skill": choices.skills(language),
        "tier": [(tier, tier) for tier in "ABC"],
        "needs_poro": yes_no,
        "amd": yes_no,
    }
    offered = tables.dispositions.at(words.now).dispositions
    retry = tables.retry.at(words.now)
    codes = {str(code): words.code(code) for code in (*retry.outcomes, *retry.dispositions)}
    return {
        "sections": SECTIONS,
        "fields": form_fields(definition, options, tables.caps.at(words.now)),
        "retry": retry_lines(definition, retry, codes),
        "weekdays": weekdays(definition),
        "dispositions": [
            (
                code,
                row.words(language),
                row.kinds,
                not definition.dispositions or code in definition.dispositions,
            )
            for code, row in offered.items()
        ],
    }


def _add_defining(door: CampaignDoor) -> None:
    shared = door.shared

    @shared.guard.get("/kampanye/baru", Permission.CAMPAIGN_MANAGE, include_in_schema=False)
    async def new_campaign_page(
        request: Request, kind: Annotated[CampaignKind, Query()] = CampaignKind.NON_FILER
    ) -> Response:
        """Show the form of a new campaign of a kind."""
        words = CampaignWords(door, request, visitor_of(request))
        row = door.port.tables.kinds.at(words.now)[kind]
        flow = _REMINDER if row.pacing is Pacing.AGENTLESS else _OUTBOUND
        scripts = [name for name, _ in door.port.choices.scripts(words.language)]
        script = next((name for name in scripts if name in (kind, f"outbound_{kind}")), "outbound")
        definition = new_definition(kind, row.needs_poro, row.pacing, flow, script)
        switch = switch_view(await door.switch(), await door.names())
        form = _form(door, request, definition)
        return shared.render.page(request, "campaigns/new.html", switch=switch, kind=kind, **form)

    @shared.guard.post(
        "/api/campaigns",
        Permission.CAMPAIGN_MANAGE,
        response_model=CampaignDetail,
        status_code=201,
        tags=TAGS,
    )
    async def create_campaign(request: Request, body: DefinitionBody) -> Response:
        """Keep a new draft; 422 with the field that is wrong."""
        visitor, definition = visitor_of(request), _definition(door, body)
        await door.audit(visitor, "campaign_created", "campaign:", kind=definition.kind)
        made = await door.port.campaigns.create(definition, visitor.staff.staff_id, shared.clock.now())
        return _led_to(request, made, await answer_detail(door, request, made, 201))

    @shared.guard.post(
        "/api/campaigns/{campaign_id}/copy",
        Permission.CAMPAIGN_MANAGE,
        response_model=CampaignDetail,
        status_code=201,
        tags=TAGS,
    )
    async def copy_campaign(request: Request, campaign_id: CampaignId, body: TitleBody) -> Response:
        """Keep a new draft like this campaign, without its dates and lists."""
        visitor, _ = visitor_of(request), await door.found(campaign_id)
        await door.audit(visitor, "campaign_copied", f"campaign:{campaign_id}")
        by, at = visitor.staff.staff_id, shared.clock.now()
        made = await door.port.campaigns.copy(campaign_id, body.title.strip(), by, at)
        return _led_to(request, made, await answer_detail(door, request, made, 201))


def _definition(door: CampaignDoor, body: DefinitionBody) -> Definition:
    """Return what was sent. All dispositions are none in particular: those of tomorrow's table too."""
    definition, table = from_plain(body.plain()), door.port.tables.dispositions
    fitting = table.at(door.shared.clock.now()).offered(replace(definition, dispositions=()))
    chosen = definition.dispositions
    return replace(definition, dispositions=() if set(chosen) == fitting.keys() else chosen)


def _led_to(request: Request, one: Campaign, answer: Response) -> Response:
    if request.headers.get("hx-request") == "true":
        answer.headers["HX-Redirect"] = f"/kampanye/{one.campaign_id}"
    return answer


def _add_changing(door: CampaignDoor) -> None:
    shared = door.shared

    @shared.guard.get("/kampanye/{campaign_id}/ubah", Permission.CAMPAIGN_MANAGE, include_in_schema=False)
    async def change_campaign_page(request: Request, campaign_id: CampaignId) -> Response:
        """Show the form of a campaign's next version."""
        one = await door.found(campaign_id)
        switch = switch_view(await door.switch(), await door.names())
        form = _form(door, request, one.definition)
        return shared.render.page(request, "campaigns/change.html", switch=switch, campaign=one, **form)

    @shared.guard.post(
        "/api/campaigns/{campaign_id}", Permission.CAMPAIGN_MANAGE, response_model=CampaignDetail, tags=TAGS
    )
    async def change_campaign(request: Request, campaign_id: CampaignId, body: ChangeBody) -> Response:
        """Keep the next version, in force at once; 409 if somebody else changed it meanwhile."""
        visitor, _ = visitor_of(request), await door.found(campaign_id)
        definition, at = _definition(door, body), shared.clock.now()
        await door.audit(visitor, "campaign_changed", f"campaign:{campaign_id}", version=str(body.version))
        by = visitor.staff.staff_id
        changed = await door.port.campaigns.change(campaign_id, body.version, definition, by, at)
        return _led_to(request, changed, await answer_detail(door, request, changed))


def _add_using(door: CampaignDoor) -> None:
    @door.shared.guard.post(
        "/api/campaigns/{campaign_id}/lists",
        Permission.CAMPAIGN_MANAGE,
        response_model=CampaignDetail,
        tags=TAGS,
    )
    async def add_campaign_list(request: Request, campaign_id: CampaignId, body: ListChoice) -> Response:
        """Let an approved list be called; its leads are made in the background if there are many."""
        visitor, _ = visitor_of(request), await door.found(campaign_id)
        await door.audit(visitor, "campaign_list_added", f"campaign:{campaign_id}", list=body.list_id)
        await door.lists.add(campaign_id, body.list_id, visitor.staff.staff_id)
        return await answer_detail(door, request, await door.found(campaign_id))
