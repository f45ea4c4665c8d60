"""A process that dies in the middle of a destruction, at every step: what it left is completed."""

import asyncio
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from recording.states import State
from service.settings import CHECKOUT
from storage.database import Database
from tests.failures.destroying_process import DIED, STEPS
from tests.faults import Fault, FaultLog
from tests.storage.conftest import migrated_file
from tests.storage.keeping_world import KeepingWorld

__all__ = ["migrated_file"]


@pytest.mark.parametrize("step", STEPS)
def test_a_destruction_whose_process_died_is_completed(
    step: str, migrated_file: Path, tmp_path: Path, faults: FaultLog
) -> None:
    shutil.copy(migrated_file, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    world = KeepingWorld(database, tmp_path)
    one = asyncio.run(world.sealed())
    command = [sys.executable, "-m", "tests.failures.destroying_process", str(tmp_path), one, step]
    died = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)
    assert died.returncode == DIED, died.stderr
    faults.injected(Fault.SERVICE_KILLED)

    async def story() -> None:
        world.clock.move(timedelta(days=400))
        left = await world.book.get(one)
        assert left is not None and left.state is State.DESTROYED and left.wrapped_key == b""
        assert [row.recording_id for row in await world.destruction.unfinished()] == [one]
        assert (await world.manifest.check()).sound  # a row without its anchor is what a crash explains
        await world.manifest.anchor()
        assert await world.destruction.complete() == 1
        assert await world.sound(one) is None and await world.destruction.unfinished() == []
        report = await world.manifest.check()
        assert (report.findings, report.rows, report.anchored) == ((), 2, 2)

    asyncio.run(story())
    database.close()
