"""Scores and forms as the pages show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recording.quality.forms import Fact, Form, Item, Question
from recording.quality.forms_suggest import Suggestion, suggest
from recording.quality.scores import Given, Kind, Line, Result
from recording.quality.scoring import by_criterion, reachable
from web.score_models import (
    ChoiceView,
    CriterionView,
    EffectView,
    FactView,
    FormView,
    GivenView,
    ItemView,
    LineView,
    OfferView,
    QuestionView,
    ResultView,
)
from web.texts import Texts


@dataclass(frozen=True, slots=True)
class FormWords:
    """Says forms and results in a language."""

    texts: Texts
    language: str

    def say(self, name: str, **values: object) -> str:
        """Return a text of the catalogue."""
        return self.texts.say(self.language, name, **values)

    def form(
        self, form: Form, kind: Kind, answers: Mapping[str, Given], facts: Mapping[str, str]
    ) -> FormView:
        """Return a form with what is filled in."""
        questions = {one.code: one for one in form.questions}
        criteria = [
            CriterionView(
                code=criterion.code,
                text=criterion.text[self.language],
                weight=criterion.weight,
                items=[self._item(item, questions, answers) for item in criterion.items],
            )
            for criterion in form.criteria
        ]
        return FormView(
            name=form.name,
            version=form.version,
            title=form.title[self.language],
            valid_from=form.valid_from,
            na_rule=form.na.text[self.language],
            criteria=criteria,
            facts=[self._fact(fact, facts) for fact in form.facts_for(kind)],
        )

    def result(self, form: Form, result: Result, answers: Mapping[str, Given]) -> ResultView:
        """Return what answers are worth: each criterion's line, then those of its items."""
        sums = {one.code: one for one in by_criterion(form, result)}
        lines: list[LineView] = []
        for criterion in form.criteria:
            whole = sums[criterion.code]
            lines.append(
                LineView(
                    criterion=criterion.code,
                    item="",
                    most=whole.most,
                    points=whole.points,
                    reason="",
                    words="",
                    effect="",
                )
            )
            lines += [self._line(form, line) for line in result.lines if line.criterion == criterion.code]
        return ResultView(
            total=result.total,
            reachable=reachable(result),
            lines=lines,
            effects=[
                EffectView(code=code, words=form.effect(code).text[self.language]) for code in result.effects
            ],
            missing=list(result.missing),
            answered=sum(1 for question in form.questions if question.code in answers),
            items=len(form.questions),
        )

    def offers(
        self,
        form: Form,
        kind: Kind,
        record: Mapping[str, str],
        answers: Mapping[str, Given],
        facts: Mapping[str, str],
    ) -> list[OfferView]:
        """Return what a call's record suggests where the reviewer said something else or nothing yet."""
        facts_by, questions = {one.code: one for one in form.facts}, {one.code: one for one in form.questions}
        found: list[OfferView] = []
        for code, hint in suggest(form, record, kind).items():
            fact, question = facts_by.get(code), questions.get(code)
            if fact is not None and facts.get(code, fact.default) != hint.value:
                words = f"{fact.text[self.language]}: {fact.values[hint.value][self.language]}"
                found.append(self._offer(hint, words, fact=code))
            elif question is not None and (code not in answers or answers[code].answer != hint.value):
                words = f"{question.text[self.language]}: {self.say(f'scores_answer.{hint.value}')}"
                found.append(self._offer(hint, words, question=code))
        return found

    def _offer(self, hint: Suggestion, words: str, question: str = "", fact: str = "") -> OfferView:
        seen = self.say(f"scores_seen.{hint.seen}_{hint.seen_value}")
        return OfferView(question=question, fact=fact, value=hint.value, words=words, seen=seen)

    def _item(self, item: Item, questions: Mapping[str, Question], answers: Mapping[str, Given]) -> ItemView:
        asked = [questions[one.code] for one in item.parts or (item,)]
        return ItemView(
            code=item.code,
            text=item.text[self.language] if item.parts else "",
            share=item.share,
            questions=[
                QuestionView(
                    code=one.code,
                    text=one.text[self.language],
                    choices=list(one.choices),
                    given=given_view(answers.get(one.code)),
                )
                for one in asked
            ],
        )

    def _fact(self, fact: Fact, facts: Mapping[str, str]) -> FactView:
        return FactView(
            code=fact.code,
            text=fact.text[self.language],
            choices=[ChoiceView(code=code, text=text[self.language]) for code, text in fact.values.items()],
            needed=not fact.default,
            value=facts.get(fact.code, fact.default),
        )

    def _line(self, form: Form, line: Line) -> LineView:
        return LineView(
            criterion=line.criterion,
            item=line.item,
            most=line.most,
            points=line.points,
            reason=line.reason,
            words=self._reason(form, line.reason),
            effect=line.effect,
        )

    def _reason(self, form: Form, reason: str) -> str:
        name = f"scores_reason.{reason}"
        return self.say(name) if name in self.texts else form.effect(reason).text[self.language]


def given_view(given: Given | None) -> GivenView | None:
    """Return an answer as it was given."""
    return None if given is None else GivenView(answer=given.answer, note=given.note, at_ms=given.at_ms)


def given_views(answers: Mapping[str, Given]) -> dict[str, GivenView]:
    """Return answers as they were given."""
    return {
        code: GivenView(answer=one.answer, note=one.note, at_ms=one.at_ms) for code, one in answers.items()
    }


def titles(forms: Iterable[Form], language: str) -> list[ChoiceView]:
    """Return forms as choices."""
    return [ChoiceView(code=form.name, text=form.title[language]) for form in forms]
