"""What the pages of reports need from the rest of the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol

from domain.staff import StaffStore
from reporting.asking import Dimension
from reporting.reports import Definition, Format, ReportRun, ReportRuns, Reports
from reporting.reports_document import Document
from reporting.reports_words import ReportWords

Choices = Mapping[Dimension, Sequence[tuple[str, str]]]
"""Values to narrow to, with their words."""


class FileNotWritten(Exception):
    """A file could not be written."""


class FileGone(Exception):
    """A file is kept no longer."""


class Makes(Protocol):
    """Makes documents."""

    async def document(self, definition: Definition, days: tuple[date, date], team: str = "") -> Document:
        """Return a report about these days; `team`: about its work alone.

        Of a long table there may be only as many rows as a page shows. Raises NotAsked, FiguresUnavailable,
        TooLong, BadReport.
        """
        ...

    async def paper(self, definition: Definition, days: tuple[date, date], team: str = "") -> bytes:
        """Return the whole report as JSON, as files are written from it. Raises as `document`."""
        ...


class Writes(Protocol):
    """Gives files."""

    def name(self, definition: Definition, days: tuple[date, date], form: Format) -> str:
        """Return the name of a report's file."""
        ...

    async def written(self, paper: bytes, form: Format) -> BinaryIO:
        """Write a document (as JSON) to a file that has no name any more. Raises FileNotWritten."""
        ...

    async def kept(self, run: ReportRun, form: Format) -> tuple[str, Path]:
        """Return name and place of a file that a run has made. Raises FileGone."""
        ...


@dataclass(frozen=True, slots=True)
class ReportPort:
    """Given to `add_report_routes`."""

    reports: Reports
    runs: ReportRuns
    makes: Makes
    writes: Writes
    words: Callable[[str], Awaitable[ReportWords]]  # of a language
    choices: Callable[[str], Awaitable[Choices]]
    people: StaffStore
    domains: Sequence[str]  # to which alone mail may go; empty: any
