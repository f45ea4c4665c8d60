"""Work on cases, complaints and requests: lists, details, steps, assignments; and finding one by its code."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response

from desk.cases import move_case
from desk.complaint_referrals import check_answered
from desk.complaint_units import sent_on
from desk.complaints import REOPEN, complete, give_to, move_complaint
from desk.matter_codes import CodeProblem, new_code, read_code
from desk.matters import Act, Matter, MatterChanged, MatterKind, MatterRefused, Moved
from desk.matters_assignment import Choice
from desk.matters_desk import assigned
from desk.matters_written import is_notice
from desk.promises import promise_result
from desk.requests import move_request
from desk.spelling import NoCode
from domain.ids import new_id
from domain.staff import Reach
from web.guard import visitor_of
from web.matter_models import (
    AssignBody,
    CompleteBody,
    FindBody,
    FoundMatter,
    Kinds,
    MatterDetail,
    StepBody,
    VersionBody,
    WorkList,
)
from web.matter_port import WORK_KINDS, MatterDoor
from web.matter_views import MatterWords
from web.permissions import Permission
from web.visitor import Visitor

TAGS = ["matters"]
PAGE = 100
MatterId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_TELLS = frozenset({"finish", "refuse"})


def add_work_routes(door: MatterDoor) -> None:
    """Add what is asked outside a call."""
    _add_lists(door)
    _add_details(door)
    _add_steps(door)
    _add_assignment(door)
    _add_finding(door)


async def _list(
    door: MatterDoor, request: Request, kind: Kinds | None, whose: str, *, closed: bool
) -> WorkList:
    visitor = visitor_of(request)
    assignee = {"mine": visitor.staff.staff_id, "nobody": ""}.get(whose)
    kinds = WORK_KINDS if kind is None else frozenset({MatterKind(kind)}) & WORK_KINDS
    wanted = door.filter(visitor, kinds=kinds, assignee=assignee, closed=closed, most=PAGE + 1)
    await door.audit(visitor, "matters_listed", None, "work_list", subject="matters:list")
    found = [] if wanted is None else list(await door.port.book.work(wanted))
    words, names = MatterWords(door, request, visitor), await door.names()
    views = [words.view(one, names) for one in found[:PAGE]]
    return WorkList(matters=views, more=len(found) > PAGE, kind=kind, whose=whose, closed=closed)


def _add_lists(door: MatterDoor) -> None:
    shared = door.shared
    whose_words = Query(pattern="^(all|mine|nobody)$")

    @shared.guard.get("/api/matters", Permission.MATTER_WORK, response_model=WorkList, tags=TAGS)
    async def work_list(
        request: Request,
        kind: Kinds | None = None,
        whose: Annotated[str, whose_words] = "all",
        closed: bool = False,
    ) -> Response:
        """Return the work within the visitor's reach, due first; without what was said."""
        found = await _list(door, request, kind, whose, closed=closed)
        return shared.render.reply(request, found, "matters/list.html")

    @shared.guard.get("/perkara", Permission.MATTER_WORK, include_in_schema=False)
    async def work_page(request: Request) -> Response:
        """Show the list of work."""
        found = await _list(door, request, None, "all", closed=False)
        return shared.render.page(request, "matters/work.html", model=found)


async def detail_of(door: MatterDoor, request: Request, matter: Matter) -> MatterDetail:
    """Return a matter with what was said. To be called after the view is on the audit trail."""
    visitor, book = visitor_of(request), door.port.book
    trail = await book.trail(matter.matter_id)
    workers = await door.port.workers.workers()
    may_assign = visitor.reach(Permission.MATTER_WORK) in (Reach.TEAM, Reach.ALL)
    of_call = await book.of_call(matter.call_id)  # what is to tell a result belongs to the same call
    told = [one for one in of_call if one.parent == matter.matter_id]
    promises = [(one, await book.trail(one.matter_id)) for one in told]
    words = MatterWords(door, request, visitor)
    return words.detail(matter, trail, workers, promises, may_assign=may_assign)


