"""The piece of the review page that scores: the form with its draft, or what was scored.

Whoever scores a call anew or for a calibration sees no other score of it here, nor by the other addresses.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from recording.quality.scores import (
    AlreadyScored,
    Kind,
    Score,
    ScoreClosed,
    ScoreQuery,
    ScoreState,
)
from recording.recordings import Recording
from web.guard import visitor_of
from web.permissions import Permission
from web.score_desk import FINAL, NO_SCORE, People, ScoreDesk, kept, readable
from web.score_giving import Chosen, Giving, NotToBeScored, worth
from web.score_models import (
    HEX_ID,
    DraftConflict,
    DraftView,
    EvaluateBody,
    PieceView,
    ResultView,
    SafeKey,
    ScoreBody,
    ScoreView,
)
from web.score_views import given_views

_TAGS = ["scores"]
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": DraftConflict, "description": "Changed meanwhile"}
}
_RecordingId = Annotated[str, Path(pattern=HEX_ID)]
_ScoreId = Annotated[str, Path(pattern=HEX_ID)]
_Refusal = Literal["changed", "closed", "taken"]


def add_piece_routes(desk: ScoreDesk) -> None:
    """Add the routes."""
    giving = Giving(desk)
    _add_piece(desk, giving)
    _add_worth(desk)
    _add_drafts(desk, giving)
    _add_end(desk, giving)


def _add_piece(desk: ScoreDesk, giving: Giving) -> None:
    shared = desk.shared

    @shared.guard.get("/rekaman/{recording_id}/penilaian", Permission.SCORE_VIEW, include_in_schema=False)
    async def score_piece(
        request: Request,
        recording_id: _RecordingId,
        orang: Annotated[int | None, Query(ge=0, le=50)] = None,
        formulir: Annotated[str, Query(pattern=r"^[a-z]{0,16}$")] = "",
        versi: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        coba: Annotated[bool, Query()] = False,
    ) -> Response:
        """Show what was scored of a recording, and the form where the reader may score."""
        chosen = Chosen(orang, formulir, versi, coba)
        model = await _piece(desk, giving, request, recording_id, chosen)
        return shared.render.page(request, "scores/piece.html", model=model)

    @shared.guard.get(
        "/api/recordings/{recording_id}/scores", Permission.SCORE_VIEW, response_model=PieceView, tags=_TAGS
    )
    async def recording_scores(request: Request, recording_id: _RecordingId) -> PieceView:
        """Return what was scored of a recording, and the form where the reader may score."""
        return await _piece(desk, giving, request, recording_id, Chosen())


async def _piece(
    desk: ScoreDesk, giving: Giving, request: Request, recording_id: str, chosen: Chosen
) -> PieceView:
    visitor, people = visitor_of(request), await desk.people()
    recording = await desk.recording(visitor, recording_id)
    agents = await desk.agents(recording)
    if not any(visitor.covers(Permission.SCORE_VIEW, one, people.of(one).team) for one in agents):
        raise HTTPException(404, "scores.no_such_recording")
    scoring, draft, why_not, left = None, None, "", ""
    try:
        task = await giving.task(visitor, recording, chosen, people)
    except NotToBeScored as error:
        why_not = error.word
        mine = await giving.left(visitor, recording.recording_id)
        left = next((one.score_id for one in mine if one.kind is Kind.REVIEW), "")
    else:
        scoring, draft = await giving.scoring(request, task, chosen, people)
    hidden = await desk.hidden(visitor)
    blind = recording.recording_id in hidden or (scoring is not None and scoring.kind in _BLIND)
    if blind:
        hidden |= {recording.recording_id}
    finals = await _finals(desk, request, recording, people, hidden)
    if draft is not None:
        why = f"recording:{recording.recording_id}"
        await desk.did(visitor, "score_draft_viewed", f"score:{draft.score_id}", why)
    return PieceView(
        recording_id=recording.recording_id,
        blind=blind,
        finals=finals,
        scoring=scoring,
        why_not=why_not if visitor.reach(Permission.REVIEW_WORK) is not None else "",
        mine_left=left,
    )


_BLIND = (Kind.RESCORE, Kind.ARBITER, Kind.CALIBRATION)


async def _finals(
    desk: ScoreDesk, request: Request, recording: Recording, people: People, hidden: frozenset[str]
) -> list[ScoreView]:
    """Return the final scores that the reader may see; the trail is told first."""
    visitor = visitor_of(request)
    query = ScoreQuery(recording_id=recording.recording_id, kinds=tuple(Kind), states=FINAL)
    found = [
        one for one in await kept(desk.port.scores.find(query)) if readable(visitor, one, people, hidden)
    ]
    await desk.viewed(visitor, found)
    return [await desk.view(request, visitor, one, people) for one in found]


def _add_worth(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.post("/api/scores/evaluate", Permission.REVIEW_WORK, response_model=ResultView, tags=_TAGS)
    async def evaluate_score(request: Request, body: EvaluateBody) -> ResultView:
        """Return what answers are worth under a form, line by line. Nothing is kept."""
        form, answers = await desk.form(body.form, body.form_version), body.given()
        result = worth(form, answers, body.facts, body.kind)
        return desk.words(request).result(form, result, answers)

    @shared.guard.get("/api/scores/safe", Permission.REVIEW_WORK, response_model=SafeKey, tags=_TAGS)
    async def score_safe(request: Request, response: Response) -> SafeKey:
        """Return the key with which this session's pages seal what they could not send yet.

        It is given to a living session only: what a browser kept cannot be read once the session is over.
        """
        response.headers["Cache-Control"] = "no-store"
        return SafeKey(key=desk.port.safe_key(visitor_of(request).session_id))


def _add_drafts(desk: ScoreDesk, giving: Giving) -> None:
    shared, scores = desk.shared, desk.port.scores
    path = "/api/scores/{score_id}/draft"

    @shared.guard.route(
        "PUT", path, Permission.REVIEW_WORK, response_model=DraftView, responses=_CONFLICT, tags=_TAGS
    )
    async def keep_score_draft(request: Request, score_id: _ScoreId, body: ScoreBody) -> Any:
        """Keep what is being filled in, as the next count of the draft that it is based on."""
        try:
            _, _, score = await giving.check(request, score_id, body)
            saved = await kept(scores.save_draft(score))
        except ScoreClosed:
            return _conflict(desk, request, "closed")
        except AlreadyScored:
            return _conflict(desk, request, "taken")
        if not _same(saved, score):
            return _conflict(desk, request, "changed", saved)
        return _draft_view(desk, saved)

    @shared.guard.route("DELETE", path, Permission.REVIEW_WORK, status_code=204, tags=_TAGS)
    async def drop_score_draft(request: Request, score_id: _ScoreId) -> Response:
        """Throw one's own draft away."""
        visitor = visitor_of(request)
        draft = await kept(scores.get(score_id))
        if draft is None:
            return Response(status_code=204)
        if draft.reviewer != visitor.staff.staff_id or draft.state is not ScoreState.DRAFT:
            raise HTTPException(404, NO_SCORE)
        await desk.did(visitor, "score_draft_dropped", f"score:{score_id}", f"recording:{draft.recording_id}")
        await kept(scores.discard_draft(score_id))
        return Response(status_code=204)


