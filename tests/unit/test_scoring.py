"""What answers are worth: each rule by a case reckoned by hand."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from recording.quality.forms import Form, NaWay
from recording.quality.forms_book import shipped
from recording.quality.scores import Answer, Given, Kind, Result
from recording.quality.scoring import AnswerRefused, by_criterion, evaluate, reachable
from recording.quality.scoring_points import share_out
from recording.quality.scoring_words import explained, load_reasons, sentence
from tests.unit.scoring_forms import SMALL, all_yes, worth

YES, NO, NA = Answer.YES, Answer.NO, Answer.NA
RIGHTLY = {"transfer": "answered_rightly"}
INBOUND, OUTBOUND, COMPLAINT = shipped("inbound"), shipped("outbound"), shipped("complaint")


def lines(result: Result) -> dict[str, tuple[str, ...]]:
    return {line.item: (str(line.points), str(line.most), line.reason) for line in result.lines}


def criteria(form: Form, result: Result) -> dict[str, str]:
    return {total.code: f"{total.points}/{total.most}" for total in by_criterion(form, result)}


def shipped_score(
    form: Form, facts: Mapping[str, str], said: Mapping[str, Answer] | None = None, kind: Kind = Kind.REVIEW
) -> Result:
    return evaluate(form, all_yes(form) | dict(said or {}), {**RIGHTLY, **facts}, kind)


# ---- Weights and N/A, on the small form: manner 40 (10, 20, 10), proof 20, answer 40 (24, 16)


def test_all_that_is_met_is_100() -> None:
    result = evaluate(SMALL, all_yes(SMALL), {})
    assert result.total == Decimal("100.00")
    assert lines(result) == worth(
        {
            "greeting": "10.00/10.00 answered_yes",
            "hold": "20.00/20.00 answered_yes",
            "closing": "10.00/10.00 answered_yes",
            "asked": "20.00/20.00 answered_yes",
            "right": "24.00/24.00 answered_yes",
            "whole": "16.00/16.00 answered_yes",
        }
    )
    assert (result.missing, result.effects) == ((), ())


def test_a_no_takes_the_items_points() -> None:
    result = evaluate(SMALL, all_yes(SMALL, hold=NO), {})
    assert result.total == Decimal("80.00")
    assert lines(result)["hold"] == ("0.00", "20.00", "answered_no")


def test_one_missed_part_voids_the_item() -> None:
    for missed in ("whole_first", "whole_last"):
        result = evaluate(SMALL, all_yes(SMALL, **{missed: NO}), {})
        assert result.total == Decimal("84.00")
        assert lines(result)["whole"] == ("0.00", "16.00", "part_missed")


def test_a_part_that_could_not_occur_leaves_the_item_to_the_others() -> None:
    result = evaluate(SMALL, all_yes(SMALL, whole_last=NA), {})
    assert lines(result)["whole"] == ("16.00", "16.00", "answered_yes")


def test_the_points_of_an_n_a_go_to_the_items_of_its_criterion() -> None:
    # Manner 40 with shares 25 and 25 left: 20 each; one of them was missed.
    result = evaluate(SMALL, all_yes(SMALL, hold=NA, closing=NO), {})
    assert result.total == Decimal("80.00")
    assert lines(result)["greeting"] == ("20.00", "20.00", "answered_yes")
    assert lines(result)["hold"] == ("0.00", "0.00", "not_applicable")
    assert lines(result)["closing"] == ("0.00", "20.00", "answered_no")


def test_points_that_do_not_divide_are_shared_in_hundredths() -> None:
    # 40 by shares 25 and 50: 13.33 and 26.67.
    result = evaluate(SMALL, all_yes(SMALL, closing=NA), {})
    assert lines(result)["greeting"][1] == "13.33"
    assert lines(result)["hold"][1] == "26.67"
    assert result.total == Decimal("100.00")


def test_a_criterion_that_is_n_a_as_a_whole_gives_its_weight_to_the_others() -> None:
    # 100 by 40 (manner) and 40 (answer): 50 each. Of answer the 40 % that are missed: 20.
    result = evaluate(SMALL, all_yes(SMALL, asked=NA, whole_first=NO), {})
    assert criteria(SMALL, result) == {"manner": "50.00/50.00", "proof": "0.00/0.00", "answer": "30.00/50.00"}
    assert result.total == Decimal("80.00")
    assert lines(result)["asked"] == ("0.00", "0.00", "not_applicable")


def test_by_the_other_rule_n_a_is_given_its_points() -> None:
    form = replace(SMALL, na=replace(SMALL.na, item=NaWay.FULL_MARKS, criterion=NaWay.FULL_MARKS))
    result = evaluate(form, all_yes(form, hold=NA, closing=NO, asked=NA), {})
    assert lines(result)["hold"] == ("20.00", "20.00", "not_applicable")
    assert lines(result)["asked"] == ("20.00", "20.00", "not_applicable")
    assert result.total == Decimal("90.00")


def test_the_rules_for_items_and_criteria_are_apart() -> None:
    form = replace(SMALL, na=replace(SMALL.na, criterion=NaWay.FULL_MARKS))
    result = evaluate(form, all_yes(form, hold=NA, closing=NO, asked=NA), {})
    assert criteria(form, result) == {
        "manner": "20.00/40.00",
        "proof": "20.00/20.00",
        "answer": "40.00/40.00",
    }
    form = replace(SMALL, na=replace(SMALL.na, item=NaWay.FULL_MARKS))
    result = evaluate(form, all_yes(form, hold=NA, closing=NO, asked=NA), {})
    # 50 for manner: 12.5, 25 and 12.5, of which the last was missed.
    assert criteria(form, result) == {"manner": "37.50/50.00", "proof": "0.00/0.00", "answer": "50.00/50.00"}


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (100, [30, 20, 50], [30, 20, 50]),
        (4000, [25, 50], [1333, 2667]),
        (2, [1, 1, 1], [1, 1, 0]),
        (7, [5, 3, 1], [4, 2, 1]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_shares_are_the_nearest_that_make_the_whole(whole: int, weights: list[int], parts: list[int]) -> None:
    assert share_out(whole, weights) == parts


def test_nothing_is_shared_among_nobody() -> None:
    for weights in ([], [0], [1, -1]):
        with pytest.raises(ValueError, match="weights above 0"):
            share_out(100, weights)


# ---- Effects, on the small form


def test_a_zero_is_said_to_be_the_effects() -> None:
    result = evaluate(SMALL, all_yes(SMALL, asked=NO), {})
    assert result.total == Decimal("40.00")
    assert result.effects == ("no_proof",)
    assert lines(result)["asked"] == ("0.00", "20.00", "answered_no")
    assert lines(result)["right"] == ("0.00", "24.00", "no_proof")


def test_what_was_missed_anyway_is_said_so() -> None:
    result = evaluate(SMALL, all_yes(SMALL, asked=NO, right=NO), {})
    line = next(line for line in result.lines if line.item == "right")
    assert (line.reason, line.effect) == ("answered_no", "")


def test_an_effect_gives_full_marks_whatever_was_answered() -> None:
    result = evaluate(SMALL, all_yes(SMALL, right=NO), {"transfer": "rightly"})
    assert result.total == Decimal("100.00")
    assert lines(result)["right"] == ("24.00", "24.00", "handed_on")


def test_zero_wins_over_full() -> None:
    result = evaluate(SMALL, all_yes(SMALL, asked=NO), {"transfer": "rightly"})
    assert result.effects == ("no_proof", "handed_on")
    assert result.total == Decimal("40.00")
    turned = replace(SMALL, effects=tuple(reversed(SMALL.effects)))
    assert evaluate(turned, all_yes(SMALL, asked=NO), {"transfer": "rightly"}).total == Decimal("40.00")


def test_what_an_effect_takes_cannot_be_saved_by_n_a() -> None:
    form = replace(SMALL, effects=(replace(SMALL.effects[0], zero=("greeting", "hold")), SMALL.effects[1]))
    result = evaluate(form, all_yes(form, asked=NO, hold=NA), {})
    assert lines(result)["hold"] == ("0.00", "20.00", "no_proof")
    assert result.total == Decimal("50.00")


# ---- What is not answered yet


def test_what_is_not_answered_has_no_points_yet() -> None:
    result = evaluate(SMALL, {"greeting": YES, "whole_first": YES}, {})
    assert result.total == Decimal("10.00")
    assert result.missing == ("hold", "closing", "asked", "right", "whole_last")
    assert lines(result)["whole"] == ("0.00", "16.00", "unanswered")
    assert reachable(result) == Decimal("100.00")


def test_what_an_effect_decides_need_not_be_answered() -> None:
    answers = {"greeting": YES, "hold": YES, "closing": YES, "asked": NO}
    result = evaluate(SMALL, answers, {})
    assert (result.missing, result.total) == ((), Decimal("40.00"))


def test_what_could_still_make_an_effect_apply_is_asked() -> None:
    answers = all_yes(OUTBOUND)
    del answers["content_after_poro"]
    result = evaluate(OUTBOUND, answers, {"transfer": "transferred_rightly"})
    assert result.missing == ("content_after_poro",)
    answers = all_yes(INBOUND)
    del answers["accuracy"]
    assert evaluate(INBOUND, answers, {"transfer": "transferred_rightly"}).missing == ()
    assert evaluate(INBOUND, answers, {"transfer": "answered_beyond"}).missing == ("accuracy",)


def test_a_fact_without_default_has_to_be_given() -> None:
    assert evaluate(INBOUND, all_yes(INBOUND), {}).missing == ("transfer",)


@pytest.mark.parametrize(
    ("answers", "facts", "field", "word"),
    [
        ({"smile": YES}, {}, "smile", "no_such_question"),
        ({"whole": YES}, {}, "whole", "no_such_question"),
        ({"right": NA}, {}, "right", "not_na"),
        ({}, {"mood": "good"}, "mood", "no_such_fact"),
        ({}, {"transfer": "perhaps"}, "transfer", "no_such_value"),
    ],
)
def test_what_the_form_does_not_ask_is_refused(
    answers: dict[str, Answer], facts: dict[str, str], field: str, word: str
) -> None:
    with pytest.raises(AnswerRefused) as refused:
        evaluate(SMALL, answers, facts)
    assert (refused.value.field, refused.value.word) == (field, word)


def test_answers_may_come_with_what_is_said_to_them() -> None:
    given = {code: Given(answer, "a note", 1200) for code, answer in all_yes(SMALL, hold=NO).items()}
    assert evaluate(SMALL, given, {}) == evaluate(SMALL, all_yes(SMALL, hold=NO), {})


# ---- The handbook's rules, on the shipped forms


@pytest.mark.parametrize("form", [INBOUND, OUTBOUND, COMPLAINT], ids=lambda form: form.name)
def test_a_call_without_fault_is_100(form: Form) -> None:
    assert shipped_score(form, {}).total == Decimal("100.00")


@pytest.mark.parametrize("part", ["intonation_ends", "intonation_whole", "pace_ends", "articulation_whole"])
def test_one_missed_voids_an_item_of_style(part: str) -> None:
    # Style 10 with eight items of 12.5 %.
    result = shipped_score(INBOUND, {}, {part: NO})
    assert result.total == Decimal("98.75")
    assert lines(result)[part.partition("_")[0]] == ("0.00", "1.25", "part_missed")


@pytest.mark.parametrize(
    ("item", "total"), [("interpretation", "92.50"), ("completeness", "95.00"), ("accuracy", "87.50")]
)
def test_an_inbound_answer_is_30_20_50_of_25(item: str, total: str) -> None:
    assert shipped_score(INBOUND, {}, {item: NO}).total == Decimal(total)


@pytest.mark.parametrize("form", [INBOUND, COMPLAINT], ids=lambda form: form.name)
def test_a_missing_poro_also_costs_the_answer(form: Form) -> None:
    result = shipped_score(form, {}, {"poro_done": NO})
    assert result.effects == ("poro_missing",)
    assert criteria(form, result)["poro"] == "0.00/15.00"
    assert criteria(form, result)["answer"] == "0.00/25.00"
    assert result.total == Decimal("60.00")


@pytest.mark.parametrize("part", ["poro_name", "poro_receiver"])
def test_outbound_poro_is_name_and_receiver(part: str) -> None:
    assert shipped_score(OUTBOUND, {}, {part: NO}).total == Decimal("60.00")


def test_content_before_poro_fails_two_criteria() -> None:
    result = shipped_score(OUTBOUND, {}, {"content_after_poro": NO})
    assert result.effects == ("content_leaked",)
    assert criteria(OUTBOUND, result)["poro"] == "0.00/15.00"
    assert criteria(OUTBOUND, result)["answer"] == "0.00/25.00"
    assert result.total == Decimal("60.00")


@pytest.mark.parametrize("form", [INBOUND, OUTBOUND, COMPLAINT], ids=lambda form: form.name)
def test_a_service_outside_the_offices_authority_costs_the_answer_and_leaves_poro(form: Form) -> None:
    result = shipped_score(form, {"service": "outside"})
    assert criteria(form, result)["poro"] == "15.00/15.00"
    assert criteria(form, result)["answer"] == "0.00/25.00"
    assert result.total == Decimal("75.00")


@pytest.mark.parametrize(
    ("case", "wrong", "authority", "answer", "total"),
    [
        ("transferred_rightly", False, "5.00", "25.00", "100.00"),
        ("transferred_rightly", True, "5.00", "25.00", "100.00"),  # it counts as a right answer
        ("transferred_needlessly", False, "0.00", "0.00", "70.00"),
        ("answered_beyond", False, "2.50", "25.00", "97.50"),
        ("answered_beyond", True, "2.50", "0.00", "72.50"),
        ("answered_rightly", False, "5.00", "25.00", "100.00"),
        ("answered_rightly", True, "5.00", "12.50", "87.50"),
    ],
)
def test_the_four_cases_of_transfer(case: str, wrong: bool, authority: str, answer: str, total: str) -> None:
    """Of authority's 5 efficiency is 2.50, of the answer's 25 what is wrong is 12.50."""
    for form, item in ((INBOUND, "accuracy"), (COMPLAINT, "right_response")):
        result = shipped_score(form, {"transfer": case}, {item: NO if wrong else YES})
        assert criteria(form, result)["authority"] == f"{authority}/5.00"
        assert criteria(form, result)["answer"] == f"{answer}/25.00"
        assert result.total == Decimal(total)


def test_a_restriction_without_a_rule_loses_points_and_one_by_a_rule_does_not() -> None:
    assert shipped_score(INBOUND, {"restriction": "by_rule"}).total == Decimal("100.00")
    result = shipped_score(INBOUND, {"restriction": "without_rule"})
    assert lines(result)["within_limits"] == ("0.00", "2.50", "restriction_without_rule")
    assert result.total == Decimal("97.50")


@pytest.mark.parametrize("kind", [Kind.RESCORE, Kind.ARBITER, Kind.APPEAL])
def test_a_wrong_answer_of_the_help_desk_is_right_after_appeal(kind: Kind) -> None:
    before = shipped_score(INBOUND, {}, {"accuracy": NO})
    after = shipped_score(INBOUND, {"help_desk": "verified"}, {"accuracy": NO}, kind)
    assert (before.total, after.total) == (Decimal("87.50"), Decimal("100.00"))
    assert lines(after)["accuracy"] == ("12.50", "12.50", "help_desk_error")


def test_the_help_desk_is_not_asked_about_before_an_appeal() -> None:
    with pytest.raises(AnswerRefused) as refused:
        shipped_score(INBOUND, {"help_desk": "verified"}, {"accuracy": NO})
    assert refused.value.word == "not_asked"
    assert [fact.code for fact in INBOUND.facts_for(Kind.REVIEW)] == ["transfer", "service", "restriction"]
    assert "help_desk" in [fact.code for fact in INBOUND.facts_for(Kind.RESCORE)]


def test_a_right_transfer_does_not_save_a_missing_poro() -> None:
    result = shipped_score(INBOUND, {"transfer": "transferred_rightly"}, {"poro_done": NO})
    assert criteria(INBOUND, result)["answer"] == "0.00/25.00"


def test_where_no_proof_was_needed_the_others_share_its_weight() -> None:
    # 15 of 100 are N/A, so that attributes are 15 of 85: 17.65. Of their items hold and unhold are N/A; the
    # others have shares of 20, 15, 10, 10, 15 of 70: 5.04, 3.78, 2.52, 2.52, 3.78. The
    # hundredth that is left over goes to the opening, which was missed.
    nothing_asked = dict.fromkeys(("poro_done", "poro_complete", "poro_entitled", "hold", "unhold"), NA)
    result = shipped_score(INBOUND, {}, {**nothing_asked, "opening": NO})
    assert criteria(INBOUND, result)["poro"] == "0.00/0.00"
    assert criteria(INBOUND, result)["attributes"] == "12.60/17.65"
    assert lines(result)["opening"] == ("0.00", "5.05", "answered_no")
    assert result.total == Decimal("94.95")


# ---- In words


def test_every_line_is_explained_in_both_languages() -> None:
    answers = all_yes(INBOUND, poro_done=NO, intonation_ends=NO, hold=NA)
    result = evaluate(INBOUND, answers, RIGHTLY)
    told = explained(INBOUND, result, load_reasons(), answers)
    assert len(told) == len(result.lines) == len(INBOUND.items)
    said = {one.line.item: sentence(one, "en") for one in told}
    assert said["intonation"] == (
        "Communication style, Intonation: 0.00/1.25. One part was missed, which voids the item "
        "(Intonation: in greeting and closing)"
    )
    assert said["accuracy"] == (
        "Right and effective answer, Accuracy of the answer: 0.00/12.50. PORO is missing: it costs PORO and "
        "the answer"
    )
    assert said["hold"].endswith("0.00/0.00. Could not occur in this call")
    assert all(sentence(one, "id") != sentence(one, "en") for one in told)
    with pytest.raises(KeyError):
        sentence(told[0], "jv")
