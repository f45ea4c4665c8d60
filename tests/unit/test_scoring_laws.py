"""Laws of scoring, over answers, forms and effects that nobody thought of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from recording.quality.effects import decide
from recording.quality.forms import Criterion, Effect, Fact, Form, Item, NaRule, NaWay, Part
from recording.quality.forms_book import shipped
from recording.quality.scores import Answer, Kind, Result
from recording.quality.scoring import by_criterion, evaluate, reachable
from recording.quality.scoring_points import share_out
from tests.laws import asks

YES, NO, NA = Answer.YES, Answer.NO, Answer.NA
TEXT = {"id": "teks", "en": "text"}
SHIPPED = [shipped("inbound"), shipped("outbound"), shipped("complaint")]
# Bounded in number, and without a deadline: a busy machine is no fault.
law = settings(max_examples=asks(25), deadline=None)


@st.composite
def shares(draw: st.DrawFn, count: int) -> list[Decimal]:
    """Return so many whole numbers above 0 that are 100 together."""
    cuts = draw(st.lists(st.integers(1, 99), min_size=count - 1, max_size=count - 1, unique=True).map(sorted))
    ends = [0, *cuts, 100]
    return [Decimal(after - before) for before, after in pairwise(ends)]


@st.composite
def forms(draw: st.DrawFn, taking_only: bool = False) -> Form:
    """Return a form of any shape. `taking_only`: its effects look for a no, and give nothing."""
    weights = draw(st.integers(1, 4).flatmap(shares))
    criteria = []
    for place, weight in enumerate(weights):
        items = []
        for number, share in enumerate(draw(st.integers(1, 4).flatmap(shares))):
            code = f"i{place}{number}"
            na = draw(st.booleans()) and (place, number) != (0, 0)
            parts = tuple(
                Part(f"{code}p{at}", TEXT, na, {}) for at in range(draw(st.sampled_from((0, 0, 2, 3))))
            )
            items.append(Item(code, TEXT, share, na, parts, {}))
        criteria.append(Criterion(f"c{place}", TEXT, weight, tuple(items), True))
    fact = Fact("fact", TEXT, {"a": TEXT, "b": TEXT}, "a", frozenset(Kind), {})
    ways = st.sampled_from(NaWay)
    rule = NaRule(draw(ways), draw(ways), TEXT, True)
    form = Form("inbound", 1, date(2026, 1, 1), TEXT, "", rule, tuple(criteria), (fact,), ())
    return replace(form, effects=tuple(draw(st.lists(effects(form, taking_only), max_size=4))))


@st.composite
def effects(draw: st.DrawFn, form: Form, taking_only: bool) -> Effect:
    item = draw(st.sampled_from(form.items))
    answers = ["no"] if taking_only else (["yes", "no", "na"] if item.na else ["yes", "no"])
    when = {item.code: (draw(st.sampled_from(answers)),)}
    if draw(st.booleans()):
        when["fact"] = (draw(st.sampled_from(["a", "b"])),)
    codes = [item.code for item in form.items] + [criterion.code for criterion in form.criteria]
    target = draw(st.sampled_from(codes))
    gives = not taking_only and draw(st.booleans())
    code = f"e{draw(st.integers(0, 99))}"
    return Effect(code, TEXT, when, () if gives else (target,), (target,) if gives else (), True)


def answered(form: Form, whole: bool = False) -> "st.SearchStrategy[dict[str, Answer]]":
    """Return answers to a form; `whole`: to every question."""
    each = {question.code: st.sampled_from(question.choices) for question in form.questions}
    return st.fixed_dictionaries(each) if whole else st.fixed_dictionaries({}, optional=each)


def stated(form: Form) -> "st.SearchStrategy[dict[str, str]]":
    return st.fixed_dictionaries({fact.code: st.sampled_from(list(fact.values)) for fact in form.facts})


def worth(form: Form, answers: Mapping[str, Answer], facts: Mapping[str, str]) -> Result:
    return evaluate(form, answers, facts, Kind.RESCORE)  # which is asked every fact


def check_sums(form: Form, result: Result) -> None:
    assert Decimal(0) <= result.total <= Decimal(100)
    assert sum(line.points for line in result.lines) == result.total
    assert sum(line.most for line in result.lines) == Decimal(100)
    assert all(line.points in (line.most, 0) and line.most >= 0 for line in result.lines)
    assert result.total <= reachable(result) <= Decimal(100)
    totals = by_criterion(form, result)
    assert sum(total.points for total in totals) == result.total
    assert [line.item for line in result.lines] == [item.code for item in form.items]
    assert all(total.points <= total.most for total in totals)


@law
@given(st.data())
def test_lines_are_the_total_between_0_and_100(data: st.DataObject) -> None:
    form = data.draw(st.one_of(forms(), st.sampled_from(SHIPPED)))
    check_sums(form, worth(form, data.draw(answered(form)), data.draw(stated(form))))


@law
@given(st.data())
def test_all_met_is_100_and_all_missed_is_0_without_effects(data: st.DataObject) -> None:
    form = replace(data.draw(forms()), effects=())
    questions = [question.code for question in form.questions]
    assert worth(form, dict.fromkeys(questions, YES), {}).total == Decimal(100)
    assert worth(form, dict.fromkeys(questions, NO), {}).total == Decimal(0)


@law
@given(st.data())
def test_more_yes_never_lowers(data: st.DataObject) -> None:
    """From no, N/A or no answer; effects are as the shipped ones: they take where something was missed."""
    form = data.draw(st.one_of(forms(taking_only=True), st.sampled_from(SHIPPED)))
    answers, facts = data.draw(answered(form)), data.draw(stated(form))
    changed = data.draw(st.sampled_from([question.code for question in form.questions]))
    better = worth(form, answers | {changed: YES}, facts)
    assert better.total >= worth(form, answers, facts).total


@law
@given(st.data())
def test_no_never_raises(data: st.DataObject) -> None:
    form = data.draw(st.one_of(forms(taking_only=True), st.sampled_from(SHIPPED)))
    answers, facts = data.draw(answered(form, whole=True)), data.draw(stated(form))
    changed = data.draw(st.sampled_from([question.code for question in form.questions]))
    if answers[changed] is YES:
        assert worth(form, answers | {changed: NO}, facts).total <= worth(form, answers, facts).total


@law
@given(st.data())
def test_effects_are_idempotent_and_have_no_order(data: st.DataObject) -> None:
    form = data.draw(st.one_of(forms(), st.sampled_from(SHIPPED)))
    answers, facts = data.draw(answered(form)), data.draw(stated(form))
    known = {code: answer.value for code, answer in answers.items()} | facts
    once = decide(form, known)
    turned = data.draw(st.permutations(form.effects))
    assert decide(form, known, [*turned, *turned]) == once
    points = [line.points for line in worth(form, answers, facts).lines]
    shuffled = replace(form, effects=(*turned, *turned))
    assert [line.points for line in worth(shuffled, answers, facts).lines] == points


@law
@given(st.data())
def test_answering_more_leaves_less_missing(data: st.DataObject) -> None:
    form = data.draw(st.one_of(forms(), st.sampled_from(SHIPPED)))
    answers = data.draw(answered(form, whole=True))
    assert worth(form, answers, data.draw(stated(form))).missing == ()
    left = data.draw(st.sampled_from(sorted(answers)))
    part = {code: answer for code, answer in answers.items() if code != left}
    assert set(worth(form, part, {}).missing) <= {left, *(fact.code for fact in form.facts)}


@law
@given(st.integers(0, 10_000), st.lists(st.integers(1, 100), min_size=1, max_size=9), st.data())
def test_nobody_loses_when_another_one_leaves(whole: int, weights: list[int], data: st.DataObject) -> None:
    parts = share_out(whole, weights)
    assert sum(parts) == whole
    # The nearest parts: none could be had more cheaply by another one.
    for mine, part in zip(weights, parts, strict=True):
        for other, theirs in zip(weights, parts, strict=True):
            assert part == 0 or mine * (2 * theirs + 1) >= other * (2 * part - 1)
    leaves = data.draw(st.integers(0, len(weights) - 1))
    if len(weights) > 1:
        others = share_out(whole, [weight for at, weight in enumerate(weights) if at != leaves])
        stays = [part for at, part in enumerate(parts) if at != leaves]
        assert all(after >= before for before, after in zip(stays, others, strict=True))
