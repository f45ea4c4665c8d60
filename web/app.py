"""The one application: its guard, its areas, the addresses for machines."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict
from starlette.middleware.trustedhost import TrustedHostMiddleware

from desk.access import Assignments
from desk.standing import Standings
from domain.audit import AuditTrail
from domain.clock import Clock
from web.errors import add_error_handlers
from web.floor_port import FloorPort
from web.guard import Guard
from web.operations import LiveCall, Operations
from web.parts import Shared
from web.permissions import Permission
from web.rendering import Renderer
from web.shell import Shell
from web.visitor import Sessions

LARGEST_BODY = 1_048_576  # bytes
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

Area = Callable[[Shared], object]  # adds routes; what it returns is closed at the end if it can be


@runtime_checkable
class Closes(Protocol):
    """What would never end by itself, such as a stream of events."""

    def close(self) -> None:
        """End it."""
        ...


class Ready(BaseModel):
    """Whether calls can be served, and versions."""

    model_config = ConfigDict(extra="allow")

    ready: bool
    reasons: list[str]  # why not


class LiveCalls(BaseModel):
    """Calls that are inside."""

    calls: list[LiveCall]


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind the application."""

    operations: Operations
    sessions: Sessions
    render: Renderer
    clock: Clock
    audit: AuditTrail
    floor: FloorPort
    assignments: Assignments
    standings: Standings
    service_token: str = ""  # of the command line


class Application:
    """The application, to which areas are added one by one: each takes some ten milliseconds."""

    def __init__(self, behind: Behind, hosts: Sequence[str] = (), *, strict_transport: bool = False) -> None:
        """`hosts` are the names and addresses it is served under, beside loopback.

        Requests under another name are refused, because a foreign page could otherwise reach a loopback
        service by a name that it controls. `strict_transport` is for a certificate that every browser trusts.
        """
        self.app = app = FastAPI(
            title="Kring Pajak 1500200",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            max_body_size=LARGEST_BODY,
        )
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *hosts], www_redirect=False)
        app.add_middleware(Shell, strict_transport=strict_transport)
        add_error_handlers(app, behind.render)
        guard = Guard(app, behind.sessions, behind.service_token)
        app.state.guard = guard  # knows the permission of every route
        app.state.close = self.close
        _machine_routes(guard, behind.operations)
        self._shared = Shared(
            guard,
            behind.render,
            behind.clock,
            behind.audit,
            behind.floor,
            behind.assignments,
            behind.standings,
        )
        self._closing: list[Closes] = []

    def add(self, area: Area) -> None:
        """Add an area's routes."""
        made = area(self._shared)
        if isinstance(made, Closes):
            self._closing.append(made)

    def close(self) -> None:
        """End what would never end by itself."""
        for one in self._closing:
            one.close()


def _machine_routes(guard: Guard, operations: Operations) -> None:
    @guard.get("/healthz", Permission.PUBLIC, response_class=PlainTextResponse, tags=["health"])
    async def healthz() -> str:
        """Answer as long as the process and its event loop live."""
        return "ok\n"

    @guard.get(
        "/readyz",
        Permission.PUBLIC,
        response_model=Ready,
        tags=["health"],
        responses={503: {"model": Ready, "description": "Not ready"}},
    )
    async def readyz() -> JSONResponse:
        """Answer 200 when calls can be served, otherwise 503 with the reasons."""
        readiness = await operations.readiness()
        body: dict[str, Any] = {"ready": readiness.ready, "reasons": readiness.reasons, **readiness.facts}
        return JSONResponse(body, status_code=200 if readiness.ready else 503)

    @guard.get("/metrics", Permission.PUBLIC, include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """Tell the metrics (Prometheus) to who asks from this machine."""
        if not _from_this_machine(request):
            raise HTTPException(403, "error.metrics")
        content, kind = operations.metrics()
        return Response(content, media_type=kind)

    @guard.get("/api/calls", Permission.STATUS_VIEW, response_model=LiveCalls, tags=["status"])
    async def live_calls() -> JSONResponse:
        """List the calls inside, oldest first, without personal data. Times are UTC (ISO 8601)."""
        rows = [{**asdict(call), "since": call.since.isoformat()} for call in operations.calls()]
        return JSONResponse({"calls": rows})

    @guard.get("/api/openapi.json", Permission.SIGNED_IN, include_in_schema=False)
    async def openapi() -> JSONResponse:
        """Describe the API (OpenAPI)."""
        return JSONResponse(guard.app.openapi())


def _from_this_machine(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
