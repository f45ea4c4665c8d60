"""Appeals in words, as far as each reader may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from desk.working_days import office_day
from dialer.effect import wilson
from domain.ids import new_id
from recording.quality.appeals import (
    FACT,
    Appeal,
    AppealQuery,
    CompiledList,
    Contested,
    Decided,
    Place,
    Step,
    Verdict,
)
from recording.quality.appeals_rules import contestable, criteria, said
from recording.quality.appeals_table import AppealVersion
from recording.quality.forms import Form
from recording.quality.scores import Kind, Score, ScoreQuery, ScoreState
from web.appeal_models import (
    AppealRow,
    AppealView,
    BlindRow,
    ChoiceView,
    ContestedView,
    FileView,
    ListView,
    OfferView,
    PlaceView,
    RateRow,
    ScoreRow,
    StepView,
    clock,
)
from web.appeal_port import AppealDoor, People
from web.permissions import Permission
from web.visitor import Visitor

_STEPS: Mapping[Permission, Mapping[str, Sequence[str]]] = {
    Permission.APPEAL_FILE: {
        "filed": ("withdraw",),
        "returned": ("complete", "withdraw"),
        "endorsed": ("withdraw",),
    },
    Permission.APPEAL_APPROVE: {"filed": ("endorse", "send_back", "reject")},
    Permission.APPEAL_DECIDE: {
        "endorsed": ("approve", "reject"),
        "rescoring": ("assign",),
        "arbitration": ("assign",),
    },
}
_FINAL = (ScoreState.FINAL, ScoreState.SIGNED)


class AppealWords:
    """Makes views for one reader."""

    def __init__(self, door: AppealDoor, language: str, visitor: Visitor, people: People) -> None:
        self._door, self._language, self._visitor, self._people = door, language, visitor, people
        self._decides = visitor.reach(Permission.APPEAL_DECIDE) is not None

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._door.shared.render.texts.say(self._language, name, **values)

    def form_words(self, name: str) -> str:
        """Return the name of a form."""
        return self.say(f"appeals_form.{name}")

    def row(self, appeal: Appeal) -> AppealRow:
        """Return a line of the list."""
        return AppealRow(
            appeal_id=appeal.appeal_id,
            agent=self._people.agent(appeal.agent),
            form=self.form_words(appeal.form),
            filed_at=appeal.filed_at,
            state=appeal.state,
            words=self.say(f"appeals_state.{appeal.state}"),
            due_on=appeal.due_on,
            days_left=self._door.days_left(appeal.due_on),
            mine=bool(self.events(appeal, named=False)),
            items=len(appeal.contested),
            outcome=self.say(f"appeals_outcome.{appeal.outcome}") if appeal.outcome else "",
        )

    def events(self, appeal: Appeal, *, named: bool = True) -> list[str]:
        """Return what the reader may do now; without `named` only what waits for them."""
        found: list[str] = []
        for permission, steps in _STEPS.items():
            if self._visitor.covers(permission, appeal.agent, appeal.team):
                found += steps.get(appeal.state, ())
        who, neutral = self._visitor.staff.staff_id, (appeal.reviewer, appeal.filed_by)
        if who in neutral:
            found = [event for event in found if event in ("withdraw", "complete")]
        if named:
            return found
        waits = appeal.rescorer if appeal.state == "rescoring" else appeal.arbiter
        return [event for event in found if event != "withdraw" and not (event == "assign" and waits)]

    async def view(self, appeal: Appeal) -> AppealView:
        """Return an appeal with its reasons and scores. To be called after the view is on the trail."""
        desk = self._door.port.desk
        first, form = (
            await desk.score(appeal.score_id),
            await self._door.form(appeal.form, appeal.form_version),
        )
        trail = await desk.on.book.trail(appeal.appeal_id)
        decided = {one.item: one for one in await desk.on.book.verdicts(appeal.appeal_id)}
        words = _Contests(self, appeal, first, form, desk.on.rules.table.of(appeal), decided)
        counts = await desk.on.scores.get(appeal.counts) if appeal.counts else None
        events = self.events(appeal)
        able = await desk.neutral(appeal) if {"approve", "assign"} & set(events) else ()
        mine = appeal.agent == self._visitor.staff.number
        return AppealView(
            **self.row(appeal).model_dump(),
            version=appeal.version,
            recording_id=appeal.recording_id,
            score_id=appeal.score_id,
            reviewer="" if mine else self._people.name(appeal.reviewer),
            total=first.result.total if first.result else None,
            counts_total=counts.result.total if counts and counts.result else None,
            rescorer=self._people.name(appeal.rescorer) if self._decides else "",
            arbiter=self._people.name(appeal.arbiter) if self._decides else "",
            contested=[words.view(one) for one in appeal.contested],
            trail=[self._step(step, mine=mine) for step in trail],
            events=events,
            able=[
                ChoiceView(value=one.staff_id, words=one.name)
                for one in able
                if one.staff_id != self._visitor.staff.staff_id or appeal.state == "arbitration"
            ],
            offers=self.offers(first, form, appeal.contested) if "complete" in events else [],
            evidence=self.evidence(desk.on.rules.table.of(appeal)) if "complete" in events else [],
        )

    def file(self, score: Score, form: Form | None, listed: CompiledList | None) -> FileView:
        """Return the form by which a score is appealed against."""
        rules = self._door.port.desk.on.rules
        version = rules.table.on(office_day(self._door.now()))
        return FileView(
            appeal_id=new_id(),
            score_id=score.score_id,
            recording_id=score.recording_id,
            form=self.form_words(score.form),
            total=score.result.total if score.result else Decimal(),
            last_day=version.last_day(rules.calendar, score, listed),
            offers=self.offers(score, form, ()),
            evidence=self.evidence(version),
        )

    def evidence(self, version: AppealVersion) -> list[ChoiceView]:
        """Return the kinds of evidence."""
        return [ChoiceView(value=one.name, words=self.evidence_words(one.name)) for one in version.evidence]

    def offers(self, score: Score, form: Form | None, contested: Sequence[Contested]) -> list[OfferView]:
        """Return what of a score can be contested, filled in with what is contested."""
        taken, found = {one.item: one for one in contested}, []
        known = {} if form is None else criteria(form)
        lost = {line.item: line.most - line.points for line in score.result.lines} if score.result else {}
        for item in contestable(score):
            criterion, words = self.item(form, item)
            given, mine = score.answers.get(item), taken.get(item)
            place = mine.places[0] if mine and mine.places else None
            start = given.at_ms if given and mine is None else place.from_ms if place else None
            found.append(
                OfferView(
                    item=item,
                    criterion=criterion,
                    words=words,
                    first=self.answer(form, item, said(score, item)),
                    lost=lost.get(item),
                    given_note=given.note if given else "",
                    taken=mine is not None,
                    reason=mine.reason if mine else "",
                    start="" if start is None else clock(start),
                    end=clock(place.until_ms) if place and place.until_ms is not None else "",
                    evidence=mine.evidence if mine else "",
                )
            )
        order = list(known)
        return sorted(found, key=lambda one: order.index(one.item) if one.item in known else len(order))

    async def contestable(self) -> list[ScoreRow]:
        """Return the reader's scores that can still be appealed against, the last day first."""
        if self._visitor.reach(Permission.APPEAL_FILE) is None or not self._visitor.staff.number:
            return []
        desk, found = self._door.port.desk, []
        query = ScoreQuery(
            agents=(self._visitor.staff.number,), kinds=(Kind.REVIEW,), states=_FINAL, most=100
        )
        scores = await desk.on.scores.find(query)
        ids = [score.score_id for score in scores]
        before = await desk.on.book.find(AppealQuery(score_ids=ids)) if ids else ()
        gone = {one.score_id for one in before if one.state != "withdrawn"}
        for score in scores:
            last = await self._last_day(score)
            if score.score_id not in gone and last is not None and score.result and score.final_at:
                found.append(
                    ScoreRow(
                        score_id=score.score_id,
                        recording_id=score.recording_id,
                        form=self.form_words(score.form),
                        total=score.result.total,
                        final_at=score.final_at,
                        last_day=last,
                    )
                )
        return sorted(found, key=lambda one: one.last_day)

    def blind(self, appeal: Appeal) -> BlindRow:
        """Return a call that the reader scores blind: nothing of what is contested, or whose it is."""
        return BlindRow(
            recording_id=appeal.recording_id,
            kind=appeal.state,
            words=self.say(f"appeals_blind.{appeal.state}"),
            due_on=appeal.due_on,
            days_left=self._door.days_left(appeal.due_on),
        )

    def list(self, one: CompiledList) -> ListView:
        """Return a compiled list. Whose scores are on it is for who makes lists."""
        rules, number = self._door.port.desk.on.rules, self._visitor.staff.number
        agents = sorted(set(one.scores.values()))
        waiting = [agent for agent in agents if agent not in one.received] if self._decides else []
        by_number = {person.number: person.staff_id for person in self._people.staff if person.number}
        received = one.received.get(number) if number else None
        version = rules.table.on(office_day(self._door.now()))
        until = None if received is None else version.compiled_until(rules.calendar, received)
        return ListView(
            list_id=one.list_id,
            made_at=one.made_at,
            why=one.why,
            down_from=one.down_from,
            down_until=one.down_until,
            scores=len(one.scores) if self._decides else sum(who == number for who in one.scores.values()),
            agents=len(agents) if self._decides else 1,
            receipts=len(one.received) if self._decides else int(received is not None),
            waiting=[
                ChoiceView(value=by_number[agent], words=self._people.agent(agent))
                for agent in waiting
                if agent in by_number
            ],
            mine=bool(number) and number in agents and received is None,
            received_at=received,
            until=until,
        )

    async def _last_day(self, score: Score) -> date | None:
        """Return the last day for filing; None: over, or not begun."""
        rules, today = self._door.port.desk.on.rules, office_day(self._door.now())
        listed = await self._door.port.desk.on.book.list_of(score.score_id)
        last = rules.table.on(today).last_day(rules.calendar, score, listed)
        return last if last is not None and today <= last else None

    def _step(self, step: Step, *, mine: bool) -> StepView:
        # An agent is not told who scored: people decide more freely.
        anonymous = mine and step.what in ("agree", "differ", "decide", "assigned")
        who = self.say("appeals.system") if step.who == "system" else self._people.name(step.who)
        name = f"appeals_event.{step.what}"
        detail = self._people.name(step.words.get("to", "")) if self._decides else ""
        words = self.say(name) + (f": {detail}" if detail else "")
        return StepView(at=step.at, who="" if anonymous else who, words=words, note=step.note)

    def evidence_words(self, name: str) -> str:
        """Return a kind of evidence in words."""
        text = f"appeals_evidence.{name}"
        return self.say(text) if text in self._door.shared.render.texts else name

    def item(self, form: Form | None, item: str) -> tuple[str, str]:
        """Return the criterion and the item in words."""
        return item_words(form, item, self._language, self.say("appeals.facts"))

    def answer(self, form: Form | None, item: str, value: str) -> str:
        """Return an answer, or the value of a fact, in words."""
        if item.startswith(FACT) and form is not None:
            facts = {FACT + fact.code: fact for fact in form.facts}
            fact = facts.get(item)
            if fact is not None and value in fact.values:
                return fact.values[value][self._language]
        return self.say(f"appeals_answer.{value}") if value in ("yes", "no", "na") else value


