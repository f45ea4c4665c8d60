"""`kring acd tables`: check, import and export the tables of agents and skills."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from acd.skills import office_day
from acd.tables_csv import CsvRefused, RowProblem
from service.floor_client import user
from service.records import open_records
from service.timeline import wib
from storage.acd_folder import FolderProblem, read_folder, write_folder
from storage.acd_tables import SHIPPED, AcdTables, ChangedMeanwhile, Draft, NoSuchVersion, TableChange

_FOLDER = click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER"
)


@click.group()
def command() -> None:
    """Check, import and export the tables: agents, skills, competences, rings, requirements and more.

    A folder holds one CSV file for each table. A table that is not in the folder stays as it is.
    """


@command.command()
@_FOLDER
def check(folder: Path) -> None:
    """Check the tables of a folder as an import would, and say what would change.

    Every mistake is told with file, row, field and remedy; the exit status is then 1.
    """
    with _tables() as tables:
        _tell(_draft(tables, folder))
    click.echo("All in order; nothing was changed.")


@command.command("import")
@_FOLDER
@click.option("--dry-run", is_flag=True, help="As `check`.")
@click.option("--about", default="", help="Why, for the record.")
@click.option("--who", help="Who does it, for the record. Default: the user of this machine.")
def import_folder(folder: Path, dry_run: bool, about: str, who: str | None) -> None:
    """Put the tables of a folder in force: all of them, or with a mistake none.

    A running service notices within a second. Calls keep their places and talks go on.
    """
    with _tables() as tables:
        draft = _draft(tables, folder)
        _tell(draft)
        if dry_run:
            click.echo("All in order; nothing was changed.")
            return
        number = asyncio.run(tables.put(draft, who or user(), about, datetime.now(UTC)))
    if number == draft.based_on:
        click.echo(f"Version {number} stays in force.")
    else:
        click.echo(f"Version {number} is in force.")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--version", "number", type=click.IntRange(0), help="Default: the one in force. 0: as shipped.")
def export(folder: Path, number: int | None) -> None:
    """Write the tables into a new folder that only you can read; they can be imported again."""
    with _tables() as tables:
        found, texts = asyncio.run(tables.texts(number))
        write_folder(folder, texts)
    click.echo(f"Version {found}: {len(texts)} tables in {folder}")


@command.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def history(limit: int) -> None:
    """List the versions, newest first: when (WIB), who, what changed, why."""
    with _tables() as tables:
        versions = asyncio.run(tables.history(limit))
    for version in versions:
        changed = ", ".join(f"{table} ({version.rows[table]} rows)" for table in version.changed)
        line = f"{version.number:>4}  {wib(version.at)} WIB  {version.who}  {changed}  {version.about}"
        click.echo(line.rstrip())
    if not versions:
        click.echo(f"The tables are as shipped (version {SHIPPED}).")


@contextmanager
def _tables() -> Iterator[AcdTables]:
    """Open the tables for as long as the block lasts; known problems become messages to the user."""
    try:
        with open_records() as records:
            yield AcdTables(records.database, records.vault)
    except CsvRefused as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        count = len(error.problems)
        raise click.ClickException(
            f"{count} mistake{'s' if count > 1 else ''}; nothing was changed"
        ) from error
    except ChangedMeanwhile as error:
        raise click.ClickException(f"{error}. Remedy: check and import again") from error
    except (FolderProblem, NoSuchVersion) as error:
        raise click.ClickException(str(error)) from error


def _draft(tables: AcdTables, folder: Path) -> Draft:
    given = read_folder(folder)
    try:
        return asyncio.run(tables.draft(given, office_day(datetime.now(UTC))))
    except CsvRefused as error:
        raise CsvRefused([_placed(problem, given) for problem in error.problems]) from error


def _placed(problem: RowProblem, given: Mapping[str, str]) -> RowProblem:
    """Return a mistake with the word whether it is in a table that the folder does not have."""
    if problem.file.removesuffix(".csv") in given:
        return problem
    return replace(problem, file=f"{problem.file} in force")


def _tell(draft: Draft) -> None:
    for table, change in draft.changes.items():
        click.echo(f"{table}: {_told(change)}")
    if not draft.changes:
        click.echo(f"The same as version {draft.based_on}.")


def _told(change: TableChange) -> str:
    return f"{change.added} rows new or changed, {change.removed} gone or changed, {change.same} as before"
