"""The built pages of reports on a server, over the small office of `tests/unit/report_world.py`."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from tests.web.report_stage import Desk, report_desk
from web.assets import Assets, add_asset_routes
from web.build import build
from web.shell import Shell


@dataclass(frozen=True, slots=True)
class ReportServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    desk: Desk


@asynccontextmanager
async def report_server(folder: Path) -> AsyncIterator[ReportServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    async with report_desk(folder) as desk:
        parts, assets = desk.parts, Assets.load()
        parts.shared.render._environment.globals["asset"] = assets.asset
        parts.app.add_middleware(Shell)
        add_asset_routes(parts.shared, assets)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield ReportServer(f"http://127.0.0.1:{listener.getsockname()[1]}", desk)
        finally:
            server.should_exit = True
            await serving
            listener.close()
