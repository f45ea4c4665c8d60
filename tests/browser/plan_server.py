"""The planner's pages on a server, over a made-up year of calls; reckoned in this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import Response

from acd.tables_csv import load_folder
from reporting.planning.compare import what_if
from reporting.planning.cover import CoverDay, cover
from reporting.planning.making import make
from reporting.planning.plans import Asked, Plan, PlanRefused
from reporting.planning.roster import DayRoster
from reporting.planning.simulated import Simulated
from reporting.planning.table import load_planning
from reporting.planning.trial import Floor, simulate
from reporting.planning.what_if import Change, WhatIf
from storage.plans_memory import MemoryPlans
from tests.unit.plan_world import TODAY, year
from tests.web.page_parts import page_app
from tests.web.plan_rosters import FixedRosters
from web.assets import Assets, add_asset_routes
from web.build import build
from web.errors import add_error_handlers
from web.permissions import Permission
from web.plan_port import PlanPort
from web.plan_routes import add_plan_routes
from web.shell import Shell

FIRST, LAST = date(2026, 3, 2), date(2026, 4, 10)


class YearPlanner:
    """Plans the filing season of a made-up year, whichever days are asked for."""

    def __init__(self) -> None:
        self._known = year().known

    async def make(self, asked: Asked) -> Plan:
        if asked.calls == 1.0:
            raise PlanRefused("history", "calls")
        return make(replace(asked, first=FIRST, last=LAST), self._known)

    async def what_if(self, plan: Plan, changes: Sequence[Change]) -> WhatIf:
        return what_if(plan, changes)

    async def simulate(self, plan: Plan, day: date) -> Simulated:
        return simulate(plan, day, Floor(load_folder().tables, ()), load_planning().on(TODAY))

    async def cover(self, plan: Plan, rosters: Sequence[DayRoster], queue: str = "") -> Sequence[CoverDay]:
        return cover(plan, rosters, queue)

    async def happened(self, plan: Plan) -> Mapping[date, int]:
        return {one.day: round(one.calls * 1.05) for one in plan.days[:5]}


@asynccontextmanager
async def plan_server(folder: Path) -> AsyncIterator[str]:
    """Serve the built pages; yield the address, without a slash at the end."""
    await asyncio.to_thread(build, lambda text: None)

    async def people() -> Mapping[str, str]:
        return {"s" * 32: "Contoh Perencana"}

    queues = sorted(load_folder().requirements)
    port = PlanPort(
        MemoryPlans(), YearPlanner(), FixedRosters(60, 20), load_planning(), lambda: queues, people, folder
    )
    parts = page_app([])
    assets = Assets.load()
    parts.shared.render._environment.globals["asset"] = assets.asset
    add_error_handlers(parts.app, parts.shared.render)
    parts.app.add_middleware(Shell)
    partial(add_asset_routes, assets=assets)(parts.shared)
    add_plan_routes(parts.shared, port)

    @parts.shared.guard.get("/api/matter-work/bell", Permission.MATTER_WORK)
    async def bell() -> Response:
        return Response("", media_type="text/html")

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()
