"""The form beside a recording: drafts, its end, who sees what of others, blind work."""

from pathlib import Path

import pytest

from recording.quality.blind import Assignment
from recording.quality.scores import Kind, ScoreState
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.score_stage import FIRST, LEAD, ONE, SECOND, TWO, ScoreStage, put_final, score_stage, staff_id


@pytest.fixture
async def stage(tmp_path: Path) -> ScoreStage:
    return await score_stage(tmp_path)


async def test_a_reviewer_is_offered_the_form_that_fits(stage: ScoreStage) -> None:
    offered = await stage.scoring()
    assert (offered["kind"], offered["form"]["name"], offered["form"]["version"]) == ("review", "inbound", 1)
    assert [one["name"] for one in offered["people"]] == ["Melati", "Kenanga"]
    assert [one["code"] for one in offered["forms"]] == ["inbound", "outbound", "complaint"]
    assert OWN not in str(offered)
    page = await stage.get(FIRST, f"/rekaman/{ONE}/penilaian")
    assert "data-score-id" in page.text
    assert OWN not in page.text


async def test_the_other_agent_of_a_call_can_be_scored_too(stage: ScoreStage) -> None:
    first = await stage.finished()
    assert first["agent"] == "Melati"
    score_id, body = await stage.body(SECOND, TWO)
    page = await stage.get(FIRST, f"/rekaman/{ONE}/penilaian?orang=1")
    assert 'data-person="1"' in page.text
    assert score_id not in page.text
    assert body["person"] == 0


async def test_the_total_is_computed_line_by_line(stage: ScoreStage) -> None:
    _, body = await stage.body()
    asked = {name: body[name] for name in ("form", "form_version", "kind", "answers", "facts")}
    asked["answers"] = {**asked["answers"], "diction": {"answer": "no"}}
    answer = (await stage.send(FIRST, "POST", "/api/scores/evaluate", asked)).json()
    assert answer["total"] == "98.75"
    line = next(one for one in answer["lines"] if one["item"] == "diction")
    assert (line["points"], line["most"], line["words"]) == ("0.00", "1.25", "tidak terpenuhi")
    style = next(one for one in answer["lines"] if (one["criterion"], one["item"]) == ("style", ""))
    assert (style["points"], style["most"]) == ("8.75", "10.00")
    assert sum(float(one["points"]) for one in answer["lines"] if not one["item"]) == 98.75
    assert (await stage.send("agent", "POST", "/api/scores/evaluate", asked)).status_code == 403


@pytest.mark.parametrize(
    ("answers", "facts"),
    [({"nothing": {"answer": "yes"}}, {}), ({"diction": {"answer": "na"}}, {}), ({}, {"nothing": "x"})],
)
async def test_what_the_form_does_not_have_is_refused(
    stage: ScoreStage, answers: dict[str, object], facts: dict[str, str]
) -> None:
    asked = {"form": "inbound", "form_version": 1, "answers": answers, "facts": facts}
    answer = await stage.send(FIRST, "POST", "/api/scores/evaluate", asked)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"].startswith("answers.")


async def test_a_draft_is_kept_by_count_and_two_pages_meet(stage: ScoreStage) -> None:
    score_id, body = await stage.body()
    path = f"/api/scores/{score_id}/draft"
    kept = (await stage.send(FIRST, "PUT", path, {**body, "summary": "Satu"})).json()
    assert kept["count"] == 1
    again = await stage.send(FIRST, "PUT", path, {**body, "summary": "Satu"})
    assert (again.status_code, again.json()["count"]) == (200, 1)
    other = await stage.send(FIRST, "PUT", path, {**body, "summary": "Dua"})
    assert other.status_code == 409
    assert (other.json()["refusal"], other.json()["current"]["summary"]) == ("changed", "Satu")
    assert (await stage.send(FIRST, "PUT", path, {**body, "summary": "Dua", "count": 1})).json()["count"] == 2
    offered = await stage.scoring()
    assert (offered["count"], offered["summary"], offered["score_id"]) == (2, "Dua", score_id)
    assert ("score_draft_viewed", f"score:{score_id}") in stage.acts


async def test_a_draft_is_its_reviewers_own(stage: ScoreStage) -> None:
    score_id, body = await stage.body()
    assert (await stage.send(SECOND, "PUT", f"/api/scores/{score_id}/draft", body)).status_code == 409
    await stage.send(FIRST, "PUT", f"/api/scores/{score_id}/draft", body)
    assert (await stage.scoring(SECOND))["count"] == 0
    assert (await stage.send(SECOND, "DELETE", f"/api/scores/{score_id}/draft")).status_code == 404
    assert (await stage.get(LEAD, f"/api/scores/{score_id}")).status_code == 404
    assert (await stage.send(FIRST, "DELETE", f"/api/scores/{score_id}/draft")).status_code == 204
    assert (await stage.scoring())["count"] == 0


