"""Reads the tables of proof: `desk/data/proof_items.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from desk.matter_data import TableProblem, read_table
from desk.proof import OUTBOUND_SERVICE, Asked, Holder, Limits
from domain.directory import ProofItem

DATA = Path(__file__).parent / "data" / "proof_items.yaml"
EVERY_OTHER = "*"
_MOST = 20  # of anything that is counted


class ProofTableProblem(Exception):
    """The tables cannot be used. The message names file, table, row, field and remedy."""


@dataclass(frozen=True, slots=True)
class ItemTime:
    """When an item is asked; None: without end on that side."""

    item: ProofItem
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Service:
    """What one service asks for, before dates are heeded."""

    name: str
    queues: tuple[str, ...]
    asked: Mapping[Holder, Asked]


@dataclass(frozen=True, slots=True)
class ProofTables:
    """The tables that rule proofs: a `desk.proof.ProofRules`."""

    limit_rows: Sequence[tuple[date, Limits]]  # in order of time
    times: Sequence[ItemTime]
    by_service: Mapping[str, Service]

    def limits(self, on: date) -> Limits:
        """Return the limits in force on a day; before the first row: the first."""
        rows = [limits for since, limits in self.limit_rows if since <= on]
        return rows[-1] if rows else self.limit_rows[0][1]

    def service_for(self, queue: str) -> str:
        """Return the service that a queue stands for; `efin/B`, which an agent chose, is as `efin`."""
        base = queue.partition("/")[0]
        named = (service.name for service in self.by_service.values() if base in service.queues)
        return next(named, self._every_other)

    def services(self) -> Sequence[str]:
        """Return every service that can be chosen."""
        return tuple(self.by_service)

    def asked(self, service: str, holder: Holder, on: date) -> Asked:
        """Return the items that a service asks for on a day. Raises KeyError: no such service."""
        asked = self.by_service[service].asked[holder]
        return Asked(
            tuple(item for item in asked.all_of if self._in_force(item, on)),
            tuple(item for item in asked.some_of if self._in_force(item, on)),
            asked.count,
        )

    @property
    def _every_other(self) -> str:
        return next(service.name for service in self.by_service.values() if EVERY_OTHER in service.queues)

    def _in_force(self, item: ProofItem, on: date) -> bool:
        times = [time for time in self.times if time.item is item]
        return not times or any(
            (time.first is None or time.first <= on) and (time.last is None or on <= time.last)
            for time in times
        )


def load_proof_tables(path: Path = DATA) -> ProofTables:
    """Read the tables. Raises ProofTableProblem."""
    try:
        found = read_table(path, dict[str, Any])
    except TableProblem as error:
        raise ProofTableProblem(f"{path}: cannot be read: {error}") from error
    names = {"limits", "items", "services"}
    if set(found) != names:
        raise ProofTableProblem(f"{path}: expected the tables {', '.join(sorted(names))} and nothing else.")
    limits = [_limits(row) for row in _rows(path, found, "limits")]
    times = [_time(row) for row in _rows(path, found, "items")]
    services = [_service(row) for row in _rows(path, found, "services")]
    _check(path, limits, services)
    tables = ProofTables(limits, times, {service.name: service for service in services})
    _check_days(path, tables)
    return tables


def _check(path: Path, limits: Sequence[tuple[date, Limits]], services: Sequence[Service]) -> None:
    days = [since for since, _ in limits]
    if not days or days != sorted(set(days)):
        raise ProofTableProblem(f"{path}: limits: no row, or not in order of time. Remedy: add or sort them.")
    names = [service.name for service in services]
    if len(set(names)) != len(names) or OUTBOUND_SERVICE not in names:
        raise ProofTableProblem(
            f"{path}: services: {OUTBOUND_SERVICE} is missing, or one is there twice. "
            "Remedy: one row for each."
        )
    queues = [queue for service in services for queue in service.queues]
    if len(set(queues)) != len(queues) or EVERY_OTHER not in queues:
        raise ProofTableProblem(
            f'{path}: services: queues: "{EVERY_OTHER}" is missing, or a queue is there twice. '
            "Remedy: name each queue once, and the rest with the star."
        )


def _check_days(path: Path, tables: ProofTables) -> None:
    """Raise ProofTableProblem for a service that on some day asks for too few items, or for none."""
    edges = {time.first for time in tables.times} | {time.last for time in tables.times}
    days = sorted({date.min, date.max} | {day for day in edges if day is not None})
    for name in tables.services():
        for holder in Holder:
            for on in days:
                asked = tables.asked(name, holder, on)
                if asked.count > len(asked.some_of) or not (asked.all_of or asked.count):
                    raise ProofTableProblem(
                        f"{path}: services: {name}, {holder}: on {on} there are too few items in force. "
                        "Remedy: name more items, or a smaller count."
                    )


class _Row:
    """One row's fields, each read once."""

    def __init__(self, where: str, fields: object) -> None:
        if not isinstance(fields, dict):
            raise ProofTableProblem(f"{where}: a row is written as `field: value` pairs.")
        self.where = where
        self._fields: dict[str, Any] = dict(fields)

    def wrong(self, name: str, remedy: str) -> ProofTableProblem:
        return ProofTableProblem(f"{self.where}: {name}: cannot be read. Remedy: {remedy}.")

    def day(self, name: str) -> date | None:
        value = self._fields.pop(name, None)
        if value is not None and type(value) is not date:
            raise self.wrong(name, "write it as 2030-01-31")
        return value

    def count(self, name: str, least: int = 1) -> int:
        value = self._fields.pop(name, None)
        if type(value) is not int or not least <= value <= _MOST:
            raise self.wrong(name, f"a number from {least} to {_MOST}")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        value = self._fields.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(name, "a list of words, as [a, b]")
        return tuple(value)

    def items(self, name: str) -> tuple[ProofItem, ...]:
        try:
            return tuple(ProofItem(word) for word in self.words(name))
        except ValueError as error:
            raise self.wrong(name, f"known items are {', '.join(ProofItem)}") from error

    def text(self, name: str) -> str:
        value = self._fields.pop(name, None)
        if not isinstance(value, str) or not value:
            raise self.wrong(name, "write a word")
        return value

    def part(self, name: str) -> "_Row":
        return _Row(f"{self.where}: {name}", self._fields.pop(name, None))

    def done(self) -> None:
        for name in ("source", "assumed"):
            self._fields.pop(name, None)
        for name in self._fields:
            raise ProofTableProblem(f"{self.where}: {name}: no such field. Remedy: correct its name.")


