"""Lists of taxpayers: who ordered them, what became of every row, and who approved them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ListsUnavailable(Exception):
    """Lists cannot be read or written at the moment; nothing was changed."""


class ListChanged(Exception):
    """The list is no longer in the state that this act needs; nothing was changed."""


class SamePerson(Exception):
    """A list is approved by another person than the one who loaded it."""


class Requester(StrEnum):
    """Who asks for the calls."""

    DIRECTORATE_REGULAR = "directorate_regular"
    DIRECTORATE_ON_REQUEST = "directorate_on_request"
    REGION_ON_REQUEST = "region_on_request"


class ListState(StrEnum):
    """Where a list stands."""

    LOADING = "loading"  # rows are being read; nothing of it is used
    LOADED = "loaded"  # complete, waits for a second person
    APPROVED = "approved"  # its contacts may be dialled until it expires
    WITHDRAWN = "withdrawn"  # nothing of it is dialled any more
    FAILED = "failed"  # reading it broke off; nothing of it was kept


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is loaded under. Every text is required."""

    title: str
    requester: Requester
    unit: str  # the directorate or regional unit
    order_number: str
    legal_basis: str
    cut_off: date  # the day of the data
    expires_on: date  # the last day on which its contacts may be dialled (WIB)
    source: str  # under which the mapping of columns is remembered, e.g. "dit-pph-monthly"
    kind: str = ""  # a dialer.campaigns.CampaignKind; then those who are solved for it are not taken


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a list. `read` is the sum of the others."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0  # a field cannot be used
    duplicate: int = 0  # the taxpayer or every number is there already
    suppressed: int = 0  # may not be called: do-not-call, wrong number, solved


@dataclass(frozen=True, slots=True)
class TaxpayerList:
    """One list."""

    list_id: str
    order: Order
    state: ListState
    counts: Counts
    reasons: Mapping[str, int]  # of what was not accepted, by `RowReason`
    loaded_by: str  # staff_id
    loaded_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None


class RowFate(StrEnum):
    """What became of a row that was not accepted."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"


class RowReason(StrEnum):
    """Why a row was not accepted; the words and the remedy for each are in the catalogue of texts."""

    NPWP_MISSING = "npwp_missing"
    NPWP_DAMAGED = "npwp_damaged"  # a spreadsheet kept 15 digits of 16, or wrote it as 1.23E+15
    NPWP_INVALID = "npwp_invalid"
    NPWP_OLD_PERSON = "npwp_old_person"  # 15 digits of a person: the 16 cannot be made of them
    NAME_MISSING = "name_missing"
    NUMBER_MISSING = "number_missing"
    NUMBER_INVALID = "number_invalid"  # no number of the row may be dialled
    NUMBER_OURS = "number_ours"
    ZONE_UNKNOWN = "zone_unknown"  # the column is mapped and its value is none
    GROUP_UNKNOWN = "group_unknown"
    FIELD_MISSING = "field_missing"
    FIELD_TOO_LONG = "field_too_long"
    COLUMNS = "columns"  # the row has more cells than the header
    BROKEN = "broken"  # a quotation mark is opened and never closed
    ENCODING = "encoding"
    SAME_TAXPAYER_IN_FILE = "same_taxpayer_in_file"
    SAME_NUMBER_IN_FILE = "same_number_in_file"
    SAME_TAXPAYER_LOADED = "same_taxpayer_loaded"  # on another list that may still be dialled
    SAME_NUMBER_LOADED = "same_number_loaded"
    DO_NOT_CALL = "do_not_call"
    WRONG_NUMBER = "wrong_number"
    SOLVED = "solved"  # has filed or paid since the cut-off


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that was not accepted. `cells` is the row as it came: personal, sealed at rest."""

    list_id: str
    row: int
    fate: RowFate
    reason: RowReason
    column: str  # header of the column at fault, or empty
    value: str  # masked
    cells: tuple[str, ...] = field(default=(), repr=False)
    sheet: str = ""  # of a workbook
    sheet_row: int = 0  # in that sheet, the header being row 1; `row` counts on through all sheets


class ListStore(Protocol):
    """Keeps lists. Every method raises ListsUnavailable."""

    async def all(self, most: int = 200) -> Sequence[TaxpayerList]:
        """Return lists, newest first."""
        ...

    async def get(self, list_id: str) -> TaxpayerList:
        """Return one. Raises KeyError."""
        ...

    async def refused(self, list_id: str, after: int = 0, most: int = 200) -> Sequence[RefusedRow]:
        """Return rows that were not accepted, by row, those after a row number."""
        ...

    async def approve(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        """Let it be dialled. Raises SamePerson, ListChanged, KeyError."""
        ...

    async def withdraw(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        """Let nothing of it be dialled any more. Raises ListChanged, KeyError."""
        ...
