"""The reviewer's work list `/tugas-nilai`: take, give back, skip."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response

from recording.quality.sampling_tasks import Task
from web.field_refused import field_refused
from web.guard import visitor_of
from web.permissions import Permission
from web.review_desk import ReviewDesk, answered
from web.review_models import LetGo, TaskId, TaskView, WorkView

TAGS = ["review"]
WORK = Permission.REVIEW_WORK
SHOWN, OVER = 60, 15  # tasks that are waiting, and finished ones


def add_task_routes(desk: ReviewDesk) -> None:
    """Add the page and what it asks for."""
    _add_lists(desk)
    _add_claims(desk)
    _add_endings(desk)


def _add_lists(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/tugas-nilai", WORK, include_in_schema=False)
    async def tasks_page(request: Request) -> Response:
        return shared.render.page(
            request, "review/tasks.html", model=await _work(desk, request), reasons=_reasons(desk, request)
        )

    @shared.guard.get("/api/review/tasks", WORK, response_model=WorkView, tags=TAGS)
    async def review_tasks(request: Request) -> Response:
        """Return what one has taken, what waits, and what one did last."""
        return await _reply(desk, request)


def _add_claims(desk: ReviewDesk) -> None:
    shared, tasks = desk.shared, desk.port.tasks

    @shared.guard.post("/api/review/tasks/next", WORK, response_model=TaskView | None, tags=TAGS)
    async def claim_next_task(request: Request) -> Response:
        """Take the task that is due first; null: there is none that one may take."""
        visitor, now = visitor_of(request), shared.clock.now()
        staff = visitor.staff
        task = await answered(tasks.claim_next(staff.staff_id, staff.number, now))
        if task is not None:
            await _told(desk, request, "review_task_claimed", task)
        return await _one(desk, request, task)

    @shared.guard.post("/api/review/tasks/{task_id}/claim", WORK, response_model=TaskView, tags=TAGS)
    async def claim_task(request: Request, task_id: TaskId) -> Response:
        """Take a task; one's own again lengthens the time."""
        visitor, now = visitor_of(request), shared.clock.now()
        staff = visitor.staff
        task = await answered(tasks.claim(task_id, staff.staff_id, staff.number, now))
        await _told(desk, request, "review_task_claimed", task)
        return await _one(desk, request, task)


def _add_endings(desk: ReviewDesk) -> None:
    shared, tasks, rules = desk.shared, desk.port.tasks, desk.port.rules

    @shared.guard.post("/api/review/tasks/{task_id}/give-back", WORK, status_code=204, tags=TAGS)
    async def give_task_back(request: Request, task_id: TaskId, body: LetGo) -> Response:
        """Let a task go, for somebody else."""
        if body.reason not in rules.give_back:
            raise field_refused("reason", "review.choose_reason")
        staff_id, now = visitor_of(request).staff.staff_id, shared.clock.now()
        await answered(tasks.give_back(task_id, staff_id, body.reason, now))
        await desk.did(visitor_of(request), "review_task_given_back", f"task:{task_id}", body.reason)
        return await _after(desk, request)

    @shared.guard.post("/api/review/tasks/{task_id}/skip", WORK, status_code=204, tags=TAGS)
    async def skip_task(request: Request, task_id: TaskId, body: LetGo) -> Response:
        """Say that a recording cannot be scored."""
        if body.reason not in rules.skip:
            raise field_refused("reason", "review.choose_reason")
        staff_id, now = visitor_of(request).staff.staff_id, shared.clock.now()
        await answered(tasks.skip(task_id, staff_id, body.reason, now))
        await desk.did(visitor_of(request), "review_task_skipped", f"task:{task_id}", body.reason)
        return await _after(desk, request)


async def _told(desk: ReviewDesk, request: Request, act: str, task: Task) -> None:
    await desk.did(visitor_of(request), act, f"recording:{task.recording_id}", f"task:{task.task_id}")


async def _after(desk: ReviewDesk, request: Request) -> Response:
    if request.headers.get("hx-request") == "true":
        return await _reply(desk, request)
    return Response(status_code=204)


async def _one(desk: ReviewDesk, request: Request, task: Task | None) -> Response:
    """Answer with a task; a page goes to the recording at once."""
    if request.headers.get("hx-request") == "true":
        if task is None:
            raise HTTPException(409, "review.nothing_waits")
        go = {"HX-Redirect": f"/rekaman/{task.recording_id}?tujuan=review"}
        return Response(status_code=204, headers=go)
    words = await desk.words(request)
    views = [] if task is None else await desk.tasks(visitor_of(request), words, [task], {})
    return desk.shared.render.reply(request, views[0] if views else None, "review/task_list.html")


async def _reply(desk: ReviewDesk, request: Request) -> Response:
    model = await _work(desk, request)
    return desk.shared.render.reply(request, model, "review/task_list.html", reasons=_reasons(desk, request))


async def _work(desk: ReviewDesk, request: Request) -> WorkView:
    visitor, tasks = visitor_of(request), desk.port.tasks
    mine = await answered(tasks.mine(visitor.staff.staff_id))
    waiting = await answered(tasks.waiting(SHOWN))
    over = await answered(tasks.finished(visitor.staff.staff_id, OVER))
    ids = [task.recording_id for task in (*mine, *waiting, *over)]
    facts = {one.recording_id: one for one in await answered(desk.port.finder.several(ids))}
    words = await desk.words(request)
    await desk.did(visitor, "review_tasks_listed", "tasks:list")
    return WorkView(
        mine=await desk.tasks(visitor, words, mine, facts),
        waiting=await desk.tasks(visitor, words, waiting, facts),
        finished=await desk.tasks(visitor, words, over, facts),
    )


def _reasons(desk: ReviewDesk, request: Request) -> dict[str, list[tuple[str, str]]]:
    language, rules = desk.shared.render.language(request), desk.port.rules
    return {
        "give_back": [(word, texts[language]) for word, texts in rules.give_back.items()],
        "skip": [(word, texts[language]) for word, texts in rules.skip.items()],
    }
