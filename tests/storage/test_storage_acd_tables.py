"""The administrator's tables: versions on SQLite and PostgreSQL, and `kring acd tables`."""

import random
import stat
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from acd.tables_csv import COLUMNS, CsvRefused, dump, load_folder
from service.commands.acd_tables import command
from storage.acd_tables import SHIPPED, AcdTables, ChangedMeanwhile, NoSuchVersion, TableChange, TablesWatch
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
TODAY = date(2025, 6, 3)
AGENTS = "agent,on_air_name,team,languages\n10001,Sari,satu,id en\n10002,Budi,satu,id\n"
COMPETENCES = "agent,skill,tier,level,expires\n10001,efin,B,2,\n10002,general,A,1,2025-06-30\n"
GIVEN = {"agents": AGENTS, "competences": COMPETENCES}


@pytest.fixture
def tables(database: Database, vault: Vault) -> AcdTables:
    return AcdTables(database, vault)


async def put(tables: AcdTables, given: Mapping[str, str], about: str = "", today: date = TODAY) -> int:
    return await tables.put(await tables.draft(given, today), "sari", about, NOW)


async def test_the_shipped_tables_are_in_force_until_the_first_import(tables: AcdTables) -> None:
    number, book = await tables.book()
    assert number == SHIPPED == await tables.version()
    assert dump(book.tables) == dump(load_folder().tables)
    assert len(book.requirements) > 10
    assert await tables.history() == []


async def test_an_import_replaces_only_the_tables_it_brings(tables: AcdTables) -> None:
    draft = await tables.draft(GIVEN, TODAY)
    assert draft.changes == {"agents": TableChange(2, 0, 0), "competences": TableChange(2, 0, 0)}
    assert await tables.version() == SHIPPED

    assert await tables.put(draft, "sari", "team satu", NOW) == 1

    number, book = await tables.book()
    assert number == 1
    assert book.agents["10001"].on_air_name == "Sari"
    assert book.requirements.keys() == load_folder().requirements.keys()
    [version] = await tables.history()
    assert (version.who, version.about, version.at) == ("sari", "team satu", NOW)
    assert (version.rows["agents"], set(version.changed)) == (2, set(COLUMNS))


async def test_every_earlier_version_can_be_had_again(tables: AcdTables) -> None:
    await put(tables, GIVEN)
    await put(tables, {"agents": AGENTS.replace("Sari", "Ayu")}, "new name")
    assert (await tables.book(1))[1].agents["10001"].on_air_name == "Sari"
    assert (await tables.book())[1].agents["10001"].on_air_name == "Ayu"
    assert [(one.number, one.changed) for one in await tables.history(1)] == [(2, ["agents"])]
    _, first = await tables.texts(1)
    assert await put(tables, first, "back again") == 3
    assert (await tables.book())[1].agents["10001"].on_air_name == "Sari"
    with pytest.raises(NoSuchVersion, match="version 9"):
        await tables.texts(9)


async def test_what_is_exported_is_imported_unchanged(tables: AcdTables) -> None:
    await put(tables, GIVEN)
    _, texts = await tables.texts()
    draft = await tables.draft(texts, TODAY)
    assert draft.changes == {}
    assert await tables.put(draft, "sari", "", NOW) == 1
    assert len(await tables.history()) == 1


async def test_with_a_mistake_nothing_is_applied_and_every_mistake_is_told(tables: AcdTables) -> None:
    await put(tables, GIVEN)
    bad = {
        "agents": AGENTS + "10001,Tono,satu,id\n",
        "competences": COMPETENCES + "10099,efin,B,2,\n10002,efinn,B,2,\n",
    }
    with pytest.raises(CsvRefused) as raised:
        await tables.draft(bad, TODAY)
    found = {(one.file, one.row, one.field, one.value) for one in raised.value.problems}
    assert ("agents.csv", 4, "agent", "…") in found
    assert ("competences.csv", 4, "agent", "…") in found
    assert ("competences.csv", 5, "skill", "efinn") in found
    assert await tables.version() == 1
    assert (await tables.book())[1].agents.keys() == {"10001", "10002"}


async def test_a_new_table_must_fit_those_that_stay(tables: AcdTables) -> None:
    await put(tables, GIVEN)
    with pytest.raises(CsvRefused, match="competences"):
        await tables.draft({"agents": AGENTS.split("10002")[0]}, TODAY)


