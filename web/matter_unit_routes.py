"""Complaints for units outside KLIP: what waits for them, what they answer, and their own steps.

A complaint that does not concern a unit does not exist for its people: 404, on the audit trail.
"""

from datetime import date, timedelta

from fastapi import HTTPException, Request, Response

from desk.complaint_referrals import answer, check_answered
from desk.complaint_units import (
    Unit,
    asked_of,
    by_itself,
    concerns,
    may_do,
    own_unit,
    step_unit,
    theirs,
    withheld,
)
from desk.matters import Act, Matter, MatterChanged, MatterRefused, Moved
from desk.matters_statistics import Story
from desk.working_days import office_day
from web.guard import visitor_of
from web.matter_models import StepBody
from web.matter_office_models import AnswerBody
from web.matter_port import MatterDoor
from web.matter_unit_models import UnitDetail, UnitList, UnitRow
from web.matter_views import MatterWords
from web.matter_work_routes import TAGS, MatterId, move_on
from web.permissions import Permission
from web.visitor import Visitor

_AT_ONCE = 1000
_EVER = timedelta(days=3660)  # no clock of a complaint ends later


def add_unit_routes(door: MatterDoor) -> None:
    """Add the routes."""
    _add_list(door)
    _add_detail(door)
    _add_acts(door)


def _unit(door: MatterDoor, visitor: Visitor) -> Unit | None:
    return own_unit(door.port.rules.work.at(door.shared.clock.now()), visitor.staff.team)


# ---- What waits for the unit


async def _waiting(door: MatterDoor, unit: Unit) -> list[tuple[Matter, int, bool]]:
    """Return the open complaints that wait for a unit: how many answers, and whether their step is its."""
    watch, complaints = door.port.office.watch, door.port.rules.complaints
    found: dict[str, tuple[Matter, int, bool]] = {}
    until, after = office_day(door.shared.clock.now()) + _EVER, ""
    while page := await _clocks(door, until, after):
        for one in page:
            if step_unit(complaints, one) == unit:
                found[one.matter_id] = (one, 0, True)
        after = page[-1].matter_id
    after, stories = "", list[Story]()
    while more := await watch.disposed(after, _AT_ONCE):
        stories += more
        after = more[-1].matter.matter_id
    for story in stories:
        asked = sum(one.open for one in asked_of(story.trail, unit))
        if asked:
            _, _, step = found.get(story.matter.matter_id, (story.matter, 0, False))
            found[story.matter.matter_id] = (story.matter, asked, step)
    return sorted(found.values(), key=lambda one: (one[0].due_on or date.max, one[0].matter_id))


async def _clocks(door: MatterDoor, until: date, after: str) -> list[Matter]:
    return list(await door.port.office.watch.clocks(until, after, _AT_ONCE))


async def _list(door: MatterDoor, request: Request) -> UnitList:
    visitor = visitor_of(request)
    await door.audit(visitor, "matters_listed", None, "unit", subject="matters:unit")
    unit, words = _unit(door, visitor), MatterWords(door, request, visitor)
    if unit is None:
        return UnitList(unit="", complaints=[])
    found = await _waiting(door, unit)
    rows = [UnitRow(matter=words.view(one), asked=asked, step=step) for one, asked, step in found]
    return UnitList(unit=words.unit(unit.name, unit.which), complaints=rows)


