"""Calibration and coaching by the pages."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recording.quality.scores import Kind, Score
from tests.unit.appeal_world import DAY, NUMBER, RECORDING, a_score, final
from tests.web.quality_stage import OTHER_RECORDING, PEOPLE, QualityStage, opened_stage, staff_id

ANSWER = ("interpretation", "completeness", "accuracy")


def _body(**change: Any) -> dict[str, Any]:
    return {
        "title": "Kalibrasi Juni",
        "form": "inbound",
        "due_on": "2025-06-20",
        "recordings": [RECORDING, OTHER_RECORDING],
        "reviewers": [staff_id("first"), staff_id("second"), staff_id("third")],
        **change,
    }


@pytest.fixture
def stage(migrated_staff: Path, tmp_path: Path) -> Iterator[QualityStage]:
    with opened_stage(migrated_staff, tmp_path) as opened:
        yield opened


async def _given(stage: QualityStage, who: str, recording: str, *wrong: str) -> None:
    at = stage.world.watch.at
    score = final(a_score(Kind.CALIBRATION, staff_id(who), *wrong, at=at, recording_id=recording), at)
    stage.world.scores.kept[score.score_id] = score
    await stage.world.blind.scored(score)
    await stage.world.blind.scored(score)


async def test_a_round_is_scored_blind_and_shows_agreement_once_it_is_closed(stage: QualityStage) -> None:
    made = (await stage.post("lead", "/api/calibrations", _body())).json()
    address = f"/api/calibrations/{made['round_id']}"
    assert await stage.world.blind.assignment(staff_id("first"), RECORDING) is Kind.CALIBRATION
    assert await stage.world.blind.assignment(staff_id("fourth"), RECORDING) is None
    for who in ("first", "second", "third"):
        await _given(stage, who, RECORDING, "accuracy")
        await _given(stage, who, OTHER_RECORDING, *(["accuracy"] if who == "first" else []))
    assert await stage.world.blind.assignment(staff_id("first"), RECORDING) is None
    assert await stage.world.blind.hides(staff_id("first"), RECORDING)  # until it is closed
    for who in ("first", "lead"):
        shown = (await stage.get(who, address)).json()
        assert shown["missing"] == 0 and shown["whole"] is None and shown["differences"] == []
        assert {cell["total"] for row in shown["table"] for cell in row["cells"]} == {None}
    early = await stage.post("first", f"{address}/remarks", {"text": "Terlalu cepat"})
    assert early.status_code == 409
    assert (await stage.post("first", f"{address}/close", {})).status_code == 403
    closed = (await stage.post("lead", f"{address}/close", {})).json()
    assert closed["method"] == "fleiss"
    # accuracy: no ×3, then no ×1 and yes ×2: pairs 1 and 1/3, mean 2/3; no 4 of 6: chance 5/9; kappa 1/4.
    [accuracy] = [one for one in closed["items"] if one["item"] == "Ketepatan jawaban"]
    assert (round(accuracy["percent"], 4), round(accuracy["kappa"], 4)) == (0.6667, 0.25)
    [style] = [one for one in closed["criteria"] if one["criterion"] == "Gaya komunikasi"]
    assert (style["kappa"], style["percent"]) == (None, 1.0) and style["warning"]
    [difference] = closed["differences"]
    assert (difference["number"], difference["item"]) == (2, "Ketepatan jawaban")
    assert [one["words"] for one in difference["answers"]] == ["Tidak", "Ya", "Ya"]
    assert closed["table"][1]["spread"] == "12.50"
    body = {"text": "Ketentuan lama masih dipakai", "recording_id": OTHER_RECORDING}
    noted = (await stage.post("second", f"{address}/remarks", body)).json()
    assert [(one["text"], one["number"]) for one in noted["remarks"]] == [(body["text"], 2)]
    assert not await stage.world.blind.hides(staff_id("first"), RECORDING)


async def test_who_sees_and_opens_rounds(stage: QualityStage) -> None:
    for who in PEOPLE:
        answer = await stage.post(who, "/api/calibrations", _body())
        assert answer.status_code == (201 if who == "lead" else 403), who
    [row] = (await stage.get("lead", "/api/calibrations")).json()["rounds"]
    sees = {"first", "second", "third", "lead"}
    for who in PEOPLE:
        status = 200 if who in sees else 404 if who == "fourth" else 403
        for address in ("/api/calibrations/", "/kalibrasi/"):
            assert (await stage.get(who, address + row["round_id"])).status_code == status, who
    assert (await stage.get("fourth", "/api/calibrations")).json()["rounds"] == []
    assert (await stage.get("lead", "/kalibrasi")).status_code == 200
    for change, field in (
        ({"recordings": ["0" * 32]}, "recordings"),
        ({"recordings": "rekaman"}, "recordings"),
        ({"reviewers": [staff_id("first")]}, "reviewers"),
        ({"reviewers": [staff_id("first"), staff_id("agent")]}, "reviewers"),
        ({"due_on": "2025-06-01"}, "due_on"),
        ({"form": "outbound_old"}, "form"),
    ):
        answer = await stage.post("lead", "/api/calibrations", _body(**change))
        assert answer.status_code == 422, answer.text
        assert answer.json()["fields"][0]["field"] == field
    typed = f"https://kring.example/rekaman/{RECORDING}?tujuan=review\n{OTHER_RECORDING}"
    assert (await stage.post("lead", "/api/calibrations", _body(recordings=typed))).status_code == 201


async def test_a_score_that_nobody_told_of_is_found(stage: QualityStage) -> None:
    made = (await stage.post("lead", "/api/calibrations", _body())).json()
    score = a_score(Kind.CALIBRATION, staff_id("first"), at=stage.world.watch.at)
    stage.world.scores.kept[score.score_id] = final(score, stage.world.watch.at)
    await stage.world.blind.look()
    shown = (await stage.get("lead", f"/api/calibrations/{made['round_id']}")).json()
    assert shown["missing"] == 5


def _low(stage: QualityStage, days_ago: int) -> Score:
    at = stage.world.watch.at - days_ago * DAY
    score = final(a_score(Kind.REVIEW, staff_id("first"), *ANSWER, at=at), at)
    stage.world.scores.kept[score.score_id] = score
    return score


async def test_low_scores_become_one_task_that_goes_its_way(stage: QualityStage) -> None:
    scores = [_low(stage, days) for days in (3, 2, 1)]
    assert await stage.coaching.propose() == 1
    assert await stage.coaching.propose() == 0
    for who, seen in (
        ("agent", 1),
        ("leader", 1),
        ("chief", 1),
        ("lead", 1),
        ("colleague", 0),
        ("other_leader", 0),
    ):
        assert len((await stage.get(who, "/api/coaching")).json()["tasks"]) == seen, who
    for who in ("second", "planner"):
        assert (await stage.get(who, "/api/coaching")).status_code == 403
    [row] = (await stage.get("agent", "/api/coaching")).json()["tasks"]
    assert (row["criterion"], row["share"], row["due_on"]) == (
        "Jawaban benar dan efektif",
        "0.00",
        "2025-06-18",
    )
    address = f"/api/coaching/{row['task_id']}"
    assert (await stage.get("colleague", address)).status_code == 404
    view = (await stage.get("agent", address)).json()
    assert [one["score_id"] for one in view["links"]] == [one.score_id for one in reversed(scores)]
    assert view["links"][0]["places"][0]["words"] == "0:04"
    listen = {"version": 1, "event": "step", "step": "listen"}
    for who, status in (("leader", 403), ("colleague", 404)):
        assert (await stage.post(who, f"{address}/step", listen)).status_code == status
    view = (await stage.post("agent", f"{address}/step", listen)).json()
    assert (view["state"], view["done"]) == ("begun", 1)
    silent = await stage.post("agent", f"{address}/step", {"version": 2, "event": "tell"})
    assert silent.json()["fields"][0]["field"] == "note"
    tell = {"version": 2, "event": "tell", "note": "Saya membaca ketentuan dulu"}
    assert (await stage.post("agent", f"{address}/step", tell)).json()["state"] == "told"
    confirm = {"version": 3, "event": "confirm", "note": "Terdengar di tiga panggilan"}
    assert (await stage.post("agent", f"{address}/judge", confirm)).status_code == 403
    assert (await stage.post("other_leader", f"{address}/judge", confirm)).status_code == 404
    stage.world.watch.at += DAY
    _low(stage, 0)
    done = (await stage.post("leader", f"{address}/judge", confirm)).json()
    assert (done["state"], done["since_share"], done["since_scores"]) == ("done", "0.00", 1)
    assert done["trail"][-1]["note"] == confirm["note"]
    assert await stage.coaching.propose() == 0  # two of the latest three led to that one already
    closed = (await stage.get("leader", "/api/coaching?closed=true")).json()["tasks"]
    assert [one["task_id"] for one in closed] == [row["task_id"]]
    for who in ("agent", "leader"):
        for page in ("/pembinaan", f"/pembinaan/{row['task_id']}"):
            shown = await stage.get(who, page)
            assert shown.status_code == 200 and NUMBER not in shown.text


async def test_a_task_goes_on_while_a_recording_of_it_is_restricted(stage: QualityStage) -> None:
    class Restricted:
        ids: frozenset[str] = frozenset()

        async def recordings(self) -> frozenset[str]:
            return self.ids

    restricted = Restricted()
    stage.world.desk.on = replace(stage.world.desk.on, restricted=restricted)
    for days in (3, 2, 1):
        _low(stage, days)
    scores = stage.world.scores.kept
    closed = max(scores.values(), key=lambda one: one.final_at or one.started_at)
    scores[closed.score_id] = replace(closed, recording_id="c" * 32)
    await stage.coaching.propose()
    [row] = (await stage.get("agent", "/api/coaching")).json()["tasks"]
    address = f"/api/coaching/{row['task_id']}"
    before = (await stage.get("agent", address)).json()
    stage.world.watch.at += DAY
    later = _low(stage, 0)
    scores[later.score_id] = replace(later, recording_id="c" * 32)
    restricted.ids = frozenset({"c" * 32})
    for who in ("agent", "leader", "lead"):
        view = (await stage.get(who, address)).json()
        assert [one["available"] for one in view["links"]] == [False, True, True]
        assert view["links"][0] == {
            "available": False, "score_id": "", "recording_id": "", "share": None, "final_at": None,
            "places": [],
        }  # fmt: skip
        assert (view["left_out"], view["since_share"], view["since_scores"]) == (1, None, 0)
        assert view["since_left_out"] == 1
        page = (await stage.get(who, f"/pembinaan/{row['task_id']}")).text
        assert "c" * 32 not in page and closed.score_id not in page
        assert "tidak tersedia: pemrosesannya dibatasi" in page
        assert page.count("(1 nilai dibatasi, tidak dihitung)") == 2
        assert "(1 nilai dibatasi, tidak dihitung)" in (await stage.get(who, "/pembinaan")).text
    tell = {"version": 1, "event": "tell", "note": "Saya membaca ketentuan dulu"}
    assert (await stage.post("agent", f"{address}/step", tell)).json()["state"] == "told"
    restricted.ids = frozenset()
    back = (await stage.get("agent", address)).json()
    assert (back["links"], back["share"], back["left_out"]) == (before["links"], before["share"], 0)
    assert (back["since_scores"], back["since_left_out"]) == (1, 0)


async def test_no_task_comes_of_scores_that_are_restricted(stage: QualityStage) -> None:
    class Closed:
        async def recordings(self) -> frozenset[str]:
            return frozenset(one.recording_id for one in stage.world.scores.kept.values())

    for days in (3, 2, 1):
        _low(stage, days)
    assert await replace(stage.coaching, restricted=Closed()).propose() == 0
    assert await stage.coaching.propose() == 1


async def test_a_task_is_made_by_hand_from_a_score(stage: QualityStage) -> None:
    score = _low(stage, 0)
    body = {"score_id": score.score_id, "criterion": "answer", "note": "Mohon dibahas"}
    for who, status in (("agent", 404), ("other_leader", 404), ("second", 403)):
        assert (await stage.post(who, "/api/coaching", body)).status_code == status, who
    wrong = await stage.post("leader", "/api/coaching", {**body, "criterion": "no_such"})
    assert wrong.json()["fields"][0]["field"] == "criterion"
    address = f"http://127.0.0.1:8080/penilaian/{score.score_id}"
    made = await stage.post("leader", "/api/coaching", {**body, "score_id": address})
    assert made.status_code == 201 and made.json()["why"] == "Dibuat oleh atasan"
    assert (await stage.post("leader", "/api/coaching", body)).status_code == 409
    stage.world.scores.kept[score.score_id] = replace(score, kind=Kind.CALIBRATION)
    assert (await stage.post("leader", "/api/coaching", body)).json()["refusal"] == "not_contestable"
