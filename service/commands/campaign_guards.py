"""`kring campaigns outcomes | suppress | unsuppress | kill-switch`: who is not called, and nobody at all."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dialer.contacts import NPWP_KEY, NUMBER_KEY, Key
from dialer.reasons import WhyNot
from domain.masking import mask
from domain.npwp import LENGTH, check_npwp
from domain.phone import callback_number
from service.alive import note_if_away
from service.campaign_desk import CampaignDesk, opened
from service.outcome_feed import FeedRefused, read_feed, take_in
from service.timeline import wib

_KEY_BYTES = 16


@click.group()
def outcomes() -> None:
    """What taxpayers have done: whoever has filed or paid is not called for it any more."""


@outcomes.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", help="Where it comes from, for the record. Default: the file's name without digits."
)
@click.option("--skip-wrong", is_flag=True, help="Take the other lines although some are wrong.")
def import_outcomes(file: Path, source: str | None, skip_wrong: bool) -> None:
    """Take in FILE, a CSV (UTF-8) of the columns npwp, kind (filed, paid), period and date.

    Every mistake is told with line, field and remedy; with one, nothing is taken in.
    """
    with opened() as desk:
        try:
            feed = read_feed(file, desk.records.vault.lookup_key)
        except FeedRefused as error:
            raise click.ClickException(str(error)) from error
        for mistake in feed.mistakes:
            click.echo(str(mistake), err=True)
        # Nothing personal is kept in clear, and digits of a file's name could be.
        named = source or "".join(sign for sign in file.stem if not sign.isdigit()).strip("-_ ") or "file"
        now = datetime.now(UTC)
        found = desk.ask(take_in(feed, desk.part.solved, named[:64], now, skip_wrong=skip_wrong))
        if not found.taken:
            raise click.ClickException(
                f"{feed.wrong} of {feed.wrong + len(feed.outcomes)} lines are wrong; nothing was taken in. "
                "Remedy: mend them, or --skip-wrong"
            )
    click.echo(f"{found.new} outcomes are new, {found.known} were known, {found.wrong} lines were wrong.")


def _whose(given: Callable[..., Any]) -> Callable[..., Any]:
    what = click.option(
        "--what",
        type=click.Choice(["npwp", "number"]),
        required=True,
        help="Whose: a taxpayer's or a number.",
    )
    return what(given)


@click.command()
@_whose
@click.option(
    "--why",
    type=click.Choice([WhyNot.DO_NOT_CALL.value, WhyNot.WRONG_NUMBER.value]),
    default=WhyNot.DO_NOT_CALL.value,
    show_default=True,
)
def suppress(what: str, why: str) -> None:
    """Let no campaign call a taxpayer or a number any more. It is asked for, or read from standard input."""
    with opened() as desk:
        key, shown = _asked(desk, what)
        if what == "npwp" and why == WhyNot.WRONG_NUMBER:
            raise click.UsageError("a taxpayer is no wrong number; --what number")
        desk.ask(desk.part.suppressions.add(key, why, desk.who, datetime.now(UTC)))
    click.echo(f"{shown} is not called any more ({why}).")


@click.command()
@_whose
def unsuppress(what: str) -> None:
    """Let a taxpayer or a number be called again; who lifted it stays on record."""
    with opened() as desk:
        key, shown = _asked(desk, what)
        before = desk.ask(desk.part.suppressions.find([key]))
        if key not in before:
            raise click.ClickException(f"{shown} is not suppressed; nothing was changed")
        desk.ask(desk.part.suppressions.remove(key, desk.who, datetime.now(UTC)))
        for step in desk.ask(desk.part.suppressions.trail(key)):
            click.echo(f"{wib(step.at)} WIB  {step.act}  {step.why}  {step.who}")
    click.echo(f"{shown} may be called again.")


@click.group("kill-switch")
def kill_switch() -> None:
    """Stop all outbound dialling at once; what rings is cancelled within a second."""


@kill_switch.command("on")
@click.option("--reason", required=True, help="Why, for the record.")
def switch_on(reason: str) -> None:
    """Stop everything."""
    with opened() as desk:
        try:
            change = desk.ask(desk.part.switch.throw(desk.who, reason, datetime.now(UTC)))
        except ValueError as error:
            raise click.ClickException(f"--reason: {error}") from error
    click.echo(f"Nothing is dialled since {wib(change.at)} WIB: {change.reason}")


@kill_switch.command("off")
@click.option("--reason", default="", help="Why, for the record.")
def switch_off(reason: str) -> None:
    """Allow dialling again."""
    with opened() as desk:
        change = desk.ask(desk.part.switch.lift(desk.who, reason, datetime.now(UTC)))
    click.echo(f"Campaigns that run dial again since {wib(change.at)} WIB.")
    note_if_away(desk.records.settings)


@kill_switch.command("show")
def switch_show() -> None:
    """Say whether it is thrown, and list who threw and lifted it; exit 1 while it is thrown."""
    with opened() as desk:
        changes = desk.ask(desk.part.switch.history())
    thrown = bool(changes) and changes[0].thrown
    click.echo(
        "The kill switch is thrown: nothing is dialled." if thrown else "The kill switch is not thrown."
    )
    for change in changes:
        deed = "thrown" if change.thrown else "lifted"
        click.echo(f"{wib(change.at)} WIB  {deed}  {change.who}  {change.reason}".rstrip())
    raise SystemExit(1 if thrown else 0)


def _asked(desk: CampaignDesk, what: str) -> tuple[Key, str]:
    """Ask for an NPWP or a number; return its key, and what may be shown of it.

    Asked for, not an argument: those stand in the shell's history and in the list of processes.
    """
    said = str(
        click.prompt("NPWP, 16 digits" if what == "npwp" else "Number", hide_input=False, err=True)
    ).strip()
    if what == "npwp":
        if len(said) != LENGTH or not check_npwp(said).valid:
            raise click.ClickException(f"{mask(said)} is no NPWP. Remedy: write its 16 digits")
        value = NPWP_KEY + said
    else:
        number = callback_number(said)
        if number is None:
            raise click.ClickException(
                f"{mask(said)} is no number that could be dialled. Remedy: 08… or +62…"
            )
        said, value = number, NUMBER_KEY + number
    return desk.records.vault.lookup_key(value)[:_KEY_BYTES], mask(said)