async def test_an_expired_competence_is_refused_unless_it_was_in_force(tables: AcdTables) -> None:
    await put(tables, GIVEN)
    later = date(2025, 7, 1)
    assert await put(tables, {"agents": AGENTS.replace("Budi", "Joko")}, today=later) == 2
    _, texts = await tables.texts()
    assert (await tables.draft(texts, later)).changes == {}
    renewed = COMPETENCES.replace("general,A,1,2025-06-30", "general,B,1,2025-06-29")
    with pytest.raises(CsvRefused, match="has expired"):
        await tables.draft({"competences": renewed}, later)


async def test_of_two_who_import_at_once_the_second_is_told(tables: AcdTables) -> None:
    first = await tables.draft(GIVEN, TODAY)
    second = await tables.draft({"agents": AGENTS}, TODAY)
    await tables.put(first, "sari", "", NOW)
    with pytest.raises(ChangedMeanwhile, match="version 1"):
        await tables.put(second, "budi", "", NOW)
    assert [one.who for one in await tables.history()] == ["sari"]


async def test_tables_are_put_in_force_by_somebody(tables: AcdTables) -> None:
    with pytest.raises(ValueError, match="by somebody"):
        await tables.put(await tables.draft(GIVEN, TODAY), " ", "", NOW)
    assert await tables.version() == SHIPPED


async def test_a_running_service_notices_a_change(database: Database, vault: Vault) -> None:
    tables = AcdTables(database, vault)
    watch = TablesWatch(tables, (await tables.book())[0])
    assert await watch.changed() is None
    await put(AcdTables(database, vault), GIVEN)
    book = await watch.changed()
    assert book is not None
    assert book.agents.keys() == {"10001", "10002"}
    assert watch.number == 1
    assert await watch.changed() is None


async def test_no_name_is_readable_in_the_database(database: Database, vault: Vault, tmp_path: Path) -> None:
    await put(AcdTables(database, vault), GIVEN)
    stored = database.read_now(
        lambda c: [
            *c.execute(sa.text("SELECT * FROM acd_texts")),
            *c.execute(sa.text("SELECT * FROM acd_versions")),
        ]
    )
    assert len(stored) == len(COLUMNS) + 1
    assert "10001" not in repr(stored)
    assert "Budi" not in repr(stored)
    other = Vault.create(tmp_path / "other_key")
    with pytest.raises(VaultProblem):
        await AcdTables(database, other).book()


@pytest.mark.parametrize("table", ["acd_texts", "acd_versions"])
async def test_versions_are_never_changed(database: Database, vault: Vault, table: str) -> None:
    await put(AcdTables(database, vault), GIVEN)
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda c: c.execute(sa.text(f"DELETE FROM {table}")))  # noqa: S608
    assert await AcdTables(database, vault).version() == 1


async def test_five_thousand_agents_are_imported_in_seconds(sqlite_url: str, vault: Vault) -> None:
    rng = random.Random(1)
    skills = [skill.name for skill in load_folder().tables.skills]
    agents, competences = [AGENTS.splitlines()[0]], [COMPETENCES.splitlines()[0]]
    for number in range(5_000):
        name = "".join(chr(97 + int(digit)) for digit in str(number)).capitalize()
        agents.append(f"{100_000 + number},{name},tim_{number % 40},id")
        competences += [f"{100_000 + number},{skill},B,2,2030-01-31" for skill in rng.sample(skills, 5)]
    database = Database.open(sqlite_url)
    tables = AcdTables(database, vault)
    started = time.monotonic()
    number = await put(
        tables, {"agents": "\n".join(agents) + "\n", "competences": "\n".join(competences) + "\n"}
    )
    seconds = time.monotonic() - started
    _, book = await tables.book()
    assert (number, len(book.agents), len(book.tables.competences)) == (1, 5_000, 25_000)
    assert seconds < 10
    database.close()


# The command line


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    Vault.create(tmp_path / "secrets" / "master_key")
    return tmp_path


