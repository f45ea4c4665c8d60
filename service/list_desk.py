"""What the commands of `kring lists` work with, and how they show a list."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from desk.working_days import office_day
from dialer.imports import FileRefused, ImportsBusy, Inspection, OrderRefused, Progress
from dialer.lists import ListChanged, ListState, ListsUnavailable, Order, SamePerson, TaxpayerList
from dialer.lists_order import check_order
from dialer.mapping import ColumnMapping, ColumnUse, MappingRefused, Role
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from service.floor_client import user
from service.list_imports import ListImports
from service.records import Records, open_records
from service.secrets import MASTER_KEY
from storage.audit import DurableAudit
from storage.lists import DurableLists
from web.list_refused_sheet import RefusedSheet, placed
from web.list_sheets import Row, SheetFailed, csv_parts, xlsx_file
from web.texts import Texts

T = TypeVar("T")
_AGAIN = 0.5  # seconds between two looks at the progress
_BATCH = 2000  # rows read at a time for a file


@dataclass(frozen=True, slots=True)
class ListDesk:
    """What a command works with."""

    records: Records
    lists: DurableLists
    imports: ListImports
    texts: Texts
    who: str

    def say(self, name: str, **values: object) -> str:
        """Return a text in English; a word without one is shown as it is."""
        return self.texts.say("en", name, **values) if name in self.texts else name.rpartition(".")[2]

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message to the user."""
        try:
            return asyncio.run(work)
        except FileRefused as error:
            detail = f" ({error.detail})" if error.detail else ""
            raise click.ClickException(f"{self.say(f'lists_fault.{error.fault}')}{detail}") from error
        except MappingRefused as error:
            column = f"column {error.column!r}: " if error.column else ""
            remedy = "look at the columns with: kring lists look FILE; set one with --map 'HEADER=ROLE'"
            raise click.ClickException(
                f"{column}{self.say(f'lists_mapping.{error.fault}')} {remedy}"
            ) from error
        except OrderRefused as error:
            option = error.field.replace("_", "-")
            raise click.ClickException(f"--{option}: {self.say(f'lists_order.{error.fault}')}") from error
        except KeyError as error:
            raise click.ClickException("There is no such list; look at: kring lists list") from error
        except (ImportsBusy, ListChanged, SamePerson) as error:
            doc = type(error).__doc__ or ""
            raise click.ClickException(doc.splitlines()[0]) from error
        except (AuditUnavailable, ListsUnavailable, SheetFailed) as error:
            raise click.ClickException(str(error)) from error

    async def audit(self, act: str, list_id: str, **data: str) -> None:
        """Put an act on the trail, before it is done."""
        row = AuditRow(datetime.now(UTC), self.who, act, f"list:{list_id}", data=data)
        await DurableAudit(self.records.database).record(row)


@contextmanager
def opened() -> Iterator[ListDesk]:
    """Open the lists of this installation for as long as the block lasts."""
    with open_records() as records:
        settings = records.settings
        imports = ListImports(
            records.database,
            records.vault,
            settings.database,
            settings.secrets_folder / MASTER_KEY,
            settings.home / "uploads",
            SystemClock(),
        )
        lists = DurableLists(records.database, records.vault)
        yield ListDesk(records, lists, imports, Texts.load(), f"cli:{user()}")


async def load(
    desk: ListDesk, order: Order, file: Path, maps: Sequence[str], sheets: tuple[str, ...], *, quiet: bool
) -> Progress:
    """Load a file and wait for its end, with a bar on standard error; Ctrl-C breaks off."""
    check_order(order, office_day(datetime.now(UTC)))
    found = await desk.imports.inspect(file, file.name, order.source)
    mapping = ColumnMapping(dict(chosen(found, maps)), sheets)
    for name in left_out(found, mapping):
        click.echo(f"Sheet {name!r} has not all of these columns: it is left out.", err=True)
    await desk.audit("list_loaded", "new", source=order.source)
    list_id = await desk.imports.begin(order, mapping, file, file.name, desk.who)
    bar = click.progressbar(length=1000, label="Reading", file=sys.stderr, hidden=quiet)
    try:
        with bar:
            while (progress := await desk.imports.progress(list_id)).state is ListState.LOADING:
                bar.update(int(progress.share * 1000) - bar.pos)
                await asyncio.sleep(_AGAIN)
            bar.update(1000 - bar.pos)
    except asyncio.CancelledError:
        await desk.imports.cancel(list_id, desk.who)
        raise
    finally:
        await desk.imports.stop()
    return progress


