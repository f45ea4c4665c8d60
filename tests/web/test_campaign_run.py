"""Campaigns at work: started and stopped, the switch over all, dry runs, why somebody is not called."""

import asyncio
from datetime import UTC, datetime

import pytest

from dialer.campaigns import CampaignState
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from tests.web.campaign_doubles import ID, LIST, NPWP, a_lead
from tests.web.campaign_stage import campaign_stage, said
from web import campaign_jobs

OTHER = "d" * 32


async def test_a_campaign_is_started_paused_stopped_and_finished() -> None:
    stage = campaign_stage()
    stage.campaign(lists=(LIST,))
    states = []
    for act in ("start", "pause", "start", "stop", "finish"):
        answer = await stage.post("chief", f"/api/campaigns/{ID}/{act}")
        states.append(answer.json()["overview"]["state"])
    assert states == ["running", "paused", "running", "stopped", "finished"]
    assert [act for act, _ in stage.acts] == [
        "campaign_started", "campaign_paused", "campaign_started", "campaign_stopped", "campaign_finished",
    ]  # fmt: skip
    late = await stage.post("chief", f"/api/campaigns/{ID}/pause")
    assert (late.status_code, late.json()["refusal"]) == (409, "changed")


async def test_a_campaign_without_a_list_is_not_started() -> None:
    stage = campaign_stage()
    stage.campaign()
    answer = await stage.post("manager", f"/api/campaigns/{ID}/start")
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "lists")
    assert stage.campaigns.campaigns[ID].state is CampaignState.DRAFT


async def test_every_act_that_ends_something_is_confirmed() -> None:
    stage = campaign_stage()
    stage.campaign(state=CampaignState.RUNNING)
    page = (await stage.get("manager", f"/kampanye/{ID}")).text
    for act in ("pause", "stop", "finish"):
        button = page[page.index(f'id="move-{act}"') :]
        assert "hx-confirm=" in button[: button.index(">")]


@pytest.mark.parametrize(
    "path", ["", f"/{ID}", f"/{ID}/uji", f"/{ID}/langsung", f"/{ID}/hasil", f"/{ID}/ubah", "/baru"]
)
async def test_the_thrown_switch_is_shown_on_every_page(path: str) -> None:
    stage = campaign_stage()
    stage.campaign()
    before = (await stage.get("manager", f"/kampanye{path}")).text
    assert "Semua panggilan keluar dihentikan." not in before
    assert 'id="switch"' in before
    thrown = await stage.post("chief", "/api/outbound/switch/throw", {"reason": "Gangguan operator"})
    assert thrown.json()["thrown"]
    after = (await stage.get("manager", f"/kampanye{path}")).text
    assert "Semua panggilan keluar dihentikan." in after
    assert "Gangguan operator" in after


async def test_the_switch_is_thrown_and_lifted_with_a_reason_and_a_trail() -> None:
    stage = campaign_stage()
    assert (await stage.post("chief", "/api/outbound/switch/throw", {"reason": ""})).status_code == 422
    assert stage.switch.changes == []
    await stage.post("chief", "/api/outbound/switch/throw", {"reason": "Gangguan"})
    lifted = await stage.post("manager", "/api/outbound/switch/lift", {"reason": "Sudah pulih"}, page=True)
    assert "dihentikan" not in lifted.text
    assert [(one.thrown, one.reason) for one in stage.switch.changes] == [
        (True, "Gangguan"), (False, "Sudah pulih"),
    ]  # fmt: skip
    assert [act for act, _ in stage.acts] == ["kill_switch_thrown", "kill_switch_lifted"]


async def test_a_dry_run_counts_by_reason_and_shows_nobody() -> None:
    stage = campaign_stage()
    stage.campaign()
    none = (await stage.get("leader", f"/api/campaigns/{ID}/dry-run")).json()
    assert none["state"] == "none"
    done = (await stage.post("leader", f"/api/campaigns/{ID}/dry-run")).json()
    assert (done["state"], done["called"], done["leads"]) == ("done", 50, 100)
    assert [(one["reason"], one["leads"]) for one in done["reasons"]] == [("cap_day", 7), ("day_off", 3)]
    assert [one["words"] for one in done["done"]] == ["Berjanji akan lapor"]
    assert [(one["reason"], one["lead_id"], one["row"], one["zone"]) for one in done["examples"]] == [
        ("called", 1, 2, "wita"), ("called", 2, 3, "wita"), ("cap_day", 1, 2, "wita"),
    ]  # fmt: skip
    page = (await stage.get("leader", f"/kampanye/{ID}/uji")).text
    for text in (page, str(done)):
        assert NPWP not in text
        assert "Rahasia" not in text
    assert said("outbound_why.cap_day") in page


async def test_a_long_dry_run_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = campaign_stage()
    stage.campaign()
    monkeypatch.setattr(campaign_jobs, "QUICK", 0.01)
    stage.dry_runs.hold = asyncio.Event()
    begun = (await stage.post("manager", f"/api/campaigns/{ID}/dry-run")).json()
    assert (begun["state"], begun["judged"]) == ("running", 500)
    piece = await stage.post("manager", f"/api/campaigns/{ID}/dry-run", page=True)
    assert 'hx-trigger="every 2s"' in piece.text
    stage.dry_runs.fails = True
    stage.dry_runs.hold.set()
    async with asyncio.timeout(20):
        while (await stage.get("manager", f"/api/campaigns/{ID}/dry-run")).json()["state"] == "running":
            await asyncio.sleep(0.01)
    assert (await stage.get("manager", f"/api/campaigns/{ID}/dry-run")).json()["state"] == "failed"


async def test_why_a_contact_is_not_dialled() -> None:
    stage = campaign_stage()
    stage.campaign()
    stage.dry_runs.refusal = Refusal(WhyNot.RESTING, datetime(2026, 3, 5, 2, 0, tzinfo=UTC))
    by_npwp = await stage.post("manager", f"/api/campaigns/{ID}/why", {"npwp": NPWP, "lead_id": ""})
    seen = by_npwp.json()
    assert (seen["lead_id"], seen["why"], seen["may_be_dialled"]) == (1, "resting", False)
    assert (seen["last"], seen["words"]) == (said("outbound_outcome.no_answer"), said("outbound_why.resting"))
    assert NPWP not in by_npwp.text
    assert "Rahasia" not in by_npwp.text
    assert stage.acts == [("campaign_contact_asked", f"campaign:{ID}")]
    assert NPWP not in str(stage.parts.audit.rows)
    stage.dry_runs.refusal = None
    piece = await stage.post("manager", f"/api/campaigns/{ID}/why", {"lead_id": "2"}, page=True)
    assert "Boleh ditelepon" in piece.text
    await stage.post("chief", "/api/outbound/switch/throw", {"reason": "Gangguan"})
    stopped = (await stage.post("manager", f"/api/campaigns/{ID}/why", {"lead_id": 1})).json()
    assert stopped["why"] == "kill_switch"


async def test_only_contacts_of_the_campaign_are_told_of() -> None:
    stage = campaign_stage()
    stage.campaign()
    stage.leads.leads[3] = a_lead(3, OTHER)
    for body, status in (({"lead_id": 3}, 404), ({"lead_id": 9}, 404), ({"npwp": "1" * 16}, 404), ({}, 422)):
        answer = await stage.post("manager", f"/api/campaigns/{ID}/why", body)
        assert answer.status_code == status, body
    assert (await stage.post("leader", f"/api/campaigns/{ID}/why", {"lead_id": 1})).status_code == 403
