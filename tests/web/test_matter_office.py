"""The office's work on matters: clocks, spreading, units, callbacks, codes, statistics; who sees what."""

from typing import Any

import pytest

from desk.complaint_steps import STEPS
from desk.matters import Act
from desk.matters_callbacks import Handed, Purpose, handed_over
from desk.standing import Rung
from domain.staff import StaffRole
from tests.web.matter_stage import NUMBER, PEOPLE, Stage, staff_id, stage
from tests.web.page_parts import CALL
from tests.web.test_matter_work import WHOLE, step
from web.permissions import ROLES, Permission

STEERS = ("/pengaduan", "/pengaduan/statistik", "/perkara-tim", "/api/matter-work/workload",
          "/api/matter-work/statistics", "/api/matter-work/callbacks")  # fmt: skip
WORKS = ("/pengingat", "/api/matter-work/signals", "/api/matter-work/bell")


@pytest.mark.parametrize("who", [*PEOPLE, "auditor", "administrator", "planner"])
async def test_pages_are_open_to_who_works_on_matters_or_steers_them(who: str) -> None:
    set_up = stage()
    role = PEOPLE[who][0] if who in PEOPLE else StaffRole(who)
    for addresses, permission in ((STEERS, Permission.MATTER_STEER), (WORKS, Permission.MATTER_WORK)):
        for address in addresses:
            answer = await set_up.get(who, address)
            assert answer.status_code == (200 if permission in ROLES[role] else 403), address


async def complaint(set_up: Stage, steps: int = 0) -> str:
    """File a complaint and take it so many steps; return its id. Its version is 2 + steps."""
    matter_id: str = (await set_up.opened("complaints"))["matter_id"]
    body = {"version": 1, **WHOLE}
    assert (await set_up.post("leader", f"/api/matters/{matter_id}/complete", body)).status_code == 200
    for done in range(steps):
        tell = {"tell": "callback", "note": "Petugas ditegur"} if STEPS[done] == "final_disposition" else {}
        assert (await step(set_up, "leader", matter_id, 2 + done, "forward", **tell)).status_code == 200
    return matter_id


async def test_a_clock_rings_for_who_reaches_the_matter_until_it_was_seen() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up)
    assert await set_up.desk.look_at_clocks() == []
    set_up.later(days=10)  # due on 11 June: a day late on the 12th
    [raised] = await set_up.desk.look_at_clocks()
    assert (raised.matter_id, raised.kind) == (matter_id, "overdue")
    assert await set_up.desk.look_at_clocks() == []

    async def bell(who: str) -> tuple[int, int]:
        found = (await set_up.get(who, "/api/matter-work/bell")).json()
        return found["unseen"], found["overdue"]

    assert [await bell(who) for who in ("leader", "chief", "other_leader", "agent")] == [
        (1, 1), (1, 1), (0, 0), (0, 0),
    ]  # fmt: skip
    page = await set_up.get("leader", "/pengingat")
    assert "lewat batas" in page.text
    assert "Contoh Pelapor" not in page.text
    [signal] = (await set_up.get("leader", "/api/matter-work/signals")).json()["signals"]
    seen = {"signals": signal["signal_id"]}  # as the page's form sends it
    foreign = await set_up.post("other_leader", "/api/matter-work/signals/seen", seen)
    assert foreign.status_code == 200
    assert await bell("leader") == (1, 1)
    left = await set_up.post("leader", "/api/matter-work/signals/seen", seen)
    assert left.json()["signals"] == []
    assert (await bell("leader"), await bell("chief")) == ((0, 0), (1, 1))
    piece = await set_up.get("chief", "/api/matter-work/bell", page=True)
    assert 'href="/pengingat"' in piece.text
    await step(set_up, "leader", matter_id, 2, "forward")
    assert await bell("chief") == (0, 0)  # the step is over


