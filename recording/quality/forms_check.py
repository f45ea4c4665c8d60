"""What must hold of a form beyond its fields: sums, codes, targets; and of a new version among the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from call_flows.problems import did_you_mean
from desk.tables import Fields
from recording.quality.effects import items_of
from recording.quality.forms import Form
from recording.quality.forms_suggest import SEEN
from recording.quality.scores import Answer, Kind

_WHOLE = Decimal(100)
_LINE_REASONS = ("answered_yes", "answered_no", "part_missed", "not_applicable", "unanswered")


def check_form(form: Form, fields: Fields) -> None:
    """Note what is wrong with a form at the fields that it was read from."""
    _check_codes(form, fields)
    if fields.problems:
        return  # what is named twice cannot be looked up
    _check_sums(form, fields)
    _check_facts(form, fields)
    _check_effects(form, fields)
    _check_hints(form, fields)
    if form.questions and all(question.na for question in form.questions):
        fields.wrong("criteria", "a call could be N/A as a whole", "Leave `na` out at one item at least")


def check_new(form: Form, fields: Fields, versions: Sequence[Form], today: date) -> None:
    """Note why a form cannot become the newest of its versions. `today`: the office's day."""
    if form.valid_from < today:
        what = (
            f"`valid_from: {form.valid_from}` is in the past: calls of then were scored under another version"
        )
        fields.wrong("valid_from", what, f"Write {today.isoformat()} or later")
    newest = max(versions, key=lambda one: one.version, default=None)
    if newest is not None and form.valid_from <= newest.valid_from:
        what = f"version {newest.version} is in force from {newest.valid_from}, not before this one"
        fields.wrong("valid_from", what, "Write a later day")


def _check_sums(form: Form, fields: Fields) -> None:
    criteria = fields.part("criteria")
    weights = sum((criterion.weight for criterion in form.criteria), Decimal(0))
    if weights != _WHOLE:
        fields.wrong("criteria", f"the weights are {weights} together, not 100", _off(weights))
    for criterion in form.criteria:
        shares = sum((item.share for item in criterion.items), Decimal(0))
        if shares != _WHOLE:
            what = f"the shares of `{criterion.code}` are {shares} together, not 100"
            criteria.part(criterion.code).wrong("items", what, _off(shares))


def _off(total: Decimal) -> str:
    if total < _WHOLE:
        return f"{_WHOLE - total} are missing"
    return f"{total - _WHOLE} are too many"


def _check_codes(form: Form, fields: Fields) -> None:
    """Criteria, items, parts, facts and effects are named by their codes: each means one thing."""
    known: dict[str, int] = {}
    for code, part in _coded(form, fields):
        line = part.table.key_lines[code]
        if code in known:
            part.wrong(
                code, f"`{code}` is there twice; the first is in line {known[code]}", "Rename one of them"
            )
        elif code in _LINE_REASONS:
            part.wrong(code, f"`{code}` is a word of the lines' own", "Choose another code")
        known.setdefault(code, line)


def _coded(form: Form, fields: Fields) -> Iterator[tuple[str, Fields]]:
    criteria = fields.part("criteria")
    for criterion in form.criteria:
        yield criterion.code, criteria
        items = criteria.part(criterion.code).part("items")
        for item in criterion.items:
            yield item.code, items
            for part in item.parts:
                yield part.code, items.part(item.code).part("parts")
    for key, rows in (("facts", form.facts), ("effects", form.effects)):
        for row in rows:
            yield row.code, fields.part(key)


def _check_facts(form: Form, fields: Fields) -> None:
    for fact in form.facts:
        entry = fields.part("facts").part(fact.code)
        if len(fact.values) < 2:
            entry.wrong("values", f"`{fact.code}` has no two values", "Add one below `values:`")
        if fact.default and fact.default not in fact.values:
            what = f"`default: {fact.default}` is none of the values"
            entry.wrong("default", what, did_you_mean(fact.default, fact.values))
        if not fact.default and fact.kinds != frozenset(Kind):
            entry.wrong("kinds", f"`{fact.code}` is not asked in every score", "Add `default:`")


def _check_effects(form: Form, fields: Fields) -> None:
    values = _values(form)
    targets = {item.code for item in form.items} | {criterion.code for criterion in form.criteria}
    for effect in form.effects:
        entry = fields.part("effects").part(effect.code)
        if not effect.when:
            entry.wrong(
                "when", f"`{effect.code}` has no condition", "Write what has to be answered below `when:`"
            )
        for code, wanted in effect.when.items():
            _check_condition(entry.part("when"), code, wanted, values)
        if not effect.zero and not effect.full:
            what = f"`{effect.code}` decides nothing"
            fields.part("effects").wrong(effect.code, what, "Add `zero:` or `full:`")
        for key, named in (("zero", effect.zero), ("full", effect.full)):
            for target in named:
                if target not in targets:
                    what = f"`{target}` is no criterion or item"
                    entry.wrong(key, what, _item_of(form, target) or did_you_mean(target, targets))
        if _items(form, effect.zero) & _items(form, effect.full):
            entry.wrong(
                "full", f"`{effect.code}` gives nothing and everything for one item", "Remove it from one"
            )


def _items(form: Form, targets: Sequence[str]) -> set[str]:
    return {item for target in targets for item in items_of(form, target)}


def _item_of(form: Form, target: str) -> str:
    for item in form.items:
        if target in {part.code for part in item.parts}:
            return f"It is a part of `{item.code}`: write that"
    return ""


def _check_condition(
    entry: Fields, code: str, wanted: Sequence[str], values: Mapping[str, Sequence[str]]
) -> None:
    if code not in values:
        entry.wrong(code, f"`{code}` is no item, part or fact", did_you_mean(code, values))
        return
    if not wanted:
        entry.wrong(code, f"`{code}` has no value", f"Known: {', '.join(values[code])}")
    for value in wanted:
        if value not in values[code]:
            entry.wrong(code, f"`{code}` is never `{value}`", did_you_mean(value, values[code]))


def _values(form: Form) -> Mapping[str, Sequence[str]]:
    """Return what each item, part and fact can be."""
    found: dict[str, Sequence[str]] = {fact.code: tuple(fact.values) for fact in form.facts}
    for item in form.items:
        found[item.code] = _answers(item.na)
    for question in form.questions:
        found[question.code] = question.choices
    return found


def _answers(na: bool) -> Sequence[str]:
    return tuple(Answer) if na else (Answer.YES, Answer.NO)


def _check_hints(form: Form, fields: Fields) -> None:
    values = _values(form)
    for code, part in _coded(form, fields):
        hints = form.hints.get(code)
        if not hints:
            continue
        entry = part.part(code).part("suggest")
        for seen, answers in hints.items():
            if seen in SEEN:
                _check_hint(entry.part(seen), seen, answers, code, values[code])
            else:
                entry.wrong(seen, f"`{seen}` is nothing that a record tells", did_you_mean(seen, SEEN))


def _check_hint(
    entry: Fields, seen: str, answers: Mapping[str, str], code: str, allowed: Sequence[str]
) -> None:
    for value, answer in answers.items():
        if value not in SEEN[seen]:
            entry.wrong(value, f"`{seen}` is never `{value}`", did_you_mean(value, SEEN[seen]))
        if answer not in allowed:
            entry.wrong(value, f"`{code}` is never `{answer}`", did_you_mean(answer, allowed))
