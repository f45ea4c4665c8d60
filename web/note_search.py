"""Searching notes: by day, branch, result, agent, words, taxpayer, as far as one's role reaches.

Nothing personal is in an address: words, staff numbers and NPWPs go in the body of a POST.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response

from desk.notes import PAGE, Note, NoteSearch, NotesUnavailable
from domain.directory import DirectoryUnavailable
from domain.npwp import check_npwp
from domain.staff import Reach
from web.days import DayOrNothing
from web.guard import visitor_of
from web.note_desk import NO_NOTE, UNAVAILABLE, NoteDesk
from web.note_models import HEX_ID, Found, NoteRow, NoteView, SearchNotes
from web.permissions import Permission
from web.visitor import Visitor

_SEPARATORS = re.compile(r"[ .\-/]")
_Key = Annotated[str, Query(pattern=r"^[a-z0-9_]*$", max_length=120)]
_Before = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="The last note of the page before")]


def add_search_routes(desk: NoteDesk) -> None:
    """Add the search, its page, and the view of one note."""
    _add_page(desk)
    _add_search(desk)
    _add_view(desk)


def _add_page(desk: NoteDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/catatan", Permission.NOTE_SEARCH, include_in_schema=False)
    async def notes_page(request: Request) -> Response:
        reach = visitor_of(request).reach(Permission.NOTE_SEARCH)
        return shared.render.page(
            request, "note/page.html", branches=desk.port.branches, wide_reach=reach is not Reach.OWN
        )


def _add_search(desk: NoteDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/api/notes", Permission.NOTE_SEARCH, response_model=Found, tags=["notes"])
    async def list_notes(
        request: Request,
        since: DayOrNothing = None,
        until: DayOrNothing = None,
        branch: _Key = "",
        category: _Key = "",
        result: _Key = "",
        before: _Before = "",
    ) -> Response:
        """Return notes without their text, newest first, by what is not personal."""
        visitor = visitor_of(request)
        agent, team = _within(visitor, "")
        search = NoteSearch(since, until, branch, category, result, agent, team)
        found = await _found(desk, visitor, search, before, why="list", by="")
        return shared.render.reply(request, found, "note/found.html", branches=desk.port.branches)

    @shared.guard.post("/api/notes/search", Permission.NOTE_SEARCH, response_model=Found, tags=["notes"])
    async def search_notes(request: Request, body: SearchNotes) -> Response:
        """Return notes without their text, newest first, for a purpose that goes on record."""
        visitor = visitor_of(request)
        agent, team = _within(visitor, body.agent)
        taxpayer_id = ""
        by = ",".join(name for name in ("words", "npwp", "agent") if getattr(body, name))
        if body.npwp:
            taxpayer_id = await _taxpayer(desk, body.npwp)
            if not taxpayer_id:
                await desk.did(visitor, "notes_searched", "", body.purpose, "not_found", by=by)
                empty = Found(notes=[], more="")
                return shared.render.reply(request, empty, "note/found.html", branches=desk.port.branches)
        search = body.search(agent=agent, team=team, taxpayer_id=taxpayer_id)
        found = await _found(desk, visitor, search, body.before, body.purpose, by)
        return shared.render.reply(request, found, "note/found.html", branches=desk.port.branches)


def _add_view(desk: NoteDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/api/notes/{note_id}", Permission.NOTE_SEARCH, response_model=list[NoteView], tags=["notes"]
    )
    async def view_note(request: Request, note_id: Annotated[str, Path(pattern=HEX_ID)]) -> Response:
        """Return a note with its text in every version, newest first."""
        visitor = visitor_of(request)
        try:
            versions = await desk.port.interactions.note(note_id)
        except NotesUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        if not versions or not visitor.covers(
            Permission.NOTE_SEARCH, versions[-1].agent, versions[-1].team
        ):  # the same answer: which ids there are is nobody else's business
            raise HTTPException(404, NO_NOTE)
        await desk.viewed(visitor, "note_viewed", versions[:1], f"note:{note_id}")
        views = [desk.view(visitor, note) for note in versions]
        return shared.render.reply(request, views, "note/one.html", branches=desk.port.branches)


def _within(visitor: Visitor, agent: str) -> tuple[str, str]:
    """Return the agent and team to which a search is held. Raises HTTPException 403."""
    match visitor.reach(Permission.NOTE_SEARCH):
        case Reach.ALL:
            return agent, ""
        case Reach.TEAM if visitor.staff.team:
            return agent, visitor.staff.team
        case Reach.OWN if visitor.staff.number:
            return visitor.staff.number, ""
    raise HTTPException(403, "note.no_reach")


async def _taxpayer(desk: NoteDesk, npwp: str) -> str:
    """Return whose NPWP it is; empty: nobody's. Raises HTTPException 422, 503."""
    check = check_npwp(_SEPARATORS.sub("", npwp))
    if not check.valid:
        raise HTTPException(422, "note.bad_npwp")
    try:
        for candidate in check.candidates:
            taxpayer = await desk.port.directory.find(candidate)
            if taxpayer is not None:
                return taxpayer.taxpayer_id
    except DirectoryUnavailable as error:
        raise HTTPException(503, "note.directory_unavailable") from error
    return ""


async def _found(
    desk: NoteDesk, visitor: Visitor, search: NoteSearch, before: str, why: str, by: str
) -> Found:
    """Search, put it on record, and return the page."""
    book = desk.port.interactions
    try:
        if before:
            versions = await book.note(before)
            if not versions:
                raise HTTPException(404, NO_NOTE)
            last = versions[-1]
            search = replace(search, before=(last.first_at, last.note_id))
        notes = await book.search(search)
    except NotesUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
    subject = f"taxpayer:{search.taxpayer_id}" if search.taxpayer_id else ""
    reach = visitor.reach(Permission.NOTE_SEARCH) or ""
    await desk.did(visitor, "notes_searched", subject, why, reach=str(reach), by=by, found=str(len(notes)))
    return Found(notes=_rows(desk, notes), more=notes[-1].note_id if len(notes) == PAGE else "")


def _rows(desk: NoteDesk, notes: Sequence[Note]) -> list[NoteRow]:
    return [
        NoteRow(
            note_id=note.note_id,
            version=note.version,
            call_id=note.call_id,
            branch=note.content.branch,
            category=note.content.category,
            result=note.content.result,
            by=desk.by(note),
            at=note.first_at,
            taxpayer_known=note.taxpayer_id is not None,
        )
        for note in notes
    ]
