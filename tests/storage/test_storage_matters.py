"""What every book of matters promises: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk.cases import load_cases, move_case, open_case
from desk.complaints import file_complaint, load_complaints
from desk.history import HistoryUnavailable
from desk.matters import (
    CodeTaken,
    Matter,
    MatterBook,
    MatterChanged,
    MatterKind,
    MattersUnavailable,
    Moved,
    WorkFilter,
)
from desk.promises import Owner, load_promises, make_promise, promise_result
from desk.standing import Rung
from domain.zones import Zone
from storage.database import Database, DatabaseProblem
from storage.matter_tables import matter_events, matters
from storage.matters import DurableMatters
from storage.matters_memory import MemoryMatters
from storage.vault import Vault
from tests.postgres import PostgresServer
from tests.unit.matter_world import AGENT, COLLEAGUE, MONDAY, NUMBER, TAXPAYER, Office, act, origin

CASES, COMPLAINTS, PROMISES, OFFICE = load_cases(), load_complaints(), load_promises(), Office()
CONTACT = {"contact": NUMBER, "contact_name": "Contoh Rahasia"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = frozenset(MatterKind)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def book(request: pytest.FixtureRequest, vault: Vault) -> Iterator[MatterBook]:
    if request.param == "memory":
        yield MemoryMatters()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield DurableMatters(database, vault)
    database.close()


def case(topic: str = "non_effective", rung: Rung = Rung.FULL, days: int = 0) -> Moved:
    given = {"non_effective": {"ne_reason": "abroad"}, "other": {"subject": "Situs", "explanation": "Galat"}}
    return open_case(
        CASES,
        OFFICE,
        origin(rung, MONDAY + days * DAY),
        topic,
        {**given[topic], **CONTACT},
        {"npwp": "x" * 16},
    )


def promise(hours: int = 1, owner: Owner = Owner.MINE) -> Moved:
    return make_promise(
        PROMISES,
        OFFICE,
        origin(),
        at=MONDAY + hours * HOUR,
        zone=Zone.WIB,
        owner=owner,
        number=NUMBER,
        confirmed=True,
        texts={"name": "Contoh", "about": "Jawaban"},
    )


def complaint() -> Moved:
    said = {"reporter": "Contoh Pelapor", "contact": NUMBER, "what": "Antrean"}
    return file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS), "service", said)


async def opened(book: MatterBook, *several: Moved) -> list[Matter]:
    return [await book.open(one) for one in several]


async def test_what_was_opened_is_found_whole_by_id_code_call_and_taxpayer(book: MatterBook) -> None:
    wanted = [one.matter for one in (case(), promise(), complaint())]
    made = [case(), promise(), complaint()]
    for one, (moved, matter) in enumerate(zip(made, await opened(book, *made), strict=True)):
        assert matter == moved.matter
        assert (matter.kind, matter.body) == (wanted[one].kind, wanted[one].body)
        assert await book.get(matter.matter_id) == matter
        assert await book.by_code(matter.code) == matter
        assert await book.trail(matter.matter_id) == [moved.event]
    newest_first = sorted((one.matter for one in made), key=lambda one: one.matter_id, reverse=True)
    assert await book.of_call("call-1") == newest_first
    about = await book.about_taxpayer(TAXPAYER)
    assert about == [one for one in newest_first if one.kind is not MatterKind.COMPLAINT]
    assert await book.by_code("BBBBBBBB") is None
    assert await book.trail("nothing") == []
    with pytest.raises(KeyError):
        await book.get("nothing")


async def test_a_matter_sent_twice_is_kept_once(book: MatterBook) -> None:
    made = case()
    first = await book.open(made)
    again = replace(made, matter=replace(made.matter, code="CCCCCCCC", body={"contact": "other"}))
    assert await book.open(again) == first
    assert len(await book.of_call("call-1")) == 1
    foreign = replace(made, matter=replace(made.matter, opened_by=COLLEAGUE))
    with pytest.raises(MatterChanged):
        await book.open(foreign)


async def test_a_code_belongs_to_one_matter(book: MatterBook) -> None:
    made, other = case(), case()
    await book.open(made)
    with pytest.raises(CodeTaken):
        await book.open(replace(other, matter=replace(other.matter, code=made.matter.code)))
    assert len(await book.of_call("call-1")) == 1


async def test_of_two_who_change_a_matter_one_is_told_to_look_again(book: MatterBook) -> None:
    matter = await book.open(case())
    steps = [move_case(OFFICE, matter, "take", act(who=who, note="mulai")) for who in (AGENT, COLLEAGUE)]
    results = await asyncio.gather(*(book.change(step) for step in steps), return_exceptions=True)
    assert {type(result) for result in results} == {Matter, MatterChanged}
    [winner] = [result for result in results if isinstance(result, Matter)]
    assert await book.get(matter.matter_id) == winner
    trail = await book.trail(matter.matter_id)
    assert [(one.number, one.what, one.note) for one in trail] == [(1, "opened", ""), (2, "take", "mulai")]
    assert trail[1].who == winner.assignee


async def test_a_step_and_the_promise_of_its_result_are_kept_together_or_not_at_all(book: MatterBook) -> None:
    matter = await book.open(case())
    taken = await book.change(move_case(OFFICE, matter, "take", act()))
    done = move_case(OFFICE, taken, "finish", act(note="selesai"))
    told = promise_result(PROMISES, OFFICE, done.matter, "f" * 32, taken.code, act(note="selesai"))
    with pytest.raises(CodeTaken):
        await book.change(done, told)
    assert await book.get(matter.matter_id) == taken
    assert len(await book.trail(matter.matter_id)) == 2
    told = replace(told, matter=replace(told.matter, code="DDDDDDDD"))
    await book.change(done, told)
    assert (await book.get("f" * 32)).parent == matter.matter_id
    assert [one.matter_id for one in await book.about_taxpayer(TAXPAYER)] == ["f" * 32]


async def test_lists_of_work_have_what_was_asked_for_due_first(book: MatterBook) -> None:
    late, early = case(days=7), case()
    afternoon, morning = promise(3), promise(1, Owner.ANYONE)
    await opened(book, late, early, afternoon, morning, complaint())

    async def listed(**wanted: object) -> list[str]:
        found = await book.work(WorkFilter(**{"kinds": ALL, **wanted}))  # type: ignore[arg-type]
        return [one.matter_id for one in found]

    ids = [one.matter.matter_id for one in (early, late, morning, afternoon)]
    assert await listed(kinds=frozenset({MatterKind.CASE, MatterKind.PROMISE})) == ids
    assert await listed(kinds=frozenset({MatterKind.PROMISE}), due_until=MONDAY + 2 * HOUR) == [ids[2]]
    assert await listed(assignee=AGENT) == [ids[3]]
    assert await listed(kinds=frozenset({MatterKind.CASE}), assignee="", most=1) == [ids[0]]
    assert await listed(cluster="taxpayer_data", team="alfa") == ids[:2]
    assert await listed(team="beta") == []
    assert await listed(closed=True) == []
    await book.change(move_case(OFFICE, early.matter, "withdraw", act()))
    await book.change(move_case(OFFICE, late.matter, "withdraw", act(MONDAY + HOUR)))
    assert await listed(closed=True) == [ids[1], ids[0]]
    assert ids[0] not in await listed()


async def test_the_card_is_told_what_is_open_without_what_was_said(book: MatterBook) -> None:
    [matter, call] = await opened(book, case(), promise())
    assert isinstance(book, MemoryMatters | DurableMatters)
    shown = {one.matter_id: one for one in await book.matters_of(TAXPAYER)}
    found = shown[matter.matter_id]
    assert (found.kind, found.title, found.step, found.due) == (
        "case",
        "non_effective",
        "open",
        matter.due_on,
    )
    assert shown[call.matter_id].due == call.due_at
    assert "Rahasia" not in repr(shown)


async def test_an_anonymous_callers_case_is_nobodys_on_the_card(book: MatterBook) -> None:
    await opened(book, case("other", Rung.KEYED), case("other", Rung.ANONYMOUS))
    assert await book.about_taxpayer(TAXPAYER) == []


async def test_nothing_personal_is_in_clear(database: Database, vault: Vault) -> None:
    book = DurableMatters(database, vault)
    matter = await book.open(case())
    await book.change(move_case(OFFICE, matter, "take", act(note="Rahasia dicatat")))
    await book.open(promise())

    def dump(connection: sa.Connection) -> str:
        found = [connection.execute(sa.select(table)).mappings().all() for table in (matters, matter_events)]
        return repr(
            [
                [bytes(one) if isinstance(one, memoryview) else one for one in row.values()]
                for rows in found
                for row in rows
            ]
        )

    stored = database.read_now(dump)
    for personal in ("Rahasia", "8110000123", "Contoh", "x" * 16, "Jawaban"):
        assert personal not in stored
    assert matter.matter_id in stored


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE matter_events SET who = 'x'",
        "DELETE FROM matter_events",
        "DELETE FROM matters",
        "UPDATE matters SET code = 'ZZZZZZZZ'",
        "UPDATE matters SET taxpayer_id = 'synthetic-0002'",
        "UPDATE matters SET opened_by = 'x'",
    ],
)
async def test_the_database_keeps_the_trail_and_the_origin(
    database: Database, vault: Vault, statement: str
) -> None:
    book = DurableMatters(database, vault)
    matter = await book.open(case())
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    assert await book.get(matter.matter_id) == matter


async def test_a_book_that_cannot_be_read_says_so(database: Database, vault: Vault, tmp_path: Path) -> None:
    book = DurableMatters(database, vault)
    matter = await book.open(case())
    stranger = DurableMatters(database, Vault.create(tmp_path.joinpath("other-key")))
    with pytest.raises(MattersUnavailable):
        await stranger.get(matter.matter_id)
    with pytest.raises(HistoryUnavailable):
        await stranger.matters_of(TAXPAYER)
