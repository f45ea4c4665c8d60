"""Files on their way in, below `/api/lists/uploads`: begun, sent in pieces, looked at, dropped."""

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from dialer.campaigns import CampaignKind
from dialer.lists import Requester
from dialer.mapping import Role
from web.guard import visitor_of
from web.list_models import ID, FoundView, InspectBody, UploadBody, UploadView
from web.list_port import ListDoor
from web.list_uploads import LARGEST_FILE, PIECE, Upload, UploadRefused
from web.list_views import ListWords, found_view, upload_view
from web.permissions import Permission

TAGS = ["lists"]
UploadId = Annotated[str, Path(pattern=ID)]
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def add_upload_routes(door: ListDoor) -> None:
    """Add the routes. An upload is seen by who began it alone."""
    _add_beginning(door)
    _add_sending(door)
    _add_looking(door)


def _add_beginning(door: ListDoor) -> None:
    guard = door.shared.guard

    @guard.post(
        "/api/lists/uploads", Permission.LIST_LOAD, response_model=UploadView, status_code=201, tags=TAGS
    )
    async def begin_upload(request: Request, body: UploadBody) -> UploadView:
        """Begin to send a file; its bytes follow in pieces."""
        visitor = visitor_of(request)
        await door.audit(visitor, "list_file_sent", "list:", kind=body.kind, bytes=str(body.size))
        try:
            return upload_view(door.uploads.begin(visitor.staff.staff_id, body.kind, body.size))
        except OSError as error:
            raise HTTPException(503, "lists_upload.disk_full") from error

    @guard.get("/api/lists/uploads/{upload_id}", Permission.LIST_LOAD, response_model=UploadView, tags=TAGS)
    async def show_upload(request: Request, upload_id: UploadId) -> UploadView:
        """Tell how much of a file is there: after a cut connection the sender goes on from `received`."""
        return upload_view(own_upload(door, request, upload_id))


def _add_sending(door: ListDoor) -> None:
    guard = door.shared.guard

    @guard.route(
        "PUT",
        "/api/lists/uploads/{upload_id}/pieces",
        Permission.LIST_LOAD,
        response_model=UploadView,
        tags=TAGS,
        openapi_extra=_BYTES,
    )
    async def send_piece(
        request: Request, upload_id: UploadId, at: Annotated[int, Query(ge=0, le=LARGEST_FILE)]
    ) -> UploadView:
        """Send the piece that begins at byte `at`; 409 with `received` if the file ends elsewhere."""
        upload = own_upload(door, request, upload_id)
        content = await _whole(request)
        try:
            return upload_view(await door.uploads.write(upload.owner, upload_id, at, content))
        except KeyError as error:
            raise HTTPException(404, "lists.no_such_upload") from error
        except OSError as error:
            raise HTTPException(503, "lists_upload.disk_full") from error

    @guard.route("DELETE", "/api/lists/uploads/{upload_id}", Permission.LIST_LOAD, status_code=204, tags=TAGS)
    async def drop_upload(request: Request, upload_id: UploadId) -> Response:
        """Remove a file that is not wanted after all."""
        door.uploads.drop(own_upload(door, request, upload_id).upload_id)
        return Response(status_code=204)


def _add_looking(door: ListDoor) -> None:
    guard = door.shared.guard

    @guard.post(
        "/api/lists/uploads/{upload_id}/inspect",
        Permission.LIST_LOAD,
        response_model=FoundView,
        tags=TAGS,
    )
    async def inspect_upload(request: Request, upload_id: UploadId, body: InspectBody) -> Response:
        """Look at a file that is there: what it is, its columns, the first rows masked."""
        upload = whole_upload(door, request, upload_id)
        found = await door.port.imports.inspect(upload.path, upload.path.name, body.source)
        model = found_view(upload_id, body.source, found)
        words = ListWords(door, request, visitor_of(request))
        choices: dict[str, Any] = {
            "roles": list(Role),
            "requesters": words.options("lists_requester", Requester),
            "kinds": [("", words.say("lists.kind_any")), *words.options("campaigns_kind", CampaignKind)],
        }
        return door.shared.render.reply(request, model, "lists/found.html", today=door.today(), **choices)


def own_upload(door: ListDoor, request: Request, upload_id: str) -> Upload:
    """Return the visitor's own upload. Raises HTTPException 404."""
    try:
        return door.uploads.get(visitor_of(request).staff.staff_id, upload_id)
    except KeyError as error:
        raise HTTPException(404, "lists.no_such_upload") from error


def whole_upload(door: ListDoor, request: Request, upload_id: str) -> Upload:
    """Return the visitor's own upload, every byte of it there. Raises HTTPException 404, 409."""
    upload = own_upload(door, request, upload_id)
    if not upload.complete:
        raise HTTPException(409, "lists_upload.not_complete")
    return upload


async def _whole(request: Request) -> bytes:
    """Return a piece. Raises UploadRefused: it is too large; HTTPException 400: it was cut off."""
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > PIECE:
                raise UploadRefused("too_large")
    except ClientDisconnect as error:
        raise HTTPException(400, "lists_upload.cut") from error
    return bytes(content)
