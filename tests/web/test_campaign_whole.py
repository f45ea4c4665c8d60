"""From a file to a campaign, over the real records: only what the engine tells is a double."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.working_days import office_day
from domain.clock import SystemClock
from service.campaign_part import Names, load_tables, make_campaigns
from service.list_imports import ListImports
from storage.database import Database
from storage.lists import DurableLists
from storage.vault import Vault
from tests.web.campaign_stage import FORM, Choices, EffectDouble, EveryWeekday, LiveDouble, ResultsDouble
from tests.web.list_stage import PeopleDouble, sign_in_everybody
from tests.web.page_parts import PageParts, page_app
from web.campaign_port import CampaignPort
from web.campaign_routes import add_campaign_routes
from web.errors import add_error_handlers
from web.list_port import ListPort
from web.list_routes import add_list_routes

CLOCK = SystemClock()
NPWP = "0012345674123000"  # made up, with a right check digit
FILE = (
    "NPWP;Nama Wajib Pajak;No HP;Zona\r\n"
    f"{NPWP};Contoh Badan Satu;081100000001;WIB\r\n"
    "3.20101E+15;Contoh Rusak;081100000002;WIB\r\n"
    f"{NPWP};Contoh Ganda;081100000003;WIB\r\n"
).encode("cp1252")


@dataclass(slots=True)
class Whole:
    parts: PageParts
    imports: ListImports

    async def post(self, who: str, address: str, body: Any = None) -> Any:
        async with self.parts.client(who) as client:
            answer = await client.post(address, json=body)
            assert answer.is_success, f"{address}: {answer.status_code} {answer.text}"
            return answer.json()

    async def get(self, who: str, address: str) -> Any:
        async with self.parts.client(who) as client:
            answer = await client.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text}"
            return answer

    async def sent(self, who: str, content: bytes, kind: str) -> str:
        """Send a file in small pieces; return its id."""
        made = await self.post(who, "/api/lists/uploads", {"kind": kind, "size": len(content)})
        address = f"/api/lists/uploads/{made['upload_id']}/pieces"
        async with self.parts.client(who) as client:
            for at in range(0, len(content), 64):
                answer = await client.put(f"{address}?at={at}", content=content[at : at + 64])
                assert answer.status_code == 200, answer.text
        return str(made["upload_id"])

    async def loaded(self, who: str, content: bytes, kind: str = "csv", **order: str) -> Any:
        """Load a list from a file, with the columns as they are guessed."""
        upload_id = await self.sent(who, content, kind)
        found = await self.post(who, f"/api/lists/uploads/{upload_id}/inspect", {"source": "contoh"})
        columns = [
            {key: one[key] for key in ("header", "role", "name", "required")} for one in found["columns"]
        ]
        today = office_day(CLOCK.now()).isoformat()
        body = {
            "upload_id": upload_id, "title": "Contoh", "requester": "region_on_request",
            "unit": "Kanwil Contoh", "order_number": "ND-7", "legal_basis": "Contoh",
            "cut_off": today, "expires_on": today,
            "source": "contoh", "columns": columns, **order,
        }  # fmt: skip
        list_id = (await self.post(who, "/api/lists", body))["list_id"]
        async with asyncio.timeout(60):
            while (seen := (await self.get(who, f"/api/lists/{list_id}")).json())["overview"][
                "state"
            ] == "loading":
                await asyncio.sleep(0.05)
        return seen


@pytest.fixture
async def whole(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[Whole]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    key = tmp_path / "master.key"
    address = f"sqlite:///{tmp_path / 'kring.db'}"
    database, vault = Database.open(address), Vault.load_or_create(key)
    names = Names(frozenset({"outbound"}), frozenset({"outbound_agent"}), frozenset({"outbound"}))
    part = make_campaigns(database, vault, load_tables(), EveryWeekday(), lambda: names)
    imports = ListImports(database, vault, address, key, tmp_path / "uploads", CLOCK)
    await imports.start()
    lists, people = DurableLists(database, vault), PeopleDouble()
    campaigns = CampaignPort(
        part.campaigns, lists, part.leads, part.switch, part.tables, Choices(), LiveDouble(), part.dry_run,
        part.leads, ResultsDouble(), EffectDouble(), EveryWeekday(), people, tmp_path,
    )  # fmt: skip
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: add_list_routes(shared, ListPort(lists, imports, lists, people)),
            lambda shared: add_campaign_routes(shared, campaigns),
        ]
    )
    sign_in_everybody(parts)
    yield Whole(parts, imports)
    await imports.stop()
    database.close()


async def test_a_file_becomes_calls_only_with_a_second_person(whole: Whole) -> None:
    seen = await whole.loaded("manager", FILE)
    assert list(seen["overview"]["counts"].values()) == [3, 1, 1, 1, 0], seen
    assert {one["reason"] for one in seen["reasons"]} == {"npwp_damaged", "same_taxpayer_in_file"}
    list_id = seen["overview"]["list_id"]
    page = (await whole.get("manager", f"/daftar/{list_id}/ditolak")).text
    assert "081100000002" not in page
    mended = (await whole.get("manager", f"/api/lists/{list_id}/refused/file?form=xlsx")).content
    made = await whole.post("manager", "/api/campaigns", {**FORM, "ends_on": "", "control_share": "0"})
    campaign = f"/api/campaigns/{made['overview']['campaign_id']}"
    assert made["choices"] == []
    approved = await whole.post("second", f"/api/lists/{list_id}/approve")
    assert [act["words"] for act in approved["acts"]] == [
        "Disetujui", "Baris yang tidak diterima diunduh", "Selesai dibaca", "Mulai dibaca",
    ]  # fmt: skip
    used = await whole.post("manager", f"{campaign}/lists", {"list_id": list_id})
    assert used["overview"]["leads"] == {"ready": 1, "done": 0, "control": 0, "share": 0.0}
    assert used["history"][0]["words"].startswith("Daftar ditambahkan: 1 kontak")
    running = await whole.post("chief", f"{campaign}/start")
    assert running["overview"]["state"] == "running"
    dry = await whole.post("leader", f"{campaign}/dry-run")
    assert (dry["state"], dry["leads"]) == ("done", 1)
    why = await whole.post("manager", f"{campaign}/why", {"npwp": NPWP})
    assert (why["row"], why["zone"], why["attempts"]) == (2, "wib", 0)
    await whole.post("chief", "/api/outbound/switch/throw", {"reason": "Gangguan"})
    assert (await whole.post("manager", f"{campaign}/why", {"npwp": NPWP}))["why"] == "kill_switch"
    assert not list(await asyncio.to_thread(lambda: list(whole.imports.uploads.iterdir())))
    again = await whole.loaded("manager", mended, "xlsx")
    assert again["overview"]["counts"]["read"] == 2  # the file fits the same columns


async def test_what_is_no_list_is_refused_with_its_remedy(whole: Whole) -> None:
    upload_id = await whole.sent("manager", b"hanya satu baris", "csv")
    async with whole.parts.client("manager") as client:
        answer = await client.post(f"/api/lists/uploads/{upload_id}/inspect", json={})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "file"
