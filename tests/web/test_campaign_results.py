"""Results: figures for all who watch, rows for the requester alone; the effect against the control group."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from tests.web.campaign_doubles import AN_EFFECT, ID, NPWP
from tests.web.campaign_stage import campaign_stage, said


async def test_figures_are_without_personal_data() -> None:
    stage = campaign_stage()
    stage.campaign()
    stage.effect.effect = AN_EFFECT
    answer = await stage.get("leader", f"/api/campaigns/{ID}/results")
    seen = answer.json()
    assert [(one["words"], one["leads"]) for one in seen["outcomes"]] == [
        (said("outbound_outcome.talked"), 40), (said("outbound_outcome.no_answer"), 20),
    ]  # fmt: skip
    (survey,) = seen["survey"]
    assert (survey["words"], survey["people"], survey["mean"]) == (said("campaigns_question.clear"), 4, 4.25)
    assert (seen["effect"]["called"]["share"], seen["effect"]["control"]["share"]) == (0.3, 0.2)
    assert seen["effect"]["by_hour"][0]["words"] == "Pukul 9 WIB"
    page = await stage.get("leader", f"/kampanye/{ID}/hasil")
    for text in (answer.text, page.text):
        assert NPWP not in text
    assert "results/file" not in page.text
    assert "10,0 %" in page.text


async def test_without_outcomes_there_is_no_effect() -> None:
    stage = campaign_stage()
    stage.campaign()
    assert (await stage.get("leader", f"/api/campaigns/{ID}/results")).json()["effect"] is None
    assert "Belum ada data lapor" in (await stage.get("manager", f"/kampanye/{ID}/hasil")).text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_requester_gets_one_row_for_each_lead(form: str) -> None:
    stage = campaign_stage()
    stage.campaign()
    stage.results.many = 2500
    address = f"/api/campaigns/{ID}/results/file?form={form}"
    assert (await stage.get("chief", address)).status_code == 403
    assert stage.acts == []
    answer = await stage.get("manager", address)
    rows = (
        list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        if form == "csv"
        else CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    assert len(rows) == 2501
    name = "=cmd|' /C calc'!A0"
    assert rows[1] == [
        "ND-1/2026", "2", NPWP, f"'{name}" if form == "csv" else name, said("outbound_outcome.talked"),
        "Berjanji akan lapor", "2", "02.03.2026 09.30", "09.03.2026",
    ]  # fmt: skip
    assert stage.acts == [("campaign_results_downloaded", f"campaign:{ID}")]
    assert NPWP not in str(answer.headers)
