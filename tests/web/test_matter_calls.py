"""What stays open after a call, opened in the call."""

from dataclasses import replace
from typing import Any

import pytest

from desk.matter_codes import new_code
from desk.matters import MatterKind
from desk.standing import Rung
from domain.audit import AuditRow, AuditUnavailable
from domain.ids import new_id
from tests.unit.matter_world import TAXPAYER
from tests.web.matter_stage import BODIES, NAME, NPWP, NUMBER, Stage, staff_id, stage
from tests.web.page_parts import CALL, OTHER_CALL, AuditDouble

NEEDS = {
    "promises": Rung.ANONYMOUS,
    "complaints": Rung.ANONYMOUS,
    "cases": Rung.FULL,
    "data-requests": Rung.FULL,
}


@pytest.mark.parametrize("rung", list(Rung))
@pytest.mark.parametrize("what", list(NEEDS))
async def test_the_rule_asks_for_the_proof_whatever_the_page_showed(what: str, rung: Rung) -> None:
    set_up = stage(rung)
    answer = await set_up.post("agent", f"/api/calls/{CALL}/{what}", BODIES[what])
    if rung >= NEEDS[what]:
        assert answer.status_code == 201
        matter = await set_up.book.get(answer.json()["matter"]["matter_id"])
        assert (matter.rung, matter.opened_by) == (rung, staff_id("agent"))
        assert matter.taxpayer_id == (TAXPAYER if rung >= Rung.CONFIRMED else None)
        assert set_up.acts == [("matter_opened", "done")]
    else:
        assert answer.status_code == 403
        assert answer.json()["refusal"] == "rung_too_low"
        assert "full PORO" in answer.json()["error"]
        assert "PORO lengkap" in answer.json()["message"]
        assert await set_up.book.of_call(CALL) == []


@pytest.mark.parametrize("what", list(NEEDS))
async def test_only_the_agent_of_a_call_that_is_on_opens_something(what: str) -> None:
    set_up = stage()
    for who, call_id, status in (
        ("colleague", CALL, 403),
        ("agent", OTHER_CALL, 403),
        ("agent", "e" * 32, 404),
        ("leader", CALL, 403),
        ("chief", CALL, 403),
        ("quality", CALL, 403),
    ):
        answer = await set_up.post(who, f"/api/calls/{call_id}/{what}", BODIES[what])
        assert answer.status_code == status, (who, call_id)
    [handling] = set_up.parts.assignments.calls[CALL]
    set_up.parts.assignments.calls[CALL] = [type(handling)(handling.agent, handling.team, live=False)]
    assert (await set_up.post("agent", f"/api/calls/{CALL}/{what}", BODIES[what])).status_code == 409
    assert await set_up.book.of_call(CALL) == []
    assert set_up.acts == []


async def test_what_is_open_is_shown_as_far_as_the_proof_allows() -> None:
    set_up = stage()
    case = await set_up.opened("cases")
    set_up.parts.assignments.calls["e" * 32] = set_up.parts.assignments.calls[CALL]
    for rung, shown in ((Rung.ANONYMOUS, []), (Rung.KEYED, []), (Rung.CONFIRMED, [case["matter_id"]])):
        set_up.proved(rung, "e" * 32)
        found = (await set_up.get("agent", f"/api/calls/{'e' * 32}/matters")).json()
        assert [one["matter_id"] for one in found["matters"]] == shown
        allowed = {one["topic"]: one["allowed"] for one in found["offers"]}
        assert allowed["callback"]
        assert allowed["tax_crime"]
        assert not allowed["data_change"]
        assert not allowed["data_update"]
    assert set_up.parts.audit.rows[-1].subject == f"taxpayer:{TAXPAYER}"


