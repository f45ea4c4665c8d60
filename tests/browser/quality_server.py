"""The pages of appeals, calibration and coaching on a server, over the real books."""

import asyncio
import base64
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Response

from storage.database import Database
from storage.vault import Vault
from tests.web.quality_stage import QualityStage, quality_stage
from web.assets import Assets, add_asset_routes
from web.build import build
from web.permissions import Permission
from web.shell import Shell


@dataclass(frozen=True, slots=True)
class QualityServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    stage: QualityStage


@asynccontextmanager
async def quality_server(folder: Path) -> AsyncIterator[QualityServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    database = Database.open(f"sqlite:///{folder}/kring.db")
    stage = quality_stage(database, Vault.create(folder / "key"))
    assets = Assets.load()
    stage.parts.shared.render._environment.globals["asset"] = assets.asset
    stage.parts.app.add_middleware(Shell)
    partial(add_asset_routes, assets=assets)(stage.parts.shared)
    _quiet(stage)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stage.parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield QualityServer(f"http://127.0.0.1:{listener.getsockname()[1]}", stage)
    finally:
        server.should_exit = True
        await serving
        listener.close()
        database.close()


def _quiet(stage: QualityStage) -> None:
    """Answer what pages ask of other areas: how many alarms there are, and the key of a page's safe."""
    guard, key = stage.parts.shared.guard, base64.b64encode(secrets.token_bytes(32)).decode()

    @guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:
        return Response("", media_type="text/html")

    @guard.get("/api/notes/safe", Permission.NOTE_WRITE)
    async def safe() -> dict[str, str]:
        return {"key": key}
