"""Whether the service of this installation is alive: `python -m service.alive` ends with 0 or 1."""

import sys
import urllib.error
import urllib.request

import click

from service.floor_client import EVERYWHERE
from service.settings import Settings, SettingsError, load_settings
from service.web_trust import web_trust

WITHIN = 3.0  # seconds


def is_alive(settings: Settings) -> bool:
    """Ask the pages, where and how they are served. Blocking."""
    host = EVERYWHERE.get(settings.web_host, settings.web_host)
    place = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.pages_by_tls else "http"
    try:
        asked = f"{scheme}://{place}:{settings.web_port}/healthz"
        with urllib.request.urlopen(asked, timeout=WITHIN, context=web_trust(settings)) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def note_if_away(settings: Settings) -> None:
    """Tell whoever changed or asked something that no service acts on it now, and the remedy. Blocking."""
    if is_alive(settings):
        return
    click.echo(
        f"No service answers at {settings.web_host}:{settings.web_port}: until one runs no call is taken or "
        "placed. Remedy: start it (make run), or name its installation with KRING_HOME and KRING_PORT_OFFSET",
        err=True,
    )


if __name__ == "__main__":
    try:
        sys.exit(0 if is_alive(load_settings()) else 1)
    except SettingsError as error:
        sys.exit(str(error))
