"""Final scores: whose one sees, what is signed, figures, files, the trail."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from recording.quality.scores import Kind, ScoreState
from storage.scores_memory import MemoryForms
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.score_stage import (
    CALL_AT,
    FIRST,
    LEAD,
    ONE,
    SECOND,
    ScoreStage,
    put_final,
    score_stage,
    staff_id,
)

SINCE = "since=2020-01-01"


@pytest.fixture
async def stage(tmp_path: Path) -> ScoreStage:
    made = await score_stage(tmp_path)
    await put_final(made, "a" * 32, OWN, no=("diction",), at_ms=65_000)
    await put_final(made, "b" * 32, OWN, at=CALL_AT + timedelta(days=40))
    await put_final(made, "c" * 32, COLLEAGUE, no=("poro_done",))
    made.parts.audit.rows.clear()
    return made


async def _listed(stage: ScoreStage, who: str, query: str = SINCE) -> dict[str, Any]:
    answer = await stage.get(who, f"/api/scores?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("agent", "ba"), ("colleague", "c"), ("leader", "ba"), ("beta_leader", "c"),
        ("chief", "bac"), (SECOND, "bac"), (LEAD, "bac"),
    ],
)  # fmt: skip
async def test_each_sees_whom_they_reach(stage: ScoreStage, who: str, seen: str) -> None:
    found = await _listed(stage, who)
    assert sorted(one["score_id"][0] for one in found["scores"]) == sorted(seen)
    assert found["figures"]["scores"] == len(seen)
    for letter in "abc":
        answer = await stage.get(who, f"/api/scores/{letter * 32}")
        assert answer.status_code == (200 if letter in seen else 404)
        page = await stage.get(who, f"/penilaian/{letter * 32}")
        assert page.status_code == (200 if letter in seen else 404)
    page = await stage.get(who, f"/penilaian?{SINCE}")
    assert page.status_code == 200
    assert OWN not in page.text
    assert COLLEAGUE not in page.text


async def test_who_has_no_business_there_is_kept_out(stage: ScoreStage) -> None:
    for path in ("/penilaian", "/api/scores", "/api/scores/file", f"/api/scores/{'a' * 32}"):
        assert (await stage.get("planner", path)).status_code == 403


async def test_every_look_is_in_the_trail_before_it_is_shown(stage: ScoreStage) -> None:
    await _listed(stage, "chief")
    own, colleague = f"staff:{staff_id('agent')}", f"staff:{staff_id('colleague')}"
    assert stage.acts == [
        ("scores_listed", own),
        ("scores_listed", colleague),
        ("score_figures_viewed", "scores:"),
    ]
    stage.parts.audit.rows.clear()
    await stage.get("leader", f"/penilaian/{'a' * 32}")
    assert stage.acts == [("score_viewed", f"score:{'a' * 32}")]
    assert stage.parts.audit.rows[0].why == f"recording:{'a' * 32}"
    assert OWN not in str(stage.parts.audit.rows)


async def test_which_totals_a_reviewer_saw_is_on_record(stage: ScoreStage) -> None:
    await _listed(stage, SECOND)
    seen = {subject for act, subject in stage.acts if act == "scores_listed" and subject.startswith("score:")}
    assert seen == {f"score:{letter * 32}" for letter in "abc"}


async def test_who_scored_is_told_to_leaders_of_quality_and_not_to_agents(stage: ScoreStage) -> None:
    assert (await _listed(stage, "chief"))["scores"][0]["reviewer"] == f"Contoh {FIRST}"
    for who in ("agent", "leader"):
        assert {one["reviewer"] for one in (await _listed(stage, who))["scores"]} == {""}


async def test_a_list_is_narrowed(stage: ScoreStage) -> None:
    found = await _listed(stage, "chief", f"{SINCE}&agent={staff_id('colleague')}")
    assert [one["agent"] for one in found["scores"]] == ["Kenanga"]
    assert len((await _listed(stage, "chief", "since=2026-04-01"))["scores"]) == 1
    assert len((await _listed(stage, "chief", "since=2026-03-02&until=2026-03-02"))["scores"]) == 2
    assert (await _listed(stage, "chief", f"{SINCE}&form=outbound"))["scores"] == []
    assert (await _listed(stage, "chief", f"{SINCE}&state=signed"))["scores"] == []
    assert (await _listed(stage, "leader", f"{SINCE}&agent={staff_id('colleague')}"))["scores"] == []
    page = await stage.get("chief", "/penilaian?since=&until=&agent=&form=&state=&by=week")
    assert page.status_code == 200  # as the form sends what was left empty


async def test_an_agent_signs_their_own_once(stage: ScoreStage) -> None:
    path = f"/api/scores/{'a' * 32}/sign"
    shown = (await stage.get("agent", f"/penilaian/{'a' * 32}")).text
    assert f'hx-post="{path}"' in shown
    assert f"/banding/baru/{'a' * 32}" in shown
    assert f"/rekaman/{'a' * 32}#t=65" in shown
    assert (await stage.send("colleague", "POST", path)).status_code == 404
    assert (await stage.send("chief", "POST", path)).status_code == 403
    first = (await stage.send("agent", "POST", path)).json()
    again = (await stage.send("agent", "POST", path)).json()
    assert (first["state"], first["may_sign"]) == ("signed", False)
    assert again["signed_at"] == first["signed_at"]
    async with stage.client("agent", page=True) as client:
        piece = await client.post(path)
    assert "hx-post" not in piece.text
    assert "Dibaca" in piece.text


async def test_an_appeal_is_offered_until_its_day_and_to_nobody_else(stage: ScoreStage) -> None:
    own = (await stage.get("agent", f"/api/scores/{'a' * 32}")).json()
    assert own["appeal_until"] == "2999-01-01"
    assert (await stage.get("leader", f"/api/scores/{'a' * 32}")).json()["appeal_until"] is None
    await stage.scores.move("a" * 32, ScoreState.CONTESTED, CALL_AT)
    assert (await stage.get("agent", f"/api/scores/{'a' * 32}")).json()["appeal_until"] is None


async def test_figures_are_told_with_how_many_they_are_made_of(stage: ScoreStage) -> None:
    figures = (await _listed(stage, "chief"))["figures"]
    agents = {one["name"]: one for one in figures["agents"]}
    assert (agents["Melati"]["scores"], agents["Melati"]["mean"]) == (2, "99.38")
    assert (agents["Melati"]["least"], agents["Melati"]["most"]) == ("98.75", "100.00")
    assert agents["Melati"]["shares"]["style"] == "93.8"
    assert [(one["name"], one["scores"]) for one in figures["periods"]] == [("2026-03", 2), ("2026-04", 1)]
    rows = {(one["criterion"], one["item"]): one for one in figures["items"]}
    assert (rows["style", "diction"]["scores"], rows["style", "diction"]["lost"]) == (3, 1)
    assert rows["style", "diction"]["share"] == "66.7"
    weeks = (await _listed(stage, "chief", f"{SINCE}&by=week"))["figures"]["periods"]
    assert [one["name"] for one in weeks] == ["2026-03-02", "2026-04-06"]


async def test_working_papers_of_an_appeal_count_nowhere(stage: ScoreStage) -> None:
    await put_final(
        stage,
        "d" * 32,
        OWN,
        recording_id="a" * 32,
        kind=Kind.RESCORE,
        reviewer=staff_id(SECOND),
        reminds_of="a" * 32,
    )
    assert (await _listed(stage, "chief"))["figures"]["scores"] == 3
    assert (await stage.get("agent", f"/api/scores/{'d' * 32}")).status_code == 404
    assert (await stage.get("leader", f"/api/scores/{'d' * 32}")).status_code == 404
    assert (await stage.get(LEAD, f"/api/scores/{'d' * 32}")).status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_files_have_one_row_each_and_no_formula(stage: ScoreStage, form: str) -> None:
    stage.parts.floor.change(OWN, on_air_name="=cmd|' /C calc'!A0")
    rows = _rows(form, (await stage.get("chief", f"/api/scores/file?file={form}&{SINCE}")).content)
    assert rows[0] == ["Final pada", "Agen", "Tim", "Formulir", "Jenis", "Keadaan", "Nilai"]
    assert len(rows) == 4
    name = "=cmd|' /C calc'!A0"
    assert rows[1][1] == (f"'{name}" if form == "csv" else name)
    assert rows[1][6] == "100.00"
    assert stage.acts == [("scores_downloaded", "scores:")]


async def test_figures_come_as_files_too(stage: ScoreStage) -> None:
    answers = {
        what: _rows("csv", (await stage.get("chief", f"/api/scores/file?what={what}&{SINCE}")).content)
        for what in ("agents", "periods", "criteria")
    }
    assert [row[0] for row in answers["agents"]] == ["Agen", "Kenanga", "Melati"]
    assert answers["agents"][0][-1].endswith(" %")
    assert answers["periods"][1][:3] == ["2026-03", "2", answers["periods"][1][2]]
    assert any(row[1] == "Pilihan kata" and row[3] == "1" for row in answers["criteria"])
    own = _rows("csv", (await stage.get("agent", f"/api/scores/file?what=agents&{SINCE}")).content)
    assert [row[0] for row in own] == ["Agen", "Melati"]


def _rows(form: str, content: bytes) -> list[list[Any]]:
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


async def test_the_lead_sees_forms_differences_and_brings_a_version(tmp_path: Path) -> None:
    stage = await score_stage(tmp_path, MemoryForms(CALL_AT))
    page = (await stage.get(LEAD, "/formulir-nilai")).text
    assert page.count("/formulir-nilai/") == 3
    assert (await stage.get(FIRST, "/formulir-nilai")).status_code == 403
    shown = (await stage.get(LEAD, "/formulir-nilai/inbound/1")).text
    assert "data-tried" in shown
    text = (await stage.get(LEAD, "/api/quality-forms/inbound/1")).json()["text"]
    day = date.today() + timedelta(days=400)  # noqa: DTZ011 (any day that is not over)
    newer = text.replace("valid_from: 2019-01-01", f"valid_from: {day}").replace("Pilihan kata", "Diksi")
    wrong = await stage.send(
        LEAD, "POST", "/api/quality-forms", {"text": newer.replace("weight: 10", "weight: 11", 1)}
    )
    [mistake] = wrong.json()["mistakes"]
    assert (mistake["what"], mistake["remedy"]) == ("jumlah bobotnya 101, bukan 100", "lebih 1")
    assert mistake["line"] > 0 and not mistake["detail"]
    assert len(await stage.forms.versions("inbound")) == 1
    preview = (await stage.send(LEAD, "POST", "/api/quality-forms/check", {"text": newer})).json()
    assert (preview["against"], preview["kept"]) == (1, 0)
    assert [(one["code"], one["field"], one["after"]) for one in preview["changes"]] == [
        ("diction", "text", "Diksi")
    ]
    kept = (await stage.send(LEAD, "POST", "/api/quality-forms", {"text": newer, "why": "Kata baku"})).json()
    assert kept["kept"] == 2
    assert ("quality_form_kept", "form:inbound") in stage.acts
    beda = (await stage.get(LEAD, "/formulir-nilai/inbound/2/beda?dari=1")).text
    assert "Diksi" in beda
    async with stage.client(LEAD) as client:
        spoilt = {"text": newer.replace("criteria:", "criterias:", 1)}
        piece = await client.post("/api/quality-forms/check", json=spoilt, headers={"hx-request": "true"})
    assert "Baris" in piece.text and 'lang="en"' not in piece.text
    assert (await stage.scoring(FIRST, ONE))["form"]["version"] == 1  # the call was before its day
    past = newer.replace(f"valid_from: {day}", "valid_from: 2020-01-01")
    refused = (await stage.send(LEAD, "POST", "/api/quality-forms", {"text": past})).json()
    assert (refused["kept"], bool(refused["mistakes"])) == (0, True)
    assert (await stage.send(FIRST, "POST", "/api/quality-forms", {"text": newer})).status_code == 403


async def test_an_agent_is_told_what_is_not_signed_yet(stage: ScoreStage) -> None:
    page = await stage.get("agent", f"/penilaian?{SINCE}")
    assert "2 nilai belum" in page.text
    assert (await stage.send("agent", "POST", f"/api/scores/{'a' * 32}/sign")).status_code == 200
    assert "1 nilai belum" in (await stage.get("agent", f"/penilaian?{SINCE}")).text
    assert "nilai belum" not in (await stage.get("leader", f"/penilaian?{SINCE}")).text
