"""Who may do what: every route of the application has a permission, and the table is kept."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse

from domain.staff import StaffRole
from tests.web.account_double import AccountsDouble
from tests.web.app_parts import application
from tests.web.floor_double import FloorDouble, agent_view
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.permission_matrix import matrix, undeclared
from tests.web.staff_world import StaffWorld
from web.accounts_api import add_account_routes
from web.call_access import check_call
from web.floor_api import add_floor_routes
from web.guard import SOCKET, Guard
from web.parts import Shared
from web.permissions import ROLES, Permission
from web.visitor import Visitor

ASKED = ("POST", "/api/floor/requests")
WAITING = ("GET", "/api/floor/explain/{call_id}")  # who waits is of no team yet
ABOUT = ({"request": "ready", "agent": OWN}, {"request": "ready", "agent": COLLEAGUE})


def _guard(app: FastAPI) -> Guard:
    guard: Guard = app.state.guard
    return guard


def _samples(shared: Shared) -> None:
    """One route of each kind that areas have."""

    @shared.guard.socket("/sample/socket", Permission.DESK_USE)
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    @shared.guard.get("/api/sample/events", Permission.DESK_USE)
    async def events() -> StreamingResponse:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b": still here\n\n"
                await asyncio.sleep(1)

        return StreamingResponse(endless(), media_type="text/event-stream")

    @shared.guard.post("/api/calls/{call_id}/sample", Permission.CALL_VIEW)
    async def of_a_call(request: Request, call_id: str) -> dict[str, str]:
        await check_call(shared, request, call_id, Permission.CALL_VIEW)
        return {"seen": call_id}

    shared.guard.mount("/sample/files", PlainTextResponse("file\n"), "files")


async def test_every_cell_of_the_matrix_is_as_the_table_says(world: StaffWorld) -> None:
    people = {}
    for role in StaffRole:
        number = OWN if role is StaffRole.AGENT else ""
        person = await world.person(f"{role}1", role, number=number, team="alfa")
        people[role.value] = Visitor(person, f"session-{role}", "")
    floor = FloorDouble()
    floor.view = {
        OWN: agent_view(OWN, team="alfa"),
        COLLEAGUE: agent_view(COLLEAGUE, team="beta"),
    }
    accounts = partial(add_account_routes, accounts=AccountsDouble())
    app = world.app(add_floor_routes, accounts, _samples, floor=floor)
    outcome = await matrix(app, _guard(app), scoped={ASKED: ABOUT}, unscoped=[WAITING], visitors=people)
    print(outcome)  # noqa: T201 - the count is asked for
    assert outcome.wrong == []
    assert outcome.unproven == []
    routes = len(_guard(app).permissions)
    assert outcome.cells >= routes * (2 * len(StaffRole) + 3)
    assert outcome.allowed > 0
    assert outcome.denied > 0


async def test_every_route_of_the_application_is_declared() -> None:
    app = application([add_floor_routes, _samples])
    assert undeclared(app, _guard(app)) == []
    app.get("/api/forgotten")(lambda: "anybody")
    app.mount("/forgotten", PlainTextResponse("file\n"))
    app.add_api_websocket_route("/forgotten/socket", lambda websocket: None)
    assert undeclared(app, _guard(app)) == [
        "GET /api/forgotten", "MOUNT /forgotten", "WEBSOCKET /forgotten/socket",
    ]  # fmt: skip


def _leaks(shared: Shared) -> None:
    @shared.guard.get("/api/calls/{call_id}/leak", Permission.CALL_VIEW)
    async def without_check(call_id: str) -> dict[str, str]:
        return {"seen": call_id}


def _shuts(shared: Shared) -> None:
    @shared.guard.get("/api/shut", Permission.FLOOR_VIEW)
    async def for_nobody(request: Request) -> None:
        await check_call(shared, request, "d" * 32, Permission.CALL_VIEW)


def _breaks(shared: Shared) -> None:
    @shared.guard.get("/api/broken", Permission.FLOOR_VIEW)
    async def broken() -> None:
        raise RuntimeError


@pytest.mark.parametrize(
    ("area", "told"),
    [
        (_leaks, "GET /api/calls/{call_id}/leak as agent (other team): 200"),
        (_shuts, "GET /api/shut as planner: 403"),
        (_breaks, "GET /api/broken as supervisor: 500"),
    ],
)
async def test_the_matrix_finds_what_is_wrong(area: object, told: str) -> None:
    app = application([area])  # type: ignore[list-item]
    outcome = await matrix(app, _guard(app))
    assert any(one.startswith(told) for one in outcome.wrong), outcome.wrong


async def test_a_socket_of_another_site_is_not_opened() -> None:
    app = application([_samples])
    assert (SOCKET, "/sample/socket") in _guard(app).permissions
    sent: list[dict[str, object]] = []
    scope = {
        "type": "websocket",
        "path": "/sample/socket",
        "raw_path": b"/sample/socket",
        "query_string": b"",
        "root_path": "",
        "scheme": "ws",
        "headers": [
            (b"host", b"127.0.0.1:8080"),
            (b"origin", b"http://evil.example"),
            (b"cookie", b"kring_session=agent"),
        ],
        "subprotocols": [],
        "state": {},
    }

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_no_role_has_what_it_is_not_for() -> None:
    """The table, read aloud where a mistake would cost most."""
    assert {role for role in ROLES if Permission.CALL_PROVE in ROLES[role]} == {StaffRole.AGENT}
    assert {role for role in ROLES if Permission.STAFF_MANAGE in ROLES[role]} == {StaffRole.ADMINISTRATOR}
    assert Permission.CALL_VIEW not in ROLES[StaffRole.ADMINISTRATOR]
    assert Permission.CALL_VIEW not in ROLES[StaffRole.AUDITOR]
    assert set(ROLES) == set(StaffRole)
