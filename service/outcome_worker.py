"""The process that takes one outcome feed in: `python -m service.outcome_worker`."""

import asyncio
import os
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dialer.campaigns import CampaignsUnavailable
from dialer.kinds import load_kinds
from service.outcome_feed import FeedRefused, Taken, read_feed, take_in
from service.outcome_imports import OutcomeAnswer, OutcomeJob
from service.worker_main import run_worker
from storage.database import Database, DatabaseProblem
from storage.solved import OutcomeFeed
from storage.vault import Vault
from web.outcome_port import OutcomeMistake, OutcomeReport

_MEMORY = 2 << 30  # bytes; a file that needs more is refused
_NICE = 10  # calls come first


def main() -> int:
    """Read a job, do it, say what came of it."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=OutcomeJob)
    sys.stdout.buffer.write(msgspec.json.encode(_do(job)))
    return 0


def _do(job: OutcomeJob) -> OutcomeAnswer:
    try:
        feed = read_feed(Path(job.file), Vault.load(Path(job.key_file)).lookup_key)
        database = Database.open(job.database)
        try:
            kept = OutcomeFeed(database, load_kinds())
            now = datetime.now(UTC)
            taken = asyncio.run(take_in(feed, kept, job.source, now, skip_wrong=job.skip_wrong))
        finally:
            database.close()
    except FeedRefused as error:
        return OutcomeAnswer(fault=error.fault)
    except MemoryError:
        return OutcomeAnswer(fault="too_large")
    except (CampaignsUnavailable, DatabaseProblem) as error:
        return OutcomeAnswer(unavailable=str(error))
    return OutcomeAnswer(report=_report(taken))


def _report(taken: Taken) -> OutcomeReport:
    mistakes = [OutcomeMistake(one.line, one.field, one.value) for one in taken.mistakes]
    return OutcomeReport(taken.taken, taken.new, taken.known, taken.wrong, mistakes)


if __name__ == "__main__":
    run_worker(main)
