"""`kring recordings policy`: what is recorded, checked and put in force."""

import asyncio
from pathlib import Path

import click

from domain.clock import SystemClock
from recording.policies import PoliciesUnavailable, PolicyProblem, read_policies
from service.records import open_records
from storage.recording_policies import DurablePolicies


@click.group("policy")
def command() -> None:
    """What is recorded: by campaign, kind of campaign, queue and direction."""


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a table and change nothing."""
    _read(file)
    click.echo(f"{file.name}: in order")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--why", required=True, help="Why it changes, for the record.")
@click.option("--by", default="command line", show_default=True, help="Who changes it.")
def import_(file: Path, why: str, by: str) -> None:
    """Check a table and put it in force; calls that begin from now on go by it."""
    text = _read(file)
    with open_records() as records:
        store = DurablePolicies(records.database)
        try:
            kept = asyncio.run(store.add(text, by[:64], why[:200], SystemClock().now()))
        except PoliciesUnavailable as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"version {kept.version} is in force")


@command.command("show")
@click.option("--number", type=int, help="A version; the one in force if left out.")
def show(number: int | None) -> None:
    """Print a version of the table."""
    with open_records() as records:
        try:
            versions = asyncio.run(DurablePolicies(records.database).all())
        except PoliciesUnavailable as error:
            raise click.ClickException(str(error)) from error
    wanted = versions[0].version if number is None else number
    found = next((one for one in versions if one.version == wanted), None)
    if found is None:
        raise click.ClickException(f"there is no version {wanted}. Remedy: one of 0 to {versions[0].version}")
    click.echo(
        f"# version {found.version}" + (f", {found.at:%Y-%m-%d %H:%M} UTC: {found.why}" if found.at else "")
    )
    click.echo(found.text, nl=False)


def _read(file: Path) -> str:
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        read_policies(file.name, text)
    except PolicyProblem as error:
        raise click.ClickException(str(error)) from error
    return text
