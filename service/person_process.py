"""The process that works on one request of a person: `python -m service.person_process`.

It reads and decrypts everything held about one taxpayer, so calls come first. What to do, and a bundle's
password, come by its standard input; the answer is one JSON object.
"""

from __future__ import annotations

import asyncio
import os
import sys

import msgspec
import structlog

from desk.matter_data import TableProblem
from domain.audit import AuditUnavailable
from recording.persons import PersonChanged, PersonRefused, PersonsUnavailable
from recording.ports import RecordingsUnavailable
from service.person_jobs import PersonGround, PersonJobs
from service.person_records import open_persons
from service.settings import SettingsError
from service.worker_main import run_worker
from storage.database import DatabaseProblem
from storage.vault import VaultProblem

_NICE = 15
_UNAVAILABLE = (
    PersonsUnavailable,
    RecordingsUnavailable,
    AuditUnavailable,
    DatabaseProblem,
    VaultProblem,
    SettingsError,
    TableProblem,
    OSError,
)


class PersonJob(msgspec.Struct, frozen=True):
    """What to do."""

    act: str  # prepare, carry_out
    request_id: str
    who: str  # staff_id
    password: str = ""  # of the bundle
    note: str = ""


class PersonAnswer(msgspec.Struct, frozen=True):
    """What came of it: `fault` is a word, `unavailable` or that of a PersonRefused; empty: it was done."""

    fault: str = ""


def main() -> int:
    """Read a job, do it, say what came of it."""
    os.nice(_NICE)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=PersonJob)
    sys.stdout.buffer.write(msgspec.json.encode(_do(job)))
    return 0


def _do(job: PersonJob) -> PersonAnswer:
    try:
        with open_persons() as ground:
            asyncio.run(done(ground, job))
    except PersonRefused as error:
        return PersonAnswer(error.word)
    except PersonChanged:
        return PersonAnswer("changed")
    except KeyError:
        return PersonAnswer("no_request")
    except _UNAVAILABLE as error:
        structlog.get_logger("kring.persons").warning(
            "a request cannot be worked on", kind=type(error).__name__
        )
        return PersonAnswer("unavailable")
    return PersonAnswer()


async def done(ground: PersonGround, job: PersonJob) -> None:
    """Do a job. Raises as service.person_jobs does."""
    jobs = PersonJobs(ground)
    if job.act == "prepare":
        await jobs.prepare(job.request_id, job.who, job.password)
    else:
        await jobs.carry_out(job.request_id, job.who, job.note)


if __name__ == "__main__":
    run_worker(main)
