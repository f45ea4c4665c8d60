"""Work on matters outside a call: who sees what, steps, assignments, promises, reminders."""

import asyncio
from typing import Any

import pytest

from desk.complaint_steps import STEPS
from desk.matters import Act
from desk.matters_callbacks import handed_over
from desk.standing import Rung
from domain.staff import Reach, StaffRole
from tests.unit.matter_world import TAXPAYER
from tests.web.matter_stage import BODIES, MONDAY, NUMBER, PEOPLE, Stage, staff_id, stage
from tests.web.page_parts import CALL
from web.permissions import ROLES, Permission

READS = ("/api/matters", "/perkara")
WHOLE = {
    "unit": "KPP Contoh",
    "happened_on": "2025-05-30",
    "where": "Loket 3",
    "wish": "Loket tambahan",
    "evidence": "Foto",
}


async def step(set_up: Stage, who: str, matter_id: str, version: int, event: str, **body: Any) -> Any:
    """Take a step and return the answer."""
    kind = (await set_up.book.get(matter_id)).kind
    area = "promises" if kind == "promise" else "matters"
    return await set_up.post(
        who, f"/api/{area}/{matter_id}/step", {"version": version, "event": event, **body}
    )


async def take(set_up: Stage, who: str, matter_id: str, version: int = 1, area: str = "matters") -> Any:
    return await set_up.post(who, f"/api/{area}/{matter_id}/take", {"version": version})


@pytest.mark.parametrize("who", [*PEOPLE, "auditor", "administrator", "planner"])
async def test_a_matter_is_seen_and_changed_within_reach_alone(who: str) -> None:
    set_up = stage()
    case = await set_up.opened("cases")
    role = PEOPLE[who][0] if who in PEOPLE else StaffRole(who)
    reach = ROLES[role].get(Permission.MATTER_WORK)
    team = PEOPLE[who][3] if who in PEOPLE else ""
    may = reach is Reach.ALL or (reach is Reach.TEAM and team == "alfa")
    matter_id = case["matter_id"]
    detail = await set_up.get(who, f"/api/matters/{matter_id}")
    page = await set_up.get(who, f"/perkara/{matter_id}")
    taken = await take(set_up, who, matter_id)
    assert [detail.status_code, page.status_code, taken.status_code] == ([200] * 3 if may else [403] * 3)
    assert ("Contoh Pemohon" in detail.text) is may
    for address in READS:
        listed = await set_up.get(who, address)
        assert listed.status_code == (403 if reach is None else 200)
        assert (case["code"] in listed.text) is may
        assert "Contoh Pemohon" not in listed.text
    rows = [row for row in set_up.parts.audit.rows if row.act in ("matter_viewed", "matter_take")]
    assert bool(rows) is (reach is not None)
    assert {row.outcome for row in rows} <= ({"done"} if may else {"refused"})
    assert {row.subject for row in rows} <= {f"taxpayer:{TAXPAYER}"}


async def test_a_case_goes_its_way_and_its_result_is_told_by_a_callback() -> None:
    set_up = stage()
    case = await set_up.opened("cases")
    matter_id = case["matter_id"]
    taken = (await take(set_up, "leader", matter_id)).json()
    assert (taken["matter"]["state"], taken["matter"]["mine"]) == ("working", True)
    missing = await step(set_up, "leader", matter_id, 2, "finish", note="selesai")
    assert missing.json()["fields"][0]["field"] == "tell"
    no_note = await step(set_up, "leader", matter_id, 2, "finish", tell="callback")
    assert no_note.json()["fields"][0]["field"] == "note"
    done = (await step(set_up, "leader", matter_id, 2, "finish", note="selesai", tell="callback")).json()
    assert (done["matter"]["state"], done["events"]) == ("done", [])
    assert [row["what"] for row in done["trail"]] == ["opened", "take", "finish"]
    assert done["trail"][2]["who"] == "Petugas leader"
    [promise] = (await set_up.get("agent", "/api/promises")).json()["later"]
    assert promise["due_there"] == "02.06.2025 11.00 WIB"
    assert (promise["topic"], promise["assignee"]) == ("result", "")
    assert (await set_up.book.get(promise["matter_id"])).parent == matter_id