def _add_details(door: MatterDoor) -> None:
    shared = door.shared

    async def seen(request: Request, matter_id: str) -> MatterDetail:
        visitor, matter = visitor_of(request), await door.matter(matter_id)
        if not door.may_work(visitor, matter):
            await door.audit(visitor, "matter_viewed", matter, "work_list", "refused")
        door.check_work(visitor, matter)
        await door.audit(visitor, "matter_viewed", matter, "work_list")
        return await detail_of(door, request, matter)

    @shared.guard.get(
        "/api/matters/{matter_id}", Permission.MATTER_WORK, response_model=MatterDetail, tags=TAGS
    )
    async def matter_detail(request: Request, matter_id: MatterId) -> Response:
        """Return a matter with what was said, its trail, and what may be done."""
        return shared.render.reply(request, await seen(request, matter_id), "matters/detail.html")

    @shared.guard.get("/perkara/{matter_id}", Permission.MATTER_WORK, include_in_schema=False)
    async def matter_page(request: Request, matter_id: MatterId) -> Response:
        """Show a matter."""
        found = await seen(request, matter_id)
        return shared.render.page(request, "matters/matter.html", model=found)


async def read_for_change(
    door: MatterDoor, request: Request, matter_id: str, version: int
) -> tuple[Visitor, Matter]:
    """Return a matter that the visitor may change, as it was read. Raises HTTPException, MatterChanged."""
    visitor, matter = visitor_of(request), await door.matter(matter_id)
    if not door.may_work(visitor, matter):
        await door.audit(visitor, "matter_changed", matter, "work_list", "refused")
    door.check_work(visitor, matter)
    if matter.version != version:
        raise MatterChanged
    return visitor, matter


async def keep(door: MatterDoor, request: Request, visitor: Visitor, moved: Moved, *also: Moved) -> Response:
    """Keep a step that is on the audit trail, and answer with the matter as it is now."""
    await door.audit(visitor, f"matter_{moved.event.what}", moved.matter, "work_list")
    for one in also:
        act = "matter_opened" if one.is_new else f"matter_{one.event.what}"
        await door.audit(visitor, act, one.matter, f"{moved.matter.kind}:{moved.matter.matter_id}")
    matter = await door.port.book.change(moved, *also)
    return door.shared.render.reply(request, await detail_of(door, request, matter), "matters/detail.html")


def _move(door: MatterDoor, matter: Matter, body: StepBody, act: Act) -> Moved:
    rules = door.port.rules
    if matter.kind is MatterKind.CASE:
        return move_case(rules.calendar, matter, body.event, act)
    if matter.kind is MatterKind.REQUEST:
        return move_request(matter, body.event, act, body.accepted)
    return move_on(door, matter, body, act)


def move_on(door: MatterDoor, complaint: Matter, body: StepBody, act: Act) -> Moved:
    """Return a complaint after a step, which may name the reported unit. Raises MatterRefused."""
    rules = door.port.rules
    moved = move_complaint(rules.complaints, rules.calendar, complaint, body.event, act, body.disposition)
    return sent_on(rules.work.at(act.at), complaint, moved, body.to_unit, body.unit_name)


def _result(door: MatterDoor, before: Matter, moved: Moved, body: StepBody, act: Act) -> list[Moved]:
    """Return the promise to tell the result, if it is to be told by a callback.

    A case's result is told when it is done or refused, a complaint's outcome in its confirmation.
    """
    ends = before.kind is MatterKind.CASE and body.event in _TELLS and not is_notice(before)
    confirms = before.kind is MatterKind.COMPLAINT and moved.matter.state == "confirmation"
    if ends and body.tell is None:
        raise MatterRefused("missing", place="tell")
    if body.tell is not None and not (ends or confirms):
        raise MatterRefused("no_choice", place="tell")
    if body.tell != "callback":
        return []
    if not body.note.strip():  # it is what the agent reads in the call
        raise MatterRefused("missing", place="note")
    rules = door.port.rules
    return [promise_result(rules.promises, rules.calendar, moved.matter, new_id(), new_code(), act)]


async def _check_step(door: MatterDoor, visitor: Visitor, matter: Matter, event: str) -> None:
    """Raise MatterRefused or HTTPException where an event has another way, needs more, or comes too early."""
    if matter.kind is MatterKind.PROMISE or event in ("take", "assign"):
        raise MatterRefused("not_possible")
    if event == REOPEN and visitor.reach(Permission.MATTER_STEER) is None:
        raise HTTPException(403, "matters.not_yours")
    if matter.kind is MatterKind.COMPLAINT and event == "close":
        check_answered(await door.port.book.trail(matter.matter_id))


