"""`kring callbacks`: callers who wait to be called back, and callers whose calls were lost."""

import asyncio
import csv
import io
import os
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.callbacks import CallbacksUnavailable, LostCaller
from domain.masking import mask
from domain.phone import callback_number
from service.commands.calls import Moment
from service.records import Records, open_records
from service.timeline import wib
from storage.callbacks import DurableCallbacks
from storage.lost_callers import RecordedLostCallers

_LIVES_HOURS = 24
T = TypeVar("T")


@click.group()
def command() -> None:
    """See who waits to be called back; call back those whose calls were lost."""


@command.command("list")
def list_open() -> None:
    """List the open callbacks, the longest waiting first; numbers masked."""
    with open_records() as records:
        found = _run(DurableCallbacks(records.database, records.vault).open())
    for one in found:
        state = "being called" if one.taken_at else f"called {one.attempts} times"
        click.echo(
            f"{one.call_id}  {mask(one.number)}  {one.queue}  {one.language}  since {wib(one.since)}  "
            f"until {wib(one.expires_at)} WIB  {state}"
        )
    if not found:
        click.echo("Nobody waits to be called back.", err=True)


@command.command()
@click.argument("call")
def withdraw(call: str) -> None:
    """Close a callback that is no longer wanted. CALL is its id, as `list` shows it."""
    with open_records() as records:
        book = DurableCallbacks(records.database, records.vault)
        done = _run(book.withdrawn(call, datetime.now(UTC)))
    if done is None:
        raise click.ClickException(
            "No callback of this id waits. Remedy: kring callbacks list; wait if it is being called"
        )
    click.echo("Nobody will be called.")


@command.command()
@click.option("--since", type=Moment(), required=True, help="Lost then or later: a time (WIB), 2h, 7d.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file, mode 0600.")
@click.option("--book", is_flag=True, help="Book them as callbacks, in their old places.")
@click.option("--hours", default=_LIVES_HOURS, show_default=True, type=click.IntRange(1, 96))
def lost(since: datetime, output: Path | None, book: bool, hours: int) -> None:
    """List callers who waited or talked when their calls were lost, the longest waiting first.

    Numbers are masked; `--output` writes them in full, as CSV, into a file that only you can read.
    Whoever rang again and reached an agent is left out. A running service calls those who are booked,
    inside opening hours, within `--hours`.
    """
    with open_records() as records:
        found = _run(RecordedLostCallers(records.database, records.vault).lost_callers(since))
        if output is not None:
            _write(output, found)
        booked = _booked(records, found, hours) if book else 0
    for one in found:
        how = "talking" if one.answered else "waiting"
        click.echo(f"{one.call_id}  {mask(one.number)}  {one.queue}  {how}  lost {wib(one.lost_at)} WIB")
    if book:
        click.echo(f"{booked} of {len(found)} are booked.")
    elif not found:
        click.echo("No call was lost.", err=True)


def _booked(records: Records, found: Sequence[LostCaller], hours: int) -> int:
    """Book whoever has a number that may be called; return how many."""
    book, now = DurableCallbacks(records.database, records.vault), datetime.now(UTC)
    until, count = now + timedelta(hours=hours), 0
    for one in found:
        number = callback_number(one.number)
        if number is not None:
            place = one.queue, one.language, one.since
            done = _run(book.book(one.call_id, number, *place, until, now))
            count += done.closed_at is None
    return count


def _write(output: Path, found: Sequence[LostCaller]) -> None:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["call_id", "number", "queue", "language", "since", "lost_at", "answered"])
    for one in found:
        times = wib(one.since), wib(one.lost_at)
        rows.writerow([one.call_id, one.number, one.queue, one.language, *times, one.answered])
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(
            f"{output}: cannot be made ({error.strerror}). Remedy: name a new file"
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.getvalue())


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except CallbacksUnavailable as error:
        raise click.ClickException(str(error)) from error
