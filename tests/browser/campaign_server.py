"""The pages of lists and campaigns on a server, over the real records; the engine is a double."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn

from storage.database import Database
from tests.web.campaign_world import CampaignWorld, campaign_world
from web.app import LARGEST_BODY
from web.assets import Assets, add_asset_routes
from web.build import build
from web.shell import Shell


@dataclass(frozen=True, slots=True)
class CampaignServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    world: CampaignWorld


@asynccontextmanager
async def campaign_server(folder: Path) -> AsyncIterator[CampaignServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    empty = folder / "empty.db"
    Database.open(f"sqlite:///{empty}").close()
    (folder / "world").mkdir()
    async with campaign_world(empty, folder / "world") as world:
        parts = world.parts
        assets = Assets.load()
        parts.shared.render._environment.globals["asset"] = assets.asset
        parts.app.add_middleware(Shell)
        parts.app.max_body_size = LARGEST_BODY
        partial(add_asset_routes, assets=assets)(parts.shared)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield CampaignServer(f"http://127.0.0.1:{listener.getsockname()[1]}", world)
        finally:
            for door in world.doors:
                door.close()
            server.should_exit = True
            await serving
            listener.close()
