"""What is answered when something does not work: as a page, as a piece of one, or as JSON for programs.

An answer says what is wrong and what to do; it never repeats what was sent. What nobody foresaw gets a number
that is in the log as well.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from acd.messages import REFUSED, staff_messages
from acd.requests import Refused
from domain.audit import AuditUnavailable
from web.error_fields import FieldError, field_errors
from web.guard import PasswordChangeNeeded, SignInNeeded
from web.rendering import Renderer
from web.sentences import Sentences
from web.unexpected import Unexpected

log = structlog.get_logger("kring.web")

SIGN_IN, OWN_ACCOUNT = "/masuk", "/akun"
_NUMBER_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # no digits: the log masks long numbers


class ErrorBody(BaseModel):
    """Every answer of the API that is an error."""

    error: str  # what is wrong, for programs (English)
    message: str  # the same for people, in their language
    fields: list[FieldError] = []
    refused: str | None = None  # the floor's word for a request it did not grant
    number: str | None = None  # of an error nobody foresaw; in the log too


# What any route may answer: part of the API's description. A model is made ready anew for every status
# of every route, a third of a start: one status names it, and the others point to it among the schemas.
_POINTS = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}}}
RESPONSES: Mapping[int | str, dict[str, object]] = {
    **{
        status: {"content": _POINTS, "description": HTTPStatus(status).phrase}
        for status in (400, 401, 403, 404, 409, 410, 422, 429, 500)
    },
    # FastAPI refuses a body beyond `max_body_size` itself, before any handler: in plain text.
    413: {
        "content": {**_POINTS, "text/plain": {"schema": {"type": "string"}}},
        "description": HTTPStatus(413).phrase,
    },
    503: {"model": ErrorBody, "description": HTTPStatus(503).phrase},
}


@dataclass(frozen=True, slots=True)
class _Error:
    """One error on its way out."""

    status: int
    body: ErrorBody
    detail: str = ""  # English, beside a message that does not say as much
    headers: Mapping[str, str] | None = None


def add_error_handlers(app: FastAPI, render: Renderer) -> None:
    """Answer errors so. To be called before routes are added, for the API's description."""
    app.router.responses.update(RESPONSES)
    errors = Errors(render)
    app.add_exception_handler(SignInNeeded, errors.sign_in_needed)
    app.add_exception_handler(PasswordChangeNeeded, errors.password_change_needed)
    app.add_exception_handler(HTTPException, errors.refused_by_route)
    app.add_exception_handler(RequestValidationError, errors.bad_request)
    app.add_exception_handler(Refused, errors.refused_by_floor)
    app.add_exception_handler(AuditUnavailable, errors.trail_unavailable)
    # Innermost, so that its answers get the headers of all others.
    app.user_middleware.append(Middleware(Unexpected, answer=errors.unexpected))


