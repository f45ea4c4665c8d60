"""An application with doubles, for tests of one area's routes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import httpx
from fastapi import FastAPI

from desk.access import Handling
from desk.standing import Rung, Standing
from domain.audit import AuditRow
from domain.clock import SystemClock
from domain.staff import Staff, StaffRole
from tests.web.floor_double import FloorDouble
from web.guard import SESSION_COOKIE, Guard
from web.parts import Shared
from web.rendering import Renderer
from web.texts import Texts
from web.visitor import Visitor

CSRF = "the-session's-token"
CALL = "c" * 32
OTHER_CALL = "d" * 32
OWN, COLLEAGUE = "90000001", "90000002"  # staff numbers, of teams "alfa" and "beta"


def visitor(role: StaffRole, number: str = "", team: str = "alfa") -> Visitor:
    """Return somebody signed in."""
    staff = Staff("s" * 32, f"{role}1", "Contoh Petugas", frozenset({role}), number, team)
    return Visitor(staff, "session-1", CSRF)


@dataclass(slots=True)
class SessionsDouble:
    """Sessions by cookie: the name of a role, or what a test puts in."""

    visitors: dict[str, Visitor] = field(
        default_factory=lambda: {
            role.value: visitor(role, OWN if role is StaffRole.AGENT else "") for role in StaffRole
        }
    )

    async def visitor(self, cookie: str, browser: str = "") -> Visitor | None:
        return self.visitors.get(cookie)


@dataclass(slots=True)
class AuditDouble:
    """A trail in memory."""

    rows: list[AuditRow] = field(default_factory=list)

    async def record(self, row: AuditRow) -> None:
        self.rows.append(row)


@dataclass(slots=True)
class AssignmentsDouble:
    """CALL is with OWN, OTHER_CALL with COLLEAGUE; no other is known."""

    calls: dict[str, list[Handling]] = field(
        default_factory=lambda: {
            CALL: [Handling(OWN, "alfa", live=True)],
            OTHER_CALL: [Handling(COLLEAGUE, "beta", live=True)],
        }
    )

    async def handlings(self, call_id: str) -> Sequence[Handling]:
        return self.calls.get(call_id, [])


@dataclass(slots=True)
class StandingsDouble:
    """Every known call is anonymous until a test says otherwise."""

    standings: dict[str, Standing] = field(default_factory=dict)

    async def standing(self, call_id: str) -> Standing:
        return self.standings.get(call_id, Standing(call_id, Rung.ANONYMOUS, None, may_climb=True))


@dataclass(slots=True)
class PageParts:
    """The application, what stands behind it, and a way to ask it."""

    app: FastAPI
    shared: Shared
    sessions: SessionsDouble
    audit: AuditDouble
    assignments: AssignmentsDouble
    standings: StandingsDouble
    floor: FloorDouble

    def client(self, role: str = "agent", *, page: bool = False) -> httpx.AsyncClient:
        """Return a client that is signed in; with `page` it asks for pieces of pages, as htmx does."""
        headers = {"x-csrf-token": CSRF, **({"hx-request": "true"} if page else {})}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://127.0.0.1:8080",
            headers=headers,
            cookies={SESSION_COOKIE: role},
        )


@cache
def _texts() -> Texts:
    """Reading them takes half a second; they are the same for every test."""
    return Texts.load()


def page_app(areas: Sequence[Callable[[Shared], object]]) -> PageParts:
    """Return an application with these areas (`functools.partial(add_card_routes, port=…)`)."""
    app = FastAPI()
    sessions, audit, floor = SessionsDouble(), AuditDouble(), FloorDouble()
    assignments, standings = AssignmentsDouble(), StandingsDouble()
    render = Renderer(_texts(), lambda name: f"/static/{name}", "id")
    guard = Guard(app, sessions)
    shared = Shared(guard, render, SystemClock(), audit, floor, assignments, standings)
    for area in areas:
        area(shared)
    return PageParts(app, shared, sessions, audit, assignments, standings, floor)
