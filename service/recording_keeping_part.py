"""Constructs keeping: the manifest with its anchors, holds, destruction, alarms, room, scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from domain.audit import AuditTrail
from domain.clock import Clock
from recording.anchors import AnchorFolder, AnchorPlaces
from recording.disk import DiskWatch
from recording.keys import KeyFile
from recording.plain import PlainFolder
from recording.retention import RetentionTable, load_retention
from recording.sound_store import SoundStore
from service.recording_keeping import DiskRoom, KeepingPart, Retention
from service.recording_keeping_metrics import KeepingMetrics
from service.settings import Settings
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_destruction import Destruction, GoesWith
from storage.recording_holds import DurableHolds
from storage.recording_manifest import DurableManifest
from storage.recording_scan import Scanner

ANCHORS = "anchors"  # a folder of the installation


@dataclass(frozen=True, slots=True)
class KeepingGround:
    """What keeping stands on."""

    settings: Settings
    database: Database
    store: SoundStore
    keys: KeyFile
    plain: PlainFolder
    audit: AuditTrail
    clock: Clock
    also: Sequence[GoesWith] = ()  # what is destroyed with a recording, such as its transcript


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeping without the service: what commands need."""

    manifest: DurableManifest
    holds: DurableHolds  # recording.ports.Holds
    destruction: Destruction
    scanner: Scanner
    table: RetentionTable
    retention: Retention


@dataclass(frozen=True, slots=True)
class KeepingSide:
    """Keeping in the service, made by `make_keeping_side`."""

    keeping: Keeping
    alarms: DurableAlarms
    disk: DiskWatch  # `narrowed` says what is recorded where room is short
    part: KeepingPart  # into the service tree, after the records


def anchor_folders(settings: Settings) -> list[Path]:
    """Return where the manifest's head is anchored: in the home folder, and in a second place if set."""
    second = settings.recording_anchors
    return [settings.home / ANCHORS, *([] if second is None else [second])]


def make_keeping(on: KeepingGround) -> Keeping:
    """Make what keeps recordings. Raises desk.matter_data.TableProblem."""
    places = AnchorPlaces([AnchorFolder(folder, on.keys) for folder in anchor_folders(on.settings)])
    manifest = DurableManifest(on.database, on.keys, places, on.clock)
    holds = DurableHolds(on.database, manifest, on.clock)
    table = load_retention()
    destruction = Destruction(on.database, manifest, on.store, table, on.clock, on.also)
    scanner = Scanner(on.database, on.plain, on.store, on.clock)
    return Keeping(
        manifest, holds, destruction, scanner, table, Retention(holds, destruction, on.audit, on.clock)
    )


def make_keeping_side(on: KeepingGround, alarms: DurableAlarms, metrics: KeepingMetrics) -> KeepingSide:
    """Make keeping for the running service. Raises desk.matter_data.TableProblem."""
    keeping = make_keeping(on)
    places = {"spool": on.plain.root, "records": on.settings.home}
    if not on.settings.recording_store.startswith("s3://"):
        # `spool` and `store` are mostly one file system, and then one alarm.
        places["store"] = Path(on.settings.recording_store or on.settings.home / "recordings")
    disk = DiskWatch(places, DiskRoom(), alarms)
    part = KeepingPart(on.database, keeping.manifest, alarms, disk, keeping.retention, metrics, on.clock)
    return KeepingSide(keeping, alarms, disk, part)


def make_alarms(
    database: Database, clock: Clock, registry: CollectorRegistry
) -> tuple[DurableAlarms, KeepingMetrics]:
    """Make the alarms that every area raises, and what counts them; once, before all areas."""
    metrics = KeepingMetrics(registry)
    return DurableAlarms(database, clock, metrics.raised), metrics
