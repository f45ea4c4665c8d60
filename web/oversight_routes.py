"""The page `/pengawasan-rekaman`: alarms, states, room; holds and destruction of recordings."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import HTTPException, Path, Request, Response

from domain.audit import AuditRow
from domain.staff import Reach
from recording.ports import RecordingsUnavailable
from recording.retention import Retention
from web.guard import visitor_of
from web.oversight_models import (
    HoldView,
    NoticeView,
    OversightView,
    ReasonBody,
    alarm_view,
    oversight_view,
    wish_view,
)
from web.oversight_port import NotEnded, OversightPort
from web.parts import Shared
from web.permissions import Permission

T = TypeVar("T")

_WATCH, _HOLD = Permission.RECORDING_WATCH, Permission.RECORDING_HOLD
_AREA = "/api/recording-watch"
_LIVE = "oversight/live.html"
_OVER = 20  # alarms that are over and still shown
_TAGS = ["recordings"]
RecordingId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


def add_oversight_routes(shared: Shared, port: OversightPort) -> None:
    """Add the routes."""
    desk = _Oversight(shared, port)
    _add_watch(shared, desk)
    _add_holds(shared, desk)
    _add_ends(shared, desk)


def _add_watch(shared: Shared, desk: "_Oversight") -> None:
    described: dict[str, Any] = {"response_model": OversightView, "tags": _TAGS}

    @shared.guard.get("/pengawasan-rekaman", _WATCH, include_in_schema=False)
    async def oversight_page(request: Request) -> Response:
        """Show the page."""
        return shared.render.page(request, "oversight/page.html", model=await desk.view(request))

    @shared.guard.get(_AREA, _WATCH, **described)
    async def oversight(request: Request) -> Response:
        """Return alarms, states and room of recordings. Nothing personal."""
        return shared.render.reply(request, await desk.view(request), _LIVE)

    @shared.guard.get(f"{_AREA}/notice", _WATCH, response_model=NoticeView, tags=_TAGS)
    async def recording_notice(request: Request) -> Response:
        """Return how many alarms are open: what other pages show of them."""
        found = await desk.told(desk.port.alarms.open())
        views = [alarm_view(shared.render.texts, "en", one) for one in found]
        model = NoticeView(
            alarms=len(views),
            at_once=sum(one.at_once for one in views),
            unseen=sum(not one.seen_by for one in views),
        )
        return shared.render.reply(request, model, "oversight/notice.html")

    @shared.guard.post(f"{_AREA}/alarms/{{alarm_id}}/note", _WATCH, **described)
    async def note_recording_alarm(
        request: Request, alarm_id: Annotated[int, Path(ge=1, le=2**53)]
    ) -> Response:
        """Take note of an alarm: others see that somebody looks after it. The first one stays."""
        await desk.audit(request, "recording_alarm_noted", f"alarm:{alarm_id}")
        who = visitor_of(request).staff.staff_id
        if await desk.told(desk.port.alarms.take_note(alarm_id, who)) is None:
            raise HTTPException(404, "oversight.no_alarm")
        return shared.render.reply(request, await desk.view(request), _LIVE)


def _add_holds(shared: Shared, desk: "_Oversight") -> None:
    described: dict[str, Any] = {"response_model": HoldView, "tags": _TAGS}

    @shared.guard.get(f"{_AREA}/{{recording_id}}/holds", _HOLD, **described)
    async def recording_holds(request: Request, recording_id: RecordingId) -> Response:
        """Return what a recording is held for."""
        return shared.render.reply(request, await desk.holds(recording_id), "oversight/holds.html")

    @shared.guard.post(f"{_AREA}/{{recording_id}}/hold", _HOLD, **described)
    async def hold_recording(request: Request, recording_id: RecordingId, body: ReasonBody) -> Response:
        """Let a recording not be destroyed, for a reason of the retention table. Idempotent."""
        if not desk.rules().hold_reason(body.reason):
            raise HTTPException(422, "oversight.no_hold_reason")
        await desk.audit(request, "recording_held", f"recording:{recording_id}", body.reason)
        who = visitor_of(request).staff.staff_id
        await desk.told(desk.port.holds.hold(recording_id, body.reason, who))
        return shared.render.reply(request, await desk.holds(recording_id), "oversight/holds.html")

    @shared.guard.post(f"{_AREA}/{{recording_id}}/release", _HOLD, **described)
    async def release_recording(request: Request, recording_id: RecordingId, body: ReasonBody) -> Response:
        """Lift a hold. Idempotent."""
        await desk.audit(request, "recording_released", f"recording:{recording_id}", body.reason)
        who = visitor_of(request).staff.staff_id
        await desk.told(desk.port.holds.release(recording_id, body.reason, who))
        return shared.render.reply(request, await desk.holds(recording_id), "oversight/holds.html")


def _add_ends(shared: Shared, desk: "_Oversight") -> None:
    described: dict[str, Any] = {"response_model": OversightView, "tags": _TAGS}
    ends = desk.port.ends

    @shared.guard.post(f"{_AREA}/{{recording_id}}/destruction/ask", _HOLD, **described)
    async def ask_destruction(request: Request, recording_id: RecordingId, body: ReasonBody) -> Response:
        """Ask for a destruction outside the retention table; a second person confirms it."""
        await desk.audit(request, "recording_destruction_asked", f"recording:{recording_id}", body.reason)
        await desk.told(ends.ask(recording_id, body.reason, visitor_of(request).staff.staff_id))
        return shared.render.reply(request, await desk.view(request), _LIVE)

    @shared.guard.post(f"{_AREA}/{{recording_id}}/destruction/deny", _HOLD, **described)
    async def deny_destruction(request: Request, recording_id: RecordingId) -> Response:
        """Withdraw or turn down a destruction that was asked for."""
        await desk.audit(request, "recording_destruction_denied", f"recording:{recording_id}")
        await desk.told(ends.deny(recording_id, visitor_of(request).staff.staff_id))
        return shared.render.reply(request, await desk.view(request), _LIVE)

    @shared.guard.post(f"{_AREA}/{{recording_id}}/destruction/confirm", _HOLD, **described)
    async def confirm_destruction(request: Request, recording_id: RecordingId, body: ReasonBody) -> Response:
        """Destroy what somebody else asked for: key and sound go for good, row and reason stay."""
        await desk.audit(request, "recording_destroyed", f"recording:{recording_id}", body.reason)
        await desk.told(ends.destroy(recording_id, body.reason, visitor_of(request).staff.staff_id))
        return shared.render.reply(request, await desk.view(request), _LIVE)


class _Oversight:
    def __init__(self, shared: Shared, port: OversightPort) -> None:
        self.shared = shared
        self.port = port

    async def view(self, request: Request) -> OversightView:
        """Return everything as whoever asks sees it."""
        render, visitor = self.shared.render, visitor_of(request)
        language = render.language(request)
        found = await self.told(self.port.alarms.open())
        over = await self.told(self.port.alarms.recent(_OVER))
        may_end = visitor.reach(_HOLD) is Reach.ALL
        wishes = await self.told(self.port.ends.wishes()) if may_end else ()
        return oversight_view(
            self.shared.clock.now(),
            [alarm_view(render.texts, language, one) for one in found],
            [alarm_view(render.texts, language, one) for one in over],
            [wish_view(one, visitor.staff.staff_id) for one in wishes],
            self.port.overview.overview(),
        )

    async def holds(self, recording_id: str) -> HoldView:
        """Return what a recording is held for."""
        held = await self.told(self.port.holds.reasons(recording_id))
        return HoldView(recording_id=recording_id, held_for=sorted(held))

    def rules(self) -> Retention:
        """Return the retention rules in force."""
        return self.port.table.at(self.shared.clock.now())

    async def audit(self, request: Request, act: str, subject: str, why: str = "") -> None:
        """Put an act on the trail, before it is done."""
        who = visitor_of(request).staff.staff_id
        await self.shared.audit.record(AuditRow(self.shared.clock.now(), who, act, subject, why))

    async def told(self, work: Awaitable[T]) -> T:
        """Do something; what is wrong becomes an answer."""
        try:
            return await work
        except KeyError as error:
            raise HTTPException(404, "oversight.no_recording") from error
        except NotEnded as error:
            raise HTTPException(409, f"oversight_refused.{error.why}") from error
        except (RecordingsUnavailable, OSError) as error:
            raise HTTPException(503, "oversight.unavailable") from error
