"""Interaction notes, drafts and ticks, on SQLite and PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk.history import HistoryUnavailable
from desk.notes import (
    NEW,
    PAGE,
    Draft,
    DraftChanged,
    NewNote,
    NoteChanged,
    NoteContent,
    NoteSearch,
    NotesUnavailable,
)
from desk.script import Tick, TicksUnavailable
from domain.calls import Call, CallEvent, EventKind
from storage.call_log import DurableCallLog
from storage.database import Database, DatabaseProblem
from storage.interaction_calls import DurableTicks, RecordedCallFacts
from storage.interactions import DurableInteractions
from storage.vault import Vault

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)  # 09.00 WIB
CALL, STAFF = "call-1", "a" * 32
QUESTION, ANSWER, CALLER = "Lupa EFIN untuk NPWP 12.345.678.9-012.000", "Kirim formulir", "Ibu Kenanga"
CONTENT = NoteContent("efin_token", "forgotten_efin", "resolved", "id", CALLER, QUESTION, ANSWER)


def note(number: int = 1, **changes: object) -> NewNote:
    made = NewNote(f"{number:032x}", CALL, CONTENT, STAFF, "90000001", "alfa", NOW, None)
    return replace(made, **changes)  # type: ignore[arg-type]


def draft(version: int = 0, question: str = "Lupa", **changes: object) -> Draft:
    made = Draft(CALL, STAFF, NEW, f"{1:032x}", version, replace(CONTENT, question=question), NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def book(database: Database, vault: Vault) -> DurableInteractions:
    return DurableInteractions(database, vault)


async def test_a_call_has_several_notes_in_the_order_of_writing(book: DurableInteractions) -> None:
    first = await book.save(note(2))
    second = await book.save(note(1, at=NOW + timedelta(minutes=1)))
    assert (first.version, first.content, first.first_at) == (1, CONTENT, NOW)
    assert await book.of_call(CALL) == [first, second]
    assert await book.documented([CALL, "call-2"]) == {CALL}


async def test_saving_the_same_note_again_keeps_it_once(book: DurableInteractions) -> None:
    first = await book.save(note())
    assert await book.save(note(at=NOW + timedelta(seconds=9))) == first
    with pytest.raises(NoteChanged) as raised:
        await book.save(note(content=replace(CONTENT, answer="Lain")))
    assert raised.value.current == first
    assert len(await book.of_call(CALL)) == 1


async def test_a_correction_is_a_new_version_and_the_old_one_stays(book: DurableInteractions) -> None:
    first = await book.save(note(taxpayer_id="tp-1"))
    better = replace(CONTENT, answer="Datang ke KPP")
    later = NOW + timedelta(hours=1)
    second = await book.correct(note(content=better, at=later), 1)
    assert (second.version, second.at, second.first_at, second.taxpayer_id) == (2, later, NOW, "tp-1")
    assert await book.note(first.note_id) == [second, first]
    assert await book.of_call(CALL) == [second]
    assert await book.correct(note(content=better, at=later), 1) == second
    with pytest.raises(NoteChanged) as raised:
        await book.correct(note(content=replace(CONTENT, answer="Lain")), 1)
    assert raised.value.current == second
    with pytest.raises(KeyError):
        await book.correct(note(7), 1)


async def test_of_corrections_at_the_same_time_one_is_kept(book: DurableInteractions) -> None:
    await book.save(note())
    tries = [book.correct(note(content=replace(CONTENT, answer=str(n))), 1) for n in range(5)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, NoteChanged) for one in done) == 4
    assert [kept.version for kept in await book.note(f"{1:032x}")] == [2, 1]


async def test_a_draft_is_counted_on_and_the_last_writer_does_not_silently_win(
    book: DurableInteractions,
) -> None:
    first = await book.keep_draft(draft())
    second = await book.keep_draft(draft(1, "Lupa EFIN"))
    assert (first.version, second.version) == (1, 2)
    for base in (0, 1):
        with pytest.raises(DraftChanged) as raised:
            await book.keep_draft(draft(base, "Tab lain"))
        assert raised.value.current == second
    assert await book.draft(CALL, STAFF) == second
    assert await book.draft(CALL, "b" * 32) is None
    assert await book.drafts_of(STAFF) == [second]


async def test_saving_a_note_lets_its_draft_go_and_another_tab_is_told(book: DurableInteractions) -> None:
    kept = await book.keep_draft(draft())
    saved = await book.save(note())
    assert await book.draft(CALL, STAFF) is None
    for base in (0, kept.version):
        with pytest.raises(DraftChanged) as raised:
            await book.keep_draft(draft(base, "Tab lain"))
        assert (raised.value.current, raised.value.saved) == (None, saved)
    correction = replace(draft(), slot=saved.note_id)
    assert (await book.keep_draft(correction)).version == 1
    await book.correct(note(content=replace(CONTENT, answer="Lain")), 1)
    assert await book.draft(CALL, STAFF, saved.note_id) is None


async def test_a_draft_is_thrown_away_only_in_the_version_that_was_seen(book: DurableInteractions) -> None:
    await book.keep_draft(draft())
    newer = await book.keep_draft(draft(1))
    with pytest.raises(DraftChanged):
        await book.drop_draft(CALL, STAFF, NEW, 1)
    await book.drop_draft(CALL, STAFF, NEW, newer.version)
    assert await book.draft(CALL, STAFF) is None
    await book.drop_draft(CALL, STAFF, NEW, newer.version)


async def test_old_drafts_are_deleted(book: DurableInteractions) -> None:
    await book.keep_draft(draft(at=NOW - timedelta(days=8), call_id="call-0"))
    kept = await book.keep_draft(draft())
    assert await book.purge_drafts(NOW - timedelta(days=7)) == 1
    assert await book.drafts_of(STAFF) == [kept]


async def test_notes_are_found_by_words_of_their_newest_version(book: DurableInteractions) -> None:
    one = await book.save(note(1))
    two = await book.save(note(2, content=replace(CONTENT, question="Cetak kartu", caller="Bapak Wijaya")))
    assert await book.search(NoteSearch(words="efin kenanga")) == [one]
    assert await book.search(NoteSearch(words="EFIN, Kénanga!")) == [one]
    assert await book.search(NoteSearch(words="123456789012000")) == [one]
    assert await book.search(NoteSearch(words="formulir")) == [two, one]
    assert await book.search(NoteSearch(words="efin wijaya")) == []
    assert await book.search(NoteSearch(words="yang")) == []
    newer = await book.correct(note(1, content=replace(CONTENT, question="Token")), 1)
    assert await book.search(NoteSearch(words="efin")) == []
    assert await book.search(NoteSearch(words="token")) == [newer]


async def test_a_search_is_narrowed_by_each_of_its_fields(book: DurableInteractions) -> None:
    here = await book.save(note(1, taxpayer_id="tp-1"))
    other = NoteContent("kup", "payment", "follow_up", "id", "", "Bayar", "")
    late = datetime(2025, 6, 3, 17, 0, tzinfo=UTC)  # midnight WIB: the next day
    there = await book.save(note(2, content=other, agent="90000002", team="beta", at=late))
    for search, found in [
        (NoteSearch(), [there, here]),
        (NoteSearch(branch="kup"), [there]),
        (NoteSearch(category="forgotten_efin"), [here]),
        (NoteSearch(result="follow_up"), [there]),
        (NoteSearch(agent="90000001"), [here]),
        (NoteSearch(team="beta"), [there]),
        (NoteSearch(taxpayer_id="tp-1"), [here]),
        (NoteSearch(since=date(2025, 6, 4)), [there]),
        (NoteSearch(until=date(2025, 6, 3)), [here]),
        (NoteSearch(before=(there.first_at, there.note_id)), [here]),
    ]:
        assert await book.search(search) == found, search


async def test_a_search_comes_in_pages(book: DurableInteractions) -> None:
    for number in range(PAGE + 3):
        await book.save(note(number, at=NOW + timedelta(seconds=number // 2)))
    page = await book.search(NoteSearch())
    rest = await book.search(NoteSearch(before=(page[-1].first_at, page[-1].note_id)))
    assert [int(one.note_id, 16) for one in [*page, *rest]] == list(reversed(range(PAGE + 3)))


async def test_earlier_notes_of_a_taxpayer_are_told_newest_first(book: DurableInteractions) -> None:
    for number in range(3):
        at = NOW + timedelta(days=number)
        await book.save(note(number, taxpayer_id="tp-1", at=at, call_id=f"call-{number}"))
    found = await book.notes_about("tp-1", 2)
    assert [(one.call_id, one.at, one.question, one.by) for one in found] == [
        ("call-2", NOW + timedelta(days=2), QUESTION, STAFF),
        ("call-1", NOW + timedelta(days=1), QUESTION, STAFF),
    ]
    assert await book.notes_about("tp-2") == []


async def test_nothing_written_is_readable_in_the_rows(book: DurableInteractions, database: Database) -> None:
    await book.save(note(1))
    await book.correct(note(1, content=replace(CONTENT, answer="Rahasia sekali")), 1)
    await book.keep_draft(draft(note_id=f"{9:032x}", question="Draf rahasia"))
    stored = b"".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for table in ("interaction_notes", "interaction_words", "interaction_drafts")
        for row in database.read_now(lambda c, t=table: c.execute(sa.text(f"SELECT * FROM {t}")).all())  # type: ignore[misc]  # noqa: S608
        for value in row
    ).lower()
    for word in (b"kenanga", b"lupa", b"formulir", b"345.678", b"345678", b"rahasia", b"draf"):
        assert word not in stored
    assert b"forgotten_efin" in stored


async def test_nothing_written_is_readable_in_the_files(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    book = DurableInteractions(database, vault)
    await book.keep_draft(draft(question="Draf rahasia"))
    await book.save(note(1))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = b"".join(file.read_bytes() for file in path.parent.glob("kring.db*")).lower()
    database.close()
    assert b"forgotten_efin" in content
    for word in (b"kenanga", b"formulir", b"345.678", b"345678", b"rahasia"):
        assert word not in content


async def test_a_safe_key_is_one_sessions_own(book: DurableInteractions, vault: Vault) -> None:
    assert book.safe_key("session-1") == book.safe_key("session-1") != book.safe_key("session-2")
    assert len(book.safe_key("session-1")) == 44


@pytest.mark.parametrize("table", ["interaction_notes", "interaction_words", "script_ticks"])
async def test_what_was_written_cannot_be_changed(
    book: DurableInteractions, database: Database, table: str
) -> None:
    await book.save(note())
    await DurableTicks(database).add(CALL, STAFF, Tick("inbound", "opening", True), NOW)
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda c: c.execute(sa.text(f"DELETE FROM {table}")))  # noqa: S608


async def test_ticks_are_kept_per_call_and_agent(database: Database) -> None:
    ticks = DurableTicks(database)
    await ticks.add(CALL, STAFF, Tick("inbound", "opening", True), NOW)
    await ticks.add(CALL, STAFF, Tick("inbound", "opening", False), NOW + timedelta(seconds=1))
    await ticks.add(CALL, "b" * 32, Tick("callback", "whose_number", True, "office"), NOW)
    assert await ticks.of(CALL, STAFF) == [
        Tick("inbound", "opening", True, "", NOW),
        Tick("inbound", "opening", False, "", NOW + timedelta(seconds=1)),
    ]
    assert [tick.answer for tick in await ticks.of(CALL, "b" * 32)] == ["office"]


async def test_facts_of_a_call_come_from_its_record(database: Database, vault: Vault) -> None:
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    way = [
        (EventKind.STARTED, {"dialled": "1500200"}),
        (EventKind.PROMPT, {"prompt": "welcome", "language": "id"}),
        (EventKind.CHOSE, {"menu": "branches.kup", "key": "0", "target": "waiting.person"}),
        (EventKind.QUEUED, {"queue": "general"}),
        (EventKind.PROMPT, {"prompt": "connecting", "language": "en"}),
    ]
    events = [CallEvent(CALL, seq, NOW, kind, data) for seq, (kind, data) in enumerate(way, 1)]
    await log.open(Call(CALL, "channel", "1500200", None, "v1", NOW), events)
    await log.close()
    reader = RecordedCallFacts(database)
    facts = await reader.facts(CALL)
    assert (facts.queue, list(facts.chosen), facts.language) == ("general", ["branches.kup"], "en")
    with pytest.raises(KeyError):
        await reader.facts("call-2")


async def test_a_database_that_fails_is_told_as_such(book: DurableInteractions, database: Database) -> None:
    tables = ("interaction_notes", "interaction_drafts", "script_ticks", "call_events")
    for table in tables:
        database.write_now(lambda c, t=table: c.execute(sa.text(f"ALTER TABLE {t} RENAME TO {t}_away")))  # type: ignore[misc]
    try:
        for work in (book.save(note()), book.of_call(CALL), book.keep_draft(draft()), book.drafts_of(STAFF)):
            with pytest.raises(NotesUnavailable):
                await work
        with pytest.raises(HistoryUnavailable):
            await book.notes_about("tp-1")
        with pytest.raises(NotesUnavailable):
            await RecordedCallFacts(database).facts(CALL)
        with pytest.raises(TicksUnavailable):
            await DurableTicks(database).of(CALL, STAFF)
    finally:
        for table in tables:
            database.write_now(lambda c, t=table: c.execute(sa.text(f"ALTER TABLE {t}_away RENAME TO {t}")))  # type: ignore[misc]
