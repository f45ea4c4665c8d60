"""The pages' own looks and behaviour on a server: a gallery of all parts, the status page, errors."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Request, Response
from jinja2 import ChoiceLoader, FileSystemLoader
from pydantic import BaseModel, Field

from tests.web.page_parts import PageParts, page_app
from tests.web.service_double import ServiceDouble
from web.assets import Assets, add_asset_routes
from web.build import build
from web.errors import add_error_handlers
from web.home_pages import add_home_routes
from web.parts import Shared
from web.permissions import Permission
from web.shell import Shell
from web.status_pages import add_status_routes


class Named(BaseModel):
    """What the gallery's form sends."""

    name: str = Field(min_length=2)


@dataclass(frozen=True, slots=True)
class LookServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    parts: PageParts
    service: ServiceDouble


@asynccontextmanager
async def look_server() -> AsyncIterator[LookServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    parts, service = page_app([]), ServiceDouble()
    _use_built(parts, assets := Assets.load())
    add_error_handlers(parts.app, parts.shared.render)
    parts.app.add_middleware(Shell)
    add_status = partial(add_status_routes, operations=service)
    for area in (
        partial(add_asset_routes, assets=assets),
        add_status,
        add_home_routes,
        _gallery,
        _bar,
        _health,
    ):
        area(parts.shared)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield LookServer(f"http://127.0.0.1:{listener.getsockname()[1]}", parts, service)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _use_built(parts: PageParts, assets: Assets) -> None:
    environment = parts.shared.render._environment
    environment.globals["asset"] = assets.asset
    here = FileSystemLoader(Path(__file__).parent)
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, here])


def _gallery(shared: Shared) -> None:
    @shared.guard.get("/gallery", Permission.SIGNED_IN)
    async def gallery(request: Request) -> Response:
        return shared.render.page(request, "gallery.html")

    @shared.guard.get("/api/broken", Permission.SIGNED_IN)
    async def broken() -> None:
        raise RuntimeError("broken on purpose")

    @shared.guard.post("/api/echo", Permission.SIGNED_IN)
    async def echo(body: Named) -> Response:
        return Response(f"got {body.name}", media_type="text/html")


def _bar(shared: Shared) -> None:
    """Add what the bar of every page asks for, of areas that are not here."""

    @shared.guard.get("/api/matter-work/bell", Permission.MATTER_WORK)
    @shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def nothing() -> Response:
        return Response("", media_type="text/html")


def _health(shared: Shared) -> None:
    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}
