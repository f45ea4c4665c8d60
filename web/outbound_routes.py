"""An agent's outbound work: the next contact, dial or skip; contact and disposition beside the call.

Every view of a contact is on the audit trail before it is sent. Addresses have no id but a call's.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request, Response

from domain.audit import AuditRow
from domain.staff import Reach
from web.desk_feed import DeskFeed
from web.guard import visitor_of
from web.outbound_call_routes import add_outbound_call_routes
from web.outbound_models import LeadBody, MissingList, SkipBody, WorkView
from web.outbound_port import OutboundPort, OutboundUnavailable, Preview, Refusal, WorkRefused
from web.outbound_views import OutboundViews
from web.outbound_words import OutboundWords
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

NEWS = "outbound"  # the feed's event: something of the agent's outbound work changed; it says nothing else

_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"description": "Not granted, and why"},
    503: {"description": "Campaigns cannot be read at the moment"},
}


@dataclass(frozen=True, slots=True)
class OutboundDoor:
    """What the routes share."""

    shared: Shared
    port: OutboundPort

    def agent(self, request: Request) -> str:
        """Return the visitor's own staff number. Raises HTTPException 409: none."""
        number = visitor_of(request).staff.number
        if not number:
            raise HTTPException(409, "desk.no_number")
        return number

    def words(self, request: Request) -> OutboundWords:
        """Return the words of the visitor's language."""
        render = self.shared.render
        return OutboundWords(render.texts, render.language(request))

    def views(self, request: Request) -> OutboundViews:
        """Return what makes views for the visitor."""
        return OutboundViews(self.port, self.shared.floor, self.shared.clock, self.words(request))

    async def record(self, visitor: Visitor, act: str, subject: str, why: str = "", **data: str) -> None:
        """Put an act on the trail. Raises AuditUnavailable."""
        row = AuditRow(self.shared.clock.now(), visitor.staff.staff_id, act, subject, why, data=data)
        await self.shared.audit.record(row)

    async def panel(self, request: Request, *, tried: bool = False) -> Response:
        """Return the panel as it is now; a contact that is seen in it is on the trail first.

        `tried`: the next contact was just asked for; if there is none, the page asks again later.
        """
        agent = self.agent(request)
        try:
            kept = self.port.desk.kept(agent)
            if kept is not None and kept.revealed:
                await self.viewed(visitor_of(request), kept)
            work = await self.views(request).work(agent)
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        return self.shared.render.reply(request, work, "outbound/work.html", tried=tried)

    async def viewed(self, visitor: Visitor, kept: Preview) -> None:
        """Put on the trail that name and fields of a contact were seen before it was dialled."""
        subject = f"lead:{kept.lead.lead_id}"
        await self.record(visitor, "outbound_contact_viewed", subject, f"campaign:{kept.lead.campaign_id}")

    def check_kept(self, agent: str, lead_id: int) -> Preview:
        """Return the contact that is kept for an agent, if it is this one. Raises HTTPException 409."""
        kept = self.port.desk.kept(agent)
        if kept is None or kept.lead.lead_id != lead_id:
            raise refusal(WorkRefused(Refusal.NOT_YOURS))
        return kept


def refusal(refused: WorkRefused) -> HTTPException:
    """Return the answer to a wish that is not granted."""
    return HTTPException(409, f"outbound_why.{refused.word}")


def add_outbound_routes(shared: Shared, port: OutboundPort, feed: DeskFeed | None = None) -> None:
    """Add the routes; `feed` tells open pages of news (`web.desk_routes.add_desk_routes` returns it)."""
    door = OutboundDoor(shared, port)
    _add_panel(door)
    _add_dialling(door)
    _add_missing(door)
    add_outbound_call_routes(shared, port)
    if feed is not None:
        port.desk.on_news(lambda agent: feed.tell_news(agent, NEWS))


