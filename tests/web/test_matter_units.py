"""Units that do not sign in: their clocks, what KLIP records for them; legal bases; calls about a result."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.complaint_steps import STEPS
from desk.matters import Act
from desk.matters_callbacks import InVain, handed_over, tried
from desk.standing import Rung
from tests.web.matter_stage import MONDAY, stage
from tests.web.test_matter_office import complaint
from tests.web.test_matter_work import step


async def test_a_disposition_that_is_nearly_due_rings_and_leads_to_where_it_is_answered() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up, STEPS.index("answer"))
    address = f"/api/matters/{matter_id}"
    version = 2 + STEPS.index("answer")
    sent = {
        "version": version,
        "to_unit": "kpp",
        "unit_name": "KPP Pratama Contoh",
        "days": 2,
        "note": "Mohon",
    }
    [waits] = (await set_up.post("leader", f"{address}/referrals", sent)).json()["referrals"]
    assert (waits["due_on"], waits["days_left"], waits["ended_by"]) == ("2025-06-04", 2, "")
    detail = (await set_up.get("leader", address)).json()
    row, before = detail["trail"][-1], detail["trail"][-2]
    assert row["detail"] == "dari Unit terlapor · kepada KPP Pratama Contoh · Batas waktu 04.06.2025"
    assert (before["words"], detail["events"][0]["words"]) == ("Diteruskan", "Teruskan")
    said = [one["name"] for one in detail["said"]]
    assert said[:3] == ["reporter", "contact", "what"], "in the order of the form"
    assert next(one["value"] for one in detail["said"] if one["name"] == "happened_on") == "30.05.2025"
    assert await set_up.desk.look_at_clocks() == []
    set_up.later(days=1)
    [raised] = await set_up.desk.look_at_clocks()
    assert (raised.kind, raised.step) == ("reminder", f"referral_{waits['number']}")
    set_up.later(days=2)
    assert [one.kind for one in await set_up.desk.look_at_clocks()] == ["overdue"]
    assert (await set_up.get("leader", "/api/matter-work/bell")).json() == {"unseen": 1, "overdue": 1}
    assert (await set_up.get("other_leader", "/api/matter-work/bell")).json()["unseen"] == 0
    [signal] = (await set_up.get("leader", "/api/matter-work/signals")).json()["signals"]
    assert (signal["unit"], signal["days_left"], signal["late"]) == ("KPP Pratama Contoh", -1, True)
    page = (await set_up.get("leader", "/pengingat")).text
    assert f'href="/perkara/{matter_id}#disposisi"' in page
    assert "Disposisi kepada KPP Pratama Contoh" in page
    assert "terlambat 1 hari kerja" in page
    told = {"version": version + 1, "note": "Loket ditambah"}
    answered = await set_up.post("leader", f"{address}/referrals/{waits['number']}/answer", told)
    assert answered.json()["referrals"][0]["ended_by"] == "Petugas leader"
    assert (await set_up.get("leader", "/api/matter-work/bell")).json()["unseen"] == 0


async def test_the_page_says_for_which_unit_something_is_recorded_and_the_trail_who_did() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up, STEPS.index("answer"))
    address, version = f"/api/matters/{matter_id}", 2 + STEPS.index("answer")
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Tahap ini milik Unit terlapor, yang tidak masuk ke aplikasi ini" in page
    sent = {"version": version, "to_unit": "kitsda", "note": "Mohon tanggapan"}
    await set_up.post("leader", f"{address}/referrals", sent)
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Catat jawabannya atas nama unit itu" in page
    number = version + 1
    told = {"version": version + 1, "note": "Sudah ditegur"}
    await set_up.post("leader", f"{address}/referrals/{number}/answer", told)
    detail = (await step(set_up, "leader", matter_id, version + 2, "forward")).json()
    answer, forward = detail["trail"][-2:]
    assert (answer["who"], answer["detail"]) == (
        "Petugas leader", "dicatat atas nama Direktorat KITSDA",
    )  # fmt: skip
    assert (forward["who"], forward["detail"]) == ("Petugas leader", "dicatat atas nama Unit terlapor")
    piece = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "dicatat Petugas leader" in piece
    own = next(row for row in detail["trail"] if row["what"] == "forward")
    assert own["detail"] == "", "the first step is KLIP's own"


@pytest.mark.parametrize(
    ("kind", "at", "rule", "bases"),
    [
        ("service", MONDAY, "SE-11/PJ/2019", ["UU 25/2009", "PP 96/2012", "PER-07/PJ/2019"]),
        ("conduct", MONDAY, "SE-11/PJ/2019", ["PP 94/2021"]),
        ("tax_crime", MONDAY, "SE-11/PJ/2019", ["UU KUP"]),
        ("conduct", datetime(2026, 1, 5, 3, tzinfo=UTC), "SE-15/PJ/2025", ["PP 94/2021", "PER-21/PJ/2025"]),
    ],
)
async def test_a_complaint_shows_the_legal_bases_of_its_kind_by_its_own_rule(
    kind: str, at: datetime, rule: str, bases: list[str]
) -> None:
    set_up = stage(Rung.ANONYMOUS)
    set_up.watch.at = at
    matter_id = (await set_up.opened("complaints", kind=kind))["matter_id"]
    set_up.watch.at = datetime(2026, 2, 2, 3, tzinfo=UTC)  # under the successor
    found = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()
    assert (found["rule"], found["bases"], found["assumed"]) == (rule, bases, rule == "SE-15/PJ/2025")
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert f"Dasar: {', '.join(bases)}" in page
    assert ("Asumsi" in page) is found["assumed"]


async def test_the_calls_about_a_result_are_seen_at_the_complaint() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up, STEPS.index("final_disposition"))
    version = 2 + STEPS.index("final_disposition")
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "petugas membacanya saat menelepon" in page
    empty = await step(set_up, "leader", matter_id, version, "forward", tell="callback")
    assert empty.json()["fields"][0]["field"] == "note", "the agent would have nothing to say"
    await step(set_up, "leader", matter_id, version, "forward", tell="callback", note="Loket ditambah")
    detail = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()
    [told] = detail["promises"]
    promise = await set_up.book.get(told["matter"]["matter_id"])
    now = set_up.watch.now()
    handed = await set_up.book.change(handed_over(promise, 1, Act("system", now)))
    call = InVain("no_answer", "system", 1, now + timedelta(hours=3))
    await set_up.book.change(tried(handed, call, now))
    [told] = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()["promises"]
    assert told["trail"][-1]["detail"] == "Tidak diangkat · berikutnya 02.06.2025 13.00 WIB"
    assert told["trail"][-1]["who"] == "Sistem"
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Ditelepon mulai" in page
    assert "ditelepon oleh dialer" in page
    elsewhere = await set_up.get("leader", f"/perkara/{promise.matter_id}")
    assert f'href="/perkara/{matter_id}"' in elsewhere.text
