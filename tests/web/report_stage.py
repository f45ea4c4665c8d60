"""The pages of reports over a real database and the office of `tests/unit/report_world.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from domain.clock import SystemClock
from domain.staff import Staff, StaffRole
from reporting.asking import Dimension
from reporting.reports import Format
from reporting.reports_document import Document
from reporting.reports_words import ReportWords
from service.report_files import ReportFiles
from service.report_making import ReportMaking
from service.report_part import ReportDownloads
from service.report_render_process import writer
from storage.database import Database
from storage.figures_memory import MemoryFigures
from storage.report_runs import DurableReportRuns
from storage.reports import DurableReports
from storage.vault import Vault
from tests.unit.report_world import office, words
from tests.web.page_parts import PageParts, page_app
from web.errors import add_error_handlers
from web.parts import Shared
from web.report_port import Choices, ReportPort
from web.report_routes import add_report_routes

BODY: dict[str, Any] = {
    "title": "Antrean harian",
    "code": "antrean-harian",
    "span": "fixed",
    "first": "2026-10-05",
    "last": "2026-10-06",
    "interval": "whole",
    "by": "queue",  # a form sends one value alone as a text
    "figures": ["incoming", "service_level", "aht"],
    "chart": "bar",
    "formats": ["xlsx", "csv"],
    "mail_to": "kepala@contoh.invalid",
    "folder": "harian",
}


AGENT_ID, AGENT_NUMBER = "a" * 32, "90000001"


class OfficeClock(SystemClock):
    def now(self) -> datetime:
        return datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


class People:
    async def all(self) -> list[Staff]:
        return [Staff("s" * 32, "penyelia", "Contoh Penyelia", frozenset({StaffRole.SUPERVISOR}))]


class FilesHere(ReportFiles):
    """Writes in this process."""

    async def make(self, paper: bytes, form: Format, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(form)(msgspec.json.decode(paper, type=Document), path)


@dataclass(slots=True)
class Desk:
    parts: PageParts
    reports: DurableReports
    runs: DurableReportRuns
    figures: MemoryFigures
    files: FilesHere


@asynccontextmanager
async def report_desk(folder: Path) -> AsyncIterator[Desk]:
    """Set the pages of reports up over the database in a folder."""
    database, vault = Database.open(f"sqlite:///{folder}/kring.db"), Vault.create(folder / "key")
    reports, runs = DurableReports(database, vault), DurableReportRuns(database, vault)
    figures, files = office(), FilesHere(folder / "made")

    async def in_words(language: str) -> ReportWords:
        return words(language)

    async def choices(language: str) -> Choices:
        return {
            Dimension.TEAM: [("alfa", "alfa"), ("beta", "beta")],
            Dimension.AGENT: [(AGENT_ID, "Melati")],
            Dimension.QUEUE: [("efin", "EFIN")],
        }

    async def numbers() -> dict[str, str]:
        return {AGENT_ID: AGENT_NUMBER}

    port = ReportPort(
        reports,
        runs,
        ReportMaking(figures, in_words, numbers, OfficeClock()),
        ReportDownloads(files, folder / "now"),
        in_words,
        choices,
        People(),  # type: ignore[arg-type] # nothing else is asked of it
        ("contoh.invalid",),
    )
    parts = page_app([with_errors, partial(add_report_routes, port=port)])
    yield Desk(parts, reports, runs, figures, files)
    database.close()


def with_errors(shared: Shared) -> None:
    add_error_handlers(shared.guard.app, shared.render)
