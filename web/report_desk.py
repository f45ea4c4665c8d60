"""What the routes of reports share: reach, the trail, and what is answered when something does not work."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from fastapi import HTTPException, Request

from domain.audit import AuditRow
from domain.staff import Reach, StaffUnavailable
from reporting.asking import Dimension, FiguresUnavailable, NotAsked
from reporting.formulas import FORMULAS
from reporting.reports import CodeTaken, Definition, ReportChanged, ReportsUnavailable, SavedReport
from reporting.reports_check import BadReport, check
from reporting.reports_table import TooLong
from reporting.reports_times import day_of, days_of
from reporting.reports_words import COUNTS
from web.field_refused import field_refused
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.report_forms import definition_of
from web.report_models import ReportBody
from web.report_port import FileGone, FileNotWritten, ReportPort
from web.visitor import Visitor

T = TypeVar("T")

VIEW, MANAGE = Permission.REPORT_VIEW, Permission.REPORT_MANAGE
KNOWN = frozenset({*FORMULAS, *COUNTS})
_ANSWERS: Mapping[type[Exception], tuple[int, str]] = {
    ReportsUnavailable: (503, "reports.unavailable"),
    FiguresUnavailable: (503, "reports.unavailable"),
    StaffUnavailable: (503, "reports.unavailable"),
    FileNotWritten: (503, "reports.not_written"),
    FileGone: (410, "reports.no_such_file"),
    ReportChanged: (409, "reports.changed_meanwhile"),
    NotAsked: (409, "reports.not_asked"),
    TooLong: (413, "reports.too_long"),
}


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Reports, for somebody who was let in."""

    shared: Shared
    port: ReportPort

    async def did(self, request: Request, act: str, subject: str, **data: str) -> None:
        """Put an act on the trail, before it is done. Raises AuditUnavailable."""
        who = visitor_of(request).staff.staff_id
        row = AuditRow(self.shared.clock.now(), who, act, subject, data=data)
        await self.shared.audit.record(row)

    async def answered(self, work: Awaitable[T]) -> T:
        """Do something; what is wrong becomes an answer. Raises HTTPException, RequestValidationError."""
        try:
            return await work
        except BadReport as error:
            raise field_refused(error.field, f"report_problem.{error.word}") from error
        except CodeTaken as error:
            raise field_refused("code", "report_problem.code_taken") from error
        except tuple(_ANSWERS) as error:
            status, text = _ANSWERS[type(error)]
            raise HTTPException(status, text) from error

    async def found(self, report_id: str) -> SavedReport:
        """Return a report. Raises HTTPException 404."""
        try:
            return await self.answered(self.port.reports.get(report_id))
        except KeyError as error:
            raise HTTPException(404, "reports.no_such_report") from error

    def checked(self, body: ReportBody) -> Definition:
        """Return the definition that was sent, in order. Raises RequestValidationError."""
        try:
            definition = definition_of(body)
            check(definition, KNOWN, self.port.domains)
        except BadReport as error:
            raise field_refused(error.field, f"report_problem.{error.word}") from error
        return definition

    def team_for(self, visitor: Visitor, definition: Definition) -> str:
        """Return whose work alone somebody may see in a report; empty: everybody's.

        Raises HTTPException 403.
        """
        reaches = [visitor.reach(VIEW)]
        if Dimension.AGENT in (*definition.asked.by, *definition.asked.only):
            reaches.append(visitor.reach(Permission.FIGURES_VIEW))
        if None in reaches:
            raise HTTPException(403, "reports.not_agents")
        if all(one is Reach.ALL for one in reaches):
            return ""
        if Reach.OWN in reaches or not visitor.staff.team:
            raise HTTPException(403, "reports.no_team")
        return visitor.staff.team

    def days(self, definition: Definition, first: date | None, last: date | None) -> tuple[date, date]:
        """Return the days that are asked for, or the report's own. Raises RequestValidationError."""
        if first is None and last is None:
            return days_of(definition.asked, day_of(self.shared.clock.now()))
        if first is None or last is None:
            raise field_refused("first" if first is None else "last", "report_problem.days_missing")
        if last < first:
            raise field_refused("last", "report_problem.days_turned")
        return first, last

    async def names(self) -> Mapping[str, str]:
        """Return who is called what, by staff_id. Raises HTTPException 503."""
        everybody = await self.answered(self.port.people.all())
        return {one.staff_id: one.display_name for one in everybody}
