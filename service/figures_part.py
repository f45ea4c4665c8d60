"""Figures in the running service: what answers questions, and the round that keeps the roll-ups.

A round counts days from the event log, seconds of the processor each: it runs in a process of its own at a
low priority, so that calls come first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from desk.branches import load_branches
from dialer.outcomes import load_outcomes
from domain.clock import Clock
from reporting.adherence import AdherenceOf
from reporting.asking import Figures
from reporting.facts import load_service_levels
from reporting.own_day import OwnDays
from reporting.schedule_rules import load_schedule_rules
from service.apart import run_apart
from service.tree import Loop
from storage.database import Database
from storage.figure_channels import DurableChannels
from storage.figure_facts import Outcomes
from storage.figure_places import DurablePlaces
from storage.figure_rollups import RollUps
from storage.figures import DayCounter, DurableFigures, Tables
from storage.schedule_states import DurableAdherence
from storage.vault import Vault

ROUND_EVERY = 300.0  # seconds between two rounds
PROCESS = "service.figures_process"
WITHIN = 3600.0  # seconds for one round; the next one goes on where it was

log = structlog.get_logger("kring.figures")


@dataclass(frozen=True, slots=True)
class FiguresPart:
    """Everything of figures that others build on."""

    figures: Figures
    own: OwnDays
    channels: DurableChannels
    rollups: RollUps
    adherence: AdherenceOf

    def loops(self, run: Callable[[], Awaitable[int]] | None = None) -> list[Loop]:
        """Return what runs every now and then. `run`: one round, instead of the process."""
        return [Loop("figures", ROUND_EVERY, Rounds(run or run_process).round)]


def make_figures(database: Database, vault: Vault, clock: Clock) -> FiguresPart:
    """Return figures on a database. Raises desk.matter_data.TableProblem, desk.tables.BadTable."""
    found = load_outcomes()
    adherence = DurableAdherence(database, load_schedule_rules(), clock)
    tables = Tables(
        DurablePlaces(database, vault, load_branches()),
        load_service_levels(),
        Outcomes(frozenset(found.live), frozenset(found.resting)),
        adherence,
    )
    counter = DayCounter(database, tables, clock)
    return FiguresPart(
        DurableFigures(database, counter, clock),
        counter,
        DurableChannels(database),
        RollUps(database, counter, adherence, clock),
        adherence,
    )


async def run_process() -> int:
    """Run one round in a process of its own; return its exit code. Raises OSError, TimeoutError."""
    code, _ = await run_apart(PROCESS, within=WITHIN)
    return code


class Rounds:
    """Lets one round run after the other; says once that they fail, and once that they do not any more."""

    def __init__(self, run: Callable[[], Awaitable[int]]) -> None:
        self._run = run
        self._failing = False

    async def round(self) -> None:
        """Run one."""
        try:
            failed = await self._run() != 0
        except (OSError, TimeoutError) as error:
            log.warning("roll-ups could not be made", kind=type(error).__name__)
            failed = True
        if failed and not self._failing:
            log.error("figures are not rolled up; see: kring figures rollup")
        elif self._failing and not failed:
            log.info("figures are rolled up again")
        self._failing = failed