def _add_steps(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.post(
        "/api/matters/{matter_id}/take", Permission.MATTER_WORK, response_model=MatterDetail, tags=TAGS
    )
    async def take_matter(request: Request, matter_id: MatterId, body: VersionBody) -> Response:
        """Take a matter and begin."""
        visitor, matter = await read_for_change(door, request, matter_id, body.version)
        act = Act(visitor.staff.staff_id, shared.clock.now())
        if matter.kind is MatterKind.CASE:
            moved = move_case(door.port.rules.calendar, matter, "take", act)
        elif matter.kind is MatterKind.REQUEST:
            moved = move_request(matter, "take", act)
        elif matter.kind is MatterKind.COMPLAINT:
            moved = give_to(matter, act.who, act)
        else:
            raise MatterRefused("not_possible")
        return await keep(door, request, visitor, moved)

    @shared.guard.post(
        "/api/matters/{matter_id}/step", Permission.MATTER_WORK, response_model=MatterDetail, tags=TAGS
    )
    async def step_matter(request: Request, matter_id: MatterId, body: StepBody) -> Response:
        """Take a matter a step forward, back, or to its end; 409 if somebody else changed it."""
        visitor, matter = await read_for_change(door, request, matter_id, body.version)
        await _check_step(door, visitor, matter, body.event)
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        moved = _move(door, matter, body, act)
        return await keep(door, request, visitor, moved, *_result(door, matter, moved, body, act))

    @shared.guard.post(
        "/api/matters/{matter_id}/complete", Permission.MATTER_WORK, response_model=MatterDetail, tags=TAGS
    )
    async def complete_matter(request: Request, matter_id: MatterId, body: CompleteBody) -> Response:
        """Fill in more of what a complaint says."""
        visitor, matter = await read_for_change(door, request, matter_id, body.version)
        if matter.kind is not MatterKind.COMPLAINT:
            raise MatterRefused("not_possible")
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        moved = complete(door.port.rules.complaints, matter, body.fields, act)
        return await keep(door, request, visitor, moved)


def _add_assignment(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.post(
        "/api/matters/{matter_id}/assign", Permission.MATTER_WORK, response_model=MatterDetail, tags=TAGS
    )
    async def assign_matter(request: Request, matter_id: MatterId, body: AssignBody) -> Response:
        """Give a matter to somebody of its cluster, or to who has least to do."""
        visitor, matter = await read_for_change(door, request, matter_id, body.version)
        if visitor.reach(Permission.MATTER_WORK) is Reach.OWN:
            raise HTTPException(403, "matters.not_yours")
        if matter.kind is MatterKind.PROMISE:
            raise MatterRefused("not_possible")
        act = Act(visitor.staff.staff_id, shared.clock.now(), body.note)
        choice = await _choice(door, visitor, matter, body.to)
        return await keep(door, request, visitor, assigned(door.port.rules, matter, choice, act))


async def _choice(door: MatterDoor, visitor: Visitor, matter: Matter, to: str) -> Choice:
    """Return who gets a matter, and why. Who reaches a team gives work to that team alone."""
    workers = await door.port.workers.workers()
    if visitor.reach(Permission.MATTER_WORK) is Reach.TEAM:
        workers = [worker for worker in workers if worker.team == visitor.staff.team]
    if not to:
        return await door.port.office.desk.choice(matter, workers)
    for worker in workers:
        if worker.staff_id == to and matter.cluster in worker.clusters:
            return Choice(worker, None, ())
    raise MatterRefused("no_choice", place="to")


def _add_finding(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.post("/api/matters/find", Permission.MATTER_WORK, response_model=FoundMatter, tags=TAGS)
    async def find_matter(request: Request, body: FindBody) -> Response:
        """Return how the matter with a code stands; a caller rings back with it."""
        visitor = visitor_of(request)
        code = _code(door, body.code)
        matter = await door.port.book.by_code(code)
        outcome = "done" if matter is not None else "not_matched"
        await door.audit(visitor, "matter_found", matter, "code", outcome, "matters:code")
        if matter is None:
            raise HTTPException(404, "matters.code_unknown")
        view = MatterWords(door, request, visitor).view(matter)
        found = FoundMatter(matter=view, may_open=door.may_work(visitor, matter))
        return shared.render.reply(request, found, "matters/found.html")


def _code(door: MatterDoor, text: str) -> str:
    """Return the code in what was typed: its letters, or the words that spell them."""
    problems: Mapping[str, str] = {"length": "code_length", "letter": "code_letter", "check": "code_check"}
    try:
        return read_code(text)
    except CodeProblem as problem:
        try:
            return read_code(door.port.spelling.heard(text).code)
        except (NoCode, CodeProblem):
            raise MatterRefused(problems[problem.word], place="code") from problem
