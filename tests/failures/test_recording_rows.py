"""Rows of recordings that were taken out or edited behind the service's back: the scan names them."""
# ruff: noqa: S608 - the statements are this file's own, and are there to do harm

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.clock import SystemClock
from recording.scan import Found, Stray
from storage.database import Database
from storage.recording_scan import Scanner
from tests.faults import Fault, FaultLog
from tests.storage.conftest import migrated_file
from tests.storage.keeping_world import KeepingWorld

__all__ = ["migrated_file"]

MANY = 3


@pytest.fixture
def world(migrated_file: Path, tmp_path: Path) -> Iterator[KeepingWorld]:
    shutil.copy(migrated_file, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    yield KeepingWorld(database, tmp_path)
    database.close()


def sealed(world: KeepingWorld) -> list[str]:
    async def work() -> list[str]:
        return [await world.sealed(spare=False) for _ in range(MANY)]

    return asyncio.run(work())


def scanned(world: KeepingWorld) -> list[Found]:
    return list(asyncio.run(Scanner(world.database, world.plain, world.store, SystemClock()).scan()))


def run(world: KeepingWorld, statement: str) -> None:
    """Run a statement as somebody with the file in hand does: no trigger and no reference stops it."""
    with closing(sqlite3.connect(world.home / "kring.db")) as database, database:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'recordings'"
        for (name,) in database.execute(query).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount == 1


@pytest.mark.parametrize("place", range(MANY))
def test_a_row_that_was_taken_out_is_named(world: KeepingWorld, faults: FaultLog, place: int) -> None:
    ids = sealed(world)
    assert scanned(world) == []
    run(world, f"DELETE FROM recordings WHERE recording_id = '{ids[place]}'")
    found = {(one.stray, one.recording_id) for one in scanned(world)}
    named = (Stray.ROW_GONE, ids[place]) in found and {whose for _, whose in found} == {ids[place]}
    faults.tampered(Fault.ROW_DELETED, found=named)
    assert named, found


@pytest.mark.parametrize(
    "change", ["object_key = 'ab/other-1.sealed'", "state = 'destroyed'", "state = 'lost'"]
)
def test_a_row_that_was_edited_is_named(world: KeepingWorld, faults: FaultLog, change: str) -> None:
    ids = sealed(world)
    run(world, f"UPDATE recordings SET {change} WHERE recording_id = '{ids[1]}'")
    found = [(one.stray, one.recording_id) for one in scanned(world)]
    named = {whose for _, whose in found} == {ids[1]}
    faults.tampered(Fault.MANIFEST_EDITED, found=named)
    assert named, found
