"""Schedules on pages and in the API: the day worked out by hand, who sees whom, files, requests."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped] # it has no types of its own

from desk.working_days import WIB
from reporting.formulas import FORMULAS
from reporting.schedule import Piece, Shift
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.schedule_stage import MONDAY, ScheduleStage, opened_stage, staff_id

MINUTE = 60_000


@pytest.fixture
def stage(migrated_staff: Path, tmp_path: Path) -> Iterator[ScheduleStage]:
    with opened_stage(migrated_staff, tmp_path) as opened:
        yield opened


# 08.00–12.00 calls, 12.00–13.00 break, 13.00–16.00 calls: 480 minutes. Came at 08.10, talked until 12.05,
# back at 13.05, left at 15.50: 25 minutes are not as scheduled; worked 235 + 165 of 420 minutes.
WORKED = (
    ("08:10", "ready", "idle", ""),
    ("11:55", "ready", "talking", ""),
    ("12:05", "paused", "idle", "break"),
    ("13:05", "ready", "idle", ""),
    ("15:50", "signed_out", "idle", ""),
)


async def test_the_days_figures_are_the_hand_computed_ones_on_page_and_api(stage: ScheduleStage) -> None:
    await stage.shift()
    await stage.was(OWN, *WORKED)
    day = (await stage.get("chief", f"/api/schedules?day={MONDAY}")).json()
    [shift] = day["shifts"]
    assert shift["ats"] == {
        "value": pytest.approx(455 / 480), "numerator": 455 * MINUTE, "denominator": 480 * MINUTE,
    }  # fmt: skip
    assert shift["conformance"]["value"] == pytest.approx(400 / 420)
    assert (shift["agent"], shift["hours"], shift["staff_id"]) == ("Melati", "08.00–16.00", staff_id("agent"))
    assert [one["words"] for one in shift["out"]] == [
        "08.00–08.10 belum masuk", "13.00–13.05 jeda: Istirahat", "15.50–16.00 belum masuk",
    ]  # fmt: skip
    assert day["without"] == ["Kenanga"]
    page = (await stage.get("chief", f"/jadwal?day={MONDAY}")).text
    assert "94,8 %" in page  # 455 ÷ 480
    assert "95,2 %" in page  # 400 ÷ 420
    sums = (await stage.get("chief", f"/api/schedules/range?first={MONDAY}&last={MONDAY}")).json()
    assert sums["total"]["ats"] == shift["ats"]
    assert [one["key"] for one in sums["by_day"]] == [MONDAY.isoformat()]
    by_activity = {one["activity"]: one["ats"]["numerator"] for one in sums["by_activity"]}
    assert by_activity == {"calls": 395 * MINUTE, "break": 60 * MINUTE}
    assert FORMULAS["ats"].numerator == ("adherent_ms",)
    for address in (f"/jadwal/rekap?first={MONDAY}&last={MONDAY}", f"/jadwal/agen/{staff_id('agent')}"):
        answer = await stage.get("chief", address)
        assert answer.status_code == 200
        assert "94,8 %" in answer.text
        assert OWN not in answer.text, "staff numbers are personal"


async def test_the_end_of_a_night_stands_on_the_next_day(stage: ScheduleStage) -> None:
    tuesday = MONDAY + timedelta(days=1)
    night = Shift(OWN, MONDAY, (Piece("calls", 1200, 1560),))  # 20.00 to 02.00
    await stage.desk.on.book.put([night], staff_id("planner"), stage.clock.now())
    await stage.was(OWN, ("20:00", "ready", "idle", ""))
    stage.clock.at = datetime(2026, 11, 24, 1, tzinfo=WIB)
    first = (await stage.get("chief", f"/api/schedules?day={MONDAY}")).json()
    second = (await stage.get("chief", "/api/schedules")).json()
    assert [one["hours"] for one in first["shifts"]] == ["20.00–02.00"]
    assert first["shifts"][0]["ats"]["denominator"] == 240 * MINUTE
    [end] = second["shifts"]
    assert (end["hours"], end["ats"]["numerator"], end["ats"]["denominator"]) == (
        "00.00–02.00", 60 * MINUTE, 60 * MINUTE,
    )  # fmt: skip
    assert end["now"]["planned"] == "Panggilan masuk" and end["now"]["adherent"] is True
    assert second["without"] == ["Kenanga"]
    both = f"/api/schedules/agents/{staff_id('agent')}?first={MONDAY}&last={tuesday}"
    found = (await stage.get("chief", both)).json()
    assert [one["day"] for one in found["shifts"]] == [f"{MONDAY}", f"{tuesday}"]
    assert (found["total"]["shifts"], found["total"]["ats"]["denominator"]) == (1, 300 * MINUTE)


async def test_who_is_out_of_schedule_now_is_on_top(stage: ScheduleStage) -> None:
    await stage.shift(OWN)
    await stage.shift(COLLEAGUE)
    stage.clock.at = datetime(2026, 11, 23, 9, tzinfo=WIB)
    day = (await stage.get("chief", "/api/schedules")).json()
    assert (day["is_today"], day["out_now"]) == (True, 1)
    assert [(one["agent"], one["now"]["adherent"], one["now"]["doing"]) for one in day["shifts"]] == [
        ("Kenanga", False, "belum masuk"), ("Melati", True, "melayani"),
    ]  # fmt: skip
    # A call that began before the break may go on for a quarter of an hour.
    for clock, fits in (("12:10", True), ("12:20", False)):
        hour, minute = map(int, clock.split(":"))
        stage.clock.at = datetime(2026, 11, 23, hour, minute, tzinfo=WIB)
        stage.parts.floor.change(OWN, observed="talking", seconds=1800.0)
        shifts = (await stage.get("chief", "/api/schedules")).json()["shifts"]
        [mine] = [one for one in shifts if one["agent"] == "Melati"]
        assert (mine["now"]["planned"], mine["now"]["adherent"]) == ("Istirahat", fits)
    assert mine["now"]["seconds"] == 20 * 60
    piece = await stage.get("chief", "/api/schedules", page=True)
    assert "Tidak sesuai" in piece.text
    assert "<html" not in piece.text


async def test_each_role_sees_its_own_reach(stage: ScheduleStage) -> None:
    await stage.shift(OWN)
    await stage.shift(COLLEAGUE)

    async def names(who: str, query: str = "") -> list[str]:
        answer = await stage.get(who, f"/api/schedules?day={MONDAY}{query}")
        return sorted(one["agent"] for one in answer.json()["shifts"])

    assert await names("chief") == await names("planner") == ["Kenanga", "Melati"]
    assert await names("chief", "&team=beta") == ["Kenanga"]
    assert await names("leader") == await names("agent") == ["Melati"]
    assert (await stage.get("leader", f"/api/schedules?day={MONDAY}&team=beta")).status_code == 403
    assert (await stage.get("quality", "/api/schedules")).status_code == 403
    for who, other, status in (
        ("agent", "colleague", 404), ("leader", "colleague", 404), ("leader", "agent", 200),
        ("agent", "agent", 200),
    ):  # fmt: skip
        address = f"/api/schedules/agents/{staff_id(other)}?first={MONDAY}&last={MONDAY}"
        assert (await stage.get(who, address)).status_code == status, (who, other)
    for who in ("agent", "leader", "chief"):
        body = {"first": "2026-11-23", "last": "2026-11-27", "pattern": "line", "keep": True}
        assert (await stage.post(who, "/api/schedules/make", body)).status_code == 403


async def test_shifts_are_looked_at_before_they_are_kept(stage: ScheduleStage) -> None:
    body = {"team": "", "first": "2026-11-21", "last": "2026-11-24", "pattern": "line", "place": "jakarta"}
    plan = (await stage.post("planner", "/api/schedules/make", body)).json()
    assert (plan["state"], plan["shifts"], plan["new"]) == ("proposed", 4, 4)
    assert await stage.desk.on.book.shifts(MONDAY, MONDAY) == []
    piece = await stage.post("planner", "/api/schedules/make", body, page=True)
    assert "belum ada yang disimpan" in piece.text
    kept = (await stage.post("planner", "/api/schedules/make", {**body, "keep": True})).json()
    assert (kept["state"], kept["new"]) == ("kept", 4)
    one = {**body, "staff_ids": staff_id("agent"), "pattern": "outbound", "keep": "true"}
    assert (await stage.post("planner", "/api/schedules/make", one)).json()["changed"] == 2
    wrong = await stage.post("planner", "/api/schedules/make", {**body, "pattern": "sunset"})
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "pattern")
    assert stage.acts.count("schedule_made") == 2
    assert (await stage.get("planner", "/jadwal/susun")).status_code == 200


async def test_a_csv_and_a_workbook_are_taken_in_whole_or_not_at_all(stage: ScheduleStage) -> None:
    good = f"agent,day,pattern\n{OWN},2026-11-23,line\n{COLLEAGUE},2026-11-23,line_other\n"
    wrong = await stage.send("sif.csv", f"{good}{OWN},2026-13-01,line\n".encode(), keep=True)
    assert wrong.json()["state"] == "wrong"
    assert wrong.json()["mistakes"] == [
        {"row": 4, "field": "day", "value": "2026-13-01",
         "remedy": "Tulis hari sebagai 2026-11-23 atau 23.11.2026."}
    ]  # fmt: skip
    assert await stage.desk.on.book.shifts(MONDAY, MONDAY) == []
    assert (await stage.send("sif.csv", good.encode())).json()["state"] == "proposed"
    assert (await stage.send("sif.csv", good.encode(), keep=True)).json()["new"] == 2
    # The same as a workbook, with a coaching: times and days are cells of their own kind.
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet, clock = book.add_worksheet(), book.add_format({"num_format": "hh:mm"})
    heads = ("Nomor", "Tanggal", "Pola", "Kegiatan", "Mulai", "Selesai")
    sheet.write_row(0, 0, heads)
    sheet.write_row(1, 0, (OWN, "", "line"))
    sheet.write_row(2, 0, (OWN, "", "", "coaching", 8.5 / 24, 9 / 24))
    for row in (1, 2):
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(row, 1, datetime(2026, 11, 23), days)  # noqa: DTZ001 - a cell has no zone
    for column, hours in ((4, 8.5), (5, 9.0)):
        sheet.write_number(2, column, hours / 24, clock)
    book.close()
    answer = await stage.send("sif.xlsx", content.getvalue(), keep=True)
    assert (answer.json()["state"], answer.json()["changed"]) == ("kept", 1)
    [mine] = await stage.desk.on.book.shifts(MONDAY, MONDAY, {OWN})
    assert [(one.begins, one.ends) for one in mine.pieces if one.activity == "coaching"] == [(510, 540)]
    # What is given out can be taken in again, and changes nothing.
    file = await stage.get("planner", f"/api/schedules/file?first={MONDAY}&last={MONDAY}")
    again = (await stage.send("lagi.csv", file.content)).json()
    assert (again["shifts"], again["removed"], again["mistakes"]) == (2, 0, [])
    for name, content_, word in (
        ("sif.csv", b"%PDF-1.4", "not_a_table"), ("sif.xlsx", b"agent,day\n", "wrong_extension"),
        ("sif.csv", b"x" * 1_000_001, "too_large"),
    ):  # fmt: skip
        refused = await stage.send(name, content_)
        assert (refused.status_code, refused.json()["refusal"]) == (422, word)


async def test_a_planner_changes_a_shift_and_everything_is_on_the_trail(stage: ScheduleStage) -> None:
    await stage.shift()
    who = {"staff_id": staff_id("agent")}
    lay = {**who, "day": "2026-11-23", "activity": "coaching", "begins": "10:00", "ends": "10:30"}
    assert (await stage.post("planner", "/api/schedules/pieces", lay)).status_code == 204
    late = {**lay, "begins": "17:00", "ends": "18:00"}
    refused = await stage.post("planner", "/api/schedules/pieces", late)
    assert (refused.status_code, refused.json()["refusal"]) == (422, "outside_shift")
    away = {**who, "first": "2026-11-23", "last": "2026-11-23", "begins": "", "ends": "", "reason": "leave"}
    assert (await stage.post("planner", "/api/schedules/exceptions", away)).status_code == 204
    address = f"/api/schedules/agents/{staff_id('agent')}?first={MONDAY}&last={MONDAY}"
    view = (await stage.get("planner", address)).json()
    [exempt] = view["exceptions"]
    assert (exempt["reason"], exempt["whole_days"]) == ("Cuti", True)
    assert view["total"]["ats"]["denominator"] == 0
    taken = f"/api/schedules/exceptions/{exempt['exception_id']}/take-back"
    assert (await stage.post("planner", taken, {})).status_code == 204
    assert (await stage.post("planner", taken, {})).status_code == 409
    gone = {**who, "day": "2026-11-23"}
    assert (await stage.post("planner", "/api/schedules/removals", gone)).status_code == 204
    changes = (await stage.get("planner", address)).json()["changes"]
    assert [(one["what"], one["who"]) for one in changes] == [
        (what, "Nama planner") for what in ("removed", "unexcepted", "excepted", "set", "set")
    ]
    assert "10.00–10.30 Coaching" in changes[0]["before"]
    assert [one for one in stage.acts if one.startswith("schedule_")] == [
        "schedule_changed", "schedule_changed", "schedule_excepted", "schedule_unexcepted",
        "schedule_unexcepted", "schedule_removed",
    ]  # fmt: skip


async def test_an_agent_asks_and_a_supervisor_decides(stage: ScheduleStage) -> None:
    await stage.shift()
    await stage.was(OWN, *WORKED)
    own = await stage.get("agent", "/jadwal/saya")
    assert own.status_code == 200
    assert "3 hari kerja" in own.text
    body = {"day": "2026-11-23", "reason": "late_arrival", "begins": "", "ends": "08:10", "note": "banjir"}
    made = await stage.post("agent", "/api/offline", body)
    assert made.status_code == 201
    view = made.json()
    address = f"/api/offline/{view['request_id']}"
    for who, status in (
        ("agent", 200),
        ("chief", 200),
        ("colleague", 404),
        ("leader", 404),
        ("planner", 404),
    ):
        assert (await stage.get(who, address)).status_code == status, who
    step = {"version": 1, "event": "approve", "note": ""}
    for who in ("agent", "leader", "planner"):
        assert (await stage.post(who, f"{address}/decide", step)).status_code == 403
    refused = await stage.post("chief", f"{address}/decide", {**step, "event": "refuse"})
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "note")
    listed = (await stage.get("chief", "/api/offline")).json()
    assert [one["words"] for one in listed["requests"]] == ["Menunggu supervisor"]
    decided = await stage.post("chief", f"{address}/decide", step)
    assert (decided.json()["state"], decided.json()["may_revoke"]) == ("approved", True)
    assert (await stage.post("chief", f"{address}/decide", step)).status_code == 409
    sums = (await stage.get("chief", f"/api/schedules/range?first={MONDAY}&last={MONDAY}")).json()
    # Ten minutes are out: 455 of 470.
    assert sums["total"]["ats"]["value"] == pytest.approx(455 / 470)
    assert sums["by_reason"] == [{"reason": "late_arrival", "words": "Datang terlambat", "ms": 10 * MINUTE}]
    page = await stage.get("agent", f"/jadwal/izin/{view['request_id']}")
    assert "Nama chief: Menyetujui" in page.text
    assert "tabel pengecualian yang berlaku sejak" in page.text and "exceptions" not in page.text
    assert (await stage.get("chief", "/jadwal/izin")).status_code == 200
    assert "offline_approve" in stage.acts
    assert all("banjir" not in str(row) for row in stage.parts.audit.rows)


async def test_a_request_that_comes_too_late_or_is_taken_back(stage: ScheduleStage) -> None:
    await stage.shift()
    await stage.shift(day=MONDAY - timedelta(days=7))
    body = {"day": "2026-11-16", "reason": "sick", "note": ""}
    late = await stage.post("agent", "/api/offline", body)
    assert late.status_code == 422
    assert late.json()["message"] == "Batas pengajuan untuk hari itu sudah lewat (19.11.2026)."
    single = {"day": "2026-11-23", "reason": "single_clock_in"}
    await stage.was(OWN, *WORKED)
    served = await stage.post("agent", "/api/offline", single)
    assert served.json()["refusal"] == "served_more"
    made = (await stage.post("agent", "/api/offline", {"day": "2026-11-23", "reason": "sick"})).json()
    withdraw = f"/api/offline/{made['request_id']}/withdraw"
    assert (await stage.post("colleague", withdraw, {"version": 1})).status_code == 404
    assert (await stage.post("agent", withdraw, {"version": 1})).json()["state"] == "withdrawn"
    mine = (await stage.get("agent", "/api/offline/mine")).json()
    assert [(one["state"], one["mine"]) for one in mine["requests"]] == [("withdrawn", True)]


async def test_who_decides_and_who_asked_are_told_in_the_bar(stage: ScheduleStage) -> None:
    await stage.shift()
    waiting = "/api/offline/waiting"
    nothing = {"to_decide": 0, "news": 0, "newest": ""}
    for who in ("agent", "chief", "leader", "planner"):
        assert (await stage.get(who, waiting)).json() == nothing, who
    asked = {"day": f"{MONDAY}", "last": f"{MONDAY + timedelta(days=1)}", "reason": "sick"}
    made = (await stage.post("agent", "/api/offline", asked)).json()
    assert (made["day"], made["last_day"], len(made["times"])) == (asked["day"], asked["last"], 1)
    assert (await stage.get("chief", waiting)).json() == {**nothing, "to_decide": 1}
    for who in ("agent", "leader", "planner"):
        assert (await stage.get(who, waiting)).json() == nothing, who
    bar = 'hx-get="/api/offline/waiting" hx-trigger="load, every 60s"'
    for who, has in (("agent", True), ("chief", True), ("planner", False)):
        assert (bar in (await stage.get(who, "/jadwal")).text) is has, who
    bell = (await stage.get("chief", waiting, page=True)).text
    assert 'href="/jadwal/izin"' in bell and "1 izin menunggu" in bell
    decide = {"version": 1, "event": "approve", "note": ""}
    address = f"/api/offline/{made['request_id']}"
    assert (await stage.post("chief", f"{address}/decide", decide)).status_code == 200
    assert (await stage.get("chief", waiting)).json() == nothing
    await stage.get("chief", address)  # that others look at it is not the agent's having seen it
    assert (await stage.get("agent", waiting)).json() == {**nothing, "news": 1, "newest": made["request_id"]}
    assert f"/jadwal/izin/{made['request_id']}" in (await stage.get("agent", waiting, page=True)).text
    assert "baru diputuskan" in (await stage.get("agent", "/jadwal/saya")).text
    opened = (await stage.get("agent", f"/jadwal/izin/{made['request_id']}")).text
    assert "Senin 23.11.2026" in opened and "Selasa 24.11.2026" in opened
    assert (await stage.get("agent", waiting)).json() == nothing
    too_long = {**asked, "last": f"{MONDAY + timedelta(days=14)}"}
    answer = await stage.post("agent", "/api/offline", too_long)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "last")
