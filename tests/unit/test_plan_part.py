"""Planning in the service: history out of figures, reckoning in a process of its own, failures told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from acd.skills import Skillbook
from acd.tables_csv import load_folder
from desk.tax_dates import load_tax_dates
from ivr.hours_tables import load_office_hours
from reporting.asking import FiguresUnavailable, Line, Question
from reporting.counts import Counts
from reporting.planning.plans import Asked, PlanRefused, PlansUnavailable
from reporting.planning.table import load_planning
from reporting.planning.what_if import Change
from reporting.rollup import Key
from service.plan_history import WIB, PlanHistory
from service.plan_part import ReckonedPlanner
from service.plan_process import Answer, Job, Simulate, done
from storage.figures_memory import MemoryFigures
from tests.unit.plan_world import office_days

NOW = datetime(2026, 2, 10, 3, 0, tzinfo=UTC)
TODAY, FIRST = date(2026, 2, 10), date(2025, 11, 24)
ASKED = Asked(date(2026, 2, 11), date(2026, 2, 13), calls=None)


class Clock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


def figures() -> MemoryFigures:
    """Return days of 100 calls at eight and 50 at half past, WIB; two of three for one queue."""
    found = MemoryFigures()
    for one in office_days().open_days(FIRST, TODAY):
        for hour, minute, calls in ((8, 0, 100), (8, 30, 50)):
            at = datetime.combine(one.day, time(hour, minute, 5), WIB)
            for queue, part in (("efin", 2 * calls // 3), ("general", calls - 2 * calls // 3)):
                counts = Counts(
                    incoming=part, abandoned=part // 10, waited_ms=part * 12_000, acd_calls=part,
                    ring_ms=part * 4_000, acd_ms=part * 200_000, hold_ms=part * 40_000,
                    wrap_up_ms=part * 60_000,
                )  # fmt: skip
                found.add(at, counts, Key(queue=queue))
    return found


def history(of: MemoryFigures) -> PlanHistory:
    return PlanHistory(of, office_days(), load_tax_dates(), load_planning())


async def inside(job: Job) -> Answer:
    return done(job)


def planner(of: MemoryFigures, book: Skillbook | None = None) -> ReckonedPlanner:
    return ReckonedPlanner(history(of), lambda: book or load_folder(), Clock(), inside)


async def test_history_is_counted_by_day_and_half_hour() -> None:
    past = await history(figures()).past((), TODAY, ASKED.last)
    open_days = office_days().open_days(FIRST, TODAY - timedelta(days=1))
    assert [one.day for one in past.history] == [one.day for one in open_days]
    first = past.history[0]
    # 100 + 50 calls, each 200 + 40 + 60 s with an agent, 4 s of ringing, 12 s of waiting.
    assert (first.calls, first.served, first.handled, first.rung) == (150, 150, 45_000.0, 600.0)
    assert (first.abandoned, first.waited) == (6 + 3 + 3 + 1, 1_800.0)
    newest = [one for one in past.slots if one.day == past.history[-1].day]
    assert [(one.minute, one.calls) for one in newest] == [(480, 100), (510, 50)]
    assert past.mix == {"efin": pytest.approx(99 / 150), "general": pytest.approx(51 / 150)}


async def test_history_is_narrowed_to_queues() -> None:
    past = await history(figures()).past(("efin",), TODAY, ASKED.last)
    assert past.history[0].calls == 66 + 33
    assert past.mix == {"efin": 1.0}


async def test_a_plan_is_made_compared_and_tried() -> None:
    planned = planner(figures())
    plan = await planned.make(replace(ASKED, volume=0.5))
    assert [one.day for one in plan.days] == [date(2026, 2, day) for day in (11, 12, 13)]
    assert plan.given.handle == pytest.approx(300.0)
    assert plan.given.ring == pytest.approx(4.0)
    assert [one.calls for one in plan.days] == pytest.approx([75.0] * 3, rel=0.1)
    first, second = plan.days[0].slots[:2]
    assert first.calls == pytest.approx(2 * second.calls, rel=0.1)
    found = await planned.what_if(plan, [Change("volume", 1.0)])
    assert found.columns[1].calls == pytest.approx(2 * found.columns[0].calls)
    tried = await planned.simulate(plan, date(2026, 2, 11))
    assert tried.known_agents == 0
    assert tried.calls == pytest.approx(75.0, rel=0.2)


async def test_what_came_is_told_of_days_that_are_over() -> None:
    plan = await planner(figures()).make(ASKED)
    past = replace(plan, asked=replace(plan.asked, first=date(2026, 2, 9)))
    assert await planner(figures()).happened(past) == {date(2026, 2, 9): 150}
    assert await planner(figures()).happened(plan) == {}


async def test_nothing_of_a_person_goes_to_the_process() -> None:
    seen: list[Job] = []

    async def kept(job: Job) -> Answer:
        seen.append(job)
        return done(job)

    made = await planner(figures()).make(replace(ASKED, volume=0.2))
    book = load_folder()
    await ReckonedPlanner(history(figures()), lambda: book, Clock(), kept).simulate(made, made.days[0].day)
    [job] = seen
    assert isinstance(job, Simulate)
    assert (job.floor.tables.agents, job.floor.tables.competences) == ((), ())


async def test_too_little_history_is_told_before_a_process_begins() -> None:
    async def never(job: Job) -> Answer:
        raise AssertionError(job)

    empty = ReckonedPlanner(history(MemoryFigures()), load_folder, Clock(), never)
    with pytest.raises(PlanRefused, match="history"):
        await empty.make(ASKED)
    with pytest.raises(PlanRefused, match="range"):
        await empty.what_if(await planner(figures()).make(ASKED), [Change("volume", 99.0)])


async def test_figures_that_are_away_are_told() -> None:
    of = figures()
    of.broken = True
    with pytest.raises(PlansUnavailable):
        await planner(of).make(ASKED)


class Shorter(MemoryFigures):
    """Answers days, but no half hours."""

    async def lines(self, question: Question) -> list[Line]:
        if question.interval.value == "30min":
            raise FiguresUnavailable("away")
        return list(await MemoryFigures.lines(self, question))


async def test_half_hours_that_are_away_are_told() -> None:
    of = Shorter(figures().happened)
    with pytest.raises(PlansUnavailable):
        await planner(of).make(ASKED)


async def test_a_process_that_breaks_off_is_told() -> None:
    async def broken(job: Job) -> Answer:
        raise OSError("gone")

    of = ReckonedPlanner(history(figures()), load_folder, Clock(), broken)
    with pytest.raises(PlansUnavailable, match="could not be reckoned"):
        await of.make(ASKED)


async def test_a_plan_is_made_in_a_process_of_its_own() -> None:
    real = ReckonedPlanner(history(figures()), load_folder, Clock())
    assert await real.make(replace(ASKED, calls=100.0)) == await planner(figures()).make(
        replace(ASKED, calls=100.0)
    )


def test_hours_that_are_always_open_are_planned_by_the_timetable() -> None:
    hours = load_office_hours()
    days = office_days().open_days(date(2026, 2, 9), date(2026, 2, 15))
    assert [one.day.day for one in days] == [9, 10, 11, 12, 13]
    assert (days[0].opens, days[0].closes) == (480, 960)
    assert hours.day(days[0].day).opens == time(8)
