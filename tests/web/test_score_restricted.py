"""Scores of a recording under restriction: seen, given, signed and taken along by nobody while it stands."""

from pathlib import Path

import pytest

from recording.persons import PersonsUnavailable
from tests.web.page_parts import OWN
from tests.web.score_stage import FIRST, LEAD, ONE, TWO, ScoreStage, put_final, score_stage

SCORE, OTHER = "a" * 32, "b" * 32
SINCE = "since=2020-01-01"


@pytest.fixture
async def stage(tmp_path: Path) -> ScoreStage:
    made = await score_stage(tmp_path)
    await put_final(made, SCORE, OWN, recording_id=ONE)
    await put_final(made, OTHER, OWN)
    return made


@pytest.mark.parametrize("who", ["agent", "leader", "chief", FIRST, LEAD])
async def test_it_is_in_no_list_figure_or_file_and_has_no_page(stage: ScoreStage, who: str) -> None:
    before = (await stage.get(who, f"/api/scores?{SINCE}")).json()
    assert {one["score_id"] for one in before["scores"]} == {SCORE, OTHER}
    stage.restricted.ids = frozenset({ONE})
    listed = (await stage.get(who, f"/api/scores?{SINCE}")).json()
    assert [one["score_id"] for one in listed["scores"]] == [OTHER]
    assert (listed["figures"]["scores"], listed["figures"]["left_out"]) == (1, 1)
    assert before["figures"]["left_out"] == 0
    page = (await stage.get(who, f"/penilaian?{SINCE}")).text
    assert SCORE not in page
    assert "1 nilai dibatasi, tidak dihitung" in page
    file = await stage.get(who, f"/api/scores/file?{SINCE}")
    assert len(file.text.strip().splitlines()) == 2  # the heading and the other
    for path in (f"/api/scores/{SCORE}", f"/penilaian/{SCORE}", f"/rekaman/{ONE}/penilaian"):
        answer = await stage.get(who, path)
        assert answer.status_code == 403, path
        assert "dibatasi" in answer.text or "restricted" in answer.text
    assert ("score_refused", f"recording:{ONE}") in stage.acts
    assert (await stage.get(who, f"/api/scores/{OTHER}")).status_code == 200


async def test_it_is_not_scored_nor_signed_meanwhile(stage: ScoreStage) -> None:
    score_id, body = await stage.body(FIRST, TWO)
    stage.restricted.ids = frozenset({ONE, TWO})
    for method, end in (("PUT", "draft"), ("POST", "finish")):
        answer = await stage.send(FIRST, method, f"/api/scores/{score_id}/{end}", {**body, "count": 1})
        assert answer.status_code == 403
    assert (await stage.send("agent", "POST", f"/api/scores/{SCORE}/sign")).status_code == 403
    stage.restricted.ids = frozenset()
    assert (await stage.send("agent", "POST", f"/api/scores/{SCORE}/sign")).status_code == 200
    assert (await stage.send(FIRST, "POST", f"/api/scores/{score_id}/finish", body)).status_code == 200


async def test_where_it_cannot_be_told_nothing_is_shown(stage: ScoreStage) -> None:
    stage.restricted.fault = PersonsUnavailable("away")
    for path in (f"/api/scores?{SINCE}", f"/api/scores/{SCORE}", f"/rekaman/{ONE}/penilaian"):
        assert (await stage.get(FIRST, path)).status_code == 503
