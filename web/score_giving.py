"""Giving a score: which one somebody may give, its draft, its end."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError

from desk.working_days import office_day
from recording.quality.blind import Assignment
from recording.quality.forms import FORMS, Form
from recording.quality.scores import (
    AlreadyScored,
    Given,
    Kind,
    Result,
    Score,
    ScoreIncomplete,
    ScoreQuery,
    ScoreState,
)
from recording.quality.scoring import AnswerRefused, evaluate
from recording.recordings import Recording
from web.guard import visitor_of
from web.permissions import Permission
from web.score_desk import FINAL, People, ScoreDesk, kept
from web.score_models import ChoiceView, PersonView, ScoreBody, ScoringView
from web.score_views import titles
from web.visitor import Visitor

log = structlog.get_logger("kring.web.scores")

INBOUND, OUTBOUND, COMPLAINT = FORMS
TAKEN = "scores.why_scored"
_COMPLAINTS = ("complaint", "pengaduan")  # how queues of complaints begin


class NotToBeScored(Exception):
    """Somebody gives no score here; `word` names the text that says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked for in the address; what is empty is chosen for the reader."""

    person: int | None = None
    form: str = ""
    version: int = 0  # of a form tried out
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """The score that somebody may give of somebody's work in a recording."""

    recording: Recording
    agents: Sequence[str]
    person: int
    kind: Kind
    assignment: Assignment | None

    @property
    def agent(self) -> str:
        """Whose work it is (staff number)."""
        return self.agents[self.person]

    def score_id(self, visitor: Visitor, form: str, version: int) -> str:
        """Return the id of this person's score: the same in every tab, so that drafts meet."""
        of = self.assignment.of if self.assignment else ""
        parts = [
            visitor.staff.staff_id, self.recording.recording_id, str(self.person), self.kind.value, form, of,
            str(version) if self.kind is Kind.TRIAL else "",
        ]  # fmt: skip
        return hashlib.sha256("\0".join(["score", *parts]).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Giving:
    """Gives scores."""

    desk: ScoreDesk

    async def task(self, visitor: Visitor, recording: Recording, chosen: Chosen, people: People) -> Task:
        """Return what somebody may score here. Raises NotToBeScored."""
        if visitor.reach(Permission.REVIEW_WORK) is None or visitor.is_service:
            raise NotToBeScored("scores.why_no_reviewer")
        agents = await self.desk.agents(recording)
        if chosen.trial:
            if visitor.reach(Permission.REVIEW_PLAN) is None:
                raise NotToBeScored("scores.why_no_trial")
            return Task(recording, agents, _place(chosen.person or 0, agents), Kind.TRIAL, None)
        blind = self.desk.port.blind
        assignment = await kept(blind.details(visitor.staff.staff_id, recording.recording_id))
        person = await self._person(assignment, chosen, agents)
        kind = assignment.kind if assignment else Kind.REVIEW
        task = Task(recording, agents, _place(person, agents), kind, assignment)
        if not task.agent or task.agent == visitor.staff.number:
            raise NotToBeScored("scores.why_own_work")
        covered = visitor.covers(Permission.REVIEW_WORK, task.agent, people.of(task.agent).team)
        if not covered:
            raise NotToBeScored("scores.why_no_reviewer")
        if task.kind is Kind.REVIEW:
            if await kept(blind.hides(visitor.staff.staff_id, recording.recording_id)):
                raise NotToBeScored("scores.why_blind_done")
            if await self._reviewed(task):
                raise NotToBeScored(TAKEN)
        return task

    async def scoring(
        self, request: Request, task: Task, chosen: Chosen, people: People
    ) -> tuple[ScoringView, Score | None]:
        """Return the form to be filled in, and the draft that it begins with."""
        visitor, words = visitor_of(request), self.desk.words(request)
        draft = await self._draft(visitor, task, chosen)
        form = await self._form(task, chosen, draft)
        answers: Mapping[str, Given] = draft.answers if draft else {}
        facts: Mapping[str, str] = draft.facts if draft else {}
        record = await self._record(task)
        view = ScoringView(
            recording_id=task.recording.recording_id,
            person=task.person,
            people=[
                PersonView(place=place, name=people.of(agent).name, chosen=place == task.person)
                for place, agent in enumerate(task.agents)
            ],
            kind=task.kind,
            score_id=task.score_id(visitor, form.name, form.version),
            count=draft.count if draft else 0,
            drafted_at=draft.started_at if draft else None,
            form=words.form(form, task.kind, answers, facts),
            forms=await self._choices(task, words.language),
            offers=words.offers(form, task.kind, record, answers, facts),
            summary=draft.summary if draft else "",
            result=words.result(form, evaluate(form, answers, facts, task.kind), answers),
        )
        return view, draft

    async def check(self, request: Request, score_id: str, body: ScoreBody) -> tuple[Task, Form, Score]:
        """Return the score that was sent, if this person may give it under this id.

        Raises HTTPException 404, 409; AlreadyScored: somebody else's is final; RequestValidationError: an
        answer that the form does not have.
        """
        visitor = visitor_of(request)
        recording = await self.desk.recording(visitor, body.recording_id)
        chosen = Chosen(body.person, body.form, body.form_version, body.kind is Kind.TRIAL)
        try:
            task = await self.task(visitor, recording, chosen, await self.desk.people())
        except NotToBeScored as error:
            if error.word == TAKEN:
                raise AlreadyScored("") from None
            raise HTTPException(409, error.word) from None
        own = task.score_id(visitor, body.form, body.form_version)
        if (task.kind, own) != (body.kind, score_id) or task.person != body.person:
            raise HTTPException(409, "scores.other_task")
        form = await self.desk.form(body.form, body.form_version)
        known = await kept(self.desk.port.scores.get(score_id))
        score = Score(
            score_id, recording.recording_id, recording.call_id, task.agent, form.name, form.version,
            task.kind, ScoreState.DRAFT, visitor.staff.staff_id, body.given(), dict(body.facts),
            body.summary, known.started_at if known else self.desk.now(),
            reminds_of=task.assignment.reminds_of if task.assignment else "", count=body.count + 1,
        )  # fmt: skip
        self.worth(form, score)
        return task, form, score

    def worth(self, form: Form, score: Score) -> Result:
        """Return what a score is worth. Raises RequestValidationError at what the form does not have."""
        return worth(form, score.answers, score.facts, score.kind)

    async def finish(self, task: Task, form: Form, score: Score) -> Score:
        """Make a score final. Raises what `Scores.finish` raises; RequestValidationError: incomplete."""
        if task.kind is Kind.TRIAL:
            raise HTTPException(409, "scores.trial_not_final")
        result = self.worth(form, score)
        if result.missing:
            raise _incomplete(result.missing)
        try:
            final = await kept(self.desk.port.scores.finish(score, result, self.desk.now()))
        except ScoreIncomplete as error:
            raise _incomplete(error.missing) from None
        if task.kind is not Kind.REVIEW:
            await kept(self.desk.port.blind.scored(final))
        return final

    async def left(self, visitor: Visitor, recording_id: str) -> Sequence[Score]:
        """Return somebody's drafts of a recording, newest first."""
        query = ScoreQuery(
            reviewer=visitor.staff.staff_id,
            recording_id=recording_id,
            kinds=tuple(Kind),
            states=(ScoreState.DRAFT,),
        )
        return await kept(self.desk.port.scores.find(query))

    async def _person(self, assignment: Assignment | None, chosen: Chosen, agents: Sequence[str]) -> int:
        """Return whose work it is: of a score given anew, the same person's."""
        if assignment is not None and assignment.reminds_of:
            first = await kept(self.desk.port.scores.get(assignment.reminds_of))
            if first is not None and first.agent in agents:
                return list(agents).index(first.agent)
        return chosen.person or 0

    async def _reviewed(self, task: Task) -> bool:
        query = ScoreQuery(agents=(task.agent,), recording_id=task.recording.recording_id, states=FINAL)
        return bool(await kept(self.desk.port.scores.find(query)))

    async def _draft(self, visitor: Visitor, task: Task, chosen: Chosen) -> Score | None:
        for draft in await self.left(visitor, task.recording.recording_id):
            if chosen.form and draft.form != chosen.form:
                continue
            if chosen.trial and chosen.version and draft.form_version != chosen.version:
                continue
            if draft.score_id == task.score_id(visitor, draft.form, draft.form_version):
                return draft
        return None

    async def _form(self, task: Task, chosen: Chosen, draft: Score | None) -> Form:
        assignment = task.assignment
        if draft is not None:
            return await self.desk.form_of(draft)
        if task.kind is Kind.TRIAL and chosen.form and chosen.version:
            return await self.desk.form(chosen.form, chosen.version)
        if assignment is not None and assignment.form and assignment.form_version:
            return await self.desk.form(assignment.form, assignment.form_version)
        name = chosen.form or (assignment.form if assignment else "") or suggested_form(task.recording)
        return await self._for_day(name, task)

    async def _for_day(self, name: str, task: Task) -> Form:
        try:
            return await kept(self.desk.port.forms.for_day(name, office_day(task.recording.planned_at)))
        except KeyError:
            raise HTTPException(404, "scores.no_such_form") from None

    async def _choices(self, task: Task, language: str) -> list[ChoiceView]:
        """Return the forms that can be chosen; one that was asked for is not exchanged."""
        if task.kind is not Kind.REVIEW:
            return []
        return titles([await self._for_day(name, task) for name in FORMS], language)

    async def _record(self, task: Task) -> Mapping[str, str]:
        # What the record suggests is a help: without it the score is given all the same.
        try:
            return await self.desk.port.record(task.recording, task.agent)
        except Exception as error:  # noqa: BLE001 (whatever the record cannot tell)
            log.warning("a call's record suggests nothing", kind=type(error).__name__)
            return {}


def suggested_form(recording: Recording) -> str:
    """Return which form fits a call by its direction and kind."""
    if recording.direction == "out":
        return OUTBOUND
    return COMPLAINT if recording.queue.startswith(_COMPLAINTS) else INBOUND


def worth(form: Form, answers: Mapping[str, Given], facts: Mapping[str, str], kind: Kind) -> Result:
    """Return what answers are worth. Raises RequestValidationError at what the form does not have."""
    try:
        return evaluate(form, answers, facts, kind)
    except AnswerRefused as error:
        raise RequestValidationError(
            [
                {
                    "type": "value_error",
                    "loc": ("body", "answers", error.field),
                    "ctx": {"error": f"scores_refused.{error.word}"},
                }
            ]
        ) from None


def _incomplete(missing: Sequence[str]) -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", "answers", name)} for name in missing])


def _place(person: int, agents: Sequence[str]) -> int:
    return person if person < len(agents) else 0
