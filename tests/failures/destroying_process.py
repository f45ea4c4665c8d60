"""Destroys one recording and dies at a step: `destroying_process HOME RECORDING STEP`."""

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from recording.anchors import Anchored, AnchorPlaces
from recording.manifest import Head
from storage.database import Database
from storage.recording_manifest import DurableManifest
from tests.storage.keeping_world import KeepingWorld, Refusing

DIED = 86  # exit code: the step was reached
# The store's method in which it dies, and how often that works before.
STEPS = {
    "anchor": ("", 0),
    "list": ("objects", 0),
    "first": ("delete", 0),
    "second": ("delete", 1),
    "row": ("delete", 2),
}


def die() -> None:
    os._exit(DIED)


class DyingAnchors(AnchorPlaces):
    """Dies where the head would be anchored: the row is committed, its anchor is not there."""

    def append(self, head: Head, at: datetime) -> Anchored:
        del head, at
        os._exit(DIED)


def main(home: str, recording_id: str, step: str) -> None:
    world = KeepingWorld(Database.open(f"sqlite:///{home}/kring.db"), Path(home))
    world.clock.move(timedelta(days=400))
    method, after = STEPS[step]
    if not method:
        world.manifest = DurableManifest(world.database, world.keys, DyingAnchors([]), world.clock)
    destruction = world.destruction_with(Refusing(world.store, method, after, die))
    asyncio.run(destruction.destroy(recording_id, "retention", "system"))


if __name__ == "__main__":
    main(*sys.argv[1:])
