"""The agent's page with doubles: a floor of three agents, tables, a day's work."""

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from unittest.mock import patch

import msgspec

from acd.floor_rules import PauseReason
from acd.floor_views import AgentView, TalkView
from acd.skills import Agent, Competence, Requirement, Ring, RingPlan, Skill, Skillbook, Tables, Tier
from domain.accounts import AccountKind
from reporting.asking import FiguresUnavailable
from reporting.own_day import OwnDay
from tests.web.floor_double import FloorDouble, agent_view
from tests.web.page_parts import CALL, COLLEAGUE, OWN, PageParts, page_app
from web.desk_feed import DeskFeed
from web.desk_port import DeskPort
from web.desk_routes import add_desk_routes
from web.guard import SESSION_COOKIE
from web.texts import Texts

THIRD = "90000003"
BROWSER, DESK_PHONE = "a" + "1" * 15, "a" + "2" * 15
_TEXTS = Texts.load()

TALK = TalkView(CALL, "efin", "en", OWN, "talking", 61.0)

BOOK = Skillbook(
    Tables(
        skills=(Skill("general", "anything"), Skill("efin", "Lupa EFIN")),
        agents=tuple(
            Agent(number, name, "alfa", frozenset({"id"}))
            for number, name in ((OWN, "Melati"), (COLLEAGUE, "Kenanga"), (THIRD, "Anggrek"))
        ),
        competences=(
            Competence(OWN, "efin", Tier.C, 2),
            Competence(COLLEAGUE, "efin", Tier.B, 2),
            Competence(THIRD, "efin", Tier.B, 2),
            Competence(THIRD, "general", Tier.A, 1),
        ),
        plans=(RingPlan("all", (Ring(0.0, frozenset(Tier)),)),),
        requirements=(Requirement("efin", "efin", Tier.B, "all"),),
        reasons=(
            PauseReason("prayer", "Salat", "Prayer", "2", 20),
            PauseReason("other_work", "Pekerjaan lain", "Other work", "8", 0),
            PauseReason("missed_ring", "Panggilan tidak diangkat", "Missed ring", "", 5),
        ),
    )
)


class DeskFloor(FloorDouble):
    """A floor with a talk that a test may change."""

    def begin_anew(self) -> None:
        super().begin_anew()
        self.view = {
            OWN: agent_view(OWN, account=BROWSER, phones=(BROWSER, DESK_PHONE)),
            COLLEAGUE: agent_view(COLLEAGUE, on_air_name="Kenanga", declared="ready"),
            THIRD: agent_view(THIRD, on_air_name="Anggrek", observed="talking"),
        }
        self.talk: list[TalkView] = []
        self.looked = 0

    def agents(self) -> Sequence[AgentView]:
        self.looked += 1
        return super().agents()

    def talks(self) -> Sequence[TalkView]:
        return self.talk


@dataclass(slots=True)
class WorkDouble:
    """A day of work."""

    day: OwnDay = field(default_factory=lambda: OwnDay(OWN, date(2026, 3, 30)))
    read: list[tuple[str, date]] = field(default_factory=list)
    broken: bool = False

    async def own(self, agent: str, day: date) -> OwnDay:
        if self.broken:
            raise FiguresUnavailable("the database is away")
        self.read.append((agent, day))
        return replace(self.day, day=day)


@dataclass(slots=True)
class OpenPage:
    """A page's open event stream, as a browser has it."""

    bodies: "asyncio.Queue[bytes]"
    status: "asyncio.Future[int]"
    leave: asyncio.Event
    task: "asyncio.Task[None]"
    _rest: bytes = b""

    async def next(self) -> tuple[str, Any]:
        """Return the next event and its data; ("over", None) at the end of the stream."""
        async with asyncio.timeout(10):
            while b"\n\n" not in self._rest:
                chunk = await self.bodies.get()
                if not chunk:
                    return "over", None
                self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\n\n")
        if message.startswith(b"retry:"):
            return await self.next()
        kind, _, data = message.decode().partition("\n")
        return kind.removeprefix("event: "), msgspec.json.decode(data.removeprefix("data: "))


@dataclass(slots=True)
class DeskParts:
    """The application, and what stands behind it."""

    parts: PageParts
    floor: DeskFloor
    work: WorkDouble
    feed: DeskFeed
    end_session: Callable[[str, object], None]

    @asynccontextmanager
    async def page(self, role: str = "agent", tab: str = "") -> AsyncIterator[OpenPage]:
        """Open a page's event stream."""
        page = OpenPage(asyncio.Queue(), asyncio.get_running_loop().create_future(), asyncio.Event(), None)  # type: ignore[arg-type]

        async def receive() -> dict[str, Any]:
            await page.leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                page.status.set_result(message["status"])
            else:
                page.bodies.put_nowait(message.get("body", b""))

        scope = {
            "type": "http", "method": "GET", "path": "/api/desk/events", "raw_path": b"/api/desk/events",
            "query_string": f"tab={tab}".encode(), "root_path": "", "scheme": "http", "http_version": "1.1",
            "headers": [(b"host", b"127.0.0.1:8080"), (b"cookie", f"{SESSION_COOKIE}={role}".encode())],
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8080), "state": {},
        }  # fmt: skip
        page.task = asyncio.ensure_future(self.parts.app(scope, receive, send))
        try:
            assert await page.status == 200
            yield page
        finally:
            page.leave.set()
            await asyncio.wait([page.task], timeout=10)


def desk_app() -> DeskParts:
    """Return an application with the agent's page alone."""
    floor, work = DeskFloor(), WorkDouble()
    feeds: list[DeskFeed] = []
    kinds = {BROWSER: AccountKind.BROWSER, DESK_PHONE: AccountKind.DESK}
    sessions: list[Callable[[str, object], None]] = []
    port = DeskPort(lambda: BOOK, kinds.get, work, sessions.append)
    with patch.object(Texts, "load", lambda: _TEXTS):  # read once: it takes longer than most tests
        parts = page_app([lambda shared: feeds.append(add_desk_routes(replace(shared, floor=floor), port))])
    return DeskParts(parts, floor, work, feeds[0], sessions[0])
