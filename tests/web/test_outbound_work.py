"""An agent's outbound work between calls: what is shown, when, and what it leaves on the trail."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from dialer.campaigns import Pacing
from dialer.reasons import WhyNot
from domain.audit import AuditRow, AuditUnavailable
from domain.staff import StaffRole
from domain.zones import Zone
from tests.unit.outbound_world import LEAD, NAME, NPWP, NUMBERS, TEN
from tests.web.floor_double import agent_view
from tests.web.outbound_doubles import CAMPAIGN, OutboundApp, nothing_said
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN, AuditDouble, visitor
from web.outbound_port import DialNews, DialStep, DueCallback

NEVER_SENT = (NPWP, *NUMBERS, "rahasia")


@pytest.fixture
def app() -> OutboundApp:
    return OutboundApp()


async def _post(app: OutboundApp, what: str, body: object = None, *, page: bool = False) -> httpx.Response:
    async with app.parts.client(page=page) as client:
        return await client.post(f"/api/outbound/{what}", json=body)


async def _work(app: OutboundApp, *, page: bool = False) -> httpx.Response:
    async with app.parts.client(page=page) as client:
        return await client.get("/api/outbound")


async def test_an_agent_without_a_campaign_sees_nothing(app: OutboundApp) -> None:
    app.desk.running = []
    assert (await _work(app, page=True)).text.strip() == ""
    assert app.acts == []


async def test_a_contact_is_offered_masked_and_shown_once_it_is_asked_for(app: OutboundApp) -> None:
    page = await _work(app, page=True)
    assert 'hx-post="/api/outbound/next"' in page.text
    offered = await _post(app, "next")
    view = offered.json()["preview"]
    assert view["name"] == "C… B… S…"
    assert view["fields"] == []
    assert view["past"][0]["outcome"] == "Sibuk"
    assert view["local_time"] == "11.00 WITA"
    for piece in (offered.text, (await _work(app, page=True)).text):
        assert "Budi" not in piece
    assert [(row.act, row.subject) for row in app.acts] == [("outbound_contact_offered", "lead:7")]
    shown = await _post(app, "reveal", {"lead_id": 7}, page=True)
    assert NAME in shown.text
    assert "1770" in shown.text
    for piece in (shown.text, (await _work(app)).text):
        assert not [value for value in NEVER_SENT if value in piece]
    assert [row.act for row in app.acts][1:] == ["outbound_contact_viewed"] * 2


async def test_the_same_contact_is_on_the_trail_once_as_offered(app: OutboundApp) -> None:
    for _ in range(3):
        assert (await _post(app, "next")).status_code == 200
    assert [row.act for row in app.acts] == ["outbound_contact_offered"]


async def test_nothing_of_a_contact_is_sent_while_the_trail_is_away(
    app: OutboundApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _post(app, "next")
    await _post(app, "reveal", {"lead_id": 7})

    async def away(trail: AuditDouble, row: AuditRow) -> None:
        raise AuditUnavailable("away")

    monkeypatch.setattr(AuditDouble, "record", away)
    with pytest.raises(AuditUnavailable):  # answered with 503 by the application
        await _work(app)
    with pytest.raises(AuditUnavailable):
        await _post(app, "dial", {"lead_id": 7})
    assert app.desk.dialled == []


async def test_a_contact_is_dialled_once_it_is_kept_and_no_other(app: OutboundApp) -> None:
    assert (await _post(app, "dial", {"lead_id": 7})).status_code == 409
    await _post(app, "next")
    assert (await _post(app, "dial", {"lead_id": 8})).status_code == 409
    assert app.desk.dialled == []
    answer = await _post(app, "dial", {"lead_id": 7}, page=True)
    assert app.desk.dialled == [7]
    assert "Menghubungi" in answer.text
    assert 'hx-post="/api/outbound/dial"' not in answer.text
    assert app.acts[-1].act == "outbound_dial_asked"


@pytest.mark.parametrize(
    ("step", "outcome", "words"),
    [
        (DialStep.RINGING, "", "Berdering"),
        (DialStep.ANSWERED, "", "Dijawab"),
        (DialStep.ENDED, "no_answer", "Tidak diangkat"),
        (DialStep.ENDED, "solved", "Sudah lapor"),
    ],
)
async def test_the_state_of_a_dial_is_told(
    app: OutboundApp, step: DialStep, outcome: str, words: str
) -> None:
    app.desk.news = DialNews(CALL, 7, step, TEN, outcome)
    text = (await _work(app, page=True)).text
    assert words in text
    assert ('hx-trigger="load"' in text) is (step is DialStep.ENDED)  # the next contact comes


async def test_a_skip_has_a_reason_of_the_table(app: OutboundApp) -> None:
    await _post(app, "next")
    page = (await _work(app, page=True)).text
    assert "Saya mengenal orangnya" in page
    assert (await _post(app, "skip", {"lead_id": 7})).status_code == 422
    app.desk.leads = 0
    answer = await _post(app, "skip", {"lead_id": 7, "reason": "acquainted"})
    assert answer.json()["preview"] is None
    assert app.desk.skipped == [(7, "acquainted")]
    assert (app.acts[-1].act, app.acts[-1].why) == ("outbound_skipped", "acquainted")


async def test_a_page_that_asked_in_vain_asks_again_later_and_not_at_once(app: OutboundApp) -> None:
    app.desk.leads = 0
    text = (await _post(app, "next", page=True)).text
    assert "Tidak ada kontak" in text
    assert 'hx-trigger="load"' not in text
    assert 'hx-post="/api/outbound/next"' in text


@pytest.mark.parametrize("why", [WhyNot.OUTSIDE_WINDOW, WhyNot.KILL_SWITCH, WhyNot.SOLVED])
async def test_why_the_gate_refuses_is_told_in_words(app: OutboundApp, why: WhyNot) -> None:
    await _post(app, "next")
    app.desk.refuses = why.value
    answer = await _post(app, "dial", {"lead_id": 7})
    assert answer.status_code == 409
    assert app.desk.dialled == []
    assert answer.json()["detail"] == f"outbound_why.{why.value}"


async def test_who_is_not_ready_is_offered_nobody(app: OutboundApp) -> None:
    app.floor.change(OWN, declared="paused")
    text = (await _work(app, page=True)).text
    assert "Tekan Siap" in text
    assert "/api/outbound/next" not in text


async def test_for_progressive_campaigns_calls_are_waited_for(app: OutboundApp) -> None:
    definition = replace(CAMPAIGN.definition, pacing=Pacing.PROGRESSIVE)
    app.desk.running = [replace(CAMPAIGN, definition=definition)]
    text = (await _work(app, page=True)).text
    assert "Menunggu panggilan" in text
    assert "/api/outbound/next" not in text


async def test_own_callbacks_due_are_listed_masked_on_the_callees_clock(app: OutboundApp) -> None:
    app.desk.due = [DueCallback(7, "d" * 32, "SPT", TEN - timedelta(minutes=5), Zone.WIT, NAME)]
    view = (await _work(app)).json()["callbacks"][0]
    assert view == {"lead_id": 7, "title": "SPT", "name": "C… B… S…", "at": "03.06. 11.55 WIT", "late": True}


async def test_calls_without_a_disposition_are_the_agents_own(app: OutboundApp) -> None:
    app.desk.given = {
        CALL: [nothing_said()],
        OTHER_CALL: [nothing_said(OTHER_CALL, COLLEAGUE)],
    }
    assert [one["call_id"] for one in (await _work(app)).json()["missing"]] == [CALL]


async def test_a_supervisor_sees_them_all_and_a_leader_those_of_the_team(app: OutboundApp) -> None:
    app.desk.given = {
        CALL: [nothing_said()],
        OTHER_CALL: [nothing_said(OTHER_CALL, COLLEAGUE)],
    }
    app.floor.view[COLLEAGUE] = agent_view(COLLEAGUE, on_air_name="Kenanga", team="beta")
    app.parts.sessions.visitors["team_leader"] = visitor(StaffRole.TEAM_LEADER, team="beta")

    async def calls(role: str) -> list[str]:
        async with app.parts.client(role) as client:
            answer = await client.get("/api/outbound/missing-dispositions")
        assert answer.status_code == 200
        return [one["who"] for one in answer.json()["calls"]]

    assert await calls("supervisor") == ["Melati", "Kenanga"]
    async with app.parts.client("supervisor") as client:
        assert "/api/outbound/missing-dispositions" in (await client.get("/tanpa-disposisi")).text
    assert await calls("team_leader") == ["Kenanga"]
    async with app.parts.client("agent") as client:
        assert (await client.get("/api/outbound/missing-dispositions")).status_code == 403


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not StaffRole.AGENT])
async def test_nobody_but_agents_works_on_contacts(app: OutboundApp, role: StaffRole) -> None:
    async with app.parts.client(role.value) as client:
        assert (await client.get("/api/outbound")).status_code == 403
        assert (await client.post("/api/outbound/next")).status_code == 403
        assert (await client.post("/api/outbound/dial", json={"lead_id": LEAD.lead_id})).status_code == 403
    assert app.desk.held is None


async def test_while_campaigns_cannot_be_read_the_page_says_so(app: OutboundApp) -> None:
    app.desk.down = True
    assert (await _work(app)).status_code == 503
