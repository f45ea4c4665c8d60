"""Calibration: rounds, blind scores by several reviewers, agreement, and what was said of it."""

import re

from fastapi import HTTPException, Request, Response

from desk.working_days import office_day
from domain.ids import new_id
from recording.ports import RecordingsUnavailable
from recording.quality.calibration import CalibrationRefused, Remark, Round, open_round
from recording.quality.forms import FORMS
from web.appeal_models import ChoiceView, HexId
from web.appeal_port import AppealDoor, AppealPort
from web.calibration_models import RemarkBody, RoundBody, RoundList, RoundView
from web.calibration_views import RoundWords
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission

TAGS = ["calibration"]
_ID = re.compile("[0-9a-f]{32}")


def add_calibration_routes(shared: Shared, port: AppealPort) -> None:
    """Add the routes; what they refuse is answered by `add_appeal_routes`."""
    door = AppealDoor(shared, port)
    _add_rounds(door)
    _add_opening(door)
    _add_round(door)


async def _words(door: AppealDoor, request: Request) -> RoundWords:
    return RoundWords(door, door.language(request), visitor_of(request), await door.people())


async def _list(door: AppealDoor, request: Request) -> RoundList:
    """Return the rounds that somebody is in; who plans reviews sees all."""
    visitor, words = visitor_of(request), await _words(door, request)
    leads = visitor.reach(Permission.REVIEW_PLAN) is not None
    await door.did(visitor, "calibrations_listed", "calibration:list")
    me, rounds = visitor.staff.staff_id, await door.port.rounds.all()
    able = await door.port.desk.on.people.reviewers() if leads else ()
    return RoundList(
        rounds=[words.row(one) for one in rounds if leads or me in one.reviewers],
        forms=[ChoiceView(value=name, words=words.say(f"appeals_form.{name}")) for name in FORMS],
        reviewers=[ChoiceView(value=one.staff_id, words=one.name) for one in able],
    )