async def test_what_nobody_has_is_given_out_with_the_reason() -> None:
    set_up = stage()
    codes = [(await set_up.opened("cases"))["code"] for _ in range(3)]
    before = (await set_up.get("chief", "/api/matter-work/workload")).json()
    assert len(before["unassigned"]) == 3
    assert [one["open"] for one in before["workers"]] == [0, 0]
    given = (await set_up.post("chief", "/api/matter-work/spread", {})).json()["given"]
    assert sorted(one["code"] for one in given) == sorted(codes)
    assert sorted(one["to"] for one in given) == ["Petugas agent", "Petugas agent", "Petugas colleague"]
    after = (await set_up.get("chief", "/api/matter-work/workload")).json()
    assert ([one["open"] for one in after["workers"]], after["unassigned"]) == ([2, 1], [])
    assert [(one["state"], one["open"], one["late"]) for one in after["steps"]] == [("assigned", 3, 0)]
    mine = (await set_up.get("leader", "/api/matter-work/workload")).json()  # of team alfa alone
    assert [(one["name"], one["open"]) for one in mine["workers"]] == [("Petugas agent", 2)]
    [listed, _] = (await set_up.get("agent", "/api/matters")).json()["matters"]
    trail = (await set_up.get("chief", f"/api/matters/{listed['matter_id']}")).json()["trail"]
    assert "bebannya paling ringan" in trail[-1]["detail"] or "sama dalam" in trail[-1]["detail"]
    assert ("matters_given_out", "done") in set_up.acts
    piece = await set_up.post("chief", "/api/matter-work/spread", {"kind": "case"}, page=True)
    assert piece.status_code == 200


async def test_a_leader_gives_out_within_the_team_alone() -> None:
    set_up = stage()
    await set_up.opened("cases")
    other = (await set_up.post("other_leader", "/api/matter-work/spread", {})).json()
    assert other["given"] == []
    [given] = (await set_up.post("leader", "/api/matter-work/spread", {})).json()["given"]
    assert given["to"] == "Petugas agent"


async def test_work_is_given_out_by_itself_once_nobody_took_it_for_long() -> None:
    set_up = stage()
    matter_id = (await set_up.opened("cases"))["matter_id"]
    assert await set_up.desk.give_out() == []
    set_up.later(minutes=11)
    [given] = await set_up.desk.give_out()
    assert given.choice.worker is not None
    matter = await set_up.book.get(matter_id)
    assert (matter.assignee, matter.state) == (given.choice.worker.staff_id, "assigned")
    [_, event] = await set_up.book.trail(matter_id)
    assert (event.who, event.words["why"]) == ("system", "by_order")
    shown = (await set_up.get("chief", f"/api/matters/{matter_id}")).json()["trail"][-1]
    assert shown["who"] == "Sistem"


async def test_a_complaint_goes_to_a_unit_and_is_not_closed_over_its_answer() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up, STEPS.index("closing"))
    version = 2 + STEPS.index("closing")
    address = f"/api/matters/{matter_id}/referrals"
    body = {
        "version": version,
        "to_unit": "kpp",
        "unit_name": "KPP Pratama Contoh",
        "note": "Mohon tanggapan",
    }
    assert (await set_up.post("agent", address, body)).status_code == 403
    assert (await set_up.post("other_leader", address, body)).status_code == 403
    lacking = await set_up.post("leader", address, {**body, "unit_name": ""})
    assert lacking.json()["fields"][0]["field"] == "unit_name"
    sent = (await set_up.post("leader", address, body)).json()
    [waits] = sent["referrals"]
    assert (waits["from_unit"], waits["to_unit"]) == ("P2 Humas", "KPP Pratama Contoh")
    assert (waits["by"], waits["ended_at"], waits["late"]) == ("Petugas leader", None, False)
    close = {"note": "selesai", "disposition": "proven"}
    early = await step(set_up, "leader", matter_id, version + 1, "close", **close)
    assert (early.status_code, early.json()["refusal"]) == (409, "answers_missing")
    set_up.later(days=14)
    late = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()["referrals"][0]
    assert late["late"]
    page = await set_up.get("leader", f"/perkara/{matter_id}")
    assert "menunggu jawaban" in page.text
    told = {"version": version + 1, "note": "Sudah ditegur"}
    answered = await set_up.post("leader", f"{address}/{waits['number']}/answer", told)
    assert answered.json()["referrals"][0]["answer"] == "Sudah ditegur"
    again = await set_up.post(
        "leader", f"{address}/{waits['number']}/recall", {**told, "version": version + 2}
    )
    assert again.json()["refusal"] == "not_waited_for"
    closed = await step(set_up, "leader", matter_id, version + 2, "close", **close)
    assert closed.json()["matter"]["state"] == "closed"
    acts = [act for act, _ in set_up.acts]
    assert {"matter_referred", "matter_referral_answered", "matter_close"} <= set(acts)


