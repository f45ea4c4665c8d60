"""`kring doctor`: checks everything this installation needs and names the remedy."""

import json
import sys
from dataclasses import asdict

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(as_json: bool) -> None:
    """Check everything this installation needs and name the remedy. Exits with 1 if something is wrong."""
    from service.checkup import CHECKS
    from service.settings import SettingsError, load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    findings = [finding for check in CHECKS for finding in check(settings)]
    wrong = [finding for finding in findings if finding.remedy is not None]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.remedy is None else 'NO '} {finding.about:<10} {finding.found}")
            if finding.remedy is not None:
                click.echo(f"    {'':<10} → {finding.remedy}")
        click.echo(f"\n{len(wrong)} of {len(findings)} need attention." if wrong else "\nAll is well.")
    sys.exit(1 if wrong else 0)
