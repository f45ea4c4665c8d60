"""Saved reports: what each asks, how it is laid out, when it is made and to whom it goes; and its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from reporting.asking import Dimension, Interval


class Layout(StrEnum):
    """What a report looks like."""

    TABLE = "table"  # one question, one table, one chart
    MONTHLY = "monthly"  # the month as a directorate reads it: summary, tables, charts, definitions


class Span(StrEnum):
    """Which days a report is about, counted from the day on which it is made (WIB)."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"  # the seven days before today
    LAST_WEEK = "last_week"  # Monday to Sunday
    THIS_MONTH = "this_month"  # from its first day to today
    LAST_MONTH = "last_month"
    LAST_YEAR = "last_year"
    FIXED = "fixed"  # `Asked.first` to `Asked.last`


class ChartKind(StrEnum):
    """How the first figure is drawn."""

    NONE = "none"
    LINE = "line"
    BAR = "bar"


class Format(StrEnum):
    """As what a report is written."""

    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"


class Every(StrEnum):
    """How often a report is made by itself."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Means(StrEnum):
    """How a report reaches somebody."""

    FOLDER = "folder"  # a file appears there as a whole
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whose days follow from the day on which it is asked."""

    span: Span
    by: tuple[Dimension, ...] = ()
    interval: Interval = Interval.DAY
    only: Mapping[Dimension, frozenset[str]] = field(default_factory=dict)  # agents by the id of the account
    first: date | None = None  # FIXED only
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a report is made, by the office's clock (WIB)."""

    every: Every
    minute: int  # after midnight
    day: int = 1  # WEEKLY: 1 (Monday) to 7; MONTHLY: 1 to 28; DAILY: not used


@dataclass(frozen=True, slots=True)
class Delivery:
    """One place that a report goes to."""

    means: Means
    to: str = ""  # MAIL: the address, personal; FOLDER: a folder below the installation's, or empty


@dataclass(frozen=True, slots=True)
class Definition:
    """All of a saved report."""

    code: str  # in the names of its files: small letters, digits and hyphens; nothing personal
    title: str
    layout: Layout
    asked: Asked
    figures: tuple[str, ...] = ()  # names of formulas, in the order of columns; MONTHLY has its own
    parts: bool = False  # numerator and denominator beside each figure
    chart: ChartKind = ChartKind.NONE
    language: str = "id"
    formats: tuple[Format, ...] = (Format.XLSX,)
    schedule: Schedule | None = None
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report as it is kept, in its newest version."""

    report_id: str
    version: int  # 1, 2, …
    definition: Definition
    created_by: str  # staff_id
    changed_by: str
    changed_at: datetime
    next_due_at: datetime | None  # None: it is made by hand only


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """One version of a report."""

    version: int
    at: datetime
    by: str  # staff_id
    definition: Definition


class RunState(StrEnum):
    """How far a run is."""

    WAITING = "waiting"  # for its first or next try
    RUNNING = "running"
    DONE = "done"  # made, and delivered everywhere
    FAILED = "failed"  # given up; the outcome says why


class DeliveryState(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # for now, or with its run for good


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that a run has made."""

    form: Format
    name: str  # nothing personal in it
    size: int  # bytes
    sha256: str  # hex
    removed_at: datetime | None = None  # kept no longer


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one delivery of a run."""

    number: int  # place among the definition's deliveries, from 0
    state: DeliveryState
    at: datetime
    outcome: str = ""  # a word: see `web/texts/reports.yaml`, report_outcome


@dataclass(frozen=True, slots=True)
class ReportRun:
    """One making of a report, by schedule or by hand."""

    run_id: str
    report_id: str
    version: int  # of the definition it is made by
    due_at: datetime | None  # by schedule; None: by hand
    asked_by: str  # staff_id; `system` by schedule
    first: date
    last: date
    state: RunState
    tries: int
    next_at: datetime  # of the next try, while it waits
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""  # a word: why it failed or is tried again
    files: tuple[ReportFile, ...] = ()
    deliveries: tuple[Delivered, ...] = ()


class ReportsUnavailable(Exception):
    """Reports and their runs cannot be read or written at the moment; nothing was changed."""


class ReportChanged(Exception):
    """Somebody else has changed or removed the report meanwhile."""


class CodeTaken(Exception):
    """Another report has this code: their files would have the same names."""


class Reports(Protocol):
    """Keeps reports, every version of each. Every method raises ReportsUnavailable."""

    async def all(self) -> Sequence[SavedReport]:
        """Return the reports that were not removed, by title."""
        ...

    async def get(self, report_id: str) -> SavedReport:
        """Return one that was not removed. Raises KeyError."""
        ...

    async def versions(self, report_id: str) -> Sequence[ReportVersion]:
        """Return every version, newest first, of removed ones too. Raises KeyError: never there."""
        ...

    async def save(self, definition: Definition, by: str, at: datetime) -> SavedReport:
        """Keep a new one. Raises CodeTaken."""
        ...

    async def change(
        self, report_id: str, version: int, definition: Definition, by: str, at: datetime
    ) -> SavedReport:
        """Put a further version in place of `version`. Raises ReportChanged, CodeTaken."""
        ...

    async def remove(self, report_id: str, version: int, by: str, at: datetime) -> None:
        """Remove one; its runs and versions stay. Raises ReportChanged."""
        ...


class ReportRuns(Protocol):
    """Keeps the runs. Every method raises ReportsUnavailable."""

    async def enqueue_due(self, now: datetime) -> int:
        """Make a run of each report for each time that was due since, once; return how many."""
        ...

    async def ask(self, report: SavedReport, by: str, days: tuple[date, date], at: datetime) -> ReportRun:
        """Make a run by hand."""
        ...

    async def claim(self, now: datetime, until: datetime) -> ReportRun | None:
        """Take the run that has waited longest past its time, or whose worker died (its `until` is over)."""
        ...

    async def settle(
        self, run: ReportRun, state: RunState, outcome: str, at: datetime, next_at: datetime | None = None
    ) -> None:
        """End a try: DONE, FAILED, or WAITING for `next_at`."""
        ...

    async def note_files(self, run_id: str, files: Sequence[ReportFile]) -> None:
        """Keep what a run has made, in place of what an earlier try made."""
        ...

    async def note_delivery(self, run_id: str, delivered: Delivered) -> None:
        """Keep what became of a delivery, in place of what was before."""
        ...

    async def runs(self, report_id: str = "", most: int = 50) -> Sequence[ReportRun]:
        """Return runs, newest first, of one report or all."""
        ...

    async def run(self, run_id: str) -> ReportRun:
        """Return one. Raises KeyError."""
        ...

    async def to_remove(self, before: datetime, most: int = 100) -> Sequence[ReportRun]:
        """Return runs that ended before and whose files are still there, oldest first."""
        ...

    async def note_removed(self, run_id: str, at: datetime) -> None:
        """Keep that a run's files are gone."""
        ...
