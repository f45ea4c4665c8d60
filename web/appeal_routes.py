"""Appeals: filing, the steps of agent, team leader and SPV PKL, and what each may see."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import Request, Response

from recording.quality.appeals import OVER, Act, Appeal, AppealQuery, AppealRefused, Contested, Place
from web.appeal_list_routes import add_list_routes
from web.appeal_models import (
    AppealList,
    AppealView,
    AssignBody,
    BlindRow,
    CompleteBody,
    ContestedBody,
    DecideBody,
    FileBody,
    HexId,
    ReviewBody,
    WithdrawBody,
)
from web.appeal_port import AppealDoor, AppealPort
from web.appeal_refusals import add_appeal_refusals
from web.appeal_views import AppealWords
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

TAGS = ["appeals"]
PAGE = 100
_SHOWN = timedelta(days=400)  # what is older is found by its score


def add_appeal_routes(shared: Shared, port: AppealPort) -> None:
    """Add the routes of appeals, and the refusals of all three areas."""
    door = AppealDoor(shared, port)
    add_appeal_refusals(shared)
    _add_lists(door)
    add_list_routes(door)
    _add_filing(door)
    _add_details(door)
    _add_own_steps(door)
    _add_deciding(door)


async def words_of(door: AppealDoor, request: Request) -> AppealWords:
    """Return what says appeals to the reader."""
    return AppealWords(door, door.language(request), visitor_of(request), await door.people())


def _query(visitor: Visitor, since: object) -> AppealQuery | None:
    """Return what of the list somebody may see; None: nothing."""
    query = {"most": PAGE + 1, "since": since}
    if visitor.reach(Permission.APPEAL_DECIDE) is None:
        if visitor.reach(Permission.REVIEW_WORK) is not None:
            query |= {"reviewer": visitor.staff.staff_id, "states": tuple(OVER)}
        else:
            match visitor.reach(Permission.SCORE_VIEW):
                case None:
                    return None
                case "own":
                    query |= {"agents": (visitor.staff.number or "-",)}
                case "team":
                    query |= {"team": visitor.staff.team or "-"}
    return AppealQuery(**query)  # type: ignore[arg-type]


async def _list(door: AppealDoor, request: Request) -> AppealList:
    visitor, words = visitor_of(request), await words_of(door, request)
    book, closed = door.port.desk.on.book, await door.restricted(visitor)
    hidden = await door.hidden(visitor) | closed
    await door.did(visitor, "appeals_listed", "appeals:list")
    query = _query(visitor, door.now() - _SHOWN)
    found = [] if query is None else list(await book.find(query))
    rows = [words.row(one) for one in found[:PAGE] if door.sees(visitor, one, hidden)]
    number = visitor.staff.number
    lists: Sequence[object] = ()
    if visitor.reach(Permission.APPEAL_DECIDE) is not None:
        lists = await book.lists()
    elif number and visitor.reach(Permission.APPEAL_FILE) is not None:
        lists = await book.lists((number,))
    return AppealList(
        appeals=sorted(rows, key=lambda one: not one.mine),
        contestable=[one for one in await words.contestable() if one.recording_id not in closed],
        blind=[one for one in await _blind(door, visitor, words) if one.recording_id not in closed],
        lists=[words.list(one) for one in lists],  # type: ignore[arg-type]
        more=len(found) > PAGE,
    )


async def _blind(door: AppealDoor, visitor: Visitor, words: AppealWords) -> list[BlindRow]:
    if visitor.reach(Permission.REVIEW_WORK) is None:
        return []
    me = visitor.staff.staff_id
    query = AppealQuery(scorer=me, states=("rescoring", "arbitration"))
    found = await door.port.desk.on.book.find(query)
    waits = [one for one in found if me == (one.rescorer if one.state == "rescoring" else one.arbiter)]
    return [words.blind(one) for one in reversed(waits)]


def _add_lists(door: AppealDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/appeals", Permission.SCORE_VIEW, response_model=AppealList, tags=TAGS)
    async def appeals(request: Request) -> Response:
        """Return what the visitor has to do with appeals, within their reach, newest first."""
        return shared.render.reply(request, await _list(door, request), "appeals/list.html")

    @shared.guard.get("/banding", Permission.SCORE_VIEW, include_in_schema=False)
    async def appeals_page(request: Request) -> Response:
        """Show the list."""
        return shared.render.page(request, "appeals/page.html", model=await _list(door, request))


def _add_filing(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.desk

    @shared.guard.get("/banding/baru/{score_id}", Permission.APPEAL_FILE, include_in_schema=False)
    async def filing_page(request: Request, score_id: HexId) -> Response:
        """Show the form by which an appeal is filed."""
        visitor, words = visitor_of(request), await words_of(door, request)
        score = await door.own_score(visitor, score_id)
        await door.did(visitor, "score_viewed", f"score:{score_id}", "appeal")
        form = await door.form(score.form, score.form_version)
        model = words.file(score, form, await desk.on.book.list_of(score_id))
        return shared.render.page(request, "appeals/new.html", model=model)

    @shared.guard.post(
        "/api/appeals", Permission.APPEAL_FILE, response_model=AppealView, status_code=201, tags=TAGS
    )
    async def file_appeal(request: Request, body: FileBody) -> Response:
        """File an appeal against one's own score; 409 if there is one, 422 when it is too late."""
        visitor, people = visitor_of(request), await door.people()
        score = await door.own_score(visitor, body.score_id)
        act = Act(visitor.staff.staff_id, door.now())
        await door.did(visitor, "appeal_filed", f"score:{body.score_id}", f"appeal:{body.appeal_id}")
        team = visitor.staff.team or people.team(score.agent)
        contested = [_contested(one) for one in body.contested]
        appeal = await desk.file(body.appeal_id, body.score_id, team, contested, act)
        return await _answer(door, request, appeal, 201)


