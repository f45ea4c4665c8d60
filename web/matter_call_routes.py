"""What stays open after a call, opened in the call: cases, complaints, promises, requests for updates.

The rung of the ladder that something needs is checked by the rules, whatever the page showed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated

from fastapi import Query, Request, Response

from desk.cases import open_case
from desk.complaints import file_complaint
from desk.matters import Matter, MatterKind, Moved, Origin
from desk.matters_proof import check_proved
from desk.promises import Owner, make_promise
from desk.requests import record_request
from desk.standing import Rung
from domain.zones import Zone
from web.call_access import check_call
from web.matter_forms import MatterForms, call_matters
from web.matter_models import (
    CallMatters,
    CaseBody,
    ComplaintBody,
    FormView,
    Kinds,
    OpenedMatter,
    PromiseBody,
    RequestBody,
)
from web.matter_port import MatterDoor
from web.matter_views import MatterWords
from web.permissions import Permission

TAGS = ["matters"]


def add_call_routes(door: MatterDoor) -> None:
    """Add what is asked in a call."""
    _add_reading(door)
    _add_cases(door)
    _add_complaints_and_requests(door)
    _add_promises(door)


def _add_reading(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/calls/{call_id}/matters", Permission.MATTER_OPEN, response_model=CallMatters, tags=TAGS
    )
    async def matters_of_call(request: Request, call_id: str) -> Response:
        """Return what is open for the caller, as far as the proof allows, and what can be opened."""
        visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN)
        standing = await door.standing(call_id)
        if standing.rung >= Rung.CONFIRMED:
            subject = f"taxpayer:{standing.taxpayer_id}"
            await door.audit(visitor, "matters_listed", None, f"call:{call_id}", subject=subject)
        found = await call_matters(door, MatterWords(door, request, visitor), call_id)
        return shared.render.reply(request, found, "matters/call.html", opened=None)

    @shared.guard.get(
        "/api/calls/{call_id}/matters/form", Permission.MATTER_OPEN, response_model=FormView, tags=TAGS
    )
    async def matter_form(
        request: Request,
        call_id: str,
        kind: Kinds,
        topic: Annotated[str, Query(pattern="^[a-z_]{1,40}$")],
    ) -> Response:
        """Return the form for something that can be opened, filled in as far as the proof allows."""
        visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN, live=True)
        standing = await door.standing(call_id)
        subject = f"taxpayer:{standing.taxpayer_id}" if standing.rung >= Rung.CONFIRMED else f"call:{call_id}"
        await door.audit(visitor, "matter_form_shown", None, f"call:{call_id}", subject=subject)
        number = await door.port.callers.caller_number(call_id)
        about_data = kind in ("case", "request")
        seen = standing if about_data else replace(standing, rung=min(standing.rung, Rung.CONFIRMED))
        known = {**await door.known(seen), **({"number": f"+{number}"} if number else {})}
        forms = MatterForms(door, MatterWords(door, request, visitor))
        form = forms.form(call_id, MatterKind(kind), topic, standing.rung, known)
        return shared.render.reply(request, form, "matters/form.html")


async def _open(
    door: MatterDoor, request: Request, call_id: str, matter_id: str | None, make: Callable[[Origin], Moved]
) -> Response:
    """Open something and answer with what is open now."""
    shared = door.shared
    visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN, live=True)

    async def keep(origin: Origin) -> Matter:
        moved = make(origin)
        await door.audit(visitor, "matter_opened", moved.matter, f"call:{call_id}")
        return await door.port.book.open(moved)

    matter = await door.open(visitor, call_id, matter_id, keep)
    words = MatterWords(door, request, visitor)
    now = await call_matters(door, words, call_id)
    opened = OpenedMatter(matter=words.view(matter, await door.names()), now=now)
    if request.headers.get("hx-request") == "true":
        return shared.render.page(request, "matters/call.html", 201, model=now, opened=opened.matter)
    return shared.render.reply(request, opened, "matters/call.html", 201)


def _add_cases(door: MatterDoor) -> None:
    @door.shared.guard.post(
        "/api/calls/{call_id}/cases",
        Permission.MATTER_OPEN,
        response_model=OpenedMatter,
        status_code=201,
        tags=TAGS,
    )
    async def open_a_case(request: Request, call_id: str, body: CaseBody) -> Response:
        """Open a case for the back office; what the register knows of the taxpayer goes with it."""
        await check_call(door.shared, request, call_id, Permission.MATTER_OPEN, live=True)
        known = await door.known(await door.standing(call_id))
        rules = door.port.rules
        proofs = await door.port.office.proofs.of_call(call_id)

        def make(origin: Origin) -> Moved:
            check_proved(proofs, origin.confirmed_taxpayer, body.proof)
            return open_case(rules.cases, rules.calendar, origin, body.type, body.fields, known, body.proof)

        return await _open(door, request, call_id, body.matter_id, make)


def _add_complaints_and_requests(door: MatterDoor) -> None:
    rules = door.port.rules

    @door.shared.guard.post(
        "/api/calls/{call_id}/complaints",
        Permission.MATTER_OPEN,
        response_model=OpenedMatter,
        status_code=201,
        tags=TAGS,
    )
    async def open_a_complaint(request: Request, call_id: str, body: ComplaintBody) -> Response:
        """File a complaint. Anyone may complain; what is missing is completed afterwards."""
        return await _open(
            door,
            request,
            call_id,
            body.matter_id,
            lambda origin: file_complaint(rules.complaints, rules.calendar, origin, body.kind, body.fields),
        )

    @door.shared.guard.post(
        "/api/calls/{call_id}/data-requests",
        Permission.MATTER_OPEN,
        response_model=OpenedMatter,
        status_code=201,
        tags=TAGS,
    )
    async def open_a_data_request(request: Request, call_id: str, body: RequestBody) -> Response:
        """Record what the taxpayer asks to update, field by field; needs full proof of ownership."""
        return await _open(
            door,
            request,
            call_id,
            body.matter_id,
            lambda origin: record_request(rules.requests, rules.calendar, origin, body.fields),
        )


def _add_promises(door: MatterDoor) -> None:
    rules = door.port.rules

    @door.shared.guard.post(
        "/api/calls/{call_id}/promises",
        Permission.MATTER_OPEN,
        response_model=OpenedMatter,
        status_code=201,
        tags=TAGS,
    )
    async def open_a_promise(request: Request, call_id: str, body: PromiseBody) -> Response:
        """Promise to call back. A time outside the callee's window is refused with the nearest one."""
        zone = Zone(body.zone)

        def make(origin: Origin) -> Moved:
            return make_promise(
                rules.promises,
                rules.calendar,
                origin,
                at=there(zone, body.day, body.clock),
                zone=zone,
                owner=Owner(body.owner),
                number=body.number,
                confirmed=body.confirmed,
                texts={"name": body.name, "about": body.about},
                place=body.place,
            )

        return await _open(door, request, call_id, body.matter_id, make)


def there(zone: Zone, day: date, clock: str) -> datetime:
    """Return a time of the callee's own clock (HH:MM)."""
    return datetime.combine(day, time.fromisoformat(clock), zone.shown_in)
