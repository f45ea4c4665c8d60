"""`kring dialer`: attempts to reach people outside, and those of which nobody knows what became."""

from datetime import UTC, datetime, timedelta

import click

from dialer.attempts import Attempt, AttemptState
from dialer.tally import Tally
from domain.masking import mask
from service.alive import note_if_away
from service.commands.calls import Moment
from service.records import Records, open_records
from service.timeline import wib
from storage.attempt_reader import AttemptReader, RoleRow
from storage.database import DatabaseProblem
from storage.vault import VaultProblem

_DAY = timedelta(hours=24)


@click.group()
def command() -> None:
    """See what the dialer does and did; numbers masked."""


@command.command()
def status() -> None:
    """Show who dials, what is unfinished, and the last 24 hours by outcome."""
    with open_records() as records:
        reader = _reader(records)
        try:
            roles, unfinished = reader.roles(), reader.unfinished()
            tally = reader.tally(datetime.now(UTC) - _DAY)
        except (DatabaseProblem, VaultProblem) as error:
            raise click.ClickException(str(error)) from error
    for role in roles:
        click.echo(_role(role))
    if not roles:
        click.echo("Nobody dials: no service with `outbound` and campaigns has run yet.")
    click.echo(f"Unfinished attempts: {len(unfinished)}")
    for row in unfinished:
        click.echo(f"  {_line(row)}")
    click.echo(_summary(tally))
    note_if_away(records.settings)


@command.command()
@click.option("--since", type=Moment(), help="Intended then or later: a time (WIB), 2h, 7d. Default: 24h.")
@click.option("--campaign", default=None, help="Only this campaign's, by its id.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000))
def attempts(since: datetime | None, campaign: str | None, most: int) -> None:
    """List attempts, the newest first."""
    with open_records() as records:
        try:
            found = _reader(records).newest(since or datetime.now(UTC) - _DAY, campaign, most)
        except (DatabaseProblem, VaultProblem) as error:
            raise click.ClickException(str(error)) from error
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("No attempt.", err=True)


@command.command()
@click.option("--since", type=Moment(), help="Flagged then or later: a time (WIB), 2h, 7d. Default: 7d.")
def flagged(since: datetime | None) -> None:
    """List attempts of which neither Asterisk nor its ledger knows what became: look into each."""
    with open_records() as records:
        try:
            found = _reader(records).flagged(since or datetime.now(UTC) - 7 * _DAY)
        except (DatabaseProblem, VaultProblem) as error:
            raise click.ClickException(str(error)) from error
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("None is flagged.", err=True)


def _reader(records: Records) -> AttemptReader:
    return AttemptReader(records.database, records.vault)


def _role(role: RoleRow) -> str:
    until = "holds it now" if role.held else f"gave it up or died; it expired {wib(role.expires_at)} WIB"
    return f"{role.role}: taken {wib(role.taken_at)} WIB, {until}"


def _line(row: Attempt) -> str:
    end = row.why or (row.outcome.value if row.outcome else "")
    if row.state is AttemptState.FLAGGED:
        end = "flagged"
    code = f"  SIP {row.sip_code}" if row.sip_code else ""
    at = wib(row.intended_at) if row.intended_at else "-"
    return f"{row.attempt_id}  {at}  {mask(row.number)}  {row.mode}  {row.state}  {end}{code}".rstrip()


def _summary(tally: Tally) -> str:
    ends = ", ".join(f"{outcome} {count}" for outcome, count in sorted(tally.outcomes.items()))
    return (
        f"Last 24 hours: {tally.sent} sent, {tally.answered} answered, {tally.abandoned} abandoned "
        f"({100 * tally.abandoned_share:.1f} % of live answers), {tally.flagged} flagged"
        + (f"\n  {ends}" if ends else "")
    )
