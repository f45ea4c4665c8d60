"""A schedule that stands beside plans in tests: opening to closing, a break, one on outbound calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from reporting.planning.plans import DayPlan, PlanRefused, PlansUnavailable
from reporting.planning.ports import Rostered
from reporting.planning.roster import CallWork, OnDay, day_roster
from reporting.schedule import Piece, Shift

_WORK = CallWork(frozenset({"calls"}), frozenset({"outbound"}))


@dataclass
class FixedRosters:
    """A `reporting.planning.ports.Rosters`: of `agents`, a third rests from 11.30, a third from 12.00 …"""

    agents: int = 22
    beta: int = 8  # of these: of team beta
    broken: bool = False
    asked: list[tuple[Collection[str], str]] = field(default_factory=list)

    def teams(self) -> Sequence[str]:
        return ["alfa", "beta"]

    async def of(self, days: Sequence[DayPlan], queues: Collection[str] = (), team: str = "") -> Rostered:
        if self.broken:
            raise PlansUnavailable("away")
        if team not in ("", *self.teams()):
            raise PlanRefused("no_team", "team")
        self.asked.append((queues, team))
        mine = {"alfa": range(self.beta, self.agents), "beta": range(self.beta)}.get(team)
        numbers = None if mine is None else {_number(one) for one in mine}
        return Rostered(
            [
                day_roster(
                    OnDay(
                        one.day, [self._shift(one, place) for place in range(self.agents)], {}, _WORK, numbers
                    ),
                    (slot.minute for slot in one.slots),
                )
                for one in days
            ]
        )

    def _shift(self, day: DayPlan, place: int) -> Shift:
        if place == self.agents - 1:
            return Shift(_number(place), day.day, (Piece("outbound", 480, 960),))
        rests = 690 + 30 * (place % 3)
        pieces = (
            Piece("calls", 480, rests),
            Piece("break", rests, rests + 45),
            Piece("calls", rests + 45, 960),
        )
        return Shift(_number(place), day.day, pieces)


def _number(place: int) -> str:
    return f"9{place:07}"
