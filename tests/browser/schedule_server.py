"""The pages of schedules on a server, over a day of two agents."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Response

from desk.working_days import WIB
from storage.database import Database
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.schedule_stage import MONDAY, ScheduleStage, opened_stage, staff_id
from web.assets import Assets, add_asset_routes
from web.build import build
from web.permissions import Permission
from web.shell import Shell


@dataclass(frozen=True, slots=True)
class ScheduleServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    stage: ScheduleStage


@asynccontextmanager
async def schedule_server(folder: Path) -> AsyncIterator[ScheduleServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    migrated = folder / "migrated.db"
    await asyncio.to_thread(lambda: Database.open(f"sqlite:///{migrated}").close())
    with opened_stage(migrated, folder) as stage:
        await _fill(stage)
        assets = Assets.load()
        stage.parts.shared.render._environment.globals["asset"] = assets.asset
        stage.parts.app.add_middleware(Shell)
        partial(add_asset_routes, assets=assets)(stage.parts.shared)
        _quiet(stage)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(stage.parts.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield ScheduleServer(f"http://127.0.0.1:{listener.getsockname()[1]}", stage)
        finally:
            server.should_exit = True
            await serving
            listener.close()


async def _fill(stage: ScheduleStage) -> None:
    """Let a week be planned and half of Monday happen; the colleague did not come."""
    desk, chief = stage.desk, staff_id("planner")
    plan = desk.make([OWN, COLLEAGUE], MONDAY, MONDAY + timedelta(days=4), "line", "jakarta")
    await desk.put(plan, chief, keep=True)
    await stage.was(OWN, ("08:10", "ready", "idle", ""), ("10:00", "paused", "idle", "break"))
    await desk.exempt(
        COLLEAGUE, MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), None, None, "leave", chief
    )
    stage.clock.at = datetime(2026, 11, 23, 10, 20, tzinfo=WIB)
    stage.parts.floor.change(OWN, declared="paused", reason="break", seconds=1200.0)


def _quiet(stage: ScheduleStage) -> None:
    """Answer what the bar of every page asks for."""
    guard = stage.parts.shared.guard

    @guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:
        return Response("", media_type="text/html")

    @guard.get("/api/matter-work/bell", Permission.MATTER_WORK)
    async def bell() -> Response:
        return Response("", media_type="text/html")
