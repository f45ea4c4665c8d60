"""The sealing process beside the service: killed, it is started again; its starter gone, it ends."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from domain.clock import SystemClock
from recording.recordings import AlarmKind, Mode, Recording
from recording.states import State
from service.recording_jobs import line
from service.recording_plain_watch import LIMIT, PlainWatch
from service.recording_sealing import MODULE, SealingPart
from service.recording_sealing_metrics import SealingMetrics
from storage.database import Database
from storage.recording_alarms import DurableAlarms, MemoryAlarms
from storage.recordings import DurableRecordings
from tests.sealing_world import SealingWorld, voice, write_wav

WITHIN = 60.0  # seconds; a busy machine must not fail a test


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealing") / "kring.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(migrated: Path, tmp_path: Path) -> SealingWorld:
    shutil.copy(migrated, tmp_path / "kring.db")
    return SealingWorld(f"sqlite:///{tmp_path}/kring.db", tmp_path)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await true():
            await asyncio.sleep(0.05)


def test_a_killed_process_is_started_again_and_seals_what_waits(world: SealingWorld) -> None:
    first = world.stopped(voice(2.0), voice(2.0))
    registry = CollectorRegistry()

    async def run(database: Database) -> list[str]:
        book = DurableRecordings(database)
        watch = PlainWatch(world.plain, book, DurableAlarms(database, SystemClock()), SystemClock())
        part = SealingPart(world.job, watch, SealingMetrics(registry))
        told: list[str] = []

        async def listen(recording_id: str) -> None:
            told.append(recording_id)

        part.on_sealed(listen)

        async def heard(recording_id: str) -> bool:
            return recording_id in told

        await part.begin()
        try:
            await until(lambda: heard(first))
            killed = part.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            second = await asyncio.to_thread(_stopped, world)

            async def again() -> bool:
                return part.pid not in (None, killed)

            await until(again)
            part.wake()
            await until(lambda: heard(second))
            running = part.pid
        finally:
            await part.end()
        assert running is not None
        with pytest.raises(ProcessLookupError):
            os.kill(running, 0)
        assert told == [first, second]
        return told

    for recording_id in world.do(run):
        assert world.kept(recording_id).recording.state is State.SEALED
    counted = generate_latest(registry).decode()
    assert "kring_sealing_restarts_total 1.0" in counted
    assert 'kring_recordings_ended_total{outcome="sealed"} 2.0' in counted


def _stopped(world: SealingWorld) -> str:
    # Through a database of its own, as the process that captures would.
    return world.stopped(voice(2.0), voice(2.0))


def test_the_process_ends_with_who_started_it(world: SealingWorld) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.write(line(world.job))
    process.stdin.flush()
    deadline = time.monotonic() + WITHIN
    while not Path(world.job.lock).exists():  # it is at work
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.stdin.close()
    assert process.wait(WITHIN) == 0


class _Later(SystemClock):
    """A clock that can be moved on."""

    by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize(
    "why", ["nobody seals it", "a sealed one's was not deleted", "nobody knows it", "a part"]
)
def test_plain_audio_that_is_too_old_is_an_alarm(world: SealingWorld, why: str) -> None:
    recording_id = world.stopped(voice(1.0), voice(1.0), ago=1.0)
    if why == "a sealed one's was not deleted":
        assert world.seal() == 1
        write_wav(world.plain.path(recording_id, "agent"), voice(1.0), age=1.0)
    if why == "nobody knows it":
        assert world.seal() == 1
        write_wav(world.plain.path("ab" * 16, "agent"), voice(1.0), age=1.0)
    if why == "a part":
        assert world.seal() == 1
        (world.plain.root / "parts").mkdir()
        write_wav(world.plain.root / "parts" / f"{recording_id}-agent-000001000.wav", voice(1.0), age=1.0)
    alarms, clock = MemoryAlarms(SystemClock()), _Later()

    async def look(database: Database) -> list[AlarmKind]:
        watch = PlainWatch(world.plain, DurableRecordings(database), alarms, clock)
        await watch.look()
        assert await alarms.open() == []
        clock.by = timedelta(seconds=LIMIT + 10)
        await watch.look()
        raised = [one.kind for one in await alarms.open()]
        for file in world.plain.root.rglob("*.wav"):
            file.unlink()
        clock.by = timedelta()
        await watch.look()
        assert await alarms.open() == []
        return raised

    assert world.do(look) == [AlarmKind.UNSEALED]


def test_what_is_being_recorded_is_no_old_plain_audio(world: SealingWorld) -> None:
    alarms, clock = MemoryAlarms(SystemClock()), _Later()
    recording_id = "cd" * 16
    of_whom = ("call", 1, "leg", "in", "efin/B", "", "1001", "id", Mode.ALWAYS)
    write_wav(world.plain.path(recording_id, "caller"), voice(1.0), age=0.0)

    async def look(database: Database) -> int:
        book = DurableRecordings(database)
        await book.plan(Recording(recording_id, *of_whom, State.PLANNED, clock.now()))
        await book.move(recording_id, "start", clock.now())
        clock.by = timedelta(hours=2)
        await PlainWatch(world.plain, book, alarms, clock).look()
        return len(await alarms.open())

    assert world.do(look) == 0


def test_one_process_seals_a_folder(world: SealingWorld) -> None:
    """A second one waits: an orphan that hangs would otherwise work on the same files."""
    started = [
        subprocess.Popen([sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    recording_ids = [world.stopped(voice(1.0), voice(1.0)) for _ in range(4)]
    try:
        for process in started:
            assert process.stdin is not None
            process.stdin.write(line(world.job))
            process.stdin.flush()
        deadline = time.monotonic() + WITHIN
        while any(world.kept(one).recording.state is not State.SEALED for one in recording_ids):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        said = [process.communicate()[0] for process in started]
    assert sorted(text.count(b"did") for text in said) == [0, 4]


_LOOK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM recordings").fetchall()
database.close()
"""


def test_no_commit_goes_into_a_log_that_another_program_took_away(world: SealingWorld) -> None:
    """SQLite's locks go with the first descriptor of the file that a process closes, whoever opened it."""
    recording_ids = [world.stopped(voice(0.5), voice(0.5)) for _ in range(3)]
    wal = Path(f"{world.home}/kring.db-wal")

    async def run(database: Database) -> list[int]:
        rounds = world.rounds(database)
        logs: list[int] = []
        for _ in recording_ids:
            await rounds.go()
            logs.append(await asyncio.to_thread(lambda: wal.stat().st_ino))
            # A command that looks and ends: it is not the last one that has the database open.
            looked = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _LOOK, str(world.home / "kring.db"))
            )
            assert await looked.wait() == 0
            logs.append(await asyncio.to_thread(lambda: wal.stat().st_ino))
        return logs

    assert len(set(world.do(run))) == 1
    assert {world.kept(one).recording.state for one in recording_ids} == {State.SEALED}
