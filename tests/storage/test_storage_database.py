"""Opening a database: migrations, and errors that name the remedy. Key files."""

import asyncio
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database, DatabaseProblem
from storage.schema import SCHEMA_REVISION, metadata
from storage.schema_hold import FileHold, ServerHold
from storage.vault import Vault, VaultProblem
from tests.postgres import PostgresServer


async def test_what_may_not_wait_is_read_while_reports_hold_every_reader(tmp_path: Path) -> None:
    database, over = Database.open(f"sqlite:///{tmp_path / 'one.db'}"), threading.Event()
    reports = [asyncio.create_task(database.read(lambda _: over.wait(30))) for _ in range(2)]
    later = asyncio.create_task(database.read(lambda _: "later"))
    first = await asyncio.wait_for(
        database.read_first(lambda connection: connection.execute(sa.text("SELECT 7")).scalar()), 25
    )
    assert (first, later.done()) == (7, False)
    over.set()
    assert await later == "later"
    assert all(await asyncio.gather(*reports))
    database.close()


def test_the_migrations_make_exactly_the_tables(empty_url: str) -> None:
    database = Database.open(empty_url)

    def differences(connection: sa.Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    assert database.read_now(differences) == []
    assert set(database.read_now(lambda c: sa.inspect(c).get_table_names())) == {
        *metadata.tables,
        "alembic_version",
    }
    database.close()


def test_opening_again_changes_nothing(empty_url: str) -> None:
    first = Database.open(empty_url)
    insert = sa.text("INSERT INTO flow_versions VALUES ('v', CURRENT_TIMESTAMP, '{}')")
    first.write_now(lambda connection: connection.execute(insert))
    first.close()
    second = Database.open(empty_url)
    assert second.read_now(lambda c: c.execute(sa.text("SELECT version FROM flow_versions")).scalar()) == "v"
    second.close()


def test_a_database_of_the_first_schema_is_brought_up_with_its_rows(empty_url: str) -> None:
    first = Database.open(empty_url)

    def go_back(connection: sa.Connection) -> None:
        """Leave what migration 0001 made, and a row in it."""
        tables = sa.inspect(connection).get_table_names()
        for table in set(tables) - _FIRST_SCHEMA:
            connection.execute(sa.text(f"DROP TABLE {table}"))
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('0001')"))
        connection.execute(sa.text("INSERT INTO flow_versions VALUES ('v', CURRENT_TIMESTAMP, '{}')"))

    first.write_now(go_back)
    first.close()
    second = Database.open(empty_url)
    assert second.read_now(lambda c: c.execute(sa.text("SELECT version FROM flow_versions")).scalar()) == "v"
    assert set(second.read_now(lambda c: sa.inspect(c).get_table_names())) >= set(metadata.tables)
    second.close()


_FIRST_SCHEMA = {
    "calls", "call_events", "flow_versions", "taxpayers", "line_switch", "calendar_overrides",
}  # fmt: skip


def test_the_known_revision_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path("storage/migrations")))
    assert scripts.get_heads() == [SCHEMA_REVISION]


