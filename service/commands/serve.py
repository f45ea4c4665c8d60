"""`kring serve`: run the service."""

import os
import sys
import time

import click

# A forked process keeps none of the threads that a numeric library starts when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command()
@click.option("--keep", is_flag=True, help="Start the service again whenever it dies.")
@click.option("--set-up", "only_set_up", is_flag=True, help="Make and check what is needed, then end.")
def command(keep: bool, only_set_up: bool) -> None:
    """Run the service, with Asterisk unless somebody else runs it. Ctrl-C stops both."""
    begun = time.monotonic()
    from service.settings import SettingsError, load_settings
    from service.tree import StartFailed

    try:
        settings = load_settings()
        from service.set_up import prepare

        prepared = prepare(settings, _say)
        if only_set_up:
            return
        from service import process

        if keep:
            sys.exit(process.keep(prepared, begun, _say))
        sys.exit(process.serve(prepared, begun, ready=lambda: None, first=True))
    except (SettingsError, StartFailed) as error:
        raise click.ClickException(str(error)) from error


def _say(text: str) -> None:
    click.echo(f"  {text}", err=True)
