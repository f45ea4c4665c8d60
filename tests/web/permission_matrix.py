"""Every route × every role × own and other team, against the running application.

The routes and their permissions come from the guard, the rights from the table of roles; each cell is a
real request, and what comes back is compared with what the table says.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import hypothesis
from fastapi import FastAPI
from hypothesis import Phase, settings, strategies
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from domain.staff import Reach, Staff, StaffRole
from tests.web.page_parts import CALL, COLLEAGUE, CSRF, OTHER_CALL, OWN
from web.guard import MOUNT, SESSION_COOKIE, SOCKET, Guard
from web.permissions import Permission, reach_of
from web.visitor import Visitor

WITHIN = 60.0  # seconds for one answer to begin, on however busy a machine
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
NOBODYS = "0" * 32  # an id that nothing has

Where = tuple[str, str]  # method and path


@dataclass(frozen=True, slots=True)
class Cell:
    """One request and what must become of it."""

    where: Where
    permission: Permission
    who: str
    other: bool  # about somebody of another team
    allowed: bool
    cookie: str
    csrf: str = CSRF


@dataclass(slots=True)
class Outcome:
    """What became of all of them."""

    cells: int = 0
    allowed: int = 0
    denied: int = 0
    wrong: list[str] = field(default_factory=list)  # an answer that the table does not give
    unproven: list[str] = field(default_factory=list)  # refused for another reason before it was decided
    statuses: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        """Return the figures in one line."""
        return f"permission matrix: {self.cells} cells, {self.allowed} let in, {self.denied} kept out"


class MatrixSessions:
    """Sessions by cookie: one for each role, one whose password was given by somebody else."""

    def __init__(self, visitors: Mapping[str, Visitor]) -> None:
        self.visitors: dict[str, Visitor] = {}
        for role in StaffRole:
            number = OWN if role is StaffRole.AGENT else ""
            staff = Staff("s" * 32, f"{role}1", "Contoh", frozenset({role}), number, "alfa")
            known = visitors.get(role.value) or Visitor(staff, f"session-{role}", CSRF)
            self.visitors[role.value] = replace(known, csrf=CSRF)
        everything = replace(self.visitors["agent"].staff, roles=frozenset(StaffRole))
        self.visitors["must_change"] = Visitor(everything, "session-new", CSRF, must_change=True)

    async def visitor(self, cookie: str, browser: str) -> Visitor | None:
        return self.visitors.get(cookie)


async def matrix(
    app: FastAPI,
    guard: Guard,
    *,
    bodies: Mapping[Where, Any] | None = None,
    scoped: Mapping[Where, tuple[Any, Any]] | None = None,
    unscoped: Collection[Where] = (),
    queries: Mapping[Where, str] | None = None,
    by_rule: Collection[Where] = (),
    visitors: Mapping[str, Visitor] | None = None,
) -> Outcome:
    """Send every cell's request; return what became of them.

    `bodies`: bodies that a route accepts, where its schema does not say enough. `scoped`: routes that are
    about an agent by their body: one about OWN of team alfa, one about COLLEAGUE of team beta. Routes with
    `{call_id}` are scoped by CALL and OTHER_CALL, but the `unscoped` ones. `queries`: what
    a socket's address needs. `by_rule`: routes that refuse with 403 for what a call has not proved, even
    those who may. `visitors`: by role, people of team alfa who exist in the database, the agent with OWN.
    """
    sessions = MatrixSessions(visitors or {})
    before, guard.sessions = guard.sessions, sessions
    examples = _Examples(app.openapi(), bodies or {}, scoped or {}, queries or {})
    outcome = Outcome()
    try:
        by_call = {where for where in guard.permissions if "{call_id}" in where[1]}
        for cell in cells(guard, sessions, (by_call - set(unscoped)) | set(scoped or {})):
            status = await _status(app, cell, examples)
            _judge(outcome, cell, status, by_rule)
    finally:
        guard.sessions = before
    return outcome


def cells(guard: Guard, sessions: MatrixSessions, scoped: Collection[Where]) -> Iterator[Cell]:
    """Yield every cell; `scoped`: the routes that are about an agent of a team."""
    for where, permission in guard.permissions.items():
        public = permission is Permission.PUBLIC
        for role in StaffRole:
            for other in (False, True):
                allowed = public or _allowed(
                    sessions.visitors[role.value], permission, other, where in scoped
                )
                yield Cell(where, permission, role.value, other, allowed, role.value)
        yield Cell(where, permission, "nobody", False, public, "")
        yield Cell(where, permission, "forged", False, public, "made-up")
        may_change = public or permission is Permission.SIGNED_IN
        yield Cell(where, permission, "must_change", False, may_change, "must_change")
        if where[0] not in ("GET", SOCKET, MOUNT) and not public:
            able = next((r for r in StaffRole if reach_of(frozenset({r}), permission)), None)
            if able is not None:
                yield Cell(where, permission, f"{able} without token", False, False, able.value, csrf="")


def undeclared(app: FastAPI, guard: Guard) -> list[str]:
    """Return every route of the application that is not in the guard's list."""
    return [
        f"{method} {path}" for method, path in _routes(app.routes) if (method, path) not in guard.permissions
    ]


