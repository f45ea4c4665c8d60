"""Lists from a file to approved contacts, by the real processes, on both databases."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dialer.campaigns import CampaignKind
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.imports import FileFault, FileRefused, ImportsBusy, OrderFault, OrderRefused, Progress
from dialer.lists import Counts, ListChanged, ListState, Order, Requester, RowReason, SamePerson
from dialer.mapping import ColumnMapping, ColumnUse, MappingFault, MappingRefused, Role
from dialer.reasons import WhyNot
from domain.clock import SystemClock
from domain.zones import Zone
from service.list_imports import ListImports
from storage.campaign_tables import suppressions, taxpayer_outcomes
from storage.database import Database, DatabaseProblem
from storage.list_known import KeysInUse
from storage.list_loads import ListLoads
from storage.list_tables import contact_keys, contacts, lists, refused_rows
from storage.list_writing import ListWriter, NotLoading
from storage.lists import DurableLists
from storage.vault import Vault
from tests.storage.stored_contacts import StoredContacts
from tests.unit.list_workbooks import Value, write_xlsx

TODAY = date.today()  # noqa: DTZ011 - an order's days are the office's; a day more or less does not matter
WITHIN = 60.0  # seconds for what takes one
HEADER = ("NPWP", "Nama", "Telepon", "Provinsi", "Masa")
MAPPING = ColumnMapping(
    {
        "NPWP": ColumnUse(Role.NPWP),
        "Nama": ColumnUse(Role.NAME),
        "Telepon": ColumnUse(Role.NUMBER),
        "Provinsi": ColumnUse(Role.PROVINCE),
        "Masa": ColumnUse(Role.FIELD, "masa"),
    }
)


def order(**changed: object) -> Order:
    values: dict[str, object] = {
        "title": "Belum lapor 2025",
        "requester": Requester.DIRECTORATE_REGULAR,
        "unit": "Direktorat Contoh",
        "order_number": "ND-1/PJ/2026",
        "legal_basis": "UU KUP",
        "cut_off": TODAY - timedelta(days=10),
        "expires_on": TODAY + timedelta(days=30),
        "source": "dit-contoh",
        **changed,
    }
    return Order(**values)  # type: ignore[arg-type]


def npwp(number: int) -> str:
    return f"3171995506{80 + number // 10_000:02d}{number % 9_000 + 1:04d}"


def good(number: int) -> list[str]:
    return [npwp(number), f"Contoh {number}", f"0812{number:08d}", "Bali", "2025-03"]


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.write_text("\n".join(";".join(row) for row in [HEADER, *rows]))
    return path


@pytest.fixture
async def imports(
    database: Database, vault: Vault, database_url: str, tmp_path: Path
) -> AsyncIterator[ListImports]:
    made = ListImports(database, vault, database_url, tmp_path / "key", tmp_path / "uploads", SystemClock())
    await made.start()
    yield made
    await made.stop()


async def ended(imports: ListImports, list_id: str) -> Progress:
    async with asyncio.timeout(WITHIN):
        while (progress := await imports.progress(list_id)).state is ListState.LOADING:
            await asyncio.sleep(0.02)
    return progress


async def loaded(imports: ListImports, path: Path, an_order: Order, by: str = "loader") -> Progress:
    return await ended(imports, await imports.begin(an_order, MAPPING, path, path.name, by))


def count(database: Database, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return database.read_now(lambda connection: connection.execute(query).scalar_one())


async def test_a_list_is_read_reported_and_approved(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    rows = [
        good(1),
        [npwp(2), "Contoh 2", "62215250208 / 081299990002", "31", ""],
        ["3.17E+15", "Contoh 3", "08129999003", "", ""],
        [npwp(4), "Contoh 4", "110", "", ""],
        [*good(1)[:2], "081277770005", "", ""],
        [npwp(6), "Contoh 6", "0812-0000-0001", "", ""],
    ]
    path = write_csv(imports.uploads / "sent", rows).rename(imports.uploads / "x.csv")
    list_id = await imports.begin(order(), MAPPING, path, "Daftar.csv", "loader", remove=True)
    assert (await ended(imports, list_id)).counts == Counts(6, 2, 2, 2, 0)
    await imports.stop()
    assert not path.exists()

    store = DurableLists(database, vault)
    one = await store.get(list_id)
    assert (one.state, one.loaded_by, one.order) == (ListState.LOADED, "loader", order())
    assert dict(one.reasons) == {
        "npwp_damaged": 1, "number_invalid": 1, "same_taxpayer_in_file": 1, "same_number_in_file": 1,
    }  # fmt: skip
    refused = await store.refused(list_id)
    assert [(row.row, row.reason, row.column, row.value) for row in refused] == [
        (4, RowReason.NPWP_DAMAGED, "NPWP", "…E+15"),
        (5, RowReason.NUMBER_INVALID, "Telepon", "…"),
        (6, RowReason.SAME_TAXPAYER_IN_FILE, "NPWP", "…0002"),
        (7, RowReason.SAME_NUMBER_IN_FILE, "Telepon", "…0001"),
    ]
    assert [list(row.cells) for row in refused] == rows[2:]
    assert [row.row for row in await store.refused(list_id, after=5, most=1)] == [6]
    assert await store.header(list_id) == HEADER
    assert await store.file_name(list_id) == "Daftar.csv"

    with pytest.raises(SamePerson):
        await store.approve(list_id, "loader", datetime.now(UTC))
    assert (await store.approve(list_id, "another", datetime.now(UTC))).state is ListState.APPROVED
    with pytest.raises(ListChanged):
        await store.approve(list_id, "another", datetime.now(UTC))
    await store.withdraw(list_id, "third", datetime.now(UTC))
    with pytest.raises(ListChanged):
        await store.withdraw(list_id, "third", datetime.now(UTC))
    assert [(event.what, event.who) for event in await store.history(list_id)] == [
        ("begun", "loader"), ("loaded", "loader"), ("approved", "another"), ("withdrawn", "third"),
    ]  # fmt: skip


async def test_contacts_are_found_by_id_list_and_key(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "a.csv", [good(1), [npwp(2), "Contoh 2", "62215250208 / 081299990002", "31", ""]]
    )
    list_id = (await loaded(imports, path, order())).list_id
    kept = StoredContacts(database, vault)
    first, second = await kept.of_list(list_id)
    assert (first.row, first.zone, second.row, second.zone) == (2, Zone.WITA, 3, Zone.WIB)
    assert first.person.npwp == npwp(1) and first.person.fields == {"masa": "2025-03"}
    assert second.person.numbers == ("62215250208", "6281299990002")
    assert await kept.get([second.contact_id, 10**9]) == {second.contact_id: second}
    assert second.taxpayer_key == vault.lookup_key(NPWP_KEY + npwp(2))[:16]
    assert second.number_keys == tuple(
        vault.lookup_key(NUMBER_KEY + one)[:16] for one in second.person.numbers
    )
    for key in (second.taxpayer_key, *second.number_keys):
        assert [one.contact_id for one in await kept.with_key(key)] == [second.contact_id]
    assert await kept.of_list(list_id, after=first.contact_id) == [second]


async def test_what_may_still_be_dialled_is_not_loaded_again(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [good(number) for number in range(30)])
    first = await loaded(imports, path, order())
    assert first.counts.accepted == 30
    again = await loaded(imports, path, order())
    assert again.counts == Counts(30, 0, 0, 30, 0)
    one_number = write_csv(tmp_path / "b.csv", [[npwp(98), "Contoh", "+62 812 0000 0007", "", ""]])
    third = await loaded(imports, one_number, order())
    refused = (await DurableLists(database, vault).refused(third.list_id))[0]
    assert refused.reason is RowReason.SAME_NUMBER_LOADED
    key = vault.lookup_key(NPWP_KEY + npwp(1))[:16]
    assert KeysInUse(database, TODAY).find([key]) == {key}
    assert KeysInUse(database, order().expires_on + timedelta(days=1)).find([key]) == frozenset()
    await DurableLists(database, vault).withdraw(first.list_id, "x", datetime.now(UTC))
    assert (await loaded(imports, path, order())).counts.accepted == 30


async def test_suppressed_and_solved_taxpayers_are_left_out(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    keys = [vault.lookup_key(NPWP_KEY + npwp(number))[:16] for number in range(4)]
    wrong = vault.lookup_key(NUMBER_KEY + "62812" + f"{2:08d}")[:16]
    outcomes = [(keys[0], "filed", order().cut_off), (keys[1], "paid", TODAY)]
    done = [
        {
            "taxpayer_key": key,
            "kind": kind,
            "period": "2025",
            "on_date": day,
            "source": "x",
            "imported_at": now,
        }
        for key, kind, day in outcomes
    ]

    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(taxpayer_outcomes), done)
        refused = [
            {"key": keys[3], "why": WhyNot.DO_NOT_CALL.value, "at": now},
            {"key": wrong, "why": WhyNot.WRONG_NUMBER.value, "at": now},
        ]
        connection.execute(sa.insert(suppressions), refused)

    database.write_now(fill)
    path = write_csv(tmp_path / "a.csv", [good(number) for number in range(5)])
    progress = await loaded(imports, path, order(kind=CampaignKind.NON_FILER.value))
    assert progress.counts == Counts(5, 2, 0, 0, 3)
    rows = await DurableLists(database, vault).refused(progress.list_id)
    assert [(row.row, row.reason) for row in rows] == [
        (2, RowReason.SOLVED), (4, RowReason.WRONG_NUMBER), (5, RowReason.DO_NOT_CALL),
    ]  # fmt: skip


async def test_rows_of_several_sheets_are_told_apart(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    damaged: list[Value] = [int(npwp(3)), "Contoh 3", "0812", "", ""]
    sheets: dict[str, list[list[Value]]] = {
        "Satu": [list(HEADER), list(good(1)), damaged],
        "Catatan": [["bukan daftar"]],
        "Dua": [["Tambahan", *HEADER[::-1]], ["x", *good(1)[::-1]], ["y", *good(2)[::-1]]],
    }
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    progress = await loaded(imports, path, order())
    assert progress.counts == Counts(4, 2, 1, 1, 0)
    rows = await DurableLists(database, vault).refused(progress.list_id)
    assert [(row.row, row.sheet, row.sheet_row, row.reason) for row in rows] == [
        (3, "Satu", 3, RowReason.NPWP_DAMAGED),
        (5, "Dua", 2, RowReason.SAME_TAXPAYER_IN_FILE),
    ]
    assert rows[0].cells[0] == f"{int(npwp(3)):.14E}"
    assert (rows[1].column, list(rows[1].cells)) == ("NPWP", good(1))  # in the order of the first sheet


async def test_a_killed_load_leaves_nothing_and_says_so(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [good(number) for number in range(40_000)])
    list_id = await imports.begin(order(), MAPPING, path, "a.csv", "loader")
    async with asyncio.timeout(WITHIN):
        while not (progress := await imports.progress(list_id)).read:
            await asyncio.sleep(0.005)
    assert progress.state is ListState.LOADING and 0 < progress.share < 1
    assert count(database, contacts) > 0
    ((_, loader, _),) = ListLoads(database, vault).loading()
    os.kill(int(loader.split(":")[1]), signal.SIGKILL)
    progress = await ended(imports, list_id)
    assert (progress.state, progress.fault) == (ListState.FAILED, "interrupted")
    await imports.stop()
    assert [count(database, table) for table in (contacts, refused_rows, contact_keys)] == [0, 0, 0]
    with pytest.raises(ListChanged):
        await DurableLists(database, vault).approve(list_id, "another", datetime.now(UTC))


async def test_a_load_is_cancelled_and_only_one_runs_at_a_time(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [good(number) for number in range(40_000)])
    list_id = await imports.begin(order(), MAPPING, path, "a.csv", "loader")
    with pytest.raises(ImportsBusy):
        await imports.begin(order(), MAPPING, path, "a.csv", "loader")
    await imports.cancel(list_id, "loader")
    progress = await imports.progress(list_id)
    assert (progress.state, progress.fault) == (ListState.FAILED, "cancelled")
    assert count(database, contacts) == 0
    with pytest.raises(ListChanged):
        await imports.cancel(list_id, "loader")
    with pytest.raises(NotLoading):
        ListWriter(database, list_id).write([], [], 1, 1)
    small = write_csv(tmp_path / "b.csv", [good(1)])
    assert (await loaded(imports, small, order())).counts.accepted == 1


async def test_a_load_waits_while_another_program_holds_the_database(
    sqlite_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = Database.open(sqlite_url), Database.open(sqlite_url)
    list_id = ListLoads(database, vault).begin(order(), MAPPING, "a.csv", "loader", "x:1:1")
    tried: list[int] = []
    held = other.engine.execution_options(writes=True).connect()
    held.begin()
    write_now = database.write_now

    def counted(work: Callable[[sa.Connection], object]) -> object:
        tried.append(1)
        if len(tried) == 2:
            held.rollback()
        return write_now(work)

    monkeypatch.setattr(database, "write_now", counted)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    ListWriter(database, list_id).write([(7, list_id, 2, b"k" * 16, b"n" * 16, "wib", "", b"s")], [], 1, 7)
    assert len(tried) == 2
    assert count(database, contacts) == 1
    for one in (held, database, other):
        one.close()


async def test_what_a_dead_process_left_is_removed_at_the_start(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    loads = ListLoads(database, vault)
    here = f"{os.uname().nodename[:80]}:999999999:1"
    list_id = loads.begin(order(), MAPPING, "a.csv", "loader", here)
    row = (7, list_id, 2, b"k" * 16, b"n" * 16, "wib", "", b"sealed")
    ListWriter(database, list_id).write([row], [], 1, 7)
    ListWriter(database, list_id).write_keys([(b"k" * 16, 7), (b"n" * 16, 7)])
    (imports.uploads / "left").write_text("personal")
    await imports.start()
    assert not list(imports.uploads.iterdir())
    assert [count(database, table) for table in (contacts, contact_keys)] == [0, 0]
    assert (await imports.progress(list_id)).fault == "interrupted"
    assert loads.next_contact() == 8  # an id is never given twice


async def test_what_is_wrong_with_a_file_or_order_is_told_before_a_list_is_made(
    imports: ListImports, database: Database, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [good(1)])
    with pytest.raises(FileRefused) as refused:
        await imports.inspect(path, "a.xlsx")
    assert refused.value.fault is FileFault.WRONG_EXTENSION
    other = ColumnMapping({**MAPPING.columns, "Lain": ColumnUse(Role.GROUP)})
    with pytest.raises(MappingRefused) as wrong:
        await imports.begin(order(), other, path, "a.csv", "loader", remove=True)
    assert (wrong.value.fault, wrong.value.column) == (MappingFault.NO_SUCH_COLUMN, "Lain")
    with pytest.raises(OrderRefused) as unfit:
        await imports.begin(order(expires_on=TODAY - timedelta(days=3)), MAPPING, path, "a.csv", "loader")
    assert (unfit.value.field, unfit.value.fault) == ("expires_on", OrderFault.EXPIRED)
    assert path.exists() and count(database, lists) == 0
    empty = write_csv(tmp_path / "b.csv", [["", "", "", "", ""]])
    assert (await loaded(imports, empty, order())).fault == FileFault.NO_ROWS


async def test_the_mapping_of_a_source_is_remembered(imports: ListImports, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [good(1)])
    guessed = await imports.inspect(path, "a.csv", "dit-contoh")
    assert not guessed.remembered
    assert guessed.proposed.columns["Masa"].role is Role.IGNORED
    assert guessed.sample == (("…0002", "C… •", "…0001", "B…", "…"),)
    await loaded(imports, path, order())
    found = await imports.inspect(path, "a.csv", "dit-contoh")
    assert found.remembered and found.proposed == MAPPING


async def test_nothing_personal_lies_in_the_database_in_clear(
    imports: ListImports, database: Database, vault: Vault, tmp_path: Path
) -> None:
    rows = [good(1), ["3.17E+15", "Rahasia Contoh", "081299990002", "", ""]]
    await loaded(imports, write_csv(tmp_path / "Nama Orang.csv", rows), order())

    def everything(connection: sa.Connection) -> str:
        tables = (lists, contacts, contact_keys, refused_rows)
        return repr([tuple(row) for table in tables for row in connection.execute(sa.select(table))])

    content = database.read_now(everything)
    assert "ND-1/PJ/2026" in content
    for secret in (npwp(1), "Contoh 1", "81200000001", "Rahasia", "81299990002", "Nama Orang"):
        assert secret not in content


async def test_the_record_of_lists_cannot_be_altered(
    imports: ListImports, database: Database, tmp_path: Path
) -> None:
    await loaded(imports, write_csv(tmp_path / "a.csv", [good(1)]), order())
    for text in (
        "UPDATE contacts SET zone = 'wit'",
        "DELETE FROM lists",
        "UPDATE lists SET legal_basis = 'none'",
        "UPDATE list_events SET who = 'x'",
        "DELETE FROM list_events",
    ):
        with pytest.raises(DatabaseProblem, match="append-only"):
            database.write_now(lambda connection, text=text: connection.execute(sa.text(text)))  # type: ignore[misc]