def chosen(found: Inspection, maps: Sequence[str]) -> Iterator[tuple[str, ColumnUse]]:
    """Yield the proposed use of every column, or the one that was given for it."""
    given: dict[str, ColumnUse] = {}
    for text in maps:
        header, _, role = text.rpartition("=")
        kind, _, name = role.partition(":")
        if kind not in set(Role) or header not in found.header:
            raise click.ClickException(
                f"--map {text!r}: no such column or role. Columns: {', '.join(found.header)}. "
                f"Roles: {', '.join(role.value for role in Role)}; field:NAME"
            )
        given[header] = ColumnUse(Role(kind), name.rstrip("!"), required=name.endswith("!"))
    for column, use in found.proposed.columns.items():
        yield column, given.get(column, use)


def left_out(found: Inspection, mapping: ColumnMapping) -> Sequence[str]:
    """Return the sheets with a header that are not read, where none were chosen."""
    used = {column for column, use in mapping.columns.items() if use.role is not Role.IGNORED}
    return [one.name for one in found.sheets if not mapping.sheets and not used <= set(one.header)]


async def export(desk: ListDesk, list_id: str, output: Path) -> None:
    """Write rows that were not accepted, as they came, with reason and remedy behind them."""
    form = output.suffix.lower()
    if form not in (".csv", ".xlsx"):
        raise click.ClickException(f"{output}: write a name that ends in .csv or .xlsx")
    header = await desk.lists.header(list_id)
    await desk.audit("list_refused_downloaded", list_id, form=form[1:])
    await desk.lists.note_export(list_id, desk.who, datetime.now(UTC))
    sheet = RefusedSheet(desk.texts, "en", header)
    await asyncio.to_thread(_new_file, output)
    if form == ".csv":
        async for part in csv_parts(sheet.header, _refused(desk, list_id, sheet)):
            await asyncio.to_thread(_append, output, part)
        return
    with await xlsx_file(output.parent, sheet.header, _refused(desk, list_id, sheet)) as file:
        await asyncio.to_thread(lambda: _append(output, file.read()))


async def _refused(desk: ListDesk, list_id: str, sheet: RefusedSheet) -> AsyncIterator[Sequence[Row]]:
    after = 0
    while rows := await desk.lists.refused(list_id, after, _BATCH):
        yield [
            sheet.row(
                row.cells,
                placed(row.sheet, row.sheet_row),
                desk.say(f"lists_reason.{row.reason}"),
                row.column,
                desk.say(f"lists_remedy.{row.reason}"),
            )
            for row in rows
        ]
        after = rows[-1].row


def _new_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; name a new file") from error


def _append(path: Path, part: bytes) -> None:
    with path.open("ab") as file:
        file.write(part)


def show_list(desk: ListDesk, one: TaxpayerList, progress: Progress) -> None:
    """Print a list's order and what became of its rows."""
    order, counts = one.order, one.counts
    click.echo(f"{one.list_id}  {state(one)}  {order.title}")
    click.echo(f"{order.requester}, {order.unit}, {order.order_number}; {order.legal_basis}")
    click.echo(f"data of {order.cut_off}, calls until {order.expires_on}, source {order.source}")
    if progress.state is ListState.FAILED:
        click.echo(desk.say(f"lists_fault.{progress.fault}"))
        return
    click.echo(
        f"{counts.read} rows: {counts.accepted} accepted, {counts.rejected} rejected, "
        f"{counts.duplicate} duplicates, {counts.suppressed} suppressed"
    )
    for reason, count in sorted(one.reasons.items(), key=lambda pair: -pair[1]):
        remedy = desk.say(f"lists_remedy.{reason}")
        click.echo(f"{count:>9}  {desk.say(f'lists_reason.{reason}')}. {remedy}")


def state(one: TaxpayerList) -> str:
    """Return a list's state; an approved one whose last day is past has expired."""
    past = one.order.expires_on < office_day(datetime.now(UTC))
    return "expired" if one.state is ListState.APPROVED and past else one.state.value


def row(one: TaxpayerList) -> dict[str, Any]:
    """Return a list for programs."""
    counts = one.counts
    return {
        "list_id": one.list_id,
        "state": one.state.value,
        **{name: str(getattr(one.order, name)) for name in Order.__slots__},
        **{name: getattr(counts, name) for name in type(counts).__slots__},
        "reasons": dict(one.reasons),
        "loaded_by": one.loaded_by,
        "loaded_at": one.loaded_at.isoformat(),
        "approved_by": one.approved_by,
    }