async def test_a_complaint_that_is_over_is_reopened_by_who_steers_and_its_end_stays_on_the_trail() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up)
    set_up.later(hours=1)
    give = {"version": 2, "to": staff_id("agent")}
    assert (await set_up.post("leader", f"/api/matters/{matter_id}/assign", give)).status_code == 200
    close = {"note": "bukan kami", "disposition": "not_ours"}
    assert (await step(set_up, "leader", matter_id, 3, "close", **close)).status_code == 200
    own = (await set_up.get("agent", f"/api/matters/{matter_id}")).json()
    assert own["events"] == []
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Buka kembali" in page
    assert (await step(set_up, "agent", matter_id, 4, "reopen", note="Bukti baru")).status_code == 403
    silent = await step(set_up, "leader", matter_id, 4, "reopen")
    assert silent.json()["fields"][0]["field"] == "note"
    set_up.later(days=1)
    again = (await step(set_up, "leader", matter_id, 4, "reopen", note="Bukti baru")).json()
    assert (again["matter"]["state"], again["matter"]["days_left"]) == ("completeness", 5)
    last = again["trail"][-1]
    assert (last["words"], last["detail"], last["note"]) == (
        "Dibuka kembali", "sebelumnya: bukan kewenangan", "Bukti baru",
    )  # fmt: skip
    assert ("matter_reopen", "done") in set_up.acts
    found = (await set_up.get("leader", "/api/matter-work/statistics")).json()
    assert (found["closed"], found["reopened"], found["open"]) == (1, 1, 1)
    assert "Dibuka kembali" in (await set_up.get("leader", "/pengaduan/statistik")).text


async def test_statistics_on_the_page_are_those_of_the_api_and_of_a_case_computed_by_hand() -> None:
    # Two complaints filed on Monday 2 June 2025. One is forwarded on Tuesday (1 day of 5) and stays, the
    # other on Thursday 12 June: 3, 4, 5, 10, 11, 12 June are 6 working days (6th to 9th are off).
    set_up = stage(Rung.ANONYMOUS)
    first, second = await complaint(set_up), await complaint(set_up)
    set_up.later(days=1)
    await step(set_up, "leader", first, 2, "forward")
    set_up.later(days=9)
    await step(set_up, "leader", second, 2, "forward")
    asked = "/api/matter-work/statistics?first=2025-06-01&last=2025-06-30"
    found = (await set_up.get("leader", asked)).json()
    assert (found["received"], found["closed"], found["open"], found["open_late"]) == (2, 0, 2, 1)
    line = next(one for one in found["steps"] if one["name"] == "completeness")
    assert (line["done"], line["on_time"], line["late"], line["longest"]) == (2, 1, 1, 6)
    assert (line["mean_days"], line["share"]) == (3.5, 0.5)
    assert (await set_up.get("other_leader", asked)).json()["received"] == 0  # another team's
    page = (await set_up.get("leader", "/pengaduan/statistik?first=2025-06-01&last=2025-06-30")).text
    row = page[page.index("Kelengkapan</th>") :].split("</tr>")[0]
    assert [cell.split("</td>")[0] for cell in row.split('<td class="number">')[1:]] == [
        "2", "1", "1", "50,0 %", "3,5", "6", "0", "0",
    ]  # fmt: skip
    for wrong in ("first=2025-07-01&last=2025-06-01", "first=2020-01-01&last=2025-06-01"):
        refused = await set_up.get("leader", f"/api/matter-work/statistics?{wrong}")
        assert refused.status_code == 422
    board = (await set_up.get("leader", "/pengaduan")).text
    assert "Validasi kelengkapan" in board
    assert "Contoh Pelapor" not in board


# ---- Codes of other systems


