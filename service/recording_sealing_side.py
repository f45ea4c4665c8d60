"""Sealing joined: the store, the keys, the sealing process, and the sounds that can be heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from asterisk_conf.settings import AsteriskSettings
from domain.clock import Clock
from recording.keys import KeyFile
from recording.plain import PlainFolder
from recording.ports import Alarms, RecordingBook
from recording.sound_store import SoundStore
from service.recording_jobs import SealJob
from service.recording_plain_watch import PlainWatch
from service.recording_sealing import SealingPart
from service.recording_sealing_metrics import SealingMetrics
from service.secrets import RECORDING_KEYS
from service.settings import Settings
from storage.database import Database
from storage.sealed_sounds import StoredSounds
from storage.sealing import anything_sealed
from storage.sound_store import StorePlace, make_place, open_store

ANCHORS = "anchors"  # a folder of the installation
STORE = "recordings"  # the same, unless the settings name another place
STAGING = "recordings-staging"  # for a bucket: in which encrypted objects are made before they are sent
LOCK = "sealing.lock"


@dataclass(frozen=True, slots=True)
class SealingGround:
    """What sealing stands on."""

    settings: Settings
    asterisk: AsteriskSettings
    book: RecordingBook
    alarms: Alarms
    clock: Clock
    registry: CollectorRegistry
    anchors: Sequence[Path] = ()  # further folders for the manifest's head


@dataclass(frozen=True, slots=True)
class SealingSide:
    """Sealing, made by `make_sealing`."""

    part: SealingPart  # into the service tree, after the records
    store: SoundStore
    keys: KeyFile
    sounds: StoredSounds  # recording.ports.SealedSounds
    plain: PlainFolder


def make_sealing(on: SealingGround) -> SealingSide:
    """Make it. Raises StoreAway: the settings of a bucket cannot be used. Blocking."""
    settings = on.settings
    place = store_place(settings)
    store = open_store(place)
    keys = KeyFile(settings.secrets_folder / RECORDING_KEYS)
    plain = PlainFolder(on.asterisk.recordings)
    metrics = SealingMetrics(on.registry)
    job = SealJob(
        database=settings.database,
        key_file=str(keys.path),
        plain=str(plain.root),
        store=place,
        anchors=[str(folder) for folder in (settings.home / ANCHORS, *on.anchors)],
        lock=str(settings.home / LOCK),
        coding=settings.recording_coding,
    )
    watch = PlainWatch(plain, on.book, on.alarms, on.clock, metrics.waiting)
    return SealingSide(SealingPart(job, watch, metrics), store, keys, StoredSounds(store, keys), plain)


def make_store(settings: Settings, database: Database) -> None:
    """Make the store's folder, unless something was sealed before. Raises StoreAway, DatabaseProblem.

    One that is gone later is a disk that is not mounted: in an empty folder in its place nothing would be
    found, and what is sealed would be in two places.
    """
    place = store_place(settings)
    if place.is_bucket or not database.read_now(anything_sealed):
        make_place(place)


def store_place(settings: Settings) -> StorePlace:
    """Return where the settings say that sealed recordings are kept."""
    return StorePlace(
        place=settings.recording_store or str(settings.home / STORE),
        staging=str(settings.home / STAGING),
        endpoint=settings.recording_s3_endpoint,
        region=settings.recording_s3_region,
        access_key=settings.recording_s3_access_key,
        secret_file=str(settings.recording_s3_secret_file or ""),
    )
