"""People's requests about their own data: intake, list, details, steps, letter. For who has PERSON_FILE."""

import secrets
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import FileResponse

from domain.directory import DirectoryUnavailable
from domain.ids import new_id
from domain.npwp import LENGTH, check_npwp
from recording import persons
from recording.persons import Asker, Kind, PersonRefused, Step, stepped
from web.field_refused import field_refused
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.person_desk import PersonDesk
from web.person_models import (
    CarryOutBody,
    IntakeBody,
    PreparedView,
    RequestId,
    RequestList,
    RequestView,
    StepBody,
    VersionBody,
)
from web.person_port import PersonPort
from web.person_refusals import add_person_refusals

_PERSON = Permission.PERSON_FILE
_AREA = "/api/person-requests"
_ONE = _AREA + "/{request_id}"
_TAGS = ["persons"]
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_DETAIL = "persons/detail.html"


def add_person_routes(shared: Shared, port: PersonPort) -> None:
    """Add the routes."""
    desk = PersonDesk(shared, port)
    add_person_refusals(shared)
    _add_list(desk)
    _add_intake(desk)
    _add_details(desk)
    _add_work(desk)
    _add_steps(desk)
    _add_bundle(desk)


async def _list(desk: PersonDesk, request: Request) -> RequestList:
    language, book = desk.shared.render.language(request), desk.port.book
    return RequestList(
        open=[desk.row(language, one) for one in await book.open()],
        answered=[desk.row(language, one) for one in await book.newest()],
    )


