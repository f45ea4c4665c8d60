"""Flow archive, register, line switch and calendar on both databases."""

from datetime import UTC, date, datetime, time

import pytest
import sqlalchemy as sa

from domain.directory import DirectoryUnavailable
from domain.npwp import NpwpKind, check_npwp
from ivr.hours import DayKind, DayOverride
from storage.calendar import CalendarOverrides
from storage.database import Database, DatabaseProblem
from storage.directory import DatabaseDirectory
from storage.flow_archive import DatabaseFlowArchive
from storage.line_switch import LineSwitch
from storage.synthetic import examples, synthetic_taxpayers
from storage.vault import Vault

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)


async def test_a_flow_version_is_kept_as_it_was_first_saved(database: Database) -> None:
    archive = DatabaseFlowArchive(database)
    await archive.save("v1", {"main.yaml": "flow: main\n# é \u2026"})
    await archive.save("v1", {"main.yaml": "something else"})
    assert await archive.load("v1") == {"main.yaml": "flow: main\n# é \u2026"}
    with pytest.raises(KeyError):
        await archive.load("v2")


async def test_the_switch_remembers_who_when_and_why(database: Database) -> None:
    switch = LineSwitch(database)
    assert not await switch.is_shut()
    await switch.close("admin.sari", "gangguan listrik", NOW)
    assert await switch.is_shut()
    await switch.open("admin.budi", at=NOW.replace(hour=3))
    assert not await switch.is_shut()
    changes = await switch.history()
    assert [(c.who, c.shut, c.reason, c.at.hour) for c in changes] == [
        ("admin.budi", False, "", 3),
        ("admin.sari", True, "gangguan listrik", 2),
    ]
    assert changes[0].at.tzinfo is not None


async def test_the_line_is_not_closed_without_name_and_reason(database: Database) -> None:
    switch = LineSwitch(database)
    with pytest.raises(ValueError, match="reason"):
        await switch.close("admin.sari", "  ")
    with pytest.raises(ValueError, match="somebody"):
        await switch.close("", "listrik")
    assert await switch.latest() is None


@pytest.mark.parametrize("statement", ["UPDATE line_switch SET reason = ''", "DELETE FROM line_switch"])
async def test_the_switchs_record_is_append_only(database: Database, statement: str) -> None:
    await LineSwitch(database).close("admin.sari", "listrik")
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    latest = await LineSwitch(database).latest()
    assert latest is not None
    assert latest.reason == "listrik"


async def test_calendar_overrides_are_kept_replaced_and_removed(database: Database) -> None:
    calendar = CalendarOverrides(database)
    day = date(2027, 2, 10)
    short = DayOverride(day, DayKind.WORKING, "short day", (time(8, 30), time(12)))
    await calendar.put(DayOverride(day, DayKind.HOLIDAY, "election", assumed=True))
    await calendar.put(short)
    assert await calendar.all() == [short]
    assert await calendar.remove(day)
    assert not await calendar.remove(day)
    assert await calendar.all() == []


async def test_every_number_of_the_register_is_found_in_every_form(database: Database, vault: Vault) -> None:
    directory = DatabaseDirectory(database, vault)
    people = synthetic_taxpayers(40)
    assert directory.fill_if_empty(people) == 40
    assert directory.fill_if_empty(people) == 0
    for person in people:
        for keyed in (person.taxpayer.npwp, person.old_npwp, person.taxpayer.npwp + "000000"):
            found = [await directory.find(number) for number in check_npwp(keyed).candidates]
            assert [taxpayer for taxpayer in found if taxpayer] == [person.taxpayer]


async def test_a_number_that_nobody_has_is_not_found(database: Database, vault: Vault) -> None:
    directory = DatabaseDirectory(database, vault)
    directory.fill_if_empty(synthetic_taxpayers(10))
    assert await directory.find("3171011501900001") is None
    assert await directory.find("123") is None


async def test_a_register_that_cannot_be_asked_says_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    DatabaseDirectory(database, vault).fill_if_empty(synthetic_taxpayers(10))
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE taxpayers")))
    with pytest.raises(DirectoryUnavailable):
        await DatabaseDirectory(database, vault).find("3171011501900001")
    database.close()


def test_synthetic_taxpayers_are_right_in_form_and_nobodys() -> None:
    people = synthetic_taxpayers()
    assert people == synthetic_taxpayers()
    assert people[:5] == synthetic_taxpayers(5)
    assert len({person.taxpayer.npwp for person in people}) == len(people)
    assert len({person.old_npwp for person in people}) == len(people)
    for person in people:
        new, old = check_npwp(person.taxpayer.npwp), check_npwp(person.old_npwp)
        assert new.valid
        assert old.valid
        assert (new.kind is NpwpKind.NIK) == person.taxpayer.resident_person
        assert "999" in person.old_npwp[9:12]
        assert "Contoh" in person.taxpayer.name
    assert {person.taxpayer.active for person in people} == {True, False}


def test_the_examples_show_one_number_of_each_kind() -> None:
    shown = examples(synthetic_taxpayers())
    assert [check_npwp(digits).kind for digits, _ in shown[:5]] == [
        NpwpKind.NIK,
        NpwpKind.OLD,
        NpwpKind.NIK,
        NpwpKind.PREFIXED,
        NpwpKind.OLD,
    ]
    assert int(shown[2][0][6:8]) > 40