def test_a_newer_database_is_left_alone(empty_url: str) -> None:
    database = Database.open(empty_url)
    database.write_now(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    database.close()
    with pytest.raises(DatabaseProblem, match="newer program"):
        Database.open(empty_url)


def test_a_program_whose_files_were_replaced_goes_no_further_than_it_knows(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database.open(empty_url).close()
    before = f"{int(SCHEMA_REVISION) - 1:04}"
    monkeypatch.setattr("storage.database.SCHEMA_REVISION", before)  # it runs on; its folder has the newest
    with pytest.raises(DatabaseProblem, match="newer program"):
        Database.open(empty_url)
    database = Database.open(f"sqlite:///{tmp_path}/another.db")
    version = sa.text("SELECT version_num FROM alembic_version")
    assert database.read_now(lambda connection: connection.execute(version).scalar()) == before
    database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kring.db").write_bytes(b"Not a database at all. " * 100)
    with pytest.raises(DatabaseProblem, match=r"kring\.db: the file is not an SQLite database"):
        Database.open(f"sqlite:///{tmp_path}/kring.db")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseProblem, match="file"):
        Database.open(f"sqlite:///{tmp_path}/file/below/kring.db")


def test_a_read_only_database_is_told_with_its_remedy(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")

    def write_only_reading(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only = on")  # as a file without the right to write
        connection.exec_driver_sql("INSERT INTO flow_versions VALUES ('v', 'now', '{}')")

    with pytest.raises(DatabaseProblem, match=r"cannot be written\. Remedy"):
        database.read_now(write_only_reading)
    database.close()


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")

    def fill(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite's own word for a full disk
        insert = "INSERT INTO flow_versions VALUES (?, 'now', ?)"
        for number in range(200):
            connection.exec_driver_sql(insert, (str(number), "x" * 9000))

    with pytest.raises(DatabaseProblem, match="disk is full"):
        database.read_now(fill)
    database.close()


@pytest.mark.parametrize(
    "url", ["", "kring.db", "sqlite://", "sqlite:///:memory:", "mysql://localhost/kring", "postgresql"]
)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(DatabaseProblem):
        Database.open(url)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://kring:geheim@/kring?host={tmp_path}"
    with pytest.raises(DatabaseProblem, match="does not answer") as raised:
        Database.open(url)
    assert "geheim" not in str(raised.value)


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseProblem, match="does not exist"):
        Database.open(f"postgresql://kring@/nowhere?host={postgres.folder}")


def test_a_key_file_is_its_owners_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    vault = Vault.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(VaultProblem, match="never overwritten"):
        Vault.create(path)
    assert Vault.load(path).open(vault.seal(b"x", b"here"), b"here") == b"x"
    path.chmod(0o640)
    with pytest.raises(VaultProblem, match="chmod 600"):
        Vault.load(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"format": 2}',
        '{"format": 1, "current": 1, "seal": {"1": "AAAA"}, "lookup": "AAAA"}',
    ],
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(VaultProblem, match="not a key file"):
        Vault.load(path)


def test_a_rotated_key_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    old = Vault.create(path)
    sealed = old.seal(b"3171991501909876", b"here")
    new = Vault.rotate(path)
    assert new.open(sealed, b"here") == b"3171991501909876"
    assert new.lookup_key("x") == old.lookup_key("x")
    with pytest.raises(VaultProblem, match="Key 2"):
        old.open(new.seal(b"x", b"here"), b"here")


def test_a_value_is_opened_only_where_it_was_sealed_and_unaltered(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "key")
    sealed = vault.seal(b"secret", b"call/1")
    assert b"secret" not in sealed
    assert sealed != vault.seal(b"secret", b"call/1")
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for altered, context in ((sealed, b"call/2"), (flipped, b"call/1"), (b"", b"")):
        with pytest.raises(VaultProblem):
            vault.open(altered, context)


def _goes_back(database: Database) -> None:
    """Leave the schema before the newest, as an older program knows it."""
    older = f"{int(SCHEMA_REVISION) - 1:04}"
    set_back = sa.text("UPDATE alembic_version SET version_num = :older")
    database.write_now(lambda connection: connection.execute(set_back, {"older": older}))


def test_nothing_is_migrated_below_a_program_that_works_with_the_schema_as_it_is(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._HELD_WITHIN", 0.0)
    running = Database.open(empty_url)
    _goes_back(running)
    with pytest.raises(DatabaseProblem, match=r"nothing was changed\. Remedy: stop that service"):
        Database.open(empty_url)
    found = running.read_now(lambda c: c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar())
    assert found != SCHEMA_REVISION
    running.close()


def test_programs_of_one_schema_work_side_by_side_and_the_hold_goes_with_the_last(empty_url: str) -> None:
    first = Database.open(empty_url)
    second = Database.open(empty_url)
    first.close()
    with pytest.raises(AssertionError, match="held"):
        _alone(empty_url)
    second.close()
    _alone(empty_url)


def _alone(url: str) -> None:
    """Hold the schema alone, as who migrates does, and let it go. AssertionError: somebody has it."""
    engine = sa.create_engine(url)
    path = Path(engine.url.database or "")
    hold = FileHold(path) if engine.dialect.name == "sqlite" else ServerHold(engine)
    try:
        assert hold.alone(), "held"
    finally:
        hold.let_go()
        engine.dispose()


def test_of_two_that_find_an_older_schema_one_migrates_and_both_go_on(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        opened = list(threads.map(Database.open, [empty_url, empty_url]))
    version = sa.text("SELECT version_num FROM alembic_version")
    for database in opened:
        assert database.read_now(lambda connection: connection.execute(version).scalar()) == SCHEMA_REVISION
        database.close()
