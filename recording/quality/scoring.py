"""What answers are worth under a form, explained line by line. Pure.

Every point is a whole number of hundredths, shared out by `scoring_points.share_out`: each line's `points`
are either its `most` or none, all `most` are 100 together, and the lines' points are the total, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from recording.quality.effects import Decided, decide, undecided
from recording.quality.forms import Criterion, Form, Item, NaWay
from recording.quality.scores import Answer, Given, Kind, Line, Result
from recording.quality.scoring_points import HUNDRED, points, share_out

ANSWERED_YES = "answered_yes"
ANSWERED_NO = "answered_no"
PART_MISSED = "part_missed"  # one of the item's parts was missed, which voids it
NOT_APPLICABLE = "not_applicable"
UNANSWERED = "unanswered"
REASONS = (ANSWERED_YES, ANSWERED_NO, PART_MISSED, NOT_APPLICABLE, UNANSWERED)
"""A line's reason is one of these, or the code of the effect that decided it."""


class AnswerRefused(Exception):
    """An answer or fact does not belong to the form; nothing was scored."""

    def __init__(self, field: str, word: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.word = word  # `no_such_question`, `not_na`, `no_such_fact`, `no_such_value`, `not_asked`


@dataclass(frozen=True, slots=True)
class CriterionTotal:
    """What a criterion's lines are together."""

    code: str
    points: Decimal
    most: Decimal  # 0: it was N/A as a whole


def evaluate(
    form: Form,
    answers: Mapping[str, Given | Answer],
    facts: Mapping[str, str],
    kind: Kind = Kind.REVIEW,
) -> Result:
    """Return what answers (by question) and facts are worth under a form.

    There is a line for each item; their points are the total, and their `most` are 100. What is not answered
    yet has no points and is in `missing`, as is a fact that must be given; what an effect decides anyway need
    not be answered. Raises AnswerRefused.
    """
    said = _said(form, answers)
    outcomes = {item.code: outcome(item, said) for item in form.items}
    known = {code: answer.value for code, answer in (outcomes | said).items() if answer is not None}
    known |= _facts(form, facts, kind)
    decided = decide(form, known)
    lines = list(_lines(form, outcomes, decided))
    total = sum((line.points for line in lines), Decimal("0.00"))
    return Result(total, lines, decided.applied, _missing(form, known, decided, kind))


def outcome(item: Item, said: Mapping[str, Answer]) -> Answer | None:
    """Return what an item comes to: of its parts, one missed voids it; None: not answered yet."""
    if not item.parts:
        return said.get(item.code)
    given = [said.get(part.code) for part in item.parts]
    if Answer.NO in given:
        return Answer.NO
    if None in given:
        return None
    return Answer.YES if Answer.YES in given else Answer.NA


def by_criterion(form: Form, result: Result) -> Sequence[CriterionTotal]:
    """Return the criteria's totals, in the form's order."""
    none = Decimal("0.00")
    return [
        CriterionTotal(
            criterion.code,
            sum((line.points for line in result.lines if line.criterion == criterion.code), none),
            sum((line.most for line in result.lines if line.criterion == criterion.code), none),
        )
        for criterion in form.criteria
    ]


def reachable(result: Result) -> Decimal:
    """Return the total if all that is not answered yet were answered yes, and no effect came of it."""
    waiting = (line.most for line in result.lines if line.reason == UNANSWERED)
    return sum(waiting, result.total)


def _said(form: Form, answers: Mapping[str, Given | Answer]) -> dict[str, Answer]:
    questions = {question.code: question for question in form.questions}
    said: dict[str, Answer] = {}
    for code, given in answers.items():
        answer = given.answer if isinstance(given, Given) else given
        if code not in questions:
            raise AnswerRefused(code, "no_such_question", "the form does not ask this")
        if answer not in questions[code].choices:
            raise AnswerRefused(code, "not_na", "this can always occur: answer yes or no")
        said[code] = answer
    return said


def _facts(form: Form, given: Mapping[str, str], kind: Kind) -> dict[str, str]:
    facts = {fact.code: fact for fact in form.facts}
    for code, value in given.items():
        if code not in facts:
            raise AnswerRefused(code, "no_such_fact", "the form does not ask this")
        if value not in facts[code].values:
            known = ", ".join(facts[code].values)
            raise AnswerRefused(code, "no_such_value", f"it is one of: {known}")
        if kind not in facts[code].kinds and value != facts[code].default:
            raise AnswerRefused(code, "not_asked", f"this is not asked in a {kind.value}")
    found = {code: given.get(code, fact.default) for code, fact in facts.items()}
    return {code: value for code, value in found.items() if value}


def _lines(form: Form, outcomes: Mapping[str, Answer | None], decided: Decided) -> Iterator[Line]:
    """Yield a line for each item. What an effect decides counts in full, also where it was answered N/A."""
    live = [
        one
        for one in form.criteria
        if form.na.criterion is NaWay.FULL_MARKS or _occurs(one, outcomes, decided)
    ]
    weights = dict(
        zip((one.code for one in live), share_out(HUNDRED, [one.weight for one in live]), strict=True)
    )
    for criterion in form.criteria:
        weight = weights.get(criterion.code, 0)
        whole = not _occurs(criterion, outcomes, decided)
        keeps = whole or form.na.item is NaWay.FULL_MARKS
        counted = [
            item
            for item in criterion.items
            if weight and (keeps or outcomes[item.code] is not Answer.NA or decided.by(item.code))
        ]
        most = dict(zip((item.code for item in counted), _parts(weight, counted), strict=True))
        for item in criterion.items:
            yield _line(criterion, item, most.get(item.code, 0), outcomes[item.code], decided)


def _occurs(criterion: Criterion, outcomes: Mapping[str, Answer | None], decided: Decided) -> bool:
    """Whether something of a criterion could occur, or is decided by an effect."""
    return any(outcomes[item.code] is not Answer.NA or decided.by(item.code) for item in criterion.items)


def _parts(weight: int, items: Sequence[Item]) -> Sequence[int]:
    return share_out(weight, [item.share for item in items]) if items else ()


def _line(criterion: Criterion, item: Item, most: int, answer: Answer | None, decided: Decided) -> Line:
    """Return an item's line. An effect is named only where it changes what the answer alone would give."""
    zero, full = item.code in decided.zero, item.code in decided.full
    earned = full or (not zero and answer in (Answer.YES, Answer.NA))
    alone = answer is Answer.YES if earned else answer is Answer.NO
    effect = "" if alone else decided.by(item.code)
    reason = effect or _reason(item, answer)
    return Line(criterion.code, item.code, points(most), points(most if earned else 0), reason, effect)


def _reason(item: Item, answer: Answer | None) -> str:
    if answer is None:
        return UNANSWERED
    if answer is Answer.NO:
        return PART_MISSED if item.parts else ANSWERED_NO
    return ANSWERED_YES if answer is Answer.YES else NOT_APPLICABLE


def _missing(form: Form, known: Mapping[str, str], decided: Decided, kind: Kind) -> tuple[str, ...]:
    """Return the questions and facts that have to be answered, in the form's order, facts last."""
    looked_at = undecided(form, known, decided)
    questions = [
        one.code
        for one in form.questions
        if one.code not in known and (not decided.by(one.item) or {one.code, one.item} & looked_at)
    ]
    return (*questions, *(fact.code for fact in form.facts_for(kind) if fact.code not in known))
