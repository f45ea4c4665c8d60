"""Announcements: what every caller hears first, switched on and off from the wallboard."""

from typing import Annotated, Any

from fastapi import HTTPException, Path, Request, Response

from domain.ids import new_id
from ivr.announcements import Announcement, BadAnnouncement, check
from web.field_refused import field_refused
from web.guard import visitor_of
from web.permissions import Permission
from web.wall_door import WallDoor
from web.wall_models import ID, AnnouncementBody, AnnouncementList, AnnouncementView, PromptView

_PIECE = "wall/announcements.html"


def add_announcement_routes(door: WallDoor) -> None:
    """Add the routes."""
    shared, port = door.shared, door.port
    described: dict[str, Any] = {"response_model": AnnouncementList, "tags": ["wall"]}

    async def done(request: Request) -> Response:
        await door.changed()
        return shared.render.reply(request, await _announced(door, request), _PIECE)

    @shared.guard.get("/api/wall/announcements", Permission.FLOOR_VIEW, **described)
    async def wall_announcements(request: Request) -> Response:
        """Return the announcements, newest first, and the prompts that may be announced."""
        return shared.render.reply(request, await _announced(door, request), _PIECE)

    @shared.guard.post("/api/wall/announcements", Permission.ANNOUNCEMENT_SWITCH, **described)
    async def begin_announcement(request: Request, body: AnnouncementBody) -> Response:
        """Switch an announcement on: every caller hears it first, from then until then."""
        now, who = shared.clock.now(), visitor_of(request).staff.staff_id
        one = Announcement(new_id(), now, who, body.prompt, body.begins or now, body.ends)
        try:
            check(one, [prompt.name for prompt in port.prompts()])
        except BadAnnouncement as error:
            raise field_refused(error.place, f"wall_refused.{error.word}") from error
        data = {"prompt": one.prompt, "begins": one.begins.isoformat(), "ends": one.ends.isoformat()}
        await door.record(request, "announcement_on", f"announcement:{one.announcement_id}", data=data)
        await door.told(port.announcements.begin(one))
        return await done(request)

    @shared.guard.post(
        "/api/wall/announcements/{announcement_id}/end", Permission.ANNOUNCEMENT_SWITCH, **described
    )
    async def end_announcement(
        request: Request, announcement_id: Annotated[str, Path(pattern=ID)]
    ) -> Response:
        """Switch an announcement off at once. Idempotent."""
        now, who = shared.clock.now(), visitor_of(request).staff.staff_id
        await door.record(request, "announcement_off", f"announcement:{announcement_id}")
        if not await door.told(port.announcements.end(announcement_id, now, who)):
            raise HTTPException(404, "wall.no_announcement")
        return await done(request)


async def _announced(door: WallDoor, request: Request) -> AnnouncementList:
    """Return the announcements, newest first, and the prompts that may be announced."""
    names, now = await door.names(), door.shared.clock.now()
    language = door.shared.render.language(request)
    texts = {one.name: one.texts.get(language, "") for one in door.port.prompts()}
    found = await door.told(door.port.announcements.recent())
    return AnnouncementList(
        announcements=[
            AnnouncementView(
                announcement_id=one.announcement_id,
                prompt=one.prompt,
                text=texts.get(one.prompt, ""),
                begins=one.begins,
                ends=one.ends if one.ended_at is None else min(one.ends, one.ended_at),
                on=one.is_on(now),
                over=one.is_over(now),
                by=names.get(one.who, "?"),
                ended_by=names.get(one.ended_by, "?") if one.ended_by else "",
            )
            for one in found
        ],
        prompts=[PromptView(prompt=name, text=text) for name, text in texts.items()],
    )
