"""A plan beside the schedule, as the API gives it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from reporting.planning.beside import Covered
from reporting.planning.cover import CoverDay, CoverSlot, Word


class CoverSlotView(BaseModel):
    """An interval. Agents are means over its minutes; shares are of all callers, 0 to 1."""

    minute: int  # from midnight, WIB
    calls: float
    needed: int  # with calls, by Erlang A
    required: int  # on the roster, with shrinkage
    rostered: float  # scheduled for incoming calls
    difference: float  # rostered less required
    word: Word
    on_shift: float
    outgoing: float
    of_team: float | None  # of `rostered`; None: no team was asked for
    level: float
    abandoned: float

    @classmethod
    def of(cls, one: CoverSlot) -> CoverSlotView:
        """Return an interval."""
        return cls(
            minute=one.minute,
            calls=one.calls,
            needed=one.needed,
            required=one.required,
            rostered=one.rostered,
            difference=one.difference,
            word=one.word,
            on_shift=one.on_shift,
            outgoing=one.outgoing,
            of_team=one.of_team,
            level=one.level,
            abandoned=one.abandoned,
        )


class CoverDayView(BaseModel):
    """A day. Hours are agents' hours."""

    plan_id: str
    day: date
    queue: str
    team: str
    shifts: int  # agents of whom something is scheduled
    required_hours: float
    rostered_hours: float
    short_hours: float
    over_hours: float
    short_of_calls_hours: float
    level: float
    abandoned: float
    slots: list[CoverSlotView]

    @classmethod
    def of(cls, plan_id: str, one: CoverDay, queue: str, team: str) -> CoverDayView:
        """Return a day."""
        return cls(
            plan_id=plan_id,
            day=one.day,
            queue=queue,
            team=team,
            shifts=one.shifts,
            required_hours=one.required,
            rostered_hours=one.rostered,
            short_hours=one.short,
            over_hours=one.over,
            short_of_calls_hours=one.short_of_calls,
            level=one.level,
            abandoned=one.abandoned,
            slots=[CoverSlotView.of(slot) for slot in one.slots],
        )


class CoverView(BaseModel):
    """Days of a plan beside the schedule."""

    plan_id: str
    first: date
    last: date
    queue: str  # its share of the calls, and who may take them; empty: the whole plan
    team: str  # counted beside everybody; empty: none
    target: float  # the service level the plan aims at
    short_hours: float
    over_hours: float
    level: float  # expected, of all callers of these days
    days: list[CoverDayView]
    notes: list[str]  # words of the catalogue: what is not known

    @property
    def worst(self) -> CoverDayView:
        """The day that is short of most hours."""
        return max(self.days, key=lambda one: one.short_hours)

    @classmethod
    def of(cls, plan_id: str, target: float, found: Covered, queue: str, team: str) -> CoverView:
        """Return the days."""
        days = [CoverDayView.of(plan_id, one, queue, team) for one in found.days]
        calls = [sum(slot.calls for slot in one.slots) for one in days]
        level = sum(one.level * came for one, came in zip(days, calls, strict=True)) / (sum(calls) or 1.0)
        return cls(
            plan_id=plan_id,
            first=days[0].day,
            last=days[-1].day,
            queue=queue,
            team=team,
            target=target,
            short_hours=sum(one.short_hours for one in days),
            over_hours=sum(one.over_hours for one in days),
            level=level,
            days=days,
            notes=list(found.notes),
        )
