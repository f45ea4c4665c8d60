"""The floor over HTTP, for the command line and pages: views, requests, changes as they happen.

Staff numbers are in bodies only, never in an address. A team leader sees and asks about the own team.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from typing import Any

import msgspec
from fastapi import HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from acd.explain import Explanation
from acd.floor_views import AgentView
from acd.requests import Actor, Role
from domain.staff import Reach
from web.answers import answer_json
from web.floor_events import FloorFeed, Row, built
from web.floor_models import AgentAfter, AgentRows, CallExplained, LendingNow, QueueRows, TalkRows
from web.floor_port import FloorPort
from web.floor_requests import BadRequest, read_request
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

WHO = re.compile(r"[\w.@-]{1,40}")
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Events until either side ends it"}
}


class FloorRequestBody(BaseModel):
    """A request as `web.floor_requests` writes it: its name and its fields."""

    model_config = ConfigDict(extra="allow")

    request: str = Field(description="e.g. pause, transfer, listen")
    agent: str = Field(description="Staff number of the agent it is about")
    by: str | None = Field(None, description="Who asks, for the record; of the command line only")


def add_floor_routes(shared: Shared) -> FloorFeed:
    """Add the routes below `/api/floor`; return what feeds the listeners."""
    feed = FloorFeed(shared.floor)
    _view_routes(shared, feed)
    _explain_route(shared)
    _request_route(shared, feed)
    return feed


def _view_routes(shared: Shared, feed: FloorFeed) -> None:
    guard, floor = shared.guard, shared.floor

    @guard.get("/api/floor/agents", Permission.FLOOR_VIEW, response_model=AgentRows, tags=["floor"])
    async def floor_agents(request: Request) -> Response:
        """List the agents of the own reach, with the keys under which the feed speaks of them."""
        mine = _mine(visitor_of(request), floor.agents())
        return answer_json({"agents": agent_rows(mine, feed)})

    @guard.get("/api/floor/queues", Permission.FLOOR_VIEW, response_model=QueueRows, tags=["floor"])
    async def floor_queues() -> Response:
        """List the queues in which somebody waits or could wait."""
        return answer_json({"queues": built(floor.queues())})

    @guard.get("/api/floor/talks", Permission.FLOOR_VIEW, response_model=TalkRows, tags=["floor"])
    async def floor_talks(request: Request) -> Response:
        """List the talks of the agents of the own reach, oldest first."""
        visitor, agents = visitor_of(request), floor.agents()
        if visitor.reach(Permission.FLOOR_VIEW) is Reach.ALL:
            return answer_json({"talks": built(floor.talks())})
        mine = {view.agent for view in _mine(visitor, agents)}
        talks = [talk for talk in floor.talks() if talk.agent in mine or talk.third in mine]
        return answer_json({"talks": built(talks)})

    @guard.get("/api/floor/blending", Permission.FLOOR_VIEW, response_model=LendingNow, tags=["floor"])
    async def floor_blending() -> Response:
        """Say how many agents inbound lends to outbound work, and why no more or none."""
        return answer_json({"text": floor.lending()})

    @guard.get(
        "/api/floor/events",
        Permission.FLOOR_VIEW,
        response_class=StreamingResponse,
        tags=["floor"],
        responses=EVENT_STREAM,
    )
    async def floor_events(request: Request) -> Response:
        """Tell what changes on the floor (server-sent events)."""
        visitor, messages = visitor_of(request), feed.listen()
        if visitor.reach(Permission.FLOOR_VIEW) is not Reach.ALL:
            messages = of_own_reach(messages, visitor, floor, feed)
        return StreamingResponse(messages, media_type="text/event-stream")


def _explain_route(shared: Shared) -> None:
    @shared.guard.get(
        "/api/floor/explain/{call_id}", Permission.FLOOR_VIEW, response_model=CallExplained, tags=["floor"]
    )
    async def explain_call(request: Request, call_id: str) -> Response:
        """Say why a call is where it is; 404: it is not in the room."""
        try:
            explanation = shared.floor.explain(call_id)
        except KeyError:
            raise HTTPException(404, "error.not_waiting") from None
        visitor = visitor_of(request)
        if visitor.reach(Permission.FLOOR_VIEW) is Reach.ALL:
            numbers = None
        else:
            numbers = {view.agent for view in _mine(visitor, shared.floor.agents())}
        return answer_json(_explained(explanation, numbers))


def _request_route(shared: Shared, feed: FloorFeed) -> None:
    floor = shared.floor

    @shared.guard.post(
        "/api/floor/requests", Permission.FLOOR_SUPERVISE, response_model=AgentAfter, tags=["floor"]
    )
    async def request_of_floor(request: Request, body: FloorRequestBody) -> Response:
        """Make a request: 200 with the agent's state after it, 409 if it is refused, 400 if it is none."""
        visitor = visitor_of(request)
        try:
            asked = read_request(body.model_dump(exclude={"by"}))
            who = _who(visitor, body.by)
        except BadRequest as error:
            raise HTTPException(400, str(error)) from None
        _check_reach(visitor, asked.agent, getattr(asked, "supervisor", None), floor)
        floor.request(Actor(who, Role.SUPERVISOR), asked)
        state = [view for view in floor.agents() if view.agent == asked.agent]
        return answer_json({"agent": agent_rows(state, feed)[0] if state else None})


