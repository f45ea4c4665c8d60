"""Routes with a declared permission: the only way to add one. Deny by default.

Every route of the application is added through a `Guard`; a route that needs more than PUBLIC is
answered only to somebody signed in who has the permission, and a change only with the session's token
and from this origin.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from starlette.requests import HTTPConnection

from web.permissions import Permission
from web.visitor import Sessions, SessionsUnavailable, Visitor

SESSION_COOKIE = "kring_session"
CSRF_HEADER = "x-csrf-token"
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class SignInNeeded(Exception):
    """Nobody is signed in. A page answers with the sign-in page, the API with 401."""


class Guard:
    """Adds routes, each with its permission."""

    def __init__(self, app: FastAPI, sessions: Sessions) -> None:
        self.app = app
        self.sessions = sessions
        self.permissions: dict[tuple[str, str], Permission] = {}  # (method, path)

    def route(
        self, method: str, path: str, permission: Permission, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint; `options` go to FastAPI (`response_model`, `status_code`, `tags` …)."""

        def add(endpoint: Endpoint) -> Endpoint:
            router = APIRouter()
            router.add_api_route(
                path,
                endpoint,
                methods=[method],
                dependencies=[Depends(self._check(permission))],
                operation_id=options.pop("operation_id", f"{endpoint.__name__}"),
                **options,
            )
            self.app.include_router(router)
            self.permissions[method, path] = permission
            return endpoint

        return add

    def get(self, path: str, permission: Permission, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint that changes nothing."""
        return self.route("GET", path, permission, **options)

    def post(self, path: str, permission: Permission, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Decorate an endpoint that changes something."""
        return self.route("POST", path, permission, **options)

    async def admit(self, connection: HTTPConnection, permission: Permission) -> Visitor | None:
        """Return who asks, if they may. Raises SignInNeeded, HTTPException 403 or 503. Sockets too."""
        if permission is Permission.PUBLIC:
            return None
        try:
            visitor = await self.sessions.visitor(connection.cookies.get(SESSION_COOKIE, ""))
        except SessionsUnavailable as error:
            raise HTTPException(503, "sign-ins cannot be checked at the moment; try again") from error
        if visitor is None:
            raise SignInNeeded
        if visitor.reach(permission) is None:
            raise HTTPException(403, f"your roles do not include {permission}")
        connection.state.visitor = visitor
        return visitor

    def _check(self, permission: Permission) -> Callable[[Request], Any]:
        async def check(request: Request) -> None:
            visitor = await self.admit(request, permission)
            if request.method in CHANGES:
                check_origin(request.headers)
                if visitor is not None and not _equal(request.headers.get(CSRF_HEADER, ""), visitor.csrf):
                    raise HTTPException(403, "the session's token is missing; load the page again")

        return check


def check_origin(headers: Mapping[str, str]) -> None:
    """Raise HTTPException 403 unless the request came from a page of this service (or from no page)."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise HTTPException(403, "the request came from another site")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "the request came from another site")


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who is signed in, in a route that needs more than PUBLIC."""
    visitor: Visitor = request.state.visitor
    return visitor


def _equal(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())
