"""The floor's client for a command that ends soon; what can go wrong becomes a message to the user."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from service.floor_client import FloorClient, FloorUnreachable, NotGranted
from service.settings import SettingsError, load_settings


@contextmanager
def floor_session() -> Iterator[tuple[FloorClient, str]]:
    """Yield the client and the language of this installation."""
    try:
        settings = load_settings()
        yield FloorClient(settings), settings.language
    except (FloorUnreachable, NotGranted, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
