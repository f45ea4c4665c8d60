"""Schedules made: by patterns, out of files, piece by piece, and with exceptions. Nothing is applied half."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, time
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from dialer.imports import FileRefused
from reporting.offline_rules import PLANNER
from reporting.schedule_book import Put
from reporting.schedule_desk import Plan, ScheduleRefused
from reporting.schedule_file import TableWrong, read_header, read_shifts
from web.appeal_models import HexId
from web.days import Day
from web.guard import visitor_of
from web.list_sheets import FILE_ANSWER, Row, csv_parts
from web.permissions import Permission
from web.schedule_models import (
    ExemptBody,
    ScheduleMakeBody,
    ScheduleMistakeView,
    SchedulePieceBody,
    SchedulePlanView,
    ScheduleRemarkView,
    ScheduleRemoveBody,
    clock_of,
)
from web.schedule_port import Agents, ScheduleDoor
from web.schedule_views import ScheduleWords

TAGS = ["schedules"]
_MANAGE = Permission.SCHEDULE_MANAGE
_LARGEST = 1_000_000  # bytes of a file
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
EXPORTED = ("agent", "day", "activity", "begins", "ends", "place")
"""The columns of a file of shifts; it can be taken in again."""

_FileName = Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^/\\\x00]+$")]


def add_plan_routes(door: ScheduleDoor) -> None:
    """Add the routes."""
    _add_page(door)
    _add_making(door)
    _add_files(door)
    _add_pieces(door)
    _add_exceptions(door)


def plan_choices(door: ScheduleDoor, request: Request) -> dict[str, Any]:
    """Return what forms choose from."""
    language, today, on = door.language(request), door.today(), door.desk.on
    activities = on.rules.activities(today)
    return {
        "patterns": [(code, getattr(one, language)) for code, one in on.rules.patterns(today).items()],
        "places": [(code, getattr(one, language)) for code, one in on.rules.places.items()],
        "activities": [(code, getattr(one, language)) for code, one in activities.activities.items()],
        "reasons": [
            (code, getattr(one, language)) for code, one in on.reasons.on(today).asked_by(PLANNER).items()
        ],
        "today": today.isoformat(),
    }


def _add_page(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get("/jadwal/susun", _MANAGE, include_in_schema=False)
    async def plan_page(request: Request) -> Response:
        """Show what makes and imports shifts."""
        agents = await door.agents(visitor_of(request), _MANAGE)
        rules, today = door.desk.on.rules, door.today()
        return shared.render.page(
            request,
            "schedules/plan_page.html",
            agents=agents,
            breaks=rules.breaks(today),
            least=rules.least,
            prayer_minutes=rules.prayer_minutes,
            prayers=rules.prayer_times(today, next(iter(rules.places))),
            **plan_choices(door, request),
        )


def _add_making(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.post("/api/schedules/make", _MANAGE, response_model=SchedulePlanView, tags=TAGS)
    async def make_schedules(request: Request, body: ScheduleMakeBody) -> Response:
        """Make shifts by a pattern; without `keep` only tell what would come of it."""
        visitor = visitor_of(request)
        agents = await door.agents(visitor, _MANAGE)
        numbers = _chosen(agents, body)
        plan = door.desk.make(numbers, body.first, body.last, body.pattern, body.place)
        if body.keep:
            await door.did(visitor, "schedule_made", "schedule:", pattern=body.pattern, shifts=_count(plan))
        put = await door.desk.put(plan, visitor.staff.staff_id, keep=body.keep)
        model = plan_view(door, request, plan, put, keep=body.keep)
        again = body.model_dump(mode="json", exclude={"keep"}, exclude_defaults=True)
        return shared.render.reply(request, model, "schedules/plan.html", make=again)


def _chosen(agents: Agents, body: ScheduleMakeBody) -> Sequence[str]:
    if body.staff_ids:
        wanted = {body.staff_ids} if isinstance(body.staff_ids, str) else set(body.staff_ids)
        return [one.number for one in agents.all if one.staff_id in wanted]
    return [one.number for one in agents.all if body.team in ("", one.team)]


def _count(plan: Plan) -> str:
    return str(len(plan.shifts))


def plan_view(door: ScheduleDoor, request: Request, plan: Plan, put: Put, *, keep: bool) -> SchedulePlanView:
    """Return what a plan does or did."""
    words, days = ScheduleWords(door, request), [one.day for one in plan.shifts]
    return SchedulePlanView(
        state="kept" if keep else "proposed",
        shifts=len(plan.shifts),
        new=put.new,
        changed=put.changed,
        same=put.same,
        removed=put.removed,
        first=min(days),
        last=max(days),
        remarks=[
            ScheduleRemarkView(
                word=word,
                words=words.say(f"schedules_remark.{word}"),
                count=count,
                example=f"{shift.day:%d.%m.%Y}: {words.pieces(shift.pieces, shift.day)}",
            )
            for word, count in plan.remarks.items()
            for shift in (plan.first_with[word],)
        ],
        mistakes=[],
    )


def _add_files(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.post(
        "/api/schedules/import",
        _MANAGE,
        response_model=SchedulePlanView,
        tags=TAGS,
        openapi_extra=_BYTES,
    )
    async def import_schedules(request: Request, name: _FileName, keep: bool = False) -> Response:
        """Take shifts in from a CSV, XLSX, XLS or ODS file; with a mistake nothing is taken in.

        Columns: agent, day, and pattern or activity with begins and ends; place where it is another.
        """
        visitor = visitor_of(request)
        content = await _content(request)
        agents = await door.agents(visitor, _MANAGE)
        try:
            plan = await asyncio.to_thread(_read, door, content, name, agents)
        except FileRefused as error:
            raise ScheduleRefused(f"lists_fault.{error.fault}", "file") from error
        except TableWrong as error:
            return shared.render.reply(
                request, _wrong(door, request, error), "schedules/plan.html", make=None
            )
        if keep:
            await door.did(visitor, "schedule_imported", "schedule:", shifts=_count(plan))
        put = await door.desk.put(plan, visitor.staff.staff_id, keep=keep)
        model = plan_view(door, request, plan, put, keep=keep)
        return shared.render.reply(request, model, "schedules/plan.html", make=None)

    @shared.guard.get("/api/schedules/file", _MANAGE, tags=TAGS, responses=FILE_ANSWER)
    async def schedule_file(request: Request, first: Day, last: Day) -> Response:
        """Return the shifts of some days as a CSV that can be changed and imported again."""
        visitor = visitor_of(request)
        if first > last or (last - first).days > 92:
            raise HTTPException(422, "schedules.too_many_days")
        await door.did(visitor, "schedule_exported", "schedule:")
        agents = await door.agents(visitor, _MANAGE)
        named = {"content-disposition": f'attachment; filename="jadwal-{first}-{last}.csv"'}
        parts = csv_parts(EXPORTED, _exported(door, first, last, agents))
        return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=named)


async def _exported(
    door: ScheduleDoor, first: date, last: date, agents: Agents
) -> AsyncIterator[Sequence[Row]]:
    numbers, rules = {one.number for one in agents.all}, door.desk.on.rules
    shifts = await door.desk.on.book.shifts(first, last, numbers) if numbers else []
    for shift in shifts:
        zone = rules.zone(shift.place)
        rows = []
        for piece in shift.pieces:
            times = (f"{at.astimezone(zone):%H:%M}" for at in piece.at(shift.day))
            rows.append((shift.agent, shift.day.isoformat(), piece.activity, *times, shift.place))
        yield rows


async def _content(request: Request) -> bytes:
    """Return what was sent. Raises ScheduleRefused: too large; HTTPException 400: it was cut off."""
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST:
                raise ScheduleRefused("lists_fault.too_large", "file")
    except ClientDisconnect as error:
        raise HTTPException(400, "lists_upload.cut") from error
    return bytes(content)


def _read(door: ScheduleDoor, content: bytes, name: str, agents: Agents) -> Plan:
    """Return the plan of a file. Blocking. Raises FileRefused, TableWrong."""
    cells, rows = door.port.read_table(content, name)
    on = door.desk.on
    numbers = [one.number for one in agents.all]
    return door.desk.plan(read_shifts(read_header(cells), rows, numbers, on.office, on.rules))


def _wrong(door: ScheduleDoor, request: Request, error: TableWrong) -> SchedulePlanView:
    return SchedulePlanView(
        state="wrong",
        shifts=0,
        new=0,
        changed=0,
        same=0,
        removed=0,
        first=None,
        last=None,
        remarks=[],
        mistakes=[
            ScheduleMistakeView(
                row=one.row,
                field=one.field,
                value=one.value,
                remedy=door.say(request, f"schedules_remedy.{one.word}"),
            )
            for one in error.mistakes
        ],
    )


def _add_pieces(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.post("/api/schedules/pieces", _MANAGE, status_code=204, tags=TAGS)
    async def lay_piece(request: Request, body: SchedulePieceBody) -> Response:
        """Lay an activity over an agent's shift, e.g. a coaching; what lies under it gives way."""
        visitor = visitor_of(request)
        agent, _ = await door.agent(request, body.staff_id, _MANAGE)
        await door.did(visitor, "schedule_changed", f"staff:{body.staff_id}", activity=body.activity)
        begins, ends = time.fromisoformat(body.begins), time.fromisoformat(body.ends)
        await door.desk.lay(agent.number, body.day, body.activity, begins, ends, visitor.staff.staff_id)
        return _refreshed()

    @shared.guard.post("/api/schedules/removals", _MANAGE, status_code=204, tags=TAGS)
    async def remove_shift(request: Request, body: ScheduleRemoveBody) -> Response:
        """Take an agent's shift of a day away."""
        visitor = visitor_of(request)
        agent, _ = await door.agent(request, body.staff_id, _MANAGE)
        await door.did(visitor, "schedule_removed", f"staff:{body.staff_id}", day=body.day.isoformat())
        await door.desk.remove(agent.number, body.day, visitor.staff.staff_id)
        return _refreshed()


