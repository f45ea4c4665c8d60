"""Coaching: tasks of an agent and their team leader, their steps, and what changed."""

from collections.abc import Sequence
from decimal import Decimal

from fastapi import HTTPException, Request, Response

from domain.staff import Reach
from recording.quality.coaching import OVER, CoachingRefused, Link, Task, TaskStep, counting, share_of
from recording.quality.scores import Kind, Score, ScoreQuery, ScoreState
from web.appeal_list_routes import criterion_words
from web.appeal_models import ChoiceView, HexId, PlaceView, StepView, clock
from web.appeal_port import AppealDoor, AppealPort, People
from web.coaching_models import (
    AgentStepBody,
    DoneView,
    LeaderStepBody,
    LinkView,
    TaskBody,
    TaskList,
    TaskRow,
    TaskView,
)
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

TAGS = ["coaching"]


def add_coaching_routes(shared: Shared, port: AppealPort) -> None:
    """Add the routes; what they refuse is answered by `add_appeal_routes`."""
    door = AppealDoor(shared, port)
    _add_tasks(door)
    _add_task(door)
    _add_steps(door)


class TaskWords:
    """Makes views for one reader. `closed`: the recordings under restriction, for this reader."""

    def __init__(
        self,
        door: AppealDoor,
        request: Request,
        people: People,
        criteria: dict[str, str],
        closed: frozenset[str],
    ) -> None:
        self._door, self._people, self._criteria, self._closed = door, people, criteria, closed
        self._visitor, self._language = visitor_of(request), door.language(request)

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._door.shared.render.texts.say(self._language, name, **values)

    def known(self, section: str, word: str) -> str:
        """Return the text of a word of the dated table, which may have none; then the word itself."""
        name = f"{section}.{word}"
        return self.say(name) if name in self._door.shared.render.texts else word

    async def row(self, task: Task) -> TaskRow:
        """Return a line of the list."""
        left_out = sum(link.recording_id in self._closed for link in task.links)
        return TaskRow(
            task_id=task.task_id,
            agent=self._people.agent(task.agent),
            criterion=await self._criterion(task),
            why=self.known("coaching_rule", task.rule),
            share=await self._mean(task) if left_out else task.share,
            left_out=left_out,
            state=task.state,
            words=self.say(f"coaching_state.{task.state}"),
            due_on=task.due_on,
            days_left=None if task.closed_at else self._door.days_left(task.due_on),
            done=len(task.done),
            steps=len(task.steps),
        )

    async def _mean(self, task: Task) -> Decimal | None:
        """Return the mean of the scores that led to a task without those under restriction; None: none left.

        A task made by hand came of no mean.
        """
        if task.share is None:
            return None
        led = [
            share_of(score, task.criterion)
            for score in await self._door.port.coaching.results(task)
            if score.recording_id not in self._closed
        ]
        return _mean(led)

    async def _criterion(self, task: Task) -> str:
        """Return the criterion as the form of the task's scores names it: forms share codes, not words."""
        for link in task.links:
            score = await self._door.port.coaching.scores.get(link.score_id)
            form = None if score is None else await self._door.form(score.form, score.form_version)
            for one in () if form is None else form.criteria:
                if one.code == task.criterion:
                    return one.text[self._language]
        return self._criteria.get(task.criterion, task.criterion)

    async def view(self, task: Task) -> TaskView:
        """Return a task. To be called after the view is on the audit trail."""
        desk, number = self._door.port.coaching, self._visitor.staff.number
        scores = {score.score_id: score for score in await desk.results(task)}
        query = ScoreQuery(
            agents=(task.agent,),
            kinds=(Kind.REVIEW, Kind.APPEAL),
            states=(ScoreState.FINAL, ScoreState.SIGNED),
            since=task.opened_at,
        )
        later = counting(await desk.scores.find(query))
        kept = [share_of(one, task.criterion) for one in later if one.recording_id not in self._closed]
        left_out = len(later) - len(kept)
        shares = [share for share in kept if share is not None]
        links = [self._link(task, link, scores.get(link.score_id)) for link in task.links]
        own, is_open = bool(number) and number == task.agent, task.state not in OVER
        return TaskView(
            **(await self.row(task)).model_dump(),
            version=task.version,
            opened_at=task.opened_at,
            plan=[
                DoneView(name=step, words=self.known("coaching_step", step), done_at=task.done.get(step))
                for step in task.steps
            ],
            links=links,
            since_share=_mean(shares),
            since_scores=len(shares),
            since_left_out=left_out,
            trail=[self._step(step) for step in await desk.tasks.trail(task.task_id)],
            as_agent=own and is_open,
            as_leader=not own and is_open and _leads(self._visitor),
        )

    def _link(self, task: Task, link: Link, score: Score | None) -> LinkView:
        if link.recording_id in self._closed:
            return LinkView(
                available=False, score_id="", recording_id="", share=None, final_at=None, places=[]
            )
        return LinkView(
            available=True,
            score_id=link.score_id,
            recording_id=link.recording_id,
            share=None if score is None else share_of(score, task.criterion),
            final_at=None if score is None else score.final_at,
            places=[PlaceView(from_ms=at, until_ms=None, words=clock(at)) for at in link.places],
        )

    def _step(self, step: TaskStep) -> StepView:
        who = self.say("appeals.system") if step.who == "system" else self._people.name(step.who)
        detail = f": {self.known('coaching_step', step.step)}" if step.step else ""
        words = self.say(f"coaching_event.{step.what}") + detail
        return StepView(at=step.at, who=who, words=words, note=step.note)


