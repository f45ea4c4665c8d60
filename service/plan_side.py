"""The planner's pages, joined with what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from acd.skills import Skillbook
from domain.clock import Clock
from domain.staff import StaffStore, StaffUnavailable
from ivr.hours import OfficeHours
from reporting.asking import Figures
from service.plan_part import make_planning
from service.set_up import Prepared
from service.tree import Loop
from storage.database import Database
from web.app import Area
from web.list_sheets import sweep
from web.plan_port import PlanPort
from web.plan_routes import add_plan_routes


@dataclass(frozen=True, slots=True)
class PlanGround:
    """What planning stands on."""

    prepared: Prepared
    database: Database
    figures: Figures
    hours: Callable[[], OfficeHours]  # in force
    book: Callable[[], Skillbook]  # the administrator's tables in force
    people: StaffStore
    clock: Clock


class PlanSide:
    """Planning and its pages."""

    def __init__(self, on: PlanGround) -> None:
        """Raises desk.matter_data.TableProblem."""
        self._on = on
        self.part = make_planning(on.database, on.figures, on.hours, on.book, on.clock)

    def loops(self) -> list[Loop]:
        """Return what runs every now and then."""
        return list(self.part.loops())

    def area(self) -> Area:
        """Return the area `/perencana`."""
        on, part = self._on, self.part
        work = on.prepared.settings.home / "plans"
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(work)
        port = PlanPort(
            part.plans,
            part.planner,
            part.rosters,
            part.table,
            lambda: sorted(on.book().requirements),
            self._people,
            work,
        )
        return partial(add_plan_routes, port=port)

    async def _people(self) -> Mapping[str, str]:
        try:
            return {one.staff_id: one.display_name for one in await self._on.people.all()}
        except StaffUnavailable:
            return {}
