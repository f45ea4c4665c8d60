"""Loading lists: the port that the pages and the command line use."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dialer.lists import Counts, ListState, Order
from dialer.mapping import ColumnMapping


class FileKind(StrEnum):
    """What a file is, by its content."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"


class FileFault(StrEnum):
    """Why a file cannot be read at all; the words and the remedy for each are in the catalogue of texts."""

    UNREADABLE = "unreadable"  # not there, or no right to read it
    EMPTY = "empty"
    NOT_A_TABLE = "not_a_table"  # none of the kinds that are read, e.g. a PDF or a picture
    WRONG_EXTENSION = "wrong_extension"  # its name says another kind than its content
    ENCODING = "encoding"  # text in no encoding that is known
    SEPARATOR = "separator"  # text, but no separator makes columns of it
    NO_HEADER = "no_header"  # its first row is data
    NO_ROWS = "no_rows"  # a header and nothing below
    SAME_COLUMN = "same_column"  # two columns have the same header; `detail` is that header
    TOO_MANY_COLUMNS = "too_many_columns"
    PASSWORD = "password"  # noqa: S105 - a word: the workbook is encrypted
    DAMAGED = "damaged"  # a workbook that breaks off or contradicts itself
    TOO_LARGE = "too_large"
    ZIP_BOMB = "zip_bomb"  # unpacks to more than any list


class FileRefused(Exception):
    """A file cannot be loaded. `detail` says where: a header, a sheet, a limit; nothing personal."""

    def __init__(self, fault: FileFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault, self.detail = fault, detail


class OrderFault(StrEnum):
    """Why an order cannot be used."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    CUT_OFF_TO_COME = "cut_off_to_come"  # data of a day that has not been yet
    EXPIRED = "expired"  # the last day is past
    EXPIRES_BEFORE_CUT_OFF = "expires_before_cut_off"
    SOURCE = "source"  # small letters, digits and `-` only
    UNKNOWN = "unknown"  # no such kind of campaign


class OrderRefused(Exception):
    """A list cannot be loaded under this order. `field` is a field of `dialer.lists.Order`."""

    def __init__(self, field: str, fault: OrderFault) -> None:
        super().__init__(f"{field}: {fault.value}")
        self.field, self.fault = field, fault


class ImportsBusy(Exception):
    """As many lists as can be are being loaded; try again when one is done."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet of a workbook, or the whole of a CSV file (then without a name)."""

    name: str
    header: tuple[str, ...]
    rows: int  # below the header; of CSV an estimate
    sample: tuple[tuple[str, ...], ...] = ()  # the first rows, every cell masked


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is, and what its columns probably are."""

    kind: FileKind
    size: int  # bytes
    encoding: str  # of CSV, e.g. "utf-8", "utf-16-le", "cp1252"; otherwise empty
    separator: str  # of CSV: one of `,` `;` tab `|`; otherwise empty
    sheets: tuple[SheetView, ...]  # those with a header; at least one
    proposed: ColumnMapping  # of the columns of the first sheet; the others are IGNORED
    remembered: bool  # `proposed` is what was used for this source before, not a guess

    @property
    def header(self) -> tuple[str, ...]:
        """Return the columns of the first sheet."""
        return self.sheets[0].header

    @property
    def sample(self) -> tuple[tuple[str, ...], ...]:
        """Return the first rows of the first sheet, masked."""
        return self.sheets[0].sample


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a list has been read."""

    list_id: str
    state: ListState  # LOADING until it is over
    read: int  # rows, so far
    about: int  # rows that there are, 0 while that is not known
    counts: Counts = field(default_factory=Counts)
    fault: str = ""  # of FAILED: a FileFault, "cancelled", "interrupted", "database" or "error"

    @property
    def share(self) -> float:
        """Return how much is done, 0.0 to 1.0."""
        if self.state is not ListState.LOADING:
            return 1.0
        return min(self.read / self.about, 0.99) if self.about else 0.0


class Imports(Protocol):
    """Loads lists of taxpayers out of files, one process of its own for each: calls are not disturbed."""

    @property
    def uploads(self) -> Path:
        """Return the folder for files that were sent in; what is left there is removed at the start."""
        ...

    async def inspect(self, file: Path, file_name: str, source: str = "") -> Inspection:
        """Look at a file. `source`: of `Order`, whose mapping is remembered. Raises FileRefused."""
        ...

    async def begin(
        self,
        order: Order,
        mapping: ColumnMapping,
        file: Path,
        file_name: str,
        by: str,
        *,
        remove: bool = False,
    ) -> str:
        """Begin to load a file, and remember the mapping; return the list's id at once.

        `by`: staff_id. `remove`: the file is deleted when loading is over; it is kept when this raises.
        Raises FileRefused, MappingRefused, OrderRefused, ImportsBusy, ListsUnavailable.
        """
        ...

    async def progress(self, list_id: str) -> Progress:
        """Return how far it is. Raises KeyError, ListsUnavailable."""
        ...

    async def cancel(self, list_id: str, by: str) -> None:
        """Break off; nothing of the list is kept. Raises ListChanged: it is over. KeyError."""
        ...
