"""The sign-in page, and the same for programs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from domain.audit import AuditUnavailable
from domain.staff import StaffUnavailable
from domain.staff_sessions import SessionEnd
from web.errors import is_own_path
from web.guard import SESSION_COOKIE, visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.rendering import LANGUAGE_COOKIE
from web.sign_in import Admitted, CodeNeeded, NotSignedIn, SignIn, Source
from web.sign_in_delays import TooManyAtOnce
from web.sign_in_sessions import StaffSessions

DEVICE_COOKIE = "kring_device"
A_YEAR = 31_536_000  # seconds
PAGE, ACCOUNT = "/masuk", "/akun"
TOLD = (SessionEnd.IDLE, SessionEnd.TOO_OLD, SessionEnd.OTHER_BROWSER, SessionEnd.REVOKED)

Outcome = Admitted | CodeNeeded


class PasswordBody(BaseModel):
    """What is signed in with."""

    user_name: str = Field(max_length=64)
    password: str = Field(max_length=1024, json_schema_extra={"format": "password"})
    go_to: str = Field("", max_length=500, description="Own path to go to afterwards")


class CodeBody(BaseModel):
    """The code that was asked for after the password."""

    token: str = Field(max_length=100)
    code: str = Field(max_length=40)
    go_to: str = Field("", max_length=500)


class LanguageBody(BaseModel):
    """The language of the pages."""

    language: str = Field(pattern="^(id|en)$")


class GoTo(BaseModel):
    """Where to go on."""

    go_to: str = Field(description="Own path")


class SignInAnswer(BaseModel):
    """Either in (`go_to`), or a code is needed (`token`)."""

    go_to: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class SignInPort:
    """What signs people in."""

    sign_in: SignIn
    sessions: StaffSessions
    set_language: Callable[[str, str], Awaitable[None]]  # staff_id, language
    directory: bool = False  # whether a directory (OpenID Connect) is offered as well


def add_sign_in_routes(shared: Shared, port: SignInPort) -> None:
    """Add the routes."""
    _page_routes(shared, port)
    _api_routes(shared, port)
    _language_route(shared, port)


def _page_routes(shared: Shared, port: SignInPort) -> None:
    @shared.guard.get(PAGE, Permission.PUBLIC, include_in_schema=False)
    async def sign_in_page(request: Request, ke: str = "") -> Response:
        if getattr(request.state, "visitor", None) is not None:
            return RedirectResponse(own_path(ke), 303)
        why = await port.sessions.end_of(request.cookies.get(SESSION_COOKIE, ""))
        return _page(shared, port, request, ke, told=f"sign_in.over_{why}" if why in TOLD else "")

    @shared.guard.post(PAGE, Permission.PUBLIC, include_in_schema=False)
    async def sign_in_form(request: Request) -> Response:
        form = await _form(request)
        ke, token = form.get("ke", ""), form.get("token", "")
        source = source_of(request)
        try:
            if token:
                outcome: Outcome = await port.sign_in.with_code(token, form.get("code", ""), source)
            else:
                outcome = await port.sign_in.with_password(
                    form.get("user_name", ""), form.get("password", "")[:1024], source
                )
        except NotSignedIn:
            word = "sign_in.wrong_code" if token else "sign_in.wrong"
            return _page(shared, port, request, ke, error=word, token=token[:100], status=401)
        except TooManyAtOnce:
            return _page(shared, port, request, ke, error="sign_in.too_many", status=429)
        except (StaffUnavailable, AuditUnavailable):
            return _page(shared, port, request, ke, error="sign_in.unavailable", status=503)
        if isinstance(outcome, CodeNeeded):
            return _page(shared, port, request, ke, token=outcome.token)
        go_to = ACCOUNT if outcome.must_change else own_path(ke)
        return with_session(request, RedirectResponse(go_to, 303), outcome)


def _api_routes(shared: Shared, port: SignInPort) -> None:
    refusals: dict[int | str, dict[str, object]] = {
        401: {"description": "It does not fit"},
        429: {"description": "Too many attempts at once"},
        503: {"description": "Cannot be checked now"},
    }

    @shared.guard.post(
        "/api/sign-in", Permission.PUBLIC, response_model=SignInAnswer, responses=refusals, tags=["account"]
    )
    async def sign_in(request: Request, body: PasswordBody) -> Response:
        """Sign in with user name and password. The session comes as a cookie, or a code is asked for."""
        work = port.sign_in.with_password(body.user_name, body.password, source_of(request))
        return _answered(request, await _or_refused(work), body.go_to)

    @shared.guard.post(
        "/api/sign-in/code",
        Permission.PUBLIC,
        response_model=SignInAnswer,
        responses=refusals,
        tags=["account"],
    )
    async def sign_in_code(request: Request, body: CodeBody) -> Response:
        """Bring the code that was asked for."""
        work = port.sign_in.with_code(body.token, body.code, source_of(request))
        return _answered(request, await _or_refused(work), body.go_to)

    @shared.guard.post("/api/sign-out", Permission.SIGNED_IN, response_model=GoTo, tags=["account"])
    async def sign_out(request: Request) -> Response:
        """End this session."""
        await port.sign_in.sign_out(visitor_of(request))
        response = JSONResponse({"go_to": PAGE}, headers={"HX-Redirect": PAGE})
        response.delete_cookie(SESSION_COOKIE)
        return response


def _language_route(shared: Shared, port: SignInPort) -> None:
    @shared.guard.post("/api/language", Permission.PUBLIC, response_model=LanguageBody, tags=["account"])
    async def set_language(request: Request, body: LanguageBody) -> Response:
        """Choose the language of the pages."""
        visitor = getattr(request.state, "visitor", None)
        if visitor is not None and not visitor.is_service:
            await port.set_language(visitor.staff.staff_id, body.language)
        response = JSONResponse({"language": body.language}, headers={"HX-Refresh": "true"})
        _keep(request, response, LANGUAGE_COOKIE, body.language, A_YEAR)
        return response


async def _or_refused(work: Awaitable[Outcome]) -> Outcome:
    try:
        return await work
    except NotSignedIn:
        raise HTTPException(401, "error.not_signed_in") from None
    except TooManyAtOnce as error:
        headers = {"Retry-After": str(error.seconds)}
        raise HTTPException(429, "sign_in.too_many", headers) from None
    except (StaffUnavailable, AuditUnavailable):
        raise HTTPException(503, "error.sign_ins") from None


def _answered(request: Request, outcome: Outcome, go_to: str) -> Response:
    if isinstance(outcome, CodeNeeded):
        return JSONResponse({"go_to": "", "token": outcome.token})
    path = ACCOUNT if outcome.must_change else own_path(go_to)
    return with_session(request, JSONResponse({"go_to": path, "token": ""}), outcome)


def with_session(request: Request, response: Response, admitted: Admitted) -> Response:
    """Give the browser its session."""
    _keep(request, response, SESSION_COOKIE, admitted.cookie, None)
    _keep(request, response, DEVICE_COOKIE, admitted.device, A_YEAR)
    return response


def source_of(request: Request) -> Source:
    """Return where a request comes from."""
    address = request.client.host if request.client else "unknown"
    browser = request.headers.get("user-agent", "")
    return Source(address, browser, request.cookies.get(DEVICE_COOKIE, "")[:200])


def own_path(path: str) -> str:
    """Return a path of this service as it is, and `/` for anything that could lead elsewhere."""
    return path if is_own_path(path) and path.isprintable() and not path.startswith(PAGE) else "/"


def _page(
    shared: Shared,
    port: SignInPort,
    request: Request,
    go_to: str,
    *,
    error: str = "",
    told: str = "",
    token: str = "",
    status: int = 200,
) -> Response:
    return shared.render.page(
        request,
        "sign_in/page.html",
        status,
        go_to=own_path(go_to),
        error=error,
        told=told,
        token=token,
        directory=port.directory,
    )


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(body, max_num_fields=20, keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in fields.items()}


def _keep(request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, seconds, httponly=True, samesite="strict", secure=secure)