async def test_a_result_that_is_given_up_on_the_telephone_is_told_in_writing() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("cases"))["matter_id"]
    await take(set_up, "leader", matter_id)
    await step(set_up, "leader", matter_id, 2, "finish", note="Status NE berlaku", tell="callback")
    [promise] = (await set_up.get("agent", "/api/promises")).json()["later"]
    given_up = await step(set_up, "agent", promise["matter_id"], 1, "give_up", note="nomor mati")
    assert given_up.json()["matter"]["state"] == "given_up"
    detail = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()
    assert sorted(one["matter"]["topic"] for one in detail["promises"]) == ["result", "written_notice"]
    assert [row["words"] for row in detail["trail"][-2:]] == ["Diselesaikan", "Hasil belum tersampaikan"]
    assert ("matter_not_told", "done") in set_up.acts
    [notice] = (await set_up.get("leader", "/api/matters")).json()["matters"]
    assert (notice["title"], notice["state"], notice["days_left"]) == ("Pemberitahuan tertulis", "open", 5)
    page = (await set_up.get("leader", f"/perkara/{notice['matter_id']}")).text
    assert "Status NE berlaku" in page
    assert f"/perkara/{matter_id}" in page, "the case whose result it tells"
    assert 'name="tell"' not in (await taken(set_up, notice["matter_id"]))
    sent = await step(set_up, "leader", notice["matter_id"], 2, "finish", note="Surat dikirim")
    assert sent.json()["matter"]["state"] == "done"
    shown = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Pemberitahuan tertulis" in shown
    offers = (await set_up.get("agent", f"/api/calls/{CALL}/matters")).json()["offers"]
    assert "written_notice" not in {one["topic"] for one in offers}


async def test_who_rings_while_the_dialer_calls_is_told_by_any_agent() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("cases"))["matter_id"]
    await take(set_up, "leader", matter_id)
    await step(set_up, "leader", matter_id, 2, "finish", note="Status NE berlaku", tell="callback")
    [promise] = [one for one in await set_up.book.of_call(CALL) if one.kind == "promise"]
    await set_up.book.change(handed_over(promise, 1, Act("system", MONDAY)))
    address = f"/api/promises/{promise.matter_id}"
    shown = await set_up.get("colleague", address)
    assert "Status NE berlaku" in shown.text
    assert [one["name"] for one in shown.json()["events"]] == ["told", "postpone", "give_up", "withdraw"]
    for event in ("postpone", "reached"):
        refused = await step(set_up, "colleague", promise.matter_id, 2, event)
        assert refused.status_code == 409
    told = (await step(set_up, "colleague", promise.matter_id, 2, "told")).json()
    assert (told["matter"]["state"], told["trail"][-1]["words"]) == ("kept", "Hasil disampaikan")
    case = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()
    last = case["trail"][-1]
    assert (last["words"], last["detail"]) == ("Hasil disampaikan", "sudah disampaikan")
    assert [one["matter"]["topic"] for one in case["promises"]] == ["result"], "no letter"


async def taken(set_up: Stage, matter_id: str) -> str:
    await take(set_up, "leader", matter_id)
    return str((await set_up.get("leader", f"/perkara/{matter_id}")).text)


async def test_of_two_who_take_a_step_one_is_told_to_look_again() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("cases"))["matter_id"]
    answers = await asyncio.gather(take(set_up, "leader", matter_id), take(set_up, "chief", matter_id))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    stale = await step(set_up, "leader", matter_id, 1, "withdraw")
    assert (stale.status_code, stale.json()["refusal"]) == (409, "changed")
    assert len(await set_up.book.trail(matter_id)) == 2


async def test_work_is_spread_over_who_has_the_skill_within_reach() -> None:
    set_up = stage()
    first, second = [(await set_up.opened("cases"))["matter_id"] for _ in range(2)]
    assigned = (await set_up.post("chief", f"/api/matters/{first}/assign", {"version": 1})).json()
    assert assigned["matter"]["assignee"] == "Petugas agent"
    other = (await set_up.post("chief", f"/api/matters/{second}/assign", {"version": 1})).json()
    assert other["matter"]["assignee"] == "Petugas colleague"
    assert (await set_up.get("leader", f"/api/matters/{second}")).status_code == 403  # another team's now
    foreign = {"version": 2, "to": staff_id("colleague")}
    refused = await set_up.post("leader", f"/api/matters/{first}/assign", foreign)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "to")
    unskilled = {"version": 2, "to": staff_id("quality")}
    assert (await set_up.post("chief", f"/api/matters/{first}/assign", unskilled)).status_code == 422
    mine = (await set_up.get("chief", "/api/matters?whose=nobody")).json()
    assert mine["matters"] == []


