"""`kring agent account`: the SIP accounts of agents' phones and browsers."""

import json
from datetime import datetime

import click

from domain.accounts import AccountKind
from service.aligned import aligned
from service.floor_session import floor_session
from service.settings import Settings, load_settings
from service.timeline import wib

_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def account() -> None:
    """Make, revoke and list the SIP accounts of agents."""


@account.command()
@click.argument("agent")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in AccountKind]),
    default=AccountKind.DESK.value,
    show_default=True,
    help="A SIP phone on the desk, or a browser (WebRTC).",
)
@_JSON
def create(agent: str, kind: str, as_json: bool) -> None:
    """Make an account for AGENT, a staff number. Its secret is shown once, here, and kept nowhere."""
    with floor_session() as (client, _):
        made = client.post("accounts", {"agent": agent, "kind": kind})
        settings = load_settings()
    if as_json:
        click.echo(json.dumps(made))
        return
    for line in what_to_type(made["account"], made["secret"], AccountKind(made["kind"]), settings):
        click.echo(line)


@account.command()
@click.argument("account")
def revoke(account: str) -> None:
    """Revoke ACCOUNT at once; a talk on it goes on until its end."""
    with floor_session() as (client, _):
        client.post("accounts/revoke", {"account": account})
    click.echo(f"{account} is revoked.")


@account.command("list")
@click.option("--all", "everything", is_flag=True, help="Also revoked ones.")
@_JSON
def list_accounts(everything: bool, as_json: bool) -> None:
    """List the accounts, oldest first."""
    with floor_session() as (client, _):
        rows = [row for row in client.rows("accounts") if everything or row["revoked_at"] is None]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
        return
    if not rows:
        click.echo("No accounts.", err=True)
        return
    cells = [
        (row["account"], row["agent"], row["kind"], _state(row["revoked_at"], row["reachable"]),
         wib(datetime.fromisoformat(row["created_at"])))
        for row in rows
    ]  # fmt: skip
    for line in aligned(("Account", "Agent", "Kind", "Phone", "Made (WIB)"), cells):
        click.echo(line)


def what_to_type(account: str, secret: str, kind: AccountKind, settings: Settings) -> list[str]:
    """Return what to enter into a phone or page, line by line."""
    if kind is AccountKind.BROWSER:
        server = f"wss://{settings.wss_name or settings.wss_host}:{settings.wss_port}/ws"
        codec = "PCMA or Opus"
    else:
        server = f"{settings.sip_host}:{settings.sip_port} (UDP)"
        codec = "PCMA, DTMF by RFC 4733"
    return [
        f"SIP server  {server}",
        f"User name   {account}",
        f"Password    {secret}",
        f"Codec       {codec}",
        "The password is shown only now. Lost? Revoke the account and make another.",
    ]


def _state(revoked_at: str | None, reachable: bool) -> str:
    if revoked_at is not None:
        return "revoked"
    return "reachable" if reachable else "not reachable"