@dataclass(frozen=True, slots=True)
class _Contests:
    """The contested items of one appeal in words."""

    words: AppealWords
    appeal: Appeal
    first: Score
    form: Form | None
    version: AppealVersion
    decided: Mapping[str, Verdict]

    def view(self, one: Contested) -> ContestedView:
        criterion, words = self.words.item(self.form, one.item)
        kind = self.version.evidence_by_name.get(one.evidence)
        code = "" if self.form is None else criteria(self.form).get(one.item, "")
        verdict = self.decided.get(one.item)
        return ContestedView(
            item=one.item,
            criterion=criterion,
            words=words,
            first=self.words.answer(self.form, one.item, said(self.first, one.item)),
            reason=one.reason,
            places=[_place(place) for place in one.places],
            evidence=one.evidence,
            evidence_words=self.words.evidence_words(one.evidence) if one.evidence else "",
            decides=kind is not None and code in kind.decides,
            verified=one.item in self.appeal.verified,
            final="" if verdict is None else self.words.answer(self.form, one.item, verdict.final),
            overturned=verdict is not None and verdict.overturned,
            how="" if verdict is None else self.words.say(f"appeals_how.{verdict.how}"),
        )


def item_words(form: Form | None, item: str, language: str, facts: str) -> tuple[str, str]:
    """Return the criterion and the item, or fact, in words; the code where the form has none.

    `facts`: what facts are called together.
    """
    if form is not None:
        for fact in form.facts:
            if FACT + fact.code == item:
                return facts, fact.text[language]
        for question in form.questions:
            if question.code == item:
                return form.criterion(question.criterion).text[language], question.text[language]
    return "", item


def rate(reviewer: str, criterion: str, rows: Iterable[Decided]) -> RateRow:
    """Return an overturn rate of several counts together."""
    counted = list(rows)
    decided, overturned = sum(one.decided for one in counted), sum(one.overturned for one in counted)
    low, high = wilson(overturned, decided) if decided else (None, None)
    share = overturned / decided if decided else None
    return RateRow(
        reviewer=reviewer,
        criterion=criterion,
        decided=decided,
        overturned=overturned,
        share=share,
        low=low,
        high=high,
    )


def _place(place: Place) -> PlaceView:
    words = clock(place.from_ms) + (f"–{clock(place.until_ms)}" if place.until_ms is not None else "")
    return PlaceView(from_ms=place.from_ms, until_ms=place.until_ms, words=words)
