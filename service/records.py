"""Opens the installation's records for a command that ends soon."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from ivr.hours_tables import TableProblem
from service.secrets import MASTER_KEY
from service.settings import Settings, SettingsError, load_settings
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem


@dataclass(frozen=True, slots=True)
class Records:
    """The open records of an installation."""

    settings: Settings
    database: Database
    vault: Vault


@contextmanager
def open_records() -> Iterator[Records]:
    """Open the records for as long as the block lasts; known problems become messages to the user."""
    try:
        settings = load_settings()
        key = settings.secrets_folder / MASTER_KEY
        if not key.exists():
            raise click.ClickException(
                f"{key}: missing; nothing was ever recorded here, or the key was moved. "
                "Remedy: make run, or restore the key"
            )
        vault = Vault.load(key)
        database = Database.open(settings.database)
        try:
            yield Records(settings, database, vault)
        finally:
            database.close()
    except (DatabaseProblem, SettingsError, TableProblem, VaultProblem) as error:
        raise click.ClickException(str(error)) from error
