"""Sampling plans: which recordings a reviewer is given. Pure; the same seed draws the same ones again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Why(StrEnum):
    """By what recordings are chosen."""

    RANDOM = "random"  # so many of every agent, by chance
    LONGEST = "longest"
    TRANSFERS = "transfers"  # calls that were given on, by chance
    NEW_AGENTS = "new_agents"  # calls of who was new then, so many of each, by chance
    COMPLAINTS = "complaints"  # calls in which somebody complained, by chance


class Every(StrEnum):
    """How often a plan draws; a batch is half a month."""

    DAY = "day"
    WEEK = "week"
    BATCH = "batch"
    MONTH = "month"
    HAND = "hand"  # only when somebody asks; the period is a day


@dataclass(frozen=True, slots=True)
class Plan:
    """A sampling plan."""

    name: str
    why: Why = Why.RANDOM
    every: Every = Every.WEEK
    each: int = 2  # of each agent; 0: as many as there are
    most: int = 200  # in all
    due_days: int = 5  # working days until it is to be done
    search: Mapping[str, str] = field(default_factory=dict)  # `finding_text`; without days


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording that may be drawn: heard, of this period, neither scored nor on any list."""

    place: int
    agent: str  # staff number
    seconds: int


@dataclass(frozen=True, slots=True)
class Period:
    """What a draw covers. Both days included, in Western Indonesian Time."""

    name: str  # 2026-11-22, 2026-W47, 2026-11-a, 2026-11
    first: date
    last: date


class PlanRefused(Exception):
    """A plan cannot be kept so. `field` and `problem` are words."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.field = name
        self.problem = problem


MOST_EACH, MOST_IN_ALL, LONGEST_NAME, LONGEST_DUE = 50, 2000, 80, 60


def check(plan: Plan) -> None:
    """Raise PlanRefused for what is wrong."""
    if not plan.name.strip():
        raise PlanRefused("name", "missing")
    if len(plan.name) > LONGEST_NAME:
        raise PlanRefused("name", "too_long")
    for name, value, least, most in (
        ("each", plan.each, 0, MOST_EACH),
        ("most", plan.most, 1, MOST_IN_ALL),
        ("due_days", plan.due_days, 1, LONGEST_DUE),
    ):
        if not least <= value <= most:
            raise PlanRefused(name, "out_of_range")


def period_of(every: Every, day: date) -> Period:
    """Return the period in which a day is."""
    match every:
        case Every.WEEK:
            first = day - timedelta(days=day.weekday())
            year, week, _ = day.isocalendar()
            return Period(f"{year}-W{week:02}", first, first + timedelta(days=6))
        case Every.BATCH:
            if day.day <= 15:
                return Period(f"{day:%Y-%m}-a", day.replace(day=1), day.replace(day=15))
            return Period(f"{day:%Y-%m}-b", day.replace(day=16), _month_end(day))
        case Every.MONTH:
            return Period(f"{day:%Y-%m}", day.replace(day=1), _month_end(day))
    return Period(day.isoformat(), day, day)


def before(every: Every, day: date) -> Period:
    """Return the last period that is over on a day."""
    return period_of(every, period_of(every, day).first - timedelta(days=1))


def draw(candidates: Iterable[Candidate], plan: Plan, seed: str) -> Sequence[Candidate]:
    """Return what is drawn, in the order of places.

    Chance comes from the seed, the agent and the places alone: what is recorded of a draw repeats it. Where
    more is found than may be taken in all, agents take turns, so that nobody is left out for others.
    """
    groups: dict[str, list[Candidate]] = {}
    for one in sorted(candidates, key=lambda one: one.place):
        groups.setdefault(one.agent, []).append(one)
    turns: list[tuple[int, float, Candidate]] = []
    for agent, found in groups.items():
        chance = random.Random(f"{seed}/{agent}")
        order = list(found)
        chance.shuffle(order)
        if plan.why is Why.LONGEST:
            order.sort(key=lambda one: -one.seconds)
        for turn, one in enumerate(order[: plan.each or None]):
            first = -float(one.seconds) if plan.why is Why.LONGEST and not plan.each else chance.random()
            turns.append((0 if plan.why is Why.LONGEST and not plan.each else turn, first, one))
    taken = sorted(turns, key=lambda one: (one[0], one[1], one[2].place))[: plan.most]
    return sorted((one for _, _, one in taken), key=lambda one: one.place)


def _month_end(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)
