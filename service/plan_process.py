"""The process that reckons a plan of staffing: `python -m service.plan_process`.

A forecast with its test takes half a second of the processor, a simulated day several: calls come first. What
to do comes as JSON on its standard input, the answer goes as JSON to its standard output.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from reporting.planning import compare, making, trial
from reporting.planning.cover import CoverDay, cover
from reporting.planning.history import Calendar, HistoryDay, HistorySlot
from reporting.planning.plans import Asked, Plan, PlanRefused
from reporting.planning.ports import OfficeDay
from reporting.planning.roster import DayRoster
from reporting.planning.simulated import Simulated
from reporting.planning.table import Deadline, load_planning
from reporting.planning.trial import Floor
from reporting.planning.what_if import Change, WhatIf
from service.worker_main import run_worker

_NICE = 15


class Make(msgspec.Struct, frozen=True, tag=True):
    """Forecast and staff."""

    asked: Asked
    history: Sequence[HistoryDay]
    slots: Sequence[HistorySlot]
    days: Sequence[OfficeDay]
    deadlines: Sequence[Deadline]
    mix: Mapping[str, float]
    today: date


class Compare(msgspec.Struct, frozen=True, tag=True):
    """Change one or two numbers."""

    plan: Plan
    changes: Sequence[Change]


class Simulate(msgspec.Struct, frozen=True, tag=True):
    """Play a day."""

    plan: Plan
    day: date
    floor: Floor


class Cover(msgspec.Struct, frozen=True, tag=True):
    """Set schedules beside the plan."""

    plan: Plan
    rosters: Sequence[DayRoster]
    queue: str


Job = Make | Compare | Simulate | Cover


class Answer(msgspec.Struct, frozen=True):
    """What came of it: one of the four, or the word and field of a PlanRefused."""

    plan: Plan | None = None
    what_if: WhatIf | None = None
    simulated: Simulated | None = None
    cover: tuple[CoverDay, ...] | None = None
    refused: str = ""
    field: str = ""


def done(job: Job) -> Answer:
    """Do a job."""
    table = load_planning()
    try:
        match job:
            case Make():
                known = making.Known(
                    job.history,
                    job.slots,
                    Calendar(job.days, job.deadlines),
                    table.on(job.asked.first),
                    job.mix,
                    job.today,
                )
                return Answer(plan=making.make(job.asked, known))
            case Compare():
                return Answer(what_if=compare.what_if(job.plan, job.changes))
            case Simulate():
                return Answer(simulated=trial.simulate(job.plan, job.day, job.floor, table.on(job.day)))
            case Cover():
                return Answer(cover=cover(job.plan, job.rosters, job.queue))
    except PlanRefused as error:
        return Answer(refused=error.word, field=error.field)


def main() -> int:
    """Read a job, do it, say what came of it."""
    os.nice(_NICE)
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(done(job)))
    return 0


if __name__ == "__main__":
    run_worker(main)
