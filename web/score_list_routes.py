"""Final scores `/penilaian`: an agent's own, a team's, everybody's; read, signed, counted, taken along."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from domain.staff import Reach
from recording.quality.forms import FORMS, Form
from recording.quality.scores import Score, ScoreQuery, ScoreState
from web.days import DayOrNothing
from web.guard import visitor_of
from web.list_models import SheetForm
from web.list_sheets import FILE_ANSWER, Row, SheetFailed, sheet_answer
from web.permissions import Permission
from web.rendering import WIB, in_wib
from web.score_desk import COUNTED, FINAL, NO_SCORE, People, ScoreDesk, kept, readable
from web.score_figures import Counted, Figures, figures, figures_rows
from web.score_models import HEX_ID, ScoreRow, ScoreView
from web.score_views import titles

_TAGS = ["scores"]
_ScoreId = Annotated[str, Path(pattern=HEX_ID)]
ON_PAGE, MOST = 100, 5000  # rows of a page; scores that figures and files are made of
_NEWEST = 90  # days that are shown where nobody says otherwise
_COLUMNS = ("at", "agent", "team", "form", "kind", "state", "total")


def _nothing(given: object) -> object:
    """Return None for a field of a form that was left empty."""
    return None if given == "" else given


class ScoreFilter(BaseModel):
    """Which scores are wanted; what is empty does not matter. Days are in WIB."""

    since: DayOrNothing = None
    until: DayOrNothing = None
    agent: str = Field("", pattern=r"^([0-9a-f]{32})?$", description="staff_id")
    form: str = Field("", pattern=r"^[a-z]{0,16}$")
    state: Annotated[ScoreState | None, BeforeValidator(_nothing)] = None
    by: str = Field("month", pattern=r"^(day|week|month)$", description="Period of the figures")


class ScoreList(BaseModel):
    """Final scores, newest first, with the figures of all that were found."""

    scores: list[ScoreRow]
    more: bool  # there are more than a page shows
    cut: bool  # there are more than figures are made of: narrow it
    figures: Figures


Wanted = Annotated[ScoreFilter, Query()]


def add_list_routes(desk: ScoreDesk) -> None:
    """Add the routes."""
    _add_list(desk)
    _add_files(desk)
    _add_one(desk)


def _add_list(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/penilaian", Permission.SCORE_VIEW, include_in_schema=False)
    async def scores_page(request: Request, wanted: Wanted) -> Response:
        """Show the scores that the reader may see, and figures of them."""
        visitor, people = visitor_of(request), await desk.people()
        model = await _listed(desk, request, wanted, people)
        return shared.render.page(
            request,
            "scores/page.html",
            model=model,
            wanted=wanted,
            forms=titles(await _forms(desk), shared.render.language(request)),
            people=people.within(visitor),
            own=visitor.reach(Permission.SCORE_VIEW) is Reach.OWN,
        )

    @shared.guard.get("/api/scores", Permission.SCORE_VIEW, response_model=ScoreList, tags=_TAGS)
    async def list_scores(request: Request, wanted: Wanted) -> ScoreList:
        """Return the final scores that the reader may see, newest first, and figures of them."""
        return await _listed(desk, request, wanted, await desk.people())


async def _listed(desk: ScoreDesk, request: Request, wanted: ScoreFilter, people: People) -> ScoreList:
    visitor = visitor_of(request)
    found, cut, left_out = await _found(desk, request, wanted, people)
    shown = found[:ON_PAGE]
    if visitor.reach(Permission.REVIEW_WORK) is not None:
        for one in shown:  # who has seen a score is nobody to score the call anew
            why = f"recording:{one.recording_id}"
            await desk.did(visitor, "scores_listed", f"score:{one.score_id}", why)
    for agent in dict.fromkeys(one.agent for one in shown):
        many = sum(1 for one in shown if one.agent == agent)
        subject = f"staff:{people.of(agent).staff_id}" if people.of(agent).staff_id else "staff:"
        await desk.did(visitor, "scores_listed", subject, "scores", scores=str(many))
    counted = await _counted(desk, request, found, people)
    agents = str(len({one.agent for one in found}))
    await desk.did(
        visitor, "score_figures_viewed", "scores:", "scores", scores=str(len(found)), agents=agents
    )
    return ScoreList(
        scores=[desk.row(visitor, one, people) for one in shown],
        more=len(found) > ON_PAGE,
        cut=cut,
        figures=figures(counted, wanted.by, left_out),
    )


async def _found(
    desk: ScoreDesk, request: Request, wanted: ScoreFilter, people: People
) -> tuple[Sequence[Score], bool, int]:
    """Return the scores that the reader may see, whether there are too many, and how many are left out.

    Left out are those that would count, were their recordings not restricted.
    """
    visitor = visitor_of(request)
    agents = [one for one in people.within(visitor) if wanted.agent in ("", one.staff_id)]
    everybody = visitor.reach(Permission.SCORE_VIEW) is Reach.ALL and not wanted.agent
    if not everybody and not agents:
        return [], False, 0
    since = wanted.since or (
        None if wanted.until else desk.now().astimezone(WIB).date() - timedelta(days=_NEWEST)
    )
    query = ScoreQuery(
        agents=() if everybody else tuple(one.number for one in agents),
        kinds=COUNTED,
        states=FINAL if wanted.state is None else (wanted.state,),
        since=_begin(since),
        until=_begin(wanted.until + timedelta(days=1)) if wanted.until else None,
        most=MOST + 1,
    )
    if wanted.state is ScoreState.DRAFT:
        return [], False, 0
    hidden, closed = await desk.hidden(visitor), await desk.restricted(visitor)
    all_found = await kept(desk.port.scores.find(query))
    mine = [
        one
        for one in all_found[:MOST]
        if one.result is not None
        and one.form == (wanted.form or one.form)
        and one.recording_id not in hidden
        and readable(visitor, one, people, hidden)
    ]
    rows = [one for one in mine if one.recording_id not in closed]
    left_out = sum(one.recording_id in closed and one.state is not ScoreState.REPLACED for one in mine)
    return rows, len(all_found) > MOST, left_out


async def _counted(
    desk: ScoreDesk, request: Request, scores: Sequence[Score], people: People
) -> Sequence[Counted]:
    """Return what figures are made of: each piece of work once, by the score that counts for it."""
    language = desk.shared.render.language(request)
    forms: dict[tuple[str, int], Form] = {}
    counted: list[Counted] = []
    for score in scores:
        if score.state is ScoreState.REPLACED or score.result is None or score.final_at is None:
            continue
        key = (score.form, score.form_version)
        if key not in forms:
            forms[key] = await desk.form(*key)
        person = people.of(score.agent)
        counted.append(
            Counted(
                person.name,
                person.team,
                score.final_at.astimezone(WIB).date(),
                forms[key],
                score.result,
                language,
            )
        )
    return counted


def _add_files(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/api/scores/file",
        Permission.SCORE_VIEW,
        response_class=Response,
        responses=FILE_ANSWER,
        tags=_TAGS,
    )
    async def scores_file(
        request: Request,
        wanted: Wanted,
        form: Annotated[SheetForm, Query(alias="file")] = "csv",
        what: Annotated[str, Query(pattern=r"^(scores|agents|criteria|periods)$")] = "scores",
    ) -> Response:
        """Return scores, or their figures per agent, criterion or period, as a file; times are WIB."""
        people = await desk.people()
        found, _, _ = await _found(desk, request, wanted, people)
        await desk.did(
            visitor_of(request), "scores_downloaded", "scores:", "scores",
            what=what, form=form, scores=str(len(found)),
        )  # fmt: skip
        header, rows = await _sheet(desk, request, found, people, (what, wanted.by))
        try:
            return await sheet_answer(form, f"penilaian-{what}", desk.port.work, header, _once(rows))
        except SheetFailed as error:
            raise HTTPException(503, "scores.file_failed") from error


async def _sheet(
    desk: ScoreDesk, request: Request, found: Sequence[Score], people: People, how: tuple[str, str]
) -> tuple[Row, Sequence[Row]]:
    (what, by), words = how, desk.words(request)
    if what != "scores":
        counted = await _counted(desk, request, found, people)
        header, rows = figures_rows(figures(counted, by), what)
        return [words.say(f"scores_column.{name}") if name.islower() else name for name in header], rows
    header = [words.say(f"scores_column.{name}") for name in _COLUMNS]
    return header, [
        [
            in_wib(one.final_at or one.started_at),
            people.of(one.agent).name,
            people.of(one.agent).team,
            words.say(f"scores_form.{one.form}"),
            words.say(f"scores_kind.{one.kind}"),
            words.say(f"scores_state.{one.state}"),
            str(one.result.total) if one.result else "",
        ]
        for one in found
    ]


async def _once(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    yield rows


def _add_one(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/penilaian/{score_id}", Permission.SCORE_VIEW, include_in_schema=False)
    async def score_page(request: Request, score_id: _ScoreId) -> Response:
        """Show a final score with its lines and ways into the recording."""
        return shared.render.page(request, "scores/one.html", model=await one(request, score_id))

    @shared.guard.get("/api/scores/{score_id}", Permission.SCORE_VIEW, response_model=ScoreView, tags=_TAGS)
    async def show_score(request: Request, score_id: _ScoreId) -> ScoreView:
        """Return a final score with its lines."""
        return await one(request, score_id)

    @shared.guard.post(
        "/api/scores/{score_id}/sign", Permission.SCORE_SIGN, response_model=ScoreView, tags=_TAGS
    )
    async def sign_score(request: Request, score_id: _ScoreId) -> Response:
        """Sign that one has read one's own score. Idempotent."""
        visitor, people = visitor_of(request), await desk.people()
        score = await desk.final(visitor, score_id, people)
        if not visitor.staff.number or score.agent != visitor.staff.number or score.kind not in COUNTED:
            raise HTTPException(403, "scores.sign_own")
        await desk.did(visitor, "score_signed", f"score:{score_id}", f"recording:{score.recording_id}")
        try:
            signed = await kept(desk.port.scores.sign(score_id, visitor.staff.number, desk.now()))
        except KeyError:
            raise HTTPException(404, NO_SCORE) from None
        view = await desk.view(request, visitor, signed, people)
        return shared.render.reply(request, view, "scores/final_piece.html", outside=True)

    async def one(request: Request, score_id: str) -> ScoreView:
        visitor, people = visitor_of(request), await desk.people()
        score = await desk.final(visitor, score_id, people)
        await desk.viewed(visitor, [score])
        return await desk.view(request, visitor, score, people)


async def _forms(desk: ScoreDesk) -> Sequence[Form]:
    newest: dict[str, Form] = {}
    for one in await kept(desk.port.forms.versions()):
        newest.setdefault(one.form.name, one.form)
    return [newest[name] for name in FORMS if name in newest]


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), WIB)
