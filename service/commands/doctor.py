"""`kring doctor`: checks everything this installation can have wrong and names the remedy."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from web.checkup_port import Finding, Severity
from web.checkup_texts import tell
from web.texts import LANGUAGES

_SIGNS = {Severity.GOOD: "ok ", Severity.NOTE: "-- ", Severity.WARNING: "!  ", Severity.WRONG: "NO "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings as well.")
@click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of findings."
)
def command(as_json: bool, strict: bool, language: str) -> None:
    """Check everything this installation can have wrong and name the remedy.

    `NO` does not work, `!` works and will not for ever or not for everybody, `--` is good to know. Exits with
    1 if something does not work.
    """
    from service.checkup import look
    from service.settings import SettingsError, load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    findings = look(settings)
    wrong = sum(finding.severity is Severity.WRONG for finding in findings)
    warned = sum(finding.severity is Severity.WARNING for finding in findings)
    if as_json:
        told_whole = [asdict(finding) | asdict(tell(finding, language)) for finding in findings]
        click.echo(json.dumps(told_whole, indent=2))
    else:
        _print(findings, language)
        told = f"{wrong} of {len(findings)} need attention" if wrong else "Nothing is broken"
        click.echo(f"\n{told}; {warned} warnings." if warned else f"\n{told}.")
    sys.exit(1 if wrong or (strict and warned) else 0)


def _print(findings: Sequence[Finding], language: str) -> None:
    for finding in findings:
        told = tell(finding, language)
        click.echo(f"{_SIGNS[finding.severity]} {told.title:<26} {told.found}")
        if finding.detail:
            click.echo(f"    {'':<26} ({finding.detail})")
        if told.remedy is not None:
            click.echo(f"    {'':<26} → {told.remedy}")
