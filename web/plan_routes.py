"""The planner `/perencana`: forecasts, agents needed, the simulator, what-ifs, kept plans."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

from fastapi import HTTPException, Request, Response

from desk.working_days import office_day
from domain.ids import new_id
from reporting.planning.plans import KeptPlan, PlanRefused, PlansUnavailable, SlotPlan
from reporting.planning.simulated import Simulated
from reporting.reports_numbers import Said
from web.card_words import CardWords
from web.days import Day
from web.field_refused import field_refused
from web.guard import visitor_of
from web.list_models import SheetForm
from web.list_sheets import FILE_ANSWER, Row, sheet_answer
from web.parts import Shared
from web.plan_cover_routes import add_cover_routes, choices
from web.plan_desk import TAGS, WORK, PlanDesk, answered
from web.plan_models import (
    ChangeNumbers,
    KeepPlan,
    MakePlan,
    PlanDayView,
    PlanId,
    PlanRowView,
    PlanView,
    SimulateDay,
    WhatIfView,
)
from web.plan_port import PlanPort
from web.plan_views import clock, day_view

_NEXT = 28  # days that the form proposes
_COLUMNS = ("day", "begins", "calls", "handle", "agents", "agents_c", "roster", "level", "abandoned", "wait")


def add_plan_routes(shared: Shared, port: PlanPort) -> None:
    """Add the pages and what they ask for."""
    desk = PlanDesk(shared, port)
    _add_list(desk)
    _add_making(desk)
    _add_one(desk)
    _add_changes(desk)
    add_cover_routes(desk)
    _add_questions(desk)
    _add_file(desk)


def _add_list(desk: PlanDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/perencana", WORK, include_in_schema=False)
    async def plans_page(request: Request) -> Response:
        today = office_day(shared.clock.now())
        table = desk.port.table.on(today)
        cards = CardWords(shared.render.texts, shared.render.language(request))
        return shared.render.page(
            request,
            "plans/page.html",
            model=await desk.rows(request),
            table=table,
            first=today + timedelta(days=1),
            last=today + timedelta(days=_NEXT),
            queues=[(queue, cards.queue(queue)) for queue in desk.port.queues()],
            words=desk.words(request),
        )

    @shared.guard.get("/api/plans", WORK, response_model=list[PlanRowView], tags=TAGS)
    async def list_plans(request: Request) -> Response:
        """Return kept plans and one's own drafts, newest first."""
        rows = await desk.rows(request)
        return shared.render.reply(request, rows, "plans/list.html", words=desk.words(request))


def _add_making(desk: PlanDesk) -> None:
    shared = desk.shared

    @shared.guard.post("/api/plans", WORK, response_model=PlanView, status_code=201, tags=TAGS)
    async def make_plan(request: Request, body: MakePlan) -> Response:
        """Forecast, and say how many agents are needed; a draft until it is kept."""
        plan = await answered(desk.port.planner.make(body.asked()))
        plan_id, by = new_id(), visitor_of(request).staff.staff_id
        await answered(desk.port.plans.add(plan_id, plan, by, shared.clock.now()))
        await desk.did(request, "plan_made", plan_id, first=f"{body.first}", last=f"{body.last}")
        if request.headers.get("hx-request") == "true":
            return Response(status_code=204, headers={"HX-Redirect": f"/perencana/{plan_id}"})
        view = await desk.view(await desk.kept(plan_id))
        return shared.render.reply(request, view, "plans/one.html", 201)


