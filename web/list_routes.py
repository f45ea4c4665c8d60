"""Lists of taxpayers `/daftar`: loaded, reported, approved by a second person, withdrawn."""

from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from dialer.imports import FileRefused
from dialer.lists import ListChanged, ListState, Order, SamePerson, TaxpayerList
from dialer.mapping import ColumnMapping
from web.field_refused import field_refused
from web.guard import visitor_of
from web.list_models import ID, ListBody, ListDetail, ListMade, Lists
from web.list_port import ListDoor, ListPort, may_be_approved
from web.list_refusals import add_list_refusals
from web.list_refused_routes import add_refused_routes
from web.list_upload_routes import TAGS, add_upload_routes, whole_upload
from web.list_views import ListWords, list_view
from web.outcome_routes import add_outcome_routes
from web.parts import Shared
from web.permissions import Permission

__all__ = ["ListPort", "add_list_routes"]

ListId = Annotated[str, Path(pattern=ID)]
_DETAIL = "lists/report.html"


def add_list_routes(shared: Shared, port: ListPort) -> ListDoor:
    """Add the routes; return what is to be closed at the end."""
    door = ListDoor(shared, port)
    add_list_refusals(shared)
    add_upload_routes(door)
    _add_lists(door)
    _add_loading(door)
    _add_detail(door)
    _add_acts(door)
    add_refused_routes(door)
    if port.outcomes is not None:
        add_outcome_routes(door, port.outcomes)
    return door


def _add_lists(door: ListDoor) -> None:
    shared = door.shared

    async def listed() -> Lists:
        names, today = await door.names(), door.today()
        return Lists(lists=[list_view(one, names, today) for one in await door.port.lists.all()])

    @shared.guard.get("/daftar", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def lists_page(request: Request) -> Response:
        """Show the lists."""
        return shared.render.page(request, "lists/page.html", model=await listed())

    @shared.guard.get("/api/lists", Permission.CAMPAIGN_VIEW, response_model=Lists, tags=TAGS)
    async def list_lists(request: Request) -> Response:
        """Return the newest lists with their order and counts."""
        return shared.render.reply(request, await listed(), "lists/list.html")


def _add_loading(door: ListDoor) -> None:
    shared = door.shared

    @shared.guard.get("/daftar/baru", Permission.LIST_LOAD, include_in_schema=False)
    async def new_list_page(request: Request) -> Response:
        """Show what leads from a file to a list."""
        sources = sorted({one.order.source for one in await door.port.lists.all()} - {""})
        return shared.render.page(request, "lists/new.html", sources=sources)

    @shared.guard.post(
        "/api/lists", Permission.LIST_LOAD, response_model=ListMade, status_code=201, tags=TAGS
    )
    async def load_list(request: Request, body: ListBody) -> Response:
        """Begin to load a list from a file that was sent; the file is removed when it was read."""
        visitor = visitor_of(request)
        for name in ("cut_off", "expires_on"):
            if getattr(body, name) is None:
                raise field_refused(name, "field.missing")
        upload = whole_upload(door, request, body.upload_id)
        order = body.order(body.cut_off, body.expires_on)  # type: ignore[arg-type]
        await door.audit(visitor, "list_loaded", f"upload:{upload.upload_id}", requester=body.requester)
        list_id = await _begin(door, visitor.staff.staff_id, upload.upload_id, order, body.mapping())
        answer = shared.render.reply(request, ListMade(list_id=list_id), "lists/made.html", 201)
        if request.headers.get("hx-request") == "true":
            answer.headers["HX-Redirect"] = f"/daftar/{list_id}"
        return answer


async def _begin(door: ListDoor, by: str, upload_id: str, order: Order, mapping: ColumnMapping) -> str:
    """Begin to load a file that is complete; it is there again if it could not be. Raises HTTPException."""
    try:
        upload = door.uploads.take(by, upload_id)
    except KeyError as error:
        raise HTTPException(404, "lists.no_such_upload") from error
    try:
        return await door.port.imports.begin(order, mapping, upload.path, upload.path.name, by, remove=True)
    except FileRefused:
        upload.path.unlink(missing_ok=True)
        raise
    except Exception:
        door.uploads.give_back(upload)
        raise


async def detail_of(door: ListDoor, request: Request, one: TaxpayerList) -> ListDetail:
    """Return a list with everything about it."""
    words = ListWords(door, request, visitor_of(request))
    return words.detail(
        one, await door.progress(one), await door.names(), await door.port.records.history(one.list_id)
    )


def _add_detail(door: ListDoor) -> None:
    shared = door.shared

    @shared.guard.get("/daftar/{list_id}", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def list_page(request: Request, list_id: ListId) -> Response:
        """Show one list."""
        model = await detail_of(door, request, await door.found(list_id))
        return shared.render.page(request, "lists/one.html", model=model)

    @shared.guard.get("/api/lists/{list_id}", Permission.CAMPAIGN_VIEW, response_model=ListDetail, tags=TAGS)
    async def show_list(request: Request, list_id: ListId) -> Response:
        """Return one list: order, progress, what became of the rows and why, what was done with it."""
        model = await detail_of(door, request, await door.found(list_id))
        return shared.render.reply(request, model, _DETAIL)


def _add_acts(door: ListDoor) -> None:
    shared = door.shared

    async def answered(request: Request, one: TaxpayerList) -> Response:
        return shared.render.reply(request, await detail_of(door, request, one), _DETAIL)

    @shared.guard.post(
        "/api/lists/{list_id}/approve", Permission.LIST_APPROVE, response_model=ListDetail, tags=TAGS
    )
    async def approve_list(request: Request, list_id: ListId) -> Response:
        """Let a list be dialled. Never one's own: 403."""
        visitor, one = visitor_of(request), await door.found(list_id)
        if not may_be_approved(one, visitor):
            own = one.loaded_by == visitor.staff.staff_id
            await door.audit(visitor, "list_approved", f"list:{list_id}", "refused")
            raise SamePerson if own else ListChanged
        await door.audit(visitor, "list_approved", f"list:{list_id}")
        at = shared.clock.now()
        return await answered(request, await door.port.lists.approve(list_id, visitor.staff.staff_id, at))

    @shared.guard.post(
        "/api/lists/{list_id}/withdraw", Permission.LIST_APPROVE, response_model=ListDetail, tags=TAGS
    )
    async def withdraw_list(request: Request, list_id: ListId) -> Response:
        """Let nothing of a list be dialled any more; what rings goes on."""
        visitor, _ = visitor_of(request), await door.found(list_id)
        await door.audit(visitor, "list_withdrawn", f"list:{list_id}")
        at = shared.clock.now()
        return await answered(request, await door.port.lists.withdraw(list_id, visitor.staff.staff_id, at))

    @shared.guard.post(
        "/api/lists/{list_id}/cancel", Permission.LIST_LOAD, response_model=ListDetail, tags=TAGS
    )
    async def cancel_list(request: Request, list_id: ListId) -> Response:
        """Break off the reading of a file; nothing of the list is kept."""
        visitor, one = visitor_of(request), await door.found(list_id)
        if one.state is not ListState.LOADING:
            raise ListChanged
        await door.audit(visitor, "list_cancelled", f"list:{list_id}")
        try:
            await door.port.imports.cancel(list_id, visitor.staff.staff_id)
        except KeyError as error:
            raise HTTPException(404, "lists.no_such_list") from error
        return await answered(request, await door.found(list_id))