async def test_an_agent_sees_and_works_on_what_is_assigned_to_them() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("cases"))["matter_id"]
    assert (await set_up.get("agent", "/api/matters")).json()["matters"] == []
    assert (await set_up.get("agent", f"/api/matters/{matter_id}")).status_code == 403
    body = {"version": 1, "to": staff_id("agent")}
    assert (await set_up.post("agent", f"/api/matters/{matter_id}/assign", body)).status_code == 403
    assert (await set_up.post("leader", f"/api/matters/{matter_id}/assign", body)).status_code == 200
    [listed] = (await set_up.get("agent", "/api/matters")).json()["matters"]
    assert listed["matter_id"] == matter_id
    assert (await take(set_up, "agent", matter_id, 2)).status_code == 200
    assert (await set_up.post("agent", f"/api/matters/{matter_id}/assign", {"version": 3})).status_code == 403
    found = await set_up.post("agent", "/api/matters/find", {"code": listed["code"]})
    assert found.json()["may_open"]
    assert (await set_up.get("colleague", f"/api/matters/{matter_id}")).status_code == 403


async def test_a_complaint_is_completed_and_goes_all_its_steps() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = (await set_up.opened("complaints"))["matter_id"]
    early = await step(set_up, "leader", matter_id, 1, "forward")
    assert (early.status_code, early.json()["refusal"]) == (422, "not_complete")
    detail = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()
    assert {one["name"] for one in detail["lacking"]} == set(WHOLE)
    body = {"version": 1, **WHOLE}
    completed = (await set_up.post("leader", f"/api/matters/{matter_id}/complete", body)).json()
    assert completed["lacking"] == []
    version = 2
    for place, name in enumerate(STEPS[:-1]):
        tell = {"tell": "callback", "note": "Petugas ditegur"} if name == "final_disposition" else {}
        answer = await step(set_up, "leader", matter_id, version, "forward", **tell)
        assert answer.status_code == 200, name
        version += 1
        assert [one["status"] for one in answer.json()["plan"]].index("now") == place + 1
    assert (await step(set_up, "leader", matter_id, version, "forward")).status_code == 409
    body = {"note": "terbukti", "disposition": "proven"}
    closed = (await step(set_up, "leader", matter_id, version, "close", **body)).json()
    assert (closed["matter"]["state"], closed["matter"]["result"]) == ("closed", "proven")
    assert closed["matter"]["due_on"] is None
    [promise] = [one for one in await set_up.book.of_call(CALL) if one.kind == "promise"]
    assert promise.parent == matter_id
    for address in ("/api/matters?closed=true&kind=complaint", "/perkara"):
        assert (await set_up.get("leader", address)).status_code == 200


async def test_a_request_is_decided_field_by_field_from_the_page() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("data-requests"))["matter_id"]
    await take(set_up, "leader", matter_id)
    piece = await set_up.get("leader", f"/api/matters/{matter_id}")
    assert {one["name"] for one in piece.json()["said"]} == {"email", "mobile"}
    body = {"note": "surel saja", "accept_email": "true", "tell": "", "disposition": ""}
    decided = (await step(set_up, "leader", matter_id, 2, "apply_partly", **body)).json()
    assert decided["matter"]["state"] == "partly_applied"
    assert decided["trail"][-1]["detail"] == "Surel"


