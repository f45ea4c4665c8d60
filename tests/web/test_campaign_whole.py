"""From a file to a campaign, over the real records."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.campaign_stage import FORM
from tests.web.campaign_world import FILE, NPWP, CampaignWorld, campaign_world


@pytest.fixture
async def whole(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[CampaignWorld]:
    async with campaign_world(migrated_staff, tmp_path) as world:
        yield world


async def test_a_file_becomes_calls_only_with_a_second_person(whole: CampaignWorld) -> None:
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


async def test_what_is_no_list_is_refused_with_its_remedy(whole: CampaignWorld) -> None:
    upload_id = await whole.sent("manager", b"hanya satu baris", "csv")
    async with whole.parts.client("manager") as client:
        answer = await client.post(f"/api/lists/uploads/{upload_id}/inspect", json={})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "file"
