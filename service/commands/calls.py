"""`kring calls`: the record of calls. Keyed digits are never shown; numbers are masked."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import click

from ivr.hours import WIB
from service.records import Records, open_records
from service.timeline import reason_in_words, shown_data, timeline, wib
from storage.call_reader import CallFilter, CallNotFound, CallReader, RecordedCall, RecordedEvent

_CSV_COLUMNS = (
    "call_id", "dialled", "caller", "flow_version", "started_at", "ended_at", "end_reason",
    "seq", "at", "kind", "data",
)  # fmt: skip
_LANGUAGE = click.option("--lang", type=click.Choice(["id", "en"]), help="Default: the setting `language`.")


class Moment(click.ParamType[datetime]):
    """A day or a time in WIB, or a span before now (`30m`, `2h`, `7d`)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment in UTC."""
        spans = {"m": "minutes", "h": "hours", "d": "days"}
        try:
            if value[-1:] in spans and value[:-1].isascii() and value[:-1].isdigit():
                return datetime.now(UTC) - timedelta(**{spans[value[-1]]: int(value[:-1])})
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r}: write 2025-06-03, 2025-06-03T09:30 (WIB), 30m, 2h or 7d", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


_SINCE = click.option("--since", type=Moment(), help="Begun then or later: a day, a time (WIB), 2h, 7d.")
_UNTIL = click.option("--until", type=Moment(), help="Begun before then.")


@click.group()
def command() -> None:
    """List, show and export the record of calls."""


@command.command("list")
@_SINCE
@_UNTIL
@click.option("--running", is_flag=True, help="Only calls without an end.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="For programs: one call per line.")
@_LANGUAGE
def list_calls(
    since: datetime | None, until: datetime | None, running: bool, limit: int, as_json: bool, lang: str | None
) -> None:
    """List the newest calls, newest first."""
    with open_records() as records:
        found = _reader(records).newest(CallFilter(since, until, running), limit)
        language = lang or records.settings.language
    if as_json:
        for call in found:
            click.echo(json.dumps(_header(call), ensure_ascii=False))
        return
    for call in found:
        length = "" if call.seconds is None else f"{call.seconds:.0f} s"
        why = reason_in_words(call.end_reason, language)
        click.echo(
            f"{wib(call.started_at)}  {call.call_id}  {call.dialled:>9}  {call.caller or '-':>6}  "
            f"{length:>7}  {why}".rstrip()
        )
    if not found:
        click.echo("Tidak ada panggilan." if language == "id" else "No calls.", err=True)


@command.command()
@click.argument("call")
@click.option("--all", "everything", is_flag=True, help="Also playback ends and timers.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_LANGUAGE
def show(call: str, everything: bool, as_json: bool, lang: str | None) -> None:
    """Show a call's timeline. CALL is its id, or the beginning of it."""
    with open_records() as records:
        reader = _reader(records)
        try:
            found = reader.find(call)
        except CallNotFound as error:
            raise click.ClickException(str(error)) from error
        events = reader.events(found.call_id)
        language = lang or records.settings.language
    if as_json:
        click.echo(json.dumps(_with_events(found, events), ensure_ascii=False, indent=1))
        return
    for line in timeline(found, events, language, everything=everything):
        click.echo(line)


@command.command()
@click.option("--csv", "form", flag_value="csv", help="A line per event.")
@click.option("--json", "form", flag_value="json", default=True, help="A line per call, with its events.")
@_SINCE
@_UNTIL
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file, mode 0600.")
def export(form: str, since: datetime | None, until: datetime | None, output: Path | None) -> None:
    """Export calls with their events, oldest first, numbers masked."""
    with open_records() as records:
        calls = _reader(records).oldest_first(CallFilter(since, until))
        if output is None:
            _write(form, calls, sys.stdout)
            return
        try:
            output.touch(mode=0o600, exist_ok=False)
            with output.open("w", encoding="utf-8", newline="") as file:
                _write(form, calls, file)
        except OSError as error:
            raise click.ClickException(
                f"{output}: {error.strerror}. Remedy: name a file that is not there yet"
            ) from error


def _reader(records: Records) -> CallReader:
    return CallReader(records.database, records.vault)


def _write(form: str, calls: Iterator[tuple[RecordedCall, list[RecordedEvent]]], file: IO[str]) -> None:
    if form == "json":
        for call, events in calls:
            file.write(json.dumps(_with_events(call, events), ensure_ascii=False) + "\n")
        return
    writer = csv.writer(file)
    writer.writerow(_CSV_COLUMNS)
    for call, events in calls:
        header = list(_header(call).values())
        for event in events:
            data = json.dumps(shown_data(event), ensure_ascii=False)
            cells = [*header, event.seq, _iso(event.at), event.kind.value, data]
            writer.writerow(_cell(cell) for cell in cells)


def _cell(value: object) -> str:
    # A spreadsheet would run a text that begins so as a formula.
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _header(call: RecordedCall) -> dict[str, str | None]:
    return {
        "call_id": call.call_id,
        "dialled": call.dialled,
        "caller": call.caller,
        "flow_version": call.flow_version,
        "started_at": _iso(call.started_at),
        "ended_at": None if call.ended_at is None else _iso(call.ended_at),
        "end_reason": None if call.end_reason is None else call.end_reason.value,
    }


def _with_events(call: RecordedCall, events: list[RecordedEvent]) -> dict[str, object]:
    rows = [
        {"seq": event.seq, "at": _iso(event.at), "kind": event.kind.value, "data": shown_data(event)}
        for event in events
    ]
    return {**_header(call), "events": rows}


def _iso(at: datetime) -> str:
    return at.astimezone(WIB).isoformat(timespec="milliseconds")
