"""Sampling plans `/rencana-sampel`: written, changed, drawn by hand; each draw with its seed."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import HTTPException, Request, Response

from desk.working_days import after, office_day
from domain.ids import new_id
from recording.quality.sampling import Every, Plan, before, period_of
from recording.quality.sampling_tasks import Draw, KeptPlan
from web.guard import visitor_of
from web.permissions import Permission
from web.review_desk import ReviewDesk, answered
from web.review_models import DrawPlan, DrawView, PlanId, PlanView, WritePlan
from web.review_port import Names

TAGS = ["review"]
PLAN = Permission.REVIEW_PLAN
SYSTEM = "system"
_FIELDS = ("teams", "queues", "branches", "direction", "seconds_least")


def add_plan_routes(desk: ReviewDesk) -> None:
    """Add the page and what it asks for."""
    _add_lists(desk)
    _add_changes(desk)
    _add_draws(desk)


def _add_lists(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/rencana-sampel", PLAN, include_in_schema=False)
    async def plans_page(request: Request) -> Response:
        names = await answered(desk.port.finder.names())
        words = await desk.words(request)
        branches = desk.port.branches.branches.values()
        options = {
            "teams": [(one, one) for one in names["teams"]],
            "queues": [(one, words.cards.queue(one)) for one in names["queues"]],
            "branches": [(one.key, one.names[words.cards.language]) for one in branches],
        }
        model = await _plans(desk)
        return shared.render.page(request, "review/plans.html", model=model, options=options)

    @shared.guard.get("/api/review/plans", PLAN, response_model=list[PlanView], tags=TAGS)
    async def sampling_plans(request: Request) -> Response:
        """Return the sampling plans with their last draws."""
        return shared.render.reply(request, await _plans(desk), "review/plan_list.html")


def _add_changes(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.post("/api/review/plans", PLAN, response_model=PlanView, status_code=201, tags=TAGS)
    async def write_plan(request: Request, body: WritePlan) -> Response:
        """Write a new plan; it draws by itself once it is active."""
        return await _keep(desk, request, new_id(), body, 201)

    @shared.guard.route("PUT", "/api/review/plans/{plan_id}", PLAN, response_model=PlanView, tags=TAGS)
    async def change_plan(request: Request, plan_id: PlanId, body: WritePlan) -> Response:
        """Change a plan in the version that was seen; draws that were made keep the old one."""
        if body.version == 0:
            raise HTTPException(409, "review.plan_changed")
        return await _keep(desk, request, plan_id, body, 200)


async def _keep(desk: ReviewDesk, request: Request, plan_id: str, body: WritePlan, status: int) -> Response:
    visitor, now = visitor_of(request), desk.shared.clock.now()
    plan = Plan(body.name.strip(), body.why, body.every, body.each, body.most, body.due_days, _search(body))
    by = visitor.staff.staff_id
    kept = await answered(
        desk.port.plans.keep(plan_id, plan, active=body.active, expected=body.version, by=by, now=now)
    )
    await desk.did(visitor, "review_plan_kept", f"plan:{plan_id}", version=str(kept.version))
    if request.headers.get("hx-request") == "true":
        return desk.shared.render.page(request, "review/plan_list.html", status, model=await _plans(desk))
    view = await _plan_view(desk, kept, await desk.port.people())
    return desk.shared.render.reply(request, view, "review/plan_list.html", status)


def _search(body: WritePlan) -> Mapping[str, str]:
    found = dict(body.search)
    for name in _FIELDS:
        value = getattr(body, name)
        text = value if isinstance(value, str) else ",".join(value)
        if text.strip():
            found[name] = text.strip()
    return found


def _add_draws(desk: ReviewDesk) -> None:
    shared = desk.shared

    @shared.guard.post("/api/review/plans/{plan_id}/draws", PLAN, response_model=DrawView, tags=TAGS)
    async def draw_plan(request: Request, plan_id: PlanId, body: DrawPlan) -> Response:
        """Draw for a period, once; again returns what was drawn then."""
        visitor, now = visitor_of(request), shared.clock.now()
        kept = next((one for one in await answered(desk.port.plans.all()) if one.plan_id == plan_id), None)
        if kept is None:
            raise HTTPException(404, "review.not_there")
        today = office_day(now)
        if body.day is not None and body.day > today:
            raise HTTPException(409, "review.not_yet")
        every = kept.plan.every
        if body.day is not None or every is Every.HAND:
            period = period_of(every, body.day or today)
        else:
            period = before(every, today)
        due_on = after(desk.port.calendar, today, kept.plan.due_days)
        drawn, new = await answered(
            desk.port.plans.draw(plan_id, period, due_on, visitor.staff.staff_id, now)
        )
        await desk.did(
            visitor, "review_plan_drawn", f"plan:{plan_id}", period=drawn.period, taken=str(drawn.taken)
        )
        if request.headers.get("hx-request") == "true":
            return shared.render.page(request, "review/plan_list.html", model=await _plans(desk))
        view = _draw_view(drawn, await desk.port.people(), new=new)
        return shared.render.reply(request, view, "review/plan_list.html")


async def _plans(desk: ReviewDesk) -> list[PlanView]:
    people = await desk.port.people()
    return [await _plan_view(desk, kept, people) for kept in await answered(desk.port.plans.all())]


async def _plan_view(desk: ReviewDesk, kept: KeptPlan, people: Names) -> PlanView:
    draws = await answered(desk.port.plans.draws(kept.plan_id, 5))
    plan = kept.plan
    return PlanView(
        plan_id=kept.plan_id,
        version=kept.version,
        active=kept.active,
        name=plan.name,
        why=plan.why,
        every=plan.every,
        each=plan.each,
        most=plan.most,
        due_days=plan.due_days,
        search=plan.search,
        changed_by=people.get(kept.changed_by, ""),
        changed_at=kept.changed_at,
        draws=[_draw_view(one, people) for one in draws],
    )


def _draw_view(drawn: Draw, people: Names, *, new: bool = False) -> DrawView:
    return DrawView(
        period=drawn.period,
        at=drawn.at,
        by="" if drawn.done_by == SYSTEM else people.get(drawn.done_by, ""),
        seed=drawn.seed,
        found=drawn.found,
        taken=drawn.taken,
        done=drawn.done,
        new=new,
    )
