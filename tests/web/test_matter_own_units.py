"""Units that sign in: what waits for them, what they see, and that what they do is their own doing."""

from typing import Any

import pytest

from desk.complaint_steps import STEPS
from desk.standing import Rung
from domain.staff import StaffRole
from tests.web.matter_stage import PEOPLE, Stage, stage
from tests.web.test_matter_office import complaint
from tests.web.test_matter_work import step
from web.permissions import ROLES, Permission

BASE = "/api/unit-complaints"
UNITS = ("humas", "kpp", "other_kpp", "no_unit")


async def waits(set_up: Stage, who: str) -> list[tuple[str, int, bool]]:
    """Return what waits for a unit: complaint, answers, whether the step is theirs."""
    found = (await set_up.get(who, BASE)).json()["complaints"]
    return [(one["matter"]["matter_id"], one["asked"], one["step"]) for one in found]


async def unit_step(set_up: Stage, who: str, matter_id: str, event: str, **body: Any) -> Any:
    version = (await set_up.book.get(matter_id)).version
    return await set_up.post(who, f"{BASE}/{matter_id}/step", {"version": version, "event": event, **body})


@pytest.mark.parametrize("who", [*PEOPLE, "auditor", "administrator", "privacy_officer"])
async def test_the_pages_of_units_are_open_to_units_alone(who: str) -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up)  # KLIP has not passed it on
    role = PEOPLE[who][0] if who in PEOPLE else StaffRole(who)
    may = Permission.MATTER_UNIT in ROLES[role]
    for address in ("/pengaduan-unit", BASE):
        assert (await set_up.get(who, address)).status_code == (200 if may else 403)
    for address in (f"/pengaduan-unit/{matter_id}", f"{BASE}/{matter_id}"):
        assert (await set_up.get(who, address)).status_code == (404 if may else 403)
    for address in ("/pengaduan", "/perkara", f"/api/matters/{matter_id}"):
        if may:
            assert (await set_up.get(who, address)).status_code == 403
    if may:
        assert set_up.acts.count(("matter_viewed", "refused")) == 2


