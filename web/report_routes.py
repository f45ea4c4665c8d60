"""Saved reports: the list, one of them, making, changing and removing them, runs by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from domain.staff import Reach
from reporting.reports import Definition, ReportRun, SavedReport
from reporting.reports_words import ReportWords
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.report_desk import MANAGE, VIEW, ReportDesk
from web.report_file_routes import add_report_file_routes
from web.report_form_routes import add_report_form_pages
from web.report_forms import body_of
from web.report_models import (
    ID,
    ChangeBody,
    RemoveBody,
    ReportBody,
    ReportList,
    ReportRow,
    ReportView,
    RunBody,
    RunView,
    VersionView,
)
from web.report_port import ReportPort
from web.report_views import ReportViews

TAGS = ["reports"]
_RUNS_SHOWN = 30
ReportId = Annotated[str, Path(pattern=ID)]


def add_report_routes(shared: Shared, port: ReportPort) -> None:
    """Add the routes of `/laporan` and `/api/reports`."""
    desk = ReportDesk(shared, port)
    add_report_file_routes(desk)  # first: `/laporan/bulanan` and `/laporan/kamus` are no reports
    add_report_form_pages(desk)
    shown = _Shown(desk)
    _add_list(desk, shown)
    _add_one(desk, shown)
    _add_changes(desk, shown)
    _add_runs(desk, shown)


class _Shown:
    """Makes the models of the routes."""

    def __init__(self, desk: ReportDesk) -> None:
        self._desk = desk

    async def views(self, request: Request) -> ReportViews:
        visitor = visitor_of(request)
        words = await self._words(request)
        may_manage = visitor.reach(MANAGE) is not None
        whole = visitor.reach(VIEW) is Reach.ALL
        return ReportViews(words, await self._desk.names(), may_manage=may_manage, whole=whole)

    async def list(self, request: Request) -> ReportList:
        port, views = self._desk.port, await self.views(request)
        reports = await self._desk.answered(port.reports.all())
        runs = await self._desk.answered(port.runs.runs("", _RUNS_SHOWN))
        rows = []
        for one in reports:
            last = await self._desk.answered(port.runs.runs(one.report_id, 1))
            rows.append(self._row(views, one, [await self._run(views, run) for run in last]))
        return ReportList(
            reports=rows,
            runs=[await self._run(views, run) for run in runs],
            may_manage=visitor_of(request).reach(MANAGE) is not None,
        )

    async def one(self, request: Request, found: SavedReport) -> ReportView:
        port, views, visitor = self._desk.port, await self.views(request), visitor_of(request)
        runs = await self._desk.answered(port.runs.runs(found.report_id, _RUNS_SHOWN))
        versions = await self._desk.answered(port.reports.versions(found.report_id))
        may_manage = visitor.reach(MANAGE) is not None
        shown = [await self._run(views, run) for run in runs]
        return ReportView(
            **self._row(views, found, shown[:1]).model_dump(),
            version=found.version,
            definition=body_of(found.definition, with_addresses=may_manage),
            about=views.about(found.definition),
            changed_by=views.who(found.changed_by),
            changed_at=found.changed_at,
            runs=shown,
            versions=[
                VersionView(version=one.version, at=one.at, by=views.who(one.by), title=one.definition.title)
                for one in versions
            ],
            may_manage=may_manage,
            whole=visitor.reach(VIEW) is Reach.ALL,
        )

    async def run(self, request: Request, run: ReportRun) -> RunView:
        return await self._run(await self.views(request), run)

    async def _run(self, views: ReportViews, run: ReportRun) -> RunView:
        """Return a run in the words of the version that it is made by."""
        versions = await self._desk.answered(self._desk.port.reports.versions(run.report_id))
        definition: Definition | None = next(
            (one.definition for one in versions if one.version == run.version), None
        )
        return views.run(run, definition)

    def _row(self, views: ReportViews, one: SavedReport, last: Sequence[RunView]) -> ReportRow:
        return ReportRow(
            report_id=one.report_id,
            title=one.definition.title,
            days=views.days(one.definition),
            schedule=views.schedule(one.definition.schedule),
            next_due_at=one.next_due_at,
            last_run=last[0] if last else None,
        )

    async def _words(self, request: Request) -> ReportWords:
        return await self._desk.port.words(self._desk.shared.render.language(request))


def _add_list(desk: ReportDesk, shown: _Shown) -> None:
    shared = desk.shared

    @shared.guard.get("/laporan", VIEW, include_in_schema=False)
    async def reports_page(request: Request) -> Response:
        """Show the saved reports and their runs."""
        return shared.render.page(request, "reports/page.html", model=await shown.list(request))

    @shared.guard.get("/api/reports", VIEW, response_model=ReportList, tags=TAGS)
    async def reports(request: Request) -> Response:
        """Return the saved reports by title, and the newest runs of all."""
        return shared.render.reply(request, await shown.list(request), "reports/list.html")


def _add_one(desk: ReportDesk, shown: _Shown) -> None:
    shared = desk.shared

    @shared.guard.get("/laporan/{report_id}", VIEW, include_in_schema=False)
    async def report_page(request: Request, report_id: ReportId) -> Response:
        """Show a report's definition, its runs and versions."""
        found = await desk.found(report_id)
        desk.team_for(visitor_of(request), found.definition)
        return shared.render.page(request, "reports/one_page.html", model=await shown.one(request, found))

    @shared.guard.get("/api/reports/{report_id}", VIEW, response_model=ReportView, tags=TAGS)
    async def report(request: Request, report_id: ReportId) -> Response:
        """Return a report with its definition, its newest runs and its versions."""
        found = await desk.found(report_id)
        desk.team_for(visitor_of(request), found.definition)
        return shared.render.reply(request, await shown.one(request, found), "reports/one.html")


