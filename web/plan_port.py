"""What the routes of planning need from the rest of the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reporting.planning.ports import Planner, Plans, Rosters
from reporting.planning.table import PlanningTable

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanPort:
    """Given to `add_plan_routes`."""

    plans: Plans
    planner: Planner
    rosters: Rosters
    table: PlanningTable
    queues: Callable[[], Sequence[str]]  # of the tables in force
    people: Callable[[], Awaitable[Names]]  # staff_id → name; empty where they cannot be read
    work: Path  # folder in which workbooks are put together
