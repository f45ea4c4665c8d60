"""Saved reports on a database, every version of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.ids import new_id
from reporting.reports import (
    CodeTaken,
    Definition,
    ReportChanged,
    ReportsUnavailable,
    ReportVersion,
    SavedReport,
)
from reporting.reports_times import next_due
from storage.database import Database, DatabaseProblem
from storage.report_rows import definition_of, definition_values
from storage.report_tables import report_versions, reports
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

_R, _V = reports.c, report_versions.c
_ONE_AT_A_TIME = 1_500_222  # a PostgreSQL advisory lock: two people save one code


class DurableReports:
    """A `reporting.reports.Reports` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def all(self) -> Sequence[SavedReport]:
        """Return the reports that were not removed, by title."""
        found = await self._read(lambda connection: self._saved(connection, _R.removed_at.is_(None)))
        return sorted(found, key=lambda one: (one.definition.title.casefold(), one.report_id))

    async def get(self, report_id: str) -> SavedReport:
        """Return one that was not removed. Raises KeyError."""
        which = sa.and_(_R.report_id == report_id, _R.removed_at.is_(None))
        found = await self._read(lambda connection: self._saved(connection, which))
        if not found:
            raise KeyError(report_id)
        return found[0]

    async def versions(self, report_id: str) -> Sequence[ReportVersion]:
        """Return every version, newest first, of removed ones too. Raises KeyError: never there."""
        query = sa.select(report_versions).where(_V.report_id == report_id, _V.definition.is_not(None))
        query = query.order_by(_V.version.desc())

        def work(connection: Connection) -> list[ReportVersion]:
            return [
                ReportVersion(row.version, row.at, row.who, definition_of(self._vault, row))
                for row in connection.execute(query)
            ]

        found = await self._read(work)
        if not found:
            raise KeyError(report_id)
        return found

    async def save(self, definition: Definition, by: str, at: datetime) -> SavedReport:
        """Keep a new one. Raises CodeTaken."""
        report_id = new_id()
        due = _due(definition, at)

        def work(connection: Connection) -> None:
            _refuse_taken(connection, definition.code, report_id)
            connection.execute(
                sa.insert(reports).values(
                    report_id=report_id, version=1, code=definition.code, created_by=by, changed_at=at,
                    next_due_at=due,
                )
            )  # fmt: skip
            self._add_version(connection, report_id, 1, definition, by, at)

        await self._write(work)
        return SavedReport(report_id, 1, definition, by, by, at, due)

    async def change(
        self, report_id: str, version: int, definition: Definition, by: str, at: datetime
    ) -> SavedReport:
        """Put a further version in place of `version`. Raises ReportChanged, CodeTaken."""
        values = {
            "version": version + 1,
            "code": definition.code,
            "changed_at": at,
            "next_due_at": _due(definition, at),
        }

        def work(connection: Connection) -> None:
            _refuse_taken(connection, definition.code, report_id)
            _move_on(connection, report_id, version, values)
            self._add_version(connection, report_id, version + 1, definition, by, at)

        await self._write(work)
        return await self.get(report_id)

    async def remove(self, report_id: str, version: int, by: str, at: datetime) -> None:
        """Remove one; its runs and versions stay. Raises ReportChanged."""

        def work(connection: Connection) -> None:
            gone = {"version": version + 1, "changed_at": at, "next_due_at": None, "removed_at": at}
            _move_on(connection, report_id, version, gone)
            connection.execute(
                sa.insert(report_versions).values(report_id=report_id, version=version + 1, at=at, who=by)
            )

        await self._write(work)

    def _add_version(
        self, connection: Connection, report_id: str, version: int, definition: Definition, by: str,
        at: datetime,
    ) -> None:  # fmt: skip
        kept = definition_values(self._vault, definition, report_id, version)
        values = {"report_id": report_id, "version": version, "at": at, "who": by, **kept}
        connection.execute(sa.insert(report_versions).values(values))

    def _saved(self, connection: Connection, which: sa.ColumnElement[bool]) -> list[SavedReport]:
        columns = (*report_versions.c, _R.created_by, _R.changed_at, _R.next_due_at)
        newest = sa.and_(_V.report_id == _R.report_id, _V.version == _R.version)
        rows = connection.execute(sa.select(*columns).join(reports, newest).where(which))
        return [
            SavedReport(
                row.report_id,
                row.version,
                definition_of(self._vault, row),
                row.created_by,
                row.who,
                row.changed_at,
                row.next_due_at,
            )
            for row in rows
        ]

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await told(self._database.read, work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await told(self._database.write, work)


async def told(how: Callable[..., Any], work: Callable[[Connection], T]) -> T:
    """Read or write; raises ReportsUnavailable for whatever keeps the database from it."""
    try:
        done: T = await how(work)
    except (DatabaseProblem, VaultProblem) as error:
        raise ReportsUnavailable(str(error)) from error
    return done


def _due(definition: Definition, at: datetime) -> datetime | None:
    return None if definition.schedule is None else next_due(definition.schedule, at)


def _refuse_taken(connection: Connection, code: str, but: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    taken = sa.select(_R.report_id).where(_R.code == code, _R.removed_at.is_(None), _R.report_id != but)
    if connection.execute(taken).first() is not None:
        raise CodeTaken(code)


def _move_on(connection: Connection, report_id: str, version: int, values: dict[str, Any]) -> None:
    mine = sa.and_(_R.report_id == report_id, _R.version == version, _R.removed_at.is_(None))
    if connection.execute(sa.update(reports).where(mine).values(values)).rowcount != 1:
        raise ReportChanged(report_id)
