"""`kring plan`: calls to be expected, agents needed, the simulator of the matcher, what-ifs, kept plans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click
import msgspec

from desk.matter_data import TableProblem
from desk.working_days import office_day
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from domain.ids import new_id
from ivr.hours_tables import load_office_hours
from reporting.planning.beside import AskedCover, beside, proposed
from reporting.planning.plans import Asked, DayPlan, KeptPlan, Plan, PlanRefused, PlansUnavailable
from reporting.planning.simulated import Outcome, Simulated
from reporting.planning.what_if import CHANGEABLE, Change, WhatIf
from service.aligned import aligned, clock
from service.figures_part import make_figures
from service.floor_client import user
from service.plan_cover import as_json as cover_json
from service.plan_cover import as_lines as cover_lines
from service.plan_part import PlanPart, make_planning
from service.records import Records, open_records
from service.timeline import wib
from storage.acd_tables import AcdTables
from storage.audit import DurableAudit
from storage.calendar import CalendarOverrides
from web.plan_models import PER_CENT
from web.plan_views import clock as time_of_day
from web.texts import Texts

T = TypeVar("T")
_DAY = click.DateTime(["%Y-%m-%d"])
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_PLAN = click.argument("plan_id")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the commands work with."""

    records: Records
    part: PlanPart

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message."""
        return _asked(work)

    def plan(self, plan_id: str) -> KeptPlan:
        """Return a plan by its id, or the beginning of it among those listed."""
        rows = self.ask(self.part.plans.rows(f"cli:{user()}", 1000))
        found = [row.plan_id for row in rows if row.plan_id.startswith(plan_id)]
        if len(found) > 1:
            raise click.ClickException(f"{plan_id}: begins several plans. Remedy: write more of it")
        try:
            return self.ask(self.part.plans.get(found[0] if found else plan_id))
        except KeyError as error:
            raise click.ClickException(
                f"There is no plan {plan_id}. Remedy: kring plan list shows them"
            ) from error

    def audit(self, act: str, plan_id: str) -> None:
        """Put an act on the trail."""
        row = AuditRow(datetime.now(UTC), f"cli:{user()}", act, f"plan:{plan_id}")
        self.ask(DurableAudit(self.records.database).record(row))


def _asked(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (AuditUnavailable, PlansUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except PlanRefused as error:
        told = Texts.load().say("en", f"plans_refused.{error.word}")
        raise click.ClickException(f"{error.field}: {told}" if error.field else told) from error


@contextmanager
def _opened() -> Iterator[_Desk]:
    with open_records() as records:
        hours = load_office_hours().with_overrides(_asked(CalendarOverrides(records.database).all()))
        _, book = _asked(AcdTables(records.database, records.vault).book())
        clock_of = SystemClock()
        try:
            figures = make_figures(records.database, records.vault, clock_of).figures
            part = make_planning(records.database, figures, lambda: hours, lambda: book, clock_of)
        except TableProblem as error:
            raise click.ClickException(str(error)) from error
        yield _Desk(records, part)


@click.group()
def command() -> None:
    """Plan staff: calls to be expected, agents needed, what if a number changes."""


@command.command(name="list")
@_JSON
def list_plans(as_json: bool) -> None:
    """List the kept plans, newest first."""
    with _opened() as desk:
        rows = desk.ask(desk.part.plans.rows(f"cli:{user()}"))
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row).decode())
        return
    cells = [
        (row.plan_id, row.name or "(draft)", f"{row.first}", f"{row.last}", wib(row.made_at)) for row in rows
    ]
    for line in aligned(("Plan", "Name", "First", "Last", "Made (WIB)"), cells):
        click.echo(line)


@command.command()
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
@click.option("--queue", "queues", multiple=True, help="Of this queue only; may be repeated.")
@click.option("--level", type=float, help="Least share answered in time, per cent.")
@click.option("--within", type=float, help="Seconds that count as in time.")
@click.option("--abandoned", type=float, help="Greatest share who give up, per cent.")
@click.option("--occupancy", type=float, help="Greatest share of agents' time with calls, per cent.")
@click.option("--shrinkage", type=float, help="Share of paid time without calls, per cent.")
@click.option("--volume", type=float, help="Of the calls expected, per cent.")
@click.option("--calls", type=float, help="Of a usual day, instead of the history's.")
@click.option("--handle", type=float, help="Seconds, instead of the history's.")
@click.option("--patience", type=float, help="Seconds, instead of the history's.")
@click.option("--keep", "name", default="", help="Keep the plan under this name.")
@_JSON
def make(
    first: datetime,
    last: datetime,
    queues: tuple[str, ...],
    name: str,
    as_json: bool,
    **numbers: float | None,
) -> None:
    """Forecast from FIRST to LAST (YYYY-MM-DD) and say how many agents that takes."""
    plan_id, by, now = new_id(), f"cli:{user()}", datetime.now(UTC)
    with _opened() as desk:
        asked = _question(desk.part, first.date(), last.date(), queues, numbers)
        plan = desk.ask(desk.part.planner.make(asked))
        desk.ask(desk.part.plans.add(plan_id, plan, by, now))
        desk.audit("plan_made", plan_id)
        if name.strip():
            desk.ask(desk.part.plans.keep(plan_id, name.strip(), by, now))
            desk.audit("plan_kept", plan_id)
    _tell(plan_id, plan, as_json)


def _question(
    part: PlanPart, first: date, last: date, queues: tuple[str, ...], numbers: dict[str, float | None]
) -> Asked:
    """Return what is asked for; what was not given is as the table of assumptions has it."""
    table = part.table.on(office_day(datetime.now(UTC)))
    asked = Asked(first, last, tuple(sorted(set(queues))), table.target, table.shrinkage)
    given = {
        name: value / 100 if name in PER_CENT else value
        for name, value in numbers.items()
        if value is not None
    }
    target = {
        name: given.pop(name) for name in ("level", "within", "abandoned", "occupancy") if name in given
    }
    rest: dict[str, Any] = given
    return replace(asked, target=replace(asked.target, **target), **rest)


@command.command()
@_PLAN
@click.option("--day", type=_DAY, help="Its half hours.")
@_JSON
def show(plan_id: str, day: datetime | None, as_json: bool) -> None:
    """Show a plan: its days, or the half hours of one."""
    with _opened() as desk:
        kept = desk.plan(plan_id)
    if day is None:
        _tell(kept.plan_id, kept.plan, as_json)
        return
    found = next((one for one in kept.plan.days if one.day == day.date()), None)
    if found is None:
        raise click.ClickException(f"{day:%Y-%m-%d} is not in the plan. Remedy: kring plan show {plan_id}")
    _tell_day(found, as_json)


@command.command()
@_PLAN
@click.argument("day", type=_DAY)
@_JSON
def simulate(plan_id: str, day: datetime, as_json: bool) -> None:
    """Play a day of a plan through the real matcher, with the skills and rings in force."""
    with _opened() as desk:
        kept = desk.plan(plan_id)
        found = desk.ask(desk.part.planner.simulate(kept.plan, day.date()))
        desk.audit("plan_simulated", kept.plan_id)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    _tell_simulated(found)


@command.command()
@_PLAN
@click.option("--first", type=_DAY, help="The first day to look at; else the next week of the plan.")
@click.option("--last", type=_DAY, help="The last day; else the first one alone.")
@click.option("--queue", default="", help="Only this queue's calls, and who may take them.")
@click.option("--team", default="", help="Count this team beside everybody.")
@_JSON
def cover(
    plan_id: str, first: datetime | None, last: datetime | None, queue: str, team: str, as_json: bool
) -> None:
    """Show agents on the schedule beside agents required: short, over, and the level to expect."""
    with _opened() as desk:
        plan = desk.plan(plan_id).plan
        days = proposed(plan, office_day(datetime.now(UTC)))
        if first is not None:
            days = (first.date(), (last or first).date())
        elif last is not None:
            days = (days[0], last.date())
        asked = AskedCover(*days, queue, team)
        found = desk.ask(beside(plan, asked, desk.part.rosters, desk.part.planner))
    for line in [cover_json(found)] if as_json else cover_lines(found):
        click.echo(line)


@command.command(name="what-if")
@_PLAN
@click.argument("changes", nargs=-1, required=True, metavar="NUMBER=VALUE [NUMBER=VALUE]")
@_JSON
def what_if(plan_id: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Change one number of a plan or two: volume=120 handle=300. Shares are per cent, times seconds."""
    with _opened() as desk:
        kept = desk.plan(plan_id)
        found = desk.ask(desk.part.planner.what_if(kept.plan, [_change(one) for one in changes]))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    _tell_what_if(found)