def _mean(shares: Sequence[Decimal | None]) -> Decimal | None:
    """Return the mean of what there is; None: nothing."""
    had = [share for share in shares if share is not None]
    return round(sum(had, Decimal()) / len(had), 2) if had else None


def _leads(visitor: Visitor) -> bool:
    return visitor.reach(Permission.COACHING_WORK) in (Reach.TEAM, Reach.ALL)


async def _words(door: AppealDoor, request: Request) -> TaskWords:
    criteria = await criterion_words(door, door.language(request))
    closed = await door.restricted(visitor_of(request))
    return TaskWords(door, request, await door.people(), criteria, closed)


async def _list(door: AppealDoor, request: Request, *, closed: bool) -> TaskList:
    visitor, words = visitor_of(request), await _words(door, request)
    await door.did(visitor, "coaching_listed", "coaching:list")
    agents: Sequence[str] = ()
    team, wide = "", True
    match visitor.reach(Permission.COACHING_WORK):
        case Reach.TEAM:
            team = visitor.staff.team or "-"
        case Reach.ALL:
            pass
        case _:
            agents, wide = (visitor.staff.number or "-",), False
    found = await door.port.coaching.tasks.find(agents, team, closed=closed)
    criteria = await criterion_words(door, door.language(request)) if _leads(visitor) else {}
    offered = [ChoiceView(value=code, words=text) for code, text in criteria.items() if code != "facts"]
    return TaskList(tasks=[await words.row(one) for one in found], closed=closed, wide=wide, criteria=offered)


