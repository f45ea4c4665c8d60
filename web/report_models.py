"""Reports as the API takes and gives them. A report that was read can be changed and sent back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reporting.asking import Dimension, Interval
from reporting.reports import ChartKind, Format, Layout, Span
from reporting.reports_document import Kind
from web.days import DayOrNothing

ID = r"^[0-9a-f]{32}$"
MONTH = r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$"
FormatName = Literal["xlsx", "csv", "pdf"]
_WORD = r"^[\w./ -]{0,64}$"


def _listed(given: object) -> object:
    """Return a list: a form sends one value alone as a text, none as nothing."""
    if isinstance(given, str):
        return [given] if given else []
    return [one for one in given if one != ""] if isinstance(given, list) else given


_Values = Annotated[
    list[Annotated[str, Field(pattern=_WORD)]], BeforeValidator(_listed), Field(max_length=200)
]
_Agents = Annotated[list[Annotated[str, Field(pattern=ID)]], BeforeValidator(_listed), Field(max_length=200)]
_Names = Annotated[
    list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], BeforeValidator(_listed), Field(max_length=60)
]


class ReportBody(BaseModel):
    """All of a report. `every` never: it is made by hand only."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=200)
    code: str = Field(max_length=60, description="In the names of its files; nothing personal")
    layout: Layout = Layout.TABLE
    span: Span = Span.YESTERDAY
    first: DayOrNothing = Field(None, description="Span fixed only")
    last: DayOrNothing = None
    interval: Interval = Interval.DAY
    by: Annotated[list[Dimension], BeforeValidator(_listed), Field(max_length=7)] = []
    only_team: _Values = []
    only_agent: _Agents = Field([], description="staff_id")
    only_tier: _Values = []
    only_queue: _Values = []
    only_branch: _Values = []
    only_direction: _Values = []
    only_campaign: _Values = []
    figures: _Names = Field([], description="Names of formulas and counts, see the data dictionary")
    parts: bool = Field(False, description="With numerator and denominator of each figure")
    chart: ChartKind = ChartKind.NONE
    language: Literal["id", "en"] = "id"
    formats: Annotated[list[Format], BeforeValidator(_listed), Field(max_length=6)] = [Format.XLSX]
    every: Literal["never", "daily", "weekly", "monthly"] = "never"
    at: str = Field("07:00", max_length=5, description="HH:MM, WIB")
    day: int = Field(1, ge=1, le=31, description="Weekly: 1 Monday to 7; monthly: 1 to 28")
    mail_to: str = Field("", max_length=2000, description="Addresses, one a line")
    folder: str = Field("", max_length=60, description="Below the installation's folder; empty: no file drop")


class ChangeBody(ReportBody):
    """A changed report."""

    version: int = Field(ge=1, le=1_000_000, description="of the report as it was read")


class RemoveBody(BaseModel):
    """Which version is removed."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=1_000_000)


class RunBody(BaseModel):
    """Days to make a report for; both empty: its own."""

    model_config = ConfigDict(extra="forbid")

    first: DayOrNothing = None
    last: DayOrNothing = None


class FileView(BaseModel):
    """A file of a run."""

    form: Format
    name: str
    size: int  # bytes
    address: str  # empty: kept no longer


class DeliveryView(BaseModel):
    """A delivery of a run."""

    means: str
    to: str  # masked for who may not manage reports
    state: str
    words: str


class RunView(BaseModel):
    """One making of a report."""

    run_id: str
    report_id: str
    title: str
    days: str
    first: date
    last: date
    by_schedule: bool
    asked_by: str
    at: datetime  # begun, or due
    ended_at: datetime | None
    state: str
    words: str
    outcome: str
    tries: int
    files: list[FileView]
    deliveries: list[DeliveryView]


class VersionView(BaseModel):
    """A version of a report."""

    version: int
    at: datetime
    by: str
    title: str


class ReportRow(BaseModel):
    """A report in the list."""

    report_id: str
    title: str
    days: str
    schedule: str
    next_due_at: datetime | None
    last_run: RunView | None


class ReportView(ReportRow):
    """A report with its definition, runs and versions."""

    version: int
    definition: ReportBody  # addresses for who may manage reports only
    about: list[tuple[str, str]]  # label and value, for people
    changed_by: str
    changed_at: datetime
    runs: list[RunView]
    versions: list[VersionView]
    may_manage: bool
    whole: bool  # the reader may have what scheduled runs have made


class ReportList(BaseModel):
    """Reports by title, the newest runs of all."""

    reports: list[ReportRow]
    runs: list[RunView]
    may_manage: bool


class CellView(BaseModel):
    """A cell: its value in the unit of the column's kind, and as people read it."""

    value: Any
    text: str


class ColumnView(BaseModel):
    """A column. Seconds, shares 0 to 1, numbers."""

    name: str
    kind: Kind


class TableView(BaseModel):
    """A table; `all_rows` may be more than there are here."""

    title: str
    columns: list[ColumnView]
    rows: list[list[CellView]]
    total: list[CellView]
    all_rows: int


class CourseView(BaseModel):
    """One series of a chart."""

    name: str
    values: list[float | None]


class ChartView(BaseModel):
    """A chart's values."""

    title: str
    kind: Kind
    labels: list[str]
    series: list[CourseView]


class TermView(BaseModel):
    """What a word means."""

    name: str
    about: str
    made_of: str


class DocumentView(BaseModel):
    """A report, made now."""

    title: str
    days: str
    facts: list[tuple[str, str]]
    sentences: list[str]
    tables: list[TableView]
    charts: list[ChartView]
    terms: list[TermView]
    files: list[tuple[FormatName, str]]  # format and address


class EntryView(BaseModel):
    """An entry of the data dictionary."""

    field: str
    name: str
    about: str
    unit: str
    made_of: str
    assumed: bool


class DictionaryView(BaseModel):
    """Figures and the counts they are made of."""

    formulas: list[EntryView]
    counts: list[EntryView]
