"""What `kring doctor` looks at of recordings: the store, the keys, the anchors, plain audio that waits."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime

from recording.keys import FILE as KEY_FILE
from recording.keys import KeyFile, KeysProblem
from recording.sound_store import StoreAway
from service.findings import Finding, note, warning
from service.recording_keeping_part import anchor_folders
from service.recording_sealing_side import store_place
from service.settings import Settings
from storage.sound_store import open_store


def store(settings: Settings) -> Iterator[Finding]:
    """Whether sealed recordings can be put into the store and read again."""
    if not settings.secrets_folder.is_dir():
        return  # nothing was made yet
    place = store_place(settings)
    shown = "the bucket" if place.is_bucket else place.place
    try:
        asyncio.run(open_store(place).check())
    except (StoreAway, OSError) as error:
        what, _, remedy = str(error).partition(" Remedy: ")
        yield Finding("store", what, remedy or f"mount or make {shown}, with the right to write")
        return
    yield Finding("store", f"{shown}: written, read and removed a probe")


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key file of recordings is whole and its owner's only."""
    path = settings.secrets_folder / KEY_FILE
    if not settings.secrets_folder.is_dir():
        return
    try:
        current = KeyFile(path).current
    except KeysProblem as error:
        yield Finding(
            "recording_keys", str(error), f"restore {path} from a backup: nothing else opens recordings"
        )
        return
    yield Finding("recording_keys", f"version {current} seals; keep a copy of the file on another machine")


def anchors(settings: Settings) -> Iterator[Finding]:
    """Whether the manifest's heads are written in two places, and lately."""
    folders = anchor_folders(settings)
    if len(folders) == 1:
        remedy = "KRING_RECORDING_ANCHORS=FOLDER, best on another machine's disk"
        yield warning(
            "anchors", "they are kept in the home folder only: who rules it can go back in time", remedy
        )
    for folder in folders:
        if not folder.exists():
            yield note("anchors", f"{folder}: not there yet; made when the first recording is sealed")
        elif not os.access(folder, os.W_OK):
            yield Finding("anchors", f"{folder}: cannot be written", "correct its rights, or mount it")
        else:
            newest = max((path.stat().st_mtime for path in folder.glob("*") if path.is_file()), default=0.0)
            at = f"newest of {datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M} UTC" if newest else "empty"
            yield Finding("anchors", f"{folder}: {at}")
