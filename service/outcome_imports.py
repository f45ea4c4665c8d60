"""Takes outcome feeds in, in a process of its own each: calls are not disturbed by a long file."""

from pathlib import Path

import msgspec
import structlog

from dialer.campaigns import CampaignsUnavailable
from service.apart import run_apart
from web.outcome_port import OutcomeReport, OutcomesBusy, OutcomesRefused

PROCESS = "service.outcome_worker"
WITHIN = 3600.0  # seconds for one file
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
    try:
        # Ended early, it leaves what it kept: taken in again, the file adds what is missing.
        code, said = await run_apart(PROCESS, given=msgspec.json.encode(job), within=WITHIN)
    except TimeoutError:
        log.warning("outcomes_not_taken", seconds=WITHIN)
        return OutcomeAnswer(fault=_UNUSABLE)
    if code:
        log.error("outcomes_not_taken", code=code)
        return OutcomeAnswer(fault=_UNUSABLE)
    return msgspec.json.decode(said, type=OutcomeAnswer)
