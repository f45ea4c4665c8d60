"""`kring api`: the running service's API, described for people and for programs."""

import json

import click

from service.floor_client import FloorClient, FloorUnreachable, NotGranted
from service.settings import SettingsError, load_settings
from web.api_document import document


@click.group()
def command() -> None:
    """The HTTP API: every operation, who may ask, what it does."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="The whole description (OpenAPI), for programs.")
def describe(as_json: bool) -> None:
    """Describe the API of the running service, as docs/api.md does."""
    try:
        description = FloorClient(load_settings()).description()
    except (SettingsError, FloorUnreachable, NotGranted) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(description, indent=1) if as_json else document(description), nl=as_json)
