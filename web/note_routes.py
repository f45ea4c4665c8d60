"""Interaction notes and their drafts: written during a call, corrected later, never lost."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import HTTPException, Path, Query, Request, Response

from desk.notes import NEW, Draft, DraftChanged, Note, NoteChanged, NotesUnavailable
from reporting.asking import FiguresUnavailable
from reporting.formulas import FORMULAS
from web.call_access import check_call
from web.guard import visitor_of
from web.note_desk import NO_NOTE, UNAVAILABLE, NoteDesk
from web.note_models import (
    HEX_ID,
    SLOT,
    Conflict,
    CorrectNote,
    DocumentedView,
    DraftRow,
    DraftView,
    DropDraft,
    Form,
    KeepDraft,
    NoteView,
    SafeKey,
    SaveNote,
    draft_view,
)
from web.note_port import NotePort
from web.note_search import add_search_routes
from web.parts import Shared
from web.permissions import Permission

T = TypeVar("T")

_CHANGED: dict[int | str, dict[str, Any]] = {409: {"model": Conflict, "description": "Changed meanwhile"}}
_NoteId = Annotated[str, Path(pattern=HEX_ID)]
_Slot = Annotated[str, Query(pattern=SLOT, description="new, or the note that is corrected")]
NO_STORE = {"Cache-Control": "no-store"}


def add_note_routes(shared: Shared, port: NotePort) -> None:
    """Add everything about notes."""
    desk = NoteDesk(shared, port)
    _add_form(desk)
    _add_notes(desk)
    _add_drafts(desk)
    _add_own(desk)
    _add_documentation(desk)
    _add_safe(desk)
    _add_corrections(desk)
    add_search_routes(desk)


def _add_form(desk: NoteDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/api/calls/{call_id}/note", Permission.NOTE_WRITE, response_model=Form, tags=["notes"])
    async def note_form(request: Request, call_id: str, slot: _Slot = NEW) -> Response:
        """Return what the form of a note begins with: the draft, else what the menu suggests."""
        visitor = await check_call(shared, request, call_id, Permission.NOTE_WRITE)
        form, notes = await desk.form(visitor, call_id, slot)
        if notes:
            await desk.viewed(visitor, "notes_viewed", notes, f"call:{call_id}")
        if form.version:
            await desk.did(visitor, "note_draft_viewed", f"call:{call_id}", f"call:{call_id}")
        return shared.render.reply(
            request, form, "note/note.html", branches=desk.port.branches, today=desk.today()
        )

    @shared.guard.get(
        "/api/calls/{call_id}/notes", Permission.CALL_VIEW, response_model=list[NoteView], tags=["notes"]
    )
    async def call_notes(request: Request, call_id: str) -> Response:
        """Return a call's notes in their newest versions, those of earlier agents too."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_VIEW)
        notes = await kept(desk.port.interactions.of_call(call_id))
        await desk.viewed(visitor, "notes_viewed", notes, f"call:{call_id}")
        views = [desk.view(visitor, note) for note in notes]
        return shared.render.reply(request, views, "note/list.html", branches=desk.port.branches)


def _add_notes(desk: NoteDesk) -> None:
    shared, book = desk.shared, desk.port.interactions

    @shared.guard.post(
        "/api/calls/{call_id}/notes",
        Permission.NOTE_WRITE,
        response_model=NoteView,
        responses=_CHANGED,
        status_code=201,
        tags=["notes"],
    )
    async def save_note(request: Request, call_id: str, body: SaveNote) -> Any:
        """Keep a new note, and let its draft go. The same note sent again is kept once."""
        visitor = await check_call(shared, request, call_id, Permission.NOTE_WRITE)
        content = body.content()
        desk.check(content)
        note = await desk.new_note(visitor, call_id, body.note_id, content)
        await desk.did(visitor, "note_saved", f"note:{note.note_id}", f"call:{call_id}")
        try:
            return desk.view(visitor, await kept(book.save(note)))
        except NoteChanged as error:
            return await _conflict(desk, request, error)


