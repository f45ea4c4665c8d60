"""Settings: tables are seen, checked, changed whole, and changes undone, by those who may."""

import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from domain.clock import SystemClock
from domain.staff import Staff
from service.config_side import make_office
from storage.database import Database
from storage.vault import Vault
from tests.web.page_parts import PageParts, page_app
from web.config_desk import ConfigPort
from web.config_routes import add_config_routes

HEAD = "day,kind,opens,closes,about,assumed\n"
EVE = "2099-12-24,working,08:00,12:00,Menjelang Natal,\n"
ADMIN, AUDITOR, AGENT = "administrator", "auditor", "agent"


class People:
    """Nobody is known by name but the one who is signed in."""

    async def all(self) -> list[Staff]:
        return [Staff("s" * 32, "contoh.admin", "Contoh", frozenset())]


@pytest.fixture
async def parts(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[PageParts]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    office = make_office(database, Vault.create(tmp_path / "key"), SystemClock())
    port = ConfigPort(office, People())  # type: ignore[arg-type]  # of the store, names alone are read
    yield page_app([partial(add_config_routes, port=port)])
    database.close()


async def test_a_day_is_checked_put_in_force_and_undone(parts: PageParts) -> None:
    async with parts.client(ADMIN) as client:
        table = (await client.get("/api/config/days")).json()
        body = {"text": HEAD + EVE, "based_on": table["based_on"]}
        preview = (await client.post("/api/config/days/check", json=body)).json()
        assert (preview["added"], preview["mistakes"]) == (1, [])
        assert (await client.get("/api/config/days")).json()["text"] == HEAD  # nothing was changed yet

        made = await client.post("/api/config/days", json={**body, "why": "SE-1"})
        assert made.status_code == 200
        change = made.json()
        assert (change["who"], change["kind"], change["why"]) == ("contoh.admin", "days", "SE-1")
        assert (await client.get("/api/config/days")).json()["text"] == HEAD + EVE

        undo = (await client.get(f"/api/config-changes/{change['number']}/undo")).json()
        assert (undo["refused"], [one["sign"] for one in undo["differences"]]) == ("", [" ", "-"])
        undone = await client.post(f"/api/config-changes/{change['number']}/undo", json={"why": "keliru"})
        assert undone.json()["undoes"] == change["number"]
        assert (await client.get("/api/config/days")).json()["text"] == HEAD
        again = await client.post(f"/api/config-changes/{change['number']}/undo", json={})
        assert (again.status_code, again.json()["detail"]) == (409, "config.undo_already")
    acts = [(row.act, row.subject) for row in parts.audit.rows]
    assert acts[:2] == [("config_changed", "config:days"), ("config_undone", "config:days")]


async def test_mistakes_name_line_field_and_remedy_and_nothing_is_changed(parts: PageParts) -> None:
    wrong = HEAD + EVE.replace("working", "festival")
    async with parts.client(ADMIN) as client:
        based_on = (await client.get("/api/config/days")).json()["based_on"]
        answer = await client.post("/api/config/days", json={"text": wrong, "based_on": based_on})
        assert answer.status_code == 422
        [mistake] = answer.json()["mistakes"]
        assert (mistake["line"], mistake["field"], mistake["value"]) == (2, "kind", "festival")
        assert (mistake["what"], mistake["detail"]) == ("bukan jenis hari", "")
        assert mistake["remedy"] == "working, holiday, atau joint_leave"
        assert (await client.get("/api/config-changes")).json()["rows"] == []
    async with parts.client(ADMIN, page=True) as client:
        piece = await client.post("/api/config/days/check", json={"text": wrong, "based_on": based_on})
        assert "Baris 2" in piece.text and "joint_leave" in piece.text


async def test_who_comes_later_with_an_older_text_is_told(parts: PageParts) -> None:
    async with parts.client(ADMIN) as client:
        based_on = (await client.get("/api/config/days")).json()["based_on"]
        body = {"text": HEAD + EVE, "based_on": based_on}
        assert (await client.post("/api/config/days", json=body)).status_code == 200
        late = await client.post("/api/config/days", json={**body, "text": HEAD})
        assert (late.status_code, late.json()["detail"]) == (409, "config.changed_meanwhile")


async def test_an_auditor_sees_and_does_not_change_and_an_agent_does_neither(parts: PageParts) -> None:
    async with parts.client(AUDITOR) as client:
        assert (await client.get("/pengaturan")).status_code == 200
        page = await client.get("/pengaturan/dialer_caps")
        assert "hx-post" not in page.text.split('id="content"')[1].split("</section>")[0]
        assert (await client.post("/api/config/days/check", json={"text": HEAD})).status_code == 403
    async with parts.client(AGENT) as client:
        assert (await client.get("/pengaturan")).status_code == 403
        assert (await client.get("/api/config/days")).status_code == 403


async def test_every_kind_has_its_page_with_assumed_values_marked(parts: PageParts) -> None:
    async with parts.client(ADMIN) as client:
        kinds = (await client.get("/api/config")).json()
        overview = (await client.get("/pengaturan")).text
        for kind in kinds:
            page = await client.get(f"/pengaturan/{kind['name']}")
            assert page.status_code == 200
            assert f'href="/pengaturan/{kind["name"]}"' in overview
            assert (f"{kind['assumed']} asumsi" in page.text) is bool(kind["assumed"])
            assert f"config.kind_{kind['name']}" not in page.text
            assert "config.about" not in page.text


async def test_a_table_that_waits_for_a_start_says_so(parts: PageParts) -> None:
    async with parts.client(ADMIN) as client:
        table = (await client.get("/api/config/dialer_caps")).json()
        body = {"text": table["text"].replace("life: 12", "life: 8"), "based_on": table["based_on"]}
        made = await client.post("/api/config/dialer_caps", json=body)
        assert made.status_code == 200
        assert "Menunggu mulai ulang" in (await client.get("/pengaturan/dialer_caps")).text
        assert "1 tabel sudah diubah" in (await client.get("/pengaturan")).text
        change = await client.get(f"/pengaturan/perubahan/{made.json()['number']}")
        assert "life: 12" in change.text and "life: 8" in change.text
        assert "Batalkan perubahan ini" in change.text


async def test_a_table_is_given_as_a_file_and_unknown_ones_are_not_found(parts: PageParts) -> None:
    async with parts.client(ADMIN) as client:
        file = await client.get("/pengaturan/acd_rules/berkas")
        assert file.headers["content-disposition"].endswith("rules.csv")
        assert file.text.startswith("rule,value,about,assumed\n")
        for where in (
            "/api/config/nothing",
            "/pengaturan/nothing",
            "/api/config-changes/7",
            "/pengaturan/perubahan/7",
        ):
            assert (await client.get(where)).status_code == 404


async def test_mistakes_are_shown_in_the_readers_language_with_what_has_no_words_beside(
    parts: PageParts,
) -> None:
    async with parts.client(ADMIN, page=True) as client:
        spoilt = {"text": HEAD + "2099-12-24,festival,,,,\n", "based_on": ""}
        piece = (await client.post("/api/config/days/check", json=spoilt)).text
        assert "Baris 2" in piece and "<code>kind</code>" in piece and "bukan jenis hari" in piece
        assert 'lang="en"' not in piece
        spoilt = {"text": "a: !!python/x 1\n", "based_on": ""}
        piece = (await client.post("/api/config/desk_cases/check", json=spoilt)).text
        assert '<span lang="en">' in piece, "what only the reader's own words tell is marked as English"


async def test_what_tables_say_in_english_is_told_in_indonesian_beside_it(parts: PageParts) -> None:
    async with parts.client(AUDITOR) as client:
        read = (await client.get("/pengaturan/ivr_hours")).text
        assert "pers, untuk 2023; tahun lain mengikutinya" in read
        assert "Sumber: press" not in read
        results = (await client.get("/pengaturan/desk_results")).text
        assert "Asumsi: ya" in results and "Asumsi: yes" not in results
        words = (await client.get("/pengaturan/dialer_list_words")).text
        assert "1: no;" in words, "a heading's word stays"
    async with parts.client(ADMIN) as client:
        changed = (await client.get("/pengaturan/ivr_hours")).text
        assert 'value="press, for 2023; other years follow it"' in changed, (
            "what is changed is the table's own"
        )
        assert "pers, untuk 2023" in changed