async def test_the_form_has_what_is_known_and_no_more_than_the_proof_allows() -> None:
    set_up = stage(Rung.KEYED)
    address = f"/api/calls/{CALL}/matters/form?kind=complaint&topic=service"
    keyed = (await set_up.get("agent", address)).text
    assert NAME not in keyed
    assert set_up.register.asked == []
    set_up.proved(Rung.CONFIRMED)
    confirmed = (await set_up.get("agent", address)).json()
    values = {one["name"]: one["value"] for one in confirmed["fields"]}
    assert (values["reporter"], values["contact"]) == (NAME, f"+{NUMBER}")
    assert NPWP not in str(confirmed)
    assert confirmed["known"] == []
    other = f"/api/calls/{CALL}/matters/form?kind=case&topic=other"
    assert {one["value"] for one in (await set_up.get("agent", other)).json()["known"]} == {NAME, "…4321"}
    assert set(set_up.register.asked) == {"taxpayer"}
    set_up.proved(Rung.FULL)
    full = (
        await set_up.get("agent", f"/api/calls/{CALL}/matters/form?kind=request&topic=data_update")
    ).json()
    known = {one["name"]: one["value"] for one in full["known"]}
    assert known["known_npwp"] == NPWP
    assert known["known_address"] == "Jalan Contoh 7"
    assert [row.act for row in set_up.parts.audit.rows] == ["matter_form_shown"] * 4


async def test_a_form_that_the_proof_does_not_allow_is_not_shown() -> None:
    set_up = stage(Rung.CONFIRMED)
    answer = await set_up.get("agent", f"/api/calls/{CALL}/matters/form?kind=case&topic=data_change")
    assert answer.status_code == 403
    for kind, topic in (("case", "gift"), ("promise", "gift"), ("request", "gift"), ("complaint", "gift")):
        answer = await set_up.get("agent", f"/api/calls/{CALL}/matters/form?kind={kind}&topic={topic}")
        assert answer.status_code == 422


async def test_nothing_is_shown_or_opened_while_the_trail_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_up = stage()

    async def refuse(_: AuditDouble, __: AuditRow) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(AuditDouble, "record", refuse)
    for answer in (
        await set_up.get("agent", f"/api/calls/{CALL}/matters"),
        await set_up.get("agent", f"/api/calls/{CALL}/matters/form?kind=promise&topic=callback"),
        *[await set_up.post("agent", f"/api/calls/{CALL}/{what}", BODIES[what]) for what in NEEDS],
    ):
        assert answer.status_code == 503
        assert NAME not in answer.text
    assert await set_up.book.of_call(CALL) == []


async def test_a_register_or_book_that_does_not_answer_is_said() -> None:
    set_up = stage()
    set_up.register.broken = True
    assert (await set_up.post("agent", f"/api/calls/{CALL}/cases", BODIES["cases"])).status_code == 503
    set_up.register.broken, set_up.book.broken = False, True
    answer = await set_up.post("agent", f"/api/calls/{CALL}/cases", BODIES["cases"])
    assert answer.status_code == 503
    assert "nothing was changed" in answer.json()["error"]


async def test_a_case_keeps_what_the_register_knew_and_not_what_the_page_sent() -> None:
    set_up = stage()
    case = await set_up.opened("cases")
    body = (await set_up.book.get(case["matter_id"])).body
    assert (body["known_name"], body["known_npwp"]) == (NAME, NPWP)
    forged = {**BODIES["cases"], "known_name": "Orang Lain"}
    assert (await set_up.post("agent", f"/api/calls/{CALL}/cases", forged)).status_code == 422


async def test_a_form_sent_twice_opens_one_matter() -> None:
    set_up, draft = stage(), new_id()
    first = await set_up.opened("promises", matter_id=draft)
    second = await set_up.opened("promises", matter_id=draft)
    assert first["matter_id"] == second["matter_id"] == draft
    assert first["code"] == second["code"]
    assert len(await set_up.book.of_call(CALL)) == 1


