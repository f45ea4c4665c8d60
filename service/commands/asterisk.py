"""`kring asterisk`: the embedded Asterisk by hand."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any, TypeVar

import click

from asterisk_conf import debian
from asterisk_conf.ami import AmiRefused, AmiUnavailable
from asterisk_conf.embedded import AsteriskFailed, EmbeddedAsterisk
from asterisk_conf.ports import PortTaken
from asterisk_conf.program import AsteriskProgram, find_asterisk
from asterisk_conf.render import UnusableSettings
from service.secrets import SecretsError, asterisk_settings, make_secrets, read_secrets
from service.settings import SettingsError, load_settings

Result = TypeVar("Result")

_KNOWN = (
    AmiRefused,
    AmiUnavailable,
    AsteriskFailed,
    PortTaken,
    SecretsError,
    SettingsError,
    UnusableSettings,
    debian.PackagesUnavailable,
)


@click.group()
def command() -> None:
    """Start, stop, ask or reload the embedded Asterisk."""


@command.command()
def fetch() -> None:
    """Fetch and unpack Asterisk from Debian, unless a new enough one is on PATH."""
    click.echo(_say(_run(_fetch())))


@command.command()
def start() -> None:
    """Start Asterisk, or find that it runs; it goes on when this command ends."""
    adopted = _run(_with_asterisk(lambda asterisk: asterisk.start()))
    click.echo("Asterisk runs already" if adopted else "Asterisk runs")


@command.command()
@click.option("--graceful", default=0.0, show_default=True, help="Seconds to let calls finish.")
def stop(graceful: float) -> None:
    """Stop Asterisk; calls that are still inside after the grace are hung up."""
    _run(_with_asterisk(lambda asterisk: asterisk.stop(graceful)))
    click.echo("Asterisk does not run")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say whether Asterisk runs and answers; exit 1 if not."""
    found = _run(_with_asterisk(lambda asterisk: asterisk.status()))
    if as_json:
        click.echo(json.dumps(asdict(found)))
    elif found.pid is None:
        click.echo("Asterisk does not run")
    else:
        click.echo(f"Asterisk runs: pid {found.pid}, {'ready' if found.ready else 'ARI does not answer'}")
        click.echo(f"calls inside: {'unknown' if found.calls is None else found.calls}")
        if not found.same_configuration:
            click.echo(
                "its configuration differs from the settings: kring asterisk reload, or stop and start"
            )
    context.exit(0 if found.ready else 1)


@command.command()
def reload() -> None:
    """Let Asterisk read its configuration anew; calls go on."""
    _run(_with_asterisk(lambda asterisk: asterisk.reload()))
    click.echo("Asterisk read its configuration; changed ports and addresses need stop and start")


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(work)
    except _KNOWN as error:
        raise click.ClickException(str(error)) from error


async def _fetch() -> AsteriskProgram:
    settings = load_settings()
    return await asyncio.to_thread(find_asterisk, settings.cache, click.echo)


async def _with_asterisk(work: Any) -> Any:
    settings = load_settings()
    make_secrets(settings)
    program = await asyncio.to_thread(find_asterisk, settings.cache, click.echo)
    return await work(
        EmbeddedAsterisk(asterisk_settings(settings, read_secrets(settings)), program, click.echo)
    )


def _say(program: AsteriskProgram) -> str:
    return f"Asterisk {program.version}: {program.argv[-1]}"