def _routes(routes: Iterable[BaseRoute]) -> Iterator[Where]:
    for route in routes:
        if isinstance(route, Route):
            for method in route.methods or {"ANY"}:
                yield method, route.path
        elif isinstance(route, WebSocketRoute):
            yield SOCKET, route.path
        elif isinstance(route, Mount):
            yield MOUNT, route.path
        else:
            yield "UNKNOWN", repr(route)


def _allowed(visitor: Visitor, permission: Permission, other: bool, scoped: bool) -> bool:
    reach = visitor.reach(permission)
    if reach is None or not scoped or reach is Reach.ALL:
        return reach is not None
    number, team = (COLLEAGUE, "beta") if other else (OWN, "alfa")
    return visitor.covers(permission, number, team)


def _judge(outcome: Outcome, cell: Cell, status: int, by_rule: Collection[Where]) -> None:
    outcome.cells += 1
    outcome.statuses[status] += 1
    told = f"{cell.where[0]} {cell.where[1]} as {cell.who}{' (other team)' if cell.other else ''}: {status}"
    kept_out = status in (401, 403, 303)
    if status >= 500 and status != 503:
        outcome.wrong.append(told)
    elif cell.allowed:
        outcome.allowed += 1
        # Who may sign in is told 401 by the route itself when the password does not fit.
        if (status == 403 and cell.where not in by_rule) or (
            status == 401 and cell.permission is not Permission.PUBLIC
        ):
            outcome.wrong.append(f"{told}, though {cell.permission} lets them in")
    else:
        outcome.denied += 1
        if status in (400, 409, 422):
            outcome.unproven.append(told)
        elif not kept_out:
            outcome.wrong.append(f"{told}, though {cell.permission} keeps them out")


