"""Runs of reports on a database: each due time once, claimed by one worker, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.ids import new_id
from reporting.reports import Delivered, ReportFile, ReportRun, RunState, SavedReport
from reporting.reports_times import day_of, days_of, due_since
from storage.database import Database
from storage.report_rows import definition_of, run_of, run_values
from storage.report_tables import (
    report_deliveries,
    report_files,
    report_runs,
    report_steps,
    report_versions,
    reports,
)
from storage.reports import told
from storage.vault import Vault

SYSTEM = "system"
_R, _V, _U, _F, _D, _S = (
    reports.c,
    report_versions.c,
    report_runs.c,
    report_files.c,
    report_deliveries.c,
    report_steps.c,
)


class DurableReportRuns:
    """A `reporting.reports.ReportRuns` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def enqueue_due(self, now: datetime) -> int:
        """Make a run of each report for each time that was due since, once; return how many."""
        due = sa.select(*report_versions.c, _R.next_due_at).join(
            reports, sa.and_(_V.report_id == _R.report_id, _V.version == _R.version)
        )
        due = due.where(_R.next_due_at <= now, _R.removed_at.is_(None))
        mine = due.with_for_update(skip_locked=True)
        if not await told(self._database.read, lambda c: c.execute(sa.select(due.exists())).scalar()):
            return 0  # a look without anything due writes nothing

        def work(connection: Connection) -> int:
            return sum(self._enqueue(connection, row, now) for row in connection.execute(mine).all())

        return await told(self._database.write, work)

    def _enqueue(self, connection: Connection, row: Any, now: datetime) -> int:
        asked = definition_of(self._vault, row)
        if asked.schedule is None:
            return 0
        times, following = due_since(asked.schedule, row.next_due_at, now)
        for at in times:
            first, last = days_of(asked.asked, day_of(at))
            _add_run(connection, _new_run(row.report_id, row.version, SYSTEM, (first, last), now, at))
        mine = sa.update(reports).where(_R.report_id == row.report_id)
        connection.execute(mine.values(next_due_at=following))
        return len(times)

    async def ask(self, report: SavedReport, by: str, days: tuple[date, date], at: datetime) -> ReportRun:
        """Make a run by hand."""
        run = _new_run(report.report_id, report.version, by, days, at)
        await told(self._database.write, lambda connection: _add_run(connection, run))
        return run

    async def claim(self, now: datetime, until: datetime) -> ReportRun | None:
        """Take the run that has waited longest past its time, or whose worker died (its `until` is over)."""
        waits = sa.select(_U.run_id).where(_U.ended_at.is_(None), _U.next_at <= now)
        oldest = waits.order_by(_U.next_at, _U.run_id).limit(1)
        if not await told(self._database.read, lambda c: c.execute(sa.select(oldest.exists())).scalar()):
            return None

        def work(connection: Connection) -> str | None:
            row = connection.execute(oldest.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            values = {"state": RunState.RUNNING.value, "tries": _U.tries + 1, "next_at": until}
            begun = sa.func.coalesce(_U.begun_at, sa.bindparam("begun", now, _U.begun_at.type))
            mine = sa.update(report_runs).where(_U.run_id == row.run_id)
            connection.execute(mine.values(**values, begun_at=begun))
            _add_step(connection, row.run_id, now, "claimed", "")
            return str(row.run_id)

        claimed = await told(self._database.write, work)
        return None if claimed is None else await self.run(claimed)

    async def settle(
        self, run: ReportRun, state: RunState, outcome: str, at: datetime, next_at: datetime | None = None
    ) -> None:
        """End a try: DONE, FAILED, or WAITING for `next_at`."""
        ended = None if state is RunState.WAITING else at
        values = {"state": state.value, "outcome": outcome, "next_at": next_at or at, "ended_at": ended}

        def work(connection: Connection) -> None:
            connection.execute(sa.update(report_runs).where(_U.run_id == run.run_id).values(values))
            _add_step(connection, run.run_id, at, state.value, outcome)

        await told(self._database.write, work)

    async def note_files(self, run_id: str, files: Sequence[ReportFile]) -> None:
        """Keep what a run has made, in place of what an earlier try made."""
        rows = [
            {"run_id": run_id, "form": one.form.value, "name": one.name, "size": one.size,
             "sha256": one.sha256}
            for one in files
        ]  # fmt: skip

        def work(connection: Connection) -> None:
            connection.execute(sa.delete(report_files).where(_F.run_id == run_id))
            if rows:
                connection.execute(sa.insert(report_files), rows)

        await told(self._database.write, work)

    async def note_delivery(self, run_id: str, delivered: Delivered) -> None:
        """Keep what became of a delivery, in place of what was before."""
        values = {"state": delivered.state.value, "at": delivered.at, "outcome": delivered.outcome}
        same = sa.and_(_D.run_id == run_id, _D.number == delivered.number)

        def work(connection: Connection) -> None:
            connection.execute(sa.delete(report_deliveries).where(same))
            row = {"run_id": run_id, "number": delivered.number, **values}
            connection.execute(sa.insert(report_deliveries).values(row))
            _add_step(connection, run_id, delivered.at, delivered.state.value, delivered.outcome)

        await told(self._database.write, work)

    async def runs(self, report_id: str = "", most: int = 50) -> Sequence[ReportRun]:
        """Return runs, newest first, of one report or all."""
        query = sa.select(report_runs).order_by(_U.asked_at.desc(), _U.run_id.desc()).limit(most)
        return await self._some(query.where(_U.report_id == report_id) if report_id else query)

    async def run(self, run_id: str) -> ReportRun:
        """Return one. Raises KeyError."""
        found = await self._some(sa.select(report_runs).where(_U.run_id == run_id))
        if not found:
            raise KeyError(run_id)
        return found[0]

    async def to_remove(self, before: datetime, most: int = 100) -> Sequence[ReportRun]:
        """Return runs that ended before and whose files are still there, oldest first."""
        made = sa.select(_F.run_id).where(_F.run_id == _U.run_id).exists()
        query = sa.select(report_runs).where(_U.ended_at < before, _U.files_removed_at.is_(None), made)
        return await self._some(query.order_by(_U.ended_at).limit(most))

    async def note_removed(self, run_id: str, at: datetime) -> None:
        """Keep that a run's files are gone."""
        gone = sa.update(report_runs).where(_U.run_id == run_id).values(files_removed_at=at)
        await told(self._database.write, lambda connection: connection.execute(gone))

    async def _some(self, query: sa.Select[Any]) -> list[ReportRun]:
        def work(connection: Connection) -> list[ReportRun]:
            rows = connection.execute(query).all()
            ids = [row.run_id for row in rows]
            files = connection.execute(sa.select(report_files).where(_F.run_id.in_(ids))).all()
            told_of = connection.execute(sa.select(report_deliveries).where(_D.run_id.in_(ids))).all()
            return [
                run_of(
                    row,
                    (one for one in files if one.run_id == row.run_id),
                    (one for one in told_of if one.run_id == row.run_id),
                )
                for row in rows
            ]

        return await told(self._database.read, work)


def _new_run(
    report_id: str, version: int, by: str, days: tuple[date, date], at: datetime, due: datetime | None = None
) -> ReportRun:
    first, last = days
    return ReportRun(new_id(), report_id, version, due, by, first, last, RunState.WAITING, 0, at)


def _add_run(connection: Connection, run: ReportRun) -> None:
    connection.execute(sa.insert(report_runs).values(run_values(run)))
    _add_step(connection, run.run_id, run.next_at, "asked", "")


def _add_step(connection: Connection, run_id: str, at: datetime, what: str, outcome: str) -> None:
    following = sa.select(sa.func.coalesce(sa.func.max(_S.number), 0) + 1).where(_S.run_id == run_id)
    row = {"run_id": run_id, "number": following.scalar_subquery(), "at": at, "what": what}
    connection.execute(sa.insert(report_steps).values(**row, outcome=outcome))
