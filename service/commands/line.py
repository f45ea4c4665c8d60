"""`kring line`: the switch that closes the line, and the opening hours."""

import asyncio
import getpass
import os
from datetime import UTC, date, datetime, time, timedelta

import click

from ivr.hours import WIB, DayKind, DayOverride, LineAnswer, OfficeHours
from ivr.hours_tables import load_office_hours
from service.alive import note_if_away
from service.records import Records, open_records
from service.timeline import wib
from storage.calendar import CalendarOverrides
from storage.line_switch import LineSwitch, SwitchChange

_KINDS = (DayKind.WORKING.value, DayKind.HOLIDAY.value, DayKind.JOINT_LEAVE.value)
_WHO = click.option("--who", help="Who does it, for the record. Default: the user of this machine.")


@click.group()
def command() -> None:
    """Close or open the line, and see the opening hours."""


@command.command()
def status() -> None:
    """Say whether callers are let in now; exit 1 if not."""
    with open_records() as records:
        change = asyncio.run(LineSwitch(records.database).latest())
        answer = _hours(records).at(datetime.now(UTC), shut=change is not None and change.shut)
        always = records.settings.hours == "always"
    open_now = answer.word == "open" or (always and answer.word != "shut")
    click.echo("The line is open." if open_now else f"The line is closed ({answer.opening}).")
    click.echo(_explained(answer, change, always))
    note_if_away(records.settings)
    raise SystemExit(0 if open_now else 1)


@command.command()
@click.option("--reason", required=True, help="Why, for the record.")
@_WHO
def close(reason: str, who: str | None) -> None:
    """Close the line, whatever the hour. Callers inside stay; new ones hear of other channels."""
    with open_records() as records:
        try:
            change = asyncio.run(LineSwitch(records.database).close(who or _user(), reason))
        except ValueError as error:
            raise click.ClickException(f"--reason: {error}") from error
    click.echo(f"The line is closed by {change.who} since {wib(change.at)} WIB: {change.reason}")
    note_if_away(records.settings)


@command.command("open")
@click.option("--reason", default="", help="Why, for the record.")
@_WHO
def open_line(reason: str, who: str | None) -> None:
    """Let the timetable decide again."""
    with open_records() as records:
        change = asyncio.run(LineSwitch(records.database).open(who or _user(), reason))
    click.echo(f"The timetable decides again, by {change.who} since {wib(change.at)} WIB")
    note_if_away(records.settings)


@command.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def history(limit: int) -> None:
    """List who closed and opened the line, newest first."""
    with open_records() as records:
        changes = asyncio.run(LineSwitch(records.database).history(limit))
    for change in changes:
        deed = "closed" if change.shut else "opened"
        click.echo(f"{wib(change.at)} WIB  {deed}  {change.who}  {change.reason}".rstrip())


@command.command()
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="Default: today.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 366))
def hours(first: datetime | None, days: int) -> None:
    """Print the hours of the coming days, WIB."""
    start = first.date() if first else datetime.now(WIB).date()
    with open_records() as records:
        planned = [_hours(records).day(start + timedelta(days=ahead)) for ahead in range(days)]
    for day in planned:
        open_hours = f"{day.opens:%H:%M}-{day.closes:%H:%M}"
        told = open_hours if day.kind is DayKind.WORKING else day.kind.value
        click.echo(f"{day.day:%Y-%m-%d %a}  {told}{'  Ramadan' if day.in_ramadan else ''}")


@command.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("kind", type=click.Choice([*_KINDS, "remove"]))
@click.option("--opens", type=click.DateTime(["%H:%M"]), help="Of a working day with hours of its own.")
@click.option("--closes", type=click.DateTime(["%H:%M"]))
@click.option("--about", default="", help="Why, e.g. the decree.")
def day(day: datetime, kind: str, opens: datetime | None, closes: datetime | None, about: str) -> None:
    """Let a day differ from the national calendar, or follow it again (`remove`)."""
    with open_records() as records:
        calendar = CalendarOverrides(records.database)
        if kind == "remove":
            there = asyncio.run(calendar.remove(day.date()))
            click.echo("The day follows the calendar." if there else "The day followed the calendar already.")
            return
        override = DayOverride(day.date(), DayKind(kind), about, _own_hours(kind, opens, closes))
        asyncio.run(calendar.put(override))
        click.echo(f"{day:%Y-%m-%d}: {_planned(_hours(records), day.date())}")


def _own_hours(kind: str, opens: datetime | None, closes: datetime | None) -> tuple[time, time] | None:
    if opens is None and closes is None:
        return None
    if opens is None or closes is None or kind != DayKind.WORKING or opens >= closes:
        raise click.UsageError("--opens and --closes go together, in this order, for a working day only")
    return opens.time(), closes.time()


def _planned(hours_: OfficeHours, day_: date) -> str:
    planned = hours_.day(day_)
    if planned.kind is not DayKind.WORKING:
        return planned.kind.value
    return f"{planned.opens:%H:%M}-{planned.closes:%H:%M}"


def _hours(records: Records) -> OfficeHours:
    overrides = asyncio.run(CalendarOverrides(records.database).all())
    return load_office_hours().with_overrides(overrides)


def _explained(answer: LineAnswer, change: SwitchChange | None, always: bool) -> str:
    if change is not None and change.shut:
        return f"Closed by {change.who} since {wib(change.at)} WIB: {change.reason}"
    if always:
        return "The setting `hours` is `always`: the timetable is not asked."
    if answer.next_change is None:
        return "Nothing is planned for the coming year."
    return f"{'Closes' if answer.word == 'open' else 'Opens'} {wib(answer.next_change)} WIB"


def _user() -> str:
    """Return who is at the keyboard, also behind sudo."""
    return os.environ.get("SUDO_USER") or getpass.getuser()
