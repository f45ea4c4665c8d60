"""How refusals about files, columns, orders and lists are answered: with the field and the remedy."""

from collections.abc import Callable
from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from dialer.imports import FileRefused, ImportsBusy, OrderRefused
from dialer.lists import ListChanged, ListsUnavailable, SamePerson
from dialer.mapping import MappingRefused
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.list_sheets import SheetFailed
from web.list_uploads import OutOfPlace, UploadRefused
from web.outcome_port import OutcomesBusy, OutcomesRefused
from web.parts import Shared

Refusal = tuple[int, str, str, str, dict[str, object]]  # status, text, field, detail, more for programs

_STATUS = {"too_large": 413, "too_many": 409, "disk_full": 503}


def _upload(error: Exception) -> Refusal:
    assert isinstance(error, UploadRefused)  # noqa: S101 (registered for nothing else)
    return _STATUS.get(error.word, 422), f"lists_upload.{error.word}", "file", "", {}


def _out_of_place(error: Exception) -> Refusal:
    assert isinstance(error, OutOfPlace)  # noqa: S101 (as above)
    return 409, "lists_upload.out_of_place", "", "", {"received": error.received}


def _file(error: Exception) -> Refusal:
    assert isinstance(error, FileRefused)  # noqa: S101 (as above)
    return 422, f"lists_fault.{error.fault}", "file", error.detail, {"fault": str(error.fault)}


def _mapping(error: Exception) -> Refusal:
    assert isinstance(error, MappingRefused)  # noqa: S101 (as above)
    return 422, f"lists_mapping.{error.fault}", "columns", error.column, {"fault": str(error.fault)}


def _order(error: Exception) -> Refusal:
    assert isinstance(error, OrderRefused)  # noqa: S101 (as above)
    return 422, f"lists_order.{error.fault}", error.field, "", {"fault": str(error.fault)}


def _outcomes(error: Exception) -> Refusal:
    assert isinstance(error, OutcomesRefused)  # noqa: S101 (as above)
    return 422, f"outcomes_fault.{error.fault}", "file", "", {"fault": error.fault}


def _plain(status: int, text: str) -> Callable[[Exception], Refusal]:
    return lambda _: (status, text, "", "", {})


_ANSWERS: dict[type[Exception], Callable[[Exception], Refusal]] = {
    UploadRefused: _upload,
    OutOfPlace: _out_of_place,
    FileRefused: _file,
    MappingRefused: _mapping,
    OrderRefused: _order,
    ImportsBusy: _plain(409, "lists.busy"),
    SamePerson: _plain(403, "lists.same_person"),
    ListChanged: _plain(409, "lists.changed"),
    ListsUnavailable: _plain(503, "lists.unavailable"),
    SheetFailed: _plain(503, "lists.sheet_failed"),
    OutcomesRefused: _outcomes,
    OutcomesBusy: _plain(409, "outcomes.busy"),
}


def add_list_refusals(shared: Shared) -> None:
    """Answer what the ports of lists raise."""
    texts = shared.render.texts

    async def answer(request: Request, error: Exception) -> Response:
        made = next(make for kind, make in _ANSWERS.items() if isinstance(error, kind))
        status, name, field, detail, more = made(error)
        told = f" ({detail})" if detail else ""
        message = texts.say(shared.render.language(request), name) + told
        fields = [FieldError(field=field, problem=message)] if field else []
        body = ErrorBody(error=texts.say("en", name) + told, message=message, fields=fields)
        if request.headers.get("hx-request") == "true":
            piece = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", status, error=piece)
        return JSONResponse({**body.model_dump(exclude_none=True), **more}, status_code=status)

    for kind in _ANSWERS:
        shared.guard.app.add_exception_handler(kind, answer)
