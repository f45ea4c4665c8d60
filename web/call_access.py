"""Whether somebody may touch a call: asked first in every route below `/api/calls/{call_id}`."""

import re

from fastapi import HTTPException, Request

from desk.access import AssignmentsUnavailable
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

_CALL = re.compile(r"[0-9A-Za-z_-]{1,64}")  # else PostgreSQL would refuse what is in the address


async def check_call(
    shared: Shared, request: Request, call_id: str, permission: Permission, *, live: bool = False
) -> Visitor:
    """Return who asks, if the permission covers the work of an agent who has or had the call.

    `live`: only while such an agent is offered the call, is on the line, or writes its note.
    Raises HTTPException: 404 no agent was ever offered such a call, 403 not theirs, 409 over (`live`),
    503 it cannot be told.
    """
    visitor = visitor_of(request)
    if _CALL.fullmatch(call_id) is None:
        raise HTTPException(404, "error.no_call")
    try:
        handlings = await shared.assignments.handlings(call_id)
    except AssignmentsUnavailable as error:
        raise HTTPException(503, "error.whose_call") from error
    if not handlings:
        raise HTTPException(404, "error.no_call")
    covered = [one for one in handlings if visitor.covers(permission, one.agent, one.team)]
    if not covered:
        raise HTTPException(403, "error.not_yours")
    if live and not any(one.live for one in covered):
        raise HTTPException(409, "error.call_over")
    return visitor
