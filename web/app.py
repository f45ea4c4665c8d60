"""The web application: health, metrics, live calls, and the switch that closes the line."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from domain.clock import Clock
from web.floor_api import FloorDoor, add_floor_routes
from web.floor_port import FloorPort
from web.floor_table import floor_table
from web.form_tokens import COOKIE, FormRefused, FormTokens
from web.operations import Operations
from web.status_page import status_page

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(
    operations: Operations,
    clock: Clock,
    language: str = "id",
    host: str = "127.0.0.1",
    door: FloorDoor | None = None,
) -> FastAPI:
    """Return the application over a running service.

    `host` is the address it is served on: requests under another host name are refused, because a
    foreign page could otherwise reach a loopback service by a name that it controls. `door` opens the
    floor's API; without it there is none. `app.state.close()` ends what would never end by itself.
    """
    app = FastAPI(title="Kring Pajak", docs_url=None, redoc_url=None, openapi_url=None)
    hosts = ["127.0.0.1", "localhost", "[::1]", host]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    app.middleware("http")(_secure_headers)
    _health_routes(app, operations)
    _call_routes(app, operations)
    _page_routes(app, operations, clock, language, door.floor if door else None)
    app.state.close = add_floor_routes(app, door).close if door else lambda: None
    return app


async def _secure_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


def _health_routes(app: FastAPI, operations: Operations) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        """Answer as long as the process and its event loop live."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz() -> Response:
        """Answer 200 when calls can be served, otherwise 503 with the reasons."""
        readiness = await operations.readiness()
        body: dict[str, Any] = {"ready": readiness.ready, "reasons": readiness.reasons, **readiness.facts}
        return JSONResponse(body, status_code=200 if readiness.ready else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        content, kind = operations.metrics()
        return Response(content, media_type=kind)


def _call_routes(app: FastAPI, operations: Operations) -> None:
    @app.get("/api/calls")
    async def calls() -> Response:
        """List the calls inside, oldest first, without personal data. Times are UTC (ISO 8601)."""
        rows = [{**asdict(call), "since": call.since.isoformat()} for call in operations.calls()]
        return JSONResponse({"calls": rows})


def _page_routes(
    app: FastAPI, operations: Operations, clock: Clock, language: str, floor: FloorPort | None
) -> None:
    tokens = FormTokens()

    @app.get("/")
    async def status(request: Request) -> Response:
        cookie = request.cookies.get(COOKIE) or tokens.new_cookie()
        page = status_page(
            language,
            await operations.readiness(),
            await operations.line(),
            operations.calls(),
            operations.dial,
            clock.now(),
            tokens.token(cookie),
            "" if floor is None else floor_table(language, floor.queues(), floor.agents()),
        )
        response = HTMLResponse(page)
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict")
        return response

    @app.post("/line/close")
    async def close_line(request: Request) -> Response:
        """Close the line at once; needs the token of a page that this service served."""
        return await _change(request, tokens, operations.shut_line)

    @app.post("/line/open")
    async def open_line(request: Request) -> Response:
        """Let the timetable decide again; needs the token as well."""
        return await _change(request, tokens, operations.reopen_line)


async def _change(request: Request, tokens: FormTokens, change: Callable[[], Awaitable[None]]) -> Response:
    try:
        tokens.check(request.headers, request.cookies.get(COOKIE), await request.body())
    except FormRefused as refused:
        return PlainTextResponse(f"{refused}\n", status_code=403)
    await change()
    return RedirectResponse("/", status_code=303)
