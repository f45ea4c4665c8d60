"""Scoring forms: the shipped ones, and what a form is refused for."""

from datetime import date
from decimal import Decimal

import pytest

from desk.tables import BadTable
from recording.quality.forms import FORMS, in_force
from recording.quality.forms_book import form_fields, read_form, shipped, shipped_text
from recording.quality.forms_check import check_new
from recording.quality.scoring import REASONS, evaluate
from recording.quality.scoring_words import load_reasons

SMALL = """
form: inbound
valid_from: 2026-01-01
source: a test
title: {id: Uji, en: Test}
na: {item: share_out, criterion: share_out, assumed: yes, id: Aturan, en: Rule}
criteria:
  manner:
    weight: 40
    id: Cara
    en: Manner
    items:
      greeting: {share: 25, id: Salam, en: Greeting}
      hold: {share: 75, id: Hold, en: Hold, na: yes, suggest: {held: {no: na}}}
  answer:
    weight: 60
    id: Jawaban
    en: Answer
    items:
      right:
        share: 100
        id: Benar
        en: Right
        parts:
          right_first: {id: Awal, en: First}
          right_whole: {id: Seluruh, en: Whole}
facts:
  transfer:
    id: Diteruskan
    en: Transferred
    values:
      none: {id: Tidak, en: No}
      rightly: {id: Benar, en: Rightly}
effects:
  transferred:
    id: Diteruskan dengan benar
    en: Rightly transferred
    when: {transfer: rightly}
    full: [answer]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadTable) as refused:
        read_form("form.yaml", text)
    return [str(problem) for problem in refused.value.problems]


def line_of(text: str, sign: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), start=1) if sign in line)


@pytest.mark.parametrize("name", FORMS)
def test_the_shipped_forms_have_the_handbooks_weights(name: str) -> None:
    form = shipped(name)
    assert [(one.code, int(one.weight)) for one in form.criteria] == [
        ("style", 10),
        ("attributes", 15),
        ("poro", 15),
        ("values", 15),
        ("systems", 15),
        ("authority", 5),
        ("answer", 25),
    ]
    assert form.na.assumed
    assert (form.name, form.version) == (name, 1)


def test_of_the_inbound_answer_the_handbook_gives_the_shares() -> None:
    answer = shipped("inbound").criterion("answer")
    assert [(item.code, int(item.share)) for item in answer.items] == [
        ("interpretation", 30),
        ("completeness", 20),
        ("accuracy", 50),
    ]
    assert not answer.assumed
    others = [one for one in shipped("inbound").criteria if one.code != "answer"]
    assert all(criterion.assumed for criterion in others)


def test_every_reason_has_its_words_in_both_languages() -> None:
    for reason, words in load_reasons().items():
        assert reason in REASONS
        assert set(words) == {"id", "en"}
    assert len(load_reasons()) == len(REASONS)


def test_a_form_is_read_as_written() -> None:
    form = read_form("form.yaml", SMALL, 3)
    assert (form.name, form.version, form.valid_from) == ("inbound", 3, date(2026, 1, 1))
    assert [question.code for question in form.questions] == [
        "greeting",
        "hold",
        "right_first",
        "right_whole",
    ]
    assert form.criterion("manner").items[1].share == Decimal(75)
    assert form.effect("transferred").full == ("answer",)
    assert evaluate(form, {}, {}).missing == (
        "greeting",
        "hold",
        "right_first",
        "right_whole",
        "transfer",
    )


@pytest.mark.parametrize(
    ("before", "after", "sign", "told"),
    [
        ("weight: 40", "weight: 41", "criteria:", "the weights are 101 together, not 100. 1 are too many"),
        (
            "share: 75",
            "share: 70",
            "items:",
            "the shares of `manner` are 95 together, not 100. 5 are missing",
        ),
        ("share: 75", "share: many", "share: many", "`share: many` is no number above 0 and up to 100"),
        ("share: 25", "share: 0", "share: 0", "`share: 0` is no number above 0"),
        ("form: inbound", "form: inbond", "form:", "`inbond` is no form. Did you mean `inbound`?"),
        (
            "full: [answer]",
            "full: [anwser]",
            "full:",
            "`anwser` is no criterion or item. Did you mean",
        ),
        ("full: [answer]", "full: [right_first]", "full:", "It is a part of `right`: write that"),
        ("full: [answer]", "assumed: yes", "transferred:", "`transferred` decides nothing"),
        (
            "full: [answer]",
            "zero: [right]\n    full: [answer]",
            "full:",
            "nothing and everything for one item",
        ),
        (
            "transfer: rightly}",
            "transfr: rightly}",
            "when:",
            "`transfr` is no item, part or fact. Did you mean",
        ),
        (
            "transfer: rightly}",
            "transfer: right}",
            "when:",
            "`transfer` is never `right`. Did you mean `rightly`?",
        ),
        ("{transfer: rightly}", "{greeting: na}", "when:", "`greeting` is never `na`"),
        (
            "right_whole:",
            "greeting:",
            "greeting: {id: Sel",
            "`greeting` is there twice; the first is in line",
        ),
        ("right_whole:", "right_first:", "right_first: {id: Sel", "is written twice"),
        ("en: Rightly transferred\n", "about: x\n", "about:", "`about` is no field here"),
        ("    en: Answer\n", "", "weight: 60", "`en` is missing. Add `en:`"),
        ("held: {no: na}", "heard: {no: na}", "heard:", "`heard` is nothing that a record tells"),
        ("held: {no: na}", "held: {never: na}", "held:", "`held` is never `never`"),
        ("held: {no: na}", "held: {no: maybe}", "held:", "`hold` is never `maybe`"),
        ("valid_from: 2026-01-01", "valid_from: soon", "valid_from", "`valid_from` is no day"),
        (
            "item: share_out",
            "item: shareout",
            "na:",
            "`item: shareout` is no rule. Did you mean `share_out`?",
        ),
        ("rightly: {", "Rightly!: {", "Rightly!", "`Rightly!` is no code"),
        ("  transferred:", "  answered_no:", "answered_no:", "is a word of the lines' own"),
        ("title: {id: Uji, en: Test}\n", "", "", "`title` is missing. Add `title:`"),
        ("na: yes, sug", "na: perhaps, sug", "na: perhaps", "neither yes nor no"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(before: str, after: str, sign: str, told: str) -> None:
    assert before in SMALL
    text = SMALL.replace(before, after, 1)
    found = [one for one in problems(text) if told in one]
    assert found, problems(text)
    if sign:
        assert found[0].startswith(f"form.yaml:{line_of(text, sign)}: "), found


def test_every_mistake_is_told_at_once() -> None:
    text = SMALL.replace("weight: 40", "weight: 50").replace("full: [answer]", "full: [nowhere]")
    assert len(problems(text)) == 2


def test_a_fact_that_is_not_always_asked_needs_a_default() -> None:
    asked = "  transfer:\n    kinds: [rescore]\n"
    assert "is not asked in every score. Add `default:`" in problems(SMALL.replace("  transfer:\n", asked))[0]
    wrong = SMALL.replace("  transfer:\n", "  transfer:\n    default: maybe\n")
    assert "`default: maybe` is none of the values" in problems(wrong)[0]


def test_a_call_cannot_be_n_a_as_a_whole() -> None:
    text = SMALL.replace("en: Greeting}", "en: Greeting, na: yes}")
    text = text.replace("en: First}", "en: First, na: yes}").replace("en: Whole}", "en: Whole, na: yes}")
    assert "a call could be N/A as a whole" in problems(text)[0]


def test_a_new_version_begins_today_or_later_and_after_the_others() -> None:
    form = read_form("form.yaml", SMALL)
    for today, told in ((date(2026, 1, 1), []), (date(2026, 1, 2), [3])):
        fields = form_fields("form.yaml", SMALL)
        check_new(form, fields, [shipped("inbound")], today)
        assert [one.line for one in fields.problems if "is in the past" in one.what] == told
        assert len(fields.problems) == len(told)
    fields = form_fields("form.yaml", SMALL)
    check_new(form, fields, [read_form("older.yaml", SMALL, 1)], date(2026, 1, 1))
    assert "version 1 is in force from 2026-01-01, not before this one" in fields.problems[0].what


def test_the_version_in_force_is_that_of_the_calls_day() -> None:
    first = shipped("inbound")
    second = read_form("form.yaml", SMALL, 2)
    assert in_force([second, first], date(2025, 12, 31)) is first
    assert in_force([second, first], date(2026, 1, 1)) is second
    assert in_force([second, first], date(2018, 1, 1)) is first
    with pytest.raises(ValueError, match="no version"):
        in_force([], date(2026, 1, 1))


@pytest.mark.parametrize("name", FORMS)
def test_shipped_effects_never_take_for_a_yes(name: str) -> None:
    """So that more yes never means fewer points, whatever the facts."""
    form = shipped(name)
    answered = {question.code for question in form.questions} | {item.code for item in form.items}
    for effect in form.effects:
        for code, values in effect.when.items():
            if code in answered:
                assert values == ("no",), (effect.code, code)
                assert not effect.full, effect.code
    assert shipped_text(name).count("assumed: yes") >= 7
