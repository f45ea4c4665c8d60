"""Reports on pages and by the API: each number is the one computed by hand in `report_world.py`."""

import io
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from domain.staff import StaffRole
from reporting.counts import Counts
from reporting.reports import Format, ReportRun, RunState
from reporting.reports_words import ReportWords
from reporting.rollup import Key
from service.report_making import ReportMaking
from tests.unit.report_world import words
from tests.web.page_parts import visitor
from tests.web.report_stage import AGENT_ID, AGENT_NUMBER, BODY, Desk, OfficeClock, report_desk


@pytest.fixture
async def desk(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    async with report_desk(tmp_path) as made:
        yield made


async def _saved(desk: Desk, **other: Any) -> str:
    async with desk.parts.client("supervisor") as client:
        answer = await client.post("/api/reports", json={**BODY, **other})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["report_id"])


async def test_a_saved_report_is_read_changed_and_removed(desk: Desk) -> None:
    report_id = await _saved(desk)
    async with desk.parts.client("supervisor") as client:
        one = (await client.get(f"/api/reports/{report_id}")).json()
        assert one["definition"]["mail_to"] == "kepala@contoh.invalid"
        assert dict(one["about"])["Tujuan"] == "E-mail kepala@contoh.invalid; Folder harian"
        body = {**one["definition"], "version": 1, "title": "Antrean", "span": "yesterday", "every": "weekly"}
        changed = await client.post(f"/api/reports/{report_id}", json={**body, "at": "07:30", "day": 1})
        assert changed.status_code == 200, changed.text
        assert changed.json()["schedule"] == "Setiap Senin pukul 07.30 WIB"
        assert [one["version"] for one in changed.json()["versions"]] == [2, 1]
        again = await client.post(f"/api/reports/{report_id}", json=body)
        assert (again.status_code, "orang lain" in again.json()["message"]) == (409, True)
        gone = await client.post(f"/api/reports/{report_id}/remove", json={"version": 2})
        assert gone.json()["reports"] == []
        assert (await client.get(f"/api/reports/{report_id}")).status_code == 404
    acts = [row.act for row in desk.parts.audit.rows]
    assert acts == ["report_saved", "report_changed", "report_changed", "report_removed"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "Antrean Harian"}, "code"),
        ({"figures": ["nonsense"]}, "figures"),
        ({"mail_to": "kepala@lain.invalid"}, "mail_to"),
        ({"every": "daily"}, "every"),
        ({"last": "2026-10-04"}, "last"),
        ({"at": "25:00", "every": "daily", "span": "yesterday"}, "at"),
        ({"formats": []}, "formats"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(desk: Desk, wrong: dict[str, Any], field: str) -> None:
    async with desk.parts.client("supervisor") as client:
        answer = await client.post("/api/reports", json={**BODY, **wrong})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert await desk.reports.all() == []


async def test_the_page_the_api_and_the_files_have_the_same_figures(desk: Desk) -> None:
    report_id = await _saved(desk)
    async with desk.parts.client("supervisor") as client:
        api = (await client.get(f"/api/reports/{report_id}/document")).json()
        csv = (await client.get(f"/api/reports/{report_id}/file?form=csv")).content.decode("utf-8-sig")
        xlsx = await client.get(f"/api/reports/{report_id}/file?form=xlsx")
    (table,) = api["tables"]
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["efin", "15", "85,7 %", "1:09"],  # 12 ÷ (15 − 1); 900 s ÷ 13
        ["kup", "4", "25,0 %", "1:00"],
    ]
    assert [cell["text"] for cell in table["total"]] == ["Jumlah", "19", "72,2 %", "1:08"]
    assert csv.splitlines()[-1] == "Jumlah,19,0.722222,68"
    assert xlsx.headers["content-disposition"].endswith("antrean-harian-2026-10-05-2026-10-06.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx.content)).get_sheet_by_index(2).to_python()
    assert rows[-1][:3] == ["Jumlah", 19, pytest.approx(13 / 18)]
    async with desk.parts.client("supervisor", page=True) as client:
        page = (await client.get(f"/api/reports/{report_id}/document")).text
    for text in (
        "85,7 %",
        "1:09",
        "72,2 %",
        "1:08",
        'class="chart"',
        "in_time ÷ (incoming − abandoned_in_time)",
    ):
        assert text in page


async def test_a_team_leader_sees_the_own_team_and_no_addresses(desk: Desk) -> None:
    report_id = await _saved(desk)
    desk.parts.sessions.visitors["beta"] = visitor(StaffRole.TEAM_LEADER, team="beta")
    desk.parts.sessions.visitors["teamless"] = visitor(StaffRole.TEAM_LEADER, team="")
    async with desk.parts.client("beta") as client:
        document = (await client.get(f"/api/reports/{report_id}/document")).json()
        assert [cell["text"] for cell in document["tables"][0]["rows"][0]] == ["kup", "–", "–", "1:00"]
        assert len(document["tables"][0]["rows"]) == 1
        assert ["Tim", "beta"] in document["facts"]
        assert "milik antrean, belum milik siapa pun" in document["sentences"][0]
        one = (await client.get(f"/api/reports/{report_id}")).json()
        assert "kepala" not in repr(one)
        month = (await client.get("/api/monthly-report?month=2026-10")).json()
        assert month["sentences"][0].startswith("Pada Oktober 2026 sebanyak 2 panggilan ACD; AHT 1:00")
        assert "milik antrean, belum milik siapa pun" in month["sentences"][1]
        compared = {row[0]["text"]: row[1]["text"] for row in month["tables"][0]["rows"]}
        assert compared["AHT"] == "1:00"
        assert not {"Panggilan masuk", "Tingkat layanan"} & set(compared)
        assert "Menurut antrean" not in [table["title"] for table in month["tables"]]
        assert month["charts"] == []
        for path, body in ((f"/api/reports/{report_id}/run", {}), ("/api/reports", BODY)):
            assert (await client.post(path, json=body)).status_code == 403
    async with desk.parts.client("teamless") as client:
        assert (await client.get(f"/api/reports/{report_id}/document")).status_code == 403
    async with desk.parts.client("agent") as client:
        assert (await client.get("/api/reports")).status_code == 403


async def test_a_report_by_agent_is_for_those_who_may_see_agents_figures(desk: Desk) -> None:
    report_id = await _saved(desk, by=["agent"])
    async with desk.parts.client("campaign_manager") as client:
        assert (await client.get(f"/api/reports/{report_id}/document")).status_code == 403
    async with desk.parts.client("quality_lead") as client:
        assert (await client.get(f"/api/reports/{report_id}/document")).status_code == 200


async def test_a_report_can_be_about_single_agents(desk: Desk) -> None:
    at = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
    for number, calls in ((AGENT_NUMBER, 3), ("90000002", 5)):
        desk.figures.add(at, Counts(acd_calls=calls, acd_ms=60_000), Key(number, "alfa", queue="efin"))
    report_id = await _saved(desk, by=["queue"], figures=["acd_calls", "aht"], only_agent=AGENT_ID)
    async with desk.parts.client("supervisor") as client:
        document = (await client.get(f"/api/reports/{report_id}/document")).json()
        assert [cell["text"] for cell in document["tables"][0]["rows"][0]] == ["efin", "3", "20,0 dtk"]
        assert len(document["tables"][0]["rows"]) == 1
        form = (await client.get(f"/laporan/{report_id}/ubah")).text
        assert f'name="only_agent" value="{AGENT_ID}" checked> <span>Melati</span>' in form
        one = (await client.get(f"/api/reports/{report_id}")).json()
        assert one["definition"]["only_agent"] == [AGENT_ID]
        gone = await _saved(desk, code="yang-pergi", figures=["acd_calls"], only_agent="b" * 32)
        left = (await client.get(f"/api/reports/{gone}/document")).json()
        assert left["tables"][0]["rows"] == []  # nobody has this account: nothing, not everybody
        for wrong in ("90000001", "Melati"):
            body = {**BODY, "code": "lain", "only_agent": [wrong]}
            assert (await client.post("/api/reports", json=body)).status_code == 422
    async with desk.parts.client("campaign_manager") as client:
        assert (await client.get(f"/api/reports/{report_id}/document")).status_code == 403
    stored = desk.reports._database.read_now(
        lambda connection: connection.exec_driver_sql("select definition from report_versions").fetchall()
    )
    assert AGENT_NUMBER not in str(stored)


async def test_a_run_by_hand_is_on_record_and_its_files_can_be_had(desk: Desk) -> None:
    report_id = await _saved(desk)
    async with desk.parts.client("supervisor") as client:
        half = await client.post(f"/api/reports/{report_id}/run", json={"first": "2026-10-05"})
        assert [one["field"] for one in half.json()["fields"]] == ["last"]
        asked = await client.post(f"/api/reports/{report_id}/run", json={"first": "", "last": ""})
        run_id = asked.json()["run_id"]
        assert (asked.status_code, asked.json()["state"], asked.json()["asked_by"]) == (
            202, "waiting", "Contoh Penyelia",
        )  # fmt: skip
        run = await desk.runs.claim(datetime(2100, 1, 1, tzinfo=UTC), datetime(2100, 1, 2, tzinfo=UTC))
        assert run is not None
        await _made(desk, run)
        seen = (await client.get(f"/api/report-runs/{run_id}")).json()
        (file,) = seen["files"]
        got = await client.get(file["address"])
        assert got.content.decode("utf-8-sig").splitlines()[1] == "efin,15,0.857143,69.230769"
        assert (await client.get(f"/api/report-runs/{run_id}/files/pdf")).status_code == 410
        assert (await client.get("/api/report-runs/" + "0" * 32)).status_code == 404
    async with desk.parts.client("team_leader") as client:
        assert (await client.get(file["address"])).status_code == 403
        assert (await client.get(f"/api/report-runs/{run_id}")).json()["files"][0]["address"] == ""


async def _made(desk: Desk, run: ReportRun) -> None:
    definition = (await desk.reports.get(run.report_id)).definition
    paper = await ReportMaking(desk.figures, _in_words, _no_numbers, OfficeClock()).paper(
        definition, (run.first, run.last)
    )
    path = desk.files.place(run.run_id, "antrean.csv")
    await desk.files.make(paper, Format.CSV, path)
    await desk.runs.note_files(run.run_id, [await desk.files.about(path, Format.CSV)])
    await desk.runs.settle(run, RunState.DONE, "", datetime(2100, 1, 1, tzinfo=UTC))


async def _no_numbers() -> dict[str, str]:
    return {}


async def _in_words(language: str) -> ReportWords:
    return words(language)


async def test_every_page_is_there_for_a_supervisor(desk: Desk) -> None:
    report_id = await _saved(desk)
    paths = {
        "/laporan": "Antrean harian",
        "/laporan/baru": 'name="only_queue" value="efin"',
        f"/laporan/{report_id}": "Buat dan kirim",
        f"/laporan/{report_id}/ubah": 'value="antrean-harian"',
        "/laporan/bulanan?month=2026-10": "sebanyak 19 panggilan meminta agen; 15 tersambung (78,9 %).",
        "/laporan/kamus": "in_time ÷ (incoming − abandoned_in_time)",
    }
    async with desk.parts.client("supervisor") as client:
        for path, text in paths.items():
            answer = await client.get(path)
            assert (answer.status_code, text in answer.text) == (200, True), path
        dictionary = (await client.get("/api/data-dictionary")).json()
    assert {one["field"] for one in dictionary["counts"]} >= {"incoming", "adherent_ms"}


async def test_figures_that_are_away_are_said(desk: Desk) -> None:
    report_id = await _saved(desk)
    desk.figures.broken = True
    async with desk.parts.client("supervisor") as client:
        answer = await client.get(f"/api/reports/{report_id}/document")
        assert (answer.status_code, "Coba lagi" in answer.json()["message"]) == (503, True)
