"""`kring recordings`: what is recorded and whether it is whole. Nobody hears anything."""

from collections.abc import Iterator
from datetime import datetime

import click

from domain.clock import SystemClock
from recording.recordings import Recording
from recording.states import State
from service.commands import recording_policy
from service.commands.calls import Moment
from service.commands.recording_orders import add_orders
from service.recording_checks import tell_manifest, tell_scan
from service.recording_desk import desk
from service.recording_words import stray, wrong_row
from service.timeline import wib
from storage.recording_alarms import DurableAlarms
from storage.recording_listing import newest

_WRONG = 1  # exit code: something was found


@click.group()
def command() -> None:
    """See which recordings there are, check them, hold, release and destroy them."""


@command.command("list")
@click.option("--since", type=Moment(), help="Planned then or later: a day, a time (WIB), 2h, 7d.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only in this state.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
def list_recordings(since: datetime | None, state: str | None, limit: int) -> None:
    """List the newest recordings, newest first."""
    with desk() as at:
        at.note("recordings_listed", "recording:", "list")
        wanted = None if state is None else State(state)
        found = at.ask(newest(at.records.database, since, wanted, limit))
    for one in found:
        length = f"{one.audio_ms / 1000:.0f} s"
        click.echo(
            f"{wib(one.planned_at)}  {one.recording_id}  {one.state:<9}  {one.direction:<3}  "
            f"{one.queue:<16}  {length:>7}  {one.cause}".rstrip()
        )
    if not found:
        click.echo("No recordings.", err=True)


@command.command()
@click.argument("recording")
def show(recording: str) -> None:
    """Show a recording: its row, marks, holds, and what the manifest says. RECORDING: its id."""
    with desk() as at:
        one = at.one(recording)
        at.note("recording_shown", f"recording:{one.recording_id}", f"call:{one.call_id}")
        marks = at.ask(at.records.book.marks(one.recording_id))
        holds = at.ask(at.keeping.holds.trail(one.recording_id))
        rows = at.ask(at.keeping.manifest.of(one.recording_id))
    for name, value in _facts(one):
        click.echo(f"{name:<12} {value}")
    for mark in marks:
        until = "…" if mark.until_ms is None else f"{mark.until_ms / 1000:.1f} s"
        click.echo(
            f"mark         {mark.kind:<10} {mark.from_ms / 1000:.1f} s to {until}  {mark.detail}".rstrip()
        )
    for step in holds:
        click.echo(f"{step.act:<12} {wib(step.at)}  {step.reason}  {step.by}")
    for row in rows:
        click.echo(f"manifest     {row.number}  {wib(row.at)}  {row.act}  {row.detail}".rstrip())


@command.command()
@click.argument("recordings", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every one that is stored; takes as long as reading them.")
def verify(recordings: tuple[str, ...], every: bool) -> None:
    """Read stored recordings and hold their bytes against the manifest. Exit 1: something is wrong."""
    if bool(recordings) == every:
        raise click.UsageError("name recordings, or say --all")
    with desk() as at:
        ids = (
            at.ask(at.keeping.scanner.sealed()) if every else [at.one(one).recording_id for one in recordings]
        )

        async def look() -> list[str]:
            return [stray(found) async for found in at.keeping.scanner.changed(ids)]

        wrong = at.ask(look())
    for words in wrong:
        click.echo(words)
    click.echo(f"{len(ids)} recordings read, {len(wrong)} wrong.")
    raise SystemExit(_WRONG if wrong else 0)


@command.command()
@click.option("--mend", is_flag=True, help="Remove what is certainly too much; nothing else is touched.")
@click.option("--alarms/--no-alarms", default=True, show_default=True, help="Raise and clear alarms.")
def scan(mend: bool, alarms: bool) -> None:
    """Look for files without rows and rows without files, in both folders. Exit 1: something was found."""
    with desk() as at:
        found = at.ask(at.keeping.scanner.scan())
        if mend:
            at.note("recordings_mended", "recording:", "scan")
            mended = at.ask(at.keeping.scanner.mend(found))
            done = at.ask(at.keeping.destruction.complete())
            found = at.ask(at.keeping.scanner.scan())
            click.echo(f"{len(mended)} files and objects removed, {done} destructions completed.")
        if alarms:
            at.ask(tell_scan(DurableAlarms(at.records.database, SystemClock()), found))
    for one in found:
        click.echo(stray(one))
    click.echo(f"{len(found)} found.")
    raise SystemExit(_WRONG if found else 0)


@command.group()
def manifest() -> None:
    """The signed record of what was sealed, held and destroyed."""


@manifest.command("check")
@click.option("--alarms/--no-alarms", default=True, show_default=True, help="Raise and clear alarms.")
def check(alarms: bool) -> None:
    """Check every row against its signature and its anchor. Exit 1: something is wrong."""
    with desk() as at:
        report = at.ask(at.keeping.manifest.check())
        if alarms:
            at.ask(tell_manifest(DurableAlarms(at.records.database, SystemClock()), report))
    for one in report.findings:
        click.echo(wrong_row(one))
    waiting = max(0, report.head.number - report.anchored)
    click.echo(
        f"{report.rows} rows, {len(report.findings)} wrong; anchored up to row {report.anchored}"
        + (f", {waiting} wait for their anchor." if waiting else ".")
    )
    raise SystemExit(_WRONG if report.findings else 0)


@manifest.command("accept")
@click.option("--reason", required=True, help="Why the table is an older copy, for the record.")
def accept(reason: str) -> None:
    """Take the table as it is after a restore from a backup: its anchors begin anew, old ones are kept.

    Check first: rows that were changed stay findings, whatever is accepted.
    """
    with desk() as at:
        at.note("manifest_accepted", "manifest:", reason)
        head = at.ask(at.keeping.manifest.accept(reason.strip(), at.who))
    click.echo(f"Row {head.number} says so, and is anchored as the first one.")


@command.command()
def alarms() -> None:
    """List the open alarms, newest first. Exit 1: there are some."""
    with desk() as at:
        found = at.ask(DurableAlarms(at.records.database, SystemClock()).open())
    for one in found:
        seen = f"  seen by {one.seen_by}" if one.seen_by else ""
        subject = f"  {one.recording_id}" if one.recording_id else ""
        click.echo(f"{wib(one.raised_at)}  {one.kind}  {one.detail}{subject}{seen}".rstrip())
    click.echo(f"{len(found)} open.")
    raise SystemExit(_WRONG if found else 0)


def _facts(one: Recording) -> Iterator[tuple[str, str]]:
    yield "recording", one.recording_id
    yield "call", f"{one.call_id}, number {one.number}"
    yield "of", f"{one.direction} {one.queue} {one.campaign_id} agent {one.agent} {one.language}".strip()
    yield "state", f"{one.state} ({one.mode})" + (f", {one.cause}" if one.cause else "")
    yield "audio", f"{one.audio_ms / 1000:.1f} s of {one.expected_ms / 1000:.1f} s, {one.lost_ms} ms lost"
    times = (("planned", one.planned_at), ("started", one.started_at), ("stopped", one.stopped_at))
    later = (("sealed", one.sealed_at), ("keep until", one.keep_until), ("destroyed", one.destroyed_at))
    for name, at in (*times, *later):
        if at is not None:
            yield name, f"{wib(at)} WIB"
    if one.object_key:
        yield "stored", f"{one.object_key}, {one.object_bytes} bytes of {one.coding}, key {one.key_version}"


add_orders(command)
command.add_command(recording_policy.command)
