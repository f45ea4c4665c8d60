"""What became of accounts, as administrators and auditors see it; undoing it; what roles may do."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from domain.audit import AuditQuery
from domain.staff import Staff, StaffRole
from tests.web.staff_world import StaffWorld, browser, enter
from web.permissions import Permission
from web.staff_roles import GROUPS, allowed
from web.texts import Texts

SARI = {"user_name": "sari", "display_name": "Sari Contoh", "roles": ["agent"], "number": "90000001",
        "team": "alfa"}  # fmt: skip


@pytest.fixture
async def admin(world: StaffWorld) -> AsyncIterator[httpx.AsyncClient]:
    await world.person("admin", StaffRole.ADMINISTRATOR)
    async with browser(world.app()) as client:
        await enter(client, "admin")
        yield client


async def _made(admin: httpx.AsyncClient) -> str:
    made = (await admin.post("/api/staff", json=SARI)).json()
    return str(made["person"]["staff_id"])


async def _rows(client: httpx.AsyncClient, staff_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/staff/{staff_id}/changes")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def _undo(client: httpx.AsyncClient, row: dict[str, Any], why: str = "") -> httpx.Response:
    return await client.post(f"/api/staff-changes/{row['number']}/undo", json={"why": why})


async def _found(world: StaffWorld, staff_id: str) -> Staff:
    found = await world.people.by_id(staff_id)
    assert found is not None
    return found


async def test_every_act_on_an_account_is_in_its_history_with_who_did_it(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = await _made(admin)
    await admin.post(f"/api/staff/{sari}", json={**SARI, "roles": ["agent", "quality"], "team": "beta"})
    for act in ("disable", "enable", "end-sessions", "reset"):
        await admin.post(f"/api/staff/{sari}/{act}")
    rows = await _rows(admin, sari)
    assert [row["act"] for row in reversed(rows)] == [
        "made", "changed", "disabled", "enabled", "sessions_ended", "password_reset",
    ]  # fmt: skip
    assert {row["who"] for row in rows} == {"admin"}
    assert rows[4]["fields"] == [
        {"field": "roles", "before": "agent", "after": "agent quality"},
        {"field": "team", "before": "alfa", "after": "beta"},
    ]
    assert [row["refused"] for row in rows] == [
        "undo_never", "undo_never", "", "undo_overlaps", "", "undo_never",
    ]  # fmt: skip
    every = (await admin.get("/api/staff-changes")).json()["rows"]
    assert [row["number"] for row in every[:6]] == [row["number"] for row in rows]


async def test_a_second_factor_taken_away_and_own_acts_are_in_the_history_without_secrets(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = (await world.person("sari", StaffRole.AGENT, number="90000001")).staff_id
    await world.people.set_totp(sari, "JBSWY3DPEHPK3PXP", world.clock.now())
    await world.own.set_language(sari, "en")
    given = (await admin.post(f"/api/staff/{sari}/reset")).json()["password"]
    answer = await admin.get(f"/api/staff/{sari}/changes")
    assert [(row["act"], row["who"]) for row in answer.json()["rows"]] == [
        ("code_reset", "admin"), ("password_reset", "admin"), ("changed", "sari"), ("made", "system"),
    ]  # fmt: skip
    assert given not in answer.text and "JBSWY3DPEHPK3PXP" not in answer.text and "argon2" not in answer.text


async def test_a_change_of_roles_is_undone_and_later_changes_stay(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = await _made(admin)
    await admin.post(f"/api/staff/{sari}", json={**SARI, "roles": ["agent", "quality"]})
    await admin.post(f"/api/staff/{sari}", json={**SARI, "roles": ["agent", "quality"], "team": "beta"})
    roles = (await _rows(admin, sari))[1]
    answer = await _undo(admin, roles, "keliru")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, f"/petugas/{sari}/riwayat")
    person = await _found(world, sari)
    assert (person.roles, person.team) == (frozenset({StaffRole.AGENT}), "beta")
    newest, *_, undone, _ = await _rows(admin, sari)
    assert (newest["undoes"], newest["why"], undone["undone_by"]) == (
        roles["number"], "keliru", newest["number"],
    )  # fmt: skip
    again = await _undo(admin, roles)
    assert (again.status_code, again.json()["message"]) == (409, "Sudah diurungkan.")
    assert (await _undo(admin, newest)).status_code == 200, "an undoing is a change like others"
    assert StaffRole.QUALITY in (await _found(world, sari)).roles
    trail = [row for _, row in await world.audit.rows(AuditQuery(act="staff_undone"))]
    assert [row.data for row in reversed(trail)] == [
        {"change": str(roles["number"])}, {"change": str(newest["number"])},
    ]  # fmt: skip


async def test_what_was_changed_again_is_refused_with_the_reason(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = await _made(admin)
    for team in ("beta", "gama"):
        await admin.post(f"/api/staff/{sari}", json={**SARI, "team": team})
    made, first = (await _rows(admin, sari))[::-1][:2]
    answer = await _undo(admin, first)
    assert (answer.status_code, "diubah lagi" in answer.json()["message"]) == (409, True)
    assert (await _undo(admin, made)).status_code == 409
    assert (await _found(world, sari)).team == "gama"
    assert (await admin.post("/api/staff-changes/999999/undo", json={})).status_code == 404


async def test_the_last_administrator_and_oneself_stay(world: StaffWorld, admin: httpx.AsyncClient) -> None:
    other = (await world.person("lain", StaffRole.AUDITOR)).staff_id
    body = {"user_name": "lain", "display_name": "Lain", "roles": ["auditor", "administrator"]}
    await admin.post(f"/api/staff/{other}", json=body)
    made_administrator = (await _rows(admin, other))[0]
    me = await world.office.named("admin")
    await world.office.set_disabled("cli:ops", me.staff_id, disabled=True)
    async with browser(world.app()) as client:
        await enter(client, "lain")
        answer = await _undo(client, made_administrator)
        assert (answer.status_code, "administrator terakhir" in answer.json()["message"]) == (409, True)
        assert (await _rows(client, other))[0]["refused"] == "last_administrator"
        enabled = await client.post(f"/api/staff/{me.staff_id}/enable")
        assert enabled.status_code == 200
    await enter(admin, "admin")
    mine = (await _rows(admin, me.staff_id))[0]
    assert (mine["act"], mine["refused"]) == ("enabled", "yourself")
    assert (await _undo(admin, mine)).status_code == 409
    assert not (await _found(world, me.staff_id)).disabled


async def test_a_name_that_somebody_else_took_since_is_not_given_twice(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = await _made(admin)
    await admin.post(f"/api/staff/{sari}", json={**SARI, "user_name": "sari2"})
    renamed = (await _rows(admin, sari))[0]
    await world.person("sari", StaffRole.AUDITOR)
    assert (await _undo(admin, renamed)).json()["message"] == "Nama pengguna ini sudah dipakai."
    assert (await _found(world, sari)).user_name == "sari2"


async def test_undoing_a_shutting_out_lets_somebody_in_again(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = (await world.person("sari", StaffRole.AGENT, number="90000001")).staff_id
    await admin.post(f"/api/staff/{sari}/disable")
    async with browser(world.app()) as client:
        assert (await enter(client, "sari")).status_code == 401
        await _undo(admin, (await _rows(admin, sari))[0])
        assert (await enter(client, "sari")).status_code == 303


async def test_an_auditor_looks_and_changes_nothing(world: StaffWorld, admin: httpx.AsyncClient) -> None:
    sari = await _made(admin)
    await admin.post(f"/api/staff/{sari}", json={**SARI, "team": "beta"})
    await world.person("audit", StaffRole.AUDITOR)
    async with browser(world.app()) as auditor:
        await enter(auditor, "audit")
        for path in ("/petugas", f"/petugas/{sari}", f"/petugas/{sari}/riwayat", "/petugas/riwayat"):
            page = await auditor.get(path)
            assert page.status_code == 200
            assert 'hx-post="/api/staff' not in page.text, path
        history = (await auditor.get(f"/petugas/{sari}/riwayat")).text
        assert "Dapat diurungkan oleh administrator" in history
        assert "alfa → <strong>beta</strong>" in history
        row = (await _rows(auditor, sari))[0]
        assert (await _undo(auditor, row)).status_code == 403
        assert (await auditor.post(f"/api/staff/{sari}", json=SARI)).status_code == 403
        assert 'href="/petugas"' in (await auditor.get("/akun")).text, "in the bar"
    read = [row for _, row in await world.audit.rows(AuditQuery(act="staff_history_read"))]
    assert f"staff:{sari}" in {row.subject for row in read}


async def test_supervisors_and_agents_see_neither_accounts_nor_roles(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    await world.person("spv", StaffRole.SUPERVISOR)
    async with browser(world.app()) as client:
        await enter(client, "spv")
        for path in ("/petugas", "/petugas/peran", "/petugas/riwayat", "/api/staff-changes"):
            assert (await client.get(path)).status_code == 403, path


async def test_the_page_of_roles_shows_the_table_that_is_in_force(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    page = (await admin.get("/petugas/peran")).text
    for said in ("Memeriksa bukti kepemilikan penelepon", "Pejabat pelindungan data", "Panggilan keluar"):
        assert said in page
    listed = [one for permissions in GROUPS.values() for one in permissions]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(Permission) - {Permission.PUBLIC, Permission.SIGNED_IN}
    prove = next(one for one in allowed()["service"] if one.permission is Permission.CALL_PROVE)
    assert {role for role, reach in prove.reach.items() if reach} == {StaffRole.AGENT}


def test_every_permission_group_act_and_role_has_its_words() -> None:
    names = Texts.load().names()
    wanted = {f"permission.{one.value}" for permissions in GROUPS.values() for one in permissions}
    wanted |= {f"permission_group.{group}" for group in GROUPS}
    wanted |= {f"role_about.{role.value}" for role in StaffRole}
    assert wanted <= names, sorted(wanted - names)