def _add_tasks(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.coaching

    @shared.guard.get("/api/coaching", Permission.COACHING_WORK, response_model=TaskList, tags=TAGS)
    async def coaching_tasks(request: Request, closed: bool = False) -> Response:
        """Return the coaching tasks within the visitor's reach, those due first in front."""
        model = await _list(door, request, closed=closed)
        return shared.render.reply(request, model, "appeals/coaching_list.html")

    @shared.guard.get("/pembinaan", Permission.COACHING_WORK, include_in_schema=False)
    async def coaching_page(request: Request) -> Response:
        """Show them."""
        model = await _list(door, request, closed=False)
        return shared.render.page(request, "appeals/coaching_page.html", model=model)

    @shared.guard.post(
        "/api/coaching", Permission.COACHING_WORK, response_model=TaskView, status_code=201, tags=TAGS
    )
    async def make_coaching(request: Request, body: TaskBody) -> Response:
        """Make a task by hand, from a score; 409 if the agent has an open one for this criterion."""
        visitor, people = visitor_of(request), await door.people()
        score = await desk.scores.get(body.score_id)
        team = "" if score is None else people.team(score.agent)
        hidden = await door.hidden(visitor) | await door.restricted(visitor)
        covered = score is not None and visitor.covers(Permission.COACHING_WORK, score.agent, team)
        if score is None or not covered or not _leads(visitor) or score.recording_id in hidden:
            raise HTTPException(404, "appeals.no_such_score")
        if not counting([score]):
            raise CoachingRefused("not_contestable")
        await door.did(visitor, "coaching_made", f"score:{score.score_id}")
        task = await desk.make(score, body.criterion, team, visitor.staff.staff_id, body.note.strip())
        view = await (await _words(door, request)).view(task)
        answer = shared.render.reply(request, view, "appeals/coaching_one.html", 201)
        answer.headers["HX-Redirect"] = f"/pembinaan/{task.task_id}"
        return answer


async def _read(door: AppealDoor, request: Request, task_id: str) -> Task:
    """Return a task within the visitor's reach. Raises HTTPException 404, the same for no right."""
    visitor = visitor_of(request)
    try:
        task = await door.port.coaching.tasks.get(task_id)
    except KeyError as error:
        raise HTTPException(404, "coaching.no_such_task") from error
    if not visitor.covers(Permission.COACHING_WORK, task.agent, task.team):
        await door.did(visitor, "coaching_viewed", f"coaching:{task_id}", "", "refused")
        raise HTTPException(404, "coaching.no_such_task")
    return task


def _add_task(door: AppealDoor) -> None:
    shared = door.shared

    async def seen(request: Request, task_id: str) -> TaskView:
        task = await _read(door, request, task_id)
        await door.did(visitor_of(request), "coaching_viewed", f"coaching:{task_id}")
        return await (await _words(door, request)).view(task)

    @shared.guard.get("/api/coaching/{task_id}", Permission.COACHING_WORK, response_model=TaskView, tags=TAGS)
    async def coaching_task(request: Request, task_id: HexId) -> Response:
        """Return a task with its steps, the scores it comes from, and the places in the recordings."""
        return shared.render.reply(request, await seen(request, task_id), "appeals/coaching_one.html")

    @shared.guard.get("/pembinaan/{task_id}", Permission.COACHING_WORK, include_in_schema=False)
    async def coaching_task_page(request: Request, task_id: HexId) -> Response:
        """Show a task."""
        model = await seen(request, task_id)
        return shared.render.page(request, "appeals/coaching_one_page.html", model=model)


def _add_steps(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.coaching

    async def moved(
        request: Request, task: Task, body: AgentStepBody | LeaderStepBody, step: str
    ) -> Response:
        visitor = visitor_of(request)
        await door.did(visitor, f"coaching_{body.event}", f"coaching:{task.task_id}")
        note = body.note.strip()
        after = await desk.move(task, body.version, body.event, visitor.staff.staff_id, note, step)
        view = await (await _words(door, request)).view(after)
        return shared.render.reply(request, view, "appeals/coaching_one.html")

    @shared.guard.post(
        "/api/coaching/{task_id}/step", Permission.COACHING_WORK, response_model=TaskView, tags=TAGS
    )
    async def step_coaching(request: Request, task_id: HexId, body: AgentStepBody) -> Response:
        """Do a step of one's own task, or say what changed."""
        task = await _read(door, request, task_id)
        if visitor_of(request).staff.number != task.agent:
            raise HTTPException(403, "appeals.not_yours")
        return await moved(request, task, body, body.step if body.event == "step" else "")

    @shared.guard.post(
        "/api/coaching/{task_id}/judge", Permission.COACHING_WORK, response_model=TaskView, tags=TAGS
    )
    async def judge_coaching(request: Request, task_id: HexId, body: LeaderStepBody) -> Response:
        """Confirm with what changed, ask for more, or drop a task."""
        task, visitor = await _read(door, request, task_id), visitor_of(request)
        if not _leads(visitor) or visitor.staff.number == task.agent:
            raise HTTPException(403, "appeals.not_yours")
        return await moved(request, task, body, "")
