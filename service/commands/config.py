"""`kring config`: the tables of settings, with the same checks, record and undoing as on the page."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.clock import SystemClock
from service.config_office import TableOffice
from service.config_side import make_office
from service.floor_client import user
from service.records import open_records
from service.timeline import wib
from web.config_port import (
    CannotUndo,
    ChangedMeanwhile,
    ConfigRefused,
    ConfigUnavailable,
    Difference,
    Mistake,
    NothingChanged,
    Preview,
)

T = TypeVar("T")
_KIND = click.argument("kind", metavar="TABLE")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_WHY = click.option("--why", default="", help="Why, for the record, e.g. the circular's number.")


@click.group()
def command() -> None:
    """See and change the tables of settings: checked whole, on record with before and after, undone."""


@command.command("list")
def list_() -> None:
    """List every table: rows, assumed values, whether it was set here and waits for a start."""
    with _office() as office:
        for kind in _run(office.kinds()):
            words = [
                f"{kind.rows} rows",
                *([f"{kind.assumed} assumed"] if kind.assumed else []),
                *(["set here"] if kind.own else []),
                *(["waits for a start"] if kind.waiting else []),
            ]
            click.echo(f"{kind.name:<24} {kind.file:<30} {', '.join(words)}")


@command.command()
@_KIND
@click.option("--shipped", is_flag=True, help="As it comes with the product.")
def show(kind: str, shipped: bool) -> None:
    """Print a table as it was last set; it can be changed and brought by `set`."""
    with _office() as office:
        text = _run(office.shipped(kind)) if shipped else _run(office.open(kind)).text
        click.echo(text, nl=False)


@command.command()
@_KIND
@_FILE
def check(kind: str, file: Path) -> None:
    """Check a file as `set` would, and say what would change."""
    with _office() as office:
        _tell(_run(office.preview(kind, _read(file))))


@command.command("set")
@_KIND
@_FILE
@_WHY
def set_(kind: str, file: Path, why: str) -> None:
    """Put a file in force, whole; with a mistake nothing is changed."""
    with _office() as office:
        opened, text = _run(office.open(kind)), _read(file)
        _tell(_run(office.preview(kind, text)))
        row = _run(office.put(kind, text, opened.based_on, f"cli:{user()}", why))
        click.echo(f"Change {row.number} is on record.")


@command.command()
@click.option("--table", "kind", default="", help="Of this table only.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def changes(kind: str, limit: int) -> None:
    """List changes, newest first: who, when (WIB), what, why."""
    with _office() as office:
        for row in _run(office.changes(kind, most=limit)):
            undone = f"  undoes {row.undoes}" if row.undoes else ""
            undone += f"  undone by {row.undone_by}" if row.undone_by else ""
            lines = f"+{row.added} -{row.removed}"
            click.echo(
                f"{row.number:>5}  {wib(row.at)} WIB  {row.who}  {row.kind}  {lines}  {row.why}{undone}"
            )


@command.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@_WHY
def undo(number: int, dry_run: bool, why: str) -> None:
    """Undo a change and leave later ones; refused with the reason when it no longer applies."""
    with _office() as office:
        _tell(_run(office.undo_preview(number)))
        if not dry_run:
            row = _run(office.undo(number, f"cli:{user()}", why))
            click.echo(f"Change {row.number} is on record.")


@contextmanager
def _office() -> Iterator[TableOffice]:
    """Open settings for as long as the block lasts; known problems become messages to the user."""
    try:
        with open_records() as records:
            yield make_office(records.database, records.vault, SystemClock())
    except ConfigRefused as error:
        _mistakes(error.mistakes)
        raise click.ClickException("nothing was changed") from error
    except CannotUndo as error:
        _mistakes(error.mistakes)
        raise click.ClickException(_CANNOT[error.word]) from error
    except ChangedMeanwhile as error:
        raise click.ClickException(
            "somebody changed it meanwhile. Remedy: show it and begin again"
        ) from error
    except NothingChanged as error:
        raise click.ClickException("it is what stands already; nothing was recorded") from error
    except ConfigUnavailable as error:
        raise click.ClickException(str(error)) from error
    except KeyError as error:
        raise click.ClickException("there is no such table or change. Remedy: kring config list") from error


_CANNOT = {
    "undo_already": "it was undone already",
    "undo_overlaps": "the same lines were changed since. Remedy: undo the later change first, or `set` it",
    "undo_refused": "what stood before no longer passes the check with the tables in force",
    "undo_unknown": "this version has no such table",
    "undo_meanwhile": "the table changed meanwhile. Remedy: try again",
}


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: is not UTF-8. Remedy: save it as UTF-8") from error


def _mistakes(mistakes: Sequence[Mistake]) -> None:
    for one in mistakes:
        place = ", ".join(filter(None, (one.file, f"line {one.line}" if one.line else "", one.field)))
        value = f"`{one.value}`: " if one.value else ""
        click.echo(f"{place + ': ' if place else ''}{value}{one.what}. Remedy: {one.remedy}", file=sys.stderr)


def _tell(preview: Preview) -> None:
    for one in preview.differences:
        click.echo(_line(one))
    force = "in force within seconds" if preview.live else "in force after the next start of the service"
    click.echo(f"{preview.added} lines come, {preview.removed} go; {force}.")


def _line(one: Difference) -> str:
    return f"{one.sign} {one.text}" if one.sign else "…"
