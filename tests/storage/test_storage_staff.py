"""Staff, their sessions and the trail of acts, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from domain.audit import AuditQuery, AuditRow
from domain.staff import Credential, Staff, StaffRole, StaffTaken, StaffUnavailable
from domain.staff_sessions import SessionEnd, StaffSession
from storage.audit import DurableAudit
from storage.database import Database, DatabaseProblem
from storage.staff import DurableStaff
from storage.staff_sessions import DurableSessions
from storage.staff_tables import audit_trail, staff, staff_credentials
from storage.vault import Vault

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SARI = Staff("a" * 32, "sari", "Sari Contoh", frozenset({StaffRole.AGENT}), "90000001", "alfa")
BUDI = Staff("b" * 32, "budi", "Budi", frozenset({StaffRole.AUDITOR, StaffRole.PLANNER}), language="en")
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"
GIVEN = Credential(HASH, True, AT)


@pytest.fixture
def people(database: Database, vault: Vault) -> DurableStaff:
    return DurableStaff(database, vault)


@pytest.fixture
def sessions(database: Database, people: DurableStaff) -> DurableSessions:
    return DurableSessions(database, people)


def _session(session_id: str, staff_id: str = SARI.staff_id, at: datetime = AT) -> StaffSession:
    return StaffSession(session_id, staff_id, "Chrome, Linux", b"f" * 32, at, at, at + timedelta(hours=12))


async def test_people_are_kept_as_they_are(people: DurableStaff) -> None:
    await people.add([(SARI, GIVEN), (BUDI, GIVEN)])
    assert await people.all() == [BUDI, SARI]
    assert await people.by_user_name("Sari") == SARI
    assert await people.by_user_name("nobody") is None
    assert await people.by_id(BUDI.staff_id) == BUDI
    assert await people.credential(SARI.staff_id) == GIVEN
    after = replace(SARI, user_name="sari.p", roles=frozenset(StaffRole), disabled=True)
    await people.change(after, AT)
    assert await people.by_user_name("sari.p") == after
    assert await people.by_user_name("sari") is None


async def test_a_name_and_a_number_belong_to_one_person(people: DurableStaff) -> None:
    await people.add([(SARI, GIVEN)])
    same_name = replace(BUDI, user_name="SARI")
    with pytest.raises(StaffTaken) as taken:
        await people.add([(replace(BUDI, staff_id="c" * 32, user_name="c"), GIVEN), (same_name, GIVEN)])
    assert (taken.value.what, taken.value.at) == ("user_name", 1)
    assert await people.all() == [SARI], "all or none"
    await people.add([(BUDI, GIVEN)])
    with pytest.raises(StaffTaken) as taken:
        await people.change(replace(BUDI, number=SARI.number), AT)
    assert taken.value.what == "number"
    with pytest.raises(KeyError):
        await people.change(replace(BUDI, staff_id="d" * 32, user_name="d"), AT)


async def test_nothing_personal_and_no_hash_is_in_clear(people: DurableStaff, database: Database) -> None:
    await people.add([(SARI, GIVEN)])
    await people.set_totp(SARI.staff_id, "JBSWY3DPEHPK3PXP", AT)
    await people.set_recovery_codes(SARI.staff_id, ["abcde12345"])

    def everything(connection: sa.Connection) -> bytes:
        rows = [
            row for table in sa.inspect(connection).get_table_names() if table.startswith("staff")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - our own names
        ]  # fmt: skip
        return repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows]).encode()

    kept = database.read_now(everything)
    for secret in (b"sari", b"Sari", HASH.encode(), b"JBSWY3DPEHPK3PXP", b"abcde12345"):
        assert secret not in kept
    assert b"90000001" in kept, "as in the floor's record"


async def test_a_code_and_a_recovery_code_work_once(people: DurableStaff) -> None:
    await people.add([(SARI, GIVEN)])
    used = await asyncio.gather(*(people.use_step(SARI.staff_id, 100) for _ in range(4)))
    assert sorted(used) == [False, False, False, True]
    assert not await people.use_step(SARI.staff_id, 99)
    assert await people.use_step(SARI.staff_id, 101)
    await people.set_recovery_codes(SARI.staff_id, ["one", "two"])
    used = await asyncio.gather(*(people.use_recovery_code(SARI.staff_id, "one", AT) for _ in range(4)))
    assert sorted(used) == [False, False, False, True]
    assert not await people.use_recovery_code(BUDI.staff_id, "two", AT)
    assert await people.recovery_codes_left(SARI.staff_id) == 1
    await people.set_totp(SARI.staff_id, "", None)
    assert await people.recovery_codes_left(SARI.staff_id) == 0


async def test_a_subject_of_the_directory_is_bound_once(people: DurableStaff) -> None:
    await people.add([(SARI, GIVEN)])
    assert await people.bind_subject(SARI.staff_id, "issuer 1")
    assert await people.bind_subject(SARI.staff_id, "issuer 1")
    assert not await people.bind_subject(SARI.staff_id, "issuer 2")
    assert not await people.bind_subject("e" * 32, "issuer 1")


async def test_a_stronger_hash_does_not_undo_a_change(people: DurableStaff) -> None:
    await people.add([(SARI, GIVEN)])
    await people.set_password(SARI.staff_id, "new", AT + timedelta(1), must_change=False)
    await people.rehash(SARI.staff_id, HASH, "stronger hash of the old one")
    assert (await people.credential(SARI.staff_id)).password_hash == "new"
    await people.rehash(SARI.staff_id, "new", "stronger")
    found = await people.credential(SARI.staff_id)
    assert (found.password_hash, found.changed_at) == ("stronger", AT + timedelta(1))
    with pytest.raises(KeyError):
        await people.set_password("e" * 32, "x", AT, must_change=False)


async def test_a_session_comes_with_its_owner(people: DurableStaff, sessions: DurableSessions) -> None:
    await people.add([(SARI, GIVEN)])
    await sessions.add(_session("1" * 32), b"h" * 32)
    found = await sessions.by_cookie(b"h" * 32)
    assert found is not None
    assert (found.session, found.staff, found.must_change) == (_session("1" * 32), SARI, True)
    assert await sessions.by_cookie(b"x" * 32) is None
    later = AT + timedelta(minutes=5)
    await sessions.seen("1" * 32, later)
    await sessions.seen("1" * 32, AT)  # an older word comes late
    kept = await sessions.by_id("1" * 32)
    assert kept is not None
    assert kept.seen_at == later


async def test_sessions_end_once_and_are_listed_for_a_while(
    people: DurableStaff, sessions: DurableSessions
) -> None:
    await people.add([(SARI, GIVEN), (BUDI, GIVEN)])
    ids = ["1" * 32, "2" * 32, "3" * 32]
    for n, session_id in enumerate(ids):
        await sessions.add(_session(session_id, at=AT + timedelta(minutes=n)), session_id.encode())
    await sessions.add(_session("4" * 32, BUDI.staff_id), b"4")
    assert sorted(await sessions.open_of(SARI.staff_id)) == ids
    ended = await sessions.end(ids[:2], AT + timedelta(hours=1), SessionEnd.REVOKED)
    assert sorted(ended) == ids[:2]
    assert await sessions.end(ids[:2], AT + timedelta(hours=2), SessionEnd.IDLE) == []
    assert sorted(await sessions.ended(ids)) == ids[:2]
    listed = await sessions.of(SARI.staff_id, AT)
    assert [(one.session_id, one.end) for one in listed] == [
        (ids[2], None), (ids[1], SessionEnd.REVOKED), (ids[0], SessionEnd.REVOKED),
    ]  # fmt: skip
    assert [one.session_id for one in await sessions.of(SARI.staff_id, AT + timedelta(hours=3))] == ids[2:]
    assert await sessions.remove_ended_before(AT + timedelta(hours=2)) == 2
    assert await sessions.by_id(ids[0]) is None


async def test_overdue_sessions_are_found(people: DurableStaff, sessions: DurableSessions) -> None:
    await people.add([(SARI, GIVEN)])
    await sessions.add(_session("1" * 32), b"1")
    await sessions.add(_session("2" * 32), b"2")
    await sessions.seen("2" * 32, AT + timedelta(minutes=20))
    now = AT + timedelta(minutes=31)
    overdue = await sessions.overdue(now, now - timedelta(minutes=30))
    assert [(one.session.session_id, one.staff) for one in overdue] == [("1" * 32, SARI)]
    late = AT + timedelta(hours=12)
    assert len(await sessions.overdue(late, AT - timedelta(hours=1))) == 2


async def test_the_trail_is_append_only_and_people_stay(people: DurableStaff, database: Database) -> None:
    audit = DurableAudit(database)
    await people.add([(SARI, GIVEN)])
    await audit.record(AuditRow(AT, "a" * 32, "card_viewed", "taxpayer:t1", "call:c1", data={"rung": "2"}))
    for statement in (
        sa.update(audit_trail).values(act="nothing"),
        sa.delete(audit_trail),
        sa.delete(staff_credentials),
        sa.delete(staff),
    ):
        with pytest.raises(DatabaseProblem, match="append-only"):
            await database.write(partial(_execute, statement))
    assert len(await audit.rows(AuditQuery())) == 1
    assert await people.all() == [SARI]


def _execute(statement: sa.UpdateBase, connection: sa.Connection) -> None:
    connection.execute(statement)


async def test_the_trail_is_filtered_newest_first(database: Database) -> None:
    audit = DurableAudit(database)
    rows = [
        AuditRow(AT + timedelta(hours=n), who, act, subject, outcome="done")
        for n, (who, act, subject) in enumerate(
            [
                ("a", "card_viewed", "taxpayer:1"),
                ("a", "note_saved", "note:1"),
                ("b", "card_viewed", "taxpayer:2"),
                ("b", "card_viewed", "taxpayer_x:1"),
            ]
        )
    ]
    for row in rows:
        await audit.record(row)

    async def found(**wanted: object) -> list[AuditRow]:
        return [row for _, row in await audit.rows(AuditQuery(**wanted))]  # type: ignore[arg-type]

    assert await found() == rows[::-1]
    assert await found(who="a") == [rows[1], rows[0]]
    assert await found(act="card_viewed", subject="taxpayer:2") == [rows[2]]
    assert await found(subject="taxpayer:") == [rows[2], rows[0]]
    assert await found(since=rows[1].at, until=rows[3].at) == [rows[2], rows[1]]
    newest = await audit.rows(AuditQuery(most=2))
    assert [row for _, row in await audit.rows(AuditQuery(before=newest[-1][0]))] == [rows[1], rows[0]]
    assert await audit.acts() == ["card_viewed", "note_saved"]


@pytest.mark.parametrize("row", [AuditRow(datetime(2026, 1, 1), "a", "b"), AuditRow(AT, "w" * 65, "b")])  # noqa: DTZ001 - a mistake
async def test_what_is_no_row_is_not_recorded(database: Database, row: AuditRow) -> None:
    with pytest.raises(ValueError):
        await DurableAudit(database).record(row)


async def test_without_the_key_nobody_is_read(people: DurableStaff, database: Database) -> None:
    await people.add([(SARI, GIVEN)])
    stranger = DurableStaff(database, Vault(1, {1: b"k" * 32}, b"l" * 32))
    with pytest.raises(StaffUnavailable):
        await stranger.all()
