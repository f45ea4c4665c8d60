"""The tables as CSV files, to and fro. All files are read and checked before anything is returned."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from acd.checking import Problem, checked, problems_of
from acd.floor_rules import PauseReason, Rule
from acd.skills import (
    Agent,
    Competence,
    Requirement,
    Reserve,
    Ring,
    RingPlan,
    Skill,
    Skillbook,
    Tables,
    Tier,
)
from domain.masking import mask

DATA = Path(__file__).parent / "data"
COLUMNS: Mapping[str, Sequence[str]] = {
    "skills": ("skill", "about", "levels", "wider", "assumed"),
    "agents": ("agent", "on_air_name", "team", "languages"),
    "competences": ("agent", "skill", "tier", "level", "expires"),
    "rings": ("plan", "after_s", "tiers", "least_level", "reach", "assumed"),
    "requirements": ("queue", "skill", "tier", "plan", "priority", "assumed"),
    "reserves": ("skill", "tier", "keep", "assumed"),
    "pause_reasons": ("reason", "indonesian", "english", "digit", "limit_minutes", "assumed"),
    "rules": ("rule", "value", "about", "assumed"),
}
"""Table → its columns; the file is named after the table: `agents.csv`."""

_PERSONAL = frozenset({"agent"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One mistake in a file. Rows are counted as a spreadsheet does: the headings are row 1."""

    file: str
    row: int
    field: str
    value: str  # masked where personal
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return the mistake in one line."""
        return (
            f"{self.file}, row {self.row}, {self.field}: `{self.value}`: {self.what}. Remedy: {self.remedy}"
        )


class CsvRefused(Exception):
    """The files cannot be used; nothing of them was applied."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Unreadable(Exception):
    """A cell that is not what its column holds."""

    def __init__(self, column: str, what: str, remedy: str) -> None:
        self.column, self.what, self.remedy = column, what, remedy
        super().__init__(what)


@dataclass(slots=True)
class _Table:
    """One file's rows, with the row each was in."""

    name: str
    rows: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def problem(self, row: int, column: str, value: str, what: str, remedy: str) -> None:
        shown = mask(value) if column in _PERSONAL else value[:40]
        self.problems.append(RowProblem(f"{self.name}.csv", row, column, shown, what, remedy))

    def made(self, make: Callable[[Mapping[str, str]], T]) -> tuple[list[T], list[int]]:
        """Return what the rows say, and the row of each; note those that say nothing sound."""
        found, numbers = [], []
        for number, cells in self.rows:
            try:
                found.append(make(cells))
                numbers.append(number)
            except _Unreadable as error:
                self.problem(number, error.column, cells[error.column], error.what, error.remedy)
        return found, numbers


def load(files: Mapping[str, str], today: date | None = None) -> Skillbook:
    """Return the tables of files (table name → text); a table that is missing is empty.

    With `today`, in the office's zone, competences that have expired are refused: an import.
    Raises CsvRefused with every mistake of every file.
    """
    tables = {name: _read(name, files[name]) if name in files else _Table(name) for name in COLUMNS}
    skills, skill_rows = tables["skills"].made(_skill)
    agents, agent_rows = tables["agents"].made(_agent)
    competences, competence_rows = tables["competences"].made(_competence)
    rings, ring_rows = tables["rings"].made(_ring)
    requirements, requirement_rows = tables["requirements"].made(_requirement)
    reserves, reserve_rows = tables["reserves"].made(_reserve)
    reasons, reason_rows = tables["pause_reasons"].made(_reason)
    rules, rule_rows = tables["rules"].made(_rule)
    plans, plan_rows = _plans(rings, ring_rows)
    problems = [problem for table in tables.values() for problem in table.problems]
    if problems:
        raise CsvRefused(problems)  # the tables would only seem to contradict one another
    whole = Tables(skills, agents, competences, plans, requirements, reserves, reasons, rules)
    rows = {
        "skills": skill_rows,
        "agents": agent_rows,
        "competences": competence_rows,
        "requirements": requirement_rows,
        "reserves": reserve_rows,
        "pause_reasons": reason_rows,
        "rules": rule_rows,
    }
    found = list(problems_of(whole, today))
    if found:
        raise CsvRefused([_placed(problem, rows, plan_rows) for problem in found])
    return checked(whole, today)


def load_folder(folder: Path = DATA, today: date | None = None) -> Skillbook:
    """Return the tables of a folder's CSV files. Raises CsvRefused, OSError."""
    return load({name: _text(folder / f"{name}.csv") for name in COLUMNS}, today)


