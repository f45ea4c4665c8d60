"""What differs between two versions of a form, in words for people. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from recording.quality.forms import Criterion, Effect, Fact, Form, Item, Texts


class Change(BaseModel):
    """Something that one version has and the other has not, or has otherwise."""

    what: str  # criterion, item, part, fact, effect or rule
    code: str
    text: str  # of the newer version, or of the older where it is gone
    field: str  # text, weight, share, na, values, kinds, when, zero, full …; empty: it is new or gone
    before: str  # empty: it was not there
    after: str  # empty: it is gone


_Facts = Mapping[str, str]  # field → what it is, as text
_Row = tuple[str, str, str, _Facts]  # what, code, text, facts


def changes(before: Form, after: Form, language: str) -> list[Change]:
    """Return what is new, gone or otherwise, in the order of the newer version; what is gone comes last."""
    old = {(row[0], row[1]): row for row in _rows(before, language)}
    new = {(row[0], row[1]): row for row in _rows(after, language)}
    found: list[Change] = []
    for key, (what, code, text, facts) in new.items():
        known = old.get(key)
        if known is None:
            found.append(Change(what=what, code=code, text=text, field="", before="", after=text))
            continue
        for name, value in facts.items():
            if known[3].get(name) != value:
                was = known[3].get(name, "")
                found.append(Change(what=what, code=code, text=text, field=name, before=was, after=value))
    for key, (what, code, text, _) in old.items():
        if key not in new:
            found.append(Change(what=what, code=code, text=text, field="", before=text, after=""))
    return found


def _rows(form: Form, language: str) -> Iterator[_Row]:
    rule = form.na
    yield (
        "rule", "na", rule.text[language],
        {"text": rule.text[language], "item": rule.item.value, "criterion": rule.criterion.value},
    )  # fmt: skip
    for criterion in form.criteria:
        yield from _criterion_rows(criterion, language)
    for fact in form.facts:
        yield "fact", fact.code, fact.text[language], _fact(fact, language)
    for effect in form.effects:
        yield "effect", effect.code, effect.text[language], _effect(effect, language)


def _criterion_rows(criterion: Criterion, language: str) -> Iterator[_Row]:
    text = criterion.text[language]
    yield "criterion", criterion.code, text, {"text": text, "weight": str(criterion.weight)}
    for item in criterion.items:
        yield "item", item.code, item.text[language], _item(criterion, item, language)
        for part in item.parts:
            facts = {"text": part.text[language], "item": item.code, "na": _yes(part.na)}
            yield "part", part.code, part.text[language], facts


def _item(criterion: Criterion, item: Item, language: str) -> _Facts:
    return {
        "text": item.text[language],
        "criterion": criterion.text[language],
        "share": str(item.share),
        "na": _yes(item.na),
    }


def _fact(fact: Fact, language: str) -> _Facts:
    return {
        "text": fact.text[language],
        "values": _texts(fact.values, language),
        "default": fact.default,
        "kinds": ", ".join(sorted(fact.kinds)),
    }


def _effect(effect: Effect, language: str) -> _Facts:
    when = "; ".join(f"{code} = {' / '.join(values)}" for code, values in effect.when.items())
    return {
        "text": effect.text[language],
        "when": when,
        "zero": ", ".join(effect.zero),
        "full": ", ".join(effect.full),
    }


def _texts(values: Mapping[str, Texts], language: str) -> str:
    return "; ".join(text[language] for text in values.values())


def _yes(value: bool) -> str:
    return "yes" if value else "no"
