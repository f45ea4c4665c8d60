"""The work on matters for commands: the same rules and records as the running service's, without pages."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from desk.matter_data import TableProblem
from desk.matter_rules import MatterRules
from desk.matters import MatterRefused, MattersUnavailable
from desk.matters_desk import MatterDesk
from domain.clock import Clock, SystemClock
from ivr.hours_tables import load_office_hours
from service.page_ports import OfficeCalendar, SkilledWorkers
from service.records import Records, open_records
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.matter_watch import DurableMatterWatch
from storage.matters import DurableMatters
from storage.staff import DurableStaff

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MatterRecords:
    """What commands work with."""

    records: Records
    rules: MatterRules
    book: DurableMatters
    watch: DurableMatterWatch
    workers: SkilledWorkers
    desk: MatterDesk
    clock: Clock

    def ask(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what comes of some work. Raises ClickException."""
        try:
            return asyncio.run(work())
        except MattersUnavailable as error:
            raise click.ClickException(str(error)) from error
        except MatterRefused as refused:
            raise click.ClickException(
                f"Not possible: {refused}. Remedy: kring matters show CODE"
            ) from refused


@contextmanager
def opened() -> Iterator[MatterRecords]:
    """Open the records for as long as the block lasts; known problems become messages to the user."""
    with open_records() as records:
        overrides = asyncio.run(CalendarOverrides(records.database).all())
        hours = load_office_hours().with_overrides(overrides)
        clock = SystemClock()
        try:
            rules = MatterRules.load(OfficeCalendar(lambda: hours))
        except TableProblem as error:
            raise click.ClickException(str(error)) from error
        _, tables = asyncio.run(AcdTables(records.database, records.vault).book())
        people = DurableStaff(records.database, records.vault)
        workers = SkilledWorkers(people, lambda: tables, rules, clock)
        book = DurableMatters(records.database, records.vault)
        watch = DurableMatterWatch(records.database)
        desk = MatterDesk(book, watch, workers, rules, clock)
        yield MatterRecords(records, rules, book, watch, workers, desk, clock)
