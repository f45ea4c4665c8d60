"""`kring report`: saved reports, the monthly report, the queue_log export, the data dictionary."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from acd.skills import Skillbook, office_day
from desk.branches import load_branches
from desk.matter_data import TableProblem
from desk.tables import BadTable
from domain.clock import SystemClock
from reporting.asking import FiguresUnavailable, Interval, NotAsked
from reporting.reports import Asked, Definition, Format, Layout, ReportsUnavailable, SavedReport, Span
from reporting.reports_check import BadReport
from reporting.reports_table import TooLong
from reporting.reports_times import days_of, first_of_month, last_of_month, month_before
from service.aligned import aligned
from service.figures_part import make_figures
from service.records import Records, open_records
from service.report_files import NotWritten
from service.report_making import file_name
from service.report_part import ReportGround, ReportPart, make_reports
from service.timeline import wib
from storage.acd_tables import AcdTables
from storage.campaigns import DurableCampaigns
from storage.report_dictionary import DOCUMENT, made_dictionary
from storage.report_floor import write_queue_log
from storage.staff import DurableStaff
from web.texts import Texts

T = TypeVar("T")
_DAY = click.DateTime(["%Y-%m-%d"])
_MONTH = click.DateTime(["%Y-%m"])
_FORMAT = click.Choice([one.value for one in Format])
_LEAST_PREFIX = 4  # signs of an id
_OUTPUT = click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file in place of standard output."
)


@click.group()
def command() -> None:
    """Reports: saved and scheduled ones, the monthly report, exports."""


@command.command("list")
def list_() -> None:
    """List saved reports with their next and last making."""
    with open_records() as records, _part(records) as part:
        rows = []
        for one in _asked(part.reports.all()):
            runs = _asked(part.runs.runs(one.report_id, 1))
            last = f"{wib(runs[0].next_at)} {runs[0].state} {runs[0].outcome}".strip() if runs else "-"
            due = wib(one.next_due_at) if one.next_due_at else "by hand"
            rows.append((one.definition.code, one.definition.title, due, last, one.report_id))
    for line in aligned(("code", "title", "next", "last", "id"), rows):
        click.echo(line)


@command.command()
@click.argument("report")
@click.option("--first", type=_DAY, help="First day; default: the report's own days.")
@click.option("--last", type=_DAY, help="Last day, included.")
@click.option("--format", "form", type=_FORMAT, default="xlsx", show_default=True)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder."
)
def make(report: str, first: datetime | None, last: datetime | None, form: str, folder: Path) -> None:
    """Make a saved report now into a folder; nothing is sent. REPORT: its code or the begin of its id."""
    if (first is None) != (last is None):
        raise click.ClickException("--first and --last: write both or none")
    with open_records() as records, _part(records) as part:
        one = _one(part, report).definition
        today = office_day(SystemClock().now())
        days = days_of(one.asked, today) if first is None or last is None else (first.date(), last.date())
        _make(part, one, days, Format(form), folder)


@command.command()
@click.option("--month", type=_MONTH, help="YYYY-MM; default: the last month.")
@click.option("--format", "form", type=_FORMAT, default="pdf", show_default=True)
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder."
)
def monthly(month: datetime | None, form: str, language: str, folder: Path) -> None:
    """Make the monthly report into a folder."""
    first = month_before(office_day(SystemClock().now())) if month is None else month.date()
    title = Texts.load().say(language, "monthly.title")
    asked = Asked(Span.LAST_MONTH, interval=Interval.WHOLE)
    definition = Definition("laporan-bulanan", title, Layout.MONTHLY, asked, language=language)
    with open_records() as records, _part(records) as part:
        _make(part, definition, (first_of_month(first), last_of_month(first)), Format(form), folder)


@command.command()
def work() -> None:
    """Make and deliver once what is due; the running service does so by itself."""
    with open_records() as records, _part(records) as part:
        click.echo(f"{_asked(part.work.look())} runs")


@command.command("queue-log")
@click.option("--from", "first", type=_DAY, help="First day of the office; default: yesterday.")
@click.option("--to", "last", type=_DAY, help="Last day, included; default: the first day.")
@_OUTPUT
def queue_log(first: datetime | None, last: datetime | None, output: Path | None) -> None:
    """Export the floor's record as Asterisk's queue_log, for tools that read it.

    Agents are staff numbers, callers are left out. Days that follow each other can be put together.
    """
    today = office_day(SystemClock().now())
    begin = days_of(Asked(Span.YESTERDAY), today)[0] if first is None else first.date()
    end = begin if last is None else last.date()
    if end < begin:
        raise click.ClickException(f"--to {end}: before --from {begin}")
    with open_records() as records:
        book = _book(records)
        with _whole(output) as file:
            count = write_queue_log(records.database, book, (begin, end), file.write)
    click.echo(f"{count} lines", err=True)


@command.command()
@click.option("--write", is_flag=True, help="Write docs/data-dictionary.md.")
def dictionary(write: bool) -> None:
    """Print the data dictionary: figures, counts, tables."""
    text = made_dictionary()
    if write:
        DOCUMENT.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@contextmanager
def _part(records: Records) -> Iterator[ReportPart]:
    clock, book = SystemClock(), _book(records)
    try:
        yield make_reports(
            ReportGround(
                records.settings,
                records.database,
                records.vault,
                clock,
                make_figures(records.database, records.vault, clock).figures,
                DurableStaff(records.database, records.vault),
                load_branches(),
                lambda: book,
                DurableCampaigns(records.database, lambda _: None),
                Texts.load(),
            )
        )
    except (BadTable, TableProblem) as error:
        raise click.ClickException(str(error)) from error


def _book(records: Records) -> Skillbook:
    _, book = asyncio.run(AcdTables(records.database, records.vault).book())
    return book


def _one(part: ReportPart, wanted: str) -> SavedReport:
    reports = _asked(part.reports.all())
    by_code = [one for one in reports if one.definition.code == wanted]
    by_id = [one for one in reports if len(wanted) >= _LEAST_PREFIX and one.report_id.startswith(wanted)]
    found = by_code or by_id
    if len(found) != 1:
        raise click.ClickException("REPORT: no such report, or several. Remedy: kring report list")
    return found[0]


def _make(part: ReportPart, one: Definition, days: tuple[date, date], form: Format, folder: Path) -> None:
    path = folder / file_name(one, days, form)

    async def made() -> None:
        await part.files.make(await part.making.paper(one, days), form, path)

    _asked(made())
    click.echo(path)


@contextmanager
def _whole(output: Path | None) -> Iterator[TextIO]:
    """Open where lines go: a file is there as a whole or not at all, and readable by its owner only."""
    if output is None:
        yield sys.stdout
        return
    fresh = output.with_name(f".{output.name}.part")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        with fresh.open("w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(output)
    except OSError as error:
        raise click.ClickException(f"{output}: cannot be written ({error.strerror})") from error
    finally:
        fresh.unlink(missing_ok=True)


def _asked(work: Coroutine[Any, Any, T]) -> T:
    """Do something; what is wrong becomes a message."""
    try:
        return asyncio.run(work)
    except BadReport as error:
        text = Texts.load().say("en", f"report_problem.{error.word}")
        raise click.ClickException(f"{error.field}: {text}") from error
    except (FiguresUnavailable, NotAsked, ReportsUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except NotWritten as error:
        raise click.ClickException(f"the file cannot be written: {error}") from error
    except TooLong as error:
        raise click.ClickException(f"{error} rows: too many; ask for fewer days or groupings") from error
