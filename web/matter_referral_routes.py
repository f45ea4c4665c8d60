"""Dispositions of complaints between units: sent, answered, taken back."""

from collections.abc import Callable, Sequence

from fastapi import Request, Response

from desk.complaint_referrals import Wish, answer, recall, refer
from desk.complaint_steps import STEPS
from desk.matters import Act, Matter, MatterEvent, MatterRefused, Moved
from web.matter_models import MatterDetail
from web.matter_office_models import AnswerBody, ReferBody
from web.matter_port import MatterDoor
from web.matter_work_routes import TAGS, MatterId, keep, read_for_change
from web.permissions import Permission

_End = Callable[[Matter, Sequence[MatterEvent], int, Act], Moved]


def add_referral_routes(door: MatterDoor) -> None:
    """Add the routes."""
    _add_referring(door)
    _add_ending(door)


def _add_referring(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.post(
        "/api/matters/{matter_id}/referrals", Permission.MATTER_STEER, response_model=MatterDetail, tags=TAGS
    )
    async def refer_complaint(request: Request, matter_id: MatterId, body: ReferBody) -> Response:
        """Send a complaint to a unit, with what is asked and until when."""
        visitor, complaint = await read_for_change(door, request, matter_id, body.version)
        rules, now = door.port.rules, shared.clock.now()
        trail = await door.port.book.trail(matter_id)
        moved = refer(
            rules.work.at(now),
            rules.calendar,
            complaint,
            trail,
            _executor(door, complaint),
            Wish(body.to_unit, body.unit_name, body.days),
            Act(visitor.staff.staff_id, now, body.note),
        )
        return await keep(door, request, visitor, moved)


def _add_ending(door: MatterDoor) -> None:
    shared = door.shared

    async def end(request: Request, matter_id: str, number: int, body: AnswerBody, how: _End) -> Response:
        visitor, complaint = await read_for_change(door, request, matter_id, body.version)
        trail = await door.port.book.trail(matter_id)
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        return await keep(door, request, visitor, how(complaint, trail, number, act))

    @shared.guard.post(
        "/api/matters/{matter_id}/referrals/{number}/answer",
        Permission.MATTER_WORK,
        response_model=MatterDetail,
        tags=TAGS,
    )
    async def answer_referral(
        request: Request, matter_id: MatterId, number: int, body: AnswerBody
    ) -> Response:
        """Record what the unit answered."""
        return await end(request, matter_id, number, body, answer)

    @shared.guard.post(
        "/api/matters/{matter_id}/referrals/{number}/recall",
        Permission.MATTER_STEER,
        response_model=MatterDetail,
        tags=TAGS,
    )
    async def recall_referral(
        request: Request, matter_id: MatterId, number: int, body: AnswerBody
    ) -> Response:
        """Take a disposition back before it is answered, with the reason."""
        return await end(request, matter_id, number, body, recall)


def _executor(door: MatterDoor, complaint: Matter) -> str:
    """Return the unit whose step a complaint is at, as the table of units calls it."""
    if complaint.state not in STEPS:
        raise MatterRefused("not_possible")
    return door.port.rules.complaints.of(complaint).step(complaint.state).executor
