"""Messages of supervisors to agents: sent from the wallboard, shown and acknowledged on the agent's page."""

from collections.abc import Mapping, Set
from datetime import timedelta
from typing import Annotated, Any

from fastapi import HTTPException, Path, Request, Response

from domain.ids import new_id
from reporting.wall_messages import SHOWN_FOR, Audience, SentMessage, StaffMessage, told
from web.desk_feed import DeskFeed
from web.field_refused import field_refused
from web.guard import visitor_of
from web.permissions import Permission
from web.wall_door import WallDoor
from web.wall_models import (
    ID,
    MessageBody,
    OwnMessage,
    OwnMessages,
    ReceiptView,
    SentList,
    SentView,
)

NEWS = "messages"  # the event by which an agent's page hears that there is something to read
_ASK = Permission.FLOOR_SUPERVISE
_KEPT = timedelta(hours=24)


def add_sending_routes(door: WallDoor) -> None:
    """Add what supervisors do."""
    shared, port = door.shared, door.port
    described: dict[str, Any] = {"response_model": SentList, "tags": ["wall"]}

    @shared.guard.get("/api/wall/messages", _ASK, **described)
    async def wall_messages(request: Request) -> Response:
        """Return the messages of the last day to agents of the own reach, and who has read them."""
        return shared.render.reply(request, await _sent(door, request), "wall/messages.html")

    @shared.guard.post("/api/wall/messages", _ASK, **described)
    async def send_wall_message(request: Request, body: MessageBody) -> Response:
        """Send a message to an agent, a team or everybody; a team leader to the own team."""
        mine = door.agents(request, _ASK)
        _check(request, body, {one.agent for one in mine}, {one.team for one in mine if one.team})
        now, whom = shared.clock.now(), {"agent": body.agent, "team": body.team}.get(body.audience, "")
        message = StaffMessage(
            new_id(),
            now,
            visitor_of(request).staff.staff_id,
            body.audience,
            whom,
            now + SHOWN_FOR,
            body.text.strip(),
        )
        everybody = shared.floor.agents()
        agents = told(message, [(one.agent, one.team) for one in everybody if one.declared != "signed_out"])
        data = {"audience": body.audience.value, "told": str(len(agents))}
        await door.record(request, "wall_message_sent", f"message:{message.message_id}", data=data)
        await door.told(port.messages.send(message, agents))
        for one in everybody:
            if message.is_for(one.agent, one.team):  # also a page that is open before work begins
                door.tell(one.agent)
        await door.changed()
        return shared.render.reply(request, await _sent(door, request), "wall/messages.html")


async def _sent(door: WallDoor, request: Request) -> SentList:
    """Return the messages of the last day that are the visitor's own, or went to agents of their reach."""
    shared, staff = door.shared, visitor_of(request).staff
    found = await door.told(door.port.messages.recent(shared.clock.now() - _KEPT))
    names = await door.names()
    on_air = {one.agent: one.on_air_name for one in shared.floor.agents()}
    mine = {one.agent for one in door.agents(request, _ASK)}
    shown = [
        one
        for one in found
        if one.message.who == staff.staff_id or any(got.agent in mine for got in one.receipts)
    ]
    return SentList(
        messages=[_sent_view(one, names.get(one.message.who, "?"), on_air, mine) for one in shown]
    )


def _sent_view(sent: SentMessage, sender: str, on_air: Mapping[str, str], mine: Set[str]) -> SentView:
    """`on_air`: on-air names by agent; receipts are shown of the agents in `mine`."""
    message = sent.message
    return SentView(
        message_id=message.message_id,
        at=message.at,
        sender=sender,
        audience=message.audience,
        whom=on_air.get(message.whom, "") if message.audience is Audience.AGENT else message.whom,
        text=message.text,
        until=message.until,
        told=len(sent.receipts),
        shown=sent.shown,
        acknowledged=sent.acknowledged,
        receipts=[
            ReceiptView(
                on_air_name=on_air[got.agent],
                told_at=got.told_at,
                shown_at=got.shown_at,
                acknowledged_at=got.acknowledged_at,
            )
            for got in sent.receipts
            if got.agent in on_air and got.agent in mine
        ],
    )


def _check(request: Request, body: MessageBody, agents: set[str], teams: set[str]) -> None:
    """Refuse a message that goes to nobody, or beyond the sender's reach."""
    if not body.text.strip():
        raise field_refused("text", "field.missing")
    match body.audience:
        case Audience.AGENT if body.agent not in agents:
            raise field_refused("agent", "wall_refused.unknown_agent")
        case Audience.TEAM if body.team not in teams:
            raise field_refused("team", "wall_refused.unknown_team")
        case Audience.ALL if visitor_of(request).reach(_ASK) != "all":
            raise HTTPException(403, "wall_refused.own_team_only")


def add_reading_routes(door: WallDoor, desk: DeskFeed) -> None:
    """Add what agents do: read, and say so. `desk` feeds their pages."""
    shared, port = door.shared, door.port
    described: dict[str, Any] = {"response_model": OwnMessages, "tags": ["desk"]}
    door.tell = lambda agent: desk.tell_news(agent, NEWS)

    def whose(request: Request) -> tuple[str, str]:
        staff = visitor_of(request).staff
        team = next((one.team for one in shared.floor.agents() if one.agent == staff.number), staff.team)
        return staff.number, team

    async def view(request: Request) -> OwnMessages:
        agent, team = whose(request)
        if not agent:
            return OwnMessages(messages=[])
        found = await door.told(port.messages.open_for(agent, team, shared.clock.now()))
        names = await door.names() if found else {}
        return OwnMessages(
            messages=[
                OwnMessage(
                    message_id=one.message_id, at=one.at, sender=names.get(one.who, "?"), text=one.text
                )
                for one in found
            ]
        )

    @shared.guard.get("/api/desk/messages", Permission.DESK_USE, **described)
    async def desk_messages(request: Request) -> Response:
        """Return the messages that one has yet to acknowledge; they count as shown."""
        model = await view(request)
        if model.messages:
            await door.changed()
        return shared.render.reply(request, model, "wall/own_messages.html")

    @shared.guard.post("/api/desk/messages/{message_id}/acknowledge", Permission.DESK_USE, **described)
    async def acknowledge_message(request: Request, message_id: Annotated[str, Path(pattern=ID)]) -> Response:
        """Say that one has read a message. Idempotent; 404: it is not for you."""
        agent, team = whose(request)
        now = shared.clock.now()
        if not agent or not await door.told(port.messages.acknowledge(message_id, agent, team, now)):
            raise HTTPException(404, "wall.no_message")
        await door.changed()
        return shared.render.reply(request, await view(request), "wall/own_messages.html")
