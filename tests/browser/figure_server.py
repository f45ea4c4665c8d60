"""The pages of figures on a server, over a made-up month of calls."""

import asyncio
import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Response

from reporting.counts import Counts
from reporting.rollup import Key
from tests.web.figure_stage import FigureStage, figure_stage
from tests.web.page_parts import COLLEAGUE, OWN
from web.assets import Assets, add_asset_routes
from web.build import build
from web.permissions import Permission
from web.shell import Shell

FIRST = date(2025, 5, 5)
_WEEKS, _HALF_HOURS = 4, 16
_TEAMS = {OWN: "alfa", COLLEAGUE: "beta"}


@dataclass(frozen=True, slots=True)
class FigureServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    stage: FigureStage


@asynccontextmanager
async def figure_server(folder: Path) -> AsyncIterator[FigureServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    stage = figure_stage(folder)
    await stage.begin_anew()
    _fill_month(stage)
    assets = Assets.load()
    stage.parts.shared.render._environment.globals["asset"] = assets.asset
    stage.parts.app.add_middleware(Shell)
    partial(add_asset_routes, assets=assets)(stage.parts.shared)
    _quiet(stage)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stage.parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield FigureServer(f"http://127.0.0.1:{listener.getsockname()[1]}", stage)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _fill_month(stage: FigureStage) -> None:
    """Let four working weeks happen: two agents, fuller on Mondays and in the middle of the morning."""
    for week in range(_WEEKS):
        for weekday in range(5):
            begin = datetime.combine(FIRST + timedelta(weeks=week, days=weekday), datetime.min.time(), UTC)
            for half_hour in range(_HALF_HOURS):
                at = begin + timedelta(hours=1, minutes=30 * half_hour)  # from 08.00 WIB
                many = round(24 * math.exp(-(((half_hour - 5) / 4) ** 2)) * (1.4 - weekday / 10)) + week
                _fill(stage, at, many, week)


def _fill(stage: FigureStage, at: datetime, many: int, week: int) -> None:
    waiting = Key(queue="efin", branch="efin_token", direction="in")
    gone = many // 9
    entered = Counts(
        incoming=many, answered=many - gone, in_time=round((many - gone) * 0.8), abandoned=gone,
        waited_ms=many * (9_000 + 700 * week),
    )  # fmt: skip
    stage.figures.add(at, entered, waiting)
    for place, (agent, team) in enumerate(_TEAMS.items()):
        calls = (many - gone + place) // 2
        acd = calls * (170_000 + 9_000 * week + 30_000 * place)
        worked = Counts(
            acd_calls=calls, ring_ms=calls * 4_000, acd_ms=acd, talk_ms=acd * 9 // 10, hold_ms=calls * 11_000,
            wrap_up_ms=calls * 26_000, interactions=calls, documented=calls - calls // 12,
            staffed_ms=1_800_000, paused_ms=120_000,
        )  # fmt: skip
        key = Key(agent, team, "B", "efin", "efin_token", "in")
        stage.figures.add(at, worked, key)


def _quiet(stage: FigureStage) -> None:
    """Answer what the bar of every page asks for."""
    guard = stage.parts.shared.guard

    @guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:
        return Response("", media_type="text/html")

    @guard.get("/api/matter-work/bell", Permission.MATTER_WORK)
    async def bell() -> Response:
        return Response("", media_type="text/html")
