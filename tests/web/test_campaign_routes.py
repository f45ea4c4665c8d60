"""Campaigns: defined, changed, copied, given lists; what is wrong stands at its field."""

import asyncio
from typing import Any

import pytest

from dialer.campaigns import CampaignState, CampaignsUnavailable
from tests.web.campaign_doubles import ID, LIST, a_definition, tables
from tests.web.campaign_stage import FORM, campaign_stage, plain
from tests.web.list_stage import PEOPLE
from web import campaign_jobs
from web.permissions import ROLES, Permission


async def test_a_form_becomes_a_draft() -> None:
    stage = campaign_stage()
    answer = await stage.post("manager", "/api/campaigns", FORM, page=True)
    assert answer.status_code == 201, answer.text
    [made] = stage.campaigns.campaigns.values()
    assert answer.headers["hx-redirect"] == f"/kampanye/{made.campaign_id}"
    definition = made.definition
    assert (definition.title, definition.tax_period, definition.fields) == (
        "Belum lapor 2025", "2025", ("jatuh_tempo", "tahun"),
    )  # fmt: skip
    assert definition.window.weekdays == {0, 1}
    assert definition.dispositions == ("promised_to_file",)
    assert {code: rule.spacing.total_seconds() for code, rule in definition.retry.items()} == {"busy": 2700}
    assert (definition.caps.life, definition.control_share) == (4, 0.1)
    assert stage.acts == [("campaign_created", "campaign:")]


