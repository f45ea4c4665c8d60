"""What the pages and programs send and get about lists of taxpayers. Nothing in it is personal."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dialer.imports import FileKind
from dialer.lists import ListState, Order, Requester, RowFate, RowReason
from dialer.mapping import ColumnMapping, ColumnUse, Role
from web.days import DayOrNothing
from web.list_uploads import LARGEST_FILE

ID = "^[0-9a-f]{32}$"
_TEXT = "^[^\\x00-\\x1f\\x7f]*$"
_MOST_COLUMNS = 200
_COLUMN = re.compile(r"column_([0-9]{1,3})_(header|role|name|required)")

Kinds = Literal["", "non_filer", "billing", "survey", "reminder", "first_payment", "callback"]
"""A `dialer.campaigns.CampaignKind`, or nothing."""

_Line = Annotated[str, Field(pattern=_TEXT, max_length=200)]


class UploadBody(BaseModel):
    """A file that is to be sent."""

    model_config = ConfigDict(extra="forbid")

    kind: FileKind = Field(description="by the ending of its name")
    size: int = Field(ge=1, le=LARGEST_FILE, description="bytes")


class UploadView(BaseModel):
    """A file on its way."""

    upload_id: str
    kind: FileKind
    size: int
    received: int = Field(description="bytes; the next piece begins there")
    piece: int = Field(description="bytes of a piece at most")
    complete: bool


class InspectBody(BaseModel):
    """Under which source the file's columns are remembered."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field("", max_length=64, pattern="^[a-z0-9-]*$")


class ColumnBody(BaseModel):
    """What one column of the file is used as."""

    model_config = ConfigDict(extra="forbid")

    header: str = Field(max_length=400)
    role: Role = Role.IGNORED
    name: str = Field("", max_length=60, description="of a field: as the script writes it")
    required: bool = False


def _one_or_many(given: object) -> object:
    """A form with one ticked box sends it alone."""
    return [given] if isinstance(given, str) else given


class ListBody(BaseModel):
    """A list to be loaded from a file that was sent. A form sends columns as `column_0_role` and so on."""

    model_config = ConfigDict(extra="forbid")

    upload_id: str = Field(pattern=ID)
    title: _Line = ""
    requester: Requester
    unit: _Line = ""
    order_number: _Line = ""
    legal_basis: Annotated[str, Field(pattern=_TEXT, max_length=500)] = ""
    cut_off: DayOrNothing = Field(description="the day of the data")
    expires_on: DayOrNothing = Field(description="the last day on which it may be dialled, WIB")
    source: str = Field("", max_length=64)
    kind: Kinds = Field("", description="what the calls are for: who has filed or paid already is not taken")
    columns: list[ColumnBody] = Field(max_length=_MOST_COLUMNS)
    sheets: Annotated[list[Annotated[str, Field(max_length=100)]], BeforeValidator(_one_or_many)] = Field(
        [], max_length=100, description="of a workbook; empty: every sheet with the mapped columns"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_form(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "columns" in data:
            return data
        columns: dict[int, dict[str, object]] = {}
        rest: dict[str, object] = {}
        for name, value in data.items():
            match = _COLUMN.fullmatch(str(name))
            if match is None:
                rest[name] = value
            elif value != "":
                columns.setdefault(int(match[1]), {})[match[2]] = value
        return {**rest, "columns": [columns[place] for place in sorted(columns)]} if columns else data

    def order(self, cut_off: date, expires_on: date) -> Order:
        """Return the order; the rules say whether it is one."""
        return Order(
            self.title.strip(),
            self.requester,
            self.unit.strip(),
            self.order_number.strip(),
            self.legal_basis.strip(),
            cut_off,
            expires_on,
            self.source.strip(),
            self.kind,
        )

    def mapping(self) -> ColumnMapping:
        """Return what the columns are used as."""
        uses = {one.header: ColumnUse(one.role, one.name, one.required) for one in self.columns}
        return ColumnMapping(uses, tuple(self.sheets))


class ColumnView(BaseModel):
    """A column of the file, what it probably is, and what is in its first rows."""

    header: str
    role: Role
    name: str
    required: bool
    sample: list[str] = Field(description="masked")


class SheetFound(BaseModel):
    """A sheet of the file."""

    name: str
    rows: int
    chosen: bool


class FoundView(BaseModel):
    """What a file is."""

    upload_id: str
    kind: FileKind
    size: int
    encoding: str
    separator: str
    rows: int = Field(description="in all sheets, below the header")
    sheets: list[SheetFound]
    columns: list[ColumnView]
    remembered: bool = Field(description="the columns are used as they were for this source before")
    source: str


class CountsView(BaseModel):
    """What became of the rows; `read` is the sum of the others."""

    read: int
    accepted: int
    rejected: int
    duplicate: int
    suppressed: int


class ListView(BaseModel):
    """One list."""

    list_id: str
    title: str
    requester: Requester
    unit: str
    order_number: str
    legal_basis: str
    cut_off: date
    expires_on: date
    expired: bool
    source: str
    kind: str
    state: ListState
    counts: CountsView
    loaded_by: str = Field(description="name")
    loaded_at: datetime
    approved_by: str
    approved_at: datetime | None


class Lists(BaseModel):
    """Lists, newest first."""

    lists: list[ListView]


class ReasonView(BaseModel):
    """Why rows were not accepted, how many, and what helps."""

    reason: RowReason
    fate: RowFate
    words: str
    remedy: str
    rows: int


class ActView(BaseModel):
    """Something that was done with a list."""

    at: datetime
    who: str
    words: str


class ProgressView(BaseModel):
    """How far the file has been read."""

    state: ListState
    read: int
    about: int = Field(description="rows that there are; 0: not known yet")
    share: float
    fault: str = Field(description="why it broke off, a word; empty: it did not")
    message: str = Field(description="the same for people, with what to do")


class ListDetail(BaseModel):
    """One list with everything about it."""

    overview: ListView
    progress: ProgressView
    reasons: list[ReasonView]
    acts: list[ActView]
    may_approve: bool
    is_own: bool = Field(description="loaded by who asks, who therefore cannot approve it")
    may_withdraw: bool
    may_cancel: bool
    may_download: bool


class RefusedView(BaseModel):
    """One row that was not accepted, without what was in it but for a masked value."""

    row: int
    sheet: str = Field(description="of a workbook")
    sheet_row: int = Field(description="in that sheet, the header being row 1")
    fate: RowFate
    reason: RowReason
    words: str
    remedy: str
    column: str
    value: str = Field(description="masked")


class RefusedPage(BaseModel):
    """Rows that were not accepted, by row."""

    list_id: str
    title: str
    rows: list[RefusedView]
    after: int
    next: int | None = Field(description="give it as `after` for more")
    may_download: bool


class ListMade(BaseModel):
    """A list whose file is being read."""

    list_id: str


SheetForm = Literal["csv", "xlsx"]


def union(sheets: Iterator[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]) -> Mapping[str, list[str]]:
    """Return every header of the sheets, in order, with its column of the first sheet that has it."""
    found: dict[str, list[str]] = {}
    for header, sample in sheets:
        for place, name in enumerate(header):
            if name not in found:
                found[name] = [row[place] if place < len(row) else "" for row in sample]
    return found
