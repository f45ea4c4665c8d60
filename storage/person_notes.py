"""Notes under restriction (UU 27/2022 art. 41): kept, and read by nobody but in the person's own file.

While a call is going on, and for the time its note is written, its agent still reads and writes that note:
the person asked for something, and a service without its record would harm them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from desk.history import HistoryUnavailable, PastNote
from desk.notes import PAGE, Note, NoteSearch, NotesUnavailable
from domain.clock import Clock
from recording.persons import PersonsUnavailable, Restricted
from storage.database import Database, DatabaseProblem
from storage.interactions import DurableInteractions
from storage.tables import calls
from storage.vault import Vault

STILL_WRITTEN = timedelta(hours=1)  # after a call's end


class RestrictedInteractions(DurableInteractions):
    """A `desk.notes.Interactions` that keeps notes of restricted calls to itself."""

    def __init__(self, database: Database, vault: Vault, restricted: Restricted, clock: Clock) -> None:
        super().__init__(database, vault)
        self._records = database
        self._restricted = restricted
        self._clock = clock

    async def note(self, note_id: str) -> Sequence[Note]:
        """Return every version of a note, newest first."""
        return await self._open(await super().note(note_id))

    async def of_call(self, call_id: str) -> Sequence[Note]:
        """Return a call's notes in their newest versions, in the order of writing."""
        return await self._open(await super().of_call(call_id))

    async def search(self, search: NoteSearch) -> Sequence[Note]:
        """Return at most PAGE notes in their newest versions, newest first."""
        shown: list[Note] = []
        while len(shown) < PAGE:
            found = await super().search(search)
            shown += await self._open(found)
            if len(found) < PAGE:
                break
            search = replace(search, before=(found[-1].first_at, found[-1].note_id))
        return shown[:PAGE]

    async def notes_about(self, taxpayer_id: str, most: int = 10) -> Sequence[PastNote]:
        """Return the newest notes about a taxpayer, newest first. Raises HistoryUnavailable."""
        found = await super().notes_about(taxpayer_id, most)
        try:
            hidden = {one.call_id for one in found if await self._hides(one.call_id)}
        except (PersonsUnavailable, DatabaseProblem) as error:
            raise HistoryUnavailable(str(error)) from error
        return [one for one in found if one.call_id not in hidden]

    async def _open(self, notes: Sequence[Note]) -> Sequence[Note]:
        try:
            hidden = {call_id for call_id in {one.call_id for one in notes} if await self._hides(call_id)}
        except (PersonsUnavailable, DatabaseProblem) as error:
            raise NotesUnavailable(str(error)) from error
        return [one for one in notes if one.call_id not in hidden]

    async def _hides(self, call_id: str) -> bool:
        if not await self._restricted.call(call_id):
            return False
        ended = sa.select(calls.c.ended_at, calls.c.call_id).where(calls.c.call_id == call_id)
        row = await self._records.read(lambda connection: connection.execute(ended).first())
        going_on = row is not None and row.ended_at is None
        just_over = row is not None and not going_on and row.ended_at > self._clock.now() - STILL_WRITTEN
        return not (going_on or just_over)