def _add_list(desk: PersonDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/berkas", _PERSON, include_in_schema=False)
    async def persons_page(request: Request) -> Response:
        """Show the list and the form of a new request."""
        model = await _list(desk, request)
        values: dict[str, Any] = {
            "table": desk.version,
            "choices": desk.choices(request),
            "request_id": new_id(),
        }
        return shared.render.page(request, "persons/page.html", model=model, **values)

    @shared.guard.get(_AREA, _PERSON, response_model=RequestList, tags=_TAGS)
    async def person_requests(request: Request) -> Response:
        """Return all requests with their clocks. Nothing personal."""
        return shared.render.reply(request, await _list(desk, request), "persons/list.html")


def _add_intake(desk: PersonDesk) -> None:
    shared, port = desk.shared, desk.port

    @shared.guard.post(_AREA, _PERSON, response_model=RequestView, tags=_TAGS)
    async def take_in_request(request: Request, body: IntakeBody) -> Response:
        """Take a request in, its identity proven; the clock of the law begins now. Idempotent by its id."""
        table = desk.version
        for field, word, words in (
            ("relation", body.relation, table.relations),
            ("proven_by", body.proven_by, table.proofs),
        ):
            if word not in words:
                raise field_refused(field, "persons.unknown_word")
        npwp, taxpayer_id = await _whose(port, body.npwp)
        now, who = shared.clock.now(), visitor_of(request).staff.staff_id
        asker = Asker(npwp, body.name, body.contact, body.proof, body.wish)
        code = "".join(secrets.choice(_SIGNS) for _ in range(8))
        one = persons.Request(
            body.request_id, code, body.kind, "received", now, who, table.due(now), table.rule,
            body.proven_by, body.relation, taxpayer_id, asker,
        )  # fmt: skip
        await desk.did(request, "person_request_received", one.request_id, body.kind.value)
        await port.book.take_in(one, Step(one.request_id, 1, now, who, "received", "received"))
        kept = await desk.known(one.request_id)
        answer = _detail(desk, request, await desk.view(request, kept))
        answer.headers["HX-Redirect"] = f"/berkas/{one.request_id}"
        return answer


async def _whose(port: PersonPort, given: str) -> tuple[str, str]:
    """Return the NPWP of 16 digits and the register's key, or an empty one. Raises a refused field."""
    digits = "".join(sign for sign in given if sign.isdigit())
    check = check_npwp(digits)
    if not check.valid or set(given) - set("0123456789 .-"):
        raise field_refused("npwp", "persons.no_npwp")
    try:
        for candidate in check.candidates:
            taxpayer = await port.register.find(candidate)
            if taxpayer is not None:
                return taxpayer.npwp, taxpayer.taxpayer_id
    except DirectoryUnavailable as error:
        raise HTTPException(503, "persons.unavailable") from error
    return next(one for one in check.candidates if len(one) == LENGTH), ""


def _add_details(desk: PersonDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/berkas/{request_id}", _PERSON, include_in_schema=False)
    async def person_page(request: Request, request_id: RequestId) -> Response:
        """Show a request."""
        one = await desk.known(request_id)
        await desk.did(request, "person_request_viewed", request_id)
        model = await desk.view(request, one)
        return shared.render.page(request, "persons/one.html", model=model, choices=desk.choices(request))

    @shared.guard.get(_ONE, _PERSON, response_model=RequestView, tags=_TAGS)
    async def person_request(request: Request, request_id: RequestId) -> Response:
        """Return a request with its steps, bundles and what an erasure does. Audited."""
        one = await desk.known(request_id)
        await desk.did(request, "person_request_viewed", request_id)
        return _detail(desk, request, await desk.view(request, one))

    @shared.guard.get("/berkas/{request_id}/surat", _PERSON, include_in_schema=False)
    async def person_letter(request: Request, request_id: RequestId) -> Response:
        """Show the letter of answer, to be printed. 409: it is not answered yet."""
        one = await desk.known(request_id)
        if one.is_open:
            raise HTTPException(409, "persons.not_answered")
        await desk.did(request, "person_letter_viewed", request_id)
        return shared.render.page(request, "persons/letter.html", model=await desk.view(request, one))


def _detail(desk: PersonDesk, request: Request, view: RequestView) -> Response:
    return desk.shared.render.reply(request, view, _DETAIL, choices=desk.choices(request))


def _add_work(desk: PersonDesk) -> None:
    shared, work = desk.shared, desk.port.work

    @shared.guard.post(_ONE + "/prepare", _PERSON, response_model=PreparedView, tags=_TAGS)
    async def prepare_request(request: Request, request_id: RequestId, body: VersionBody) -> Response:
        """Begin to make a copy's bundle, or to find out what an erasure does. The password is told once."""
        one, who = await desk.seen(request_id, body.version), visitor_of(request).staff.staff_id
        stepped(one, "prepare", who, shared.clock.now())
        await desk.did(request, "person_file_asked", request_id, one.kind.value)
        password = work.prepare(request_id, who)
        view = await desk.view(request, one)
        told = PreparedView(request=view, password=password if one.kind is Kind.COPY else "")
        if request.headers.get("hx-request") != "true":
            return shared.render.reply(request, told, _DETAIL)
        values: dict[str, Any] = {"choices": desk.choices(request), "password": told.password}
        return shared.render.page(request, _DETAIL, model=view, **values)

    @shared.guard.post(_ONE + "/carry-out", _PERSON, response_model=RequestView, tags=_TAGS)
    async def carry_out_request(request: Request, request_id: RequestId, body: CarryOutBody) -> Response:
        """Let a request take effect: handed over, erased, restricted, corrected or calls stopped."""
        one, who = await desk.seen(request_id, body.version), visitor_of(request).staff.staff_id
        stepped(one, "carry_out", who, shared.clock.now())
        await desk.did(request, "person_request_carried_out", request_id, one.kind.value)
        work.carry_out(request_id, who, body.note)
        return _detail(desk, request, await desk.view(request, one))


def _add_steps(desk: PersonDesk) -> None:
    shared, port = desk.shared, desk.port

    @shared.guard.post(_ONE + "/steps", _PERSON, response_model=RequestView, tags=_TAGS)
    async def step_request(request: Request, request_id: RequestId, body: StepBody) -> Response:
        """Take a step: approve (a second person), send back, refuse, withdraw, end a restriction."""
        one, who = await desk.seen(request_id, body.version), visitor_of(request).staff.staff_id
        if body.event == "refuse" and body.reason not in desk.version.refusals:
            raise field_refused("reason", "persons.no_refusal")
        words = body.reason if body.event == "refuse" else ""
        after, step = stepped(one, body.event, who, shared.clock.now(), words, body.note)
        await desk.did(request, f"person_{body.event}", request_id, one.kind.value)
        await port.book.change(after, step)
        if after.state in ("received", "refused", "withdrawn"):
            await _remove_bundles(desk, request_id)
        return _detail(desk, request, await desk.view(request, after))


async def _remove_bundles(desk: PersonDesk, request_id: str) -> None:
    for bundle in await desk.port.book.bundles(request_id):
        if bundle.removed_at is None:
            desk.port.work.bundle(bundle.bundle_id).unlink(missing_ok=True)
            await desk.port.book.removed(bundle.bundle_id, desk.shared.clock.now())


def _add_bundle(desk: PersonDesk) -> None:
    shared, port = desk.shared, desk.port

    @shared.guard.get(
        _ONE + "/bundle",
        _PERSON,
        response_class=FileResponse,
        tags=_TAGS,
        responses={200: {"description": "The encrypted bundle", "content": {"application/zip": {}}}},
    )
    async def person_bundle(request: Request, request_id: RequestId) -> Response:
        """Give the bundle, once a second person approved it. 409: not yet; 410: it was removed."""
        one = await desk.known(request_id)
        if one.kind is not Kind.COPY or one.state not in ("approved", "done"):
            raise PersonRefused("not_approved")
        there = [each for each in await port.book.bundles(request_id) if each.removed_at is None]
        path = port.work.bundle(there[0].bundle_id) if there else None
        if path is None or not path.is_file():
            raise HTTPException(410, "persons.bundle_gone")
        await desk.did(request, "person_bundle_fetched", request_id, there[0].bundle_id)
        headers = {"Cache-Control": "no-store"}
        return FileResponse(path, 200, headers, "application/zip", filename=f"berkas-{one.code}.zip")

    @shared.guard.post(_ONE + "/bundle/remove", _PERSON, response_model=RequestView, tags=_TAGS)
    async def remove_person_bundle(request: Request, request_id: RequestId) -> Response:
        """Remove the bundle's file; that it was made stays on record. Idempotent."""
        one = await desk.known(request_id)
        await desk.did(request, "person_bundle_removed", request_id)
        await _remove_bundles(desk, request_id)
        return _detail(desk, request, await desk.view(request, one))