async def test_a_promise_outside_the_window_is_refused_with_the_nearest_time() -> None:
    set_up = stage(Rung.ANONYMOUS)
    late = {**BODIES["promises"], "clock": "19:00", "zone": "wit"}
    answer = await set_up.post("agent", f"/api/calls/{CALL}/promises", late)
    assert answer.status_code == 422
    assert answer.json()["nearest_at"] == "2025-06-02T17:45:00+09:00"
    assert answer.json()["fields"][0]["field"] == "clock"
    assert "02.06.2025 17.45 WIT" in answer.json()["message"]
    piece = await set_up.post("agent", f"/api/calls/{CALL}/promises", late, page=True)
    assert 'data-problem-of="clock"' in piece.text
    unconfirmed = {**BODIES["promises"], "confirmed": False}
    refused = await set_up.post("agent", f"/api/calls/{CALL}/promises", unconfirmed)
    assert refused.json()["fields"][0]["field"] == "confirmed"


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": "2025-06-07", "zone": "unknown"},
        {"clock": "25:00"},
        {"number": "\ud800"},
        {"name": "\ud800"},
        {"name": ["x"]},
        {"zone": "cet"},
        {"extra": "x"},
    ],
)
async def test_what_no_form_sends_is_refused_and_not_repeated(changes: dict[str, Any]) -> None:
    set_up = stage(Rung.ANONYMOUS)
    answer = await set_up.post("agent", f"/api/calls/{CALL}/promises", {**BODIES["promises"], **changes})
    assert answer.status_code == 422
    assert await set_up.book.of_call(CALL) == []


async def test_the_piece_tells_the_code_and_how_to_spell_it() -> None:
    set_up = stage()
    piece = await set_up.post("agent", f"/api/calls/{CALL}/complaints", BODIES["complaints"], page=True)
    assert piece.status_code == 201
    [complaint] = await set_up.book.of_call(CALL)
    assert complaint.kind is MatterKind.COMPLAINT
    assert f"{complaint.code[:4]}-{complaint.code[4:]}" in piece.text
    assert "Antrean" not in piece.text
    for kind, topic in (("complaint", "conduct"), ("case", "data_change"), ("promise", "callback")):
        form = await set_up.get(
            "agent", f"/api/calls/{CALL}/matters/form?kind={kind}&topic={topic}", page=True
        )
        assert form.status_code == 200
        assert 'name="matter_id"' in form.text
    shown = await set_up.get("agent", f"/api/calls/{CALL}/matters", page=True)
    assert f"{complaint.code[:4]}-{complaint.code[4:]}" in shown.text


async def test_a_caller_who_rings_back_with_a_code_hears_how_it_stands_and_nothing_else() -> None:
    set_up = stage()
    case = await set_up.opened("cases")
    spelled = " ".join(case["spelled"])
    for text in (case["code"], case["code"].lower().replace("-", " "), spelled):
        answer = await set_up.post("colleague", "/api/matters/find", {"code": text})
        assert answer.status_code == 200, text
        assert answer.json()["matter"]["matter_id"] == case["matter_id"]
        assert not answer.json()["may_open"]
        assert "Contoh" not in answer.text
    piece = await set_up.post("colleague", "/api/matters/find", {"code": case["code"]}, page=True)
    assert "Contoh Pemohon" not in piece.text
    assert set_up.acts[1:] == [("matter_found", "done")] * 4


async def test_a_code_that_leads_nowhere_is_on_the_trail_without_being_repeated() -> None:
    set_up, code = stage(), new_code()
    answer = await set_up.post("agent", "/api/matters/find", {"code": code})
    assert answer.status_code == 404
    assert set_up.acts == [("matter_found", "not_matched")]
    wrong = ("B" if code[0] != "B" else "C") + code[1:]
    for text, word in ((wrong, "code_check"), ("BCD", "code_length"), ("AEIO-AEIO", "code_letter")):
        refused = await set_up.post("agent", "/api/matters/find", {"code": text})
        assert (refused.status_code, refused.json()["refusal"]) == (422, word)
        assert text not in refused.text


async def test_every_area_speaks_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up: Stage = stage()
    visitor = set_up.parts.sessions.visitors["agent"]
    english = replace(visitor, staff=replace(visitor.staff, language="en"))
    indonesian = (await set_up.get("agent", f"/api/calls/{CALL}/matters", page=True)).text
    monkeypatch.setitem(set_up.parts.sessions.visitors, "agent", english)
    translated = (await set_up.get("agent", f"/api/calls/{CALL}/matters", page=True)).text
    assert "Tindak lanjut" in indonesian
    assert "Follow-up" in translated
