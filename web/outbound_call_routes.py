"""Beside an outbound call: whom it is with, its verification code, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace

from fastapi import HTTPException, Request, Response
from fastapi.responses import JSONResponse

from desk.access import AssignmentsUnavailable
from desk.standing import Rung, StandingUnavailable
from dialer.disposed import Disposed
from dialer.disposition_desk import DispositionRefused, Wish
from domain.audit import AuditRow
from domain.zones import Zone
from web.call_access import check_call
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.outbound_models import ContactView, DispositionBody, DispositionView
from web.outbound_port import Called, OutboundPort, OutboundUnavailable
from web.outbound_views import OutboundViews
from web.outbound_words import OutboundWords
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

CHANGED = "dispositionchanged"  # the page's event after a disposition was kept


class CallDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: OutboundPort) -> None:
        self.shared, self.port = shared, port

    def views(self, request: Request) -> OutboundViews:
        """Return what makes views for the visitor."""
        render = self.shared.render
        words = OutboundWords(render.texts, render.language(request))
        return OutboundViews(self.port, self.shared.floor, self.shared.clock, words)

    async def called(self, call_id: str) -> Called | None:
        """Return whom a call is with. Raises HTTPException 503."""
        try:
            return await self.port.desk.contact(call_id)
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error

    async def given(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions. Raises HTTPException 503."""
        try:
            return await self.port.desk.dispositions(call_id)
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error

    async def live(self, visitor: Visitor, call_id: str) -> bool:
        """Whether the call, or its note, is with the visitor now. Raises HTTPException 503."""
        try:
            handlings = await self.shared.assignments.handlings(call_id)
        except AssignmentsUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        return any(one.live for one in handlings if one.agent == visitor.staff.number)

    async def rung(self, call_id: str) -> Rung:
        """Return the rung of the call's proof; the lowest when it cannot be told."""
        try:
            return (await self.shared.standings.standing(call_id)).rung
        except (StandingUnavailable, KeyError):
            return Rung.ANONYMOUS

    async def record(self, visitor: Visitor, act: str, called: Called, **data: str) -> None:
        """Put an act on the trail. Raises AuditUnavailable."""
        subject, why = f"lead:{called.lead.lead_id}", f"call:{called.call_id}"
        now = self.shared.clock.now()
        await self.shared.audit.record(AuditRow(now, visitor.staff.staff_id, act, subject, why, data=data))


def add_outbound_call_routes(shared: Shared, port: OutboundPort) -> None:
    """Add contact and disposition of a call."""
    door = CallDoor(shared, port)
    _add_refusals(door)
    _add_contact(door)
    _add_disposition(door)


def _add_contact(door: CallDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/calls/{call_id}/outbound",
        Permission.CAMPAIGN_WORK,
        response_model=ContactView | None,
        tags=["outbound"],
    )
    async def outbound_contact(request: Request, call_id: str) -> Response:
        """Return whom the call is with, while one has it; null: no campaign's call, or it is over."""
        visitor = await check_call(shared, request, call_id, Permission.CAMPAIGN_WORK)
        called = await door.called(call_id) if await door.live(visitor, call_id) else None
        if called is None:
            return shared.render.reply(request, None, "outbound/none.html")
        await door.record(visitor, "outbound_contact_viewed", called)
        language = await _language(shared, call_id)
        view = door.views(request).contact(called, await door.rung(call_id), language)
        return shared.render.reply(request, view, "outbound/contact.html")


async def _language(shared: Shared, call_id: str) -> str:
    talks = (one.language for one in shared.floor.talks() if one.call_id == call_id)
    return next(talks, "id")


def _add_disposition(door: CallDoor) -> None:
    shared, path = door.shared, "/api/calls/{call_id}/disposition"

    @shared.guard.get(
        path, Permission.CAMPAIGN_WORK, response_model=DispositionView | None, tags=["outbound"]
    )
    async def disposition(request: Request, call_id: str) -> Response:
        """Return what came of the call as far as it was said, and what can be said; null: no campaign's."""
        visitor = await check_call(shared, request, call_id, Permission.CAMPAIGN_WORK)
        return await reply(request, visitor, await door.called(call_id), call_id)

    @shared.guard.post(path, Permission.CAMPAIGN_WORK, response_model=DispositionView, tags=["outbound"])
    async def give_disposition(request: Request, call_id: str, body: DispositionBody) -> Response:
        """Say what came of the call; what follows is said back. The last one said in the call counts."""
        visitor = await check_call(shared, request, call_id, Permission.CAMPAIGN_WORK)
        called = await door.called(call_id)
        if called is None:
            raise HTTPException(409, "outbound.no_campaign")
        given, live = await door.given(call_id), await door.live(visitor, call_id)
        last = given[-1] if given else None
        if not door.port.dispositions.may_change(last, shared.clock.now(), live=live):
            raise HTTPException(409, "outbound.too_late")
        wish = _wish(body, called.lead.contact.zone)
        await door.record(visitor, "outbound_disposed", called, code=body.code)
        staff = visitor.staff
        try:
            await door.port.desk.dispose(called, staff.number, staff.staff_id, wish)
        except OutboundUnavailable as error:
            raise HTTPException(503, "outbound.unavailable") from error
        response = await reply(request, visitor, called, call_id)
        response.headers["HX-Trigger"] = CHANGED
        return response

    async def reply(request: Request, visitor: Visitor, called: Called | None, call_id: str) -> Response:
        if called is None:
            return shared.render.reply(request, None, "outbound/none.html")
        given, live = await door.given(call_id), await door.live(visitor, call_id)
        views = door.views(request)
        view = views.disposition(called, given, visitor.staff.number, live=live)
        return shared.render.reply(request, view, "outbound/disposition.html")


def _wish(body: DispositionBody, zone: Zone) -> Wish:
    at = None
    if body.day is not None and body.clock is not None:
        hour, minute = (int(part) for part in body.clock.split(":"))
        at = datetime(body.day.year, body.day.month, body.day.day, hour, minute, tzinfo=zone.shown_in)
    return Wish(body.code, at, body.owner == "mine", body.promised_on, body.confirmed)


def _add_refusals(door: CallDoor) -> None:
    """Answer what the rules of dispositions refuse: beside the field, with the nearest time there is."""
    shared = door.shared

    @shared.guard.app.exception_handler(DispositionRefused)
    async def refused(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, DispositionRefused)  # noqa: S101 (registered for nothing else)
        language = shared.render.language(request)
        english, message = (_said(shared, code, refusal) for code in ("en", language))
        fields = [FieldError(field=refusal.place, problem=message)]
        body = ErrorBody(error=english, message=message, fields=fields, refused=refusal.word)
        if request.headers.get("hx-request") == "true":
            error = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", 422, error=error)
        extra = {} if refusal.nearest is None else {"nearest_at": refusal.nearest.isoformat()}
        return JSONResponse({**body.model_dump(exclude_none=True), **extra}, status_code=422)


def _said(shared: Shared, language: str, refusal: DispositionRefused) -> str:
    texts = shared.render.texts
    said = texts.say(language, f"outbound_refused.{refusal.word}")
    if refusal.nearest is None:
        return said
    at = f"{refusal.nearest:%d.%m.%Y %H.%M} {refusal.nearest.tzname()}"
    return f"{said} {texts.say(language, 'outbound_refused.nearest', at=at)}"