def _add_one(desk: PlanDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/perencana/{plan_id}", WORK, include_in_schema=False)
    async def plan_page(request: Request, plan_id: PlanId) -> Response:
        kept = await desk.kept(plan_id)
        model, words = await desk.view(kept), desk.words(request)
        busiest = max(model.days, key=lambda one: one.peak)
        day = day_view(kept, busiest.day)
        return shared.render.page(
            request,
            "plans/one_page.html",
            model=model,
            words=words,
            day=day,
            clock=clock,
            **choices(desk, kept, office_day(shared.clock.now())),
        )

    @shared.guard.get("/api/plans/{plan_id}", WORK, response_model=PlanView, tags=TAGS)
    async def show_plan(request: Request, plan_id: PlanId) -> Response:
        """Return a plan: its days, and how good forecasts would have been."""
        model = await desk.view(await desk.kept(plan_id))
        return shared.render.reply(request, model, "plans/one.html", words=desk.words(request), clock=clock)

    @shared.guard.get("/api/plans/{plan_id}/days/{day}", WORK, response_model=PlanDayView, tags=TAGS)
    async def show_plan_day(request: Request, plan_id: PlanId, day: Day) -> Response:
        """Return the half hours of a day."""
        model = _found(await desk.kept(plan_id), day)
        return shared.render.reply(request, model, "plans/day.html", words=desk.words(request), clock=clock)


def _found(kept: KeptPlan, day: date) -> PlanDayView:
    found = day_view(kept, day)
    if found is None:
        raise HTTPException(404, "plans_refused.not_planned")
    return found


def _add_changes(desk: PlanDesk) -> None:
    shared, plans = desk.shared, desk.port.plans

    @shared.guard.post("/api/plans/{plan_id}/keep", WORK, response_model=PlanView, tags=TAGS)
    async def keep_plan(request: Request, plan_id: PlanId, body: KeepPlan) -> Response:
        """Keep a draft under a name; it never changes any more."""
        by = visitor_of(request).staff.staff_id
        await desk.kept(plan_id)
        kept = await answered(plans.keep(plan_id, body.name.strip(), by, shared.clock.now()))
        await desk.did(request, "plan_kept", plan_id)
        answer = shared.render.reply(
            request, await desk.view(kept), "plans/one.html", words=desk.words(request), clock=clock
        )
        answer.headers["HX-Redirect"] = f"/perencana/{plan_id}"
        return answer

    @shared.guard.post("/api/plans/{plan_id}/put-away", WORK, status_code=204, tags=TAGS)
    async def put_plan_away(request: Request, plan_id: PlanId) -> Response:
        """Take a kept plan out of the list; it stays on record."""
        if (await desk.kept(plan_id)).kept_at is None:
            raise HTTPException(409, "plans.only_kept")
        await answered(plans.put_away(plan_id, visitor_of(request).staff.staff_id, shared.clock.now()))
        await desk.did(request, "plan_put_away", plan_id)
        return Response(status_code=204, headers={"HX-Redirect": "/perencana"})


def _add_questions(desk: PlanDesk) -> None:
    shared, planner = desk.shared, desk.port.planner

    @shared.guard.post("/api/plans/{plan_id}/what-if", WORK, response_model=WhatIfView, tags=TAGS)
    async def what_if_plan(request: Request, plan_id: PlanId, body: ChangeNumbers) -> Response:
        """Return the plan beside itself with one or two numbers changed."""
        if (body.other is None) != (body.other_value is None):
            raise field_refused("other_value" if body.other else "other", "plans_refused.both")
        if body.other == body.name:
            raise field_refused("other", "plans_refused.twice")
        kept = await desk.kept(plan_id)
        try:
            found = await planner.what_if(kept.plan, body.changes())
        except PlanRefused as error:
            field = "other_value" if error.field == body.other else "value"
            raise field_refused(field, f"plans_refused.{error.word}") from error
        except PlansUnavailable as error:
            raise HTTPException(503, "plans.unavailable") from error
        model = WhatIfView(plan_id=plan_id, columns=list(found.columns))
        return shared.render.reply(request, model, "plans/what_if.html", words=desk.words(request))

    @shared.guard.post("/api/plans/{plan_id}/simulate", WORK, response_model=Simulated, tags=TAGS)
    async def simulate_plan(request: Request, plan_id: PlanId, body: SimulateDay) -> Response:
        """Play a day several times through the matcher, with the skills and rings in force."""
        kept = await desk.kept(plan_id)
        day = _found(kept, body.day)
        found = await answered(planner.simulate(kept.plan, body.day))
        await desk.did(request, "plan_simulated", plan_id, day=f"{body.day}")
        cards = CardWords(shared.render.texts, shared.render.language(request))
        return shared.render.reply(
            request,
            found,
            "plans/simulated.html",
            words=desk.words(request),
            clock=clock,
            day=day.day,
            target=kept.plan.asked.target,
            queue=cards.queue,
        )


def _add_file(desk: PlanDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/api/plans/{plan_id}/file", WORK, response_class=Response, responses=FILE_ANSWER, tags=TAGS
    )
    async def plan_file(request: Request, plan_id: PlanId, form: SheetForm = "csv") -> Response:
        """Return one row for each half hour. Times are WIB."""
        kept, words = await desk.kept(plan_id), desk.words(request)
        await desk.did(request, "plan_downloaded", plan_id, form=form)
        header = [words.say(f"plans_column.{name}") for name in _COLUMNS]

        async def batches() -> AsyncIterator[Sequence[Row]]:
            for day in kept.plan.days:
                yield [_row(day.day, slot, words.said) for slot in day.slots]

        name = f"rencana-{kept.plan.asked.first}-{kept.plan.asked.last}"
        return await sheet_answer(form, name, desk.port.work, header, batches())


def _row(day: date, slot: SlotPlan, said: Said) -> Row:
    return [
        f"{day:%d.%m.%Y}",
        clock(slot.minute),
        said.number(slot.calls, 1),
        said.number(slot.handle, 1),
        str(slot.agents),
        str(slot.agents_c),
        str(slot.scheduled),
        said.share(slot.level),
        said.share(slot.abandoned),
        said.number(slot.wait, 1),
    ]
