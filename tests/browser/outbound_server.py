"""The agent's page with outbound work, over the service's own classes; engine, floor, records are doubles."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import uvicorn
from fastapi import Request, Response

from acd.requests import Actor
from acd.requests import Request as FloorRequest
from desk.access import Handling
from desk.branches import load_branches
from desk.notes import CallFacts, NotesUnavailable
from desk.script import Tick
from desk.script_book import load_scripts
from desk.spelling import load_spelling
from desk.standing import Rung, Standing
from desk.tax_dates import load_tax_dates
from dialer.attempts import AttemptState
from dialer.contacts import Contact
from dialer.desk_rules import load_desk_rules
from dialer.dispositions import load_dispositions
from dialer.kinds import load_kinds
from dialer.leads import Lead
from domain.accounts import AccountKind
from domain.zones import Zone
from service.outbound_calls import OutboundPurposes
from tests.unit.outbound_stage import Stage
from tests.unit.outbound_world import LEAD, Weekdays, disposition_desk
from tests.web.desk_parts import BOOK, BROWSER, WorkDouble
from tests.web.floor_double import agent_view
from tests.web.page_parts import OWN, PageParts, page_app
from web.assets import Assets, add_asset_routes
from web.build import build
from web.desk_feed import DeskFeed
from web.desk_port import DeskPort
from web.desk_routes import add_desk_routes
from web.errors import add_error_handlers
from web.outbound_port import OutboundPort
from web.outbound_routes import add_outbound_routes
from web.parts import Shared
from web.permissions import Permission
from web.script_port import ScriptPort
from web.script_routes import add_script_routes
from web.shell import Shell

SECOND = "Contoh Citra Lestari"


class Ticks:
    """Ticks in memory."""

    def __init__(self) -> None:
        self.kept: list[Tick] = []

    async def add(self, call_id: str, staff_id: str, tick: Tick, at: object) -> None:
        self.kept.append(tick)

    async def of(self, call_id: str, staff_id: str) -> Sequence[Tick]:
        return self.kept


class NoFacts:
    """Nothing is on record of calls."""

    async def facts(self, call_id: str) -> CallFacts:
        raise NotesUnavailable("away")


@dataclass(frozen=True, slots=True)
class OutboundServer:
    """A running server and what stands behind it."""

    address: str
    parts: PageParts
    stage: Stage

    def rings(self) -> str:
        """Let the far end of the last dial ring; return its id."""
        attempt_id = list(self.stage.attempts.rows)[-1]
        self.stage.dials.rings(attempt_id)
        return attempt_id

    def is_with(self, call_id: str) -> None:
        """Let somebody answer, who is with the agent then."""
        self.stage.dials.answered(call_id)
        row = self.stage.attempts.rows[call_id]
        self.stage.attempts.rows[call_id] = replace(row, state=AttemptState.ANSWERED, joined=OWN)
        self.parts.assignments.calls[call_id] = [Handling(OWN, "alfa", live=True)]
        self.stage.floor.change(OWN, call_id=call_id, observed="talking", queue="outbound/A")

    def proves(self, call_id: str) -> None:
        """Let the person prove ownership in full."""
        self.parts.standings.standings[call_id] = Standing(call_id, Rung.FULL, "t-1", may_climb=True)

    def hangs_up(self, call_id: str) -> None:
        """Let the person hang up: the note's time begins."""
        self.stage.floor.change(OWN, call_id=call_id, observed="wrap_up", wrap_up_left=60.0)

    def is_done(self, call_id: str) -> None:
        """Let the note's time be over."""
        self.parts.assignments.calls[call_id] = [Handling(OWN, "alfa", live=False)]
        self.stage.floor.change(OWN, call_id="", observed="idle", queue="", wrap_up_left=None)


@asynccontextmanager
async def outbound_server() -> AsyncIterator[OutboundServer]:
    """Serve the agent's page; two contacts are due, one after the other."""
    await asyncio.to_thread(build, lambda text: None)
    stage = Stage()
    stage.leads.rows[8] = _second()
    parts = page_app([])
    view = agent_view(OWN, declared="ready", account=BROWSER, phones=(BROWSER,))
    stage.floor.view = {OWN: view}
    _let_refuse(stage)
    environment = parts.shared.render._environment
    assets = Assets.load()
    environment.globals["asset"] = assets.asset
    add_error_handlers(parts.app, parts.shared.render)
    parts.app.add_middleware(Shell)
    shared = replace(parts.shared, floor=stage.floor, clock=stage.clock)
    feed = _add_areas(shared, stage, assets)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield OutboundServer(f"http://127.0.0.1:{listener.getsockname()[1]}", parts, stage)
    finally:
        feed.close()
        server.should_exit = True
        await serving
        listener.close()
        await stage.work.stop()


def _second() -> Lead:
    contact: Contact = LEAD.contact
    person = replace(contact.person, name=SECOND)
    return replace(
        LEAD,
        lead_id=8,
        due_at=LEAD.due_at - timedelta(seconds=1),
        contact=replace(contact, person=person, zone=Zone.WIB),
    )


def _let_refuse(stage: Stage) -> None:
    """Let the floor ask whether a disposition is owed, as the real one does."""
    granted = stage.floor.request

    def request(actor: Actor, request: FloorRequest) -> None:
        stage.owed.check_request(actor, request)
        granted(actor, request)

    stage.floor.request = request  # type: ignore[method-assign]


def _add_areas(shared: Shared, stage: Stage, assets: Assets) -> DeskFeed:
    kinds = {BROWSER: AccountKind.DESK}
    desk = DeskPort(lambda: BOOK, kinds.get, WorkDouble(), outbound=True)
    feed = add_desk_routes(shared, desk)
    port = OutboundPort(stage.work, disposition_desk(), load_desk_rules(), load_kinds())
    scripts = load_scripts()
    purposes = OutboundPurposes(
        stage.calls, scripts, load_dispositions(), load_tax_dates(), Weekdays(), stage.clock
    )
    script = ScriptPort(
        scripts,
        Ticks(),
        NoFacts(),
        load_branches(),
        load_spelling(),
        lambda _: "morning",
        purposes=purposes,
    )
    for area in (
        partial(add_asset_routes, assets=assets),
        partial(add_outbound_routes, port=port, feed=feed),
        partial(add_script_routes, port=script),
        _add_rest,
    ):
        area(shared)
    return feed


def _add_rest(shared: Shared) -> None:
    """The pieces that this page has besides, empty."""

    async def nothing(request: Request) -> Response:
        return Response("", media_type="text/html")

    for what in ("card", "proof", "note", "matters"):
        path = f"/api/calls/{{call_id}}/{what}"
        shared.guard.get(path, Permission.CALL_VIEW, operation_id=f"rest_{what}")(nothing)
    for path in ("/api/desk/reminders", "/api/desk/messages", "/api/notes/documented"):
        shared.guard.get(path, Permission.DESK_USE, operation_id=path.replace("/", "_"))(nothing)

    @shared.guard.get("/api/desk/phone/choice", Permission.DESK_USE)
    async def phone_choice() -> dict[str, str]:
        return {"choice": "desk", "desk_phone": "reachable"}

    @shared.guard.get("/api/notes/safe", Permission.DESK_USE)
    async def safe() -> dict[str, str]:
        return {"key": "A" * 43 + "="}

    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}

    @shared.guard.get("/api/session", Permission.SIGNED_IN)
    async def session() -> dict[str, bool]:
        return {"signed_in": True}
