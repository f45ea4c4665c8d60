"""Schedules seen: a day of a team with who does what now, some days added up, one agent's days."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request, Response

from web.appeal_models import HexId
from web.days import DayOrNothing
from web.offline_routes import add_offline_routes
from web.parts import Shared
from web.permissions import Permission
from web.schedule_days import agent_view, day_view, range_view, span
from web.schedule_models import (
    ScheduleAgentView,
    ScheduleDayView,
    ScheduleRangeView,
)
from web.schedule_plan_routes import add_plan_routes, plan_choices
from web.schedule_port import ScheduleDoor, SchedulePort
from web.schedule_refusals import add_schedule_refusals

TAGS = ["schedules"]
_ONE = timedelta(days=1)
_Team = Annotated[str, Query(max_length=64)]


def add_schedule_routes(shared: Shared, port: SchedulePort) -> None:
    """Add the routes."""
    door = ScheduleDoor(shared, port)
    add_schedule_refusals(shared)
    _add_day(door)
    _add_range(door)
    _add_agent(door)
    add_plan_routes(door)
    add_offline_routes(door)


def _add_day(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/schedules", Permission.SCHEDULE_VIEW, response_model=ScheduleDayView, tags=TAGS)
    async def schedule_day(request: Request, day: DayOrNothing = None, team: _Team = "") -> Response:
        """Return a day of the agents within reach: shifts, adherence so far, and what they do now."""
        model = await day_view(door, request, day or door.today(), team)
        return shared.render.reply(request, model, "schedules/day.html")

    @shared.guard.get("/jadwal", Permission.SCHEDULE_VIEW, include_in_schema=False)
    async def schedule_page(request: Request, day: DayOrNothing = None, team: _Team = "") -> Response:
        """Show a day."""
        model = await day_view(door, request, day or door.today(), team)
        return shared.render.page(request, "schedules/page.html", model=model)


def _add_range(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/schedules/range", Permission.SCHEDULE_VIEW, response_model=ScheduleRangeView, tags=TAGS
    )
    async def schedule_range(
        request: Request, first: DayOrNothing = None, last: DayOrNothing = None, team: _Team = ""
    ) -> Response:
        """Return days added up: by day, by agent, by reason of exceptions, by activity."""
        model = await range_view(door, request, *span(door, first, last), team)
        return shared.render.reply(request, model, "schedules/range.html")

    @shared.guard.get("/jadwal/rekap", Permission.SCHEDULE_VIEW, include_in_schema=False)
    async def range_page(
        request: Request, first: DayOrNothing = None, last: DayOrNothing = None, team: _Team = ""
    ) -> Response:
        """Show them."""
        model = await range_view(door, request, *span(door, first, last), team)
        return shared.render.page(request, "schedules/range_page.html", model=model)


def _add_agent(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/schedules/agents/{staff_id}",
        Permission.SCHEDULE_VIEW,
        response_model=ScheduleAgentView,
        tags=TAGS,
    )
    async def schedule_agent(
        request: Request, staff_id: HexId, first: DayOrNothing = None, last: DayOrNothing = None
    ) -> Response:
        """Return an agent's days with exceptions and every change; 404 beyond the visitor's reach."""
        agent, agents = await door.agent(request, staff_id)
        model = await agent_view(door, request, agent, agents, *span(door, first, last))
        return shared.render.reply(request, model, "schedules/agent.html", **plan_choices(door, request))

    @shared.guard.get("/jadwal/agen/{staff_id}", Permission.SCHEDULE_VIEW, include_in_schema=False)
    async def agent_page(
        request: Request, staff_id: HexId, first: DayOrNothing = None, last: DayOrNothing = None
    ) -> Response:
        """Show them."""
        agent, agents = await door.agent(request, staff_id)
        until = last or door.today() + 7 * _ONE
        model = await agent_view(door, request, agent, agents, *span(door, first or until - 14 * _ONE, until))
        choices = plan_choices(door, request)
        return shared.render.page(request, "schedules/agent_page.html", model=model, **choices)
