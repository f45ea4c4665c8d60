"""Finds everything that is held about one taxpayer. Reads much: never in the process that serves calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.rows_seen import KEY_BYTES
from domain.calls import EventKind
from recording.persons_table import Area
from storage.list_rows import ListRows, split_keys
from storage.person_opened import NPWP_FACT, Openers
from storage.person_sources import AUDITED, FIRST, MACHINE_COLUMNS, REFUSED, THEN, Source
from storage.person_staff import StaffWords
from storage.person_subject import Subject
from storage.rows import Rows
from storage.tables import call_events
from storage.vault import Vault

_MANY = 500  # values of one IN
_PAGE = 2000  # rows read at once in a search without a key
_SUBJECTS = {
    "calls": "call", "recordings": "recording", "notes": "note", "scores": "score", "appeals": "appeal",
    "leads": "lead", "taxpayers": "taxpayer", "requests": "person",
}  # fmt: skip
_MATTERS = ("case", "complaint", "promise", "request", "callback")

Row = dict[str, Any]


@dataclass(slots=True)
class Section:
    """What one table holds of the person."""

    table: str
    area: Area
    rows: list[Row] = field(default_factory=list)
    newest: datetime | None = None


@dataclass(slots=True)
class Found:
    """Everything found: ids by set, and the rows as they are shown."""

    subject: Subject
    sets: dict[str, set[Any]]
    sections: dict[str, Section] = field(default_factory=dict)
    shared: set[str] = field(
        default_factory=set
    )  # calls in which another taxpayer's data was asked about too

    def ids(self, name: str) -> set[Any]:
        """Return a set of ids, such as `calls`, `recordings`, `leads`."""
        return self.sets.setdefault(name, set())

    def areas(self) -> dict[Area, tuple[int, datetime | None]]:
        """Return how much is held in each area, and the day of the newest."""
        held: dict[Area, tuple[int, datetime | None]] = {}
        for section in self.sections.values():
            count, newest = held.get(section.area, (0, None))
            days = [at for at in (newest, section.newest) if at is not None]
            held[section.area] = (count + len(section.rows), max(days, default=None))
        return held


class PersonFinder:
    """Searches every table of `storage.person_sources`. Blocking; raises storage.vault.VaultProblem."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def calls(self, connection: Connection, subject: Subject) -> Found:
        """Return whose calls they are: the first half of `everything`, without rows to show."""
        found = Found(subject, {"keys": set(subject.keys)})
        if subject.taxpayer_id:
            found.ids("taxpayers").add(subject.taxpayer_id)
            found.ids("lookups").add(subject.lookup)
        for source in FIRST:
            for row in _rows(connection, source, found):
                if self._theirs(source.table.name, row, found):
                    _give(source, row, found)
        self._add_keyed(connection, found)
        self._find_shared(connection, found)
        return found

    def everything(self, connection: Connection, subject: Subject, salt: str) -> Found:
        """Return everything held about a taxpayer. `salt`: the request, for references of staff."""
        found = self.calls(connection, subject)
        numbers = self._numbers(connection, found)
        openers = Openers(self._vault, subject, numbers, frozenset(found.shared))
        words = StaffWords(connection, self._vault, salt)
        seen: set[tuple[Any, ...]] = set()
        for source in (*FIRST, *THEN):
            name = source.table.name
            section = found.sections.setdefault(name, Section(name, source.area))
            for row in _rows(connection, source, found):
                key = (name, *(getattr(row, column.name) for column in source.table.primary_key))
                if key in seen or not self._theirs(name, row, found):
                    continue
                seen.add(key)
                _give(source, row, found)
                section.rows.append(_shown(source, row, openers, words))
                section.newest = _newest(section.newest, row)
        self._add_refused(connection, found)
        self._add_audit(connection, found, words)
        return found

    def _theirs(self, table: str, row: Any, found: Found) -> bool:
        """Whether a row found by its call is this person's, where the call was another's too."""
        match table:
            case "contacts":
                return bytes(row.taxpayer_key) in found.subject.keys
            case "interaction_notes" | "matters":
                own = row.taxpayer_id is not None and row.taxpayer_id == found.subject.taxpayer_id
                return own or (not row.taxpayer_id and row.call_id not in found.shared)
            case "proof_acts":
                if row.taxpayer_lookup is None:
                    return row.call_id not in found.shared
                return bytes(row.taxpayer_lookup) == found.subject.lookup
            case "outbound_dispositions":
                return row.lead_id in found.ids("leads") or row.attempt_id in found.ids("attempts")
            case "interaction_drafts" | "script_ticks":
                return row.call_id not in found.shared
        return True

    def _add_keyed(self, connection: Connection, found: Found) -> None:
        """Add calls in which the person's NPWP was keyed, or which ring back a call of ours to them."""
        rows = Rows(self._vault)
        kinds = [EventKind.LOOKED_UP.value, EventKind.COLLECTED.value]
        e = call_events.c
        query = sa.select(call_events).where(e.kind.in_(kinds), e.sealed_secret.is_not(None))
        for row in _all(connection, query):
            secret = rows.event(row).secret or {}
            keyed = secret.get(NPWP_FACT, "")
            known = secret.get("taxpayer_id", "")
            if (
                (known and known == found.subject.taxpayer_id)
                or secret.get("attempt_id", "") in found.ids("attempts")
                or (keyed and found.subject.is_npwp(keyed))
            ):
                found.ids("calls").add(row.call_id)

    def _find_shared(self, connection: Connection, found: Found) -> None:
        """Learn in which of the calls another taxpayer's data was asked about or noted, too."""
        rows, mine = Rows(self._vault), found.subject
        proofs, notes, matters = (
            _source(name).table for name in ("proof_acts", "interaction_notes", "matters")
        )
        for some in _parts(found.ids("calls")):
            for row in connection.execute(sa.select(proofs).where(proofs.c.call_id.in_(some))):
                if row.taxpayer_lookup is not None and bytes(row.taxpayer_lookup) != mine.lookup:
                    found.shared.add(row.call_id)
            for table in (notes, matters):
                query = sa.select(table.c.call_id, table.c.taxpayer_id).where(table.c.call_id.in_(some))
                found.shared.update(
                    row.call_id
                    for row in connection.execute(query)
                    if row.taxpayer_id and row.taxpayer_id != mine.taxpayer_id
                )
            looked = sa.and_(call_events.c.call_id.in_(some), call_events.c.kind == EventKind.LOOKED_UP.value)
            for row in connection.execute(sa.select(call_events).where(looked)):
                known = (rows.event(row).secret or {}).get("taxpayer_id", "")
                if known and known != mine.taxpayer_id:
                    found.shared.add(row.call_id)

    def _numbers(self, connection: Connection, found: Found) -> frozenset[str]:
        """Return the telephone numbers that lists gave as the person's."""
        lists, numbers = ListRows(self._vault), set[str]()
        source = _source("contacts")
        for row in _rows(connection, source, found):
            if self._theirs("contacts", row, found):
                numbers.update(lists.contact(row).person.numbers)
        return frozenset(numbers)

    def _add_refused(self, connection: Connection, found: Found) -> None:
        """Add rows of lists that were refused and have the person's NPWP in a cell."""
        lists, section = ListRows(self._vault), Section(REFUSED.name, Area.CAMPAIGNS)
        found.sections[REFUSED.name] = section
        for row in _all(connection, sa.select(REFUSED)):
            cells = lists.texts(
                bytes(row.sealed_cells), b"refused_rows/%s/%d" % (row.list_id.encode(), row.row)
            )
            digits = ["".join(sign for sign in cell if sign.isdigit()) for cell in cells]
            if any(found.subject.is_npwp(one) for one in digits if one):
                shown = {"list_id": row.list_id, "row": row.row, "fate": row.fate, "reason": row.reason}
                section.rows.append({**shown, "cells": list(cells)})

    def _add_audit(self, connection: Connection, found: Found, words: StaffWords) -> None:
        """Add who touched what: every row of the trail whose subject was found."""
        a, section = AUDITED.c, Section(AUDITED.name, Area.TRAIL)
        found.sections[AUDITED.name] = section
        subjects = {f"{kind}:{one}" for name, kind in _SUBJECTS.items() for one in found.ids(name)}
        subjects |= {f"{kind}:{one}" for kind in _MATTERS for one in found.ids("matters")}
        for some in _parts(subjects):
            for row in connection.execute(sa.select(AUDITED).where(a.subject.in_(some)).order_by(a.n)):
                shown = {
                    name: getattr(row, name) for name in ("at", "who", "act", "subject", "why", "outcome")
                }
                shown["data"] = row.data
                section.rows.append({name: words.shown(name, value) for name, value in shown.items()})
                section.newest = _newest(section.newest, row)
        section.rows.sort(key=lambda row: row["at"])


