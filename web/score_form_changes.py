"""What differs between two versions of a form, in words for people. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from recording.quality.forms import Criterion, Effect, Fact, Form, Item, NaWay
from recording.quality.scores import Answer
from web.score_views import FormWords


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


def changes(before: Form, after: Form, words: FormWords) -> list[Change]:
    """Return what is new, gone or otherwise, in the order of the newer version; what is gone comes last."""
    old = {(row[0], row[1]): row for row in _Rows(before, words).all()}
    new = {(row[0], row[1]): row for row in _Rows(after, words).all()}
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


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is compared of one version, as people read it."""

    form: Form
    words: FormWords

    def all(self) -> Iterator[_Row]:
        rule, language = self.form.na, self.words.language
        text = rule.text[language]
        ways = {"item": self._way(rule.item), "criterion": self._way(rule.criterion)}
        yield "rule", "na", text, {"text": text, **ways}
        for criterion in self.form.criteria:
            yield from self._criterion(criterion)
        for fact in self.form.facts:
            yield "fact", fact.code, fact.text[language], self._fact(fact)
        for effect in self.form.effects:
            yield "effect", effect.code, effect.text[language], self._effect(effect)

    def _criterion(self, criterion: Criterion) -> Iterator[_Row]:
        language = self.words.language
        text = criterion.text[language]
        yield "criterion", criterion.code, text, {"text": text, "weight": str(criterion.weight)}
        for item in criterion.items:
            yield "item", item.code, item.text[language], self._item(criterion, item)
            for part in item.parts:
                facts = {"text": part.text[language], "item": item.text[language], "na": self._yes(part.na)}
                yield "part", part.code, part.text[language], facts

    def _item(self, criterion: Criterion, item: Item) -> _Facts:
        language = self.words.language
        return {
            "text": item.text[language],
            "criterion": criterion.text[language],
            "share": str(item.share),
            "na": self._yes(item.na),
        }

    def _fact(self, fact: Fact) -> _Facts:
        language = self.words.language
        return {
            "text": fact.text[language],
            "values": "; ".join(text[language] for text in fact.values.values()),
            "default": fact.values[fact.default][language] if fact.default else "",
            "kinds": ", ".join(self.words.say(f"scores_kind.{kind.value}") for kind in sorted(fact.kinds)),
        }

    def _effect(self, effect: Effect) -> _Facts:
        return {
            "text": effect.text[self.words.language],
            "when": "; ".join(self._condition(code, values) for code, values in effect.when.items()),
            "zero": ", ".join(map(self._named, effect.zero)),
            "full": ", ".join(map(self._named, effect.full)),
        }

    def _condition(self, code: str, values: Sequence[str]) -> str:
        language = self.words.language
        fact = next((one for one in self.form.facts if one.code == code), None)
        said = [fact.values[one][language] if fact else self._answer(one) for one in values]
        return f"{self._named(code)} = {' / '.join(said)}"

    def _named(self, code: str) -> str:
        """Return what a criterion, item, part or fact is called."""
        form = self.form
        texts = {one.code: one.text for one in form.criteria}
        texts |= {item.code: item.text for item in form.items}
        texts |= {part.code: part.text for item in form.items for part in item.parts}
        texts |= {fact.code: fact.text for fact in form.facts}
        return texts[code][self.words.language] if code in texts else code

    def _answer(self, value: str) -> str:
        return self.words.say(f"scores_answer.{Answer(value).value}")

    def _way(self, way: NaWay) -> str:
        return self.words.say(f"scores_na_way.{way.value}")

    def _yes(self, value: bool) -> str:
        return self.words.say("common.yes" if value else "common.no")