async def test_a_program_says_the_same_in_parts() -> None:
    stage = campaign_stage()
    answer = await stage.post("manager", "/api/campaigns", plain(title="Lain"))
    assert answer.status_code == 201, answer.text
    seen = answer.json()
    assert seen["overview"]["title"] == "Lain"
    assert (await stage.get("leader", f"/api/campaigns/{seen['overview']['campaign_id']}")).json() == {
        **seen, "may_manage": False, "may_results": False, "may_run": False, "moves": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"window.closes": "19:00"}, "window.closes"),
        ({"window.closes": "07:00"}, "window.closes"),
        ({"window.weekdays": []}, "window.weekdays"),
        ({"caps.day": "99"}, "caps.day"),
        ({"caps.day": "two"}, "caps.day"),
        ({"retry.busy.spacing": "soon"}, "retry.busy.spacing"),
        ({"retry.busy.attempts": "-1"}, "retry.busy.attempts"),
        ({"ends_on": "tomorrow"}, "ends_on"),
        ({"abandon_limit": "0.2"}, "abandon_limit"),
        ({"dispositions": ["survey_done"]}, "dispositions"),
        ({"script": "unknown"}, "script"),
        ({"fields": "Bukan Nama"}, "fields"),
        ({"ring_seconds": "5"}, "ring_seconds"),
        ({"kind": "anything"}, "kind"),
        ({"tax_period": "besok"}, "tax_period"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(change: dict[str, Any], field: str) -> None:
    stage = campaign_stage()
    answer = await stage.post("manager", "/api/campaigns", {**FORM, **change})
    assert answer.status_code == 422, answer.text
    [problem] = answer.json()["fields"]
    assert problem["field"] == field
    assert problem["problem"] != "Isian belum benar."
    piece = await stage.post("manager", "/api/campaigns", {**FORM, **change}, page=True)
    assert f'data-problem-of="{field}"' in piece.text
    page = await stage.get("manager", "/kampanye/baru?kind=non_filer")
    assert f'data-field="{field}"' in page.text
    assert stage.campaigns.campaigns == {}


async def test_all_dispositions_are_none_in_particular() -> None:
    stage = campaign_stage()
    offered = tables().dispositions.at(stage.watch.now()).offered(a_definition())
    await stage.post("manager", "/api/campaigns", {**FORM, "dispositions": list(offered)})
    [made] = stage.campaigns.campaigns.values()
    assert made.definition.dispositions == ()


@pytest.mark.parametrize("kind", ["non_filer", "billing", "survey", "reminder", "first_payment", "callback"])
async def test_each_kind_begins_with_its_own_form(kind: str) -> None:
    stage = campaign_stage()
    page = await stage.get("manager", f"/kampanye/baru?kind={kind}")
    assert page.status_code == 200
    assert f'value="{kind}" selected' in page.text
    assert ('value="agentless" selected' in page.text) is (kind == "reminder")
    assert "Wajib" in page.text


async def test_a_change_is_a_new_version_and_a_conflict_is_told() -> None:
    stage = campaign_stage()
    stage.campaign(state=CampaignState.RUNNING)
    page = await stage.get("manager", f"/kampanye/{ID}/ubah")
    assert 'name="version" value="1"' in page.text
    changed = await stage.post("manager", f"/api/campaigns/{ID}", {**FORM, "version": "1"})
    assert (changed.status_code, changed.json()["overview"]["version"]) == (200, 2)
    assert changed.json()["history"][0]["words"] == "Diubah: Cara, Batas percobaan"
    stale = await stage.post("second", f"/api/campaigns/{ID}", {**FORM, "version": "1", "title": "Lain"})
    assert (stale.status_code, stale.json()["refusal"]) == (409, "changed")
    assert stage.campaigns.campaigns[ID].definition.title == FORM["title"]


async def test_pacing_changes_while_it_runs() -> None:
    stage = campaign_stage()
    stage.campaign(state=CampaignState.RUNNING)
    body = {
        "version": 1, "pacing": "predictive", "most_lines": "60", "abandon_limit": "0.02", "priority": "5",
    }  # fmt: skip
    address = f"/api/campaigns/{ID}/pacing"
    assert (await stage.post("leader", address, body)).status_code == 403
    assert (await stage.post("chief", address, body)).status_code == 200  # a supervisor runs campaigns
    definition = stage.campaigns.campaigns[ID].definition
    assert (definition.pacing, definition.most_lines, definition.abandon_limit) == ("predictive", 60, 0.02)
    assert (await stage.post("chief", address, body)).status_code == 409
    wrong = await stage.post("chief", address, {**body, "version": 2, "abandon_limit": "0.5"})
    assert wrong.json()["fields"][0]["field"] == "abandon_limit"


async def test_a_campaign_is_copied() -> None:
    stage = campaign_stage()
    stage.campaign()
    answer = await stage.post("manager", f"/api/campaigns/{ID}/copy", {"title": "Salinan"})
    assert answer.status_code == 201
    assert answer.json()["overview"]["title"] == "Salinan"
    assert answer.json()["history"][0]["words"] == "Dibuat sebagai salinan"


async def test_only_approved_lists_are_offered_and_added() -> None:
    stage = campaign_stage()
    stage.campaign()
    seen = (await stage.get("manager", f"/api/campaigns/{ID}")).json()
    assert [one["list_id"] for one in seen["choices"]] == [LIST]
    added = (await stage.post("manager", f"/api/campaigns/{ID}/lists", {"list_id": LIST})).json()
    assert [one["list_id"] for one in added["lists"]] == [LIST]
    assert added["choices"] == []
    assert added["history"][0]["words"] == "Daftar ditambahkan: 6 kontak, 1 di antaranya pembanding"
    again = await stage.post("manager", f"/api/campaigns/{ID}/lists", {"list_id": LIST})
    assert (again.status_code, again.json()["fields"][0]["field"]) == (422, "list")


async def test_many_leads_are_made_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = campaign_stage()
    stage.campaign()
    monkeypatch.setattr(campaign_jobs, "QUICK", 0.01)
    stage.campaigns.gate = asyncio.Event()
    begun = (await stage.post("manager", f"/api/campaigns/{ID}/lists", {"list_id": LIST})).json()
    assert [(one["list_id"], one["adding"]) for one in begun["lists"]] == [(LIST, True)]
    page = await stage.get("manager", f"/kampanye/{ID}")
    assert 'hx-trigger="every 2s"' in page.text
    stage.campaigns.refuse = CampaignsUnavailable()
    stage.campaigns.gate.set()
    async with asyncio.timeout(20):
        while stage.door.lists.of(ID):
            await asyncio.sleep(0.01)
    failed = (await stage.get("manager", f"/api/campaigns/{ID}")).json()
    assert failed["lists"][0]["problem"].startswith("Kontak belum dapat disiapkan")
    stage.campaigns.refuse = None
    done = (await stage.post("manager", f"/api/campaigns/{ID}/lists", {"list_id": LIST})).json()
    assert [(one["adding"], one["problem"]) for one in done["lists"]] == [(False, "")]


async def test_without_the_database_nothing_is_shown_as_if_it_were_there() -> None:
    stage = campaign_stage()
    stage.campaigns.broken = True
    answer = await stage.get("manager", "/api/campaigns")
    assert answer.status_code == 503
    assert "Coba lagi" in answer.json()["message"]


GETS = {
    "/kampanye": Permission.CAMPAIGN_VIEW,
    "/kampanye/baru": Permission.CAMPAIGN_MANAGE,
    f"/kampanye/{ID}": Permission.CAMPAIGN_VIEW,
    f"/kampanye/{ID}/ubah": Permission.CAMPAIGN_MANAGE,
    f"/kampanye/{ID}/uji": Permission.CAMPAIGN_VIEW,
    f"/kampanye/{ID}/langsung": Permission.CAMPAIGN_VIEW,
    f"/kampanye/{ID}/hasil": Permission.CAMPAIGN_VIEW,
    f"/api/campaigns/{ID}/live": Permission.CAMPAIGN_VIEW,
    f"/api/campaigns/{ID}/results/file?form=csv": Permission.CAMPAIGN_RESULTS,
    "/api/outbound/switch": Permission.CAMPAIGN_VIEW,
}
POSTS: dict[str, tuple[Any, Permission]] = {
    "/api/campaigns": (FORM, Permission.CAMPAIGN_MANAGE),
    f"/api/campaigns/{ID}": ({**FORM, "version": 1}, Permission.CAMPAIGN_MANAGE),
    f"/api/campaigns/{ID}/copy": ({"title": "Lain"}, Permission.CAMPAIGN_MANAGE),
    f"/api/campaigns/{ID}/lists": ({"list_id": LIST}, Permission.CAMPAIGN_MANAGE),
    f"/api/campaigns/{ID}/start": (None, Permission.CAMPAIGN_RUN),
    f"/api/campaigns/{ID}/pause": (None, Permission.CAMPAIGN_RUN),
    f"/api/campaigns/{ID}/stop": (None, Permission.CAMPAIGN_RUN),
    f"/api/campaigns/{ID}/finish": (None, Permission.CAMPAIGN_RUN),
    f"/api/campaigns/{ID}/dry-run": (None, Permission.CAMPAIGN_VIEW),
    f"/api/campaigns/{ID}/why": ({"lead_id": 1}, Permission.CAMPAIGN_RESULTS),
    "/api/outbound/switch/throw": ({"reason": "Uji coba"}, Permission.CAMPAIGN_RUN),
    "/api/outbound/switch/lift": ({"reason": "Uji coba"}, Permission.CAMPAIGN_RUN),
}


@pytest.mark.parametrize("who", PEOPLE)
async def test_pages_and_acts_are_for_those_who_may(who: str) -> None:
    stage = campaign_stage()
    stage.campaign(lists=("2" * 32,))
    rights = ROLES[PEOPLE[who][0]]
    for address, permission in GETS.items():
        answer = await stage.get(who, address)
        assert answer.status_code == (200 if permission in rights else 403), (who, address, answer.text)
    for address, (body, permission) in POSTS.items():
        answer = await stage.post(who, address, body)
        if permission in rights:
            assert answer.status_code in (200, 201, 409), (who, address, answer.text)
        else:
            assert answer.status_code == 403, (who, address)


async def test_what_may_not_be_done_has_no_button() -> None:
    stage = campaign_stage()
    stage.campaign(state=CampaignState.RUNNING, lists=(LIST,))
    leader, chief, manager = [
        (await stage.get(who, f"/kampanye/{ID}")).text for who in ("leader", "chief", "manager")
    ]
    for word, shown in (("/pause", (False, True, True)), ("/ubah", (False, False, True))):
        assert tuple(word in text for text in (leader, chief, manager)) == shown
    assert "/start" not in manager  # it runs already


async def test_a_campaign_that_is_not_there_is_told_so() -> None:
    stage = campaign_stage()
    for address in (f"/api/campaigns/{ID}", f"/api/campaigns/{ID}/live", f"/api/campaigns/{ID}/results"):
        answer = await stage.get("manager", address)
        assert (answer.status_code, answer.json()["message"]) == (404, "Campaign ini tidak ditemukan.")