async def test_a_unit_answers_what_it_was_asked_and_learns_no_name_of_who_complains() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up)
    sent = {"version": 2, "to_unit": "kpp", "unit_name": "Pratama Contoh", "note": "Mohon tanggapan"}
    asked = (await set_up.post("leader", f"/api/matters/{matter_id}/referrals", sent)).json()
    [row] = asked["referrals"]
    assert row["signs_in"]
    shown = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "KPP Pratama Contoh dapat menjawab sendiri di aplikasi ini" in shown
    assert [await waits(set_up, who) for who in UNITS] == [[], [(matter_id, 1, False)], [], []]
    address = f"{BASE}/{matter_id}"
    for stranger in ("other_kpp", "no_unit", "humas"):
        assert (await set_up.get(stranger, address)).status_code == 404
    for answer in (await set_up.get("kpp", address), await set_up.get("kpp", f"/pengaduan-unit/{matter_id}")):
        assert answer.status_code == 200
        assert "Antrean dua jam" in answer.text and "Mohon tanggapan" in answer.text
        assert "Contoh Pelapor" not in answer.text and "628110000123" not in answer.text
    seen = (await set_up.get("kpp", address)).json()
    assert (seen["withheld"], seen["step"], seen["detail"]["events"]) == (True, False, [])
    assert [one["what"] for one in seen["detail"]["trail"]] == ["referred"]
    answers = f"{address}/referrals/{row['number']}/answer"
    told = {"version": 3, "note": "Loket ditambah"}
    assert (await set_up.post("other_kpp", answers, told)).status_code == 404
    assert (await set_up.post("kpp", answers, {**told, "version": 2})).status_code == 409
    assert (await set_up.post("kpp", f"{address}/referrals/2/answer", told)).json()[
        "refusal"
    ] == "not_waited_for"
    kept = (await set_up.post("kpp", answers, told)).json()
    assert [one["answer"] for one in kept["detail"]["referrals"]] == ["Loket ditambah"]
    assert await waits(set_up, "kpp") == []
    last = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()["trail"][-1]
    assert (last["words"], last["who"], last["detail"]) == (
        "Disposisi dijawab", "Petugas kpp", "oleh KPP Pratama Contoh sendiri",
    )  # fmt: skip
    assert "dijawab Petugas kpp" in (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert ("matter_referral_answered", "done") in set_up.acts
    assert (
        await set_up.post("kpp", f"{address}/step", {"version": 4, "event": "forward"})
    ).status_code == 409


async def test_humas_and_the_reported_unit_do_their_own_steps_to_the_end() -> None:
    set_up = stage(Rung.ANONYMOUS)
    matter_id = await complaint(set_up, STEPS.index("disposition"))
    assert await waits(set_up, "humas") == [(matter_id, 0, True)]
    page = (await set_up.get("leader", f"/perkara/{matter_id}")).text
    assert "Tahap ini milik P2 Humas, yang mengerjakannya sendiri di aplikasi ini" in page
    seen = (await set_up.get("humas", f"{BASE}/{matter_id}")).json()
    assert "Contoh Pelapor" in str(seen["detail"]["said"]), "who judges it knows who complains"
    assert [one["name"] for one in seen["detail"]["events"]] == ["forward"], "withdrawing is the reporter's"
    for event in ("withdraw", "reopen"):
        assert (await unit_step(set_up, "humas", matter_id, event, note="x")).status_code == 409
    for _ in ("disposition", "analysis"):
        assert (await unit_step(set_up, "humas", matter_id, "forward")).status_code == 200
    assert 'name="to_unit"' in (await set_up.get("humas", f"/pengaduan-unit/{matter_id}")).text
    nameless = await unit_step(set_up, "humas", matter_id, "forward", to_unit="kpp")
    assert nameless.json()["fields"][0]["field"] == "unit_name"
    named = {"to_unit": "kpp", "unit_name": "KPP Pratama Contoh"}
    sent = (await unit_step(set_up, "humas", matter_id, "forward", **named)).json()
    assert (sent["detail"]["reported_unit"], sent["detail"]["events"]) == ("KPP Pratama Contoh", [])
    assert [await waits(set_up, who) for who in UNITS] == [[], [(matter_id, 0, True)], [], []]
    assert "Contoh Pelapor" not in (await set_up.get("kpp", f"/pengaduan-unit/{matter_id}")).text
    assert (await unit_step(set_up, "other_kpp", matter_id, "forward")).status_code == 404
    back = await unit_step(set_up, "kpp", matter_id, "send_back", note="Bukan pegawai kami")
    assert back.json()["detail"]["matter"]["state"] == "distribution"
    assert (await unit_step(set_up, "humas", matter_id, "forward", **named)).status_code == 200
    for _ in ("assignment", "answer"):
        assert (await unit_step(set_up, "kpp", matter_id, "forward", note="Sudah ditegur")).status_code == 200
    assert (await unit_step(set_up, "humas", matter_id, "forward")).status_code == 200
    version = (await set_up.book.get(matter_id)).version
    tell = {"tell": "callback", "note": "Petugas ditegur"}
    assert (await step(set_up, "leader", matter_id, version, "forward", **tell)).status_code == 200
    assert (await step(set_up, "leader", matter_id, version + 1, "forward")).status_code == 200
    assert (await unit_step(set_up, "humas", matter_id, "forward")).status_code == 200
    end = {"disposition": "proven", "note": "Terbukti"}
    closed = (await unit_step(set_up, "humas", matter_id, "close", **end)).json()
    assert (closed["detail"]["matter"]["state"], closed["detail"]["matter"]["result"]) == ("closed", "proven")
    trail = (await set_up.get("leader", f"/api/matters/{matter_id}")).json()["trail"]
    own = [row["detail"] for row in trail if "sendiri" in row["detail"]]
    assert len(own) == 3 + 1 + 1 + 2 + 1 + 1 + 1 and not any("atas nama" in row["detail"] for row in trail)
    found = (await set_up.get("leader", "/api/matter-work/statistics")).json()
    assert found["closed"] == 1


async def test_an_account_without_a_unit_is_told_what_is_missing() -> None:
    set_up = stage(Rung.ANONYMOUS)
    await complaint(set_up, STEPS.index("disposition"))
    page = (await set_up.get("no_unit", "/pengaduan-unit")).text
    assert "Akun Anda belum menyebut unit" in page
    assert (await set_up.get("no_unit", BASE)).json() == {"unit": "", "complaints": []}
    assert "Tidak ada yang menunggu unit Anda" in (await set_up.get("kpp", "/pengaduan-unit")).text
