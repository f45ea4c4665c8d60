"""`kring doctor`: checks everything this installation can have wrong and names the remedy."""

import json
import sys
from dataclasses import asdict

import click

_SIGNS = {"good": "ok ", "note": "-- ", "warning": "!  ", "wrong": "NO "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings as well.")
def command(as_json: bool, strict: bool) -> None:
    """Check everything this installation can have wrong and name the remedy.

    `NO` does not work, `!` works and will not for ever or not for everybody, `--` is good to know. Exits with
    1 if something does not work.
    """
    from service.checkup import look
    from service.findings import Severity
    from service.settings import SettingsError, load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    findings = look(settings)
    wrong = sum(finding.severity is Severity.WRONG for finding in findings)
    warned = sum(finding.severity is Severity.WARNING for finding in findings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{_SIGNS[str(finding.severity)]} {finding.about:<14} {finding.found}")
            if finding.remedy is not None:
                click.echo(f"    {'':<14} → {finding.remedy}")
        told = f"{wrong} of {len(findings)} need attention" if wrong else "Nothing is broken"
        click.echo(f"\n{told}; {warned} warnings." if warned else f"\n{told}.")
    sys.exit(1 if wrong or (strict and warned) else 0)
