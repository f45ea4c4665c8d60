"""Staff as a CSV file: one person a row, roles separated by spaces."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.masking import mask
from web.staff_drafts import StaffDraft
from web.staff_office import StaffFaults

COLUMNS = ("user_name", "display_name", "roles", "number", "team", "language")
_PERSONAL = frozenset({"user_name", "display_name", "number"})
_LARGEST = 5_000_000  # bytes


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A row of a file. Rows are counted as a spreadsheet does: the headings are row 1."""

    number: int
    draft: StaffDraft


class StaffCsvRefused(Exception):
    """A file cannot be imported; the message has a line for each mistake, with its row and remedy."""


def read_staff(path: Path) -> Sequence[StaffRow]:
    """Read a file; empty rows are left out. Raises StaffCsvRefused with every row that cannot be read."""
    text = _text(path)
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise StaffCsvRefused(f"{path.name}: no CSV ({error}); save it as CSV with commas") from error
    heads = tuple(rows[0]) if rows else ()
    if heads != COLUMNS:
        raise StaffCsvRefused(f"{path.name}: row 1: the headings must be {','.join(COLUMNS)}")
    wrong, found = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(COLUMNS):
            wrong.append(f"{path.name}: row {number}: {len(row)} cells; write {len(COLUMNS)}")
            continue
        cells = dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True))
        found.append(
            StaffRow(
                number,
                StaffDraft(
                    cells["user_name"],
                    cells["display_name"],
                    tuple(cells["roles"].split()),
                    cells["number"],
                    cells["team"],
                    cells["language"] or "id",
                ),
            )
        )
    if wrong:
        raise StaffCsvRefused("\n".join(wrong))
    if not found:
        raise StaffCsvRefused(f"{path.name}: row 2: there is nobody; write one person a row")
    return found


def mistakes(path: Path, rows: Sequence[StaffRow], faults: StaffFaults) -> str:
    """Return what is wrong with rows of a file: a line for each, with field, value and remedy."""
    lines = []
    for place, fault in sorted(faults.faults.items()):
        value = getattr(rows[place].draft, fault.field, "")
        shown = " ".join(value) if not isinstance(value, str) else value
        shown = mask(shown) if fault.field in _PERSONAL else shown
        lines.append(f"{path.name}: row {rows[place].number}: {fault.field} {shown!r}: {fault.remedy}")
    return "\n".join(lines)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise StaffCsvRefused(f"{path.name}: larger than {_LARGEST} bytes; import it in parts")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StaffCsvRefused(f"{path.name}: not UTF-8; save it as CSV UTF-8") from error
    except OSError as error:
        raise StaffCsvRefused(
            f"{path.name}: cannot be read ({error.strerror}); correct its rights"
        ) from error
