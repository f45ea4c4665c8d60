"""Opens what keeps recordings, for a command or process that ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asterisk_conf.settings import AsteriskSettings
from domain.clock import SystemClock
from recording.keys import KeyFile
from recording.plain import PlainFolder
from service.recording_keeping_part import Keeping, KeepingGround, make_keeping
from service.recording_sealing_side import store_place
from service.secrets import RECORDING_KEYS
from service.settings import Settings, load_settings
from storage.audit import DurableAudit
from storage.database import Database
from storage.recordings import DurableRecordings
from storage.sealed_sounds import StoredSounds
from storage.sound_store import open_store
from storage.transcripts import TranscriptEnds


@dataclass(frozen=True, slots=True)
class KeepingRecords:
    """The open records of an installation."""

    settings: Settings
    database: Database
    book: DurableRecordings
    audit: DurableAudit
    keys: KeyFile
    sounds: StoredSounds


@contextmanager
def open_keeping() -> Iterator[tuple[KeepingRecords, Keeping]]:
    """Open them for as long as the block lasts.

    Raises SettingsError, DatabaseProblem, desk.matter_data.TableProblem, StoreAway.
    """
    settings = load_settings()
    store, keys = open_store(store_place(settings)), KeyFile(settings.secrets_folder / RECORDING_KEYS)
    database = Database.open(settings.database)
    try:
        audit = DurableAudit(database)
        plain, clock = plain_folder(settings), SystemClock()
        also = [TranscriptEnds(database, clock)]
        ground = KeepingGround(settings, database, store, keys, plain, audit, clock, also)
        sounds = StoredSounds(store, keys)
        records = KeepingRecords(settings, database, DurableRecordings(database), audit, keys, sounds)
        yield records, make_keeping(ground)
    finally:
        database.close()


def plain_folder(settings: Settings) -> PlainFolder:
    """Return the folder of plain audio of an installation."""
    return PlainFolder(AsteriskSettings(home=settings.home, ari_password="", ami_password="").recordings)