async def test_a_case_on_an_otp_needs_the_code_in_the_same_call() -> None:
    set_up = stage()
    case = {
        "type": "non_effective",
        "ne_reason": "abroad",
        "contact": NUMBER,
        "contact_name": "C",
        "proof": "otp",
    }
    early = await set_up.post("agent", f"/api/calls/{CALL}/cases", case)
    assert (early.status_code, early.json()["refusal"]) == (422, "proof_missing")
    codes = f"/api/calls/{CALL}/code-proofs"
    asked = await set_up.post("agent", codes, {"means": "otp"})
    [proof] = asked.json()["proofs"]
    assert (asked.status_code, proof["simulated"], proof["tries_left"]) == (201, True, 3)
    wrong = {"answer": "000000" if proof["shown"] != "000000" else "111111"}
    tried = await set_up.post("agent", f"{codes}/{proof['proof_id']}", wrong)
    assert tried.json()["proofs"][0]["tries_left"] == 2
    piece = await set_up.get("agent", codes, page=True)
    assert "SIMULASI" in piece.text
    assert proof["shown"] in piece.text
    right = await set_up.post("agent", f"{codes}/{proof['proof_id']}", {"answer": proof["shown"]})
    assert right.json()["proofs"][0]["outcome"] == "valid"
    opened = await set_up.post("agent", f"/api/calls/{CALL}/cases", case)
    assert opened.status_code == 201
    detail = await set_up.get("leader", f"/api/matters/{opened.json()['matter']['matter_id']}")
    assert detail.json()["proof"] == "OTP"
    assert [row for row in set_up.acts if row[0] == "code_proof_tried"] == [
        ("code_proof_tried", "not_matched"), ("code_proof_tried", "done"),
    ]  # fmt: skip
    assert proof["shown"] not in repr(set_up.parts.audit.rows)
    over = await set_up.post("agent", f"{codes}/{proof['proof_id']}", wrong)
    assert (over.status_code, over.json()["refusal"]) == (422, "proof_decided")


async def test_a_code_is_asked_for_once_the_name_is_confirmed_and_expires() -> None:
    set_up = stage(Rung.KEYED)
    codes = f"/api/calls/{CALL}/code-proofs"
    assert (await set_up.post("agent", codes, {"means": "otp"})).status_code == 403
    set_up.proved(Rung.CONFIRMED)
    [proof] = (await set_up.post("agent", codes, {"means": "token"})).json()["proofs"]
    assert (await set_up.post("colleague", codes, {"means": "otp"})).status_code == 403
    assert (await set_up.post("agent", f"{codes}/{'0' * 32}", {"answer": "1"})).status_code == 404
    set_up.later(minutes=15)
    [late] = (await set_up.get("agent", codes)).json()["proofs"]
    assert (late["outcome"], late["shown"]) == ("expired", "")
    refused = await set_up.post("agent", f"{codes}/{proof['proof_id']}", {"answer": proof["shown"]})
    assert refused.json()["refusal"] == "proof_expired"


# ---- Callbacks through the dialer


async def test_who_approves_lists_switches_callbacks_on_and_off() -> None:
    set_up = stage()
    address = "/api/matter-work/callbacks"
    assert (await set_up.post("leader", address, {"on": True})).status_code == 403
    seen = (await set_up.get("leader", address)).json()
    assert (seen["available"], seen["may_switch"]) == (True, False)
    on = (await set_up.post("chief", address, {"on": True})).json()
    assert {one["state"] for one in on["purposes"]} == {"running"}
    assert set_up.callbacks.by == staff_id("chief")
    off = await set_up.post("chief", address, {"on": "false"}, page=True)
    assert "dihentikan" in off.text
    assert [act for act, _ in set_up.acts][-2:] == ["matter_callbacks_on", "matter_callbacks_off"]


async def test_a_promise_that_the_dialer_has_is_nobody_elses_and_is_shown_in_its_call() -> None:
    set_up = stage(Rung.ANONYMOUS)
    opened = await set_up.opened("promises", owner="anyone")
    promise = await set_up.book.get(opened["matter_id"])
    await set_up.book.change(handed_over(promise, 1, Act("system", set_up.watch.now())))
    set_up.later(hours=1)
    assert (await set_up.get("colleague", "/api/promises")).json()["due"] == []
    address = f"/api/promises/{promise.matter_id}"
    shown = (await set_up.get("agent", address)).json()
    assert (shown["matter"]["dialer"], shown["rule"]) == (True, "janji panggilan balik")
    taken: Any = await set_up.post("agent", f"{address}/take", {"version": 2})
    assert (taken.status_code, taken.json()["refusal"]) == (409, "with_dialer")
    call = "d" * 32
    set_up.callbacks.leads[call] = 7
    set_up.callbacks.handed[7] = Handed(promise.matter_id, 1, 7, "campaign", Purpose.FOLLOW_UP)
    shown = (await set_up.get("colleague", f"/api/calls/{call}/matters")).json()["matters"]
    assert [one["matter_id"] for one in shown] == [promise.matter_id]
    withdrawn = await step(set_up, "agent", promise.matter_id, 2, "withdraw")
    assert withdrawn.json()["matter"]["state"] == "withdrawn"
