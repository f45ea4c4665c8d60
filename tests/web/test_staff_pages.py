"""Administration of staff, and the trail of acts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from domain.audit import AuditQuery, AuditRow, AuditUnavailable
from domain.staff import StaffRole
from tests.web.staff_world import PASSWORD, StaffWorld, browser, enter
from web.guard import SESSION_COOKIE

SARI = {
    "user_name": "sari",
    "display_name": "Sari Contoh",
    "roles": ["agent"],
    "number": "90000001",
    "team": "alfa",
}


@pytest.fixture
async def admin(world: StaffWorld) -> AsyncIterator[httpx.AsyncClient]:
    await world.person("admin", StaffRole.ADMINISTRATOR)
    async with browser(world.app()) as client:
        await enter(client, "admin")
        yield client


async def test_somebody_is_made_and_can_sign_in_once_with_what_was_told(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    made = (await admin.post("/api/staff", json=SARI)).json()
    assert made["person"]["roles"] == ["agent"]
    listed = (await admin.get("/api/staff")).json()["staff"]
    assert [one["user_name"] for one in listed] == ["admin", "sari"]
    assert "password" not in str(listed)
    async with browser(world.app()) as sari:
        answer = await enter(sari, "sari", made["password"])
        assert answer.headers["location"] == "/akun"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user_name": "Ibu Sari"}, "user_name"),
        ({"user_name": "admin"}, "user_name"),
        ({"display_name": " "}, "display_name"),
        ({"roles": []}, "roles"),
        ({"roles": "agent", "number": ""}, "number"),
        ({"roles": ["team_leader"], "team": ""}, "team"),
        ({"number": "9'; drop"}, "number"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(
    world: StaffWorld, admin: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    answer = await admin.post("/api/staff", json={**SARI, **change})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert len(await world.people.all()) == 1


async def test_other_rights_end_the_sessions_of_whom_they_concern(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001", team="alfa")
    async with browser(world.app()) as client:
        await enter(client, "sari")
        path = f"/api/staff/{sari.staff_id}"
        same = {**SARI, "display_name": "Sari Baru"}
        assert (await admin.post(path, json=same)).status_code == 200
        assert (await client.get("/api/account/sessions")).status_code == 200
        await admin.post(path, json={**SARI, "roles": ["agent", "quality"]})
        assert (await client.get("/api/account/sessions")).status_code == 401
        await enter(client, "sari")
        assert (await client.get("/api/account/sessions")).status_code == 200
        await admin.post(f"{path}/disable")
        assert (await client.get("/api/account/sessions")).status_code == 401
        assert (await enter(client, "sari")).status_code == 401
        await admin.post(f"{path}/enable")
        assert (await enter(client, "sari")).status_code == 303
        assert (await admin.post(f"{path}/end-sessions")).json() == {"ended": 1}
        assert (await client.get("/api/account/sessions")).status_code == 401
        reset = (await admin.post(f"{path}/reset")).json()["password"]
        assert (await enter(client, "sari", PASSWORD)).status_code == 401
        assert (await enter(client, "sari", reset)).headers["location"] == "/akun"


async def test_the_last_administrator_stays(world: StaffWorld, admin: httpx.AsyncClient) -> None:
    me = await world.office.named("admin")
    body = {"user_name": "admin", "display_name": "A", "roles": ["auditor"]}
    answer = await admin.post(f"/api/staff/{me.staff_id}", json=body)
    assert (answer.status_code, "administrator" in answer.json()["message"]) == (409, True)
    assert (await admin.post(f"/api/staff/{me.staff_id}/disable")).status_code == 409
    await world.person("other", StaffRole.ADMINISTRATOR)
    assert (await admin.post(f"/api/staff/{me.staff_id}/disable")).status_code == 409, "not oneself"
    assert (await admin.post(f"/api/staff/{me.staff_id}", json=body)).status_code == 200
    assert (await admin.get("/api/staff")).status_code == 401, "other rights, another session"


async def test_the_pages_show_everybody_and_one(world: StaffWorld, admin: httpx.AsyncClient) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001", team="alfa")
    page = (await admin.get("/petugas")).text
    assert f'href="/petugas/{sari.staff_id}"' in page
    assert "90000001" in page
    one = (await admin.get(f"/petugas/{sari.staff_id}")).text
    assert 'value="alfa"' in one
    assert (await admin.get(f"/petugas/{'0' * 32}")).status_code == 404
    piece = await admin.post("/api/staff", json={**SARI, "user_name": "budi", "number": "2"},
                             headers={"hx-request": "true"})  # fmt: skip
    assert "Kata sandi sekali pakai untuk budi" in piece.text


async def test_every_change_is_on_the_trail_without_names(
    world: StaffWorld, admin: httpx.AsyncClient
) -> None:
    made = (await admin.post("/api/staff", json=SARI)).json()
    path = f"/api/staff/{made['person']['staff_id']}"
    for act in ("reset", "disable", "enable", "end-sessions"):
        await admin.post(f"{path}/{act}")
    rows = [
        row for _, row in await world.audit.rows(AuditQuery(subject=f"staff:{made['person']['staff_id']}"))
    ]
    assert [row.act for row in reversed(rows)] == [
        "staff_created", "password_reset", "staff_disabled", "staff_enabled", "sessions_revoked",
    ]  # fmt: skip
    me = await world.office.named("admin")
    assert {row.who for row in rows} == {me.staff_id}
    told = str(rows)
    for personal in ("sari", "Sari", "90000001", made["password"]):
        assert personal not in told


async def test_nothing_is_changed_that_cannot_be_put_on_the_trail(
    world: StaffWorld, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(row: AuditRow) -> None:
        raise AuditUnavailable("disk is full")

    monkeypatch.setattr(world.audit, "record", full)
    assert (await admin.post("/api/staff", json=SARI)).status_code == 503
    assert len(await world.people.all()) == 1
    async with browser(world.app()) as other:
        assert (await enter(other, "admin")).status_code == 503
        assert SESSION_COOKIE not in other.cookies


async def test_the_trail_is_read_with_filters_and_reading_is_on_it(world: StaffWorld) -> None:
    auditor = await world.person("audit", StaffRole.AUDITOR)
    subject = f"taxpayer:{'a' * 32}"
    for act in ("card_viewed", "card_viewed", "note_saved"):
        await world.audit.record(AuditRow(world.clock.now(), "f" * 32, act, subject, "call:c1"))
        world.clock.move(3600)
    await world.audit.record(AuditRow(world.clock.now(), "system", "card_viewed", "taxpayer:b"))
    async with browser(world.app()) as client:
        await enter(client, "audit")
        found = (await client.get("/api/audit", params={"act": "card_viewed", "subject": subject})).json()
        assert [row["why"] for row in found["rows"]] == ["call:c1", "call:c1"]
        day = (world.clock.now() + timedelta(hours=7)).date()
        assert (await client.get("/api/audit", params={"until": str(day - timedelta(days=1))})).json()[
            "rows"
        ] == []
        kinds = (await client.get("/api/audit", params={"subject": "taxpayer:"})).json()["rows"]
        assert len(kinds) == 4
        page = (await client.get("/jejak", params={"since": "", "until": str(day), "who": ""})).text
        assert "Melihat kartu wajib pajak" in page
        assert f"wajib pajak <code>{'a' * 32}</code>" in page and "sistem" in page
        newest = (await client.get("/api/audit", params={"most": 1})).json()
        assert newest["rows"][0]["act"] == "audit_read"
        assert newest["rows"][0]["who"] == auditor.staff_id
        older = (await client.get("/api/audit", params={"most": 1, "before": newest["older"]})).json()
        assert older["rows"][0]["n"] < newest["rows"][0]["n"]
        typed = await client.get("/api/audit", params={"subject": "taxpayer:091234567812345"})
        assert typed.status_code == 200
    rows = [row for _, row in await world.audit.rows(AuditQuery(act="audit_read"))]
    assert rows[0].data == {"subject": "taxpayer:"}, "what could be a number is not written down"
