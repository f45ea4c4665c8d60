"""`kring schedule`: make and import shifts, see them, adherence of days, requests to be offline."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from acd.skills import Skillbook
from dialer.imports import FileRefused
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from ivr.hours_tables import load_office_hours
from reporting.adherence import AdherenceUnavailable
from reporting.formulas import Figure
from reporting.offline import OfflineUnavailable
from reporting.schedule_book import SchedulesUnavailable
from reporting.schedule_desk import Plan, ScheduleRefused
from reporting.schedule_figures import sums
from reporting.schedule_file import TableWrong, read_header, read_shifts
from service.aligned import aligned
from service.floor_client import user
from service.page_ports import OfficeCalendar
from service.records import Records, open_records
from service.schedule_part import SchedulePart, ScheduleStands, make_schedules
from storage.acd_tables import AcdTables
from storage.audit import DurableAudit
from storage.calendar import CalendarOverrides
from storage.staff import DurableStaff
from web.schedule_plan_routes import EXPORTED
from web.texts import Texts

T = TypeVar("T")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_KEEP = click.option("--keep", is_flag=True, help="Keep it; otherwise only tell what would come of it.")
_DAY = click.DateTime(["%Y-%m-%d"])
_FIRST = click.argument("first", type=_DAY, metavar="FIRST")
_LAST = click.argument("last", type=_DAY, metavar="LAST")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the commands work with."""

    records: Records
    part: SchedulePart
    book: Skillbook
    texts: Texts

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message."""
        try:
            return asyncio.run(work)
        except (AdherenceUnavailable, AuditUnavailable, OfflineUnavailable, SchedulesUnavailable) as error:
            raise click.ClickException(str(error)) from error

    def say(self, name: str) -> str:
        """Return a text in English."""
        return self.texts.say("en", name)

    def did(self, act: str, **data: str) -> None:
        """Put an act on the audit trail."""
        row = AuditRow(datetime.now(UTC), f"cli:{user()}", act, "schedule:", data=data)
        self.ask(DurableAudit(self.records.database).record(row))

    def names(self) -> Mapping[str, str]:
        """Return staff number → on-air name."""
        return {one.number: one.on_air_name for one in self.book.tables.agents}

    def numbers(self, team: str = "") -> Sequence[str]:
        """Return the staff numbers of a team, or of everybody."""
        return [one.number for one in self.book.tables.agents if team in ("", one.team)]


@contextmanager
def _opened() -> Iterator[_Desk]:
    with open_records() as records:
        database, vault = records.database, records.vault
        _, book = asyncio.run(AcdTables(database, vault).book())
        overrides = asyncio.run(CalendarOverrides(database).all())
        hours = load_office_hours().with_overrides(overrides)
        stands = ScheduleStands(
            database,
            vault,
            SystemClock(),
            OfficeCalendar(lambda: hours),
            lambda: hours,
            lambda: book,
            DurableStaff(database, vault),
        )
        yield _Desk(records, make_schedules(stands), book, Texts.load())


@click.group()
def command() -> None:
    """Shifts, adherence, and requests to be offline."""


@command.command()
@_FIRST
@_LAST
@click.option("--pattern", required=True, help="See: kring schedule patterns")
@click.option("--place", default="jakarta", show_default=True)
@click.option("--team", default="", help="Only of this team.")
@_KEEP
def make(first: datetime, last: datetime, pattern: str, place: str, team: str, keep: bool) -> None:
    """Make shifts by a pattern for the working days from FIRST to LAST."""
    with _opened() as desk:
        try:
            plan = desk.part.desk.make(desk.numbers(team), first.date(), last.date(), pattern, place)
        except ScheduleRefused as error:
            raise click.ClickException(
                f"{error.place}: {desk.say(f'schedules_refused.{error.word}')}"
            ) from error
        _put(desk, plan, "schedule_made", keep)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@_KEEP
def import_file(file: Path, keep: bool) -> None:
    """Take shifts in from a CSV, XLSX, XLS or ODS file; with a mistake nothing is taken in.

    Columns: agent, day, and pattern or activity with begins and ends; place where it is another.
    """
    with _opened() as desk:
        on = desk.part.desk.on
        try:
            cells, rows = desk.part.port.read_table(file.read_bytes(), file.name)
            shifts = read_shifts(read_header(cells), rows, desk.numbers(), on.office, on.rules)
        except FileRefused as error:
            raise click.ClickException(f"{file.name}: {desk.say(f'lists_fault.{error.fault}')}") from error
        except TableWrong as error:
            for one in error.mistakes:
                remedy = desk.say(f"schedules_remedy.{one.word}")
                click.echo(f"{file.name}: row {one.row}: {one.field} {one.value!r}: {remedy}", err=True)
            count = len(error.mistakes)
            raise click.ClickException(f"{count} mistakes; nothing was taken in") from error
        _put(desk, desk.part.desk.plan(shifts), "schedule_imported", keep)


def _put(desk: _Desk, plan: Plan, act: str, keep: bool) -> None:
    if keep:
        desk.did(act, shifts=str(len(plan.shifts)))
    put = desk.ask(desk.part.desk.put(plan, f"cli:{user()}", keep=keep))
    for word, count in plan.remarks.items():
        click.echo(f"{count} shifts: {desk.say(f'schedules_remark.{word}')}", err=True)
    told = f"{put.new} new, {put.changed} changed, {put.same} the same, {put.removed} taken away"
    click.echo(f"{told}{'' if keep else '; nothing is kept yet: --keep'}")


@command.command()
def patterns() -> None:
    """List the patterns, activities and places."""
    with _opened() as desk:
        rules, today = desk.part.desk.on.rules, desk.part.desk.today()
        found = (
            ("pattern", rules.patterns(today)),
            ("activity", rules.activities(today).activities),
            ("place", rules.places),
        )
        cells = [(kind, code, one.en, one.id) for kind, table in found for code, one in table.items()]
        for line in aligned(("Kind", "Code", "English", "Indonesian"), cells):
            click.echo(line)


@command.command()
@_FIRST
@_LAST
def export(first: datetime, last: datetime) -> None:
    """Write the shifts from FIRST to LAST as a CSV that can be imported again (with staff numbers)."""
    with _opened() as desk:
        desk.did("schedule_exported")
        on = desk.part.desk.on
        out = csv.writer(sys.stdout)
        out.writerow(EXPORTED)
        for shift in desk.ask(on.book.shifts(first.date(), last.date())):
            zone = on.rules.zone(shift.place)
            for piece in shift.pieces:
                times = (f"{at.astimezone(zone):%H:%M}" for at in piece.at(shift.day))
                out.writerow((shift.agent, shift.day, piece.activity, *times, shift.place))


@command.command()
@_FIRST
@_LAST
@click.option("--team", default="", help="Only of this team.")
@_JSON
def adherence(first: datetime, last: datetime, team: str, as_json: bool) -> None:
    """Show ATS and conformance by agent, from FIRST to LAST."""
    with _opened() as desk:
        found = desk.ask(desk.part.desk.on.adherence.of(first.date(), last.date(), desk.numbers(team)))
        names = desk.names()
        cells = []
        for agent in sorted({one.agent for one in found}, key=lambda one: names.get(one, "")):
            added = sums(one for one in found if one.agent == agent)
            values = {
                "agent": names.get(agent, "?"),
                "shifts": added.shifts,
                "scheduled_ms": added.counts.scheduled_ms,
                "adherent_ms": added.counts.adherent_ms,
                "excepted_ms": added.excepted_ms,
                "ats": added.ats.value,
                "conformance": added.conformance.value,
            }
            if as_json:
                click.echo(json.dumps(values))
                continue
            cells.append(
                (
                    names.get(agent, "?"),
                    str(added.shifts),
                    _hours(added.counts.scheduled_ms),
                    _hours(added.counts.adherent_ms),
                    _hours(added.excepted_ms),
                    _percent(added.ats),
                    _percent(added.conformance),
                )
            )
        if not as_json:
            heads = ("Agent", "Shifts", "Scheduled", "As scheduled", "Excepted", "ATS", "Conformance")
            for line in aligned(heads, cells, frozenset(range(1, 7))):
                click.echo(line)


@command.command()
@_JSON
def requests(as_json: bool) -> None:
    """List the requests to be offline, waiting ones first; notes are not shown."""
    with _opened() as desk:
        desk.did("offline_listed")
        names, reasons = desk.names(), desk.part.desk.on.reasons
        cells = []
        for one in desk.ask(desk.part.desk.on.offline.find()):
            name = names.get(one.agent, "?")
            if as_json:
                told = {"id": one.request_id, "agent": name, "day": one.day.isoformat()}
                click.echo(json.dumps({**told, "reason": one.reason, "state": one.state}))
            cells.append((_day(one.day), name, reasons.words(one.reason, "en"), one.state, one.request_id))
        if not as_json:
            for line in aligned(("Day", "Agent", "Reason", "State", "Request"), cells):
                click.echo(line)


def _day(day: date) -> str:
    return day.isoformat()


def _hours(ms: int) -> str:
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}"


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value * 100:.1f} %"
