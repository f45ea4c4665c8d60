"""What pages and programs see of a member of staff, and how what goes wrong is told."""

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import HTTPException, Request
from pydantic import BaseModel

from domain.audit import AuditUnavailable
from domain.staff import Staff, StaffRole, StaffUnavailable
from web.field_refused import field_refused
from web.guard import visitor_of
from web.staff_drafts import StaffFault

T = TypeVar("T")
_NOT_A_FIELD = ("last_administrator", "yourself", "undo_meanwhile")


class StaffView(BaseModel):
    """A person."""

    staff_id: str
    user_name: str
    display_name: str
    roles: list[StaffRole]
    number: str
    team: str
    language: str
    disabled: bool

    @classmethod
    def of(cls, one: Staff) -> "StaffView":
        """Return a person as they are shown."""
        return cls(
            staff_id=one.staff_id,
            user_name=one.user_name,
            display_name=one.display_name,
            roles=sorted(one.roles),
            number=one.number,
            team=one.team,
            language=one.language,
            disabled=one.disabled,
        )


def who_of(request: Request) -> str:
    """Return who asks, for the record and the trail."""
    visitor = visitor_of(request)
    return "cli:service" if visitor.is_service else visitor.staff.staff_id


async def kept(work: Awaitable[T], missing: str = "staff.nobody") -> T:
    """Wait for work; what is not there or not available becomes an answer. A StaffFault goes on."""
    try:
        return await work
    except KeyError:
        raise HTTPException(404, missing) from None
    except (StaffUnavailable, AuditUnavailable):
        raise HTTPException(503, "sign_in.unavailable") from None


async def put(work: Awaitable[T]) -> T:
    """Wait for a change; what is wrong with it becomes an answer, beside its field where it has one."""
    try:
        return await kept(work)
    except StaffFault as fault:
        if fault.word in _NOT_A_FIELD:
            raise HTTPException(409, f"staff_fault.{fault.word}") from None
        raise field_refused(fault.field, f"staff_fault.{fault.word}") from None
