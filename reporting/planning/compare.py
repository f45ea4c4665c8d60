"""A plan with one or two numbers changed, beside itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reporting.planning.making import changed, check_change
from reporting.planning.plans import SLOT, Plan, PlanRefused, SlotPlan
from reporting.planning.staffing import check_reachable, interval, load_of, pool, remaining
from reporting.planning.what_if import Change, Column, WhatIf

MOST_CHANGES = 2


def what_if(plan: Plan, changes: Sequence[Change]) -> WhatIf:
    """Return the plan as it is, under each change alone and under both. Raises PlanRefused."""
    if not 1 <= len(changes) <= MOST_CHANGES:
        raise PlanRefused("changes", "changes")
    if len({one.name for one in changes}) != len(changes):
        raise PlanRefused("twice", "changes")
    for one in changes:
        check_change(one)
    sets = [(), *((one,) for one in changes), *([tuple(changes)] if len(changes) > 1 else [])]
    return WhatIf(tuple(_column(plan, one) for one in sets))


@dataclass(slots=True)
class _Sum:
    """Calls, and what became of them; agents' seconds with calls and all of them."""

    calls: float = 0.0
    in_time: float = 0.0
    abandoned: float = 0.0
    busy: float = 0.0
    there: float = 0.0

    def add(self, calls: float, level: float, abandoned: float, occupancy: float, agents: int) -> None:
        self.calls += calls
        self.in_time += calls * level
        self.abandoned += calls * abandoned
        self.busy += occupancy * agents
        self.there += agents

    def shares(self) -> tuple[float, float, float]:
        """Return level, abandonment and occupancy."""
        calls = self.calls or 1.0
        return self.in_time / calls, self.abandoned / calls, self.busy / (self.there or 1.0)


def _column(plan: Plan, changes: tuple[Change, ...]) -> Column:
    asked = changed(plan.asked, changes)
    values = {one.name: one.value for one in changes}
    given = replace(plan.given, patience=values.get("patience", plan.given.patience))
    check_reachable(asked.target, given)
    more = asked.volume / plan.asked.volume
    longer = values.get("handle", plan.given.handle) / plan.given.handle
    slots, new, kept = [], _Sum(), _Sum()
    for was in (slot for day in plan.days for slot in day.slots):
        load = load_of(was.calls * more, was.handle * longer, given)
        now = interval(was.minute, load, asked.target, asked.shrinkage) if changes else was
        slots.append(now)
        new.add(now.calls, now.level, now.abandoned, now.occupancy, now.agents)
        there = remaining(was.scheduled, asked.shrinkage)
        found = pool(load, there, asked.target)
        kept.add(load.calls, found.service_level, found.abandoned, found.occupancy, there)
    return Column(
        changes,
        new.calls,
        _hours([slot.agents for slot in slots]),
        _hours([slot.scheduled for slot in slots]),
        _peak(slots),
        *new.shares(),
        *kept.shares(),
    )


def _hours(agents: Sequence[int]) -> float:
    return sum(agents) * SLOT / 60


def _peak(slots: Sequence[SlotPlan]) -> int:
    return max((slot.agents for slot in slots), default=0)