def _change(written: str) -> Change:
    name, _, value = written.partition("=")
    if name not in CHANGEABLE:
        raise click.ClickException(f"`{name}`: no such number. Remedy: one of {', '.join(CHANGEABLE)}")
    try:
        number = float(value)
    except ValueError as error:
        raise click.ClickException(f"{name}: `{value}` is no number. Remedy: write {name}=120") from error
    return Change(name, number / 100 if name in PER_CENT else number)


def _tell(plan_id: str, plan: Plan, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"plan_id": plan_id, "plan": msgspec.to_builtins(plan)}))
        return
    cells = [
        (f"{one.day:%a %Y-%m-%d}", f"{one.calls:.0f}", f"{one.low:.0f}–{one.high:.0f}", f"{one.peak}",
         f"{one.hours:.1f}", f"{one.paid:.1f}", one.reasons[0].word if one.reasons else "")
        for one in plan.days
    ]  # fmt: skip
    heads = ("Day", "Calls", "8 of 10 days", "Peak", "Hours", "On the roster", "Why")
    for line in aligned(heads, cells, frozenset({1, 2, 3, 4, 5})):
        click.echo(line)
    if plan.tested is not None:
        tested = plan.tested
        click.echo(
            f"Tested from {tested.origins} days of the past: missed by {100 * tested.model:.1f} %, "
            f"the naive peer by {100 * tested.naive:.1f} %; the plan stands on the {tested.chosen}."
        )
    if plan.assumed:
        click.echo(f"Assumed: {', '.join(plan.assumed)}.")
    click.echo(f"Plan {plan_id}")


