"""What `kring doctor` looks at of recordings: the store, the keys, the anchors, plain audio that waits."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime

from recording.keys import FILE as KEY_FILE
from recording.keys import KeyFile, KeysProblem
from recording.sound_store import StoreAway
from service.findings import good, note, warning, wrong
from service.recording_keeping_part import anchor_folders
from service.recording_sealing_side import store_place
from service.settings import Settings
from storage.sound_store import open_store
from web.checkup_port import Finding


def store(settings: Settings) -> Iterator[Finding]:
    """Whether sealed recordings can be put into the store and read again."""
    if not settings.secrets_folder.is_dir():
        return  # nothing was made yet
    place = store_place(settings)
    try:
        asyncio.run(open_store(place).check())
    except (StoreAway, OSError) as error:
        yield wrong("store", "store_away", str(error), place=place.place)
        return
    yield good("store", "store", place=place.place)


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key file of recordings is whole and its owner's only."""
    path = settings.secrets_folder / KEY_FILE
    if not settings.secrets_folder.is_dir():
        return
    try:
        current = KeyFile(path).current
    except KeysProblem as error:
        yield wrong("recording_keys", "keys_unfit", str(error), path=path)
        return
    yield good("recording_keys", "keys", version=current)


def anchors(settings: Settings) -> Iterator[Finding]:
    """Whether the manifest's heads are written in two places, and lately."""
    folders = anchor_folders(settings)
    if len(folders) == 1:
        yield warning("anchors", "anchors_one")
    for folder in folders:
        if not folder.exists():
            yield note("anchors", "anchors_none", folder=folder)
        elif not os.access(folder, os.W_OK):
            yield wrong("anchors", "anchors_closed", folder=folder)
        else:
            newest = max((path.stat().st_mtime for path in folder.glob("*") if path.is_file()), default=0.0)
            if newest:
                at = f"{datetime.fromtimestamp(newest, UTC):%d.%m.%Y %H.%M} UTC"
                yield good("anchors", "anchors", folder=folder, time=at)
            else:
                yield good("anchors", "anchors_empty", folder=folder)
