"""What may be done with an appeal, and what follows. Pure: told the score, the time and the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from acd.machine import Impossible
from desk.working_days import WorkingCalendar, between, office_day
from recording.quality.appeals import (
    APPEAL,
    BLIND,
    FACT,
    OVER,
    Act,
    Appeal,
    AppealRefused,
    CompiledList,
    Contested,
    How,
    Moved,
    Outcome,
    Step,
    Verdict,
)
from recording.quality.appeals_table import AppealTable
from recording.quality.effects import decide
from recording.quality.forms import Form
from recording.quality.scores import Answer, Given, Kind, Score, ScoreState
from recording.quality.scoring import outcome

SYSTEM = "system"
LONGEST = 2000  # characters of a reason
NEEDS_NOTE = frozenset({"reject", "send_back"})
_CONTESTABLE = frozenset({ScoreState.FINAL, ScoreState.SIGNED})


def said(score: Score, item: str) -> str:
    """Return what a score says of an item or a fact (`fact:NAME`); empty: nothing."""
    if item.startswith(FACT):
        return score.facts.get(item.removeprefix(FACT), "")
    given = score.answers.get(item)
    return "" if given is None else given.answer.value


def came_to(form: Form, score: Score, item: str) -> str:
    """Return what a blind score says of an item, with what only a score after an appeal looks into.

    Such a thing is a fact of the form that reviews are not asked for, e.g. that a wrong answer verifiably
    came from the help desk: where its effect gives full marks, the item is answered right.
    """
    asked = {fact.code for fact in form.facts if Kind.REVIEW not in fact.kinds}
    effects = [effect for effect in form.effects if asked & set(effect.when)]
    answers = {code: given.answer for code, given in score.answers.items()}
    outcomes = {one.code: outcome(one, answers) for one in form.items}
    known = {code: answer.value for code, answer in (outcomes | answers).items() if answer is not None}
    full = decide(form, {**known, **score.facts}, effects).full
    owner = {question.code: question.item for question in form.questions}
    return Answer.YES.value if owner.get(item) in full else said(score, item)


def contestable(score: Score) -> Sequence[str]:
    """Return the items that a score does not answer with yes, and its facts."""
    items = [item for item, given in score.answers.items() if given.answer is not Answer.YES]
    return [*items, *(f"{FACT}{name}" for name, value in score.facts.items() if value)]


def criteria(form: Form) -> Mapping[str, str]:
    """Return what can be answered under a form → its criterion; a fact is of the criterion `facts`."""
    found = {question.code: question.criterion for question in form.questions}
    return {**found, **{f"{FACT}{fact.code}": "facts" for fact in form.facts}}


@dataclass(frozen=True, slots=True)
class AppealRules:
    """Moves appeals by the dated table and the office's calendar."""

    table: AppealTable
    calendar: WorkingCalendar

    def days_left(self, appeal: Appeal, now: datetime) -> int | None:
        """Return the working days left of the present step, negative when it is late; None: it is over."""
        if appeal.due_on is None:
            return None
        return between(self.calendar, office_day(now), appeal.due_on)

    def file(
        self,
        appeal_id: str,
        score: Score,
        team: str,
        contested: Sequence[Contested],
        listed: CompiledList | None,
        act: Act,
    ) -> Moved:
        """Return a new appeal against a score. Raises AppealRefused."""
        today = office_day(act.at)
        version = self.table.on(today)
        if score.kind is Kind.REVIEW and score.state is ScoreState.CONTESTED:
            raise AppealRefused("there_is_one")
        if score.kind is not Kind.REVIEW or score.state not in _CONTESTABLE or score.result is None:
            raise AppealRefused("not_contestable")
        last = version.last_day(self.calendar, score, listed)
        if last is None:
            raise AppealRefused("not_received")
        if today > last:
            raise AppealRefused("too_late", day=last.strftime("%d.%m.%Y"))
        self._check(score, contested, version.evidence_by_name)
        appeal = Appeal(
            appeal_id=appeal_id,
            score_id=score.score_id,
            recording_id=score.recording_id,
            call_id=score.call_id,
            agent=score.agent,
            team=team,
            reviewer=score.reviewer,
            form=score.form,
            form_version=score.form_version,
            rule=version.rule,
            state=APPEAL.start,
            since=act.at,
            filed_at=act.at,
            filed_by=act.who,
            due_on=version.due(self.calendar, APPEAL.start, today),
            contested=tuple(contested),
            list_id="" if listed is None else listed.list_id,
        )
        return Moved(appeal, Step(appeal_id, 1, act.at, act.who, "filed", appeal.state, {}, act.note))

    def complete(self, appeal: Appeal, score: Score, contested: Sequence[Contested], act: Act) -> Moved:
        """Return the appeal made clearer by the agent. Raises AppealRefused."""
        self._check(score, contested, self.table.of(appeal).evidence_by_name)
        return self._moved(replace(appeal, contested=tuple(contested)), "complete", act)

    def move(self, appeal: Appeal, event: str, act: Act) -> Moved:
        """Return the appeal after endorse, send_back, reject or withdraw. Raises AppealRefused."""
        if event in NEEDS_NOTE and not act.note.strip():
            raise AppealRefused("missing", "note")
        self._check_distance(appeal, event, act)
        outcome = Outcome.KEPT if APPEAL.moves.get((appeal.state, event)) in OVER else Outcome.OPEN
        counts = appeal.score_id if outcome is Outcome.KEPT else ""
        return self._moved(replace(appeal, outcome=outcome, counts=counts), event, act)

    def approve(
        self,
        appeal: Appeal,
        first: Score,
        form: Form,
        verified: Iterable[str],
        rescorer: str,
        new_id: str,
        act: Act,
    ) -> Moved:
        """Return the appeal after SPV PKL approved it. `verified`: items whose evidence holds.

        Where verified evidence decides everything it is settled at once; otherwise `rescorer` scores anew.
        `new_id`: of the score that would count instead. Raises AppealRefused.
        """
        self._check_distance(appeal, "approve", act)
        given = {one.item for one in appeal.contested if one.evidence}
        if not set(verified) <= given:
            raise AppealRefused("no_choice", "verified")
        checked = replace(appeal, verified=frozenset(verified))
        settled = self._by_evidence(checked, first, form)
        if len(settled) == len(appeal.contested):
            return self._finished(checked, "settle", settled, new_id, act)
        if not rescorer:
            raise AppealRefused("missing", "rescorer")
        if rescorer in (appeal.reviewer, appeal.filed_by, act.who):
            raise AppealRefused("not_neutral", "rescorer")
        moved = self._moved(replace(checked, rescorer=rescorer), "approve", act)
        return replace(moved, step=replace(moved.step, words={"to": rescorer}))

    def assign(self, appeal: Appeal, to: str, act: Act) -> Moved:
        """Return the appeal with another re-scorer or arbiter. Raises AppealRefused."""
        if appeal.state not in BLIND:
            raise AppealRefused("not_possible")
        field = "rescorer" if appeal.state == "rescoring" else "arbiter"
        if to in (appeal.reviewer, appeal.filed_by) or (field == "arbiter" and to == appeal.rescorer):
            raise AppealRefused("not_neutral", "to")
        given = replace(appeal, rescorer=to) if field == "rescorer" else replace(appeal, arbiter=to)
        moved = self._at(given, "assigned", appeal.state, act)
        return replace(moved, step=replace(moved.step, words={"to": to, "as": field}))

    def scored(
        self, appeal: Appeal, first: Score, form: Form, rescore: Score | None, new: Score, new_id: str
    ) -> Moved:
        """Return the appeal after a blind score (`new`) became final; `rescore`: the one before, if any.

        Raises AppealRefused: nobody waits for this score.
        """
        act = Act(new.reviewer, new.final_at or new.started_at)
        if appeal.state == "rescoring" and new.reviewer == appeal.rescorer and new.kind is Kind.RESCORE:
            rescored = replace(appeal, rescore_id=new.score_id)
            return self._rescored(rescored, first, form, new, new_id, act)
        waits = appeal.state == "arbitration" and new.reviewer == appeal.arbiter
        if not waits or new.kind is not Kind.ARBITER or rescore is None:
            raise AppealRefused("not_possible")
        decided = replace(appeal, arbiter_score_id=new.score_id)
        settled, known = self._by_evidence(appeal, first, form), criteria(form)
        verdicts = []
        for one in appeal.contested:
            mine = said(first, one.item)
            second, third = came_to(form, rescore, one.item), came_to(form, new, one.item)
            # An arbiter may leave open what an effect of the form decides anyway: then the first stands.
            final, how = (mine, How.AGREED) if mine == second else (third or mine, How.ARBITER)
            verdict = Verdict(one.item, known.get(one.item, ""), mine, second, third, final, how)
            verdicts.append(settled.get(one.item, verdict))
        by_item = {verdict.item: verdict for verdict in verdicts}
        return self._finished(decided, "decide", by_item, new_id, act)

    def late(self, appeal: Appeal, act: Act) -> Moved | None:
        """Return the appeal after its step's days are over, if that does anything."""
        if appeal.due_on is None or office_day(act.at) <= appeal.due_on:
            return None
        event = self.table.of(appeal).step(appeal.state).late
        return None if event == "wait" else self.move(appeal, event, act)

    def _rescored(self, appeal: Appeal, first: Score, form: Form, new: Score, new_id: str, act: Act) -> Moved:
        settled, known = dict(self._by_evidence(appeal, first, form)), criteria(form)
        open_items = [one.item for one in appeal.contested if one.item not in settled]
        if any(said(first, item) != came_to(form, new, item) for item in open_items):
            return self._moved(appeal, "differ", act)
        for item in open_items:
            mine = said(first, item)
            settled[item] = Verdict(item, known.get(item, ""), mine, mine, "", mine, How.AGREED)
        return self._finished(appeal, "agree", settled, new_id, act)

    def _by_evidence(self, appeal: Appeal, first: Score, form: Form) -> Mapping[str, Verdict]:
        kinds, known = self.table.of(appeal).evidence_by_name, criteria(form)
        found = {}
        for one in appeal.contested:
            kind, criterion = kinds.get(one.evidence), known.get(one.item, "")
            if kind is None or one.item not in appeal.verified or criterion not in kind.decides:
                continue
            right = Answer.YES.value
            found[one.item] = Verdict(one.item, criterion, said(first, one.item), "", "", right, How.EVIDENCE)
        return found

    def _finished(
        self, appeal: Appeal, event: str, verdicts: Mapping[str, Verdict], new_id: str, act: Act
    ) -> Moved:
        overturned = any(verdict.overturned for verdict in verdicts.values())
        outcome = Outcome.REPLACED if overturned else Outcome.KEPT
        counts = new_id if overturned else appeal.score_id
        moved = self._moved(replace(appeal, outcome=outcome, counts=counts), event, act)
        return replace(moved, verdicts=tuple(verdicts[one.item] for one in appeal.contested))

    def _moved(self, appeal: Appeal, event: str, act: Act) -> Moved:
        try:
            state = APPEAL.after(appeal.state, event)
        except Impossible as error:
            raise AppealRefused("not_possible") from error
        if state == appeal.state:  # ignored on purpose: the page was old
            raise AppealRefused("not_possible")
        return self._at(appeal, event, state, act)

    def _at(self, appeal: Appeal, what: str, state: str, act: Act) -> Moved:
        if len(act.note) > LONGEST:
            raise AppealRefused("too_long", "note")
        changed = state != appeal.state
        due = self.table.of(appeal).due(self.calendar, state, office_day(act.at))
        after = replace(
            appeal,
            state=state,
            since=act.at if changed else appeal.since,
            due_on=due if changed or what == "assigned" else appeal.due_on,
            closed_at=act.at if state in OVER else None,
            version=appeal.version + 1,
        )
        return Moved(after, Step(after.appeal_id, after.version, act.at, act.who, what, state, {}, act.note))

    def _check_distance(self, appeal: Appeal, event: str, act: Act) -> None:
        # Nobody judges an appeal against a score that they gave, or an appeal of their own.
        mine = act.who in (appeal.reviewer, appeal.filed_by)
        if mine and event in ("endorse", "send_back", "reject", "approve"):
            raise AppealRefused("not_neutral")

    def _check(self, score: Score, contested: Sequence[Contested], evidence: Mapping[str, object]) -> None:
        if not contested:
            raise AppealRefused("nothing_contested", "items")
        known, seen = set(contestable(score)), set()
        for one in contested:
            if one.item not in known or one.item in seen:
                raise AppealRefused("no_choice", one.item)
            seen.add(one.item)
            if not one.reason.strip():
                raise AppealRefused("missing", f"{one.item}.reason")
            if len(one.reason) > LONGEST:
                raise AppealRefused("too_long", f"{one.item}.reason")
            if one.evidence and one.evidence not in evidence:
                raise AppealRefused("no_choice", f"{one.item}.evidence")
            for place in one.places:
                if place.from_ms < 0 or (place.until_ms is not None and place.until_ms < place.from_ms):
                    raise AppealRefused("place", f"{one.item}.places")


def composed(first: Score, verdicts: Sequence[Verdict]) -> tuple[Mapping[str, Given], Mapping[str, str]]:
    """Return answers and facts of the first score with what was decided otherwise.

    What was not contested stays as the first reviewer gave it: an appeal costs nobody points elsewhere.
    """
    answers, facts = dict(first.answers), dict(first.facts)
    for verdict in verdicts:
        if not verdict.overturned:
            continue
        if verdict.item.startswith(FACT):
            facts[verdict.item.removeprefix(FACT)] = verdict.final
        else:
            answers[verdict.item] = replace(answers[verdict.item], answer=Answer(verdict.final), note="")
    return answers, facts