def _tell_day(found: DayPlan, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    cells = [
        (time_of_day(slot.minute), f"{slot.calls:.1f}", clock(slot.handle), f"{slot.agents}",
         f"{slot.agents_c}", f"{slot.scheduled}", f"{100 * slot.level:.1f}",
         f"{100 * slot.abandoned:.1f}", f"{slot.wait:.1f}")
        for slot in found.slots
    ]  # fmt: skip
    heads = ("Time", "Calls", "Handle", "Erlang A", "Erlang C", "Roster", "Level %", "Abandoned %", "Wait s")
    for line in aligned(heads, cells, frozenset(range(1, 9))):
        click.echo(line)


def _tell_simulated(found: Simulated) -> None:
    def row(name: str, outcome: Outcome, agents: int) -> Sequence[str]:
        return (
            name,
            f"{100 * outcome.level.value:.1f} ± {100 * outcome.level.plus_minus:.1f}",
            f"{100 * outcome.abandoned.value:.1f} ± {100 * outcome.abandoned.plus_minus:.1f}",
            f"{outcome.wait.value:.1f} ± {outcome.wait.plus_minus:.1f}",
            f"{100 * outcome.occupancy.value:.1f}",
            f"{agents / 2:.1f}",
        )

    expected = (
        "Erlang A", f"{100 * found.expected_level:.1f}", f"{100 * found.expected_abandoned:.1f}", "–", "–",
        f"{sum(slot.agents for slot in found.slots) / 2:.1f}",
    )  # fmt: skip
    cells = [
        expected,
        row("Simulator, same agents", found.outcome, sum(slot.agents for slot in found.slots)),
        row("Simulator, enough agents", found.needed, sum(slot.needed for slot in found.slots)),
    ]
    heads = ("", "Level %", "Abandoned %", "Wait s", "Occupied %", "Hours")
    for line in aligned(heads, cells, frozenset(range(1, 6))):
        click.echo(line)
    click.echo(
        f"{found.rounds} rounds of {found.calls:.0f} calls; skills of {found.known_agents} known agents."
    )
    if not found.reached:
        click.echo("Even twice the agents do not reach the target: look at the skills.")


def _tell_what_if(found: WhatIf) -> None:
    heads = ("", *(" + ".join(f"{one.name}={one.value:g}" for one in column.changes) or "as planned"
                   for column in found.columns))  # fmt: skip
    lines: Sequence[tuple[str, Sequence[str]]] = (
        ("Calls", [f"{one.calls:.0f}" for one in found.columns]),
        ("Hours", [f"{one.hours:.0f}" for one in found.columns]),
        ("On the roster", [f"{one.paid:.0f}" for one in found.columns]),
        ("Peak", [f"{one.peak}" for one in found.columns]),
        ("Level %, as needed", [f"{100 * one.level:.1f}" for one in found.columns]),
        ("Level %, roster as planned", [f"{100 * one.kept_level:.1f}" for one in found.columns]),
        ("Abandoned %, roster as planned", [f"{100 * one.kept_abandoned:.1f}" for one in found.columns]),
    )
    for line in aligned(heads, [(name, *cells) for name, cells in lines], frozenset(range(1, len(heads)))):
        click.echo(line)
