"""Agents on the schedule beside agents required, by the interval of a plan. Pure.

Three numbers stand side by side. `needed` takes calls at once (Erlang A); `required` is that with the plan's
shrinkage; `rostered` is who is scheduled for incoming calls, breaks, prayers and exceptions taken out. The
difference is `rostered` less `required`: it keeps room for what no schedule knows, such as sickness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reporting.planning.plans import SLOT, DayPlan, Plan, PlanRefused, SlotPlan
from reporting.planning.roster import DayRoster, RosterSlot
from reporting.planning.staffing import Load, interval, load_of, pool

Word = Literal["short", "thin", "even", "over"]
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class CoverSlot:
    """An interval. Agents are means over its minutes; shares are of all callers."""

    minute: int  # from midnight, WIB
    calls: float
    needed: int  # with calls, by Erlang A
    required: int  # on the roster, with shrinkage
    rostered: float  # scheduled for incoming calls
    on_shift: float  # of all on shift, breaks included, exceptions not
    outgoing: float  # of these: scheduled for outbound calls
    of_team: float | None  # of `rostered`: one team's; None: no team was asked for
    level: float  # expected with `rostered`, by Erlang A, as the next
    abandoned: float

    @property
    def difference(self) -> float:
        """Agents over what is required; below 0: short."""
        return self.rostered - self.required

    @property
    def word(self) -> Word:
        """What that is: short (not even the calls), thin (the calls, not the shrinkage), even, over."""
        if self.rostered < self.needed - _TINY:
            return "short"
        if self.difference < -_TINY:
            return "thin"
        return "over" if self.difference > _TINY else "even"


@dataclass(frozen=True, slots=True)
class CoverDay:
    """A day of the plan. Hours are agents' hours."""

    day: date
    shifts: int  # agents of whom something is scheduled on the day
    slots: tuple[CoverSlot, ...]

    @property
    def required(self) -> float:
        """Hours required on the roster."""
        return _hours(slot.required for slot in self.slots)

    @property
    def rostered(self) -> float:
        """Hours scheduled for incoming calls while the line is open."""
        return _hours(slot.rostered for slot in self.slots)

    @property
    def short(self) -> float:
        """Hours short of what is required, in the intervals that are short."""
        return _hours(max(0.0, -slot.difference) for slot in self.slots)

    @property
    def over(self) -> float:
        """Hours over what is required, in the intervals that are over."""
        return _hours(max(0.0, slot.difference) for slot in self.slots)

    @property
    def short_of_calls(self) -> float:
        """Hours short of what the calls alone need."""
        return _hours(max(0.0, slot.needed - slot.rostered) for slot in self.slots)

    @property
    def level(self) -> float:
        """Service level expected, of all callers of the day."""
        return self._of_callers([slot.level for slot in self.slots])

    @property
    def abandoned(self) -> float:
        """Share of the day's callers who give up."""
        return self._of_callers([slot.abandoned for slot in self.slots])

    def _of_callers(self, shares: Sequence[float]) -> float:
        calls = sum(slot.calls for slot in self.slots) or 1.0
        return sum(slot.calls * share for slot, share in zip(self.slots, shares, strict=True)) / calls


def cover(plan: Plan, rosters: Sequence[DayRoster], queue: str = "") -> tuple[CoverDay, ...]:
    """Return the plan's days that have a roster, beside it. Raises PlanRefused: the queue is not in the plan.

    With a queue, what is needed is reckoned anew for its share of the calls, as if nobody else rang.
    """
    there = {one.day: one for one in rosters}
    share = _share(plan, queue) if queue else 1.0
    return tuple(_day(plan, day, there[day.day], share) for day in plan.days if day.day in there)


def _day(plan: Plan, day: DayPlan, there: DayRoster, share: float) -> CoverDay:
    slots = zip(day.slots, there.slots, strict=True)
    return CoverDay(day.day, there.shifts, tuple(_slot(plan, slot, one, share) for slot, one in slots))


def _share(plan: Plan, queue: str) -> float:
    found = plan.mix.get(queue, 0.0)
    if found <= 0.0:
        raise PlanRefused("no_share", "queue")
    return found


def _slot(plan: Plan, planned: SlotPlan, there: RosterSlot, share: float) -> CoverSlot:
    load = load_of(planned.calls * share, planned.handle, plan.given)
    if share != 1.0:
        planned = interval(planned.minute, load, plan.asked.target, plan.asked.shrinkage)
    level, abandoned = _expected(plan, load, there)
    return CoverSlot(
        planned.minute,
        planned.calls,
        planned.agents,
        planned.scheduled,
        there.rostered,
        there.on_shift,
        there.outgoing,
        there.of_team,
        level,
        abandoned,
    )


def _expected(plan: Plan, load: Load, there: RosterSlot) -> tuple[float, float]:
    """Return level and abandonment: each number of agents counts by the minutes it is there."""
    level = abandoned = 0.0
    for agents, minutes in there.staffed:
        found = pool(load, agents, plan.asked.target)
        level += found.service_level * minutes / SLOT
        abandoned += found.abandoned * minutes / SLOT
    return level, abandoned


def _hours(agents: Iterable[float]) -> float:
    return sum(agents) * SLOT / 60
