"""Agents scheduled beside agents required, over a morning worked out by hand."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from acd.skills import Agent, Competence, Requirement, Skill, Skillbook, Tables, Tier
from desk.working_days import WIB
from reporting.adherence import Away
from reporting.planning.cover import CoverDay, cover
from reporting.planning.plans import (
    Asked,
    DayPlan,
    Given,
    Plan,
    PlanRefused,
    PlansUnavailable,
    SlotPlan,
    Target,
)
from reporting.planning.roster import CallWork, DayRoster, OnDay, day_roster
from reporting.schedule import Piece, Shift
from reporting.schedule_book import Exempt, SchedulesUnavailable
from reporting.schedule_rules import load_schedule_rules
from service.plan_covers import KeptCovers
from service.plan_part import ReckonedPlanner
from service.plan_process import Answer, Cover, Job, done
from service.plan_roster import ScheduleRosters
from tests.unit.test_plan_part import Clock, figures, history

FRIDAY = date(2026, 11, 27)
THURSDAY = FRIDAY - timedelta(days=1)
WORK = CallWork(frozenset({"calls"}), frozenset({"outbound"}))
E = math.e


def slot(minute: int, calls: float, needed: int, required: int) -> SlotPlan:
    return SlotPlan(minute, calls, 180.0, needed, needed, required, 0.9, 0.02, 5.0, 0.5)


# 10 calls in half an hour, 180 s each, patience 180 s, no ringing: as many in the system as a Poisson of
# mean 1 has, however many agents there are. Answered at once: 1/e with one agent, 2/e with two,
# 2.5/e with three. Given up, with n agents: the mean number waiting, which is 1/e, 3/e - 1, 5.5/e - 2.
SLOTS = (slot(480, 10.0, 3, 4), slot(510, 10.0, 1, 2), slot(540, 0.0, 1, 1), slot(570, 10.0, 1, 1))
PLAN = Plan(
    Asked(FRIDAY, FRIDAY, target=Target(within=0.0), shrinkage=0.25),
    Given(180.0, 180.0, 0.0, 0.6),
    (DayPlan(FRIDAY, 30.0, 20.0, 40.0, SLOTS),),
    {"efin": 0.5, "general": 0.5},
)
SHIFTS = (
    # Calls but for a break 08.15–08.30, until nine.
    Shift("90000001", FRIDAY, (Piece("calls", 480, 495), Piece("break", 495, 510), Piece("calls", 510, 540))),
    # Calls until noon; an exception takes out 08.30–09.00.
    Shift("90000002", FRIDAY, (Piece("calls", 480, 720),)),
    # Began on Thursday at 20.00 and ends at 08.10.
    Shift("90000003", THURSDAY, (Piece("calls", 1200, 1440 + 490),)),
    # Prays and is coached, then rings taxpayers up; from half past nine calls.
    Shift(
        "90000004",
        FRIDAY,
        (
            Piece("friday_prayer", 480, 500), Piece("coaching", 500, 510), Piece("outbound", 510, 540),
            Piece("calls", 570, 600),
        ),
    ),
    # Sick all day.
    Shift("90000005", FRIDAY, (Piece("calls", 480, 960),)),
)  # fmt: skip


def at(hour: int, minute: int = 0, day: date = FRIDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WIB)


AWAY = {
    "90000002": [Away(at(8, 30), at(9), "system_trouble")],
    "90000005": [Away(at(0), at(0, day=FRIDAY + timedelta(days=1)), "sick")],
}


def roster(team: frozenset[str] | None = None) -> DayRoster:
    return day_roster(OnDay(FRIDAY, SHIFTS, AWAY, WORK, team), [one.minute for one in SLOTS])


def test_a_morning_worked_out_by_hand() -> None:
    [day] = cover(PLAN, [roster()])
    # 08.00: three agents for 10 minutes, two for 5, one for 15: 55 minutes of agents. On shift: 100.
    # 08.30: the first alone, one on outbound. 09.00: the second. 09.30: the second and the fourth.
    assert [one.rostered for one in day.slots] == pytest.approx([55 / 30, 1, 1, 2])
    assert [one.on_shift for one in day.slots] == pytest.approx([100 / 30, 2, 1, 2])
    assert [one.outgoing for one in day.slots] == [0, 1, 0, 0]
    assert [one.difference for one in day.slots] == pytest.approx([55 / 30 - 4, -1, 0, 1])
    assert [one.word for one in day.slots] == ["short", "thin", "even", "over"]
    at_once = (10 * 2.5 + 5 * 2 + 15 * 1) / 30 / E
    left = (10 * (5.5 / E - 2) + 5 * (3 / E - 1) + 15 / E) / 30
    assert [one.level for one in day.slots] == pytest.approx([at_once, 1 / E, 1, 2 / E], abs=1e-6)
    assert [one.abandoned for one in day.slots] == pytest.approx([left, 1 / E, 0, 3 / E - 1], abs=1e-6)
    # Half hours: required 8, rostered 55/30 + 4, short 4 - 55/30 + 1, over 1; the calls alone lack 3 - 55/30.
    assert [day.required, day.rostered] == pytest.approx([4, (55 / 30 + 4) / 2])
    assert [day.short, day.over] == pytest.approx([(5 - 55 / 30) / 2, 0.5])
    assert day.short_of_calls == pytest.approx((3 - 55 / 30) / 2)
    assert day.level == pytest.approx((at_once + 3 / E) / 3, abs=1e-6)
    assert day.shifts == 4  # not who is sick all day


def test_a_day_without_shifts_is_short_of_everything() -> None:
    [day] = cover(PLAN, [day_roster(OnDay(FRIDAY, (), {}, WORK), [one.minute for one in SLOTS])])
    assert (day.shifts, day.rostered, day.short, day.required) == (0, 0, 4.0, 4.0)
    assert [one.level for one in day.slots] == [0, 0, 1, 0]


def test_a_team_is_counted_beside_everybody() -> None:
    day = roster(frozenset({"90000002", "90000004"}))
    assert [one.of_team for one in day.slots] == [1, 0, 1, 2]
    assert [one.rostered for one in day.slots] == [one.rostered for one in roster().slots]


def test_one_queue_is_reckoned_for_its_own_calls() -> None:
    [whole], [alone] = cover(PLAN, [roster()]), cover(PLAN, [roster()], "efin")
    assert [one.calls for one in alone.slots] == [5, 5, 0, 5]
    assert alone.slots[1].level > whole.slots[1].level
    assert alone.slots[1].required == math.ceil(alone.slots[1].needed / 0.75)
    with pytest.raises(PlanRefused) as refused:
        cover(PLAN, [roster()], "token")
    assert (refused.value.word, refused.value.field) == ("no_share", "queue")


def test_the_shipped_activities_say_which_calls_come() -> None:
    calls = load_schedule_rules().activities(FRIDAY).calls
    assert (calls.incoming, calls.outgoing) == (frozenset({"calls"}), frozenset({"outbound"}))


class Book:
    """Schedules of this file."""

    broken = False

    async def shifts(self, first: date, last: date, agents: object = ()) -> list[Shift]:
        if self.broken:
            raise SchedulesUnavailable("away")
        return [one for one in SHIFTS if first <= one.day <= last]

    async def exempted(self, first: date, last: date, agents: object = ()) -> list[Exempt]:
        return [
            Exempt("1" * 32, agent, one.begins, one.ends, one.reason, "x", one.begins)
            for agent, found in AWAY.items()
            for one in found
        ]


def book(skill: str) -> Skillbook:
    """Return tables in which the second agent alone, of team beta, has a skill."""
    agents = [
        Agent(f"9000000{n}", f"Udara {n}", "beta" if n == 2 else "alfa", frozenset({"id"}))
        for n in range(1, 6)
    ]
    competence = Competence("90000002", skill, Tier.A, 5)
    row = Requirement("efin", "efin", Tier.A, "at_once/A")
    return Skillbook(
        Tables((Skill("efin", ""), Skill("general", "")), tuple(agents), (competence,), (), (row,))
    )


async def test_the_schedule_is_asked_by_queue_and_team() -> None:
    found = ScheduleRosters(Book(), load_schedule_rules(), lambda: book("efin"), Clock())  # type: ignore[arg-type]
    assert found.teams() == ["alfa", "beta"]
    everybody = await found.of(PLAN.days)
    assert [one.rostered for one in everybody.days[0].slots] == [one.rostered for one in roster().slots]
    able = await found.of(PLAN.days, ("efin",), "beta")
    assert able.skilled and [one.rostered for one in able.days[0].slots] == [1, 0, 1, 1]
    assert [one.of_team for one in able.days[0].slots] == [1, 0, 1, 1]
    unknown = ScheduleRosters(Book(), load_schedule_rules(), lambda: book("general"), Clock())  # type: ignore[arg-type]
    nobody = await unknown.of(PLAN.days, ("efin",))
    assert not nobody.skilled and nobody.days == everybody.days
    with pytest.raises(PlanRefused) as refused:
        await found.of(PLAN.days, (), "gama")
    assert (refused.value.word, refused.value.field) == ("no_team", "team")
    broken = Book()
    broken.broken = True
    with pytest.raises(PlansUnavailable):
        await ScheduleRosters(broken, load_schedule_rules(), lambda: book("efin"), Clock()).of(PLAN.days)  # type: ignore[arg-type]


async def test_the_process_sets_beside_the_days_asked_for_alone() -> None:
    jobs = list[Job]()

    async def inside(job: Job) -> Answer:
        jobs.append(job)
        return done(job)

    planner = ReckonedPlanner(history(figures()), lambda: book("efin"), Clock(), inside)
    longer = replace(PLAN, days=(*PLAN.days, replace(PLAN.days[0], day=FRIDAY + timedelta(days=3))))
    found: list[CoverDay] = list(await planner.cover(longer, [roster()]))
    assert found == list(cover(PLAN, [roster()]))
    assert [len(one.plan.days) for one in jobs] == [1]  # type: ignore[union-attr]
    with pytest.raises(PlanRefused):
        await planner.cover(PLAN, [roster()], "token")


async def test_a_day_is_reckoned_once_while_nothing_changes() -> None:
    asked: list[tuple[str, list[date]]] = []

    async def inside(job: Job) -> Answer:
        assert isinstance(job, Cover)
        asked.append((job.queue, [one.day for one in job.rosters]))
        return done(job)

    planner = ReckonedPlanner(history(figures()), lambda: book("efin"), Clock(), inside)
    empty = day_roster(OnDay(THURSDAY, (), {}, WORK), [one.minute for one in SLOTS])
    both = replace(PLAN, days=(replace(PLAN.days[0], day=THURSDAY), *PLAN.days))
    first = await planner.cover(both, [empty, roster()])
    assert [one.day for one in first] == [THURSDAY, FRIDAY]
    again, alone = await asyncio.gather(
        planner.cover(both, [empty, roster()]), planner.cover(both, [roster()])
    )
    assert (again, alone) == (first, first[1:])
    assert asked == [("", [THURSDAY, FRIDAY])]
    # Another schedule of a day, another queue and another plan are reckoned anew, and nothing else.
    changed = replace(empty, day=FRIDAY)
    assert await planner.cover(both, [empty, changed]) == [first[0], *cover(both, [changed])]
    await planner.cover(both, [roster()], "efin")
    await planner.cover(replace(both, given=replace(both.given, handle=200.0)), [roster()])
    assert asked[1:] == [("", [FRIDAY]), ("efin", [FRIDAY]), ("", [FRIDAY])]


def test_the_days_asked_for_last_are_kept() -> None:
    [day] = cover(PLAN, [roster()])
    covers = KeptCovers(most=2)
    covers.put(b"1", day)
    covers.put(b"2", day)
    assert covers.get(b"1") == day
    covers.put(b"3", day)
    assert (covers.get(b"1"), covers.get(b"2"), covers.get(b"3")) == (day, None, day)
