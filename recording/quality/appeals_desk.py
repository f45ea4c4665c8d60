"""Appeals at work: a step is kept first, then scores and holds are told of it; what failed is told again."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from domain.clock import Clock
from domain.ids import new_id
from recording.persons import NobodyRestricted, RestrictedRecordings
from recording.ports import Holds, RecordingsUnavailable
from recording.quality.appeals import (
    BLIND,
    Act,
    Appeal,
    AppealBook,
    AppealChanged,
    AppealQuery,
    AppealRefused,
    AppealsUnavailable,
    Contested,
    Moved,
    Outcome,
)
from recording.quality.appeals_rules import SYSTEM, AppealRules, composed
from recording.quality.forms import Form, FormsUnavailable, QualityForms
from recording.quality.scores import (
    Answer,
    Given,
    Kind,
    Result,
    Score,
    ScoreMoveRefused,
    ScoreQuery,
    Scores,
    ScoreState,
    ScoresUnavailable,
)
from recording.quality.scoring import evaluate

log = structlog.get_logger("kring.appeals")

DISPUTED = "disputed"  # the reason of the hold
_FINAL = (ScoreState.FINAL, ScoreState.SIGNED)
_DOWN = (ScoresUnavailable, ScoreMoveRefused, FormsUnavailable, RecordingsUnavailable, AppealsUnavailable)
_WAITS = {"rescoring": Kind.RESCORE, "arbitration": Kind.ARBITER}


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who reviews calls. The name is personal."""

    staff_id: str
    name: str
    leads: bool = False  # SPV PKL


class Reviewers(Protocol):
    """Who reviews calls, and who knows which score. Every method raises AppealsUnavailable."""

    async def reviewers(self) -> Sequence[Reviewer]:
        """Return everybody who may score calls, by name."""
        ...

    async def saw(self, score_id: str) -> frozenset[str]:
        """Return who has seen a score (staff ids); they cannot score the call blind."""
        ...


@dataclass(frozen=True, slots=True)
class AppealGround:
    """What appeals stand on."""

    book: AppealBook
    rules: AppealRules
    scores: Scores
    forms: QualityForms
    holds: Holds
    people: Reviewers
    clock: Clock
    restricted: RestrictedRecordings = field(default_factory=NobodyRestricted)