class _Examples:
    """Bodies and addresses that a route accepts, out of the API's own description."""

    def __init__(
        self,
        openapi: Mapping[str, Any],
        bodies: Mapping[Where, Any],
        scoped: Mapping[Where, tuple[Any, Any]],
        queries: Mapping[Where, str],
    ) -> None:
        self._openapi = openapi
        self._bodies = bodies
        self._scoped = scoped
        self._queries = queries
        self._known: dict[Where, bytes] = {}

    def body(self, cell: Cell) -> bytes:
        if cell.where in self._scoped:
            return json.dumps(self._scoped[cell.where][cell.other]).encode()
        if cell.where not in self._known:
            self._known[cell.where] = self._made(cell.where)
        return self._known[cell.where]

    def _made(self, where: Where) -> bytes:
        if where in self._bodies:
            return json.dumps(self._bodies[where]).encode()
        method, path = where
        operation = self._openapi["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return b"" if content is None else json.dumps(self._value(content.get("schema", {}))).encode()

    def query(self, where: Where) -> str:
        if where in self._queries:
            return self._queries[where]
        method, path = where
        operation = self._openapi["paths"].get(path, {}).get(method.lower(), {})
        needed = [
            f"{one['name']}={self._value(one['schema'])}"
            for one in operation.get("parameters", ())
            if one["in"] == "query" and one.get("required")
        ]
        return "&".join(needed)

    def _value(self, schema: Mapping[str, Any]) -> Any:
        """Return a small value that a schema admits."""
        if "$ref" in schema:
            found: Any = self._openapi
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self._value(found)
        for chosen in ("const", "default"):
            if chosen in schema:
                return schema[chosen]
        if "enum" in schema:
            return schema["enum"][0]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._value(schema[several][0])
        return self._of_type(schema)

    def _of_type(self, schema: Mapping[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                wanted = schema.get("required", ())
                return {name: self._value(schema["properties"][name]) for name in wanted}
            case "array":
                return [self._value(schema.get("items", {}))] * schema.get("minItems", 0)
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return False
            case "null":
                return None
        return _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    match schema.get("format"):
        case "date":
            return "2026-03-02"
        case "date-time":
            return "2026-03-02T03:00:00Z"
        case "time":
            return "10:00:00"
    least = int(schema.get("minLength", 0))
    if "pattern" in schema:
        return _fitting(schema["pattern"], least)
    return "a" * max(least, 1)


@cache
def _fitting(pattern: str, least: int) -> str:
    """Return some text that a pattern admits, the same at every run."""
    how = settings(phases=[Phase.generate], derandomize=True, database=None)
    texts = strategies.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    return hypothesis.find(texts, lambda text: len(text) >= least, settings=how)


async def _status(app: FastAPI, cell: Cell, examples: _Examples) -> int:
    method, path = cell.where
    call = OTHER_CALL if cell.other else CALL
    address = _PARAMETER.sub(lambda found: call if found[1] == "call_id" else NOBODYS, path)
    if method == SOCKET:
        return await _asked(app, _scope("websocket", "GET", address, cell, examples.query(cell.where)), b"")
    if method == MOUNT:
        return await _asked(app, _scope("http", "GET", f"{address}/none", cell, ""), b"")
    scope = _scope("http", method, address, cell, examples.query(cell.where))
    return await _asked(app, scope, examples.body(cell))


def _scope(kind: str, method: str, path: str, cell: Cell, query: str) -> dict[str, Any]:
    headers = {
        "host": "127.0.0.1:8080",
        "content-type": "application/json",
        "x-csrf-token": cell.csrf,
        "user-agent": "matrix",
        "cookie": f"{SESSION_COOKIE}={cell.cookie}",
    }
    if not cell.cookie:
        del headers["cookie"]
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "ws" if kind == "websocket" else "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8080),
        "subprotocols": ["sip"] if kind == "websocket" else [],
        "state": {},
    }


async def _asked(app: FastAPI, scope: dict[str, Any], body: bytes) -> int:
    """Return the status with which an answer begins; what would never end is let go then."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    first, endless = True, False

    async def receive() -> dict[str, Any]:
        nonlocal first
        if first:
            first = False
            if scope["type"] == "websocket":
                return {"type": "websocket.connect"}
            return {"type": "http.request", "body": body, "more_body": False}
        await begun
        return {"type": f"{scope['type']}.disconnect", "code": 1000}

    async def send(message: Any) -> None:
        nonlocal endless
        if not begun.done():
            endless = (b"content-type", b"text/event-stream; charset=utf-8") in message.get("headers", ())
            status = {"websocket.accept": 101, "websocket.close": 403}.get(message["type"])
            begun.set_result(status or message["status"])

    task = asyncio.ensure_future(app(scope, receive, send))
    both: tuple[asyncio.Future[Any], ...] = (task, begun)
    try:
        async with asyncio.timeout(WITHIN):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not begun.done():
                task.result()
                raise AssertionError(f"{scope['path']}: no answer")
            if not endless:
                await asyncio.wait({task})
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return begun.result()