async def test_pages_and_pieces_of_every_kind_are_shown() -> None:
    set_up = stage()
    made = {what: (await set_up.opened(what))["matter_id"] for what in BODIES}
    for what, matter_id in made.items():
        who, place = ("agent", "janji") if what == "promises" else ("leader", "perkara")
        page = await set_up.get(who, f"/{place}/{matter_id}")
        assert page.status_code == 200
        assert "<html" in page.text
        assert f"+{NUMBER}" in page.text
    piece = await set_up.get("leader", f"/api/matters/{made['complaints']}", page=True)
    assert "Validasi kelengkapan" in piece.text
    assert "<html" not in piece.text
    for who, address in (("agent", "/janji"), ("leader", "/perkara")):
        assert (await set_up.get(who, address)).status_code == 200
    assert (await set_up.get("leader", "/api/matters", page=True)).text.count("<tr>") == 4
    assert (await set_up.get("leader", f"/perkara/{'0' * 32}")).status_code == 404
    assert (await set_up.get("leader", "/api/matters/nothing")).status_code == 422


async def test_mine_falls_to_anyone_when_it_is_late_and_the_page_is_reminded() -> None:
    set_up = stage(Rung.ANONYMOUS)
    promise = (await set_up.opened("promises"))["matter_id"]

    async def reminded(who: str) -> tuple[int, int]:
        found = (await set_up.get(who, "/api/desk/reminders")).json()
        return found["due"], found["late"]

    assert await reminded("agent") == (0, 0)
    assert (await set_up.get("agent", "/api/desk/reminders")).json()["next_at"] is not None
    set_up.later(minutes=55)
    assert (await reminded("agent"), await reminded("colleague")) == ((1, 0), (0, 0))
    assert (await set_up.get("colleague", f"/api/promises/{promise}")).status_code == 403
    assert (await take(set_up, "colleague", promise, area="promises")).status_code == 403
    set_up.later(minutes=30)
    assert (await reminded("agent"), await reminded("colleague")) == ((1, 1), (1, 1))
    piece = await set_up.get("colleague", "/api/desk/reminders", page=True)
    assert "1 janji harus ditelepon" in piece.text
    [due] = (await set_up.get("colleague", "/api/promises")).json()["due"]
    assert (due["matter_id"], due["late"], due["mine"]) == (promise, True, False)
    taken = await take(set_up, "colleague", promise, area="promises")
    assert taken.status_code == 200
    assert f"+{NUMBER}" in taken.text
    assert await reminded("agent") == (0, 0)
    other = await step(set_up, "agent", promise, 2, "reached")
    assert (other.status_code, other.json()["refusal"]) == (409, "with_another")
    done = await step(set_up, "colleague", promise, 2, "reached", note="sudah")
    assert done.json()["matter"]["state"] == "kept"
    assert [row.act for row in set_up.parts.audit.rows if row.who == staff_id("colleague")][-2:] == [
        "matter_take",
        "matter_reached",
    ]


async def test_a_call_in_vain_is_promised_anew_inside_the_window() -> None:
    set_up = stage(Rung.ANONYMOUS)
    promise = (await set_up.opened("promises"))["matter_id"]
    set_up.later(minutes=60)
    await take(set_up, "agent", promise, area="promises")
    night = await step(set_up, "agent", promise, 2, "unreached", day="2025-06-02", clock="21:00")
    assert (night.status_code, night.json()["refusal"]) == (422, "outside_window")
    again = await step(set_up, "agent", promise, 2, "unreached", day="2025-06-03", clock="09:30")
    assert again.json()["matter"]["due_there"] == "03.06.2025 09.30 WIB"
    assert again.json()["matter"]["state"] == "open"


async def test_promises_are_not_worked_on_as_matters_and_matters_not_as_promises() -> None:
    set_up = stage()
    promise = (await set_up.opened("promises"))["matter_id"]
    case = (await set_up.opened("cases"))["matter_id"]
    for answer in (
        await set_up.post("chief", f"/api/matters/{promise}/step", {"version": 1, "event": "withdraw"}),
        await set_up.post("chief", f"/api/matters/{promise}/assign", {"version": 1}),
        await take(set_up, "chief", promise),
        await set_up.post("agent", f"/api/promises/{case}/step", {"version": 1, "event": "withdraw"}),
        await set_up.get("agent", f"/api/promises/{case}"),
    ):
        assert (answer.status_code, answer.json()["refusal"]) == (409, "not_possible")
    assert (await set_up.book.get(case)).version == (await set_up.book.get(promise)).version == 1
