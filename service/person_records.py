"""Opens what the work on people's requests needs, for a process or command that ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.clock import SystemClock
from recording.persons_table import load_person_table
from service.person_jobs import PersonGround
from service.recording_keeping_records import open_keeping
from service.secrets import MASTER_KEY
from service.settings import Settings
from storage.person_requests import DurablePersons
from storage.vault import Vault

BUNDLES = "bundles"  # a folder of the installation, mode 0700


def bundle_folder(settings: Settings) -> Path:
    """Return where bundles lie until they are handed over and removed."""
    return settings.home / BUNDLES


@contextmanager
def open_persons() -> Iterator[PersonGround]:
    """Open them for as long as the block lasts.

    Raises SettingsError, DatabaseProblem, VaultProblem, desk.matter_data.TableProblem, StoreAway.
    """
    with open_keeping() as (records, keeping):
        vault = Vault.load(records.settings.secrets_folder / MASTER_KEY)
        yield PersonGround(
            records.database,
            vault,
            DurablePersons(records.database, vault),
            records.book,
            records.sounds,
            keeping.destruction,
            keeping.holds,
            records.audit,
            SystemClock(),
            load_person_table(),
            bundle_folder(records.settings),
        )
