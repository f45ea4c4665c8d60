"""What became of accounts: on record beside the change, sealed, append-only; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from domain.staff import By, Credential, Staff, StaffMoved, StaffRole, StaffTaken
from domain.staff_changes import StaffAct
from storage.database import Database, DatabaseProblem
from storage.staff import DurableStaff
from storage.staff_tables import staff_changes
from storage.vault import Vault

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SARI = Staff("a" * 32, "sari", "Sari Contoh", frozenset({StaffRole.AGENT}), "90000001", "alfa")
BUDI = Staff("b" * 32, "budi", "Budi Contoh", frozenset({StaffRole.ADMINISTRATOR}))
GIVEN = Credential("$argon2id$hash", True, AT)
ADMIN = By(BUDI.staff_id, "pindah tim")


@pytest.fixture
def people(database: Database, vault: Vault) -> DurableStaff:
    return DurableStaff(database, vault)


async def test_who_made_and_changed_an_account_is_on_record_with_before_and_after(
    people: DurableStaff,
) -> None:
    await people.add([(BUDI, GIVEN), (SARI, GIVEN)])
    after = replace(SARI, team="beta", roles=frozenset({StaffRole.AGENT, StaffRole.QUALITY}))
    later = AT + timedelta(hours=1)
    await people.change(after, later, ADMIN)
    await people.change(after, later, ADMIN)
    await people.change(replace(after, disabled=True), later, By("cli:ops"))
    disabled, changed, made = await people.changes_of([SARI.staff_id])
    assert (changed.at, changed.who, changed.why, changed.act) == (
        later, BUDI.staff_id, "pindah tim", StaffAct.CHANGED,
    )  # fmt: skip
    assert changed.fields == {"roles": ("agent", "agent quality"), "team": ("alfa", "beta")}
    assert (disabled.act, disabled.fields, disabled.who) == (
        StaffAct.DISABLED, {"disabled": ("", "yes")}, "cli:ops",
    )  # fmt: skip
    assert (made.act, made.who, made.fields["user_name"]) == (StaffAct.MADE, "system", ("", "sari"))
    assert await people.change_of_number(changed.number) == changed
    assert await people.change_of_number(10**6) is None


async def test_passwords_codes_and_sessions_are_on_record_without_a_secret(
    people: DurableStaff, database: Database
) -> None:
    await people.add([(SARI, GIVEN)])
    await people.set_password(SARI.staff_id, "$argon2id$new", AT, must_change=True, by=ADMIN)
    await people.set_password(SARI.staff_id, "$argon2id$own", AT, must_change=False, by=By(SARI.staff_id))
    await people.note(SARI.staff_id, StaffAct.SESSIONS_ENDED, AT, ADMIN)
    rows = await people.changes()
    assert [(row.act, row.who) for row in rows[:3]] == [
        (StaffAct.SESSIONS_ENDED, BUDI.staff_id),
        (StaffAct.PASSWORD_CHANGED, SARI.staff_id),
        (StaffAct.PASSWORD_RESET, BUDI.staff_id),
    ]
    assert all(not row.fields for row in rows[:3])
    assert [row.number for row in await people.changes(rows[1].number, 1)] == [rows[2].number]
    found = database.read_now(lambda connection: connection.execute(sa.select(staff_changes)).all())
    kept = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in found])
    for personal in ("sari", "Sari", "90000001", "argon2id", "pindah"):
        assert personal not in kept


async def test_what_fails_leaves_no_row_and_who_is_late_changes_nothing(people: DurableStaff) -> None:
    await people.add([(BUDI, GIVEN), (SARI, GIVEN)])
    with pytest.raises(StaffTaken):
        await people.change(replace(SARI, user_name="budi"), AT, ADMIN)
    with pytest.raises(KeyError):
        await people.set_password("e" * 32, "x", AT, must_change=True, by=ADMIN)
    moved = replace(SARI, team="beta")
    await people.change(moved, AT, ADMIN)
    with pytest.raises(StaffMoved):
        await people.change(replace(SARI, team="gama"), AT, ADMIN, was=SARI)
    assert await people.by_id(SARI.staff_id) == moved
    assert [row.act for row in await people.changes()] == [StaffAct.CHANGED, StaffAct.MADE, StaffAct.MADE]


@pytest.mark.parametrize("statement", [sa.update(staff_changes).values(who="x"), sa.delete(staff_changes)])
async def test_the_record_is_append_only(
    people: DurableStaff, database: Database, statement: sa.UpdateBase
) -> None:
    await people.add([(SARI, GIVEN)])
    with pytest.raises(DatabaseProblem, match="append-only"):
        await database.write(partial(_execute, statement))
    assert len(await people.changes()) == 1


def _execute(statement: sa.UpdateBase, connection: sa.Connection) -> None:
    connection.execute(statement)
