"""The whole application with doubles behind it, for tests of what every area shares."""

from collections.abc import Sequence
from functools import cache

import httpx
from fastapi import FastAPI

from domain.audit import AuditTrail
from domain.clock import SystemClock
from tests.web.floor_double import FloorDouble
from tests.web.page_parts import AssignmentsDouble, AuditDouble, SessionsDouble, StandingsDouble
from tests.web.service_double import ServiceDouble
from web.app import Application, Area, Behind
from web.operations import Operations
from web.rendering import Renderer
from web.texts import Texts
from web.visitor import Sessions

SECRET = "t" * 43  # of the command line


def application(
    areas: Sequence[Area] = (),
    *,
    floor: FloorDouble | None = None,
    service: Operations | None = None,
    sessions: Sessions | None = None,
    audit: AuditTrail | None = None,
    hosts: Sequence[str] = (),
) -> FastAPI:
    """Return the application with these areas."""
    render = Renderer(_texts(), lambda name: f"/static/{name}", "id")
    behind = Behind(
        service or ServiceDouble(),
        sessions or SessionsDouble(),
        render,
        SystemClock(),
        audit or AuditDouble(),
        floor or FloorDouble(),
        AssignmentsDouble(),
        StandingsDouble(),
        SECRET,
    )
    application = Application(behind, hosts)
    for area in areas:
        application.add(area)
    return application.app


@cache
def _texts() -> Texts:
    return Texts.load()


def client(app: FastAPI, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Return a client on loopback."""
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers)
