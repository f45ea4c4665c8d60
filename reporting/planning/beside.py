"""What a planner asks of a plan beside the schedule, and what must be known to read the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reporting.planning.cover import CoverDay
from reporting.planning.plans import Plan, PlanRefused
from reporting.planning.ports import Planner, Rosters

MOST_DAYS = 31  # of a plan, set beside the schedule at once
WEEK = 7


@dataclass(frozen=True, slots=True)
class AskedCover:
    """Which days of a plan, and of whom."""

    first: date
    last: date
    queue: str = ""  # its share of the calls, and who may take them; empty: the whole plan
    team: str = ""  # counted beside everybody; empty: none


@dataclass(frozen=True, slots=True)
class Covered:
    """Days of a plan beside the schedule. `notes`: words of the catalogue, what is not known."""

    days: Sequence[CoverDay]
    notes: tuple[str, ...]


def proposed(plan: Plan, today: date) -> tuple[date, date]:
    """Return the days to look at first: a week of the plan from today on, or from its beginning."""
    days = [one.day for one in plan.days]
    coming = [day for day in days if day >= today] or days
    week = [day for day in coming if (day - coming[0]).days < WEEK]
    return week[0], week[-1]


async def beside(plan: Plan, asked: AskedCover, rosters: Rosters, planner: Planner) -> Covered:
    """Set days of a plan beside the schedule. Raises PlanRefused, PlansUnavailable."""
    if asked.last < asked.first:
        raise PlanRefused("order", "last")
    if (asked.last - asked.first).days >= MOST_DAYS:
        raise PlanRefused("cover_longest", "last")
    days = [one for one in plan.days if asked.first <= one.day <= asked.last]
    if not days:
        raise PlanRefused("not_planned", "first")
    queues = (asked.queue,) if asked.queue else plan.asked.queues
    there = await rosters.of(days, queues, asked.team)
    found = await planner.cover(plan, there.days, asked.queue)
    notes = {
        "no_shifts": any(not one.shifts for one in found),
        "no_skills": not there.skilled,
        "skills_now": bool(queues) and there.skilled,
        "queue_alone": bool(asked.queue),
        "pool": not asked.queue,
        "team": bool(asked.team),
        "outgoing": any(slot.outgoing for one in found for slot in one.slots),
    }
    return Covered(found, tuple(word for word, told in notes.items() if told))
