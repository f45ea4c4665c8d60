"""Agreement of reviewers, against cases worked out by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest

from recording.quality.appeals_rules import criteria
from recording.quality.calibration import (
    Agreement,
    CalibrationRefused,
    Round,
    agreement,
    cohen,
    fleiss,
    open_round,
    pairs_agreeing,
)
from recording.quality.scores import Kind, Score
from tests.unit.appeal_world import FIRST, FORM, LEAD, RECORDING, SECOND, THIRD, a_score, final, wib

OTHER = "b" * 32
KNOWN = criteria(FORM)


def test_two_reviewers_by_hand() -> None:
    # 20 both yes, 5 yes/no, 10 no/yes, 15 both no: observed 35/50; chance 25·30/50² + 25·20/50² = 1/2.
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen(pairs) == Fraction(2, 5)
    assert cohen([(b, a) for a, b in pairs]) == Fraction(2, 5)
    assert cohen([("yes", "yes"), ("no", "no"), ("na", "na")]) == 1
    assert cohen([("yes", "no"), ("no", "yes")]) == -1


def test_three_reviewers_by_hand() -> None:
    # Agreeing pairs 3/3, 1/3, 1/3, 3/3: mean 2/3; half of all answers are yes: chance 1/2; (2/3 - 1/2) ÷ 1/2.
    subjects = [{"yes": 3}, {"yes": 2, "no": 1}, {"yes": 1, "no": 2}, {"no": 3}]
    assert pairs_agreeing(subjects) == Fraction(2, 3)
    assert fleiss(subjects) == Fraction(1, 3)


def test_the_published_example_of_many_raters() -> None:
    # J. L. Fleiss' layout: 10 subjects, 14 raters, 5 categories; 0.210 to three places.
    table = """
        0 0 0 0 14 | 0 2 6 4 2 | 0 0 3 5 6 | 0 3 9 2 0 | 2 2 8 1 1
        | 7 7 0 0 0 | 3 2 6 3 0 | 2 5 3 2 2 | 6 5 2 1 0 | 0 2 2 3 7
    """
    subjects = [dict(zip("abcde", map(int, row.split()), strict=True)) for row in table.split("|")]
    kappa = fleiss(subjects)
    assert kappa is not None and round(float(kappa), 3) == 0.210
    assert round(float(pairs_agreeing(subjects)), 3) == 0.378


def test_where_all_say_the_same_kappa_is_not_defined() -> None:
    assert cohen([("yes", "yes")] * 7) is None
    assert cohen([]) is None
    assert fleiss([{"yes": 3}] * 5) is None
    assert fleiss([]) is None
    for bad in ([{"yes": 3}, {"yes": 2}], [{"yes": 1}]):
        with pytest.raises(ValueError, match="raters"):
            fleiss(bad)


def _scored(reviewer: str, recording: str, *wrong: str) -> Score:
    return final(a_score(Kind.CALIBRATION, reviewer, *wrong, recording_id=recording))


def _row(rows: list[Agreement], criterion: str, item: str = "") -> Agreement:
    return next(one for one in rows if (one.criterion, one.item) == (criterion, item))


def test_agreement_by_criterion_and_item() -> None:
    scores = [
        _scored(FIRST, RECORDING, "accuracy", "completeness"),
        _scored(SECOND, RECORDING, "accuracy"),
        _scored(FIRST, OTHER, "accuracy"),
        _scored(SECOND, OTHER, "interpretation"),
    ]
    rows = list(agreement(scores, [FIRST, SECOND], KNOWN))
    # interpretation: yes/yes, yes/no; completeness: no/yes, yes/yes; accuracy: no/no, no/yes.
    answer = _row(rows, "answer")
    # 3 of 6 alike; first says no 3 of 6, second 2 of 6: chance 3·2/36 + 3·4/36 = 1/2; kappa 0.
    assert (answer.subjects, answer.percent, answer.kappa, answer.warning) == (6, 0.5, 0.0, "few")
    assert answer.method == "cohen"
    accuracy = _row(rows, "answer", "accuracy")
    assert (accuracy.subjects, accuracy.percent, accuracy.kappa) == (2, 0.5, 0.0)
    closing = _row(rows, "attributes", "closing")
    assert (closing.percent, closing.kappa, closing.warning) == (1.0, None, "one_category")
    whole = _row(rows, "")
    assert whole.subjects == 2 * (len(FORM.questions) + 3) and whole.left_out == 0
    assert whole.kappa is not None and 0 < whole.kappa < 1


def test_what_somebody_left_out_is_not_compared_but_counted() -> None:
    half = _scored(THIRD, RECORDING)
    half = replace(half, answers={code: one for code, one in half.answers.items() if code != "accuracy"})
    scores = [_scored(FIRST, RECORDING, "accuracy"), _scored(SECOND, RECORDING, "accuracy"), half]
    rows = list(agreement(scores, [FIRST, SECOND, THIRD, LEAD], KNOWN))
    accuracy = _row(rows, "answer", "accuracy")
    assert (accuracy.subjects, accuracy.left_out, accuracy.percent) == (0, 1, None)
    assert (accuracy.warning, accuracy.raters, accuracy.method) == ("no_subjects", 3, "fleiss")
    assert _row(rows, "answer").left_out == 1
    alone = list(agreement(scores[:1], [FIRST, SECOND], KNOWN))
    assert {(one.percent, one.kappa, one.warning) for one in alone} == {(None, None, "no_subjects")}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": " "}, "missing title"),
        ({"recordings": ()}, "missing recordings"),
        ({"recordings": (RECORDING, RECORDING)}, "twice recordings"),
        ({"reviewers": (FIRST,)}, "two_needed reviewers"),
        ({"reviewers": (FIRST, FIRST)}, "twice reviewers"),
    ],
)
def test_what_no_round_can_be_opened_with(change: dict[str, object], said: str) -> None:
    at = wib(2025, 6, 2)
    made = Round("r" * 32, "Juni", "inbound", 1, LEAD, at, at.date(), (RECORDING,), (FIRST, SECOND))
    assert open_round(made).missing == [(RECORDING, FIRST), (RECORDING, SECOND)]
    with pytest.raises(CalibrationRefused, match=said):
        open_round(replace(made, **change))  # type: ignore[arg-type]
