"""One's own account `/akun`: password, second step, sessions. The same for programs below `/api/account`."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from domain.audit import AuditUnavailable
from domain.staff import StaffUnavailable
from domain.staff_sessions import SessionEnd, StaffSession
from web.field_refused import field_refused
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.sign_in import NotSignedIn
from web.sign_in_codes import picture
from web.sign_in_delays import TooManyAtOnce
from web.sign_in_pages import GoTo, source_of, with_session
from web.staff_account import OwnAccount, PasswordRefused
from web.visitor import Visitor

T = TypeVar("T")
_MINE = Permission.SIGNED_IN
_TAGS: dict[str, Any] = {"tags": ["account"]}
_SECRET: Any = {"format": "password"}


class NewPasswordBody(BaseModel):
    """The password as it is and as it is to be."""

    old: str = Field(min_length=1, max_length=1024, json_schema_extra=_SECRET)
    new: str = Field(max_length=1024, json_schema_extra=_SECRET)
    again: str = Field(max_length=1024, json_schema_extra=_SECRET)


class OwnPasswordBody(BaseModel):
    """The password, asked for again."""

    password: str = Field(min_length=1, max_length=1024, json_schema_extra=_SECRET)


class FirstCodeBody(BaseModel):
    """The first code of a new authenticator."""

    code: str = Field(min_length=1, max_length=40)


class SessionRow(BaseModel):
    """One session of one's own."""

    session_id: str
    browser: str
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    end: SessionEnd | None
    here: bool


class Sessions(BaseModel):
    """Open sessions and those that ended lately, newest first."""

    sessions: list[SessionRow]


class RecoveryCodes(BaseModel):
    """Shown once."""

    codes: list[str]


class Enrolment(BaseModel):
    """Whether signing in needs a code."""

    enrolled: bool


class NewSecret(BaseModel):
    """What an authenticator needs; shown once."""

    secret: str
    picture: str = "/api/account/code.svg"


def add_account_pages(shared: Shared, own: OwnAccount) -> None:
    """Add the routes."""
    pages = _Pages(shared, own)
    pages.add_page()
    pages.add_password()
    pages.add_code()
    pages.add_sessions()