def agent_rows(views: Iterable[AgentView], feed: FloorFeed) -> list[Row]:
    """Return agents for those who may see staff numbers, each with the key of the feed."""
    return [{"key": feed.key(row["agent"]), **row} for row in built(views)]


def _mine(visitor: Visitor, views: Iterable[AgentView]) -> list[AgentView]:
    return [view for view in views if visitor.covers(Permission.FLOOR_VIEW, view.agent, view.team)]


def _check_reach(visitor: Visitor, agent: str, supervisor: str | None, floor: FloorPort) -> None:
    team = next((view.team for view in floor.agents() if view.agent == agent), "")
    if not visitor.covers(Permission.FLOOR_SUPERVISE, agent, team):
        raise HTTPException(403, "error.other_team")
    # Whose phone is rung to listen: nobody's but the own one.
    if supervisor is not None and not visitor.is_service and supervisor != visitor.staff.number:
        raise HTTPException(403, "error.own_number")


def _who(visitor: Visitor, by: str | None) -> str:
    if not visitor.is_service:
        return visitor.staff.number or visitor.staff.staff_id
    if by is None or WHO.fullmatch(by) is None:
        raise BadRequest("by: write who asks, up to 40 letters, digits and . @ - _")
    return by


def _explained(explanation: Explanation, numbers: Collection[str] | None) -> Row:
    """Return an explanation; `numbers`: the agents who may be named, None: all of them."""
    row: Row = {**msgspec.to_builtins(explanation), "text": explanation.text()}
    if numbers is not None:
        row["agent"] = row["agent"] if row["agent"] in numbers else None
        row["not_taken"] = [one for one in row["not_taken"] if one["agent"] in numbers]
    return row


async def of_own_reach(
    messages: AsyncIterator[bytes], visitor: Visitor, floor: FloorPort, feed: FloorFeed
) -> AsyncGenerator[bytes, None]:
    """Pass on what a feed tells about queues and about the agents of the own reach."""
    async for message in messages:
        kind, _, data = message.partition(b"\ndata: ")
        if not data:
            yield message
            continue
        keys = {feed.key(view.agent) for view in _mine(visitor, floor.agents())}
        content = msgspec.json.decode(data)
        if "agent" in content and content["agent"] not in keys:
            continue
        for part in ("rows", "gone"):
            if part in content:
                content[part] = _kept(content[part], keys)
        yield kind + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"


def _kept(part: Any, keys: Collection[str]) -> Any:
    def mine(name: str) -> bool:
        kind, _, key = name.partition(" ")
        return kind != "agent" or key in keys

    if isinstance(part, dict):
        return {name: row for name, row in part.items() if mine(name)}
    return [name for name in part if mine(name)]
