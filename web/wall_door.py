"""What the routes of the wallboard share: who sees which row, names, refusals."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from fastapi import HTTPException, Request

from acd.floor_views import AgentView
from domain.audit import AuditRow
from domain.staff import Reach, StaffUnavailable
from ivr.announcements import AnnouncementsUnavailable
from reporting.wall_thresholds import WallUnavailable
from web.desk_targets import subject
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor
from web.wall_feed import Sees, WallFeed
from web.wall_port import WallPort

T = TypeVar("T")

_NEEDS: Mapping[str, Permission] = {
    "campaign": Permission.CAMPAIGN_VIEW,
    "recordings": Permission.RECORDING_WATCH,
    "message": Permission.FLOOR_SUPERVISE,
}
"""What rows need beside FLOOR_VIEW, by the first word of their key."""


class WallDoor:
    """One for the application."""

    def __init__(self, shared: Shared, port: WallPort) -> None:
        self.shared, self.port = shared, port
        self.feed = WallFeed(port.source, shared.floor, shared.clock.now)
        self.tell: Callable[[str], None] = lambda _: None  # an agent (staff number) has something to read

    def close(self) -> None:
        """End the streams: the service stops."""
        self.feed.close()

    def sees(self, visitor: Visitor) -> Sees:
        """Return which rows somebody sees: agents of the own reach, and what their roles show."""
        reach, source = visitor.reach(Permission.FLOOR_VIEW), self.port.source
        shown = {word for word, needed in _NEEDS.items() if visitor.reach(needed) is not None}
        team = visitor.staff.team

        def sees(key: str) -> bool:
            word, _, rest = key.partition(" ")
            if word == "agent":
                return reach is Reach.ALL or (bool(team) and source.team_of(rest) == team)
            return word not in _NEEDS or word in shown

        return sees

    def group(self, visitor: Visitor) -> str:
        """Return a name that all who see the same have in common."""
        reach = visitor.reach(Permission.FLOOR_VIEW)
        whose = "" if reach is Reach.ALL else visitor.staff.team
        shown = sorted(word for word, needed in _NEEDS.items() if visitor.reach(needed) is not None)
        return f"{reach}:{','.join(shown)}:{whose}"

    def agents(self, request: Request, permission: Permission = Permission.FLOOR_VIEW) -> list[AgentView]:
        """Return the agents of a visitor's reach."""
        visitor = visitor_of(request)
        views = self.shared.floor.agents()
        return [view for view in views if visitor.covers(permission, view.agent, view.team)]

    async def names(self) -> Mapping[str, str]:
        """Return staff_id → name. Raises HTTPException 503."""
        try:
            return {one.staff_id: one.display_name for one in await self.port.people.all()}
        except StaffUnavailable:
            raise HTTPException(503, "sign_in.unavailable") from None

    def queue_name(self, request: Request, queue: str) -> str:
        """Return what staff call a queue."""
        texts, language = self.shared.render.texts, self.shared.render.language(request)
        return subject(lambda name: texts.say(language, name) if name in texts else None, queue)

    async def record(
        self, request: Request, act: str, subject: str, why: str = "", data: Mapping[str, str] | None = None
    ) -> None:
        """Put an act on the trail, before it is done."""
        who = visitor_of(request).staff.staff_id
        await self.shared.audit.record(
            AuditRow(self.shared.clock.now(), who, act, subject, why, data=dict(data or {}))
        )

    async def changed(self) -> None:
        """Read again what boards show, and tell them at once: it was changed here."""
        await self.port.source.changed()
        self.feed.look_soon()

    async def told(self, work: Awaitable[T]) -> T:
        """Do something; what cannot be read or written becomes an answer."""
        try:
            return await work
        except (WallUnavailable, AnnouncementsUnavailable) as error:
            raise HTTPException(503, "wall.unavailable") from error