def _rows(path: Path, found: Mapping[str, Any], table: str) -> list[_Row]:
    return [_Row(f"{path}: {table}, row {n}", row) for n, row in enumerate(found[table] or [], 1)]


def _limits(row: _Row) -> tuple[date, Limits]:
    since = row.day("from")
    if since is None:
        raise row.wrong("from", "write it as 2030-01-31")
    limits = Limits(row.count("validations"), row.count("tries_per_item"), row.count("wrong_per_call"))
    row.done()
    return since, limits


def _time(row: _Row) -> ItemTime:
    try:
        item = ProofItem(row.text("item"))
    except ValueError as error:
        raise row.wrong("item", f"known items are {', '.join(ProofItem)}") from error
    time = ItemTime(item, row.day("from"), row.day("until"))
    row.done()
    return time


def _service(row: _Row) -> Service:
    name, queues = row.text("service"), row.words("queues")
    asked = {holder: _asked(row.part(holder.value)) for holder in Holder}
    row.done()
    return Service(name, queues, asked)


def _asked(row: _Row) -> Asked:
    asked = Asked(row.items("all_of"), row.items("some_of"), row.count("count", least=0))
    row.done()
    if ProofItem.NAME in asked.items or len(set(asked.items)) != len(asked.items):
        raise row.wrong("all_of, some_of", "each item once; the name comes first by itself")
    return asked