def _add_drafts(desk: NoteDesk) -> None:
    shared, book = desk.shared, desk.port.interactions
    path = "/api/calls/{call_id}/note/draft"

    @shared.guard.get(path, Permission.NOTE_WRITE, response_model=DraftView | None, tags=["notes"])
    async def note_draft(request: Request, call_id: str, slot: _Slot = NEW) -> DraftView | None:
        """Return what one was writing about a call; null: nothing is kept."""
        visitor = await check_call(shared, request, call_id, Permission.NOTE_WRITE)
        draft = await kept(book.draft(call_id, visitor.staff.staff_id, slot))
        if draft is None:
            return None
        await desk.did(visitor, "note_draft_viewed", f"call:{call_id}", f"call:{call_id}")
        return draft_view(draft)

    @shared.guard.route(
        "PUT", path, Permission.NOTE_WRITE, response_model=DraftView, responses=_CHANGED, tags=["notes"]
    )
    async def keep_note_draft(request: Request, call_id: str, body: KeepDraft) -> Any:
        """Keep what is being written, as the next version of the draft it is based on."""
        visitor = await check_call(shared, request, call_id, Permission.NOTE_WRITE)
        draft = Draft(
            call_id,
            visitor.staff.staff_id,
            body.slot,
            body.note_id,
            body.version,
            body.as_typed(),
            desk.now(),
        )
        try:
            return draft_view(await kept(book.keep_draft(draft)))
        except DraftChanged as error:
            return await _conflict(desk, request, error)

    @shared.guard.route(
        "DELETE", path, Permission.NOTE_WRITE, responses=_CHANGED, status_code=204, tags=["notes"]
    )
    async def drop_note_draft(request: Request, call_id: str, body: DropDraft) -> Response:
        """Throw a draft away, in the version that was seen."""
        visitor = await check_call(shared, request, call_id, Permission.NOTE_WRITE)
        try:
            await kept(book.drop_draft(call_id, visitor.staff.staff_id, body.slot, body.version))
        except DraftChanged as error:
            return await _conflict(desk, request, error)
        return Response(status_code=204)


def _add_own(desk: NoteDesk) -> None:
    shared, book = desk.shared, desk.port.interactions

    @shared.guard.get(
        "/api/notes/drafts", Permission.NOTE_WRITE, response_model=list[DraftRow], tags=["notes"]
    )
    async def own_drafts(request: Request) -> Response:
        """Return what one has begun and not saved, of any call, newest first; without its text."""
        found = await kept(book.drafts_of(visitor_of(request).staff.staff_id))
        rows = [
            DraftRow(
                call_id=one.call_id,
                slot=one.slot,
                at=one.at,
                branch=one.content.branch,
                category=one.content.category,
            )
            for one in found
        ]
        return shared.render.reply(request, rows, "note/drafts.html", branches=desk.port.branches)


def _add_documentation(desk: NoteDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/api/notes/documented", Permission.NOTE_WRITE, response_model=DocumentedView, tags=["notes"]
    )
    async def own_documentation(request: Request) -> Response:
        """Return how far one's calls of today are documented, and which have no note yet.

        A call counts once its talk is over: as in every report.
        """
        number = visitor_of(request).staff.number
        if not number:
            raise HTTPException(409, "note.no_reach")
        try:
            found = await desk.port.work.own(number, desk.today())
        except FiguresUnavailable as error:
            raise HTTPException(503, "error.floor_record") from error
        view = DocumentedView(
            interactions=found.counts.interactions,
            documented=found.counts.documented,
            share=FORMULAS["crm"].of(found.counts).value,
            missing=list(found.without_note),
        )
        return shared.render.reply(request, view, "note/documented.html")


def _add_safe(desk: NoteDesk) -> None:
    shared, book = desk.shared, desk.port.interactions

    @shared.guard.get("/api/notes/safe", Permission.NOTE_WRITE, response_model=SafeKey, tags=["notes"])
    async def note_safe(request: Request, response: Response) -> SafeKey:
        """Return the key with which this session's pages seal what they could not send yet.

        It is given to a living session only: what a browser kept cannot be read once the session is over.
        """
        response.headers.update(NO_STORE)
        return SafeKey(key=book.safe_key(visitor_of(request).session_id))


def _add_corrections(desk: NoteDesk) -> None:
    shared, book = desk.shared, desk.port.interactions

    @shared.guard.route(
        "PUT",
        "/api/notes/{note_id}",
        Permission.NOTE_WRITE,
        response_model=NoteView,
        responses=_CHANGED,
        tags=["notes"],
    )
    async def correct_note(request: Request, note_id: _NoteId, body: CorrectNote) -> Any:
        """Keep a further version of one's own note; the earlier ones stay."""
        visitor = visitor_of(request)
        versions = await kept(book.note(note_id))
        if not versions:
            raise HTTPException(404, NO_NOTE)
        first = versions[-1]
        if not visitor.covers(Permission.NOTE_WRITE, first.agent, first.team):
            raise HTTPException(403, "note.not_yours")
        content = body.content()
        desk.check(content)
        note = await desk.new_note(visitor, first.call_id, note_id, content)
        await desk.did(visitor, "note_corrected", f"note:{note_id}", f"call:{first.call_id}")
        try:
            return desk.view(visitor, await kept(book.correct(note, body.version)))
        except NoteChanged as error:
            return await _conflict(desk, request, error)


async def _conflict(desk: NoteDesk, request: Request, error: DraftChanged | NoteChanged) -> Response:
    """Answer 409; the text in force goes with it, so the trail is told first."""
    visitor = visitor_of(request)
    shown: Note | None = error.current if isinstance(error, NoteChanged) else error.saved
    if shown is not None:
        await desk.viewed(visitor, "notes_viewed", [shown], f"call:{shown.call_id}")
    return desk.conflict(request, visitor, error)


async def kept(work: Awaitable[T]) -> T:
    """Return what the book of notes answers. Raises HTTPException 503."""
    try:
        return await work
    except NotesUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
