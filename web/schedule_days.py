"""Views of schedules: a day of agents, days added up, one agent's days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from fastapi import HTTPException, Request

from reporting.adherence import Adherence
from reporting.formulas import FORMULAS
from reporting.schedule import Shift, on_day
from reporting.schedule_figures import sums
from web.guard import visitor_of
from web.schedule_models import (
    ExemptReasonRow,
    ScheduleActivityRow,
    ScheduleAgentView,
    ScheduleDayView,
    ScheduleRangeView,
    ShiftView,
)
from web.schedule_port import Agent, Agents, ScheduleDoor
from web.schedule_views import Scale, ScheduleWords, by_agent, share

LONGEST = 92  # days shown at once
_ONE = timedelta(days=1)


async def day_view(door: ScheduleDoor, request: Request, day: date, team: str) -> ScheduleDayView:
    """Return a day of the agents within reach. Raises HTTPException 403: another's team."""
    visitor, words = visitor_of(request), ScheduleWords(door, request)
    agents = await door.agents(visitor)
    team = door.team(visitor, team, agents)
    shown = [one for one in agents.all if not team or one.team == team]
    numbers = {one.number for one in shown}
    office, today = door.desk.on.office(day), door.today()
    book = door.desk.on.book
    shifts = _shown(await book.shifts(day - _ONE, day, numbers), day, day) if numbers else {}
    exempt = by_agent(await book.exempted(day, day, numbers)) if numbers else {}
    done = await _adherence(door, day, day, numbers)
    live, now, scale = door.live(), door.now(), Scale.around(shifts.values())
    views = []
    for agent in shown:
        shift = shifts.get((agent.number, day))
        if shift is None:
            continue
        away = exempt.get(agent.number, ())
        current = words.now(shift, live.get(agent.number), away, now) if day == today else None
        views.append(words.shift(day, agent, shift, done.get((agent.number, day)), scale, current))
    views.sort(key=lambda one: (one.now is None or one.now.adherent, one.team, one.agent))
    added = sums(done.values())
    return ScheduleDayView(
        day=day,
        previous=day - _ONE,
        following=day + _ONE,
        working=office.works,
        in_ramadan=office.in_ramadan,
        is_today=day == today,
        team=team,
        teams=list(agents.teams),
        hours=scale.marks(),
        shifts=views,
        without=[one.name for one in shown if (one.number, day) not in shifts],
        ats=share(added.ats),
        conformance=share(added.conformance),
        out_now=sum(one.now is not None and not one.now.adherent for one in views),
    )


def _shown(found: Sequence[Shift], first: date, last: date) -> Mapping[tuple[str, date], Shift]:
    """Return (agent, day) → what is scheduled on the day, the end of the shift before included; by day."""
    there = {(one.agent, one.day): one for one in found}
    keys = {(one.agent, day) for one in found for day in (one.day, one.day + _ONE) if first <= day <= last}
    joined = {
        (agent, day): on_day(day, there.get((agent, day)), there.get((agent, day - _ONE)))
        for agent, day in sorted(keys, key=lambda one: (one[1], one[0]))
    }
    return {key: shift for key, shift in joined.items() if shift is not None}


async def _adherence(
    door: ScheduleDoor, first: date, last: date, numbers: set[str]
) -> Mapping[tuple[str, date], Adherence]:
    """Return (agent, day) → adherence; today's from what is kept for some seconds."""
    today = door.today()
    if not numbers or first > today:
        return {}
    if first == last == today:
        kept = await door.port.today.of_today()
        return {(one.agent, today): one for one in kept.values() if one.agent in numbers}
    found = await door.desk.on.adherence.of(first, last, numbers)
    return {(one.agent, one.day): one for one in found}


def span(door: ScheduleDoor, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days asked for; by default the week up to today. Raises HTTPException 422."""
    until = last or door.today()
    since = first or until - 6 * _ONE
    if since > until:
        raise HTTPException(422, "schedules.ends_before")
    if (until - since).days >= LONGEST:
        raise HTTPException(422, "schedules.too_many_days")
    return since, until


async def range_view(
    door: ScheduleDoor, request: Request, first: date, last: date, team: str
) -> ScheduleRangeView:
    """Return days added up. Raises HTTPException 403: another's team."""
    visitor, words = visitor_of(request), ScheduleWords(door, request)
    agents = await door.agents(visitor)
    team = door.team(visitor, team, agents)
    numbers = {one.number for one in agents.all if not team or one.team == team}
    done = list((await _adherence(door, first, last, numbers)).values())
    total, by_day, by_number = sums(done), dict[date, list[Adherence]](), dict[str, list[Adherence]]()
    for one in done:
        by_day.setdefault(one.day, []).append(one)
        by_number.setdefault(one.agent, []).append(one)
    return ScheduleRangeView(
        first=first,
        last=last,
        team=team,
        teams=list(agents.teams),
        total=words.row("", total),
        by_day=[words.row(day.isoformat(), sums(by_day[day])) for day in sorted(by_day)],
        by_agent=[
            words.row(agent.name, sums(by_number[agent.number]), agent.staff_id)
            for agent in agents.all
            if agent.number in by_number
        ],
        by_reason=[
            ExemptReasonRow(reason=code, words=words.reason(code), ms=ms)
            for code, ms in sorted(total.by_reason.items(), key=lambda one: -one[1])
        ],
        by_activity=[
            ScheduleActivityRow(
                activity=code,
                words=words.activity(code, last),
                ats=share(FORMULAS["ats"].of(counts)),
            )
            for code, counts in sorted(total.by_activity.items(), key=lambda one: -one[1].scheduled_ms)
        ],
    )


async def agent_view(
    door: ScheduleDoor, request: Request, agent: Agent, agents: Agents, first: date, last: date
) -> ScheduleAgentView:
    """Return an agent's days."""
    words, book, mine = ScheduleWords(door, request), door.desk.on.book, {agent.number}
    shifts = list(_shown(await book.shifts(first - _ONE, last, mine), first, last).values())
    done = await _adherence(door, first, min(last, door.today()), mine)
    exempt = await book.exempted(first, last, mine, ended=True)
    scale, now, today = Scale.around(shifts), door.now(), door.today()

    def one(shift: Shift) -> ShiftView:
        away = by_agent(exempt).get(agent.number, ())
        current = None
        if shift.day == today:
            current = words.now(shift, door.live().get(agent.number), away, now)
        return words.shift(shift.day, agent, shift, done.get((agent.number, shift.day)), scale, current)

    return ScheduleAgentView(
        agent=agent.name,
        staff_id=agent.staff_id,
        team=agent.team,
        first=first,
        last=last,
        hours=scale.marks(),
        shifts=[one(shift) for shift in shifts],
        total=words.row("", sums(done.values())),
        exceptions=[words.exempt(row, agents) for row in exempt],
        changes=[words.change(row, agents) for row in await book.changes(agent.number, first, last)],
    )