async def test_what_is_not_answered_is_named_and_nothing_is_final(stage: ScoreStage) -> None:
    score_id, body = await stage.body()
    del body["answers"]["diction"]
    answer = await stage.send(FIRST, "POST", f"/api/scores/{score_id}/finish", body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == ["answers.diction"]
    assert await stage.scores.get(score_id) is None


async def test_a_final_score_is_shown_with_its_lines_and_sent_again_it_is_the_same(stage: ScoreStage) -> None:
    score_id, body = await stage.body()
    body["answers"]["diction"] = {"answer": "no", "note": "Kata tidak baku", "at_ms": 65_000}
    first = await stage.send(FIRST, "POST", f"/api/scores/{score_id}/finish", body)
    again = await stage.send(FIRST, "POST", f"/api/scores/{score_id}/finish", body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["total"] == "98.75"
    other = await stage.send(FIRST, "POST", f"/api/scores/{score_id}/finish", {**body, "summary": "Lain"})
    assert (other.status_code, other.json()["refusal"]) == (409, "closed")
    page = (await stage.get("agent", f"/rekaman/{ONE}/penilaian")).text
    assert 'data-seek="65000"' in page
    assert "Kata tidak baku" in page
    assert "data-score " not in page
    assert stage.acts.count(("score_finished", f"score:{score_id}")) == 1


async def test_of_two_reviewers_one_is_refused_clearly(stage: ScoreStage) -> None:
    score_id, body = await stage.body(SECOND)
    await stage.send(SECOND, "PUT", f"/api/scores/{score_id}/draft", body)
    first = await stage.finished(FIRST)
    late = await stage.send(SECOND, "POST", f"/api/scores/{score_id}/finish", {**body, "count": 1})
    assert late.status_code == 409
    assert (late.json()["refusal"], late.json()["current"]) == ("taken", None)
    assert "Penilai lain" in late.json()["message"]
    assert first["total"] not in late.text
    left = (await stage.get(SECOND, f"/api/recordings/{ONE}/scores")).json()
    assert (left["scoring"], left["why_not"], left["mine_left"]) == (None, "scores.why_scored", score_id)
    assert len(left["finals"]) == 1


async def test_nobody_scores_their_own_work(stage: ScoreStage) -> None:
    visitor = stage.parts.sessions.visitors["agent"]
    both = visitor.staff.roles | stage.parts.sessions.visitors[FIRST].staff.roles
    stage.parts.sessions.visitors["both"] = type(visitor)(
        type(visitor.staff)(staff_id("agent"), "both", "Contoh", both, OWN, "alfa"),
        "session-both",
        visitor.csrf,
    )
    found = (await stage.get("both", f"/api/recordings/{ONE}/scores")).json()
    assert (found["scoring"], found["why_not"]) == (None, "scores.why_own_work")


@pytest.mark.parametrize("kind", [Kind.RESCORE, Kind.CALIBRATION])
async def test_who_scores_blind_sees_no_other_score_anywhere(stage: ScoreStage, kind: Kind) -> None:
    first = await stage.finished(FIRST)
    first_id = first["score_id"]
    reminds = first_id if kind is Kind.RESCORE else ""
    stage.blind.ask(SECOND, ONE, Assignment(kind, "a" * 32, "inbound", 1, reminds))
    piece = await stage.get(SECOND, f"/api/recordings/{ONE}/scores")
    assert piece.json()["blind"] is True
    assert (piece.json()["finals"], piece.json()["scoring"]["kind"]) == ([], kind.value)
    page = await stage.get(SECOND, f"/rekaman/{ONE}/penilaian")
    listed = await stage.get(SECOND, "/api/scores?since=2020-01-01")
    file = await stage.get(SECOND, "/api/scores/file?file=csv&since=2020-01-01")
    one = await stage.get(SECOND, f"/api/scores/{first_id}")
    assert one.status_code == 404
    assert (listed.json()["scores"], listed.json()["figures"]["scores"]) == ([], 0)
    assert len(file.text.splitlines()) == 1
    for answer in (piece, page, listed, one):
        assert first_id not in answer.text
    own = await stage.finished(SECOND)
    assert own["kind"] == kind.value
    assert [score.kind for score in stage.blind.told] == [kind]
    assert stage.blind.told[0].reminds_of == reminds
    after = (await stage.get(SECOND, f"/api/recordings/{ONE}/scores")).json()
    assert [score["kind"] for score in after["finals"]] == [kind.value]  # their own; the round is not over
    assert after["why_not"] == "scores.why_blind_done"
    assert (await stage.get(FIRST, f"/api/scores/{first_id}")).status_code == 200


async def test_who_sees_scores_of_a_recording_by_reach(stage: ScoreStage) -> None:
    await stage.finished(FIRST, TWO)  # the work of COLLEAGUE, team beta
    for who, status in (
        ("colleague", 200), ("beta_leader", 200), ("chief", 200), (SECOND, 200),
        ("agent", 404), ("leader", 404), ("planner", 403),
    ):  # fmt: skip
        answer = await stage.get(who, f"/rekaman/{TWO}/penilaian")
        assert answer.status_code == status, who
        assert ("100" in answer.text) == (status == 200)


async def test_an_agent_of_a_shared_call_sees_their_own_part_only(stage: ScoreStage) -> None:
    await stage.finished(FIRST, ONE, summary="Untuk Melati")
    assert "Untuk Melati" in (await stage.get("agent", f"/rekaman/{ONE}/penilaian")).text
    assert "Untuk Melati" not in (await stage.get("colleague", f"/rekaman/{ONE}/penilaian")).text


async def test_a_form_is_tried_out_on_a_recording_and_counts_for_nobody(stage: ScoreStage) -> None:
    path = f"/rekaman/{ONE}/penilaian?coba=true&formulir=outbound&versi=1"
    page = (await stage.get(LEAD, path)).text
    assert 'data-kind="trial"' in page
    assert 'data-form="outbound"' in page
    assert "data-kind" not in (await stage.get(FIRST, path)).text
    score_id = page.partition('data-score-id="')[2][:32]
    form = await stage.form_of("outbound")
    body = {
        "recording_id": ONE, "person": 0, "kind": "trial", "form": "outbound", "form_version": 1,
        "answers": {form.questions[0].code: {"answer": "yes"}}, "facts": {},
    }  # fmt: skip
    assert (await stage.send(LEAD, "PUT", f"/api/scores/{score_id}/draft", body)).status_code == 200
    assert (await stage.send(LEAD, "POST", f"/api/scores/{score_id}/finish", body)).status_code == 409
    assert (await stage.scoring(FIRST))["kind"] == "review"


async def test_the_record_suggests_and_the_reviewer_decides(stage: ScoreStage) -> None:
    stage.record.update(poro_on_record="full", held="no")
    offers = {one["question"] or one["fact"]: one["value"] for one in (await stage.scoring())["offers"]}
    assert (offers["poro_done"], offers["hold"]) == ("yes", "na")
    score_id, body = await stage.body()
    await stage.send(FIRST, "PUT", f"/api/scores/{score_id}/draft", body)
    offers = {one["question"]: one["value"] for one in (await stage.scoring())["offers"]}
    assert "poro_done" not in offers  # the reviewer said the same
    assert offers["hold"] == "na"  # the reviewer said otherwise: still told


async def test_trouble_is_told_and_nothing_is_lost(stage: ScoreStage) -> None:
    score_id, body = await stage.body()
    stage.scores.broken = True
    assert (await stage.send(FIRST, "PUT", f"/api/scores/{score_id}/draft", body)).status_code == 503
    assert (await stage.get(FIRST, f"/rekaman/{ONE}/penilaian")).status_code == 503
    stage.scores.broken = False
    assert (await stage.send(FIRST, "PUT", f"/api/scores/{score_id}/draft", body)).status_code == 200


async def test_a_session_has_a_key_of_its_own(stage: ScoreStage) -> None:
    answer = await stage.get(FIRST, "/api/scores/safe")
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.json()["key"]) == 44
    assert (await stage.get("agent", "/api/scores/safe")).status_code == 403


async def test_an_appeals_result_is_seen_by_its_agent(stage: ScoreStage) -> None:
    first = await stage.finished(FIRST, TWO)
    await put_final(
        stage,
        "9" * 32,
        COLLEAGUE,
        recording_id=TWO,
        kind=Kind.APPEAL,
        reminds_of=first["score_id"],
        no=("diction",),
    )
    await stage.scores.move(first["score_id"], ScoreState.CONTESTED, stage.parts.shared.clock.now())
    await stage.scores.move(first["score_id"], ScoreState.REPLACED, stage.parts.shared.clock.now())
    found = (await stage.get("colleague", f"/api/recordings/{TWO}/scores")).json()["finals"]
    assert {(one["kind"], one["state"]) for one in found} == {("review", "replaced"), ("appeal", "final")}
    figures = (await stage.get("colleague", "/api/scores?since=2020-01-01")).json()["figures"]
    assert (figures["scores"], figures["mean"]) == (1, "98.75")