class _Pages:
    def __init__(self, shared: Shared, own: OwnAccount) -> None:
        self._shared = shared
        self._own = own
        self._guard = shared.guard

    def add_page(self) -> None:
        @self._guard.get("/akun", _MINE, include_in_schema=False)
        async def account_page(request: Request) -> Response:
            visitor = _person(request)
            credential = await _kept(self._own.credential(visitor))
            return self._shared.render.page(
                request,
                "staff/account.html",
                must_change=visitor.must_change,
                enrolled_at=credential.totp_since,
                codes_left=await _kept(self._own.recovery_codes_left(visitor)),
                model=await self._sessions(visitor),
            )

    def add_password(self) -> None:
        @self._guard.post("/api/account/password", _MINE, response_model=GoTo, **_TAGS)
        async def change_password(request: Request, body: NewPasswordBody) -> Response:
            """Change the password. All sessions end; this browser gets a new one."""
            if body.again != body.new:
                raise field_refused("again", "password.again")
            try:
                work = self._own.change_password(_person(request), body.old, body.new, source_of(request))
                admitted = await _kept(work, "old")
            except PasswordRefused as refused:
                raise field_refused("new", f"password.{refused.word}") from None
            response = JSONResponse({"go_to": "/"}, headers={"HX-Redirect": "/"})
            return with_session(request, response, admitted)

    def add_code(self) -> None:
        guard, own, render = self._guard, self._own, self._shared.render

        @guard.post("/api/account/code", _MINE, response_model=NewSecret, **_TAGS)
        async def begin_code(request: Request, body: OwnPasswordBody) -> Response:
            """Begin to enrol an authenticator; its first code ends that."""
            work = own.begin_code(_person(request), body.password, source_of(request))
            secret = await _kept(work, "password")
            return render.reply(request, NewSecret(secret=secret), "staff/code_begun.html")

        @guard.get("/api/account/code.svg", _MINE, include_in_schema=False)
        async def code_picture(request: Request) -> Response:
            visitor = _person(request)
            credential = await _kept(own.credential(visitor))
            if not credential.totp_secret or credential.totp_since is not None:
                raise HTTPException(404, "error.no_enrolment")
            svg = picture(visitor.staff, credential.totp_secret)
            return Response(svg, media_type="image/svg+xml")

        @guard.post("/api/account/code/confirm", _MINE, response_model=RecoveryCodes, **_TAGS)
        async def confirm_code(request: Request, body: FirstCodeBody) -> Response:
            """Enrol with the first code. The recovery codes are in this answer only."""
            work = own.confirm_code(_person(request), body.code, source_of(request))
            codes = await _kept(work, "code", "account.code_wrong")
            return self._recovery(request, codes)

        @guard.post("/api/account/code/end", _MINE, response_model=Enrolment, **_TAGS)
        async def end_code(request: Request, body: OwnPasswordBody) -> Response:
            """Sign in without a code from now on."""
            await _kept(own.end_code(_person(request), body.password, source_of(request)), "password")
            return JSONResponse({"enrolled": False}, headers={"HX-Refresh": "true"})

        @guard.post("/api/account/recovery-codes", _MINE, response_model=RecoveryCodes, **_TAGS)
        async def new_recovery_codes(request: Request, body: OwnPasswordBody) -> Response:
            """Replace the recovery codes. They are in this answer only."""
            try:
                work = own.new_recovery_codes(_person(request), body.password, source_of(request))
                codes = await _kept(work, "password")
            except KeyError:
                raise HTTPException(409, "account.no_code") from None
            return self._recovery(request, codes)

    def add_sessions(self) -> None:
        guard, own = self._guard, self._own
        piece = "staff/own_sessions.html"

        @guard.get("/api/account/sessions", _MINE, response_model=Sessions, **_TAGS)
        async def own_sessions(request: Request) -> Response:
            """List one's sessions: the open ones and those that ended within a week."""
            model = await self._sessions(_person(request))
            return self._shared.render.reply(request, model, piece)

        @guard.post("/api/account/sessions/end-others", _MINE, response_model=Sessions, **_TAGS)
        async def end_other_sessions(request: Request) -> Response:
            """End all of one's sessions but this one."""
            visitor = _person(request)
            await _kept(own.end_other_sessions(visitor))
            return self._shared.render.reply(request, await self._sessions(visitor), piece)

        @guard.post("/api/account/sessions/{session_id}/end", _MINE, response_model=Sessions, **_TAGS)
        async def end_own_session(request: Request, session_id: str) -> Response:
            """End one of one's sessions."""
            visitor = _person(request)
            try:
                await _kept(own.end_session(visitor, session_id))
            except KeyError:
                raise HTTPException(404, "error.no_session") from None
            if session_id == visitor.session_id:
                return JSONResponse({"sessions": []}, headers={"HX-Redirect": "/masuk"})
            return self._shared.render.reply(request, await self._sessions(visitor), piece)

    def _recovery(self, request: Request, codes: Sequence[str]) -> Response:
        model = RecoveryCodes(codes=list(codes))
        return self._shared.render.reply(request, model, "staff/recovery_codes.html")

    async def _sessions(self, visitor: Visitor) -> Sessions:
        found = await _kept(self._own.sessions(visitor))
        return Sessions(sessions=[_row(one, visitor.session_id) for one in found])


def _person(request: Request) -> Visitor:
    """Return who is signed in; the command line's token is nobody's account."""
    visitor = visitor_of(request)
    if visitor.is_service:
        raise HTTPException(403, "error.no_account")
    return visitor


async def _kept(work: Awaitable[T], field: str = "", wrong: str = "account.password_wrong") -> T:
    """Wait for work; what goes wrong becomes an answer, a wrong password or code one beside `field`."""
    try:
        return await work
    except NotSignedIn:
        raise field_refused(field, wrong) from None
    except TooManyAtOnce as error:
        raise HTTPException(429, "sign_in.too_many", {"Retry-After": str(error.seconds)}) from None
    except (StaffUnavailable, AuditUnavailable):
        raise HTTPException(503, "sign_in.unavailable") from None


def _row(session: StaffSession, here: str) -> SessionRow:
    return SessionRow(
        session_id=session.session_id,
        browser=session.browser,
        created_at=session.created_at,
        seen_at=session.seen_at,
        ended_at=session.ended_at,
        end=session.end,
        here=session.session_id == here,
    )
