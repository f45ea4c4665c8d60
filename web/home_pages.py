"""Where somebody begins: `/` leads to the first page that their roles open."""

from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from domain.staff import Reach, StaffRole
from web.errors import OWN_ACCOUNT, SIGN_IN
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

# In this order; somebody whose roles open none of them has their own account.
FIRST_PAGES: Sequence[tuple[Permission, str]] = (
    (Permission.DESK_USE, "/agen"),
    (Permission.CAMPAIGN_MANAGE, "/kampanye"),
    (Permission.PERSON_FILE, "/berkas"),
    (Permission.REVIEW_WORK, "/tugas-nilai"),
    (Permission.STATUS_VIEW, "/status"),
    (Permission.MATTER_UNIT, "/pengaduan-unit"),
)


class SessionView(BaseModel):
    """Who is signed in, for a page or program to know what it may offer."""

    staff_id: str
    display_name: str
    language: str  # "id" or "en"
    roles: list[StaffRole]
    team: str
    permissions: dict[Permission, Reach]


def add_home_routes(shared: Shared) -> None:
    """Add the routes."""

    @shared.guard.get("/", Permission.PUBLIC, include_in_schema=False)
    async def home(request: Request) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        return RedirectResponse(SIGN_IN if visitor is None else first_page(visitor), status_code=303)

    @shared.guard.get("/api/session", Permission.SIGNED_IN, tags=["account"])
    async def session(request: Request) -> SessionView:
        """Tell who is signed in, and what they may do."""
        visitor = visitor_of(request)
        reaches = {permission: visitor.reach(permission) for permission in Permission}
        return SessionView(
            staff_id=visitor.staff.staff_id,
            display_name=visitor.staff.display_name,
            language=visitor.staff.language,
            roles=sorted(visitor.staff.roles),
            team=visitor.staff.team,
            permissions={permission: reach for permission, reach in reaches.items() if reach is not None},
        )


def first_page(visitor: Visitor) -> str:
    """Return the path of the first page that somebody's roles open."""
    return next((path for permission, path in FIRST_PAGES if visitor.reach(permission)), OWN_ACCOUNT)
