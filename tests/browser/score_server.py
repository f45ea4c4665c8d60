"""The pages of scores on a server; a page of its own has the piece beside a pretended player at `/test`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Request, Response
from jinja2 import ChoiceLoader, FileSystemLoader

from tests.browser.note_server import bundle
from tests.web.page_parts import PageParts
from tests.web.score_stage import ONE, ScoreStage, score_stage, shipped_forms
from web.assets import Assets, add_asset_routes
from web.build import build
from web.parts import Shared
from web.permissions import Permission
from web.shell import Shell

SCRIPT = Path(__file__).with_name("scores_page.ts")


@dataclass(frozen=True, slots=True)
class ScoreServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    stage: ScoreStage


@asynccontextmanager
async def score_server(folder: Path) -> AsyncIterator[ScoreServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    script = await asyncio.to_thread(bundle, SCRIPT)
    stage = await score_stage(folder, deepcopy(shipped_forms()))
    parts = stage.parts
    _use_built(parts, assets := Assets.load())
    parts.app.add_middleware(Shell)
    partial(add_asset_routes, assets=assets)(parts.shared)
    _add_page(parts.shared, script)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield ScoreServer(f"http://127.0.0.1:{listener.getsockname()[1]}", stage)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _use_built(parts: PageParts, assets: Assets) -> None:
    environment = parts.shared.render._environment
    environment.globals["asset"] = assets.asset
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(Path(__file__).parent)])


def _add_page(shared: Shared, script: bytes) -> None:
    built = shared.render._environment.globals["asset"]
    of_page = partial(_asset, built)

    @shared.guard.get("/test", Permission.SIGNED_IN)
    async def page(request: Request, query: str = "") -> Response:
        # The page's own script has everything in it, so that all of it shares its modules.
        shared.render._environment.globals["asset"] = of_page
        try:
            return shared.render.page(request, "scores.html", recording=ONE, query=query)
        finally:
            shared.render._environment.globals["asset"] = built

    @shared.guard.get("/scores.js", Permission.PUBLIC)
    async def scores_script() -> Response:
        return Response(script, media_type="text/javascript")

    @shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def nothing_to_watch() -> Response:
        """Answer what every page's navigation asks: there is no alarm."""
        return Response("", media_type="text/html")

    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}


def _asset(built: object, name: str) -> str:
    return "/scores.js" if name == "main.js" else str(built(name))  # type: ignore[operator]
