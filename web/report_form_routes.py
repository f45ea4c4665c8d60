"""The pages on which a report is made and changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request, Response

from reporting.asking import Dimension, Interval
from reporting.formulas import FORMULAS
from reporting.reports import ChartKind, Format, Layout, Span
from reporting.reports_words import COUNTS
from web.guard import visitor_of
from web.report_desk import MANAGE, ReportDesk
from web.report_forms import body_of
from web.report_models import ID, ReportBody

_SUGGESTED = ("incoming", "answered", "service_level", "aht")
_EVERY = ("never", "daily", "weekly", "monthly")


def add_report_form_pages(desk: ReportDesk) -> None:
    """Add the pages."""
    shared = desk.shared

    @shared.guard.get("/laporan/baru", MANAGE, include_in_schema=False)
    async def new_report_page(request: Request) -> Response:
        """Show an empty form."""
        empty = ReportBody.model_validate({"title": "", "code": "", "figures": list(_SUGGESTED)})
        values = await _values(desk, request, empty)
        return shared.render.page(request, "reports/new.html", **values)

    @shared.guard.get("/laporan/{report_id}/ubah", MANAGE, include_in_schema=False)
    async def change_report_page(request: Request, report_id: Annotated[str, Path(pattern=ID)]) -> Response:
        """Show a report in the form."""
        found = await desk.found(report_id)
        desk.team_for(visitor_of(request), found.definition)
        values = await _values(desk, request, body_of(found.definition, with_addresses=True))
        return shared.render.page(request, "reports/change.html", report=found, **values)


async def _values(desk: ReportDesk, request: Request, body: ReportBody) -> dict[str, Any]:
    """Return what the form needs."""
    language = desk.shared.render.language(request)
    words = await desk.port.words(language)
    choices = await desk.port.choices(language)
    say = words.say
    options = {
        "layout": [(one.value, say(f"report_layout.{one}")) for one in Layout],
        "span": [(one.value, say(f"report_span.{one}")) for one in Span],
        "interval": [(one.value, say(f"report_interval.{one}")) for one in Interval],
        "chart": [(one.value, say(f"report_chart.{one}")) for one in ChartKind],
        "language": [("id", "Bahasa Indonesia"), ("en", "English")],
        "every": [(one, say(f"report_every.{one}")) for one in _EVERY],
    }
    boxes = {
        "by": [(one.value, words.dimension(one), one in body.by) for one in Dimension],
        "figures": [(one, words.name(one), one in body.figures) for one in (*COUNTS, *FORMULAS)],
        "formats": [(one.value, one.upper(), one in body.formats) for one in Format],
    }
    narrowed = {}
    for dimension, offered in choices.items():
        chosen = getattr(body, f"only_{dimension}")
        known = dict(offered) | {one: words.key(dimension, one) for one in chosen if one not in dict(offered)}
        narrowed[f"only_{dimension}"] = [(value, text, value in chosen) for value, text in known.items()]
    return {"body": body, "options": options, "boxes": boxes, "narrowed": narrowed}