def _add_end(desk: ScoreDesk, giving: Giving) -> None:
    shared = desk.shared

    @shared.guard.post(
        "/api/scores/{score_id}/finish",
        Permission.REVIEW_WORK,
        response_model=ScoreView,
        responses=_CONFLICT,
        tags=_TAGS,
    )
    async def finish_score(request: Request, score_id: _ScoreId, body: ScoreBody) -> Any:
        """Make a score final, once. The same sent again after a lost answer is made final once."""
        visitor = visitor_of(request)
        known = await kept(desk.port.scores.get(score_id))
        if known is not None and known.state is not ScoreState.DRAFT:
            return await _again(desk, request, known, body)
        try:
            task, form, score = await giving.check(request, score_id, body)
            why = f"recording:{score.recording_id}"
            await desk.did(visitor, "score_finished", f"score:{score_id}", why)
            final = await giving.finish(task, form, score)
        except ScoreClosed:
            return _conflict(desk, request, "closed")
        except AlreadyScored:
            return _conflict(desk, request, "taken")
        return await desk.view(request, visitor, final, await desk.people())


async def _again(desk: ScoreDesk, request: Request, known: Score, body: ScoreBody) -> Any:
    """Answer what was made final before: the same is as good as done, anything else is refused."""
    visitor = visitor_of(request)
    if known.reviewer != visitor.staff.staff_id:
        raise HTTPException(404, NO_SCORE)
    same = (known.answers, known.facts) == (body.given(), body.facts)
    if not same or known.summary.strip() != body.summary.strip():
        return _conflict(desk, request, "closed")
    if known.kind is not Kind.REVIEW:
        await kept(desk.port.blind.scored(known))
    return await desk.view(request, visitor, known, await desk.people())


def _same(one: Score, other: Score) -> bool:
    """Whether what is kept is what was sent: of two pages that count alike, the first one's is kept."""

    def content(score: Score) -> Sequence[object]:
        return (dict(score.answers), dict(score.facts), score.summary, score.count, score.form)

    return content(one) == content(other)


def _draft_view(desk: ScoreDesk, draft: Score) -> DraftView:
    return DraftView(
        score_id=draft.score_id,
        count=draft.count,
        at=desk.now(),
        answers=given_views(draft.answers),
        facts=dict(draft.facts),
        summary=draft.summary,
    )


def _conflict(
    desk: ScoreDesk, request: Request, refusal: _Refusal, current: Score | None = None
) -> JSONResponse:
    """Answer 409. Of somebody else's score nothing is told but that it is there."""
    say, name = desk.shared.render.texts.say, f"scores_conflict.{refusal}"
    body = DraftConflict(
        error=say("en", name),
        message=say(desk.shared.render.language(request), name),
        refusal=refusal,
        current=None if current is None else _draft_view(desk, current),
    )
    return JSONResponse(body.model_dump(mode="json"), status_code=409)
