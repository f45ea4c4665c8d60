"""A plan beside the schedule: agents required, scheduled, short and over, and the level to expect."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response

from desk.working_days import office_day
from reporting.planning.beside import AskedCover, beside, proposed
from reporting.planning.plans import KeptPlan
from web.days import Day, DayOrNothing
from web.plan_cover_models import CoverDayView, CoverView
from web.plan_desk import TAGS, WORK, PlanDesk, answered
from web.plan_models import QUEUE_OR_NOTHING, PlanId
from web.plan_views import clock

_Queue = Annotated[str, Query(pattern=QUEUE_OR_NOTHING, description="Its share of the calls alone")]
_Team = Annotated[str, Query(max_length=64, description="Counted beside everybody")]


def add_cover_routes(desk: PlanDesk) -> None:
    """Add the routes."""
    shared = desk.shared

    @shared.guard.get("/api/plans/{plan_id}/cover", WORK, response_model=CoverView, tags=TAGS)
    async def cover_plan(
        request: Request,
        plan_id: PlanId,
        first: DayOrNothing = None,
        last: DayOrNothing = None,
        queue: _Queue = "",
        team: _Team = "",
    ) -> Response:
        """Return days of a plan beside the schedule; without days a week of it, from today on."""
        kept = await desk.kept(plan_id)
        start, end = proposed(kept.plan, office_day(shared.clock.now()))
        asked = AskedCover(first or start, last or (first or end), queue, team)
        return _reply(desk, request, await _covered(desk, kept, asked), "plans/cover.html")

    @shared.guard.get("/api/plans/{plan_id}/cover/{day}", WORK, response_model=CoverDayView, tags=TAGS)
    async def cover_plan_day(
        request: Request, plan_id: PlanId, day: Day, queue: _Queue = "", team: _Team = ""
    ) -> Response:
        """Return the intervals of one day beside the schedule."""
        found = await _covered(desk, await desk.kept(plan_id), AskedCover(day, day, queue, team))
        return _reply(desk, request, found.days[0], "plans/cover_day.html")


async def _covered(desk: PlanDesk, kept: KeptPlan, asked: AskedCover) -> CoverView:
    found = await answered(beside(kept.plan, asked, desk.port.rosters, desk.port.planner))
    level = kept.plan.asked.target.level
    return CoverView.of(kept.plan_id, level, found, asked.queue, asked.team)


def _reply(desk: PlanDesk, request: Request, model: CoverView | CoverDayView, piece: str) -> Response:
    return desk.shared.render.reply(request, model, piece, words=desk.words(request), clock=clock)


def choices(desk: PlanDesk, kept: KeptPlan, today: date) -> dict[str, Any]:
    """Return what the form on a plan's page offers: days, queues with a known share, teams."""
    first, last = proposed(kept.plan, today)
    queues = sorted(queue for queue, share in kept.plan.mix.items() if share > 0)
    return {
        "cover_first": first,
        "cover_last": last,
        "cover_queues": queues,
        "teams": desk.port.rosters.teams(),
    }
