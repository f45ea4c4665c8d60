"""Staff as a CSV file: one person a row, roles separated by spaces."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from domain.masking import mask
from web.staff_drafts import StaffDraft
from web.staff_office import StaffFaults

COLUMNS = ("user_name", "display_name", "roles", "number", "team", "language")
_PERSONAL = frozenset({"user_name", "display_name", "number"})
_LARGEST = 5_000_000  # bytes


class StaffCsvRefused(Exception):
    """A file cannot be imported; the message has a line for each mistake, with its row and remedy."""


def read_staff(path: Path) -> Sequence[StaffDraft]:
    """Read a file. Rows are counted as a spreadsheet does: the headings are row 1. Raises StaffCsvRefused."""
    text = _text(path)
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise StaffCsvRefused(f"{path.name}: no CSV ({error}); save it as CSV with commas") from error
    heads = tuple(rows[0]) if rows else ()
    if heads != COLUMNS:
        raise StaffCsvRefused(f"{path.name}: row 1: the headings must be {','.join(COLUMNS)}")
    mistakes, drafts = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(COLUMNS):
            mistakes.append(f"{path.name}: row {number}: {len(row)} cells; write {len(COLUMNS)}")
            continue
        cells = dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True))
        drafts.append(
            StaffDraft(
                cells["user_name"],
                cells["display_name"],
                tuple(cells["roles"].split()),
                cells["number"],
                cells["team"],
                cells["language"] or "id",
            )
        )
    if mistakes:
        raise StaffCsvRefused("\n".join(mistakes))
    if not drafts:
        raise StaffCsvRefused(f"{path.name}: row 2: there is nobody; write one person a row")
    return drafts


def mistakes(path: Path, drafts: Sequence[StaffDraft], faults: StaffFaults) -> str:
    """Return what is wrong with drafts of a file: a line for each, with row, field, value and remedy."""
    lines = []
    for place, fault in sorted(faults.faults.items()):
        value = getattr(drafts[place], fault.field, "")
        shown = " ".join(value) if not isinstance(value, str) else value
        shown = mask(shown) if fault.field in _PERSONAL else shown
        lines.append(f"{path.name}: row {place + 2}: {fault.field} {shown!r}: {fault.remedy}")
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
