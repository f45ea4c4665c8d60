"""Reports made on demand and by runs, as pages and files; the monthly report; the data dictionary."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response

from reporting.asking import Interval
from reporting.reports import Asked, Definition, Format, Layout, Span
from reporting.reports_document import Document
from reporting.reports_times import day_of, first_of_month, last_of_month, month_before
from web.days import DayOrNothing
from web.downloads import download
from web.guard import visitor_of
from web.list_sheets import XLSX_TYPE
from web.report_desk import VIEW, ReportDesk
from web.report_models import ID, MONTH, DictionaryView, DocumentView, FormatName
from web.report_views import dictionary, document_view, drawn

TAGS = ["reports"]
_TYPES = {Format.XLSX: XLSX_TYPE, Format.CSV: "text/csv; charset=utf-8", Format.PDF: "application/pdf"}
_FILE: dict[int | str, dict[str, object]] = {
    200: {"description": "The file", "content": {XLSX_TYPE: {}, "text/csv": {}, "application/pdf": {}}}
}
_Id = Annotated[str, Path(pattern=ID)]
_Month = Annotated[str, Query(pattern=MONTH, description="YYYY-MM; without it the last one")]


def add_report_file_routes(desk: ReportDesk) -> None:
    """Add the routes."""
    _add_dictionary(desk)
    _add_monthly(desk)
    _add_documents(desk)
    _add_kept(desk)


def _add_dictionary(desk: ReportDesk) -> None:
    shared = desk.shared

    async def made(request: Request) -> DictionaryView:
        return dictionary(await desk.port.words(shared.render.language(request)))

    @shared.guard.get("/laporan/kamus", VIEW, include_in_schema=False)
    async def dictionary_page(request: Request) -> Response:
        """Show every figure and the counts it is made of."""
        return shared.render.page(request, "reports/dictionary.html", model=await made(request))

    @shared.guard.get("/api/data-dictionary", VIEW, response_model=DictionaryView, tags=TAGS)
    async def data_dictionary(request: Request) -> DictionaryView:
        """Return every figure with its formula, and the counts: name, unit, meaning."""
        return await made(request)


def _add_monthly(desk: ReportDesk) -> None:
    shared = desk.shared

    def asked(request: Request, month: str) -> tuple[Definition, tuple[date, date]]:
        today = day_of(shared.clock.now())
        first = date.fromisoformat(f"{month}-01") if month else month_before(today)
        return _monthly(desk, request), (first, last_of_month(first))

    async def made(request: Request, month: str) -> tuple[DocumentView, Document, date]:
        definition, days = asked(request, month)
        team = desk.team_for(visitor_of(request), definition)
        document = await desk.answered(desk.port.makes.document(definition, days, team))
        address = f"/api/monthly-report/file?month={days[0]:%Y-%m}&form="
        return document_view(document, address), document, days[0]

    @shared.guard.get("/laporan/bulanan", VIEW, include_in_schema=False)
    async def monthly_page(request: Request, month: _Month = "") -> Response:
        """Show the monthly report."""
        model, document, first = await made(request, month)
        return shared.render.page(
            request,
            "reports/monthly.html",
            model=model,
            drawn=drawn(document),
            month=first,
            months=_months(day_of(shared.clock.now())),
        )

    @shared.guard.get("/api/monthly-report", VIEW, response_model=DocumentView, tags=TAGS)
    async def monthly_report(request: Request, month: _Month = "") -> Response:
        """Return the monthly report: summary, comparison, tables, charts, definitions."""
        model, document, _ = await made(request, month)
        return shared.render.reply(request, model, "reports/document.html", drawn=drawn(document))

    @shared.guard.get("/api/monthly-report/file", VIEW, response_class=Response, responses=_FILE, tags=TAGS)
    async def monthly_file(request: Request, month: _Month = "", form: FormatName = "pdf") -> Response:
        """Return the monthly report as a file."""
        definition, days = asked(request, month)
        await desk.did(request, "report_downloaded", "report:monthly", form=form)
        return await _file(desk, request, definition, days, Format(form))


def _add_documents(desk: ReportDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/api/reports/{report_id}/document", VIEW, response_model=DocumentView, tags=TAGS)
    async def report_document(
        request: Request, report_id: _Id, first: DayOrNothing = None, last: DayOrNothing = None
    ) -> Response:
        """Make a report now and return it. A team leader's is about their own team."""
        found = await desk.found(report_id)
        team = desk.team_for(visitor_of(request), found.definition)
        days = desk.days(found.definition, first, last)
        await desk.did(request, "report_viewed", f"report:{report_id}")
        document = await desk.answered(desk.port.makes.document(found.definition, days, team))
        address = f"/api/reports/{report_id}/file?first={days[0]}&last={days[1]}&form="
        model = document_view(document, address)
        return shared.render.reply(request, model, "reports/document.html", drawn=drawn(document))

    @shared.guard.get(
        "/api/reports/{report_id}/file", VIEW, response_class=Response, responses=_FILE, tags=TAGS
    )
    async def report_file(
        request: Request,
        report_id: _Id,
        first: DayOrNothing = None,
        last: DayOrNothing = None,
        form: FormatName = "xlsx",
    ) -> Response:
        """Make a report now and return it as a file. A team leader's is about their own team."""
        found = await desk.found(report_id)
        days = desk.days(found.definition, first, last)
        await desk.did(request, "report_downloaded", f"report:{report_id}", form=form)
        return await _file(desk, request, found.definition, days, Format(form))


def _add_kept(desk: ReportDesk) -> None:
    shared, port = desk.shared, desk.port

    @shared.guard.get(
        "/api/report-runs/{run_id}/files/{form}", VIEW, response_class=Response, responses=_FILE, tags=TAGS
    )
    async def run_file(request: Request, run_id: _Id, form: FormatName) -> Response:
        """Return a file that a run has made; 410: it is kept no longer."""
        try:
            run = await desk.answered(port.runs.run(run_id))
            versions = await desk.answered(port.reports.versions(run.report_id))
        except KeyError as error:
            raise HTTPException(404, "reports.no_such_run") from error
        made_by = next(one.definition for one in versions if one.version == run.version)
        if desk.team_for(visitor_of(request), made_by):
            raise HTTPException(403, "reports.whole_only")
        name, place = await desk.answered(port.writes.kept(run, Format(form)))
        await desk.did(request, "report_downloaded", f"report_run:{run_id}", form=form)
        try:
            file = await asyncio.to_thread(place.open, "rb")
        except OSError as error:
            raise HTTPException(410, "reports.no_such_file") from error
        return download(name, _TYPES[Format(form)], file)


async def _file(
    desk: ReportDesk, request: Request, definition: Definition, days: tuple[date, date], form: Format
) -> Response:
    team = desk.team_for(visitor_of(request), definition)
    paper = await desk.answered(desk.port.makes.paper(definition, days, team))
    file = await desk.answered(desk.port.writes.written(paper, form))
    return download(desk.port.writes.name(definition, days, form), _TYPES[form], file)


def _monthly(desk: ReportDesk, request: Request) -> Definition:
    """Return the monthly report that nobody has to save."""
    language = desk.shared.render.language(request)
    title = desk.shared.render.texts.say(language, "monthly.title")
    asked = Asked(Span.LAST_MONTH, interval=Interval.WHOLE)
    return Definition("laporan-bulanan", title, Layout.MONTHLY, asked, language=language)


def _months(today: date) -> list[date]:
    """Return the months to choose from: this one and 24 before."""
    found = [first_of_month(today)]
    while len(found) <= 24:
        found.append(first_of_month(found[-1] - timedelta(days=1)))
    return found
