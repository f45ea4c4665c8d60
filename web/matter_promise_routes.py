"""Promises to call back: whose they are, which are due, and what came of them."""

from dataclasses import replace

from fastapi import Request, Response

from desk.matter_codes import new_code
from desk.matters import Act, Matter, MatterKind, MatterRefused, Moved, WorkFilter
from desk.matters_callbacks import CallbackResult, told, was_told
from desk.matters_written import needs_notice, written_notice
from desk.promises import is_due, is_late, may_take, move_promise, zone_of
from domain.ids import new_id
from web.guard import visitor_of
from web.matter_call_routes import there
from web.matter_models import MatterDetail, PromiseList, Reminders, StepBody, VersionBody
from web.matter_port import MatterDoor
from web.matter_views import MatterWords
from web.matter_work_routes import MatterId, detail_of, keep, read_for_change
from web.permissions import Permission

TAGS = ["matters"]
MOST = 300
MOST_REMINDED = 100  # every agent's page asks each minute: more are shown on the page of promises alone
_PROMISES = frozenset({MatterKind.PROMISE})
_RESULTS = {"kept": CallbackResult.REACHED, "given_up": CallbackResult.NOT_REACHED}


def add_promise_routes(door: MatterDoor) -> None:
    """Add the promises."""
    _add_lists(door)
    _add_details(door)
    _add_steps(door)


def _mine(door: MatterDoor, staff_id: str, promise: Matter) -> bool:
    """Whether a promise is in somebody's list: theirs, or one that they may call."""
    now = door.shared.clock.now()
    rule = door.port.rules.promises.at(now)
    return promise.assignee == staff_id or may_take(rule, promise, staff_id, now)


async def _promises(door: MatterDoor, request: Request) -> PromiseList:
    visitor, now = visitor_of(request), door.shared.clock.now()
    await door.audit(visitor, "matters_listed", None, "promises", subject="matters:promises")
    found = await door.port.book.work(WorkFilter(_PROMISES, most=MOST))
    mine = [one for one in found if _mine(door, visitor.staff.staff_id, one)]
    rule = door.port.rules.promises.at(now)
    words, names = MatterWords(door, request, visitor), await door.names()
    due = [words.view(one, names) for one in mine if is_due(rule, one, now)]
    later = [words.view(one, names) for one in mine if not is_due(rule, one, now)]
    return PromiseList(due=due, later=later, at=now)


def _add_lists(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/promises", Permission.MATTER_OPEN, response_model=PromiseList, tags=TAGS)
    async def promise_list(request: Request) -> Response:
        """Return the visitor's promises and those that anyone may keep, due ones first."""
        return shared.render.reply(request, await _promises(door, request), "matters/promise_list.html")

    @shared.guard.get("/janji", Permission.MATTER_OPEN, include_in_schema=False)
    async def promise_page(request: Request) -> Response:
        """Show the promises."""
        found = await _promises(door, request)
        return shared.render.page(request, "matters/promises.html", model=found)

    @shared.guard.get("/api/desk/reminders", Permission.DESK_USE, response_model=Reminders, tags=TAGS)
    async def reminders(request: Request) -> Response:
        """Return how many promises wait for this agent now. Nothing of a taxpayer is in it."""
        me, now = visitor_of(request).staff.staff_id, shared.clock.now()
        rule = door.port.rules.promises.at(now)
        until = rule.reminds_until(now)
        soon = await door.port.book.work(WorkFilter(_PROMISES, due_until=until, most=MOST_REMINDED))
        mine = [one for one in soon if _mine(door, me, one)]
        later = await door.port.book.work(WorkFilter(_PROMISES, assignee=me, most=MOST_REMINDED))
        coming = [one.due_at for one in later if one.due_at is not None and one.due_at > until]
        found = Reminders(
            due=len(mine),
            late=sum(is_late(rule, one, now) for one in mine),
            next_at=min(coming, default=None),
        )
        return shared.render.reply(request, found, "matters/reminders.html")


def _add_details(door: MatterDoor) -> None:
    shared = door.shared

    async def seen(request: Request, matter_id: str) -> MatterDetail:
        visitor, promise = visitor_of(request), await _promise(door, matter_id)
        door.check_work(visitor, promise)
        await door.audit(visitor, "matter_viewed", promise, "promises")
        return await detail_of(door, request, promise)

    @shared.guard.get(
        "/api/promises/{matter_id}", Permission.MATTER_OPEN, response_model=MatterDetail, tags=TAGS
    )
    async def promise_detail(request: Request, matter_id: MatterId) -> Response:
        """Return a promise with whom to call and about what."""
        return shared.render.reply(request, await seen(request, matter_id), "matters/detail.html")

    @shared.guard.get("/janji/{matter_id}", Permission.MATTER_OPEN, include_in_schema=False)
    async def one_promise_page(request: Request, matter_id: MatterId) -> Response:
        """Show a promise."""
        return shared.render.page(request, "matters/matter.html", model=await seen(request, matter_id))


def _add_steps(door: MatterDoor) -> None:
    shared, rules = door.shared, door.port.rules

    @shared.guard.post(
        "/api/promises/{matter_id}/take", Permission.MATTER_OPEN, response_model=MatterDetail, tags=TAGS
    )
    async def take_promise(request: Request, matter_id: MatterId, body: VersionBody) -> Response:
        """Take a promise to call now. Of two who take it one gets 409."""
        await _promise(door, matter_id)
        visitor, promise = await read_for_change(door, request, matter_id, body.version)
        act = Act(visitor.staff.staff_id, shared.clock.now())
        moved = move_promise(rules.promises, rules.calendar, promise, "take", act)
        return await keep(door, request, visitor, moved)

    @shared.guard.post(
        "/api/promises/{matter_id}/step", Permission.MATTER_OPEN, response_model=MatterDetail, tags=TAGS
    )
    async def step_promise(request: Request, matter_id: MatterId, body: StepBody) -> Response:
        """Say what came of a call, or promise another time."""
        await _promise(door, matter_id)
        visitor, promise = await read_for_change(door, request, matter_id, body.version)
        if body.event == "take":
            raise MatterRefused("not_possible")
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        again = None
        if body.day is not None and body.clock is not None:
            again = there(zone_of(promise), body.day, body.clock)
        moved = move_promise(rules.promises, rules.calendar, promise, body.event, act, again)
        return await keep(door, request, visitor, moved, *await _of_case(door, moved, act))


async def _of_case(door: MatterDoor, moved: Moved, act: Act) -> list[Moved]:
    """Return what a case's trail says once its result was told or is given up, and then the letter."""
    promise, rules = moved.matter, door.port.rules
    result = _RESULTS.get(promise.state)
    if result is None or not promise.parent:
        return []
    parent = await door.matter(promise.parent)
    if not needs_notice(parent) or parent.closed_at is None:
        return []
    act = replace(act, note="")
    noted = told(parent, result, "", act)
    if was_told(result):
        return [noted]
    new = new_id(), new_code()
    return [noted, written_notice(rules.cases, rules.calendar, parent, promise, "", *new, act)]


async def _promise(door: MatterDoor, matter_id: str) -> Matter:
    promise = await door.matter(matter_id)
    if promise.kind is not MatterKind.PROMISE:
        raise MatterRefused("not_possible")
    return promise
