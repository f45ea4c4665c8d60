"""The schedule as planning asks for it: how many are scheduled for calls, and who may take them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from acd.skills import Skillbook
from domain.clock import Clock
from reporting.adherence import Away
from reporting.planning.plans import DayPlan, PlanRefused, PlansUnavailable
from reporting.planning.ports import Rostered
from reporting.planning.roster import DayRoster, OnDay, day_roster
from reporting.planning.trial import serves
from reporting.schedule import Shift
from reporting.schedule_book import Exempt, Schedules, SchedulesUnavailable
from reporting.schedule_rules import ScheduleRules

_ONE = timedelta(days=1)


class ScheduleRosters:
    """A `reporting.planning.ports.Rosters` over the book of schedules."""

    def __init__(
        self, schedules: Schedules, rules: ScheduleRules, book: Callable[[], Skillbook], clock: Clock
    ) -> None:
        """`book`: the administrator's tables in force."""
        self._schedules = schedules
        self._rules = rules
        self._book = book
        self._clock = clock

    def teams(self) -> Sequence[str]:
        """Return the teams of the tables in force."""
        return sorted({one.team for one in self._book().tables.agents if one.team})

    async def of(self, days: Sequence[DayPlan], queues: Collection[str] = (), team: str = "") -> Rostered:
        """Return the schedule on a plan's days. Raises PlanRefused: no such team; PlansUnavailable."""
        if team and team not in self.teams():
            raise PlanRefused("no_team", "team")
        if not days:
            return Rostered([])
        first, last = days[0].day, days[-1].day
        try:
            shifts = await self._schedules.shifts(first - _ONE, last)
            exempt = await self._schedules.exempted(first - _ONE, last)
        except SchedulesUnavailable as error:
            raise PlansUnavailable(str(error)) from error
        able = self._able(queues) if queues else None
        counted = shifts if not able else [one for one in shifts if one.agent in able]
        mine = {one.number for one in self._book().tables.agents if one.team == team} if team else None
        # A season of hundreds of agents takes a tenth of a second: not on the loop that serves calls.
        found = await asyncio.to_thread(self._counted, days, counted, _by_agent(exempt), mine)
        return Rostered(found, skilled=able is None or bool(able))

    def _able(self, queues: Collection[str]) -> frozenset[str]:
        """Return who may take a call of these queues now."""
        book, now = self._book(), self._clock.now()
        return frozenset(agent for agent in book.agents if serves(book, book.ability(agent, now), queues))

    def _counted(
        self,
        days: Sequence[DayPlan],
        shifts: Sequence[Shift],
        away: Mapping[str, Sequence[Away]],
        team: Collection[str] | None,
    ) -> Sequence[DayRoster]:
        return [
            day_roster(
                OnDay(
                    one.day,
                    [shift for shift in shifts if one.day - _ONE <= shift.day <= one.day],
                    away,
                    self._rules.activities(one.day).calls,
                    team,
                ),
                (slot.minute for slot in one.slots),
            )
            for one in days
        ]


def _by_agent(exempt: Iterable[Exempt]) -> Mapping[str, Sequence[Away]]:
    found: dict[str, list[Away]] = {}
    for one in exempt:
        found.setdefault(one.agent, []).append(one.away)
    return found
