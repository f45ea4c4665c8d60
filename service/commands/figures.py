"""`kring figures`: figures by days, groups and intervals; their roll-ups, and whether these are right."""

import asyncio
import json
import random
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import click

from acd.skills import office_day
from desk.matter_data import TableProblem
from domain.clock import SystemClock
from reporting.asking import Dimension, FiguresUnavailable, Interval, Line, NotAsked, Question
from reporting.formulas import COUNTS, FORMULAS, Unit
from service.aligned import aligned
from service.figures_part import FiguresPart, make_figures
from service.records import open_records
from service.timeline import wib

T = TypeVar("T")
_DAY = click.DateTime(["%Y-%m-%d"])
_FROM = click.option("--from", "first", type=_DAY, help="First day of the office; default: today.")
_TO = click.option("--to", "last", type=_DAY, help="Last day, included; default: the first day.")
_WRONG = {
    "first_after_last": "the first day is after the last one",
    "twice": "a group is named twice",
    "too_long": "that is too long; parts of a day are told for 93 days at most",
    "too_many": "that would be too many lines; ask for fewer groups or longer intervals",
}
_USUAL = ("art", "aht", "crm", "ce", "pai", "cph", "ats", "service_level", "abandonment", "occupancy")


@contextmanager
def _opened() -> Iterator[FiguresPart]:
    with open_records() as records:
        try:
            yield make_figures(records.database, records.vault, SystemClock())
        except TableProblem as error:
            raise click.ClickException(str(error)) from error


def _asked(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except FiguresUnavailable as error:
        raise click.ClickException(str(error)) from error
    except NotAsked as error:
        raise click.ClickException(_WRONG.get(error.word, str(error))) from error


@click.group()
def command() -> None:
    """Figures: ART, AHT, CRM %, CE, PAI, CPH, ATS, service level and more, by anything."""


@command.command()
@_FROM
@_TO
@click.option(
    "--by", default="", help="Groups, with commas: agent,team,tier,queue,branch,direction,campaign."
)
@click.option("--interval", type=click.Choice([one.value for one in Interval]), default="whole")
@click.option("--only", multiple=True, metavar="GROUP=VALUE", help="Narrow to a value; may be repeated.")
@click.option("--figure", "names", multiple=True, type=click.Choice(list(FORMULAS)), help="Which figures.")
@click.option("--recompute", is_flag=True, help="From the event log, whatever was rolled up.")
@click.option("--json", "as_json", is_flag=True, help="For programs: with every count.")
def show(
    first: Any,
    last: Any,
    by: str,
    interval: str,
    only: Sequence[str],
    names: Sequence[str],
    recompute: bool,
    as_json: bool,
) -> None:
    """Show figures of some days."""
    day = first.date() if first else office_day(SystemClock().now())
    groups = tuple(_dimension(name) for name in by.split(",") if name.strip())
    question = Question(day, last.date() if last else day, groups, Interval(interval), _narrowed(only))
    with _opened() as part:
        figures = part.figures
        lines = _asked(figures.recomputed(question) if recompute else figures.lines(question))
    if as_json:
        for line in lines:
            click.echo(json.dumps(_as_json(line, groups)))
        return
    wanted = names or _USUAL
    head = ("from", *groups, "incoming", "ACD calls", *(FORMULAS[name].en.name for name in wanted))
    rows = [
        (
            "" if line.begins is None else wib(line.begins)[:16],
            *(value or "-" for value in line.key),
            str(line.counts.incoming),
            str(line.counts.acd_calls),
            *(_shown(name, line) for name in wanted),
        )
        for line in lines
    ]
    click.echo("\n".join(aligned(head, rows)) if rows else "nothing is on record")


@command.command()
@click.option("--anew", is_flag=True, help="Throw every roll-up away first.")
@click.option("--most", type=int, help="At most so many days.")
def rollup(anew: bool, most: int | None) -> None:
    """Make the roll-ups that are missing, and those again for which rows came in later."""
    with _opened() as part:
        if anew:
            _asked(part.rollups.forget())
        began = time.monotonic()
        rolled = _asked(part.rollups.round(most))
    seconds = time.monotonic() - began
    click.echo(
        f"{len(rolled.days)} days and {rolled.months} months rolled up in {seconds:.1f} s; "
        f"{rolled.left} days left"
    )


@command.command()
@_FROM
@_TO
@click.option("--days", "count", type=int, default=0, help="So many days among these, at random.")
def check(first: Any, last: Any, count: int) -> None:
    """Hold roll-ups against a recomputation from the event log. Exit 1: they differ."""
    with _opened() as part:
        until = last.date() if last else office_day(SystemClock().now()) - timedelta(days=1)
        since = first.date() if first else until - timedelta(days=30)
        days = [since + timedelta(days=ahead) for ahead in range((until - since).days + 1)]
        if count and count < len(days):
            days = sorted(random.sample(days, count))
        checked = _asked(part.rollups.check(days))
    wrong = [one.day for one in checked if not one.same]
    for day in wrong:
        click.echo(f"{day}: the roll-up differs from the event log")
    click.echo(f"{len(checked)} of {len(days)} days have a roll-up; {len(wrong)} differ")
    if wrong:
        click.echo("Remedy: kring figures rollup --anew")
        raise SystemExit(1)


@command.command("import-year")
@click.option("--days", type=int, default=365, help="So many days from 1 January on, with their share.")
def import_year(days: int) -> None:
    """Load a drawn year into an installation without calls: to try reports out, never beside real calls.

    Minutes of work, in which nobody else can write to an SQLite database: stop the service first.
    """
    # The generator belongs to the benches, which the service does not need to run.
    from bench.year import WHOLE
    from bench.year_load import NotEmpty, load_year

    size = WHOLE if days >= 365 else WHOLE.share(max(2, days))
    with open_records() as records:
        try:
            rows = asyncio.run(load_year(records.database, records.vault, size, click.echo))
        except NotEmpty as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"{rows:,} rows: {size.inbound:,} inbound calls, {size.answered:,} answered, {size.dials:,} dials. "
        "Next: kring figures rollup"
    )


def _dimension(name: str) -> Dimension:
    try:
        return Dimension(name.strip())
    except ValueError:
        known = ", ".join(Dimension)
        raise click.ClickException(f"{name}: no such group; there are {known}") from None


def _narrowed(only: Sequence[str]) -> Mapping[Dimension, frozenset[str]]:
    found: dict[Dimension, set[str]] = {}
    for one in only:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.ClickException(f"--only {name}: write GROUP=VALUE, e.g. queue=efin")
        found.setdefault(_dimension(name), set()).add(value)
    return {dimension: frozenset(values) for dimension, values in found.items()}


def _as_json(line: Line, groups: Sequence[Dimension]) -> Mapping[str, Any]:
    return {
        "from": None if line.begins is None else line.begins.isoformat(),
        **dict(zip(groups, line.key, strict=True)),
        "counts": {name: value for name in COUNTS if (value := getattr(line.counts, name))},
        "figures": {name: formula.of(line.counts).value for name, formula in FORMULAS.items()},
    }


def _shown(name: str, line: Line) -> str:
    value = FORMULAS[name].of(line.counts).value
    if value is None:
        return "-"
    return f"{value * 100:.1f} %" if FORMULAS[name].unit is Unit.SHARE else f"{value:.1f}"
