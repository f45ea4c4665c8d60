"""What a real Asterisk leaves, ended in order and killed, is sealed: all of it, and the rest is stated."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from asterisk_conf.ami import Ami
from asterisk_conf.program import AsteriskProgram
from recording.recordings import RATE, SIDES, MarkKind
from recording.states import State
from recording.wav import Wav, look
from storage.database import Database
from storage.recordings import DurableRecordings
from tests import real_asterisk
from tests.faults import Fault, FaultLog
from tests.real_asterisk import RealAsterisk
from tests.sealing_world import SealingWorld
from tests.small_phone import SmallPhone

pytestmark = [pytest.mark.asterisk]

LENGTH = 3.0  # seconds that are recorded at least
BYTES = LENGTH * RATE * 2
WITHIN = 30.0


@pytest.fixture
def world(tmp_path: Path) -> SealingWorld:
    url = f"sqlite:///{tmp_path}/kring.db"
    Database.open(url).close()
    return SealingWorld(url, tmp_path)


async def _channel(asterisk: RealAsterisk) -> str:
    """Return the caller's leg: nobody serves it, so Asterisk's own fallback speaks to it."""
    async with httpx.AsyncClient(auth=(asterisk.user, asterisk.password)) as client, asyncio.timeout(WITHIN):
        while True:
            found = (await client.get(f"{asterisk.url}/channels")).json()
            if found:
                return str(found[0]["id"])
            await asyncio.sleep(0.05)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():
            await asyncio.sleep(0.05)


async def _record(program: AsteriskProgram, sides: list[Path], *, kill: bool) -> None:
    asterisk = await real_asterisk.start(program)
    try:
        async with SmallPhone(asterisk.sip, "1500200") as phone:
            assert await phone.dial() == 200
            channel = await _channel(asterisk)
            ami = Ami(asterisk.settings)
            try:
                await ami.record(channel, sides[0], sides[1])
                await _until(lambda: all(one.exists() and one.stat().st_size > BYTES for one in sides))
                if not kill:
                    await ami.stop_recording(channel)
                    await _until(lambda: all(look(one).closed for one in sides))
                    return
            finally:
                await ami.close()
            pid = asterisk.embedded.pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asterisk.embedded.wait()
    finally:
        await real_asterisk.stop(asterisk)


def _marks(world: SealingWorld, recording_id: str) -> list[tuple[MarkKind, str]]:
    async def work(database: Database) -> list[tuple[MarkKind, str]]:
        marks = await DurableRecordings(database).marks(recording_id)
        return [(mark.kind, mark.detail) for mark in marks]

    return world.do(work)


@pytest.mark.parametrize("kill", [False, True])
def test_what_asterisk_left_is_sealed(
    world: SealingWorld, asterisk_program: AsteriskProgram, faults: FaultLog, kill: bool
) -> None:
    cause = "asterisk_died" if kill else ""
    recording_id = world.stopped(None, None, expected_ms=9_000 if kill else 0, cause=cause)
    sides = [world.plain.path(recording_id, side) for side in SIDES]
    asyncio.run(_record(asterisk_program, sides, kill=kill))
    left: list[Wav] = [look(one) for one in sides]
    assert [one.closed for one in left] == [not kill] * 2  # the header tells nothing of what is there
    assert all(one.frames >= LENGTH * RATE - RATE for one in left)
    past = time.time() - 60
    for one in sides:
        os.utime(one, (past, past))

    assert world.seal() == 1
    kept = world.kept(recording_id)
    assert kept.recording.state is State.SEALED and kept.plain == []
    assert kept.sound is not None and len(kept.sound) == max(one.frames for one in left)
    assert kept.sound[:, 1].any()  # the fallback was heard
    shorter = min(one.milliseconds for one in left)
    assert kept.recording.lost_ms == (9_000 - shorter if kill else 0)
    if kill:
        faults.injected(Fault.ASTERISK_KILLED)
        faults.lost(silently=kept.recording.lost_ms == 0)
        assert (MarkKind.GAP, "asterisk_died") in _marks(world, recording_id)
