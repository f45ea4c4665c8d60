"""Planning of staff in the running service: history from figures, reckoning in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import structlog

from acd.skills import Skillbook
from desk.tax_dates import load_tax_dates
from desk.working_days import office_day
from domain.clock import Clock
from ivr.hours import OfficeHours
from reporting.asking import Figures
from reporting.planning.cover import CoverDay
from reporting.planning.making import check, check_change, check_known
from reporting.planning.plans import Asked, Plan, PlanRefused, PlansUnavailable
from reporting.planning.ports import Plans, Rosters
from reporting.planning.roster import DayRoster
from reporting.planning.simulated import Simulated
from reporting.planning.table import PlanningTable, load_planning
from reporting.planning.trial import Floor
from reporting.planning.what_if import Change, WhatIf
from reporting.schedule_rules import load_schedule_rules
from service.apart import run_apart
from service.plan_covers import KeptCovers
from service.plan_history import PlanCalendarOf, PlanHistory
from service.plan_process import Answer, Compare, Cover, Job, Make, Simulate
from service.plan_roster import ScheduleRosters
from service.tree import Loop
from storage.database import Database
from storage.plans import DurablePlans
from storage.schedules import DurableSchedules

PROCESS = "service.plan_process"
WITHIN = 300.0  # seconds for one job, on however busy a machine
DRAFTS_KEPT = timedelta(days=7)
DRAFTS_EVERY = 3600.0  # seconds between two looks for old drafts
AT_ONCE = 1  # processes; others wait their turn

log = structlog.get_logger("kring.plans")
Run = Callable[[Job], Awaitable[Answer]]


class ReckonedPlanner:
    """A `reporting.planning.ports.Planner`."""

    def __init__(
        self, history: PlanHistory, book: Callable[[], Skillbook], clock: Clock, run: Run | None = None
    ) -> None:
        """`book`: the administrator's tables in force. `run`: instead of the process."""
        self._history = history
        self._book = book
        self._clock = clock
        self._run = run or run_process
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._covers = KeptCovers()
        self._covering = asyncio.Lock()

    async def make(self, asked: Asked) -> Plan:
        """Forecast and staff. Raises PlanRefused, PlansUnavailable."""
        today = office_day(self._clock.now())
        check(asked, today)
        past = await self._history.past(asked.queues, today, asked.last)
        check_known(asked, past.history)
        job = Make(asked, past.history, past.slots, past.days, past.deadlines, past.mix, today)
        found = (await self._done(job)).plan
        if found is None:
            raise PlansUnavailable("the process gave no plan")
        return found

    async def what_if(self, plan: Plan, changes: Sequence[Change]) -> WhatIf:
        """Set a plan beside itself with one or two numbers changed. Raises as `make`."""
        for one in changes:
            check_change(one)
        found = (await self._done(Compare(plan, tuple(changes)))).what_if
        if found is None:
            raise PlansUnavailable("the process gave no comparison")
        return found

    async def simulate(self, plan: Plan, day: date) -> Simulated:
        """Run a day of a plan through the matcher. Raises as `make`."""
        book, now = self._book(), self._clock.now()
        abilities = tuple(book.ability(agent, now) for agent in book.agents)
        # Nothing of a person goes to the process: what agents can, not who they are.
        tables = replace(book.tables, agents=(), competences=(), reasons=())
        found = (await self._done(Simulate(plan, day, Floor(tables, abilities)))).simulated
        if found is None:
            raise PlansUnavailable("the process gave no simulation")
        return found

    async def cover(self, plan: Plan, rosters: Sequence[DayRoster], queue: str = "") -> Sequence[CoverDay]:
        """Set a plan beside schedules; with a queue only its share of the calls. Raises as `make`."""
        keys = self._covers.keys(plan, rosters, queue)
        async with self._covering:  # who asks for the same meanwhile finds it
            found = {day: self._covers.get(key) for day, key in keys.items()}
            missing = {day for day, one in found.items() if one is None}
            if missing or not found:
                for one in await self._covered(plan, [one for one in rosters if one.day in missing], queue):
                    self._covers.put(keys[one.day], one)
                    found[one.day] = one
        return [one for one in found.values() if one is not None]

    async def _covered(self, plan: Plan, rosters: Sequence[DayRoster], queue: str) -> Sequence[CoverDay]:
        days = {one.day for one in rosters}
        # Only the days asked for go to the process.
        asked = replace(plan, days=tuple(one for one in plan.days if one.day in days), tested=None)
        found = (await self._done(Cover(asked, rosters, queue))).cover
        if found is None:
            raise PlansUnavailable("the process set nothing beside the plan")
        return found

    async def happened(self, plan: Plan) -> Mapping[date, int]:
        """Return the calls that came on the plan's days which are over. Raises PlansUnavailable."""
        yesterday = office_day(self._clock.now()) - timedelta(days=1)
        last = min(plan.asked.last, yesterday)
        return await self._history.calls(plan.asked.queues, plan.asked.first, last)

    async def _done(self, job: Job) -> Answer:
        try:
            async with self._turn:
                answer = await self._run(job)
        except (OSError, msgspec.DecodeError, TimeoutError) as error:
            log.warning("a plan could not be reckoned", kind=type(error).__name__)
            raise PlansUnavailable("a plan could not be reckoned") from error
        if answer.refused:
            raise PlanRefused(answer.refused, answer.field)
        return answer


async def run_process(job: Job) -> Answer:
    """Do a job in a process of its own. Raises OSError, TimeoutError, msgspec.DecodeError: it broke off."""
    _, told = await run_apart(PROCESS, given=msgspec.json.encode(job), within=WITHIN)
    return msgspec.json.decode(told, type=Answer)


class PlanPart:
    """Planning, joined."""

    def __init__(
        self,
        plans: Plans,
        planner: ReckonedPlanner,
        rosters: Rosters,
        table: PlanningTable,
        clock: Clock,
    ) -> None:
        self.plans = plans
        self.planner = planner
        self.rosters = rosters
        self.table = table
        self._clock = clock

    def loops(self) -> Sequence[Loop]:
        """Return what runs every now and then."""
        return [Loop("plan-drafts", DRAFTS_EVERY, self._forget)]

    async def _forget(self) -> None:
        await self.plans.forget_drafts(self._clock.now() - DRAFTS_KEPT)


def make_planning(
    database: Database,
    figures: Figures,
    hours: Callable[[], OfficeHours],
    book: Callable[[], Skillbook],
    clock: Clock,
) -> PlanPart:
    """Return planning on a database and figures. Raises desk.matter_data.TableProblem."""
    table = load_planning()
    history = PlanHistory(figures, PlanCalendarOf(hours), load_tax_dates(), table)
    rosters = ScheduleRosters(DurableSchedules(database), load_schedule_rules(), book, clock)
    planner = ReckonedPlanner(history, book, clock)
    return PlanPart(DurablePlans(database), planner, rosters, table, clock)