def _add_panel(door: OutboundDoor) -> None:
    guard, desk = door.shared.guard, door.port.desk

    @guard.get(
        "/api/outbound",
        Permission.CAMPAIGN_WORK,
        response_model=WorkView,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def outbound_work(request: Request) -> Response:
        """Return one's campaigns, callbacks, the contact that is kept, and the state of a dial."""
        return await door.panel(request)

    @guard.post(
        "/api/outbound/next",
        Permission.CAMPAIGN_WORK,
        response_model=WorkView,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def outbound_next(request: Request) -> Response:
        """Keep the next contact for oneself, its name masked; one that is kept already stays."""
        agent, visitor = door.agent(request), visitor_of(request)
        before = desk.kept(agent)
        try:
            kept = await desk.next_lead(agent)
        except WorkRefused as refused:
            raise refusal(refused) from refused
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        if kept is not None and (before is None or before.lead.lead_id != kept.lead.lead_id):
            why = f"campaign:{kept.lead.campaign_id}"
            await door.record(visitor, "outbound_contact_offered", f"lead:{kept.lead.lead_id}", why)
        return await door.panel(request, tried=True)

    @guard.post(
        "/api/outbound/reveal",
        Permission.CAMPAIGN_WORK,
        response_model=WorkView,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def outbound_reveal(request: Request, body: LeadBody) -> Response:
        """See name and fields of the contact that is kept for oneself."""
        try:
            desk.reveal(door.agent(request), body.lead_id)
        except WorkRefused as refused:
            raise refusal(refused) from refused
        return await door.panel(request)


def _add_dialling(door: OutboundDoor) -> None:
    guard, desk = door.shared.guard, door.port.desk

    @guard.post(
        "/api/outbound/dial",
        Permission.CAMPAIGN_WORK,
        response_model=WorkView,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def outbound_dial(request: Request, body: LeadBody) -> Response:
        """Dial the contact that is kept; one's phone answers by itself once the person does."""
        agent, visitor = door.agent(request), visitor_of(request)
        door.check_kept(agent, body.lead_id)
        await door.record(visitor, "outbound_dial_asked", f"lead:{body.lead_id}")
        try:
            await desk.dial(agent, body.lead_id)
        except WorkRefused as refused:
            raise refusal(refused) from refused
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        return await door.panel(request)

    @guard.post(
        "/api/outbound/skip",
        Permission.CAMPAIGN_WORK,
        response_model=WorkView,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def outbound_skip(request: Request, body: SkipBody) -> Response:
        """Let the contact that is kept go undialled, for a reason."""
        agent, visitor = door.agent(request), visitor_of(request)
        door.check_kept(agent, body.lead_id)
        await door.record(visitor, "outbound_skipped", f"lead:{body.lead_id}", body.reason)
        try:
            await desk.skip(agent, visitor.staff.staff_id, body.lead_id, body.reason)
        except WorkRefused as refused:
            raise refusal(refused) from refused
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        return await door.panel(request)


def _add_missing(door: OutboundDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/outbound/missing-dispositions",
        Permission.FLOOR_SUPERVISE,
        response_model=MissingList,
        responses=_REFUSED,
        tags=["outbound"],
    )
    async def missing_dispositions(request: Request) -> Response:
        """List calls whose agents gave no disposition in time: one's own team's, or everybody's."""
        visitor = visitor_of(request)
        agents = None
        if visitor.reach(Permission.FLOOR_SUPERVISE) is not Reach.ALL:
            team = visitor.staff.team
            agents = [one.agent for one in shared.floor.agents() if team and one.team == team]
        now = shared.clock.now()
        try:
            rows = await door.port.desk.undisposed(agents, now - 7 * door.port.rules.at(now).late)
            campaigns = await door.port.desk.campaigns() if rows else ()
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        view = MissingList(calls=door.views(request).missing(rows, campaigns))
        return shared.render.reply(request, view, "outbound/missing.html")

    @shared.guard.get("/tanpa-disposisi", Permission.FLOOR_SUPERVISE, include_in_schema=False)
    async def missing_page(request: Request) -> Response:
        """Show the page of calls without a disposition."""
        return shared.render.page(request, "outbound/missing_page.html")
