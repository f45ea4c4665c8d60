"""What an agent sees and does about the recording of their talk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict

from domain.audit import AuditRow, AuditUnavailable
from recording.ports import SilenceControl
from recording.recordings import Silence
from web.call_access import check_call
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

_PIECE = "desk/recording.html"


@dataclass(frozen=True, slots=True)
class TalkRecording:
    """How a call is being recorded: `recording`, `silenced`, `off`, `on_demand` or `trouble`."""

    call_id: str
    status: str


class SilenceBody(BaseModel):
    """Whether both sides are to be silence; `proof`: while an item that proves ownership is asked."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    why: Literal["agent", "proof"] = "agent"


def add_recording_routes(shared: Shared, port: SilenceControl) -> None:
    """Add the routes."""

    @shared.guard.get(
        "/api/calls/{call_id}/recording",
        Permission.CALL_VIEW,
        response_model=TalkRecording,
        tags=["recording"],
    )
    async def recording(request: Request, call_id: str) -> Response:
        """Return how a call is being recorded now."""
        await check_call(shared, request, call_id, Permission.CALL_VIEW)
        return shared.render.reply(request, TalkRecording(call_id, port.status(call_id)), _PIECE)

    @shared.guard.post(
        "/api/calls/{call_id}/recording/silence",
        Permission.RECORDING_CONTROL,
        response_model=TalkRecording,
        tags=["recording"],
    )
    async def silence(request: Request, call_id: str, body: SilenceBody) -> Response:
        """Begin or end silence in the recording of one's talk. 409: it is not being recorded."""
        visitor = await check_call(shared, request, call_id, Permission.RECORDING_CONTROL, live=True)
        why = Silence(body.why)
        # The page asks whenever an answer is awaited, recorded or not: only the agent's own wish is refused.
        if not await port.silence(call_id, why, body.on, visitor.staff.staff_id) and why is Silence.AGENT:
            raise HTTPException(409, "recording.not_recorded")
        await _note(shared, visitor, "recording_silenced" if body.on else "recording_resumed", call_id, why)
        return shared.render.reply(request, TalkRecording(call_id, port.status(call_id)), _PIECE)

    @shared.guard.post(
        "/api/calls/{call_id}/recording/start",
        Permission.RECORDING_CONTROL,
        response_model=TalkRecording,
        tags=["recording"],
    )
    async def start(request: Request, call_id: str) -> Response:
        """Record a talk that is recorded on demand. 409: it cannot be."""
        visitor = await check_call(shared, request, call_id, Permission.RECORDING_CONTROL, live=True)
        if not await port.record(call_id, visitor.staff.staff_id):
            raise HTTPException(409, "recording.cannot")
        await _note(shared, visitor, "recording_asked", call_id)
        return shared.render.reply(request, TalkRecording(call_id, port.status(call_id)), _PIECE)


async def _note(shared: Shared, visitor: Visitor, act: str, call_id: str, why: Silence | None = None) -> None:
    """Put an act on the trail. What was silenced stays silenced where the trail is away."""
    data = {} if why is None else {"why": why.value}
    row = AuditRow(shared.clock.now(), visitor.staff.staff_id, act, f"call:{call_id}", data=data)
    try:
        await shared.audit.record(row)
    except AuditUnavailable as error:
        raise HTTPException(503, "card.audit_down") from error
