"""Takes outcome feeds in, in a process of its own each: calls are not disturbed by a long file."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import structlog

from dialer.campaigns import CampaignsUnavailable
from web.outcome_port import OutcomeReport, OutcomesBusy, OutcomesRefused

_CHECKOUT = Path(__file__).resolve().parent.parent
_UNUSABLE = "too_large"  # only a file that needs more memory than it may have brings the process down

log = structlog.get_logger("kring.outcomes")


class OutcomeJob(msgspec.Struct, frozen=True):
    """What the process is to do."""

    file: str
    key_file: str  # the vault's
    database: str  # its address
    source: str
    skip_wrong: bool


class OutcomeAnswer(msgspec.Struct, frozen=True):
    """What came of it: a report, why the file cannot be read, or why nothing could be kept."""

    report: OutcomeReport | None = None
    fault: str = ""
    unavailable: str = ""


class FeedImports:
    """A `web.outcome_port.OutcomeImports`."""

    def __init__(self, database: str, key_file: Path) -> None:
        """`database`: its address. `key_file`: the vault's."""
        self._database, self._key_file = database, key_file
        self._busy = False

    async def take_in(self, file: Path, source: str, *, skip_wrong: bool) -> OutcomeReport:
        """Take a file in; `file` is absolute. Raises OutcomesRefused, OutcomesBusy, CampaignsUnavailable."""
        if self._busy:
            raise OutcomesBusy
        self._busy = True
        try:
            job = OutcomeJob(str(file), str(self._key_file), self._database, source, skip_wrong)
            answer = await _answer_to(job)
        finally:
            self._busy = False
        if answer.unavailable:
            raise CampaignsUnavailable(answer.unavailable)
        if answer.report is None:
            raise OutcomesRefused(answer.fault)
        return answer.report


async def _answer_to(job: OutcomeJob) -> OutcomeAnswer:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.outcome_worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_CHECKOUT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        said, errors = await process.communicate(msgspec.json.encode(job))
    except asyncio.CancelledError:
        # What it kept stays: taken in again, the file adds what is missing.
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        log.error("outcomes_not_taken", error=errors.decode("utf-8", "replace")[-300:])
        return OutcomeAnswer(fault=_UNUSABLE)
    return msgspec.json.decode(said, type=OutcomeAnswer)
