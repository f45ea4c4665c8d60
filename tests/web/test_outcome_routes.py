"""Who has filed or paid, through the pages and over the real records."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desk.working_days import office_day
from dialer.campaigns import CampaignsUnavailable
from dialer.contacts import NPWP_KEY
from dialer.kinds import load_kinds
from service.outcome_imports import FeedImports
from storage.solved import OutcomeFeed
from tests.web.campaign_world import CLOCK, NPWP, CampaignWorld, campaign_world
from web.outcome_port import OutcomesBusy, OutcomesRefused
from web.texts import Texts

TODAY = office_day(CLOCK.now())
HEAD = "npwp;kind;period;date\n"
GOOD = f"{NPWP};filed;2025;{TODAY}\n"
OTHER = f"3171010101900001;paid;2025-03;{TODAY}\n"
BAD = f"3,17101E+15;filed;2025;{TODAY}\n{NPWP};gone;2025;{TODAY}\n"


@pytest.fixture
async def world(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[CampaignWorld]:
    async with campaign_world(migrated_staff, tmp_path) as world:
        yield world
        for door in world.doors:
            door.close()


async def _asked(world: CampaignWorld, who: str, text: str, **more: object) -> Any:
    upload_id = await world.sent("manager", text.encode(), "csv")
    body = {"upload_id": upload_id, "source": "sistem-inti", **more}
    async with world.parts.client(who) as client:
        return await client.post("/api/outcomes", json=body)


async def _solved(world: CampaignWorld) -> bool:
    key = world.vault.lookup_key(NPWP_KEY + NPWP)[:16]
    return bool(await OutcomeFeed(world.database, load_kinds()).solved([key], "non_filer", TODAY))


async def test_a_file_is_taken_in_once_and_the_act_is_on_the_trail(world: CampaignWorld) -> None:
    answer = await _asked(world, "manager", HEAD + GOOD + OTHER)
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert (seen["taken"], seen["new"], seen["known"], seen["wrong"]) == (True, 2, 0, 0)
    assert await _solved(world)
    again = (await _asked(world, "manager", HEAD + GOOD + OTHER)).json()
    assert (again["new"], again["known"]) == (0, 2)
    acts = [(row.act, row.data.get("source")) for row in world.parts.audit.rows]
    assert acts.count(("outcomes_taken", "sistem-inti")) == 2
    assert not list(world.imports.uploads.iterdir()), "what was taken in is removed"


async def test_wrong_lines_are_told_masked_and_nothing_is_kept(world: CampaignWorld) -> None:
    upload_id = await world.sent("manager", (HEAD + GOOD + BAD).encode(), "csv")
    body = {"upload_id": upload_id, "source": "sistem-inti"}
    seen = await world.post("manager", "/api/outcomes", body)
    assert (seen["taken"], seen["new"], seen["wrong"]) == (False, 0, 2)
    assert [(one["line"], one["field"]) for one in seen["mistakes"]] == [(3, "npwp"), (4, "kind")]
    assert seen["mistakes"][0]["remedy"] == Texts.load().say("id", "outcomes_remedy.npwp")
    assert NPWP not in str(seen)
    assert not await _solved(world)
    seen = await world.post("manager", "/api/outcomes", {**body, "skip_wrong": True})
    assert (seen["taken"], seen["new"], seen["wrong"]) == (True, 1, 2)
    assert await _solved(world)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"npwp;date\n1;2026-01-01\n", "columns"),
        ("npwp;kind;period;date\nNama \xe9;filed;2025;2026-01-01\n".encode("cp1252"), "not_utf8"),
    ],
)
async def test_what_is_no_feed_is_refused_with_its_remedy(
    world: CampaignWorld, content: bytes, fault: str
) -> None:
    upload_id = await world.sent("manager", content, "csv")
    async with world.parts.client("manager") as client:
        answer = await client.post("/api/outcomes", json={"upload_id": upload_id, "source": "x"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"] == Texts.load().say("id", f"outcomes_fault.{fault}")
    assert answer.json()["fields"][0]["field"] == "file"


async def test_only_who_manages_campaigns_may(world: CampaignWorld) -> None:
    assert (await _asked(world, "chief", HEAD + GOOD)).status_code == 403
    assert (await _asked(world, "second", HEAD + GOOD)).status_code == 404, "the file is the other's"
    assert not await _solved(world)
    async with world.parts.client("manager", page=True) as client:
        page = await client.get("/lapor-bayar")
    assert page.status_code == 200 and 'id="upload"' in page.text


async def test_the_report_is_a_piece_of_the_page_too(world: CampaignWorld) -> None:
    upload_id = await world.sent("manager", (HEAD + BAD).encode(), "csv")
    async with world.parts.client("manager", page=True) as client:
        answer = await client.post(
            "/api/outcomes", json={"upload_id": upload_id, "source": "x"}, headers={"hx-request": "true"}
        )
    assert answer.status_code == 200, answer.text
    assert upload_id in answer.text and "skip_wrong" in answer.text


async def test_one_file_at_a_time_and_a_lost_database_is_told(world: CampaignWorld, tmp_path: Path) -> None:
    file, key = tmp_path / "feed.csv", tmp_path / "master.key"
    file.write_text(HEAD + GOOD)
    feeds = FeedImports(f"sqlite:///{tmp_path / 'kring.db'}", key)
    first = asyncio.create_task(feeds.take_in(file, "x", skip_wrong=False))
    await asyncio.sleep(0)
    with pytest.raises(OutcomesBusy):
        await feeds.take_in(file, "x", skip_wrong=False)
    assert (await first).new == 1
    with pytest.raises(CampaignsUnavailable):
        await FeedImports(f"sqlite:///{tmp_path}", key).take_in(file, "x", skip_wrong=False)
    with pytest.raises(OutcomesRefused):
        await feeds.take_in(tmp_path / "none.csv", "x", skip_wrong=False)
