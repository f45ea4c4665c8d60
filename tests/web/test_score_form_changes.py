"""What differs between two versions of a scoring form is told in words, not in codes of the form's text."""

from dataclasses import replace

from recording.quality.forms import Form, NaWay
from recording.quality.forms_book import shipped
from web.score_form_changes import changes
from web.score_views import FormWords
from web.texts import Texts

INDONESIAN = FormWords(Texts.load(), "id")


def _told(before: Form, after: Form) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.code, one.field): (one.before, one.after) for one in changes(before, after, INDONESIAN)}


def test_the_rule_for_what_could_not_occur_is_told_in_words() -> None:
    form = shipped("inbound")
    other = NaWay.FULL_MARKS if form.na.item is NaWay.SHARE_OUT else NaWay.SHARE_OUT
    told = _told(form, replace(form, na=replace(form.na, item=other)))
    assert set(told) == {("na", "item")}
    assert set(told["na", "item"]) == {"nilainya penuh", "nilainya dibagi ke yang lain"}


def test_a_condition_names_what_is_asked_and_answered() -> None:
    form = shipped("inbound")
    effect = form.effects[0]
    [(code, values)] = list(effect.when.items())[:1]
    after = replace(form, effects=(replace(effect, when={}), *form.effects[1:]))
    before, now = _told(form, after)[effect.code, "when"]
    assert now == "" and code not in before
    named = {one.code: one.text["id"] for one in form.questions}
    named |= {one.code: one.text["id"] for one in form.facts} | {
        one.code: one.text["id"] for one in form.items
    }
    assert before.startswith(f"{named[code]} = ")
    for value in values:
        assert f" {value}" not in before


def test_targets_and_yes_or_no_are_told_in_words() -> None:
    form = shipped("inbound")
    effect = next(one for one in form.effects if one.zero or one.full)
    target = (effect.zero or effect.full)[0]
    after = replace(
        form, effects=tuple(replace(one, zero=(), full=()) if one is effect else one for one in form.effects)
    )
    before, _ = _told(form, after)[effect.code, "zero" if effect.zero else "full"]
    assert before and target not in before.split(", ")
    criterion = form.criteria[0]
    item = replace(criterion.items[0], na=not criterion.items[0].na)
    changed = replace(
        form, criteria=(replace(criterion, items=(item, *criterion.items[1:])), *form.criteria[1:])
    )
    assert set(_told(form, changed)[item.code, "na"]) == {"Ya", "Tidak"}
