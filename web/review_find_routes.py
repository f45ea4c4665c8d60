"""Finding recordings: the page `/rekaman`, the search, and searches that are kept.

Nothing personal is in an address: staff numbers and words go in the body of a POST.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from desk.working_days import office_day
from domain.ids import new_id
from recording.quality.finding import FactsPage
from recording.quality.finding_saved import SavedSearch, TooManySearches
from recording.quality.finding_text import write
from web.guard import visitor_of
from web.review_desk import FIND, ReviewDesk, answered, read_search, without_scores
from web.review_models import FindRecordings, FoundRecordings, SavedView, SaveSearch, SearchId
from web.visitor import Visitor

TAGS = ["recordings"]
FIRST_DAYS = timedelta(days=7)  # of a search that nobody narrowed yet
_Saved = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="A saved search")]


def add_find_routes(desk: ReviewDesk) -> None:
    """Add the page, the search and the saved searches."""
    _add_page(desk)
    _add_search(desk)
    _add_saved(desk)


def _add_page(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/rekaman", FIND, include_in_schema=False)
    async def find_page(request: Request, pencarian: _Saved = "") -> Response:
        visitor = visitor_of(request)
        team = desk.team(visitor)
        saved = await _saved_views(desk, visitor)
        chosen = next((one for one in saved if one.search_id == pencarian), None)
        since = office_day(shared.clock.now()) - FIRST_DAYS
        fields = {"since": since.isoformat()} if chosen is None else dict(chosen.fields)
        names = await answered(desk.port.finder.names())
        return shared.render.page(
            request,
            "review/find.html",
            fields=fields,
            chosen=chosen,
            saved=saved,
            options=await _options(desk, request, names, team),
            team=team,
        )


async def _options(
    desk: ReviewDesk, request: Request, names: Mapping[str, object], team: str | None
) -> dict[str, list[tuple[str, str]]]:
    """Return what each field offers: (value, words)."""
    words = await desk.words(request)
    known = {name: [str(one) for one in values] for name, values in names.items()}  # type: ignore[attr-defined]  # sequences of names
    views = desk.shared.floor.agents()
    agents = [(one.agent, one.on_air_name or one.agent) for one in views if team in (None, one.team)]
    branches, language = desk.port.branches, words.cards.language
    categories = [
        (category.key, f"{branch.names[language]} › {category.names[language]}")
        for branch in branches.branches.values()
        for category in branch.categories.values()
        if category.key in known["categories"]
    ]
    return {
        "agents": sorted(agents, key=lambda one: one[1].casefold()),
        "teams": [(one, one) for one in known["teams"]],
        "queues": [(one, words.cards.queue(one)) for one in known["queues"]],
        "branches": [(one.key, one.names[language]) for one in branches.branches.values()],
        "categories": categories,
        "results": [(one.key, one.names[language]) for one in branches.results.values()],
        "campaigns": [(one, words.campaigns.get(one, one[:8])) for one in known["campaigns"]],
        "dispositions": [(one, words.dispositions.get(one, one)) for one in known["dispositions"]],
    }


def _add_search(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.post("/api/recordings/search", FIND, response_model=FoundRecordings, tags=TAGS)
    async def find_recordings(request: Request, body: FindRecordings) -> Response:
        """Return recordings, newest first; each search is on the trail before anything is shown."""
        visitor = visitor_of(request)
        team = desk.team(visitor)
        written = body.written()
        search = read_search(written)
        page = await answered(desk.port.finder.find(search, team, int(body.before) if body.before else None))
        hidden = await desk.hidden(visitor)
        if without_scores(search, hidden):
            kept = [facts for facts in page.rows if facts.recording_id not in hidden]
            page = FactsPage(kept, page.total, page.more, page.next)
        by = ",".join(sorted(name for name in written if name != "audible"))
        await desk.did(
            visitor, "recordings_searched", "recordings:list", by=by[:120], found=str(len(page.rows)),
            reach=str(visitor.reach(FIND) or ""),
        )  # fmt: skip
        words = await desk.words(request)
        found = FoundRecordings(
            rows=[words.row(facts, hidden) for facts in page.rows],
            total=page.total,
            more=page.more,
            next="" if page.next is None else str(page.next),
        )
        further = bool(body.before)
        return shared.render.reply(request, found, "review/found.html", further=further)


def _add_saved(desk: ReviewDesk) -> None:
    shared, book = desk.shared, desk.port.searches

    @shared.guard.get("/api/recordings/searches", FIND, response_model=list[SavedView], tags=TAGS)
    async def saved_searches(request: Request) -> Response:
        """Return one's own saved searches and those that others share."""
        saved = await _saved_views(desk, visitor_of(request))
        return shared.render.reply(request, saved, "review/saved.html")

    @shared.guard.post("/api/recordings/searches", FIND, response_model=SavedView, status_code=201, tags=TAGS)
    async def save_search(request: Request, body: SaveSearch) -> Response:
        """Keep a search under a name; one's own of that name is written over."""
        visitor = visitor_of(request)
        fields = write(read_search(body.written()))
        mine = [one for one in await answered(book.seen_by(visitor.staff.staff_id)) if _is_mine(one, visitor)]
        same = next((one.search_id for one in mine if one.name == body.name.strip()), None)
        saved = SavedSearch(
            same or new_id(), visitor.staff.staff_id, body.name.strip(), fields, body.shared,
            shared.clock.now(),
        )  # fmt: skip
        try:
            await answered(book.keep(saved))
        except TooManySearches as error:
            raise HTTPException(409, "review.too_many_searches") from error
        if request.headers.get("hx-request") == "true":
            views = await _saved_views(desk, visitor)
            return shared.render.page(request, "review/saved.html", 201, model=views)
        return shared.render.reply(request, _view(saved, visitor), "review/saved.html", 201)

    @shared.guard.route("DELETE", "/api/recordings/searches/{search_id}", FIND, tags=TAGS)
    async def forget_search(request: Request, search_id: SearchId) -> Response:
        """Delete one of one's own saved searches."""
        visitor = visitor_of(request)
        await answered(book.forget(search_id, visitor.staff.staff_id))
        saved = await _saved_views(desk, visitor)
        return shared.render.reply(request, saved, "review/saved.html")


async def _saved_views(desk: ReviewDesk, visitor: Visitor) -> list[SavedView]:
    saved = await answered(desk.port.searches.seen_by(visitor.staff.staff_id))
    return [_view(one, visitor) for one in saved]


def _view(saved: SavedSearch, visitor: Visitor) -> SavedView:
    return SavedView(
        search_id=saved.search_id,
        name=saved.name,
        shared=saved.shared,
        mine=_is_mine(saved, visitor),
        fields=saved.words,
    )


def _is_mine(saved: SavedSearch, visitor: Visitor) -> bool:
    return saved.staff_id == visitor.staff.staff_id
