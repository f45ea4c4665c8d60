"""`kring recordings hold|release|destroy|retention|keys`: what changes recordings, and the rules for it."""

import asyncio
from datetime import UTC, datetime

import click

from domain.clock import SystemClock
from recording.keys import KeyRefused, RecordingKeys
from recording.retention import BY_TABLE
from service.recording_desk import RecordingDesk, desk
from service.timeline import wib
from storage.recording_rewrap import Rewrap

_REASON = click.option("--reason", required=True, help="A word of `kring recordings retention`.")


def add_orders(group: click.Group) -> None:
    """Add the commands."""
    for one in (hold, release, destroy, asked, retention, keys):
        group.add_command(one)


@click.command()
@click.argument("recording")
@click.option("--reason", required=True, help="A word of `kring recordings retention`, or WORD:WHAT.")
def hold(recording: str, reason: str) -> None:
    """Let a recording not be destroyed until the hold is released. RECORDING: its id."""
    with desk() as at:
        one = at.one(recording)
        _check_hold(at, reason)
        if one.destroyed_at is not None:
            raise click.ClickException("It is destroyed; there is nothing left to hold")
        at.note("recording_held", f"recording:{one.recording_id}", reason)
        at.ask(at.keeping.holds.hold(one.recording_id, reason, at.who))
        held = at.ask(at.keeping.holds.reasons(one.recording_id))
    click.echo(f"{one.recording_id} is held: {', '.join(sorted(held))}")


@click.command()
@click.argument("recording")
@_REASON
def release(recording: str, reason: str) -> None:
    """Lift a hold; others stay. RECORDING: its id."""
    with desk() as at:
        one = at.one(recording)
        held = at.ask(at.keeping.holds.reasons(one.recording_id))
        if reason not in held:
            shown = ", ".join(sorted(held)) or "nothing"
            raise click.ClickException(f"--reason: it is held for {shown}; nothing was changed")
        at.note("recording_released", f"recording:{one.recording_id}", reason)
        at.ask(at.keeping.holds.release(one.recording_id, reason, at.who))
        left = at.ask(at.keeping.holds.reasons(one.recording_id))
    click.echo(f"{one.recording_id}: " + (f"still held: {', '.join(sorted(left))}" if left else "not held"))


@click.command()
@click.argument("recording")
@_REASON
@click.option("--ask", "only_ask", is_flag=True, help="Ask for it; somebody else confirms by doing it.")
@click.option("--deny", is_flag=True, help="Withdraw or turn down what was asked.")
def destroy(recording: str, reason: str, only_ask: bool, deny: bool) -> None:
    """Destroy a recording for good: its key and its sound. Its row and the reason stay. RECORDING: its id.

    Outside the table two people are needed: one asks (--ask), another one does it.
    """
    with desk() as at:
        one = at.one(recording)
        subject = f"recording:{one.recording_id}"
        if deny:
            at.note("recording_destruction_denied", subject, reason)
            at.ask(at.keeping.destruction.deny(one.recording_id, at.who))
            click.echo("It stays.")
            return
        if only_ask:
            at.note("recording_destruction_asked", subject, reason)
            at.ask(at.keeping.destruction.ask(one.recording_id, reason, at.who))
            click.echo("Asked for. Somebody else confirms:")
            click.echo(f"  kring recordings destroy {one.recording_id} --reason {reason}")
            return
        at.note("recording_destroyed", subject, reason)
        gone = at.ask(at.keeping.destruction.destroy(one.recording_id, reason, at.who))
    click.echo(f"{gone.recording_id} is destroyed ({gone.cause}).")


@click.command()
def asked() -> None:
    """List destructions outside the table that wait for a second person."""
    with desk() as at:
        found = at.ask(at.keeping.destruction.asked())
    for one in found:
        click.echo(f"{wib(one.at)}  {one.recording_id}  {one.reason}  {one.by}")
    if not found:
        click.echo("Nothing waits.", err=True)


@click.command()
@click.option("--run", is_flag=True, help="Destroy now what is due, as the service does every night.")
def retention(run: bool) -> None:
    """Show how long recordings are kept, and what is due."""
    with desk() as at:
        rules = at.keeping.table.at(datetime.now(UTC))
        click.echo(f"{rules.rule}, in force since {rules.since}" + (" (assumed)" if rules.assumed else ""))
        click.echo(f"  {rules.months} months, and for")
        for name, months in {**rules.queues, **rules.kinds}.items():
            click.echo(f"    {name:<20} {months} months")
        click.echo("  held as long as one stands:")
        for word, texts in rules.holds.items():
            click.echo(f"    {word:<20} {texts['en']}")
        click.echo("  destroyed for:")
        for word, texts in rules.destroyed_for.items():
            two = ", two people" if word in rules.second_person else ""
            click.echo(f"    {word:<20} {texts['en']}{two}")
        if run:
            at.note("recordings_retained", "recording:", BY_TABLE)
            click.echo(f"{at.ask(at.keeping.retention.run())} recordings destroyed.")
        click.echo(f"{len(at.ask(at.keeping.destruction.due(10_000)))} are due.")


@click.group()
def keys() -> None:
    """The master keys that wrap the recordings' own keys."""


@keys.command("rotate")
@click.option("--go-on", is_flag=True, help="Add no version; go on with wrapping what broke off.")
def rotate(go_on: bool) -> None:
    """Add a version of the master key and wrap every recording's key with it. Stored sound is not touched.

    Back the key file up afterwards: without it no recording can be heard.
    """
    with desk() as at:
        at.note("recording_keys_rotated", "recording:", "go_on" if go_on else "rotate")
        path = at.records.keys.path
        if not go_on:
            RecordingKeys.rotate(path)
        work = Rewrap(at.records.database, at.keeping.manifest, at.records.keys, SystemClock())
        waiting = at.ask(work.waiting())

        async def wrap() -> list[str]:
            refused = []
            for recording_id in waiting:
                try:
                    await work.rewrap(recording_id)
                except KeyRefused:
                    refused.append(recording_id)
                await asyncio.sleep(0)
            return refused

        refused = at.ask(wrap())
        current = at.records.keys.current
    for recording_id in refused:
        click.echo(f"{recording_id}: its wrapped key was changed; restore the row from a backup", err=True)
    click.echo(f"Version {current}: {len(waiting) - len(refused)} keys wrapped. Back up {path}")
    raise SystemExit(1 if refused else 0)


def _check_hold(at: RecordingDesk, reason: str) -> None:
    rules = at.keeping.table.at(datetime.now(UTC))
    if not rules.hold_reason(reason):
        words = ", ".join(rules.holds)
        raise click.ClickException(f"--reason: {reason[:40]} is none of {words}; nothing was changed")