class Errors:
    """Makes the answers."""

    def __init__(self, render: Renderer) -> None:
        self._render = render
        self._refusals = Sentences(render.texts, "refusal.")

    async def sign_in_needed(self, request: Request, _: Exception) -> Response:
        """Lead a page to the sign-in page and back; tell a program 401."""
        if wants_page(request):
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(sign_in_address(here), status_code=303)
        error = self._error(request, 401, "error.sign_in")
        return self._answer(request, error, sign_in_address(_page_of(request)))

    async def password_change_needed(self, request: Request, _: Exception) -> Response:
        """Lead to the own account: the password was given by somebody else."""
        if wants_page(request):
            return RedirectResponse(OWN_ACCOUNT, status_code=303)
        error = self._error(request, 403, "error.password")
        # A piece that the account page itself loads must not lead there again, and again.
        there = urlsplit(_page_of(request)).path == OWN_ACCOUNT
        return self._answer(request, error, "" if there else OWN_ACCOUNT)

    async def refused_by_route(self, request: Request, exception: Exception) -> Response:
        """Answer an HTTPException: its detail is the name of a text, or says in English what is wrong."""
        assert isinstance(exception, HTTPException)  # noqa: S101 (registered for nothing else)
        return self._answer(
            request,
            self._error(request, exception.status_code, str(exception.detail), headers=exception.headers),
        )

    async def bad_request(self, request: Request, exception: Exception) -> Response:
        """Say which fields are wrong and how to write them, without what was written."""
        assert isinstance(exception, RequestValidationError)  # noqa: S101 (as above)
        fields = field_errors(exception.errors(), self._render.texts, self._render.language(request))
        return self._answer(request, self._error(request, 422, "error.fields", fields=fields))

    async def refused_by_floor(self, request: Request, exception: Exception) -> Response:
        """Say why the floor did not grant a request."""
        assert isinstance(exception, Refused)  # noqa: S101 (as above)
        messages, word = staff_messages(), exception.word
        body = ErrorBody(
            error=messages.text(REFUSED, word, "en"),
            message=messages.text(REFUSED, word, self._render.language(request)),
            refused=word,
        )
        return self._answer(request, _Error(409, body))

    async def trail_unavailable(self, request: Request, _: Exception) -> Response:
        """Show and do nothing while the trail cannot be written."""
        detail = "error.trail"
        return self._answer(request, self._error(request, 503, detail))

    async def unexpected(self, request: Request, exception: Exception, where: str) -> Response:
        """Log an error nobody foresaw under a number and tell that number."""
        number = "".join(secrets.choice(_NUMBER_LETTERS) for _ in range(8))
        route = getattr(request.scope.get("route"), "path", "")
        # Not its message: it may quote what was sent or read.
        log.error(
            "unexpected error",
            error_number=number,
            method=request.method,
            route=route,
            kind=type(exception).__name__,
            where=where,
        )
        try:
            error = self._error(request, 500, "error.status_500", number=number)
            return self._answer(request, error)
        except Exception:  # noqa: BLE001 (the error page itself may be what is broken)
            return PlainTextResponse(f"error {number}\n", status_code=500)

    def _error(
        self,
        request: Request,
        status: int,
        detail: str,
        *,
        fields: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        number: str | None = None,
    ) -> _Error:
        texts, language = self._render.texts, self._render.language(request)
        told = "" if detail in texts or detail == _phrase(status) else detail
        general = f"error.status_{status}"
        general = general if general in texts else f"error.status_{500 if status >= 500 else 400}"
        message = texts.say(language, detail if detail in texts else general)
        if told and (said := self._refusals.say("id", detail)).known:
            message, told = (said.text if language == "id" else detail), ""
        body = ErrorBody(
            error=texts.say("en", detail) if detail in texts else detail,
            message=message,
            fields=fields or [],
            number=number,
        )
        return _Error(status, body, told, headers)

    def _answer(self, request: Request, error: _Error, go_to: str = "") -> Response:
        response: Response
        if request.headers.get("hx-request") == "true":
            response = self._render.page(request, "errors/piece.html", error.status, error=error)
            if go_to:
                response.headers["HX-Redirect"] = go_to
        elif wants_page(request):
            again = request.url.path if error.body.fields and request.url.query else ""
            response = self._render.page(request, "errors/page.html", error.status, error=error, again=again)
        else:
            response = JSONResponse(error.body.model_dump(exclude_none=True), status_code=error.status)
            if error.status == 401:
                response.headers["WWW-Authenticate"] = "Bearer"
        response.headers.update(error.headers or {})
        return response


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a whole page, rather than htmx for a piece or a program for JSON."""
    return (
        request.headers.get("hx-request") != "true"
        and not request.url.path.startswith("/api/")
        and "text/html" in request.headers.get("accept", "")
    )


def sign_in_address(way_back: str) -> str:
    """Return the address of the sign-in page that leads back to `way_back` (a path of ours)."""
    return f"{SIGN_IN}?ke={quote(way_back, safe='/')}" if is_own_path(way_back) else SIGN_IN


def is_own_path(address: str) -> bool:
    """Whether an address is a path of this service: never another site's, however it is written."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not any(sign in address for sign in "\r\n\t\\")
        and len(address) <= 500
    )


def _page_of(request: Request) -> str:
    """Return the path of the page that htmx asks from."""
    address = urlsplit(request.headers.get("hx-current-url", ""))
    return address.path + (f"?{address.query}" if address.query else "") or "/"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
