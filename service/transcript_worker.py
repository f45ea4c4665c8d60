"""The process that makes transcripts: `python -m service.transcript_worker`. Nobody waits for it.

It takes what nobody else wants of the machine and gives up where others need it. It may be killed at any
moment, and ends at once when whoever started it is gone. One at a time works for an installation.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import resource
import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import structlog

from domain.clock import Clock, SystemClock
from prompts.errors import SpeechUnavailable
from prompts.whisper import Whisper
from recording.keys import KeyFile
from recording.persons import PersonsUnavailable
from recording.ports import RecordingsUnavailable
from recording.transcripts import Recogniser, TranscriptsUnavailable
from service.logs import redact
from service.machine_idle import OthersBusy, wait_for_quiet
from service.transcript_jobs import (
    Stopped,
    TranscriptJob,
    TranscriptTold,
    read_transcript_job,
    transcript_line,
)
from service.transcript_making import RECENT, MakingGround, OthersNeedIt, make_one, step_back
from service.worker_main import run_worker
from storage.database import Database, DatabaseProblem
from storage.person_requests import DurablePersons
from storage.recordings import DurableRecordings
from storage.sealed_sounds import StoredSounds
from storage.sound_store import open_store
from storage.transcripts import DurableTranscripts
from storage.vault import Vault, VaultProblem

_MEMORY = 2 << 30  # bytes: the model, and the coded sound of the longest recording

Tell = Callable[[TranscriptTold], None]


def main(recogniser: Callable[[], Recogniser] = Whisper, quiet: Callable[[], bool] | None = None) -> int:
    """Read a job; make transcripts until there is none to make, or somebody else needs the machine.

    `quiet` tells whether others leave the machine alone; None: as the machine's own figures tell.
    """
    step_back()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    structlog.configure(
        processors=[structlog.processors.add_log_level, redact, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    job = read_transcript_job.decode(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_starter, daemon=True).start()
    with Path(job.lock).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _tell(Stopped("locked"))
            return 0
        return asyncio.run(_run(job, recogniser, quiet or partial(wait_for_quiet, OthersBusy().share)))


async def _run(job: TranscriptJob, recogniser: Callable[[], Recogniser], quiet: Callable[[], bool]) -> int:
    try:
        database = Database.open(job.database)
    except DatabaseProblem as error:
        _tell(Stopped("records", str(error)))
        return 0
    try:
        vault = Vault.load(Path(job.master_key))
        ground = make_ground(job, database, vault, SystemClock())
        await work(job, ground, recogniser, quiet, _tell)
    except (OSError, VaultProblem) as error:
        _tell(Stopped("store", str(error)))
    finally:
        database.close()
    return 0


def make_ground(job: TranscriptJob, database: Database, vault: Vault, clock: Clock) -> MakingGround:
    """Join everything. Raises StoreAway."""
    return MakingGround(
        DurableRecordings(database),
        StoredSounds(open_store(job.store), KeyFile(Path(job.recording_keys))),
        DurableTranscripts(database, vault),
        DurablePersons(database, vault),
        clock,
    )


async def work(
    job: TranscriptJob,
    on: MakingGround,
    recogniser: Callable[[], Recogniser],
    quiet: Callable[[], bool],
    tell: Tell,
) -> None:
    """Make what waits, newest first, while `quiet` lets it. Raises OSError: the store."""
    loaded = cache(recogniser)  # a second or two, and half a gigabyte

    def between() -> None:
        if not quiet():
            raise OthersNeedIt

    try:
        await on.transcripts.index()
        made = 0
        for recording_id in await on.transcripts.waiting(on.clock.now() - RECENT, 20 * job.most):
            between()
            tried = await make_one(on, recording_id, loaded, between)
            tell(tried)
            made += bool(tried.audio_ms)
            if made >= job.most:
                return
    except OthersNeedIt:
        tell(Stopped("busy"))
    except SpeechUnavailable as error:
        tell(Stopped("packages", str(error)))
    except (RecordingsUnavailable, TranscriptsUnavailable, PersonsUnavailable) as error:
        tell(Stopped("records", str(error)))


def _end_with_starter() -> None:
    while sys.stdin.buffer.readline():
        pass
    os._exit(0)


def _tell(told: TranscriptTold) -> None:
    sys.stdout.buffer.write(transcript_line(told))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run_worker(main)
