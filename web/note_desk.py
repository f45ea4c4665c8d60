"""What the routes of notes share: whose note, who wrote it, what the trail is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from desk.notes import (
    NEW,
    CallFacts,
    Draft,
    DraftChanged,
    Fault,
    NewNote,
    Note,
    NoteChanged,
    NoteContent,
    NotesUnavailable,
    faults,
    taxpayer_of,
)
from desk.standing import StandingUnavailable
from domain.audit import AuditRow
from domain.ids import new_id
from domain.masking import mask
from web.note_models import Conflict, Content, Form, NoteView, draft_view, fields_of, note_view
from web.note_port import NotePort
from web.parts import Shared
from web.visitor import Visitor

log = structlog.get_logger("kring.web.notes")

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
UNAVAILABLE = "note.unavailable"  # names of texts, as everything that an HTTPException tells
NO_NOTE = "note.no_such_note"

_FAULTS: Mapping[str, Mapping[str, Any]] = {
    "missing": {"type": "missing"},
    "unknown": {"type": "value_error", "ctx": {"error": "note.choose"}},
}


@dataclass(frozen=True, slots=True)
class NoteDesk:
    """Notes of calls, for somebody who was let in."""

    shared: Shared
    port: NotePort

    def now(self) -> datetime:
        """Return the time."""
        return self.shared.clock.now()

    def today(self) -> date:
        """Return the day in Western Indonesian Time."""
        return self.now().astimezone(OFFICE_ZONE).date()

    def check(self, content: NoteContent) -> None:
        """Raise RequestValidationError naming every field that is wrong."""
        found = faults(content, self.port.branches, self.today())
        if found:
            raise RequestValidationError([_problem(fault) for fault in found])

    async def new_note(
        self, visitor: Visitor, call_id: str, note_id: str | None, content: NoteContent
    ) -> NewNote:
        """Return a note as it is to be kept, linked with whom the call is about now."""
        staff = visitor.staff
        return NewNote(
            note_id or new_id(),
            call_id,
            content,
            staff.staff_id,
            staff.number,
            staff.team,
            self.now(),
            await self._taxpayer(call_id),
        )

    async def form(self, visitor: Visitor, call_id: str, slot: str) -> tuple[Form, Sequence[Note]]:
        """Return what the form begins with, and the call's notes. Raises HTTPException 404, 503."""
        book = self.port.interactions
        try:
            notes = await book.of_call(call_id)
            draft = await book.draft(call_id, visitor.staff.staff_id, slot)
            facts = await self._facts(call_id)
        except NotesUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        corrected = next((note for note in notes if note.note_id == slot), None)
        if slot != NEW and corrected is None:
            raise HTTPException(404, NO_NOTE)
        return self._form(visitor, call_id, slot, notes, draft, corrected, facts), notes

    def view(self, visitor: Visitor, note: Note) -> NoteView:
        """Return a note as this visitor sees it."""
        return note_view(note, self.by(note), mine=note.staff_id == visitor.staff.staff_id)

    def by(self, note: Note) -> str:
        """Return who wrote a note: the on-air name, or the staff number masked."""
        for agent in self.shared.floor.agents():
            if agent.agent == note.agent and agent.on_air_name:
                return agent.on_air_name
        return mask(note.agent)

    def conflict(self, request: Request, visitor: Visitor, error: DraftChanged | NoteChanged) -> JSONResponse:
        """Answer 409 with the text in force, so that nobody's silently wins."""
        say = self.shared.render.texts.say
        if isinstance(error, NoteChanged):
            word, draft = "note.changed", None
            note: Note | None = error.current
        else:
            draft, note = error.current, error.saved
            word = "note.draft_changed" if draft is not None else "note.draft_gone"
        body = Conflict(
            error=say("en", word),
            message=say(self.shared.render.language(request), word),
            current=None if draft is None else draft_view(draft),
            saved=None if note is None else self.view(visitor, note),
        )
        return JSONResponse(body.model_dump(mode="json"), status_code=409)

    async def viewed(self, visitor: Visitor, act: str, notes: Sequence[Note], why: str) -> None:
        """Tell the trail whose data is about to be shown. Raises AuditUnavailable."""
        subjects: dict[str, int] = {}
        for note in notes:
            subject = f"taxpayer:{note.taxpayer_id}" if note.taxpayer_id else f"call:{note.call_id}"
            subjects[subject] = subjects.get(subject, 0) + 1
        for subject, count in subjects.items():
            await self.did(visitor, act, subject, why, notes=str(count))

    async def did(
        self, visitor: Visitor, act: str, subject: str, why: str, outcome: str = "done", **data: str
    ) -> None:
        """Tell the trail of an act. Raises AuditUnavailable."""
        row = AuditRow(self.now(), visitor.staff.staff_id, act, subject, why, outcome, data)
        await self.shared.audit.record(row)

    def _form(
        self,
        visitor: Visitor,
        call_id: str,
        slot: str,
        notes: Sequence[Note],
        draft: Draft | None,
        corrected: Note | None,
        facts: CallFacts,
    ) -> Form:
        suggested = self.port.branches.suggest(facts.queue, facts.chosen)
        content = NoteContent(suggested.branch, suggested.category, language=facts.language)
        if corrected is not None:
            content = corrected.content
        if draft is not None:
            content = draft.content
        return Form(
            call_id=call_id,
            slot=slot,
            note_id=draft.note_id if draft else corrected.note_id if corrected else new_id(),
            version=draft.version if draft else 0,
            note_version=corrected.version if corrected else 0,
            suggested_branch=suggested.branch,
            suggested_category=suggested.category,
            content=Content.model_construct(None, **fields_of(content)),
            drafted_at=draft.at if draft else None,
            notes=[self.view(visitor, note) for note in notes],
        )

    async def _facts(self, call_id: str) -> CallFacts:
        try:
            return await self.port.calls.facts(call_id)
        except KeyError:  # an outbound call, or one whose record is behind
            return CallFacts()

    async def _taxpayer(self, call_id: str) -> str | None:
        # A note is never lost over this: without the link it is kept, and a correction adds it.
        try:
            return taxpayer_of(await self.shared.standings.standing(call_id))
        except KeyError:
            return None
        except StandingUnavailable:
            log.warning("a note is kept without its taxpayer: the proof cannot be read")
            return None


def _problem(fault: Fault) -> dict[str, Any]:
    return {**_FAULTS.get(fault.word, _FAULTS["unknown"]), "loc": ("body", fault.field)}
