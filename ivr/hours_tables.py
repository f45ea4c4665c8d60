"""Reads the timetable, the overrides and the national calendar for `ivr.hours`."""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import holidays

from desk.table_text import BadText, read_text
from domain.own_tables import in_use
from ivr.callbacks import CallbackRule
from ivr.hours import (
    DailyHours,
    DayKind,
    DayOverride,
    OfficeHours,
    PartOfDay,
    Ramadan,
    Timetable,
)

DATA = Path(__file__).parent / "data"
_MIDNIGHT = "24:00"
_MOST = 9  # of anything that is counted
_OVERRIDE_KINDS = {kind.value: kind for kind in (DayKind.WORKING, DayKind.HOLIDAY, DayKind.JOINT_LEAVE)}

T = TypeVar("T")


class TableProblem(Exception):
    """A table of opening hours cannot be used; the text names file, row, field and remedy."""


class IndonesianCalendar:
    """Indonesia's holidays and cuti bersama, from the `holidays` package.

    Days that move with the moon are estimates there until the joint decree of the year is in it.
    """

    def __init__(self) -> None:
        self._public = holidays.country_holidays("ID", categories=("public",))
        self._joint = holidays.country_holidays("ID", categories=("government",))

    def kind(self, day: date) -> DayKind | None:
        """Return HOLIDAY or JOINT_LEAVE, or None for any other day."""
        if day in self._public:
            return DayKind.HOLIDAY
        return DayKind.JOINT_LEAVE if day in self._joint else None


def load_office_hours(folder: Path = DATA) -> OfficeHours:
    """Return the hours of the tables in a folder. Raises TableProblem."""
    timetable = load_timetable(folder / "hours.yaml")
    overrides = load_overrides(folder / "calendar_overrides.yaml")
    return OfficeHours(timetable, IndonesianCalendar()).with_overrides(overrides)


def load_timetable(path: Path) -> Timetable:
    """Read `hours.yaml`. Raises TableProblem."""
    tables = _read(path, {"hours", "ramadan_hours", "ramadan", "parts_of_day"})
    timetable = Timetable(
        hours=_rows(path, tables, "hours", _hours),
        ramadan_hours=_rows(path, tables, "ramadan_hours", _hours),
        ramadan=_rows(path, tables, "ramadan", _ramadan),
        parts_of_day=_rows(path, tables, "parts_of_day", _part),
    )
    for name in ("hours", "ramadan_hours", "parts_of_day"):
        if not getattr(timetable, name):
            raise TableProblem(f"{path}: {name}: no row. Remedy: add at least one.")
    for name, days in (
        ("hours", [row.since for row in timetable.hours]),
        ("ramadan_hours", [row.since for row in timetable.ramadan_hours]),
        ("ramadan", [row.first for row in timetable.ramadan]),
        ("parts_of_day", [row.before for row in timetable.parts_of_day[:-1]]),
    ):
        if days != sorted(set(days), key=str):
            raise TableProblem(f"{path}: {name}: the rows are not in order of time. Remedy: sort them.")
    return timetable


def load_overrides(path: Path) -> list[DayOverride]:
    """Read `calendar_overrides.yaml`. Raises TableProblem."""
    return _rows(path, _read(path, {"overrides"}), "overrides", _override)


def read_override(fields: Mapping[str, object]) -> DayOverride:
    """Return one override of its fields, as a row of the file has them. Raises TableProblem."""
    row = _Row(fields)
    made = _override(row)
    row.done()
    return made


def load_callback_rules(folder: Path = DATA) -> list[CallbackRule]:
    """Read `callbacks.yaml` of a folder. Raises TableProblem."""
    path = folder / "callbacks.yaml"
    rules = _rows(path, _read(path, {"callbacks"}), "callbacks", _callback_rule)
    days = [rule.since for rule in rules]
    if not rules or days != sorted(set(days)):
        raise TableProblem(f"{path}: callbacks: no row, or not in order of time. Remedy: add or sort them.")
    return rules