def _add_exceptions(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.post("/api/schedules/exceptions", _MANAGE, status_code=204, tags=TAGS)
    async def exempt_agent(request: Request, body: ExemptBody) -> Response:
        """Take time out of an agent's schedule as HR has it: whole days, or a part of one."""
        visitor = visitor_of(request)
        agent, _ = await door.agent(request, body.staff_id, _MANAGE)
        await door.did(visitor, "schedule_excepted", f"staff:{body.staff_id}")
        begins, ends, who = clock_of(body.begins), clock_of(body.ends), visitor.staff.staff_id
        await door.desk.exempt(agent.number, body.first, body.last, begins, ends, body.reason, who)
        return _refreshed()

    @shared.guard.post(
        "/api/schedules/exceptions/{exception_id}/take-back", _MANAGE, status_code=204, tags=TAGS
    )
    async def take_back_exception(request: Request, exception_id: HexId) -> Response:
        """Take an exception back: the time counts again. What came of a request is revoked there."""
        visitor = visitor_of(request)
        await door.did(visitor, "schedule_unexcepted", f"exception:{exception_id}")
        try:
            await door.desk.take_back(exception_id, visitor.staff.staff_id)
        except KeyError as error:
            raise HTTPException(404, "schedules.no_such_exception") from error
        return _refreshed()


def _refreshed() -> Response:
    return Response(status_code=204, headers={"HX-Refresh": "true"})
