"""Makes and delivers the reports that are due: each run on record, tried again, given up in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from domain.clock import Clock
from reporting.asking import FiguresUnavailable, NotAsked
from reporting.reports import (
    Definition,
    Delivered,
    Delivery,
    DeliveryState,
    Means,
    ReportRun,
    ReportRuns,
    Reports,
    ReportsUnavailable,
    RunState,
)
from reporting.reports_check import BadReport
from reporting.reports_rules import ReportRules
from reporting.reports_table import TooLong
from reporting.reports_words import ReportWords
from service.report_files import NotWritten, ReportFiles
from service.report_mail import Mail, NotSent, ReportMails
from service.report_making import WordsOf, file_name
from web.report_port import Makes

log = structlog.get_logger("kring.reports")

CLAIM = timedelta(minutes=45)  # a worker that took longer is dead: others take its run
_AT_ONCE = 50  # runs made in a row


@dataclass(frozen=True, slots=True)
class WorkStands:
    """What the work stands on."""

    reports: Reports
    runs: ReportRuns
    making: Makes
    files: ReportFiles
    mails: ReportMails
    words: WordsOf
    rules: ReportRules
    drop: Path  # into which files are put for others
    keep: timedelta  # how long files stay to be downloaded
    clock: Clock


class _NotMade(Exception):
    """A run came to nothing: `outcome` is the word of it; `again`: a later try may go well."""

    def __init__(self, outcome: str, *, again: bool) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.again = again


class ReportWork:
    """The one worker of this process."""

    def __init__(self, on: WorkStands) -> None:
        self._on = on
        self._turn = asyncio.Lock()

    async def look(self) -> int:
        """Make what is due; return how many runs were tried. While the database is away nothing is."""
        async with self._turn:
            try:
                await self._on.runs.enqueue_due(self._on.clock.now())
                return await self._make_waiting()
            except ReportsUnavailable as error:
                log.warning("reports cannot be looked after now", problem=str(error))
                return 0

    async def sweep(self) -> int:
        """Remove files that are kept no longer; return of how many runs."""
        count = 0
        try:
            for run in await self._on.runs.to_remove(self._on.clock.now() - self._on.keep):
                await self._on.files.remove(run.run_id)
                await self._on.runs.note_removed(run.run_id, self._on.clock.now())
                count += 1
        except (ReportsUnavailable, OSError) as error:
            log.warning("files of reports cannot be removed now", problem=type(error).__name__)
        return count

    async def _make_waiting(self) -> int:
        for count in range(_AT_ONCE):
            now = self._on.clock.now()
            run = await self._on.runs.claim(now, now + CLAIM)
            if run is None:
                return count
            await self._try(run)
        return _AT_ONCE

    async def _try(self, run: ReportRun) -> None:
        """Try a run once and settle it. One that has ended its worker again and again is given up."""
        if self._on.rules.over(run.tries - 1):
            await self._settle(run, "interrupted", again=False)
            return
        try:
            await self._make(run)
        except _NotMade as failed:
            await self._settle(run, failed.outcome, again=failed.again)
        except asyncio.CancelledError:
            await asyncio.shield(self._settle(run, "interrupted", again=True))
            raise
        else:
            await self._on.runs.settle(run, RunState.DONE, "", self._on.clock.now())
            log.info("report made", run=run.run_id, tries=run.tries)

    async def _settle(self, run: ReportRun, outcome: str, *, again: bool) -> None:
        now = self._on.clock.now()
        wait = self._on.rules.again_after(run.tries) if again else None
        if wait is None:
            log.error("a report is given up", run=run.run_id, outcome=outcome, tries=run.tries)
            await self._on.runs.settle(run, RunState.FAILED, outcome, now)
        else:
            log.warning("a report is tried again", run=run.run_id, outcome=outcome, tries=run.tries)
            await self._on.runs.settle(run, RunState.WAITING, outcome, now, now + wait)

    async def _make(self, run: ReportRun) -> None:
        definition = await self._definition(run)
        paths = await self._there(run, definition) or await self._files(run, definition)
        await self._deliver(run, definition, paths)

    async def _definition(self, run: ReportRun) -> Definition:
        try:
            await self._on.reports.get(run.report_id)
        except KeyError as error:
            raise _NotMade("report_removed", again=False) from error
        versions = await self._on.reports.versions(run.report_id)
        return next(one.definition for one in versions if one.version == run.version)

    async def _there(self, run: ReportRun, definition: Definition) -> list[Path]:
        """Return the files that an earlier try has made; none: one is missing."""
        places = [self._on.files.place(run.run_id, one.name) for one in run.files]
        whole = len(places) == len(definition.formats)
        return places if whole and await asyncio.to_thread(_all_there, places) else []

    async def _files(self, run: ReportRun, definition: Definition) -> list[Path]:
        days = run.first, run.last
        try:
            paper = await self._on.making.paper(definition, days)
            made, paths = [], []
            for form in definition.formats:
                path = self._on.files.place(run.run_id, file_name(definition, days, form))
                await self._on.files.make(paper, form, path)
                made.append(await self._on.files.about(path, form))
                paths.append(path)
        except FiguresUnavailable as error:
            raise _NotMade("figures_unavailable", again=True) from error
        except (NotAsked, BadReport) as error:
            raise _NotMade("not_asked", again=False) from error
        except TooLong as error:
            raise _NotMade("too_long", again=False) from error
        except NotWritten as error:
            log.warning("a report's file cannot be written", run=run.run_id, problem=str(error))
            raise _NotMade("not_written", again=True) from error
        await self._on.runs.note_files(run.run_id, made)
        return paths

    async def _deliver(self, run: ReportRun, definition: Definition, paths: Sequence[Path]) -> None:
        done = {one.number for one in run.deliveries if one.state is DeliveryState.DELIVERED}
        failed: list[NotSent] = []
        for number, delivery in enumerate(definition.deliveries):
            if number in done:
                continue
            state, outcome = DeliveryState.DELIVERED, ""
            try:
                await self._hand_over(run, definition, number, delivery, paths)
            except NotSent as error:
                failed.append(error)
                state, outcome = DeliveryState.FAILED, error.outcome
            told = Delivered(number, state, self._on.clock.now(), outcome)
            await self._on.runs.note_delivery(run.run_id, told)
        if failed:
            again = any(one.again for one in failed)
            raise _NotMade("not_delivered" if again else failed[0].outcome, again=again)

    async def _hand_over(
        self, run: ReportRun, definition: Definition, number: int, delivery: Delivery, paths: Sequence[Path]
    ) -> None:
        if delivery.means is Means.MAIL:
            words = await self._on.words(definition.language)
            await self._on.mails.send(_mail(run, definition, number, delivery.to, paths, words))
            return
        try:
            for path in paths:
                await self._on.files.put(path, self._on.drop / delivery.to)
        except OSError as error:
            log.warning("a folder of reports cannot be written", run=run.run_id, problem=str(error.errno))
            raise NotSent("folder_failed", again=True) from error


def _mail(
    run: ReportRun, definition: Definition, number: int, to: str, paths: Sequence[Path], words: ReportWords
) -> Mail:
    days = words.days(run.first, run.last)
    at = words.at(run.begun_at or run.next_at)
    lines = [
        words.say("report_mail.body", title=definition.title, days=days, at=at),
        words.say("report_mail.why"),
    ]
    subject = words.say("report_mail.subject", title=definition.title, days=days)
    return Mail(f"kring-report-{run.run_id}-{number}", to, subject, "\n\n".join(lines) + "\n", paths)


def _all_there(paths: Sequence[Path]) -> bool:
    return bool(paths) and all(path.is_file() for path in paths)
