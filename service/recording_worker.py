"""The process that seals recordings: `python -m service.recording_worker`. Calls are not disturbed by it.

It may be killed at any moment: everything it did is on record or done again. It ends at once when whoever
started it is gone (its standard input ends), and there is one for each folder of plain audio.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from domain.clock import SystemClock
from recording.anchors import AnchorFolder, AnchorPlaces
from recording.keys import KeyFile
from recording.plain import PlainFolder
from recording.recordings import AlarmKind
from recording.retention import RetentionTable, load_retention
from recording.sealing import Sealing, SealingGround, remove_unfinished
from recording.sound_store import StoreAway
from service.logs import redact
from service.recording_jobs import SealJob, Told, line, read_job
from service.recording_rounds import Rounds
from service.worker_main import run_worker
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_manifest import DurableManifest
from storage.recordings import DurableRecordings
from storage.sealing import DurableSeals, Keeping
from storage.sound_store import open_store

EVERY = 1.0  # seconds between two looks, unless it is woken
_MEMORY = 1 << 30  # bytes; a recording is worked on in blocks of a minute
_NICE = 10  # calls come first


def main() -> int:
    """Read a job; work until there is nobody who wants it."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    structlog.configure(
        processors=[structlog.processors.add_log_level, redact, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    job = read_job.decode(sys.stdin.buffer.readline())
    wakeful = _Wakeful()
    with Path(job.lock).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return asyncio.run(_run(job, wakeful))


class _Wakeful:
    """Listens to who started the process: each line wakes, the end of lines ends it."""

    def __init__(self) -> None:
        self._wake: Callable[[], object] = lambda: None
        threading.Thread(target=self._listen, daemon=True).start()

    def wakes(self, wake: Callable[[], object]) -> None:
        """Wake so from now on; called in another thread."""
        self._wake = wake

    def _listen(self) -> None:
        while sys.stdin.buffer.readline():
            self._wake()
        os._exit(0)  # whatever is being done is done again by the next process


async def _run(job: SealJob, wakeful: _Wakeful) -> int:
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    wakeful.wakes(lambda: loop.call_soon_threadsafe(woken.set))
    database = Database.open(job.database)
    try:
        rounds = await _rounds(job, database)
        while True:
            woken.clear()
            if not await rounds.go():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), EVERY)
    finally:
        database.close()


async def _rounds(job: SealJob, database: Database) -> Rounds:
    try:
        return make_rounds(job, database, load_retention(), _tell)
    except StoreAway as error:
        await DurableAlarms(database, SystemClock()).raise_alarm(AlarmKind.STORE, "", error.word)
        raise


def make_rounds(
    job: SealJob,
    database: Database,
    table: RetentionTable,
    tell: Callable[[Told], None],
    around: Callable[[SealingGround], SealingGround] = lambda ground: ground,
) -> Rounds:
    """Join everything. `around` may put something before a part. Raises StoreAway."""
    clock, keys = SystemClock(), KeyFile(Path(job.key_file))
    places = AnchorPlaces([AnchorFolder(Path(folder), keys) for folder in job.anchors])
    store = open_store(job.store)
    remove_unfinished(store)
    ground = around(
        SealingGround(
            DurableRecordings(database),
            DurableSeals(DurableManifest(database, keys, places, clock)),
            store,
            keys,
            PlainFolder(Path(job.plain)),
            DurableAlarms(database, clock),
            Keeping(database, table),
            clock,
            job.coding,
        )
    )
    return Rounds(Sealing(ground), ground, tell)


def _tell(told: Told) -> None:
    sys.stdout.buffer.write(line(told))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run_worker(main)
