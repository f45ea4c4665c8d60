"""Everything held about one taxpayer, and nothing of the one beside them, on both databases."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.person_finder import Found, PersonFinder
from storage.person_sources import BY_THEMSELVES, FIRST, NOT_ABOUT_PERSONS, STAFF_COLUMNS, THEN
from storage.person_subject import subject_of
from storage.schema import metadata
from storage.tables import taxpayers
from storage.vault import Vault
from tests.storage.person_world import (
    AGENT,
    AGENT_NUMBER,
    SHARED_CALL,
    A,
    B,
    PersonWorld,
)

# The same on both databases: one is enough.
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SEARCHED = {source.table.name for source in (*FIRST, *THEN)}


def test_every_table_is_searched_or_said_not_to_be_about_persons() -> None:
    decided = SEARCHED | set(BY_THEMSELVES) | set(NOT_ABOUT_PERSONS)
    new = set(metadata.tables) - decided
    assert not new, (
        f"{', '.join(sorted(new))}: nobody decided whether it is about taxpayers. Remedy: a row "
        "in storage/person_sources.py, as a Source or in NOT_ABOUT_PERSONS with the reason"
    )
    assert not decided - set(metadata.tables)
    assert not SEARCHED & set(NOT_ABOUT_PERSONS)


@pytest.mark.parametrize("name", sorted(NOT_ABOUT_PERSONS))
def test_no_table_that_is_left_out_has_a_column_that_names_a_taxpayer(name: str) -> None:
    columns = {column.name for column in metadata.tables[name].c}
    named = {"taxpayer_id", "taxpayer_key", "taxpayer_lookup", "sealed_npwp", "sealed_caller", "number_key"}
    assert not columns & named
    assert NOT_ABOUT_PERSONS[name]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
async def world(database: Database, vault: Vault, tmp_path: Path) -> PersonWorld:
    made = PersonWorld(database, vault, tmp_path)
    await made.fill()
    return made


def found_of(world: PersonWorld, npwp: str, salt: str = "salt") -> Found:
    def work(connection: sa.Connection) -> Found:
        subject = subject_of(connection, world.vault, npwp)
        return PersonFinder(world.vault).everything(connection, subject, salt)

    return world.database.read_now(work)


def text_of(found: Found) -> str:
    rows = {name: section.rows for name, section in found.sections.items()}
    return json.dumps(rows, default=str, ensure_ascii=False)


async def test_one_is_found_in_every_table_and_nothing_of_the_other(world: PersonWorld) -> None:
    for mine, other in ((A, B), (B, A)):
        found = found_of(world, mine.npwp)
        empty = {name for name, section in found.sections.items() if not section.rows}
        # Requests are not filled here: their own tests do.
        assert empty <= {name for name in SEARCHED if name.startswith("person_")}, empty
        shown = text_of(found)
        assert mine.sign in shown and mine.npwp in shown and mine.taxpayer_id in shown
        strange = (other.sign, other.npwp, other.old_npwp, other.taxpayer_id, other.call, other.keyed_call,
                   other.attempt, other.number)  # fmt: skip
        assert [one for one in strange if one in shown] == []
        assert found.ids("calls") == {mine.call, mine.keyed_call, mine.attempt, SHARED_CALL}
        assert found.shared == {SHARED_CALL}
        said = {row["call_id"]: row.get("text") for row in found.sections["recording_transcripts"].rows}
        assert said == {mine.call: [f"caller: {mine.sign} transkrip"], SHARED_CALL: None}


@ONE
async def test_staff_are_shown_by_role_and_a_reference_of_this_file_only(world: PersonWorld) -> None:
    first, second = found_of(world, A.npwp, "1"), found_of(world, A.npwp, "2")
    for found in (first, second):
        shown = text_of(found)
        assert AGENT not in shown and AGENT_NUMBER not in shown
    audit = first.sections["audit_trail"].rows[0]
    again = second.sections["audit_trail"].rows[0]
    assert audit["who"].startswith("agent ") and audit["who"] == audit["data"]["agent"]
    assert audit["who"] != again["who"]
    said = [row[name] for section in first.sections.values() for row in section.rows for name in row
            if name in STAFF_COLUMNS and row[name]]  # fmt: skip
    assert said and all(one.startswith(("agent ", "staff ")) for one in said), set(said)


@ONE
async def test_a_caller_s_number_is_shown_only_where_it_is_known_to_be_theirs(world: PersonWorld) -> None:
    calls = {row["call_id"]: row["caller"] for row in found_of(world, A.npwp).sections["calls"].rows}
    assert calls[A.call] == A.number
    assert calls[SHARED_CALL] == "…9999"


@ONE
async def test_the_old_number_of_a_person_leads_to_the_same(world: PersonWorld) -> None:
    assert found_of(world, A.old_npwp).ids("calls") == found_of(world, A.npwp).ids("calls")


async def test_who_is_not_in_the_register_is_found_on_lists(world: PersonWorld) -> None:
    gone = sa.delete(taxpayers).where(taxpayers.c.taxpayer_id == A.taxpayer_id)
    world.database.write_now(lambda connection: connection.execute(gone))
    found = found_of(world, A.npwp)
    assert found.ids("contacts") == {A.contact_id} and found.ids("attempts") == {A.attempt}
    assert found.sections["interaction_notes"].rows == []
    assert B.sign not in text_of(found)


@ONE
def test_what_is_no_npwp_is_refused_without_telling_it(database: Database, vault: Vault) -> None:
    with pytest.raises(ValueError, match="no NPWP") as raised:
        database.read_now(lambda connection: subject_of(connection, vault, "1234567890123456"))
    assert "1234" not in str(raised.value)