class _Row:
    """One row's fields, each read once; what is left over is a mistake."""

    def __init__(self, fields: object) -> None:
        if not isinstance(fields, Mapping):
            raise TableProblem("a row is written as `field: value` pairs.")
        self._fields: dict[str, Any] = dict(fields)

    def day(self, name: str) -> date:
        value = self._fields.pop(name, None)
        if type(value) is not date:
            raise TableProblem(f"{name}: {value!r} is no date. Remedy: write it as 2030-01-31.")
        return value

    def clock(self, name: str) -> time:
        value = self._fields.pop(name, None)
        try:
            return time.fromisoformat(value if isinstance(value, str) else "")
        except ValueError as error:
            raise TableProblem(f'{name}: {value!r} is no time. Remedy: write it as "08:00".') from error

    def count(self, name: str) -> int:
        value = self._fields.pop(name, None)
        if type(value) is not int or not 1 <= value <= _MOST:
            raise TableProblem(f"{name}: {value!r}. Remedy: a number from 1 to {_MOST}.")
        return value

    def span(self, name: str) -> timedelta:
        span = self.clock(name)
        return timedelta(hours=span.hour, minutes=span.minute)

    def text(self, name: str) -> str:
        return str(self._fields.pop(name, ""))

    def has(self, name: str) -> bool:
        return name in self._fields

    def assumed(self) -> bool:
        value = self._fields.pop("assumed", False)
        if not isinstance(value, bool):
            raise TableProblem(f"assumed: {value!r}. Remedy: write true or false.")
        return value

    def done(self) -> None:
        for name in self._fields:
            raise TableProblem(f"{name}: no such field. Remedy: remove it, or correct its name.")


def _hours(row: _Row) -> DailyHours:
    hours = DailyHours(
        row.day("from"), row.clock("opens"), row.clock("closes"), row.text("source"), row.assumed()
    )
    _in_order(hours.opens, hours.closes)
    return hours


def _ramadan(row: _Row) -> Ramadan:
    fast = Ramadan(row.day("first"), row.day("last"), row.text("source"), row.assumed())
    if not 28 <= (fast.last - fast.first).days <= 29:  # a lunar month has 29 or 30 days
        raise TableProblem(f"last: {fast.last} does not end a month that begins on {fast.first}.")
    return fast


def _part(row: _Row) -> PartOfDay:
    name, before = row.text("name"), row.text("before")
    if name not in ("morning", "noon", "afternoon"):
        raise TableProblem(f"name: {name!r}. Remedy: morning, noon or afternoon.")
    if before == _MIDNIGHT:
        return PartOfDay(name, None, row.assumed())
    return PartOfDay(name, _Row({"before": before}).clock("before"), row.assumed())


def _override(row: _Row) -> DayOverride:
    day, kind = row.day("day"), row.text("kind")
    if kind not in _OVERRIDE_KINDS:
        raise TableProblem(f"kind: {kind!r}. Remedy: one of {', '.join(_OVERRIDE_KINDS)}.")
    hours = None
    if row.has("opens") or row.has("closes"):
        if kind != DayKind.WORKING.value:
            raise TableProblem(f"opens: a {kind} has no hours. Remedy: remove them, or say working.")
        hours = (row.clock("opens"), row.clock("closes"))
        _in_order(*hours)
    return DayOverride(day, _OVERRIDE_KINDS[kind], row.text("about"), hours, row.assumed())


def _callback_rule(row: _Row) -> CallbackRule:
    rule = CallbackRule(
        row.day("from"),
        row.span("lives"),
        row.span("least"),
        row.count("attempts"),
        row.span("again"),
        row.assumed(),
    )
    if not timedelta(0) < rule.least <= rule.lives:
        raise TableProblem("least: must be more than nothing, and at most `lives`.")
    return rule


def _in_order(opens: time, closes: time) -> None:
    if opens >= closes:
        raise TableProblem(f"closes: {closes:%H:%M} is not after opens {opens:%H:%M}.")


def _read(path: Path, known: set[str]) -> Mapping[str, Any]:
    try:
        tables = read_text(in_use(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise TableProblem(f"{path}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise TableProblem(f"{path}: the file is not UTF-8. Remedy: save it as UTF-8.") from error
    except BadText as error:
        raise TableProblem(f"{path}, {error}") from error
    if not isinstance(tables, dict) or set(tables) - known:
        raise TableProblem(f"{path}: expected the tables {', '.join(sorted(known))} and nothing else.")
    return tables


def _rows(path: Path, tables: Mapping[str, Any], name: str, make: Callable[[_Row], T]) -> list[T]:
    made = []
    for number, fields in enumerate(tables.get(name) or [], 1):
        try:
            row = _Row(fields)
            made.append(make(row))
            row.done()
        except TableProblem as problem:
            raise TableProblem(f"{path}: {name}, row {number}: {problem}") from problem
    return made
