"""What a call's record suggests to a reviewer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from desk.proof import ActKind, Holder, Outcome, ProofAct, ProofCase, Relation
from desk.proof_ladder import Ladder
from desk.proof_rules import load_proof_tables
from desk.standing import Rung
from domain.directory import ProofItem
from recording.quality.forms import Form
from recording.quality.forms_book import shipped
from recording.quality.forms_suggest import SEEN, Suggestion, poro_on_record, seen_in_marks, suggest
from recording.quality.scores import Answer, Kind
from recording.quality.scoring import evaluate
from recording.recordings import Mark, MarkKind

TABLES = load_proof_tables()
NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
CALL = ProofCase("c" * 32, date(2025, 6, 3), may_climb=True, queues=("data_change",), taxpayer_id="keyed")
INBOUND, OUTBOUND = shipped("inbound"), shipped("outbound")


def act(seq: int, kind: ActKind, detail: str, outcome: Outcome = Outcome.MATCHED) -> ProofAct:
    return ProofAct(CALL.call_id, seq, NOW, "s" * 32, kind, detail, outcome, "keyed", Holder.PERSON)


def ladder(acts: Sequence[ProofAct] = (), case: ProofCase = CALL) -> Ladder:
    return Ladder(case, acts, TABLES)


def proved() -> Ladder:
    acts = [
        act(1, ActKind.VALIDATION, "caller"),
        act(2, ActKind.RECEIVER, Relation.SELF.value, Outcome.NOTED),
    ]
    asked = ladder(acts).asked
    assert asked is not None
    return ladder([*acts, *(act(3 + at, ActKind.ITEM, item.value) for at, item in enumerate(asked.items))])


def test_a_proof_on_record_suggests_its_items_and_decides_nothing() -> None:
    assert proved().rung is Rung.FULL
    seen = {"poro_on_record": poro_on_record(proved())}
    found = suggest(INBOUND, seen)
    assert set(found) == {"poro_done", "poro_complete", "poro_entitled"}
    assert found["poro_done"] == Suggestion("yes", "poro_on_record", "full")
    assert "poro_done" in evaluate(INBOUND, {}, {}).missing


def test_how_far_a_proof_came_is_told() -> None:
    failed = act(1, ActKind.ITEM, ProofItem.EFIN.value, Outcome.NOT_MATCHED)
    assert poro_on_record(ladder()) == "none"
    assert poro_on_record(ladder([failed])) == "begun"
    assert poro_on_record(ladder(case=replace(CALL, may_climb=False))) == "no_npwp_line"
    assert {"none", "begun", "full", "no_npwp_line"} == set(SEEN["poro_on_record"])


def test_where_nothing_was_asked_only_who_listens_can_tell() -> None:
    assert suggest(INBOUND, {"poro_on_record": "none"}) == {}
    assert suggest(INBOUND, {"poro_on_record": "begun"}) == {}
    assert suggest(INBOUND, {}) == {}


def test_a_line_without_npwp_asks_for_no_proof() -> None:
    found = suggest(INBOUND, {"poro_on_record": "no_npwp_line"})
    assert {one.value for one in found.values()} == {"na"}


@pytest.mark.parametrize(
    ("seen", "suggested"),
    [
        ({"held": "no"}, {"hold": "na", "unhold": "na"}),
        ({"held": "yes"}, {}),
        ({"transferred": "no"}, {"transfer": "answered_rightly"}),
        ({"transferred": "yes"}, {}),
        ({"note": "missing"}, {"note_correct": "no", "note_complete": "no"}),
    ],
)
def test_the_record_suggests_what_it_can_tell(seen: dict[str, str], suggested: dict[str, str]) -> None:
    assert {code: one.value for code, one in suggest(INBOUND, seen).items()} == suggested


def test_outbound_the_order_of_proof_and_content_is_on_record() -> None:
    assert suggest(OUTBOUND, {"proof_before_content": "no"})["content_after_poro"].value == "no"
    assert set(suggest(OUTBOUND, {"poro_on_record": "full"})) == {"poro_name", "poro_receiver"}


@pytest.mark.parametrize("form", [INBOUND, OUTBOUND, shipped("complaint")], ids=lambda form: form.name)
def test_every_suggestion_can_be_given_as_an_answer(form: Form) -> None:
    questions, tried = {question.code for question in form.questions}, 0
    for key, values in SEEN.items():
        for value in values:
            found = suggest(form, {key: value}, Kind.RESCORE)
            answers = {code: Answer(one.value) for code, one in found.items() if code in questions}
            facts = {code: one.value for code, one in found.items() if code not in questions}
            missing = evaluate(form, answers, facts, Kind.RESCORE).missing
            assert not set(found) & set(missing)
            tried += len(found)
    assert tried >= 6


def test_marks_tell_of_each_agents_part() -> None:
    marks = [
        Mark(MarkKind.TALK, 0, 60_000, "1001"),
        Mark(MarkKind.WAITING, 60_000, 80_000, "kup"),
        Mark(MarkKind.TALK, 80_000, None, "1002"),
        Mark(MarkKind.HOLD, 90_000, 95_000),
    ]
    assert seen_in_marks(marks, "1001") == {"held": "no", "transferred": "yes"}
    assert seen_in_marks(marks, "1002") == {"held": "yes", "transferred": "no"}
    assert seen_in_marks(marks, "1003") == {}
    assert seen_in_marks(marks[:1], "1001") == {"held": "no", "transferred": "no"}
