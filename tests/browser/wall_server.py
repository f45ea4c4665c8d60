"""The wallboard on a server, over a floor of sixty agents that a test moves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Response

from acd.floor_views import QueueView
from domain.floor_log import EntryRow
from domain.staff import StaffRole
from storage.database import Database
from tests.web.floor_double import agent_view
from tests.web.page_parts import visitor
from tests.web.wall_stage import WallStage, wall_stage
from web.assets import Assets, add_asset_routes
from web.build import build
from web.floor_api import add_floor_routes
from web.permissions import Permission
from web.shell import Shell
from web.wall_port import Sample

AGENTS = 60
BOSS = "90000099"
_STATES = (
    ("ready", "talking", "", 95.0), ("ready", "talking", "", 640.0), ("ready", "idle", "", 12.0),
    ("ready", "wrap_up", "", 40.0), ("ready", "offered", "", 3.0), ("paused", "idle", "prayer", 300.0),
    ("ready", "holding", "", 30.0), ("ready", "phone_gone", "", 70.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WallServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    stage: WallStage


@asynccontextmanager
async def wall_server(folder: Path) -> AsyncIterator[WallServer]:
    """Serve the built pages; `boss` is a supervisor with a staff number."""
    await asyncio.to_thread(build, lambda text: None)
    migrated = folder / "migrated.db"
    Database.open(f"sqlite:///{migrated}").close()
    stage = wall_stage(migrated, folder)
    shared = stage.door.shared
    stage.parts.sessions.visitors["boss"] = visitor(StaffRole.SUPERVISOR, BOSS)
    _fill(stage, shared.clock.now())
    assets = Assets.load()
    shared.render._environment.globals["asset"] = assets.asset
    stage.parts.app.add_middleware(Shell)
    partial(add_asset_routes, assets=assets)(shared)
    add_floor_routes(shared)
    _quiet(stage)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stage.parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield WallServer(f"http://127.0.0.1:{listener.getsockname()[1]}", stage)
    finally:
        stage.door.close()
        server.should_exit = True
        await serving
        listener.close()
        stage.database.close()


def _fill(stage: WallStage, now: datetime) -> None:
    floor = stage.parts.floor
    floor.view = {}
    for place in range(AGENTS):
        declared, observed, reason, seconds = _STATES[place % len(_STATES)]
        number = f"9000{place:04d}"
        busy = observed in ("talking", "holding", "wrap_up", "offered")
        floor.view[number] = agent_view(
            number, on_air_name=f"Nama {place}", team=("alfa", "beta")[place % 2], declared=declared,
            observed=observed, reason=reason, seconds=seconds, queue="efin" if busy else "",
            limit_seconds=1200.0 if reason else None,
        )  # fmt: skip
    floor.waiting = [
        QueueView("efin", "id", 17, 3, 205.0, 320.0, 1, 44, 15),
        QueueView("token", "id", 2, 0, 35.0, 60.0, 6, 30, 4),
        QueueView("kup_information", "en", 0, 0, 0.0, None, 9, 20, 7),
    ]
    rows = []
    for call in range(120):
        at = now - timedelta(seconds=15 * (120 - call))
        waited = timedelta(seconds=(call * 7) % 70)
        queue, outcome = ("efin", "token")[call % 2], ("caller_hung_up" if call % 11 == 0 else "answered")
        entered = EntryRow(f"c{call}", at, queue, "id", at)
        rows += [entered, replace(entered, at=at + waited, outcome=outcome)]
    stage.entered(*rows)
    for minute in range(60):
        at = now - timedelta(minutes=60 - minute)
        stage.source._course.append(Sample(at, (minute * 5) % 23, 12 - minute % 9, 20 + minute % 7))
    stage.alarms.append("disk")


def _quiet(stage: WallStage) -> None:
    """Answer what the bar of every page asks for."""
    guard = stage.parts.shared.guard

    @guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:
        return Response("", media_type="text/html")

    @guard.get("/api/matter-work/bell", Permission.MATTER_WORK)
    async def bell() -> Response:
        return Response("", media_type="text/html")