class AppealDesk:
    """Takes appeals through their steps. Methods raise what book, rules, scores and forms raise."""

    def __init__(self, on: AppealGround) -> None:
        self.on = on

    async def score(self, score_id: str) -> Score:
        """Return a score. Raises AppealRefused: there is none."""
        found = await self.on.scores.get(score_id)
        if found is None:
            raise AppealRefused("no_such_score")
        return found

    async def form(self, score: Score) -> Form:
        """Return the form that a score was given under. Raises AppealRefused: it is gone."""
        try:
            return await self.on.forms.get(score.form, score.form_version)
        except KeyError as error:
            raise AppealRefused("no_such_form") from error

    async def file(
        self, appeal_id: str, score_id: str, team: str, contested: Sequence[Contested], act: Act
    ) -> Appeal:
        """File an appeal; again under the same id: return it."""
        with contextlib.suppress(KeyError):
            known = await self.on.book.get(appeal_id)
            if (known.score_id, known.filed_by) == (score_id, act.who):
                return known
        score = await self.score(score_id)
        listed = await self.on.book.list_of(score_id)
        moved = self.on.rules.file(appeal_id, score, team, contested, listed, act)
        appeal = await self.on.book.file(moved)
        return await self._told(appeal)

    async def complete(self, appeal: Appeal, contested: Sequence[Contested], act: Act) -> Appeal:
        """Make it clearer."""
        score = await self.score(appeal.score_id)
        return await self._keep(self.on.rules.complete(appeal, score, contested, act))

    async def move(self, appeal: Appeal, event: str, act: Act) -> Appeal:
        """Endorse, send back, reject or withdraw it."""
        return await self._keep(self.on.rules.move(appeal, event, act))

    async def approve(self, appeal: Appeal, verified: Iterable[str], rescorer: str, act: Act) -> Appeal:
        """Let SPV PKL approve it; an empty `rescorer` takes who has least to do."""
        first = await self.score(appeal.score_id)
        form, able = await self.form(first), await self.neutral(appeal)
        able = [one for one in able if one.staff_id != act.who]
        chosen = rescorer or (await self._least(able))
        if rescorer and rescorer not in {one.staff_id for one in able}:
            raise AppealRefused("not_neutral", "rescorer")
        moved = self.on.rules.approve(appeal, first, form, verified, chosen, new_id(), act)
        return await self._keep(moved)

    async def assign(self, appeal: Appeal, to: str, act: Act) -> Appeal:
        """Give the blind score to somebody else, or name the arbiter."""
        if to not in {one.staff_id for one in await self.neutral(appeal)}:
            raise AppealRefused("not_neutral", "to")
        return await self._keep(self.on.rules.assign(appeal, to, act))

    async def neutral(self, appeal: Appeal) -> Sequence[Reviewer]:
        """Return the reviewers who can score it blind, by name.

        Nobody who gave the first score, did a step of the appeal, or has seen that score; only where nobody
        else can be the arbiter, also who leads the reviewers: an arbiter decides, a re-scorer must not know.
        """
        steps = await self.on.book.trail(appeal.appeal_id)
        scored = {appeal.reviewer, appeal.rescorer, appeal.filed_by}
        knows = scored | {step.who for step in steps} | await self.on.people.saw(appeal.score_id)
        if appeal.state == "rescoring":
            knows -= {appeal.rescorer}
        people = await self.on.people.reviewers()
        able = [one for one in people if one.staff_id not in knows]
        if not able and appeal.state == "arbitration":
            able = [one for one in people if one.leads and one.staff_id not in scored]
        return able

    async def scored(self, score: Score) -> None:
        """A re-score or an arbiter's score became final: the appeals that wait for it go on."""
        query = AppealQuery(recording_id=score.recording_id, scorer=score.reviewer, states=tuple(BLIND))
        for appeal in await self.on.book.find(query):
            waits = appeal.rescorer if appeal.state == "rescoring" else appeal.arbiter
            fits = not score.reminds_of or score.reminds_of == appeal.score_id
            if waits == score.reviewer and _WAITS[appeal.state] is score.kind and fits:
                await self._scored(appeal, score)

    async def _scored(self, appeal: Appeal, score: Score) -> None:
        first = await self.score(appeal.score_id)
        rescore = await self.score(appeal.rescore_id) if appeal.rescore_id else None
        form = await self.form(first)
        try:
            await self._keep(self.on.rules.scored(appeal, first, form, rescore, score, new_id()))
        except AppealChanged:
            log.info("an appeal went on meanwhile", appeal=appeal.appeal_id)

    async def look(self) -> None:
        """Tell what is owed, find scores that are there, end what is late. To be called every few minutes.

        What cannot go on because its recording is under restriction is never late. Raises PersonsUnavailable
        beside the others.
        """
        stands_still = await self.on.restricted.recordings()
        for appeal in await self.on.book.owing():
            await self._told(appeal)
        for appeal in await self.on.book.find(AppealQuery(states=tuple(BLIND), most=1000)):
            await self._find_score(appeal)
        waiting = AppealQuery(states=("filed", "returned", "endorsed"), most=1000)
        for appeal in await self.on.book.find(waiting):
            if appeal.recording_id in stands_still:
                continue
            moved = self.on.rules.late(appeal, Act(SYSTEM, self.on.clock.now()))
            if moved is not None:
                await self._keep(moved)

    async def _find_score(self, appeal: Appeal) -> None:
        """Find a blind score that became final while we were away."""
        scorer = appeal.rescorer if appeal.state == "rescoring" else appeal.arbiter
        if not scorer:
            return
        query = ScoreQuery(
            recording_id=appeal.recording_id, reviewer=scorer, kinds=(_WAITS[appeal.state],), states=_FINAL
        )
        for score in await self.on.scores.find(query):
            if score.reminds_of == appeal.score_id:
                await self._scored(appeal, score)
                return

    async def _keep(self, moved: Moved) -> Appeal:
        return await self._told(await self.on.book.change(moved))

    async def _told(self, appeal: Appeal) -> Appeal:
        """Tell scores and holds of an appeal's state; what fails is told again by `look`."""
        try:
            await self._tell(appeal)
            await self.on.book.settled(appeal.appeal_id, appeal.version)
        except _DOWN as error:
            log.warning("an appeal's step is to be told again", appeal=appeal.appeal_id, error=str(error))
        return appeal

    async def _tell(self, appeal: Appeal) -> None:
        on, first, now = self.on, await self.score(appeal.score_id), self.on.clock.now()
        if appeal.is_open:
            await on.holds.hold(appeal.recording_id, DISPUTED, appeal.filed_by)
            wanted = ScoreState.CONTESTED
        elif appeal.outcome is Outcome.REPLACED:
            await self._make_counting(appeal, first)
            wanted = ScoreState.REPLACED
            if first.state in _FINAL:  # it was not told that it is contested
                await on.scores.move(first.score_id, ScoreState.CONTESTED, now)
        else:
            wanted = ScoreState.FINAL
        if first.state is not wanted and (wanted is not ScoreState.FINAL or first.state not in _FINAL):
            await on.scores.move(first.score_id, wanted, now)
        if not appeal.is_open and not await self._disputed(appeal):
            await on.holds.release(appeal.recording_id, DISPUTED, SYSTEM)

    async def _disputed(self, appeal: Appeal) -> bool:
        """Whether another appeal about the same recording is open: two agents may have spoken in it."""
        same = await self.on.book.find(AppealQuery(recording_id=appeal.recording_id))
        return any(one.is_open for one in same if one.appeal_id != appeal.appeal_id)

    async def _make_counting(self, appeal: Appeal, first: Score) -> None:
        """Keep the score that counts from now on, unless it is there."""
        if await self.on.scores.get(appeal.counts) is not None:
            return
        form = await self.form(first)
        answers, facts = composed(first, await self.on.book.verdicts(appeal.appeal_id))
        others = [
            await self.score(score_id)
            for score_id in (appeal.arbiter_score_id, appeal.rescore_id)
            if score_id
        ]
        whole, known, result = whole_score(form, answers, facts, others)
        decided = appeal.closed_at or self.on.clock.now()
        made = replace(
            first,
            score_id=appeal.counts,
            kind=Kind.APPEAL,
            state=ScoreState.DRAFT,
            reviewer=appeal.arbiter or appeal.rescorer or first.reviewer,
            answers=whole,
            facts=known,
            started_at=decided,
            final_at=None,
            signed_at=None,
            result=None,
            reminds_of=first.score_id,
        )
        await self.on.scores.finish(made, result, decided)

    async def _least(self, able: Sequence[Reviewer]) -> str:
        """Return who of these has the fewest open blind scores of appeals; nobody: empty."""
        query = AppealQuery(states=tuple(BLIND), most=1000)
        busy = await self.on.book.find(query)
        loads = {
            one.staff_id: sum(one.staff_id in (appeal.rescorer, appeal.arbiter) for appeal in busy)
            for one in able
        }
        return min(loads, key=lambda staff_id: loads[staff_id], default="")


def whole_score(
    form: Form, answers: Mapping[str, Given], facts: Mapping[str, str], others: Sequence[Score]
) -> tuple[Mapping[str, Given], Mapping[str, str], Result]:
    """Return answers and facts that leave nothing open, and what they are worth.

    Where a decided item ends an effect, questions may open that the first reviewer did not have to answer:
    they are answered as in the other scores; what nobody answered is to the agent's favour.
    """
    filled, known = dict(answers), dict(facts)
    questions = {question.code: question for question in form.questions}
    values = {fact.code: fact for fact in form.facts}
    while (result := evaluate(form, filled, known, Kind.APPEAL)).missing:
        for code in result.missing:
            if code in questions:
                theirs = next((one.answers[code] for one in others if code in one.answers), None)
                best = Given(Answer.NA if questions[code].na else Answer.YES)
                filled[code] = best if theirs is None else replace(theirs, note="")
            else:
                said = next((one.facts[code] for one in others if code in one.facts), "")
                known[code] = said or values[code].default or next(iter(values[code].values))
    return filled, known, result