def _source(name: str) -> Source:
    return next(source for source in FIRST if source.table.name == name)


def _rows(connection: Connection, source: Source, found: Found) -> Iterator[Any]:
    """Yield the rows of a table that anything found leads to; one that two ways lead to comes twice."""
    order = list(source.table.primary_key)
    for column, name in source.by:
        for some in _parts(found.ids(name)):
            query = sa.select(source.table).where(source.table.c[column].in_(some)).order_by(*order)
            yield from connection.execute(query).all()


def _all(connection: Connection, query: sa.Select[Any]) -> Iterator[Any]:
    """Yield all rows of a query, some at a time."""
    with connection.execution_options(yield_per=_PAGE).execute(query) as result:
        yield from result


def _parts(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _MANY):
        yield ordered[start : start + _MANY]


def _give(source: Source, row: Any, found: Found) -> None:
    for column, name in source.gives:
        value = getattr(row, column)
        if column == "number_keys":
            found.ids(name).update(split_keys(bytes(value)))
        elif value not in ("", None):
            found.ids(name).add(bytes(value)[:KEY_BYTES] if isinstance(value, memoryview) else value)


def _shown(source: Source, row: Any, openers: Openers, words: StaffWords) -> Row:
    """Return a row as the person gets it."""
    hidden = source.hide | MACHINE_COLUMNS
    shown: Row = {}
    for column in source.table.c:
        value = getattr(row, column.name)
        if (
            column.name in hidden
            or isinstance(value, bytes | memoryview)
            or column.name.startswith("sealed_")
        ):
            continue
        shown[column.name] = words.shown(column.name, value)
    return shown | dict(openers.opened(source.table.name, row))


def _newest(before: datetime | None, row: Any) -> datetime | None:
    times = [value for value in row if isinstance(value, datetime)]
    return max([*times, *([] if before is None else [before])], default=None)
