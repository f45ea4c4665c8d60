"""`kring acd`: the floor live, why a call went where it went, and the tables of skills."""

import dataclasses
import importlib
import json
import sys
from collections.abc import Callable

import click

from acd.messages import WORD, staff_messages
from service.call_path import path_lines
from service.floor_client import FloorClient, FloorUnreachable, NotGranted, Row
from service.floor_session import floor_session
from service.floor_views_text import agents_lines, queues_lines, talks_lines
from service.records import open_records
from service.settings import load_settings
from storage.call_reader import CallNotFound, CallReader
from storage.floor_reader import FloorReader

_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one object a line.")
_WATCH = click.option("--watch", is_flag=True, help="Show every change, until Ctrl-C.")
_TABLES = "service.commands.acd_tables"
_CLEAR = "\x1b[H\x1b[2J"

Lines = Callable[[list[Row], str, bool], list[str]]


class _WithTables(click.Group):
    """Loads `tables`, a command with a module of its own, when it is first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "tables"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "tables":
            return super().get_command(ctx, cmd_name)
        found: click.Command = importlib.import_module(_TABLES).command
        return found


@click.group(cls=_WithTables)
def command() -> None:
    """See agents, queues and talks live; explain calls; import and export the tables."""


@command.command()
@_WATCH
@_JSON
@click.option("--all", "everybody", is_flag=True, help="Also who is signed out.")
def agents(watch: bool, as_json: bool, everybody: bool) -> None:
    """List the agents and what they are doing."""
    _show("agents", lambda row: everybody or row["declared"] != "signed_out", agents_lines, watch, as_json)


@command.command()
@_WATCH
@_JSON
@click.option("--all", "everything", is_flag=True, help="Also queues in which nothing happens.")
def queues(watch: bool, as_json: bool, everything: bool) -> None:
    """List the queues: who waits, how long, and who can take them."""

    def wanted(row: Row) -> bool:
        return everything or bool(row["waiting"] or row["talking"] or row["serving"])

    _show("queues", wanted, queues_lines, watch, as_json)


@command.command()
@_JSON
def talks(as_json: bool) -> None:
    """List the talks that are on."""
    _show("talks", lambda _: True, lambda rows, language, _: talks_lines(rows, language), False, as_json)


@command.command()
def blending() -> None:
    """Say how many agents inbound lends to outbound work, and why no more or none."""
    with floor_session() as (client, _):
        click.echo(client.lending())


@command.command()
@click.argument("call")
@_JSON
def explain(call: str, as_json: bool) -> None:
    """Say why CALL is where it is, and how it came there. CALL is its id, or the beginning of it."""
    with open_records() as records:
        try:
            found = CallReader(records.database, records.vault).find(call)
        except CallNotFound as error:
            raise click.ClickException(str(error)) from error
        path = FloorReader(records.database).of_call(found.call_id)
        language = records.settings.language
    now = _explained_now(found.call_id)
    if as_json:
        rows = [{"row": type(row).__name__, **dataclasses.asdict(row)} for row in path]
        click.echo(json.dumps({"call_id": found.call_id, "now": now, "path": rows}, default=str))
        return
    for line in path_lines(path, language):
        click.echo(line)
    if now is not None:
        click.echo(now["text"])
    elif not path:
        click.echo(staff_messages().text(WORD, "never_waited", language))


def _explained_now(call_id: str) -> Row | None:
    """Return why a call waits now; None when it does not wait, or no service runs to ask."""
    try:
        return FloorClient(load_settings()).explain(call_id)
    except (FloorUnreachable, NotGranted):
        return None


def _show(name: str, wanted: Callable[[Row], bool], lines: Lines, watch: bool, as_json: bool) -> None:
    with floor_session() as (client, language):
        if not watch:
            _print(client, name, wanted, language, lines, as_json)
            return
        for _ in client.changes():
            if sys.stdout.isatty() and not as_json:
                click.echo(_CLEAR, nl=False)
            _print(client, name, wanted, language, lines, as_json)


def _print(
    client: FloorClient, name: str, wanted: Callable[[Row], bool], language: str, lines: Lines, as_json: bool
) -> None:
    rows = [row for row in client.rows(name) if wanted(row)]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    for line in lines(rows, language, sys.stdout.isatty()):
        click.echo(line)