def tables_command(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    later = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    (folder / "agents.csv").write_text(AGENTS)
    (folder / "competences.csv").write_text(COMPETENCES.replace("2025-06-30", later))
    (folder / "notes.txt").write_text("not a table")
    return folder


def test_a_folder_is_checked_imported_exported_and_imported_again(home: Path, folder: Path) -> None:
    checked = tables_command("check", folder)
    assert checked.exit_code == 0
    assert "agents: 2 rows new" in checked.output
    assert "shipped" in tables_command("history").output
    assert "nothing was changed" in tables_command("import", folder, "--dry-run").output
    assert "shipped" in tables_command("history").output

    done = tables_command("import", folder, "--about", "team satu", "--who", "sari")
    assert "Version 1 is in force." in done.output
    assert "sari" in tables_command("history").output

    target = home / "exported"
    assert f"Version 1: {len(COLUMNS)} tables" in tables_command("export", target).output
    assert {path.name for path in target.iterdir()} == {f"{table}.csv" for table in COLUMNS}
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    assert stat.S_IMODE((target / "agents.csv").stat().st_mode) == 0o600
    again = tables_command("import", target)
    assert "The same as version 1" in again.output
    assert "Version 1 stays in force" in again.output
    assert tables_command("export", target).exit_code == 1
    assert tables_command("export", home / "first", "--version", "0").exit_code == 0
    assert (home / "first" / "agents.csv").read_text().splitlines() == AGENTS.splitlines()[:1]
    assert tables_command("export", home / "none", "--version", "7").exit_code == 1
    assert not (home / "none").exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("agents.csv", "agent,name\n10001,Sari\n", "agents.csv, row 1, headings"),
        ("agents.csv", AGENTS + "10003;Tini\n", "agents.csv, row 4, row"),
        ("agents.csv", AGENTS + "10003,Tini,satu,fr\n", "agents.csv, row 4, languages: `fr`"),
        ("agents.csv", AGENTS + '10003,"Tini,satu,id\n', "agents.csv, row 4"),
        ("competences.csv", "agent,skill,tier,level,expires\n10001,efin,D,1,\n", "row 2, tier: `D`"),
        ("competences.csv", "agent,skill,tier,level,expires\n10001,efin,B,1,2020-01-31\n", "has expired"),
        ("skills.csv", "skill,about,levels,wider,assumed\na,x,3,b,\nb,x,3,a,\n", "a circle: a → b → a"),
        (
            "agent.csv",
            AGENTS,
            "agent.csv, row 1, file: `agent`: is none of the tables. Remedy: one of agents",
        ),
    ],
)
def test_a_mistake_is_told_with_file_row_field_and_remedy(
    home: Path, folder: Path, name: str, content: str, told: str
) -> None:
    (folder / name).write_text(content)
    for word in ("check", "import"):
        result = tables_command(word, folder)
        assert result.exit_code == 1
        assert told in result.output
        assert "Remedy" in result.output
        assert "nothing was changed" in result.output
    assert "shipped" in tables_command("history").output


def test_a_sheet_in_another_encoding_is_told_with_its_row(home: Path, folder: Path) -> None:
    (folder / "agents.csv").write_bytes((AGENTS + "10003,Andr\xe9,satu,id\n").encode("latin-1"))
    result = tables_command("check", folder)
    assert result.exit_code == 1
    assert "agents.csv, row 4, row: ``: is not UTF-8" in result.output


def test_a_sheet_as_a_spreadsheet_in_indonesian_saves_it_is_read(home: Path, folder: Path) -> None:
    (folder / "agents.csv").write_text("\ufeff" + AGENTS.replace(",", ";").replace("\n", "\r\n"))
    assert tables_command("check", folder).exit_code == 0


def test_a_folder_without_tables_is_refused(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = tables_command("import", empty)
    assert result.exit_code == 1
    assert "the folder has no table" in result.output


def test_staff_numbers_are_masked_in_mistakes(home: Path, folder: Path) -> None:
    (folder / "agents.csv").write_text(
        AGENTS + "198701012010121001,Tini,satu,xx\n" + "198701012010121001,Tono,satu,id\n"
    )
    result = tables_command("check", folder)
    assert "…1001" in result.output
    assert "198701012010121001" not in result.output
    assert result.exit_code == 1


def test_a_mistake_in_a_table_that_is_not_in_the_folder_is_told_as_such(home: Path, folder: Path) -> None:
    assert tables_command("import", folder).exit_code == 0
    (folder / "competences.csv").unlink()
    (folder / "agents.csv").write_text(AGENTS.replace("10002,Budi,satu,id\n", "10003,Citra,satu,id\n"))
    refused = tables_command("import", folder)
    assert refused.exit_code == 1
    assert "competences.csv in force, row 3, agent: `…`: no such agent." in refused.output
    assert tables_command("check", home / "tables").exit_code == 1
    assert "1 mistake; nothing was changed" in refused.output
