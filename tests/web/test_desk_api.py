"""The agent's own state and requests over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from acd.messages import REFUSED, staff_messages
from acd.requests import Actor, Consult, EndCall, Pause, Ready, Refused, Role, SignIn, Target, Transfer
from domain.staff import StaffRole
from tests.web.desk_parts import BROWSER, DESK_PHONE, TALK, THIRD, DeskParts, desk_app
from tests.web.page_parts import CALL, COLLEAGUE, OWN, visitor


@pytest.fixture
def desk() -> DeskParts:
    return desk_app()


@pytest.fixture
async def agent(desk: DeskParts) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.parts.client() as client:
        yield client


async def test_a_page_that_is_loaded_anew_gets_everything(agent: httpx.AsyncClient, desk: DeskParts) -> None:
    desk.floor.talk = [TALK]
    desk.floor.change(OWN, observed="talking", call_id=CALL, queue="efin")
    found = (await agent.get("/api/desk")).json()
    assert found["state"]["observed"] == "talking"
    assert found["state"]["call"] == {
        "call_id": CALL,
        "queue": "efin",
        "language": "en",
        "phase": "talking",
        "part": "own",
        "seconds": 61.0,
        "third": "",
    }
    assert found["call_label"] == "Lupa EFIN"
    assert found["pauses"] == [
        {"reason": "prayer", "label": "Salat", "limit_seconds": 1200.0},
        {"reason": "other_work", "label": "Pekerjaan lain", "limit_seconds": None},
    ]
    assert found["reasons"]["missed_ring"] == "Panggilan tidak diangkat"
    assert found["phones"] == [
        {"account": BROWSER, "kind": "browser", "chosen": True},
        {"account": DESK_PHONE, "kind": "desk", "chosen": False},
    ]


async def test_a_request_is_about_oneself_and_is_answered_with_the_state_after_it(
    agent: httpx.AsyncClient, desk: DeskParts
) -> None:
    before = (await agent.get("/api/desk")).json()["state"]
    answer = await agent.post("/api/desk/requests", json={"request": "pause", "reason": "prayer"})
    assert answer.status_code == 200
    assert desk.floor.asked == [(Actor(OWN, Role.AGENT), Pause(OWN, "prayer"))]
    after = answer.json()
    assert (after["declared"], after["reason"]) == ("paused", "prayer")
    assert after["run"] == before["run"]
    assert after["number"] > before["number"]


@pytest.mark.parametrize(
    "body",
    [
        {"request": "pause", "reason": "prayer", "agent": COLLEAGUE},
        {"request": "listen", "supervisor": OWN},
        {"request": "force", "state": "ready"},
        {"request": "pause"},
        {"request": "ready", "reason": "prayer"},
        {"request": "pause", "reason": "'; drop table"},
        {"request": "transfer", "target": "agent:\x00"},
        {},
    ],
)
async def test_what_is_no_request_of_an_agent_changes_nothing(
    agent: httpx.AsyncClient, desk: DeskParts, body: dict[str, str]
) -> None:
    answer = await agent.post("/api/desk/requests", json=body)
    assert answer.status_code in (400, 422)
    assert desk.floor.asked == []


@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_refusal_is_told_in_the_pages_language(desk: DeskParts, language: str) -> None:
    who = desk.parts.sessions.visitors["agent"]
    desk.parts.sessions.visitors["agent"] = replace(who, staff=replace(who.staff, language=language))
    desk.floor.refuse = Refused("agent_not_free", "not shown")
    async with desk.parts.client() as client:
        answer = await client.post("/api/desk/requests", json={"request": "ready"})
    assert answer.status_code == 409
    text = staff_messages().text(REFUSED, "agent_not_free", language)
    assert answer.json() == {"refused": "agent_not_free", "text": text}


async def test_a_colleague_goes_by_a_key_and_staff_numbers_stay_here(
    agent: httpx.AsyncClient, desk: DeskParts
) -> None:
    answer = await agent.get("/api/desk/targets")
    for number in (OWN, COLLEAGUE, THIRD):
        assert number not in answer.text
    targets = answer.json()["targets"]
    assert [(one["kind"], one["label"], one["detail"], one["free"]) for one in targets] == [
        ("skill", "Umum", "tier A", 0),
        ("skill", "Lupa EFIN", "tier B", 1),
        ("queue", "Lupa EFIN", "antrean", 0),
        ("colleague", "Kenanga", "siap", 1),
        ("colleague", "Anggrek", "jeda, bicara", 0),
    ]
    body = {"request": "consult", "target": targets[3]["target"]}
    assert (await agent.post("/api/desk/requests", json=body)).status_code == 200
    assert desk.floor.asked[-1][1] == Consult(OWN, Target(agent=COLLEAGUE))
    body = {"request": "transfer", "target": targets[1]["target"]}
    assert (await agent.post("/api/desk/requests", json=body)).status_code == 200
    transfer = desk.floor.asked[-1][1]
    assert isinstance(transfer, Transfer)
    assert (transfer.target.skill, transfer.target.tier) == ("efin", "B")


async def test_a_guessed_colleague_is_refused(agent: httpx.AsyncClient, desk: DeskParts) -> None:
    for guess in (COLLEAGUE, "0" * 16):
        body = {"request": "consult", "target": f"agent:{guess}"}
        answer = await agent.post("/api/desk/requests", json=body)
        assert (answer.status_code, answer.json()["refused"]) == (409, "unknown_agent")
    assert desk.floor.asked == []


async def test_the_phone_is_chosen_at_signing_in(agent: httpx.AsyncClient, desk: DeskParts) -> None:
    assert (await agent.put("/api/desk/sign-in", json={"account": DESK_PHONE})).status_code == 200
    assert (await agent.put("/api/desk/sign-in", json={})).status_code == 200
    assert [asked for _, asked in desk.floor.asked] == [SignIn(OWN, DESK_PHONE), SignIn(OWN)]
    assert (await agent.put("/api/desk/sign-in", json={"account": "1001"})).status_code == 422


async def test_who_is_not_in_the_floors_tables_is_told_so(desk: DeskParts) -> None:
    for name, number in (("none", ""), ("unknown", "90000099")):
        desk.parts.sessions.visitors[name] = visitor(StaffRole.AGENT, number)
        async with desk.parts.client(name) as client:
            for path in ("/api/desk", "/api/desk/figures"):
                answer = await client.get(path)
                assert answer.status_code == 409
                assert "nomor petugas" in answer.text
    assert desk.floor.asked == []


@pytest.mark.parametrize("role", [role.value for role in StaffRole if role is not StaffRole.AGENT])
async def test_nobody_else_has_a_desk(desk: DeskParts, role: str) -> None:
    async with desk.parts.client(role) as client:
        for path in ("/api/desk", "/api/desk/targets", "/api/desk/figures", "/api/desk/events", "/agen"):
            assert (await client.get(path)).status_code == 403
        answer = await client.post("/api/desk/requests", json={"request": "ready"})
    assert answer.status_code == 403
    assert desk.floor.asked == []


async def test_the_page_has_its_regions_and_no_staff_number(agent: httpx.AsyncClient) -> None:
    page = (await agent.get("/agen")).text
    for region in ["state", "call", "softphone", "card", "proof", "script", "note", "matters", "figures"]:
        assert f'id="{region}"' in page
    assert OWN not in page
    assert "<script>" not in page
    assert "style=" not in page
    assert 'data-pause="prayer"' in page
    assert "20 menit" in page


async def test_ready_and_end_are_the_floors_requests(agent: httpx.AsyncClient, desk: DeskParts) -> None:
    for name, request in (("ready", Ready(OWN)), ("end_call", EndCall(OWN))):
        await agent.post("/api/desk/requests", json={"request": name})
        assert desk.floor.asked[-1] == (Actor(OWN, Role.AGENT), request)
