"""`kring lists`: load lists of taxpayers, see what became of their rows, approve or withdraw them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dialer.campaigns import CampaignKind
from dialer.lists import ListState, Order, RefusedRow, Requester, TaxpayerList
from dialer.mapping import ColumnUse
from service.aligned import aligned
from service.list_desk import export, load, opened, row, show_list, state
from service.timeline import wib

_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_LIST = click.argument("list_id", metavar="LIST")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Lists of taxpayers to call: load, look through, approve, withdraw."""


@command.command("list")
@_JSON
def list_lists(as_json: bool) -> None:
    """List all lists, newest first."""
    with opened() as desk:
        found = desk.ask(desk.lists.all())
    if as_json:
        for one in found:
            click.echo(json.dumps(row(one)))
        return
    cells = [
        (one.list_id, state(one), str(one.counts.accepted), str(one.order.expires_on), one.order.title)
        for one in found
    ]
    for line in aligned(("List", "State", "Contacts", "Until", "Title"), cells, frozenset({2})):
        click.echo(line)


@command.command()
@_LIST
@_JSON
def show(list_id: str, as_json: bool) -> None:
    """Show a list: its order, what became of its rows, and what was done to it."""
    with opened() as desk:
        one = desk.ask(desk.lists.get(list_id))
        events = desk.ask(desk.lists.history(list_id))
        progress = desk.ask(desk.imports.progress(list_id))
        if as_json:
            click.echo(json.dumps({**row(one), "fault": progress.fault}))
            return
        show_list(desk, one, progress)
        for event in events:
            click.echo(f"{wib(event.at)} WIB  {event.what}  {event.who}")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="Under which the mapping of columns is remembered.")
@_JSON
def look(file: Path, source: str, as_json: bool) -> None:
    """Show what FILE is and what its columns probably are; nothing is loaded."""
    with opened() as desk:
        found = desk.ask(desk.imports.inspect(file, file.name, source))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "kind": found.kind,
                    "encoding": found.encoding,
                    "columns": {column: _role(use) for column, use in found.proposed.columns.items()},
                }
            )
        )
        return
    about = ", ".join(filter(None, (found.kind.value, found.encoding, repr(found.separator)[1:-1])))
    click.echo(f"{about}; sheets: {len(found.sheets)}; about {sum(s.rows for s in found.sheets)} rows")
    cells = [
        (column, _role(found.proposed.columns[column]), " | ".join(some[at] for some in found.sample))
        for at, column in enumerate(found.header)
    ]
    for line in aligned(("Column", "Role", "Sample"), cells):
        click.echo(line)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", required=True)
@click.option("--requester", type=click.Choice([one.value for one in Requester]), required=True)
@click.option("--unit", required=True, help="The directorate or regional unit that asks for the calls.")
@click.option("--order-number", required=True)
@click.option("--legal-basis", required=True)
@click.option("--cut-off", type=_DAY, required=True, help="The day of the data, YYYY-MM-DD.")
@click.option("--expires-on", type=_DAY, required=True, help="The last day of calling, YYYY-MM-DD.")
@click.option("--source", required=True, help="Under which the mapping of columns is remembered.")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in CampaignKind]),
    help="What the calls are for: who filed or paid since the cut-off, for any period, is left out.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="HEADER=ROLE",
    help="What a column is; `HEADER=field:NAME` for the script, `field:NAME!` if it is needed.",
)
@click.option("--sheet", "sheets", multiple=True, help="Only this sheet; several times for several.")
@_JSON
def import_list(file: Path, maps: Sequence[str], sheets: Sequence[str], as_json: bool, **words: Any) -> None:
    """Load FILE (CSV, XLSX, XLS or ODS). Nothing of it is dialled before a second person approves it."""
    order = _order(**words)
    with opened() as desk:
        progress = desk.ask(load(desk, order, file, maps, tuple(sheets), quiet=as_json))
        one = desk.ask(desk.lists.get(progress.list_id))
        if as_json:
            click.echo(json.dumps({**row(one), "fault": progress.fault}))
        else:
            show_list(desk, one, progress)
    if progress.state is ListState.FAILED:
        raise SystemExit(1)


@command.command()
@_LIST
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file, .csv or .xlsx, mode 0600, with the rows as they came: mend them and load it.",
)
def refused(list_id: str, output: Path | None) -> None:
    """Show rows that were not accepted and why, values masked; `--output` writes them whole."""
    with opened() as desk:
        desk.ask(desk.lists.get(list_id))
        if output is not None:
            desk.ask(export(desk, list_id, output))
            click.echo(f"{output}: written; it holds personal data.")
            return

        async def first() -> Sequence[RefusedRow]:
            await desk.audit("list_refused_viewed", list_id)
            return await desk.lists.refused(list_id, most=200)

        for one in desk.ask(first()):
            sheet = f"{one.sheet}, " if one.sheet else ""
            column = f" {one.column}: {one.value}:" if one.column else ""
            reason, remedy = (desk.say(f"lists_{word}.{one.reason}") for word in ("reason", "remedy"))
            click.echo(f"{sheet}row {one.sheet_row}:{column} {reason}. {remedy}")


@command.command()
@_LIST
def approve(list_id: str) -> None:
    """Let a list be dialled: by another person than the one who loaded it."""
    with opened() as desk:

        async def done() -> TaxpayerList:
            await desk.audit("list_approved", list_id)
            return await desk.lists.approve(list_id, desk.who, datetime.now(UTC))

        one = desk.ask(done())
    click.echo(f"{one.counts.accepted} contacts may be dialled until {one.order.expires_on}.")


@command.command()
@_LIST
def withdraw(list_id: str) -> None:
    """Let nothing of a list be dialled any more."""
    with opened() as desk:

        async def done() -> TaxpayerList:
            await desk.audit("list_withdrawn", list_id)
            return await desk.lists.withdraw(list_id, desk.who, datetime.now(UTC))

        desk.ask(done())
    click.echo("Nothing of it is dialled any more.")


def _role(use: ColumnUse) -> str:
    name = f":{use.name}{'!' if use.required else ''}" if use.name else ""
    return f"{use.role.value}{name}"


def _order(
    *,
    title: str,
    requester: str,
    unit: str,
    order_number: str,
    legal_basis: str,
    cut_off: datetime,
    expires_on: datetime,
    source: str,
    kind: str | None,
) -> Order:
    return Order(
        title,
        Requester(requester),
        unit,
        order_number,
        legal_basis,
        cut_off.date(),
        expires_on.date(),
        source,
        kind or "",
    )
