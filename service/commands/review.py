"""`kring review`: the index by which recordings are found, samples, the reviewers' work list."""

import asyncio
import json
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from desk.matter_data import TableProblem
from desk.working_days import office_day
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from domain.masking import mask
from ivr.hours_tables import load_office_hours
from recording.quality.finding import FindingUnavailable
from recording.quality.sampling import Every, period_of
from recording.quality.sampling_rules import load_task_rules
from recording.quality.sampling_tasks import KeptPlan, WorkUnavailable
from service.aligned import aligned
from service.floor_client import user
from service.page_ports import OfficeCalendar
from service.records import Records, open_records
from service.review_part import ReviewPart, ReviewStands, make_review
from service.timeline import wib
from storage.acd_tables import AcdTables
from storage.audit import DurableAudit
from storage.calendar import CalendarOverrides

T = TypeVar("T")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the commands work with."""

    records: Records
    part: ReviewPart

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message."""
        return _asked(work)

    def audit(self, act: str, subject: str, **data: str) -> None:
        """Put an act on the trail."""
        row = AuditRow(datetime.now(UTC), f"cli:{user()}", act, subject, data=data)
        self.ask(DurableAudit(self.records.database).record(row))


def _asked(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (AuditUnavailable, FindingUnavailable, WorkUnavailable) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _opened() -> Iterator[_Desk]:
    with open_records() as records:
        try:
            rules = load_task_rules()
        except TableProblem as error:
            raise click.ClickException(str(error)) from error
        overrides = _asked(CalendarOverrides(records.database).all())
        hours = load_office_hours().with_overrides(overrides)
        _, book = _asked(AcdTables(records.database, records.vault).book())
        teams = {agent.number: agent.team for agent in book.tables.agents}
        stands = ReviewStands(
            records.database,
            records.vault,
            SystemClock(),
            OfficeCalendar(lambda: hours),
            lambda number: teams.get(number, ""),
            rules,
        )
        yield _Desk(records, make_review(stands))


@click.group()
def command() -> None:
    """Find recordings: the index of what is known of them; samples; the reviewers' work list."""


@command.command()
@click.option("--whole", is_flag=True, help="Make every row anew; searches go on meanwhile.")
@_JSON
def index(whole: bool, as_json: bool) -> None:
    """Bring what changed into the index of recordings, or make all of it anew.

    The running service does the former by itself, every few seconds.
    """
    with _opened() as desk:
        started = time.monotonic()
        count = desk.ask(_rebuild(desk.part, quiet=as_json) if whole else _feed(desk.part))
        seconds = time.monotonic() - started
    if as_json:
        click.echo(json.dumps({"recordings": count, "seconds": round(seconds, 3)}))
        return
    click.echo(f"{count} recordings in {seconds:.1f} s.")


async def _rebuild(part: ReviewPart, *, quiet: bool) -> int:
    def told(done: int) -> None:
        if not quiet and done % 20_000 == 0:
            click.echo(f"{done} recordings …", err=True)

    return await part.feed.rebuild(datetime.now(UTC), told)


async def _feed(part: ReviewPart) -> int:
    count, more = 0, True
    while more:
        fed = await part.feed.pass_once(datetime.now(UTC))
        count, more = count + fed.recordings, fed.more
    return count


@command.command()
@click.argument("name", default="")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The period in which this day is.")
@_JSON
def sample(name: str, day: datetime | None, as_json: bool) -> None:
    """List the sampling plans, or let the one called NAME draw for its last period.

    A period is drawn once: again tells what was drawn then.
    """
    with _opened() as desk:
        plans = desk.ask(desk.part.plans.all())
        if not name:
            _list_plans(plans, as_json)
            return
        kept = next((one for one in plans if name in (one.plan.name, one.plan_id)), None)
        if kept is None:
            raise click.ClickException(f"There is no plan `{name}`. Remedy: kring review sample lists them")
        _draw(desk, kept, day, as_json)


def _draw(desk: _Desk, kept: KeptPlan, day: datetime | None, as_json: bool) -> None:
    today = office_day(datetime.now(UTC))
    if day is not None and day.date() > today:
        raise click.ClickException(f"{day:%Y-%m-%d} has not come. Remedy: name today or an earlier day")
    by = f"cli:{user()}"
    asked = day.date() if day is not None else today if kept.plan.every is Every.HAND else None
    period = None if asked is None else period_of(kept.plan.every, asked)
    drawn, new = desk.ask(desk.part.draw(kept, by, period))
    desk.audit("review_plan_drawn", f"plan:{kept.plan_id}", period=drawn.period, taken=str(drawn.taken))
    if as_json:
        told = {"period": drawn.period, "seed": drawn.seed, "found": drawn.found, "taken": drawn.taken}
        click.echo(json.dumps({**told, "new": new}))
        return
    before = "" if new else f" (drawn before, {wib(drawn.at)} WIB)"
    click.echo(f"{drawn.period}: {drawn.taken} of {drawn.found} recordings, seed {drawn.seed}{before}.")


def _list_plans(plans: Sequence[KeptPlan], as_json: bool) -> None:
    if as_json:
        for one in plans:
            row = {"plan_id": one.plan_id, "name": one.plan.name, "active": one.active}
            click.echo(json.dumps({**row, "why": one.plan.why, "every": one.plan.every}))
        return
    cells = [
        (one.plan.name, "active" if one.active else "stopped", one.plan.why.value, one.plan.every.value)
        for one in plans
    ]
    for line in aligned(("Plan", "State", "Draws", "Every"), cells):
        click.echo(line)


@command.command()
@_JSON
def work(as_json: bool) -> None:
    """Show what waits to be reviewed, the one due first in front."""
    with _opened() as desk:
        desk.ask(desk.part.tasks.settle(datetime.now(UTC)))
        waiting = desk.ask(desk.part.tasks.waiting(1000))
    if as_json:
        for one in waiting:
            row = {"recording_id": one.recording_id, "plan": one.plan, "why": one.why}
            click.echo(json.dumps({**row, "due_on": one.due_on.isoformat()}))
        return
    cells = [(one.recording_id, f"{one.due_on}", mask(one.agent), one.plan) for one in waiting]
    for line in aligned(("Recording", "Due", "Agent", "Plan"), cells):
        click.echo(line)
