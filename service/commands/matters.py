"""`kring matters`: cases, complaints, promises and requests; their clocks, who has them, how long they took.

What was said is on the pages alone, where each look is on the trail.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta

import click

from desk.complaint_referrals import referrals_of
from desk.matter_codes import CodeProblem, read_code, shown_code
from desk.matters import Matter, MatterEvent, MatterKind, WorkFilter
from desk.matters_assignment import Burden
from desk.matters_statistics import Line, case_lines, complaint_statistics
from desk.matters_watch import RaisedSignal, Reached
from desk.working_days import WIB, office_day
from service.aligned import aligned
from service.matter_records import MatterRecords, opened
from service.timeline import wib

_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_TEAM = click.option("--team", help="Of this team alone.")
_DAY = click.DateTime(["%Y-%m-%d"])
_WORK = frozenset({MatterKind.CASE, MatterKind.COMPLAINT, MatterKind.REQUEST})


@click.group()
def command() -> None:
    """Cases, complaints, promises and requests: their clocks, who has them, how long they took."""


@command.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in MatterKind]), help="Of this kind alone.")
@_TEAM
@click.option("--closed", is_flag=True, help="Those that are over, newest first.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 1000))
@_JSON
def list_matters(kind: str | None, team: str | None, closed: bool, most: int, as_json: bool) -> None:
    """List matters, due first; without what was said."""
    kinds = frozenset(MatterKind) if kind is None else frozenset({MatterKind(kind)})
    with opened() as desk:
        found = desk.ask(lambda: desk.book.work(WorkFilter(kinds, team=team, closed=closed, most=most)))
        names = _names(desk)
        rows = [_row(desk, one, names) for one in found]
    if as_json:
        click.echo(json.dumps(rows))
        return
    heads = ("Code", "Kind", "About", "Step", "Due", "Left", "With")
    _table(heads, [[str(one[name]) for name in _SHOWN] for one in rows], "No matter.")


_SHOWN = ("code", "kind", "topic", "state", "due", "days_left", "assignee")


@command.command()
@click.argument("code")
@_JSON
def show(code: str, as_json: bool) -> None:
    """Show a matter by its CODE: its steps and dispositions between units; without what was said."""
    try:
        wanted = read_code(code)
    except CodeProblem as problem:
        raise click.ClickException(f"CODE: {problem}. Remedy: eight letters, such as KRTM-WXPB") from problem
    with opened() as desk:
        found = desk.ask(lambda: desk.book.by_code(wanted))
        if found is None:
            raise click.ClickException("No matter has this code. Remedy: kring matters list")
        trail = desk.ask(lambda: desk.book.trail(found.matter_id))
        names = _names(desk)
        row = _row(desk, found, names)
    if as_json:
        click.echo(json.dumps({**row, "trail": [_event(event, names) for event in trail]}))
        return
    for name, value in row.items():
        click.echo(f"{name:<10} {value}")
    for event in trail:
        said = "  ".join(f"{name}={names.get(word, word)}" for name, word in event.words.items())
        who = names.get(event.who, event.who)
        click.echo(f"{wib(event.at)} WIB  {event.what:<18} {event.state:<24} {who}  {said}".rstrip())
    for one in referrals_of(trail):
        how = "taken back" if one.recalled else "answered" if one.ended_at else f"awaited until {one.due_on}"
        to = f"{one.to_unit} {one.unit_name}".strip()
        click.echo(f"disposition {one.number}: {one.from_unit} -> {to}  {how}")


@command.command()
@_TEAM
@click.option("--look", is_flag=True, help="Look at the clocks first; the running service does every minute.")
@_JSON
def alarms(team: str | None, look: bool, as_json: bool) -> None:
    """List reminders before and alarms after a due date, also of dispositions to units.

    Exit 1 if anything is overdue.
    """
    with opened() as desk:
        if look:
            desk.ask(desk.desk.look_at_clocks)
        found = desk.ask(lambda: desk.watch.standing_signals(Reached(team=team), most=10_000))
        names = _names(desk)
        rows = [_alarm(desk, one, names) for one in found]
    if as_json:
        click.echo(json.dumps(rows))
    else:
        heads = ("Signal", "Code", "Kind", "Step", "Unit asked", "Due", "Left", "With")
        shown = ("signal", "code", "kind", "state", "unit", "due", "days_left", "assignee")
        _table(heads, [[str(one[name]) for name in shown] for one in rows], "No clock is near its end.")
    raise SystemExit(1 if any(one["signal"] != "reminder" for one in rows) else 0)


@command.command()
@_JSON
def load(as_json: bool) -> None:
    """Show who has how much, and how many matters nobody has."""
    with opened() as desk:
        now = desk.clock.now()
        burdens = desk.ask(lambda: desk.watch.burdens(office_day(now)))
        workers = [one for one in desk.ask(desk.workers.workers) if one.clusters]
        waiting = desk.ask(lambda: desk.watch.unassigned(_WORK, now, 10_000))
        rule = desk.rules.work.at(now)
    rows = [
        {"name": one.name, "team": one.team, "clusters": sorted(one.clusters), "open": burden.open,
         "late": burden.late, "load": burden.load(rule)}
        for one in workers
        for burden in (burdens.get(one.staff_id, Burden()),)
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"workers": rows, "unassigned": len(waiting)}))
        return
    cells = [
        [str(one["name"]), str(one["team"]), str(one["open"]), str(one["late"]), str(one["load"])]
        for one in rows
    ]
    _table(("Name", "Team", "Open", "Late", "Load"), cells, "Nobody has a skill for matters.")
    click.echo(f"{len(waiting)} matters have nobody.")


@command.command()
@click.option("--kind", type=click.Choice([kind.value for kind in sorted(_WORK)]), help="Of this kind alone.")
@_TEAM
def spread(kind: str | None, team: str | None) -> None:
    """Give out what nobody has, by skill and load, and say why to whom."""
    kinds = _WORK if kind is None else frozenset({MatterKind(kind)})
    with opened() as desk:
        given = desk.ask(lambda: desk.desk.give_out_now(Reached(team=team), kinds, "system"))
    for one in given:
        to = "nobody" if one.choice.worker is None else one.choice.worker.name
        click.echo(
            f"{shown_code(one.matter.code)}  {one.matter.topic}  {to}  {one.choice.why or 'nobody can'}"
        )
    if not given:
        click.echo("Every matter has somebody.", err=True)


@command.command()
@click.option("--from", "first", type=_DAY, help="The first day (WIB). Default: the first of this month.")
@click.option("--to", "last", type=_DAY, help="The last day. Default: today.")
@_TEAM
@_JSON
def statistics(first: datetime | None, last: datetime | None, team: str | None, as_json: bool) -> None:
    """Show how long complaints took by step and unit, and cases by type; in working days."""
    with opened() as desk:
        now = desk.clock.now()
        upto = last.date() if last else office_day(now)
        since = first.date() if first else upto.replace(day=1)
        if since > upto:
            raise click.ClickException("--from is after --to. Remedy: swap them")
        stories = desk.ask(
            lambda: desk.watch.stories(_WORK, _begin(since), _begin(upto) + timedelta(days=1), team)
        )
        calendar = desk.rules.calendar
        found = complaint_statistics(desk.rules.complaints, calendar, stories, since, upto, now)
        cases = case_lines(calendar, stories, since, upto, now)
    if as_json:
        click.echo(json.dumps({**asdict(found), "cases": [asdict(one) for one in cases]}, default=str))
        return
    click.echo(
        f"{since} to {upto}: {found.received} complaints received, {found.closed} closed, "
        f"{found.open} open, {found.open_late} of these late"
    )
    tables = {"Step": found.steps, "Executor": found.units, "Unit asked": found.asked, "Case": cases}
    for title, lines in tables.items():
        if lines:
            click.echo()
            _table((title, "Done", "On time", "Late", "Mean", "Longest", "Open", "Late"), _cells(lines), "")


def _cells(lines: Sequence[Line]) -> list[list[str]]:
    return [
        [one.name, str(one.done), str(one.on_time), str(one.late),
         "-" if one.mean_days is None else f"{one.mean_days:.1f}", str(one.longest), str(one.open),
         str(one.open_late)]
        for one in lines
    ]  # fmt: skip


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), WIB).astimezone(UTC)


def _event(event: MatterEvent, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "at": event.at.isoformat(),
        "what": event.what,
        "state": event.state,
        "who": names.get(event.who, event.who),
        "words": {name: names.get(word, word) for name, word in event.words.items()},
    }


def _names(desk: MatterRecords) -> Mapping[str, str]:
    return {one.staff_id: one.name for one in desk.ask(desk.workers.workers)}


def _row(desk: MatterRecords, one: Matter, names: Mapping[str, str]) -> dict[str, str | int]:
    left = desk.rules.days_left(one, desk.clock.now())
    due = one.due_at.isoformat() if one.due_at else str(one.due_on or "")
    return {
        "code": shown_code(one.code),
        "kind": one.kind.value,
        "topic": one.topic,
        "state": one.state,
        "due": due,
        "days_left": "" if left is None else left,
        "assignee": names.get(one.assignee, ""),
        "team": one.team,
        "result": one.result,
    }


def _alarm(desk: MatterRecords, one: RaisedSignal, names: Mapping[str, str]) -> dict[str, str | int]:
    """Return a signal's row: the due day is that of its clock, the step's or a unit's."""
    sent = one.referral
    return {
        **_row(desk, one.matter, names),
        "signal": one.signal.kind.value,
        "unit": "" if sent is None else f"{sent.to_unit} {sent.unit_name}".strip(),
        "due": str(one.signal.due_on),
        "days_left": desk.rules.days_until(one.signal.due_on, desk.clock.now()),
    }


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> None:
    if not rows:
        click.echo(none, err=True)
        return
    for line in aligned(heads, rows):
        click.echo(line)