def _add_rounds(door: AppealDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/calibrations", Permission.REVIEW_WORK, response_model=RoundList, tags=TAGS)
    async def calibrations(request: Request) -> Response:
        """Return the rounds of calibration, open ones in front."""
        return shared.render.reply(request, await _list(door, request), "appeals/calibration_list.html")

    @shared.guard.get("/kalibrasi", Permission.REVIEW_WORK, include_in_schema=False)
    async def calibrations_page(request: Request) -> Response:
        """Show them."""
        model = await _list(door, request)
        return shared.render.page(request, "appeals/calibration_page.html", model=model)


def _add_opening(door: AppealDoor) -> None:
    shared, port = door.shared, door.port

    @shared.guard.post(
        "/api/calibrations", Permission.REVIEW_PLAN, response_model=RoundView, status_code=201, tags=TAGS
    )
    async def open_calibration(request: Request, body: RoundBody) -> Response:
        """Open a round: these reviewers score these recordings blind, under today's form."""
        visitor = visitor_of(request)
        made = await _round(door, body, visitor.staff.staff_id)
        await door.did(visitor, "calibration_opened", f"calibration:{made.round_id}")
        await port.rounds.open(made)
        words = await _words(door, request)
        form = await door.form(made.form, made.form_version)
        view = await words.view(made, form, ())
        answer = shared.render.reply(request, view, "appeals/calibration_one.html", 201)
        answer.headers["HX-Redirect"] = f"/kalibrasi/{made.round_id}"
        return answer


async def _round(door: AppealDoor, body: RoundBody, who: str) -> Round:
    """Return the round that was asked for. Raises CalibrationRefused."""
    port, now = door.port, door.now()
    today = office_day(now)
    if body.due_on < today:
        raise CalibrationRefused("days", "due_on")
    able = {one.staff_id for one in await port.desk.on.people.reviewers()}
    if not set(body.reviewers) <= able:
        raise CalibrationRefused("no_choice", "reviewers")
    for recording in body.recordings:
        try:
            known = bool(_ID.fullmatch(recording)) and await port.recordings.get(recording) is not None
        except RecordingsUnavailable as error:
            raise HTTPException(503, "appeals.unavailable") from error
        if not known:
            raise CalibrationRefused("no_such_recording", "recordings")
    try:
        form = await port.forms.for_day(body.form, today)
    except KeyError as error:
        raise CalibrationRefused("no_choice", "form") from error
    made = Round(
        new_id(), body.title.strip(), form.name, form.version, who, now, body.due_on,
        tuple(body.recordings), tuple(body.reviewers),
    )  # fmt: skip
    return open_round(made)


async def _read(door: AppealDoor, request: Request, round_id: str) -> Round:
    """Return a round that the visitor is in, or plans. Raises HTTPException 404, the same for no right."""
    visitor = visitor_of(request)
    try:
        found = await door.port.rounds.get(round_id)
    except KeyError as error:
        raise HTTPException(404, "calibration.no_such_round") from error
    leads = visitor.reach(Permission.REVIEW_PLAN) is not None
    if not leads and visitor.staff.staff_id not in found.reviewers:
        await door.did(visitor, "calibration_viewed", f"calibration:{round_id}", "", "refused")
        raise HTTPException(404, "calibration.no_such_round")
    return found


async def _view(door: AppealDoor, request: Request, one: Round) -> RoundView:
    await door.did(visitor_of(request), "calibration_viewed", f"calibration:{one.round_id}")
    remarks = await door.port.rounds.remarks(one.round_id) if one.closed_at else ()
    form = await door.form(one.form, one.form_version)
    return await (await _words(door, request)).view(one, form, remarks)


def _add_round(door: AppealDoor) -> None:
    shared, rounds = door.shared, door.port.rounds

    @shared.guard.get(
        "/api/calibrations/{round_id}", Permission.REVIEW_WORK, response_model=RoundView, tags=TAGS
    )
    async def calibration(request: Request, round_id: HexId) -> Response:
        """Return a round; scores and agreement once it is closed."""
        view = await _view(door, request, await _read(door, request, round_id))
        return shared.render.reply(request, view, "appeals/calibration_one.html")

    @shared.guard.get("/kalibrasi/{round_id}", Permission.REVIEW_WORK, include_in_schema=False)
    async def calibration_page(request: Request, round_id: HexId) -> Response:
        """Show a round."""
        view = await _view(door, request, await _read(door, request, round_id))
        return shared.render.page(request, "appeals/calibration_one_page.html", model=view)

    @shared.guard.post(
        "/api/calibrations/{round_id}/close", Permission.REVIEW_PLAN, response_model=RoundView, tags=TAGS
    )
    async def close_calibration(request: Request, round_id: HexId) -> Response:
        """Close a round: everybody in it sees all scores and how far they agree."""
        visitor, one = visitor_of(request), await _read(door, request, round_id)
        await door.did(visitor, "calibration_closed", f"calibration:{round_id}")
        await rounds.close(one.round_id, visitor.staff.staff_id, door.now())
        view = await _view(door, request, await rounds.get(round_id))
        return shared.render.reply(request, view, "appeals/calibration_one.html")

    @shared.guard.post(
        "/api/calibrations/{round_id}/remarks", Permission.REVIEW_WORK, response_model=RoundView, tags=TAGS
    )
    async def remark_calibration(request: Request, round_id: HexId, body: RemarkBody) -> Response:
        """Note what was said of a closed round."""
        visitor, one = visitor_of(request), await _read(door, request, round_id)
        if one.closed_at is None:
            raise CalibrationRefused("not_possible")
        if body.recording_id and body.recording_id not in one.recordings:
            raise CalibrationRefused("no_choice", "recording_id")
        await door.did(visitor, "calibration_remarked", f"calibration:{round_id}")
        text = body.text.strip()
        await rounds.remark(
            Remark(round_id, 0, door.now(), visitor.staff.staff_id, text, body.recording_id, body.item)
        )
        view = await _view(door, request, one)
        return shared.render.reply(request, view, "appeals/calibration_one.html")
