"""Notes under restriction: kept, found by nobody, but for the call that is going on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk.notes import PAGE, NewNote, NoteContent, NoteSearch
from domain.ids import new_id
from recording.persons import NobodyRestricted
from storage.database import Database
from storage.interactions import DurableInteractions
from storage.person_notes import STILL_WRITTEN, RestrictedInteractions
from storage.tables import calls
from storage.vault import Vault
from tests.storage.keeping_world import AT, MovedClock

HIDDEN, SHOWN, LIVE = "a" * 32, "b" * 32, "c" * 32


class Restricted:
    """All calls but SHOWN."""

    async def call(self, call_id: str) -> bool:
        return call_id != SHOWN


class Notes:
    """Notes of three calls, one of which is going on."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.clock = MovedClock()
        self.plain = DurableInteractions(database, vault)
        self.kept = RestrictedInteractions(database, vault, Restricted(), self.clock)
        self.nobody = RestrictedInteractions(database, vault, NobodyRestricted(), self.clock)
        rows = [
            {"call_id": call_id, "channel": "c", "dialled": "1500200", "flow_version": "v", "started_at": AT,
             "ended_at": None if call_id == LIVE else AT - 2 * STILL_WRITTEN, "end_reason": None}
            for call_id in (HIDDEN, SHOWN, LIVE)
        ]  # fmt: skip
        database.write_now(lambda connection: connection.execute(sa.insert(calls), rows))

    async def write(self, call_id: str, minutes: int = 0) -> str:
        content = NoteContent("efin", "lupa_efin", "answered", "id", "nama", "tanya", "jawab")
        at = AT + timedelta(minutes=minutes)
        note = NewNote(new_id(), call_id, content, "s" * 32, "90000001", "alfa", at, "synthetic-1")
        await self.plain.save(note)
        return note.note_id


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def notes(database: Database, vault: Vault) -> Notes:
    return Notes(database, vault)


def calls_of(found: Sequence[object]) -> set[str]:
    return {one.call_id for one in found}  # type: ignore[attr-defined]


async def test_a_restricted_note_is_found_by_nobody(notes: Notes) -> None:
    hidden, shown, live = [await notes.write(call_id) for call_id in (HIDDEN, SHOWN, LIVE)]
    assert calls_of(await notes.kept.search(NoteSearch())) == {SHOWN, LIVE}
    assert calls_of(await notes.kept.search(NoteSearch(words="tanya"))) == {SHOWN, LIVE}
    assert calls_of(await notes.kept.notes_about("synthetic-1")) == {SHOWN, LIVE}
    assert await notes.kept.of_call(HIDDEN) == [] and await notes.kept.note(hidden) == []
    assert len(await notes.kept.note(shown)) == len(await notes.kept.note(live)) == 1
    # It is kept as it was.
    assert len(await notes.plain.note(hidden)) == 1


async def test_where_no_restriction_stands_everything_is_as_before(notes: Notes) -> None:
    for call_id in (HIDDEN, SHOWN, LIVE):
        await notes.write(call_id)
    assert await notes.nobody.search(NoteSearch()) == await notes.plain.search(NoteSearch())
    assert await notes.nobody.of_call(HIDDEN) == await notes.plain.of_call(HIDDEN)


async def test_a_page_is_full_though_restricted_notes_lie_between(notes: Notes) -> None:
    shown = [await notes.write(SHOWN, 2 * number) for number in range(PAGE + 3)]
    for number in range(PAGE):
        await notes.write(HIDDEN, 2 * number + 1)
    first = await notes.kept.search(NoteSearch())
    assert len(first) == PAGE
    last = first[-1]
    rest = await notes.kept.search(replace(NoteSearch(), before=(last.first_at, last.note_id)))
    assert [one.note_id for one in (*first, *rest)] == shown[::-1]
