"""Reports in the running service and on the command line: saved, made when they are due, shown as pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from acd.skills import Skillbook, Tier
from desk.branches import Branches
from dialer.campaigns import CampaignsUnavailable
from domain.clock import Clock
from domain.ids import new_id
from domain.masking import mask
from domain.staff import Staff, StaffStore, StaffUnavailable
from reporting.asking import Dimension, Figures, FiguresUnavailable
from reporting.reports import Definition, Format, ReportRun
from reporting.reports_rules import load_report_rules
from reporting.reports_words import ReportWords
from service.figure_answers import FiguresApart
from service.report_apart import ReportsApart
from service.report_files import NotWritten, ReportFiles
from service.report_mail import ReportMails
from service.report_making import ReportMaking, file_name, report_words
from service.report_work import ReportWork, WorkStands
from service.settings import Settings
from service.tree import Loop
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.report_runs import DurableReportRuns
from storage.reports import DurableReports
from storage.vault import Vault
from web.app import Area
from web.figure_people import People, Person
from web.figure_words import FigureWords
from web.report_port import Choices, FileGone, FileNotWritten, Makes, ReportPort
from web.report_routes import add_report_routes
from web.texts import Texts

LOOK_EVERY = 5.0  # seconds between two looks for reports that are due: who asks for one waits for it
SWEEP_EVERY = 3600.0  # seconds between two looks for files that are kept no longer
_MADE, _OUT, _NOW = "reports/made", "reports/out", "reports/now"  # below the home folder


@dataclass(frozen=True, slots=True)
class ReportGround:
    """What reports stand on."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    figures: Figures
    people: StaffStore
    branches: Branches
    book: Callable[[], Skillbook]  # the administrator's tables in force
    campaigns: DurableCampaigns
    texts: Texts
    answers: FiguresApart | None = None  # lays reports out; None: it is done here


class ReportNames:
    """The words of reports with the names there are at the moment, and what reports can be narrowed to."""

    def __init__(self, on: ReportGround) -> None:
        self._on = on

    async def words(self, language: str) -> ReportWords:
        """Return the words of a language. An agent is called by the on-air name."""
        return report_words(await self._figure_words(language), self._on.texts)

    async def numbers(self) -> Mapping[str, str]:
        """Return the staff number of each account. Raises FiguresUnavailable."""
        return {one.staff_id: one.number for one in await self._staff() if one.number}

    async def choices(self, language: str) -> Choices:
        """Return what a report can be narrowed to, with words."""
        words, book = await self._figure_words(language), self._on.book()
        values: Mapping[Dimension, Sequence[str]] = {
            Dimension.TEAM: sorted({one.team for one in book.tables.agents if one.team}),
            Dimension.AGENT: [one.staff_id for one in words.people.with_account()],
            Dimension.TIER: [one.value for one in Tier],
            Dimension.QUEUE: sorted(book.requirements),
            Dimension.BRANCH: list(self._on.branches.branches),
            Dimension.DIRECTION: ["in", "out"],
            Dimension.CAMPAIGN: sorted(await self.campaigns()),
        }
        named = (await self.words(language)).named
        return {one: [(value, named(one, value)) for value in found] for one, found in values.items()}

    async def people(self) -> tuple[Person, ...]:
        """Return everybody who takes calls, by the on-air name."""
        try:
            accounts = {one.number: one.staff_id for one in await self._staff() if one.number}
        except FiguresUnavailable:
            accounts = {}  # names are shown as far as they are known
        return tuple(
            Person(one.number, one.on_air_name or mask(one.number), accounts.get(one.number, ""), one.team)
            for one in self._on.book().tables.agents
        )

    async def _figure_words(self, language: str) -> FigureWords:
        people, campaigns = People(await self.people()), await self.campaigns()
        return FigureWords(self._on.texts, language, people, self._on.branches, campaigns)

    async def _staff(self) -> Sequence[Staff]:
        try:
            return await self._on.people.all()
        except StaffUnavailable as error:
            raise FiguresUnavailable(str(error)) from error

    async def campaigns(self) -> Mapping[str, str]:
        """Return the titles of campaigns; none while they cannot be read."""
        try:
            return {one.campaign_id: one.definition.title for one in await self._on.campaigns.all()}
        except CampaignsUnavailable:
            return {}


class ReportDownloads:
    """A `web.report_port.Writes`: files made on demand, and those of runs."""

    def __init__(self, files: ReportFiles, folder: Path) -> None:
        self._files = files
        self._folder = folder

    def name(self, definition: Definition, days: tuple[date, date], form: Format) -> str:
        """Return the name of a report's file."""
        return file_name(definition, days, form)

    async def written(self, paper: bytes, form: Format) -> BinaryIO:
        """Write a document (as JSON) to a file that has no name any more. Raises FileNotWritten."""
        path = self._folder / f"{new_id()}.{form}"
        try:
            await self._files.make(paper, form, path)
            return await asyncio.to_thread(_opened, path)
        except (NotWritten, OSError) as error:
            raise FileNotWritten(type(error).__name__) from error

    async def kept(self, run: ReportRun, form: Format) -> tuple[str, Path]:
        """Return name and place of a file that a run has made. Raises FileGone."""
        for one in run.files:
            if one.form is form and one.removed_at is None:
                return one.name, self._files.place(run.run_id, one.name)
        raise FileGone(form)


class ReportPart:
    """Everything about reports, joined."""

    def __init__(self, on: ReportGround) -> None:
        settings = on.settings
        self._on = on
        self._now = settings.home / _NOW
        self.reports = DurableReports(on.database, on.vault)
        self.runs = DurableReportRuns(on.database, on.vault)
        self.names = ReportNames(on)
        self.making = self._makes()
        self.files = ReportFiles(settings.home / _MADE)
        self.work = ReportWork(
            WorkStands(
                self.reports,
                self.runs,
                self.making,
                self.files,
                ReportMails(settings, on.clock),
                self.names.words,
                load_report_rules(),
                settings.report_folder or settings.home / _OUT,
                timedelta(days=settings.report_keep_days),
                on.clock,
            )
        )

    def _makes(self) -> Makes:
        names, answers = self.names, self._on.answers
        if answers is None:
            return ReportMaking(self._on.figures, names.words, names.numbers, self._on.clock)
        return ReportsApart(answers, names.people, names.campaigns, names.numbers)

    def loops(self) -> list[Loop]:
        """Return what runs every now and then, for the service's tree.

        When a report is due next is a column of its row: a service that was down makes up for it.
        """
        return [Loop("reports", LOOK_EVERY, self._look), Loop("report-files", SWEEP_EVERY, self._sweep)]

    def area(self) -> Area:
        """Return the pages."""
        _swept(self._now)
        on = self._on
        port = ReportPort(
            self.reports,
            self.runs,
            self.making,
            ReportDownloads(self.files, self._now),
            self.names.words,
            self.names.choices,
            on.people,
            on.settings.report_mail_domains,
        )
        return partial(add_report_routes, port=port)

    async def _look(self) -> None:
        await self.work.look()

    async def _sweep(self) -> None:
        await self.work.sweep()


def make_reports(on: ReportGround) -> ReportPart:
    """Build it. Reports are made once its loops run. Raises desk.matter_data.TableProblem."""
    return ReportPart(on)


def _swept(folder: Path) -> None:
    """Make the folder of files on their way out; remove what a service that was killed left in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink(missing_ok=True)


def _opened(path: Path) -> BinaryIO:
    """Open a file and take its name away."""
    file = path.open("rb")
    path.unlink()
    return file