def _add_changes(desk: ReportDesk, shown: _Shown) -> None:
    shared, port = desk.shared, desk.port

    def checked(request: Request, body: ReportBody) -> Definition:
        definition = desk.checked(body)
        desk.team_for(visitor_of(request), definition)
        return definition

    @shared.guard.post("/api/reports", MANAGE, response_model=ReportView, status_code=201, tags=TAGS)
    async def save_report(request: Request, body: ReportBody) -> Response:
        """Save a report; 422 names the field that is wrong."""
        definition, who = checked(request, body), visitor_of(request).staff.staff_id
        await desk.did(request, "report_saved", "report:new")
        saved = await desk.answered(port.reports.save(definition, who, shared.clock.now()))
        model = await shown.one(request, saved)
        answer = shared.render.reply(request, model, "reports/one.html", 201)
        answer.headers["HX-Redirect"] = f"/laporan/{saved.report_id}"
        return answer

    @shared.guard.post("/api/reports/{report_id}", MANAGE, response_model=ReportView, tags=TAGS)
    async def change_report(request: Request, report_id: ReportId, body: ChangeBody) -> Response:
        """Change a report; 409 if somebody else has changed it meanwhile."""
        await desk.found(report_id)
        definition, who = checked(request, body), visitor_of(request).staff.staff_id
        await desk.did(request, "report_changed", f"report:{report_id}")
        change = port.reports.change(report_id, body.version, definition, who, shared.clock.now())
        answer = shared.render.reply(
            request, await shown.one(request, await desk.answered(change)), "reports/one.html"
        )
        answer.headers["HX-Redirect"] = f"/laporan/{report_id}"
        return answer

    @shared.guard.post("/api/reports/{report_id}/remove", MANAGE, response_model=ReportList, tags=TAGS)
    async def remove_report(request: Request, report_id: ReportId, body: RemoveBody) -> Response:
        """Remove a report; its runs and versions stay on record."""
        await desk.found(report_id)
        await desk.did(request, "report_removed", f"report:{report_id}")
        who = visitor_of(request).staff.staff_id
        await desk.answered(port.reports.remove(report_id, body.version, who, shared.clock.now()))
        answer = shared.render.reply(request, await shown.list(request), "reports/list.html")
        answer.headers["HX-Redirect"] = "/laporan"
        return answer


def _add_runs(desk: ReportDesk, shown: _Shown) -> None:
    shared, port = desk.shared, desk.port

    @shared.guard.post(
        "/api/reports/{report_id}/run", MANAGE, response_model=RunView, status_code=202, tags=TAGS
    )
    async def run_report(request: Request, report_id: ReportId, body: RunBody) -> Response:
        """Make a report now, and deliver it as by schedule. Without days: its own."""
        found, visitor = await desk.found(report_id), visitor_of(request)
        desk.team_for(visitor, found.definition)
        days = desk.days(found.definition, body.first, body.last)
        await desk.did(request, "report_run", f"report:{report_id}")
        asked = port.runs.ask(found, visitor.staff.staff_id, days, shared.clock.now())
        run = await desk.answered(asked)
        return shared.render.reply(request, await shown.run(request, run), "reports/asked.html", 202)

    @shared.guard.get("/api/reports/{report_id}/runs", VIEW, response_model=list[RunView], tags=TAGS)
    async def report_runs(request: Request, report_id: ReportId) -> Response:
        """Return the newest runs of a report."""
        found = await desk.found(report_id)
        desk.team_for(visitor_of(request), found.definition)
        model = (await shown.one(request, found)).runs
        return shared.render.reply(request, model, "reports/runs.html")

    @shared.guard.get("/api/report-runs/{run_id}", Permission.REPORT_VIEW, response_model=RunView, tags=TAGS)
    async def report_run(request: Request, run_id: ReportId) -> Response:
        """Return one run: how far it is, its files, what became of its deliveries."""
        try:
            run = await desk.answered(port.runs.run(run_id))
        except KeyError as error:
            raise HTTPException(404, "reports.no_such_run") from error
        return shared.render.reply(request, await shown.run(request, run), "reports/asked.html")
