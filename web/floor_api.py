"""The floor over HTTP, for the command line and pages: views, requests, changes as they happen.

Staff numbers are in bodies only, never in an address. Every answer needs `Authorization: Bearer …`.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse

from acd.messages import REFUSED, Messages, staff_messages
from acd.requests import Actor, Refused, Role
from web.accounts_api import AccountPort, add_account_routes
from web.answers import answer_json, unauthorized
from web.floor_access import AccessToken, role_of
from web.floor_events import FloorFeed, Row, built
from web.floor_port import FloorPort
from web.floor_requests import BadRequest, decode_object, read_request

WHO = re.compile(r"[\w.@-]{1,40}")


@dataclass(frozen=True, slots=True)
class FloorDoor:
    """The running floor, and who may use it."""

    floor: FloorPort
    tokens: tuple[AccessToken, ...]
    accounts: AccountPort | None = None


def add_floor_routes(app: FastAPI, door: FloorDoor) -> FloorFeed:
    """Add the routes below `/api/floor`; return what feeds the listeners."""
    feed = FloorFeed(door.floor)
    _view_routes(app, door, feed)
    _request_route(app, door, feed)
    if door.accounts is not None:
        add_account_routes(
            app, door.accounts, lambda request: None if _role(request, door) in _LOOKERS else unauthorized()
        )
    return feed


def _view_routes(app: FastAPI, door: FloorDoor, feed: FloorFeed) -> None:
    floor = door.floor

    def guarded(answer: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def route(request: Request) -> Response:
            return answer() if _role(request, door) in _LOOKERS else unauthorized()

        return route

    app.get("/api/floor/agents")(guarded(lambda: answer_json({"agents": agent_rows(floor, feed)})))
    app.get("/api/floor/queues")(guarded(lambda: answer_json({"queues": built(floor.queues())})))
    app.get("/api/floor/talks")(guarded(lambda: answer_json({"talks": built(floor.talks())})))
    app.get("/api/floor/events")(
        guarded(lambda: StreamingResponse(feed.listen(), media_type="text/event-stream"))
    )

    @app.get("/api/floor/explain/{call_id}")
    async def explain(request: Request, call_id: str) -> Response:
        """Say why a call is where it is; 404: it is not in the room."""
        if _role(request, door) not in _LOOKERS:
            return unauthorized()
        try:
            explanation = floor.explain(call_id)
        except KeyError:
            return answer_json({"error": "this call is not in the waiting room now"}, 404)
        return answer_json({**msgspec.to_builtins(explanation), "text": explanation.text()})


def _request_route(app: FastAPI, door: FloorDoor, feed: FloorFeed) -> None:
    messages = staff_messages()

    @app.post("/api/floor/requests")
    async def make_request(request: Request) -> Response:
        """Make a request: 200 with the agent's state after it, 409 if it is refused, 400 if it is none.

        The body is a request as `web.floor_requests` writes it, and `by`: who asks, for the record.
        """
        role = _role(request, door)
        if role is None:
            return unauthorized()
        try:
            body = decode_object(await request.body())
            who = _who(body.pop("by", None))
            asked = read_request(body)
            door.floor.request(Actor(who, role), asked)
        except BadRequest as error:
            return answer_json({"error": str(error)}, 400)
        except Refused as refused:
            return answer_json(_refusal(refused, messages), 409)
        state = [row for row in agent_rows(door.floor, feed) if row["agent"] == asked.agent]
        return answer_json({"agent": state[0] if state else None})


def agent_rows(floor: FloorPort, feed: FloorFeed) -> list[Row]:
    """Return every agent for those who may see staff numbers, each with the key of the feed."""
    return [{"key": feed.key(row["agent"]), **row} for row in built(floor.agents())]


def _refusal(refused: Refused, messages: Messages) -> Row:
    known = refused.word in messages.words(REFUSED)
    texts = messages.both(REFUSED, refused.word) if known else {"en": str(refused)}
    return {"refused": refused.word, "text": texts}


_LOOKERS: Sequence[Role | None] = (Role.SUPERVISOR, Role.SYSTEM)


def _role(request: Request, door: FloorDoor) -> Role | None:
    return role_of(request.headers.get("authorization"), door.tokens)


def _who(given: object) -> str:
    if not isinstance(given, str) or WHO.fullmatch(given) is None:
        raise BadRequest("by: write who asks, up to 40 letters, digits and . @ - _")
    return given