def dump(tables: Tables) -> dict[str, str]:
    """Return table name → text; `load` of it gives the same tables."""
    rows: dict[str, list[Sequence[object]]] = {
        "skills": [(s.name, s.about, s.levels, s.wider, _yes(s.assumed)) for s in tables.skills],
        "agents": [(a.number, a.on_air_name, a.team, _several(a.languages)) for a in tables.agents],
        "competences": [
            (c.agent, c.skill, c.tier, c.level, c.expires.isoformat() if c.expires else "")
            for c in tables.competences
        ],
        "rings": [
            (p.name, f"{r.after_s:g}", _several(r.tiers), r.least_level, r.reach, _yes(p.assumed))
            for p in tables.plans
            for r in p.rings
        ],
        "requirements": [
            (r.queue, r.skill, r.tier, r.plan, r.priority, _yes(r.assumed)) for r in tables.requirements
        ],
        "reserves": [(r.skill, r.tier, r.keep, _yes(r.assumed)) for r in tables.reserves],
        "pause_reasons": [
            (r.name, r.indonesian, r.english, r.digit, r.limit_minutes, _yes(r.assumed))
            for r in tables.reasons
        ],
        "rules": [(r.name, f"{r.value:g}", r.about, _yes(r.assumed)) for r in tables.rules],
    }
    texts = {}
    for name, columns in COLUMNS.items():
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows[name])
        texts[name] = out.getvalue()
    return texts


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def _read(name: str, text: str) -> _Table:
    """Read one file. Spreadsheets set to Indonesian part cells by `;`."""
    table, columns = _Table(name), COLUMNS[name]
    text = text.removeprefix("\ufeff")
    headings_line = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in headings_line else ",", strict=True
    )
    row = 1
    try:
        headings = [cell.strip() for cell in next(reader, [])]
        if sorted(headings) != sorted(columns):
            table.problem(
                1, "headings", ", ".join(headings), "other columns are expected", ", ".join(columns)
            )
            return table
        row = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) == len(columns):
                    table.rows.append((row, {k: v.strip() for k, v in zip(headings, cells, strict=True)}))
                else:
                    what = f"has {len(cells)} cells where the headings have {len(columns)}"
                    table.problem(row, "row", "", what, "one cell a column; quote cells that hold a comma")
            row = reader.line_num + 1
    except csv.Error as error:
        table.problem(row, "row", "", f"is no CSV ({error})", "close every quotation mark")
    return table


def _placed(
    problem: Problem, rows: Mapping[str, Sequence[int]], plans: Sequence[Sequence[int]]
) -> RowProblem:
    if problem.table == "rings":
        row, what = plans[problem.index][problem.ring], problem.what
    else:
        own = rows[problem.table]
        row, what = own[problem.index], problem.what
        if problem.first is not None:
            what = f"is there twice, first in row {own[problem.first]}"
    return RowProblem(f"{problem.table}.csv", row, problem.field, problem.value, what, problem.remedy)


def _plans(
    rings: Sequence[tuple[str, Ring, bool]], rows: Sequence[int]
) -> tuple[list[RingPlan], list[list[int]]]:
    """Put the rings of each plan together, in the order of their rows."""
    found: dict[str, tuple[list[Ring], list[int], list[bool]]] = {}
    for (name, ring, assumed), row in zip(rings, rows, strict=True):
        inside, numbers, marks = found.setdefault(name, ([], [], []))
        inside.append(ring)
        numbers.append(row)
        marks.append(assumed)
    plans = [RingPlan(name, tuple(inside), any(marks)) for name, (inside, _, marks) in found.items()]
    return plans, [numbers for _, numbers, _ in found.values()]


def _skill(cells: Mapping[str, str]) -> Skill:
    return Skill(cells["skill"], cells["about"], _whole(cells, "levels"), cells["wider"], _assumed(cells))


def _agent(cells: Mapping[str, str]) -> Agent:
    return Agent(cells["agent"], cells["on_air_name"], cells["team"], frozenset(cells["languages"].split()))


def _competence(cells: Mapping[str, str]) -> Competence:
    expires = None
    if cells["expires"]:
        try:
            expires = date.fromisoformat(cells["expires"])
        except ValueError:
            raise _Unreadable("expires", "is no date", "write it as 2030-01-31, or leave it empty") from None
    return Competence(cells["agent"], cells["skill"], _tier(cells, "tier"), _whole(cells, "level"), expires)


def _ring(cells: Mapping[str, str]) -> tuple[str, Ring, bool]:
    tiers = frozenset(_tier({"tiers": tier}, "tiers") for tier in cells["tiers"].split())
    ring = Ring(_whole(cells, "after_s"), tiers, _whole(cells, "least_level"), _whole(cells, "reach"))
    return cells["plan"], ring, _assumed(cells)


def _requirement(cells: Mapping[str, str]) -> Requirement:
    tier, priority = _tier(cells, "tier"), _whole(cells, "priority")
    return Requirement(cells["queue"], cells["skill"], tier, cells["plan"], priority, _assumed(cells))


def _reserve(cells: Mapping[str, str]) -> Reserve:
    return Reserve(cells["skill"], _tier(cells, "tier"), _whole(cells, "keep"), _assumed(cells))


def _reason(cells: Mapping[str, str]) -> PauseReason:
    minutes = _whole(cells, "limit_minutes")
    return PauseReason(
        cells["reason"], cells["indonesian"], cells["english"], cells["digit"], minutes, _assumed(cells)
    )


def _rule(cells: Mapping[str, str]) -> Rule:
    text = cells["value"]
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text):
        raise _Unreadable("value", "is no number", "digits, with a decimal point if need be")
    return Rule(cells["rule"], float(text), cells["about"], _assumed(cells))


def _whole(cells: Mapping[str, str], column: str) -> int:
    text = cells[column]
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) <= 6):
        raise _Unreadable(column, "is no whole number", "digits only, six at most")
    return int(text)


def _tier(cells: Mapping[str, str], column: str) -> Tier:
    try:
        return Tier(cells[column])
    except ValueError:
        raise _Unreadable(column, "is no tier", "A, B or C") from None


def _assumed(cells: Mapping[str, str]) -> bool:
    if cells["assumed"] not in ("yes", "no", ""):
        raise _Unreadable("assumed", "is neither", "yes, no or empty")
    return cells["assumed"] == "yes"


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _several(values: frozenset[Tier] | frozenset[str]) -> str:
    return " ".join(sorted(values))
