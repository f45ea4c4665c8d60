"""`kring settings`: every setting and where it came from."""

import json

import click

from service.settings import SettingsError, keys, load_settings, shown, variable


@click.group()
def command() -> None:
    """Show every setting and where it came from."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--about", is_flag=True, help="Say what each setting means.")
def show(as_json: bool, about: bool) -> None:
    """Print each setting's value and source; passwords are hidden."""
    import dataclasses

    from service.settings import Settings

    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    abouts = {item.name: item.metadata.get("about", "") for item in dataclasses.fields(Settings)}
    rows = [
        {
            "key": key,
            "value": shown(settings, key),
            "source": str(settings.sources[key]),
            "variable": variable(key),
            "about": abouts[key],
        }
        for key in keys()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    wide = max(len(row["key"]) for row in rows)
    wider = max(len(row["value"]) for row in rows)
    for row in rows:
        click.echo(f"{row['key']:<{wide}}  {row['value']:<{wider}}  {row['source']}")
        if about:
            click.echo(f"{'':<{wide}}  {row['variable']}: {row['about']}")