def _add_list(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/unit-complaints", Permission.MATTER_UNIT, response_model=UnitList, tags=TAGS)
    async def unit_complaints(request: Request) -> Response:
        """Return the complaints that wait for the visitor's unit, due first; without what was said."""
        return shared.render.reply(request, await _list(door, request), "matters/unit_list.html")

    @shared.guard.get("/pengaduan-unit", Permission.MATTER_UNIT, include_in_schema=False)
    async def unit_page(request: Request) -> Response:
        """Show them."""
        return shared.render.page(request, "matters/unit.html", model=await _list(door, request))


# ---- One complaint


async def _read(door: MatterDoor, request: Request, matter_id: str) -> tuple[Visitor, Unit, Matter]:
    """Return a complaint that concerns the visitor's unit. Raises HTTPException 404, on record."""
    visitor = visitor_of(request)
    unit, complaint = _unit(door, visitor), await door.matter(matter_id)
    trail = await door.port.book.trail(matter_id)
    if unit is None or not concerns(door.port.rules.complaints, complaint, trail, unit):
        await door.audit(visitor, "matter_viewed", complaint, "unit", "refused")
        raise HTTPException(404, "matters.no_such_matter")
    return visitor, unit, complaint


async def _view(door: MatterDoor, request: Request, unit: Unit, complaint: Matter) -> UnitDetail:
    """Return a complaint as a unit sees it. To be called after the view is on the audit trail."""
    words = MatterWords(door, request, visitor_of(request))
    trail = await door.port.book.trail(complaint.matter_id)
    workers = await door.port.workers.workers()
    whole = words.detail(complaint, trail, workers, may_assign=False)
    step = step_unit(door.port.rules.complaints, complaint) == unit
    mine = {one.number for one in asked_of(trail, unit)}
    hidden = withheld(door.port.rules.work.at(door.shared.clock.now()), unit)
    shown = {event.number for event in (theirs(trail, unit) if hidden else trail)}
    detail = whole.model_copy(
        update={
            "said": [one for one in whole.said if one.name not in hidden],
            "trail": [row for row in whole.trail if row.number in shown],
            "events": [event for event in whole.events if step and may_do(event.name)],
            "dispositions": whole.dispositions if step else [],
            "referrals": [one for one in whole.referrals if one.number in mine],
            "lacking": [],
            "workers": [],
        }
    )
    name = words.unit(unit.name, unit.which)
    return UnitDetail(unit=name, detail=detail, step=step, withheld=bool(hidden))


def _add_detail(door: MatterDoor) -> None:
    shared = door.shared

    async def seen(request: Request, matter_id: str) -> UnitDetail:
        visitor, unit, complaint = await _read(door, request, matter_id)
        await door.audit(visitor, "matter_viewed", complaint, "unit")
        return await _view(door, request, unit, complaint)

    @shared.guard.get(
        "/api/unit-complaints/{matter_id}", Permission.MATTER_UNIT, response_model=UnitDetail, tags=TAGS
    )
    async def unit_complaint(request: Request, matter_id: MatterId) -> Response:
        """Return a complaint as the visitor's unit sees it, and what the unit may do."""
        return shared.render.reply(request, await seen(request, matter_id), "matters/unit_detail.html")

    @shared.guard.get("/pengaduan-unit/{matter_id}", Permission.MATTER_UNIT, include_in_schema=False)
    async def unit_complaint_page(request: Request, matter_id: MatterId) -> Response:
        """Show it."""
        return shared.render.page(request, "matters/unit_one.html", model=await seen(request, matter_id))


# ---- What the unit does


def _add_acts(door: MatterDoor) -> None:
    shared = door.shared

    async def keep(request: Request, visitor: Visitor, unit: Unit, moved: Moved) -> Response:
        moved = by_itself(moved, unit)
        await door.audit(visitor, f"matter_{moved.event.what}", moved.matter, "unit")
        complaint = await door.port.book.change(moved)
        return shared.render.reply(
            request, await _view(door, request, unit, complaint), "matters/unit_detail.html"
        )

    @shared.guard.post(
        "/api/unit-complaints/{matter_id}/referrals/{number}/answer",
        Permission.MATTER_UNIT,
        response_model=UnitDetail,
        tags=TAGS,
    )
    async def unit_answers(request: Request, matter_id: MatterId, number: int, body: AnswerBody) -> Response:
        """Answer a disposition to the visitor's unit; 409 if somebody else changed the complaint."""
        visitor, unit, complaint = await _read(door, request, matter_id)
        _check_version(complaint, body.version)
        trail = await door.port.book.trail(matter_id)
        if number not in {one.number for one in asked_of(trail, unit)}:
            raise MatterRefused("not_waited_for")
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        return await keep(request, visitor, unit, answer(complaint, trail, number, act))

    @shared.guard.post(
        "/api/unit-complaints/{matter_id}/step",
        Permission.MATTER_UNIT,
        response_model=UnitDetail,
        tags=TAGS,
    )
    async def unit_steps(request: Request, matter_id: MatterId, body: StepBody) -> Response:
        """Do a step that is the visitor's unit's; at the distribution, name the reported unit."""
        visitor, unit, complaint = await _read(door, request, matter_id)
        _check_version(complaint, body.version)
        if step_unit(door.port.rules.complaints, complaint) != unit or not may_do(body.event):
            raise MatterRefused("not_possible")
        if body.event == "close":
            check_answered(await door.port.book.trail(matter_id))
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        return await keep(request, visitor, unit, move_on(door, complaint, body, act))


def _check_version(complaint: Matter, version: int) -> None:
    if complaint.version != version:
        raise MatterChanged
