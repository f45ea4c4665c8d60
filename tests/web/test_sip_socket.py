"""The way of a page's SIP through the service, with an Asterisk that only echoes and remembers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.staff import StaffRole
from tests.ari_support import eventually
from tests.web.page_parts import OWN, SessionsDouble, visitor
from tests.web.test_sip_messages import MINE, OTHER, message
from web.guard import SESSION_COOKIE, Guard
from web.sip_messages import LONGEST
from web.sip_socket import BURST, Close, SipSockets, add_sip_socket

WITHIN = 20.0


@dataclass
class Asterisk:
    """Remembers what comes and answers each with `answer`; nothing while that is empty."""

    heard: list[str] = field(default_factory=list)
    answer: str = ""
    open: set[ServerConnection] = field(default_factory=set)

    async def take(self, connection: ServerConnection) -> None:
        self.open.add(connection)
        try:
            async for told in connection:
                self.heard.append(str(told))
                if self.answer:
                    await connection.send(self.answer)
        finally:
            self.open.discard(connection)


@dataclass
class Phones:
    """The accounts of sessions."""

    known: bool = True
    accounts: dict[str, str] = field(default_factory=lambda: {"session-1": MINE})

    def account_of(self, session_id: str) -> str | None:
        return self.accounts.get(session_id)


@dataclass
class Counted:
    codes: list[Close] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def closed(self, why: Close) -> None:
        self.codes.append(why)

    def dropped(self, why: str) -> None:
        self.words.append(why)


@dataclass
class Stage:
    """What a test acts on."""

    port: int
    asterisk: Asterisk
    phones: Phones
    counted: Counted
    sockets: SipSockets
    sessions: SessionsDouble

    def connect(
        self, account: str = MINE, cookie: str = "agent", origin: str | None = "", sub: str = "sip"
    ) -> connect:
        """Connect as a page does."""
        mine = f"http://127.0.0.1:{self.port}" if origin == "" else origin
        return connect(
            f"ws://127.0.0.1:{self.port}/sip?account={account}",
            subprotocols=[sub],  # type: ignore[list-item]
            additional_headers={"Cookie": f"{SESSION_COOKIE}={cookie}"},
            origin=mine,  # type: ignore[arg-type]
            proxy=None,
            max_size=2 * LONGEST,
        )

    async def closes(self, page: ClientConnection) -> int:
        """Wait for the end of a connection; return the code."""
        async with asyncio.timeout(WITHIN):
            with pytest.raises(ConnectionClosed):
                while True:
                    await page.recv()
        code = page.close_code
        assert code is not None
        return code


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    asterisk, phones, counted, sessions = Asterisk(), Phones(), Counted(), SessionsDouble()
    async with serve(asterisk.take, "127.0.0.1", 0, subprotocols=["sip"]) as far:  # type: ignore[list-item]
        port = next(iter(far.sockets)).getsockname()[1]
        app = FastAPI()
        guard = Guard(app, sessions)
        sockets = SipSockets(guard, phones, f"ws://127.0.0.1:{port}/ws", counted)
        add_sip_socket(guard, sockets)
        async with _served(app) as here:
            yield Stage(here, asterisk, phones, counted, sockets, sessions)
            sockets.close()


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[int]:
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server, listener = uvicorn.Server(config), socket.socket()
    listener.bind(("127.0.0.1", 0))
    task = asyncio.create_task(server._serve([listener]))
    async with asyncio.timeout(WITHIN):
        while not server.started:
            await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await task


async def test_messages_pass_both_ways_and_both_ends_are_closed(stage: Stage) -> None:
    stage.asterisk.answer = "SIP/2.0 100 Trying\r\n\r\n"
    async with stage.connect() as page:
        assert page.subprotocol == "sip"
        await page.send(message().decode())
        assert await asyncio.wait_for(page.recv(), WITHIN) == stage.asterisk.answer
        assert stage.asterisk.heard == [message().decode()]
        assert len(stage.sockets) == 1
    await eventually(lambda: not stage.asterisk.open and not len(stage.sockets), WITHIN)
    async with stage.connect() as page:
        await eventually(lambda: bool(stage.asterisk.open), WITHIN)
        for connection in list(stage.asterisk.open):
            await connection.close()
        assert await stage.closes(page) == Close.AWAY


async def test_only_ones_own_messages_pass(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with stage.connect() as page:
        await page.send(message(sender=OTHER, to=OTHER).decode())
        await page.send(message("MESSAGE", to="victim").decode())
        await page.send(message("BYE").decode())
        await eventually(lambda: bool(stage.asterisk.heard), WITHIN)
    assert stage.asterisk.heard == [message("BYE").decode()]
    assert stage.counted.words == ["stranger", "method"]
    logged = "\n".join(str(record.__dict__) for record in caplog.records if record.name == "web.sip_socket")
    assert MINE in logged
    assert OTHER not in logged
    assert "victim" not in logged


@pytest.mark.parametrize(
    "who",
    [
        {"cookie": ""},
        {"cookie": "nobody"},
        {"cookie": "supervisor"},  # takes no calls
        {"origin": "http://elsewhere.example"},
        {"sub": "other"},
        {"account": "kring"},
    ],
)
async def test_nobody_else_is_let_in(stage: Stage, who: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with stage.connect(**who):
            pass
    assert refused.value.response.status_code == 403
    assert stage.asterisk.open == set()


async def test_a_page_is_told_why_it_has_no_phone(stage: Stage) -> None:
    async with stage.connect(account=OTHER) as page:
        assert await stage.closes(page) == Close.TAKEN_OVER
    stage.phones.accounts.clear()
    async with stage.connect() as page:
        assert await stage.closes(page) == Close.NO_ACCOUNT
    stage.phones.known = False
    async with stage.connect() as page:
        assert await stage.closes(page) == Close.LATER
    assert stage.counted.codes == [Close.TAKEN_OVER, Close.NO_ACCOUNT, Close.LATER]
    assert stage.asterisk.open == set()


async def test_a_socket_is_closed_on_demand_and_by_one_that_takes_its_place(stage: Stage) -> None:
    async with stage.connect() as first:
        await eventually(lambda: len(stage.sockets) == 1, WITHIN)
        async with stage.connect() as second:
            assert await stage.closes(first) == Close.SAME_AGAIN
            await eventually(lambda: len(stage.asterisk.open) == 1, WITHIN)
            stage.sockets.close_one(MINE, Close.SESSION_OVER)
            assert await stage.closes(second) == Close.SESSION_OVER
    await eventually(lambda: not stage.asterisk.open and not len(stage.sockets), WITHIN)


async def test_without_asterisk_a_page_is_to_come_again(stage: Stage) -> None:
    stage.sockets._asterisk = "ws://127.0.0.1:9/ws"
    async with stage.connect() as page:
        assert await stage.closes(page) == Close.LATER


async def test_a_flood_and_a_giant_are_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.sip_socket.A_SECOND", 0)  # however slow this machine is
    async with stage.connect() as page:
        for _ in range(BURST + 1):
            await page.send(message("OPTIONS").decode())
        assert await stage.closes(page) == Close.POLICY
    assert len(stage.asterisk.heard) == BURST
    stage.asterisk.heard.clear()
    async with stage.connect() as page:
        await page.send(message(body="x" * LONGEST).decode())
        await page.send(message("BYE").decode())
        await eventually(lambda: bool(stage.asterisk.heard), WITHIN)
    assert stage.counted.words == ["too_long"]


async def test_a_browser_that_asks_whether_anybody_is_there_is_answered(stage: Stage) -> None:
    async with stage.connect() as page:
        await page.send("\r\n\r\n")
        assert await asyncio.wait_for(page.recv(), WITHIN) == "\r\n"
    assert stage.asterisk.heard == []


async def test_a_session_that_ends_unnoticed_ends_the_socket(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.sip_socket.USE_EVERY", 0.05)
    stage.sessions.visitors["short"] = visitor(StaffRole.AGENT, OWN)
    async with stage.connect(cookie="short") as page:
        await page.send(message().decode())
        await eventually(lambda: bool(stage.asterisk.heard), WITHIN)
        del stage.sessions.visitors["short"]
        assert await stage.closes(page) == Close.SESSION_OVER
