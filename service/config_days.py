"""Days that differ from the calendar, as a CSV to and fro."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from ivr.hours import DayKind, DayOverride
from ivr.hours_tables import TableProblem, read_override
from web.config_port import ConfigRefused, Mistake

COLUMNS = ("day", "kind", "opens", "closes", "about", "assumed")
_LONGEST = 200  # characters of `about`
_ASSUMED = {"": False, "no": False, "yes": True}


def dump(overrides: Sequence[DayOverride]) -> str:
    """Return the rows in order of days; `load` of it gives the same."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(overrides, key=lambda row: row.day):
        opens, closes = (f"{clock:%H:%M}" for clock in one.hours) if one.hours else ("", "")
        assumed = "yes" if one.assumed else ""
        writer.writerow([one.day.isoformat(), one.kind.value, opens, closes, one.about, assumed])
    return out.getvalue()


def load(text: str) -> list[DayOverride]:
    """Return the days of a text. Raises ConfigRefused with every mistake."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    mistakes: list[Mistake] = []
    found: dict[date, DayOverride] = {}
    try:
        headings = [cell.strip() for cell in next(reader, [])]
        if tuple(headings) != COLUMNS:
            raise ConfigRefused(
                [Mistake(1, "headings", "", "other columns are expected", ", ".join(COLUMNS))]
            )
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            made = _row(reader.line_num, cells)
            if isinstance(made, Mistake):
                mistakes.append(made)
            elif made.day in found:
                what, remedy = "this day is there twice", "remove one of the rows"
                mistakes.append(Mistake(reader.line_num, "day", made.day.isoformat(), what, remedy))
            else:
                found[made.day] = made
    except csv.Error as error:
        mistakes.append(
            Mistake(reader.line_num, "", "", f"is no CSV ({error})", "close every quotation mark")
        )
    if mistakes:
        raise ConfigRefused(mistakes)
    return sorted(found.values(), key=lambda row: row.day)


def _row(line: int, cells: Sequence[str]) -> DayOverride | Mistake:
    if len(cells) != len(COLUMNS):
        return Mistake(line, "", "", f"has {len(cells)} cells, not {len(COLUMNS)}", "one cell a column")
    row = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
    try:
        day = date.fromisoformat(row["day"])
    except ValueError:
        return Mistake(line, "day", row["day"][:20], "is no date", "write it as 2030-01-31")
    if row["kind"] not in (DayKind.WORKING, DayKind.HOLIDAY, DayKind.JOINT_LEAVE):
        remedy = "working, holiday or joint_leave"
        return Mistake(line, "kind", row["kind"][:20], "is no kind of day", remedy)
    if len(row["about"]) > _LONGEST:
        return Mistake(line, "about", "", "is too long", f"{_LONGEST} characters at most")
    if row["assumed"] not in _ASSUMED:
        return Mistake(line, "assumed", row["assumed"][:20], "is neither", "yes, no or empty")
    fields: dict[str, object] = {"day": day, "kind": row["kind"], "about": row["about"]}
    fields |= {name: row[name] for name in ("opens", "closes") if row[name]}
    return _checked(line, {**fields, "assumed": _ASSUMED[row["assumed"]]})


def _checked(line: int, fields: Mapping[str, object]) -> DayOverride | Mistake:
    try:
        return read_override(fields)
    except TableProblem as error:
        what, _, remedy = str(error).partition(" Remedy: ")
        field, _, rest = what.partition(": ")
        return Mistake(line, field, "", rest or what, remedy or "correct the row")
