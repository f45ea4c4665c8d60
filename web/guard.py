"""Routes with a declared permission: the only way to add one. Deny by default.

Every route of the application is added through a `Guard`; a route that needs more than PUBLIC is
answered only to somebody signed in who has the permission, and a change only with the session's token
and from this origin. Who asks is checked before anything of the request is read. The command line on
this machine comes with a token of its own instead of a session.
"""

import hmac
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from domain.staff import Staff, StaffRole
from web.permissions import Permission
from web.visitor import Sessions, SessionsUnavailable, Visitor

SESSION_COOKIE = "kring_session"
CSRF_HEADER = "x-csrf-token"
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PERMISSION_KEY = "x-permission"  # of an operation in the API's description
SOCKET, MOUNT = "WEBSOCKET", "MOUNT"  # in place of a method, where permissions are listed
_UNCHECKED = 503  # sign-ins cannot be checked at the moment
NOT_ADMITTED = 1008  # close code of RFC 6455: policy; before the handshake it becomes 403

COMMAND_LINE = Visitor(
    Staff("cli", "cli", "kring", frozenset({StaffRole.SUPERVISOR, StaffRole.ADMINISTRATOR})),
    session_id="cli",
    csrf="",
    is_service=True,
)

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Serve = Callable[[WebSocket], Awaitable[None]]


class SignInNeeded(Exception):
    """Nobody is signed in. A page answers with the sign-in page, the API with 401."""


class PasswordChangeNeeded(Exception):
    """The password was given by somebody else. A page answers with the account page, the API with 403."""


class Guard:
    """Adds routes, each with its permission."""

    def __init__(self, app: FastAPI, sessions: Sessions, service_token: str = "") -> None:
        """`service_token`: with it the command line comes in; empty: nobody does that way."""
        self.app = app
        self.sessions = sessions
        self.permissions: dict[tuple[str, str], Permission] = {}  # (method, path)
        self._service_token = service_token

    def route(
        self, method: str, path: str, permission: Permission, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint; `options` go to FastAPI (`response_model`, `status_code`, `tags` …)."""
        described = {**options.pop("openapi_extra", {}), PERMISSION_KEY: permission.value}

        def add(endpoint: Endpoint) -> Endpoint:
            self._declare(method, path, permission)
            self.app.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                route_class_override=_guarded(self._check, permission),
                operation_id=options.pop("operation_id", endpoint.__name__),
                openapi_extra=described,
                **options,
            )
            return endpoint

        return add

    def get(self, path: str, permission: Permission, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint that changes nothing."""
        return self.route("GET", path, permission, **options)

    def post(self, path: str, permission: Permission, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint that changes something."""
        return self.route("POST", path, permission, **options)

    def socket(self, path: str, permission: Permission) -> Callable[[Serve], Serve]:
        """Decorate what serves a WebSocket: it gets only those who may, from pages of this service."""

        def add(serve: Serve) -> Serve:
            self._declare(SOCKET, path, permission)

            @wraps(serve)
            async def guarded(websocket: WebSocket) -> None:
                try:
                    check_origin(websocket.headers)
                    await self.admit(websocket, permission)
                except (SignInNeeded, PasswordChangeNeeded, HTTPException):
                    await websocket.close(NOT_ADMITTED)
                    return
                await serve(websocket)

            self.app.router.add_websocket_route(path, guarded)
            return serve

        return add

    def mount(self, path: str, served: ASGIApp, name: str) -> None:
        """Serve files that everybody may have: scripts, styles, pictures of the pages."""
        self._declare(MOUNT, path, Permission.PUBLIC)
        self.app.mount(path, served, name)

    async def admit(self, connection: HTTPConnection, permission: Permission) -> Visitor | None:
        """Return who asks, if they may; None where everybody may and nobody is signed in.

        Raises SignInNeeded, PasswordChangeNeeded, HTTPException 403 or 503. For sockets too.
        """
        try:
            visitor = await self._visitor(connection)
        except SessionsUnavailable as error:
            if permission is Permission.PUBLIC:
                return None
            raise HTTPException(_UNCHECKED, "error.sign_ins") from error
        if permission is not Permission.PUBLIC:
            if visitor is None:
                raise SignInNeeded
            if visitor.reach(permission) is None:
                raise HTTPException(403, "error.role")
            if visitor.must_change and permission is not Permission.SIGNED_IN:
                raise PasswordChangeNeeded
        if visitor is not None:
            connection.state.visitor = visitor
        return visitor

    async def still_admits(self, connection: HTTPConnection, permission: Permission) -> bool:
        """Return whether who was admitted still may; True too while sign-ins cannot be checked."""
        try:
            await self.admit(connection, permission)
        except (SignInNeeded, PasswordChangeNeeded):
            return False
        except HTTPException as error:
            return error.status_code == _UNCHECKED
        return True

    async def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        given = connection.headers.get("authorization")
        if given is not None:
            return COMMAND_LINE if self._is_service(given) else None
        cookie = connection.cookies.get(SESSION_COOKIE, "")
        if not cookie:
            return None
        return await self.sessions.visitor(cookie, connection.headers.get("user-agent", ""))

    def _is_service(self, authorization: str) -> bool:
        scheme, _, secret = authorization.partition(" ")
        return scheme.lower() == "bearer" and _equal(secret.strip(), self._service_token)

    async def _check(self, request: Request, permission: Permission) -> None:
        visitor = await self.admit(request, permission)
        if request.method not in CHANGES:
            return
        check_origin(request.headers)
        if visitor is None or visitor.is_service or permission is Permission.PUBLIC:
            return
        if not _equal(request.headers.get(CSRF_HEADER, ""), visitor.csrf):
            raise HTTPException(403, "error.token")

    def _declare(self, method: str, path: str, permission: Permission) -> None:
        if (method, path) in self.permissions:
            raise ValueError(f"{method} {path} is there twice")
        self.permissions[method, path] = permission


def _guarded(
    check: Callable[[Request, Permission], Awaitable[None]], permission: Permission
) -> type[APIRoute]:
    """Return a kind of route that checks who asks before it reads what they ask."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def checked(request: Request) -> Response:
                await check(request, permission)
                return await answer(request)

            return checked

    return Guarded


def check_origin(headers: Mapping[str, str]) -> None:
    """Raise HTTPException 403 unless the request came from a page of this service (or from no page)."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise HTTPException(403, "error.other_site")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "error.other_site")


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who is signed in, in a route that needs more than PUBLIC."""
    visitor: Visitor = request.state.visitor
    return visitor


def _equal(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