def _contested(body: ContestedBody) -> Contested:
    places = tuple(Place(one.from_ms, one.until_ms) for one in body.places)
    return Contested(body.item, body.reason.strip(), places, body.evidence)


async def _answer(door: AppealDoor, request: Request, appeal: Appeal, status: int = 200) -> Response:
    """Answer with the appeal as it is now; a form that made a new one goes to its page."""
    view = await (await words_of(door, request)).view(appeal)
    answer = door.shared.render.reply(request, view, "appeals/detail.html", status)
    if status == 201:
        answer.headers["HX-Redirect"] = f"/banding/{appeal.appeal_id}"
    return answer


def _add_details(door: AppealDoor) -> None:
    shared = door.shared

    async def seen(request: Request, appeal_id: str) -> AppealView:
        appeal = await door.appeal(request, appeal_id)
        why = f"appeal:{appeal.appeal_id}"
        await door.did(visitor_of(request), "appeal_viewed", f"score:{appeal.score_id}", why)
        return await (await words_of(door, request)).view(appeal)

    @shared.guard.get("/api/appeals/{appeal_id}", Permission.SCORE_VIEW, response_model=AppealView, tags=TAGS)
    async def appeal_detail(request: Request, appeal_id: HexId) -> Response:
        """Return an appeal with its reasons, its trail, and what the visitor may do."""
        return shared.render.reply(request, await seen(request, appeal_id), "appeals/detail.html")

    @shared.guard.get("/banding/{appeal_id}", Permission.SCORE_VIEW, include_in_schema=False)
    async def appeal_page(request: Request, appeal_id: HexId) -> Response:
        """Show an appeal."""
        return shared.render.page(request, "appeals/one.html", model=await seen(request, appeal_id))


def _add_own_steps(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.desk

    @shared.guard.post(
        "/api/appeals/{appeal_id}/withdraw", Permission.APPEAL_FILE, response_model=AppealView, tags=TAGS
    )
    async def withdraw_appeal(request: Request, appeal_id: HexId, body: WithdrawBody) -> Response:
        """Take one's own appeal back, before the call is scored anew."""
        visitor, appeal = await door.to_change(request, appeal_id, body.version, Permission.APPEAL_FILE)
        await _did(door, visitor, appeal, "withdraw")
        act = Act(visitor.staff.staff_id, door.now(), body.note)
        return await _answer(door, request, await desk.move(appeal, "withdraw", act))

    @shared.guard.post(
        "/api/appeals/{appeal_id}/complete", Permission.APPEAL_FILE, response_model=AppealView, tags=TAGS
    )
    async def complete_appeal(request: Request, appeal_id: HexId, body: CompleteBody) -> Response:
        """Make one's own appeal clearer after the team leader sent it back."""
        visitor, appeal = await door.to_change(request, appeal_id, body.version, Permission.APPEAL_FILE)
        await _did(door, visitor, appeal, "complete")
        contested = [_contested(one) for one in body.contested]
        act = Act(visitor.staff.staff_id, door.now())
        return await _answer(door, request, await desk.complete(appeal, contested, act))

    @shared.guard.post(
        "/api/appeals/{appeal_id}/review", Permission.APPEAL_APPROVE, response_model=AppealView, tags=TAGS
    )
    async def review_appeal(request: Request, appeal_id: HexId, body: ReviewBody) -> Response:
        """Take the team leader's step."""
        visitor, appeal = await door.to_change(request, appeal_id, body.version, Permission.APPEAL_APPROVE)
        if appeal.state != "filed":
            raise AppealRefused("not_possible")
        await _did(door, visitor, appeal, body.event)
        act = Act(visitor.staff.staff_id, door.now(), body.note)
        return await _answer(door, request, await desk.move(appeal, body.event, act))


def _add_deciding(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.desk

    @shared.guard.post(
        "/api/appeals/{appeal_id}/decide", Permission.APPEAL_DECIDE, response_model=AppealView, tags=TAGS
    )
    async def decide_appeal(request: Request, appeal_id: HexId, body: DecideBody) -> Response:
        """Take the step of SPV PKL: have the call scored anew, settle it by evidence, or refuse it."""
        visitor, appeal = await door.to_change(request, appeal_id, body.version, Permission.APPEAL_DECIDE)
        if appeal.state != "endorsed":
            raise AppealRefused("not_possible")
        await _did(door, visitor, appeal, body.event)
        act = Act(visitor.staff.staff_id, door.now(), body.note)
        if body.event == "reject":
            return await _answer(door, request, await desk.move(appeal, "reject", act))
        return await _answer(door, request, await desk.approve(appeal, body.verified, body.rescorer, act))

    @shared.guard.post(
        "/api/appeals/{appeal_id}/assign", Permission.APPEAL_DECIDE, response_model=AppealView, tags=TAGS
    )
    async def assign_appeal(request: Request, appeal_id: HexId, body: AssignBody) -> Response:
        """Name the arbiter, or give the blind score to somebody else."""
        visitor, appeal = await door.to_change(request, appeal_id, body.version, Permission.APPEAL_DECIDE)
        await _did(door, visitor, appeal, "assign")
        changed = await desk.assign(appeal, body.to, Act(visitor.staff.staff_id, door.now()))
        if changed.recording_id in await door.hidden(visitor):  # the visitor is the arbiter now
            return Response(status_code=204, headers={"HX-Redirect": "/banding"})
        return await _answer(door, request, changed)


async def _did(door: AppealDoor, visitor: Visitor, appeal: Appeal, event: str) -> None:
    why = f"appeal:{appeal.appeal_id}"
    await door.did(visitor, f"appeal_{event}", f"score:{appeal.score_id}", why)
