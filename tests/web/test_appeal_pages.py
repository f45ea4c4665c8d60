"""Appeals by the pages: who sees and does what, blind work, compiled lists, overturn rates, the trail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.audit import AuditRow
from recording.quality.scores import Kind, ScoreState
from tests.unit.appeal_world import DAY, RECORDING, points
from tests.web.quality_stage import PEOPLE, QualityStage, opened_stage, staff_id

JUNE = "/api/appeals/rates/overturned?since=2025-06-01&until=2025-06-30"


@pytest.fixture
def stage(migrated_staff: Path, tmp_path: Path) -> Iterator[QualityStage]:
    with opened_stage(migrated_staff, tmp_path) as opened:
        yield opened


async def test_an_appeal_goes_its_whole_way(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy", "closing")
    listed = (await stage.get("agent", "/api/appeals")).json()
    assert [one["score_id"] for one in listed["contestable"]] == [first.score_id]
    assert listed["contestable"][0]["last_day"] == "2025-06-05"
    view = await stage.rescoring(first, "accuracy")
    assert view["rescorer"] == "Nama second"
    mine = (await stage.get("second", "/api/appeals")).json()
    assert [(one["recording_id"], one["kind"]) for one in mine["blind"]] == [(RECORDING, "rescoring")]
    assert mine["appeals"] == []
    await stage.blind(Kind.RESCORE, "second", first)
    view = (await stage.get("lead", f"/api/appeals/{view['appeal_id']}")).json()
    assert (view["state"], view["events"]) == ("arbitration", ["assign"])
    assert {one["value"] for one in view["able"]} == {staff_id("third"), staff_id("fourth")}
    await stage.step("lead", view, "assign", to=staff_id("third"))
    await stage.blind(Kind.ARBITER, "third", first)
    seen = (await stage.get("agent", f"/api/appeals/{view['appeal_id']}")).json()
    assert (seen["state"], float(seen["total"])) == ("done", points(first)["total"])
    assert float(seen["counts_total"]) == points(first)["total"] + 12.5
    assert [(one["final"], one["overturned"]) for one in seen["contested"]] == [("Ya", True)]
    # An agent is told neither who gave the first score nor who scored anew.
    told = str({name: value for name, value in seen.items() if name != "trail"})
    assert not any(name in told for name in ("Nama first", "Nama second", "Nama third"))
    assert "Nama second" not in str(seen["trail"])
    assert stage.world.scores.kept[first.score_id].state is ScoreState.REPLACED


async def test_who_sees_an_open_appeal(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    view = await stage.rescoring(first, "accuracy")
    address = view["appeal_id"]
    sees, denied = {"agent", "leader", "lead", "chief"}, {"planner"}
    for who in PEOPLE:
        status = 200 if who in sees else 403 if who in denied else 404
        for answer in (
            await stage.get(who, f"/api/appeals/{address}"),
            await stage.get(who, f"/banding/{address}"),
            await stage.get(who, f"/api/appeals/{address}", page=True),
        ):
            assert answer.status_code == status, who
            assert ("Alasan accuracy" in answer.text) is (status == 200)
            if status != 403:
                assert stage.acts[-1] == ("appeal_viewed", "done" if status == 200 else "refused")
        if status != 403:
            listed = (await stage.get(who, "/api/appeals")).json()["appeals"]
            assert len(listed) == (status == 200), who


async def test_a_reviewer_learns_from_what_was_decided_of_their_own_scores(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    view = await stage.filed(first, "accuracy")
    await stage.step("leader", view, "review", event="reject", note="Sudah sesuai")
    address = f"/api/appeals/{view['appeal_id']}"
    assert (await stage.get("first", address)).status_code == 200
    assert (await stage.get("fourth", address)).status_code == 404


async def test_steps_are_each_for_one_role(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    view = await stage.filed(first, "accuracy")
    address = f"/api/appeals/{view['appeal_id']}"
    endorse = {"version": 1, "event": "endorse"}
    refused = {"agent": 403, "lead": 403, "chief": 403, "other_leader": 404, "second": 403, "planner": 403}
    for who, status in refused.items():
        assert (await stage.post(who, f"{address}/review", endorse)).status_code == status, who
    for who in ("agent", "leader", "chief", "second"):
        approve = {"version": 1, "event": "approve"}
        assert (await stage.post(who, f"{address}/decide", approve)).status_code == 403, who
    for who in ("leader", "lead", "chief"):
        assert (await stage.post(who, f"{address}/withdraw", {"version": 1})).status_code == 403, who
    assert (await stage.post("colleague", f"{address}/withdraw", {"version": 1})).status_code == 404
    early = await stage.post("lead", f"{address}/decide", {"version": 1, "event": "approve"})
    assert (early.status_code, early.json()["refusal"]) == (409, "not_possible")
    silent = await stage.post("leader", f"{address}/review", {"version": 1, "event": "reject"})
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "note")
    old = await stage.post("leader", f"{address}/review", {**endorse, "version": 7})
    assert old.status_code == 409
    after = await stage.step("leader", view, "review", event="send_back", note="Sebutkan menitnya")
    contested = [
        {"item": "accuracy", "reason": "Menit 0:04", "places": [{"from_ms": 4000, "until_ms": 9000}]}
    ]
    own = (await stage.get("agent", address)).json()
    assert own["events"] == ["complete", "withdraw"] and own["offers"][0]["taken"]
    done = await stage.step("agent", after, "complete", contested=contested)
    assert done["contested"][0]["places"][0]["words"] == "0:04–0:09"
    gone = await stage.step("agent", done, "withdraw")
    assert gone["state"] == "withdrawn"
    assert stage.parts.audit.rows[-1].subject == f"score:{first.score_id}"


async def test_only_own_scores_are_appealed_against_and_the_form_is_read(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy", "closing")
    body: dict[str, Any] = {"appeal_id": "f" * 32, "score_id": first.score_id, "form": "true"}
    page = await stage.get("agent", f"/banding/baru/{first.score_id}")
    assert page.status_code == 200 and 'name="accuracy.reason"' in page.text
    assert (await stage.get("colleague", f"/banding/baru/{first.score_id}")).status_code == 404
    taken = {**body, "accuracy.take": "true"}
    assert (await stage.post("colleague", "/api/appeals", taken)).status_code == 404
    nothing = await stage.post("agent", "/api/appeals", body)
    assert (nothing.status_code, nothing.json()["refusal"]) == (422, "nothing_contested")
    unsaid = await stage.post("agent", "/api/appeals", {**body, "accuracy.take": "true"}, page=True)
    assert unsaid.status_code == 422 and 'data-problem-of="accuracy.reason"' in unsaid.text
    wrong = {**body, "accuracy.take": "true", "accuracy.reason": "x", "accuracy.start": "empat"}
    assert (await stage.post("agent", "/api/appeals", wrong)).status_code == 422
    right = {
        **wrong, "accuracy.start": "0:04", "accuracy.end": "1:02", "accuracy.evidence": "help_desk",
        "closing.reason": "tidak dipilih",
    }  # fmt: skip
    answer = await stage.post("agent", "/api/appeals", right, page=True)
    assert answer.status_code == 201
    assert answer.headers["hx-redirect"] == f"/banding/{'f' * 32}"
    [one] = (await stage.get("agent", f"/api/appeals/{'f' * 32}")).json()["contested"]
    assert (one["item"], one["places"], one["decides"]) == (
        "accuracy",
        [{"from_ms": 4000, "until_ms": 62000, "words": "0:04–1:02"}],
        True,
    )


async def test_who_scores_blind_is_shown_nothing(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    view = await stage.rescoring(first, "accuracy")
    await stage.blind(Kind.RESCORE, "second", first)
    view = (await stage.get("lead", f"/api/appeals/{view['appeal_id']}")).json()
    assign = {"version": view["version"], "to": staff_id("lead")}
    named = await stage.post("lead", f"/api/appeals/{view['appeal_id']}/assign", assign)
    assert (named.status_code, named.json()["refusal"]) == (422, "not_neutral")
    page = await stage.get("second", "/banding")
    assert page.status_code == 200
    assert not any(word in page.text for word in ("Alasan", "Nama agent", first.score_id))


async def test_who_looked_at_the_score_is_not_offered_as_a_scorer(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    seen = AuditRow(stage.world.watch.at, staff_id("second"), "score_viewed", f"score:{first.score_id}")
    refused = AuditRow(
        stage.world.watch.at, staff_id("third"), "score_viewed", f"score:{first.score_id}", "", "refused"
    )
    stage.parts.audit.rows += [seen, refused]
    view = await stage.filed(first, "accuracy")
    view = await stage.step("leader", view, "review", event="endorse")
    offered = (await stage.get("lead", f"/api/appeals/{view['appeal_id']}")).json()["able"]
    assert {one["value"] for one in offered} == {staff_id("third"), staff_id("fourth")}


async def test_compiled_lists_and_their_receipts(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    body = {"why": "Server penilaian mati", "down_from": "2025-06-02", "down_until": "2025-06-02"}
    for who in ("agent", "leader", "second", "chief"):
        assert (await stage.post(who, "/api/compiled-lists", body)).status_code == 403
    for wrong in ({"down_until": "2025-06-01"}, {"down_until": "2030-01-01"}):
        answer = await stage.post("lead", "/api/compiled-lists", {**body, **wrong})
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "down_until")
    made = (await stage.post("lead", "/api/compiled-lists", body)).json()
    assert (made["scores"], made["agents"], made["receipts"]) == (1, 1, 0)
    again = await stage.post("lead", "/api/compiled-lists", body)
    assert again.json()["refusal"] == "no_scores"
    mine = (await stage.get("agent", "/api/appeals")).json()
    assert mine["contestable"] == [] and mine["lists"][0]["mine"]
    assert (await stage.get("colleague", "/api/appeals")).json()["lists"] == []
    address = f"/api/compiled-lists/{made['list_id']}/receive"
    assert (await stage.post("colleague", address, {})).status_code == 404
    receipts = f"/api/compiled-lists/{made['list_id']}/receipts"
    for who in ("agent", "leader", "second", "chief"):
        assert (await stage.post(who, receipts, {"agent": staff_id("agent")})).status_code == 403, who
    assert (await stage.post("leader", address, {})).status_code == 403
    assert (await stage.post("lead", receipts, {"agent": staff_id("leader")})).status_code == 404
    stage.world.watch.at += 4 * DAY  # a Friday between holidays and the weekend
    got = (await stage.post("agent", address, {})).json()
    assert got["until"] == "2025-06-11" and not got["mine"]
    later = (await stage.post("lead", receipts, {"agent": staff_id("agent")})).json()
    assert later["receipts"] == 1 and later["waiting"] == []
    listed = (await stage.get("agent", "/api/appeals")).json()["contestable"]
    assert [(one["score_id"], one["last_day"]) for one in listed] == [(first.score_id, "2025-06-11")]


async def test_overturn_rates_with_intervals(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy", "closing")
    await stage.rescoring(first, "accuracy", "closing")
    await stage.blind(Kind.RESCORE, "second", first, "closing")
    view = (await stage.get("lead", f"/api/appeals/{'f' * 32}")).json()
    await stage.step("lead", view, "assign", to=staff_id("third"))
    await stage.blind(Kind.ARBITER, "third", first, "closing")
    for who in PEOPLE:
        answer = await stage.get(who, JUNE)
        assert answer.status_code == (200 if who == "lead" else 403), who
    rates = (await stage.get("lead", JUNE)).json()
    whole = rates["whole"]
    assert (whole["decided"], whole["overturned"], whole["share"]) == (2, 1, 0.5)
    # Wilson's interval of one of two: 0.0945 to 0.9055.
    assert (round(whole["low"], 4), round(whole["high"], 4)) == (0.0945, 0.9055)
    assert {(one["reviewer"], one["criterion"], one["overturned"]) for one in rates["both"]} == {
        ("Nama first", "Jawaban benar dan efektif", 1),
        ("Nama first", "Atribut interaksi", 0),
    }
    outside = await stage.get("lead", "/api/appeals/rates/overturned?since=2025-07-01&until=2025-07-30")
    assert outside.json()["whole"]["share"] is None
    assert (await stage.get("lead", "/banding/angka")).status_code == 200


async def test_pages_speak_both_languages_and_name_no_staff_number(stage: QualityStage) -> None:
    first = await stage.world.first("accuracy")
    view = await stage.rescoring(first, "accuracy")
    for who in ("agent", "leader", "lead", "chief", "second"):
        page = await stage.get(who, "/banding")
        assert page.status_code == 200
        assert PEOPLE["agent"][2] not in page.text
    page = await stage.get("lead", f"/banding/{view['appeal_id']}")
    assert page.status_code == 200 and PEOPLE["agent"][2] not in page.text
    assert date.fromisoformat(view["due_on"]) > stage.world.watch.at.date()


async def test_an_appeal_stands_still_while_its_recording_is_restricted(stage: QualityStage) -> None:
    class Restricted:
        ids: frozenset[str] = frozenset()

        async def recordings(self) -> frozenset[str]:
            return self.ids

    restricted, desk = Restricted(), stage.world.desk
    desk.on = replace(desk.on, restricted=restricted)
    first = await stage.world.first("accuracy")
    restricted.ids = frozenset({RECORDING})
    assert (await stage.get("agent", "/api/appeals")).json()["contestable"] == []
    assert (await stage.get("agent", f"/banding/baru/{first.score_id}")).status_code == 403
    restricted.ids = frozenset()
    view = await stage.filed(first, "accuracy")
    view = await stage.step("leader", view, "review", event="send_back", note="Sebutkan menitnya")
    address = f"/api/appeals/{view['appeal_id']}"
    restricted.ids = frozenset({RECORDING})
    for who in ("agent", "leader", "lead", "chief"):
        answer = await stage.get(who, address)
        assert answer.status_code == 403 and "accuracy" not in answer.text
        assert stage.acts[-1] == ("appeal_viewed", "refused")
        assert (await stage.get(who, "/api/appeals")).json()["appeals"] == []
    stage.world.watch.at += 30 * DAY
    await desk.look()
    restricted.ids = frozenset()
    assert (await stage.get("agent", address)).json()["state"] == "returned"  # its clock did not end it
    await desk.look()
    assert (await stage.get("agent", address)).json()["state"] != "returned"
