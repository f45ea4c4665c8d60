"""A report as it is sent, as a definition, and back."""

from __future__ import annotations

import re
from typing import Any

from reporting.asking import Dimension
from reporting.reports import Asked, Definition, Delivery, Every, Format, Layout, Means, Schedule, Span
from reporting.reports_check import BadReport
from web.report_models import ReportBody

_AT = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


def definition_of(body: ReportBody) -> Definition:
    """Return the definition. Raises BadReport; `reporting.reports_check.check` does the rest."""
    only = {one: frozenset(getattr(body, f"only_{one}")) for one in Dimension}
    fixed, table = body.span is Span.FIXED, body.layout is Layout.TABLE
    asked = Asked(
        span=body.span,
        by=tuple(body.by) if table else (),
        interval=body.interval,
        only={one: values for one, values in only.items() if values},
        first=body.first if fixed else None,
        last=body.last if fixed else None,
    )
    return Definition(
        code=body.code.strip(),
        title=body.title.strip(),
        layout=body.layout,
        asked=asked,
        figures=tuple(body.figures) if table else (),
        parts=body.parts and table,
        chart=body.chart,
        language=body.language,
        formats=tuple(body.formats),
        schedule=_schedule(body),
        deliveries=_deliveries(body),
    )


def body_of(definition: Definition, *, with_addresses: bool) -> ReportBody:
    """Return a definition as it is sent."""
    asked, schedule = definition.asked, definition.schedule
    mails = [one.to for one in definition.deliveries if one.means is Means.MAIL]
    folders = [one.to for one in definition.deliveries if one.means is Means.FOLDER]
    values: dict[str, Any] = {f"only_{one}": sorted(asked.only.get(one, ())) for one in Dimension}
    return ReportBody.model_construct(
        title=definition.title,
        code=definition.code,
        layout=definition.layout,
        span=asked.span,
        first=asked.first,
        last=asked.last,
        interval=asked.interval,
        by=list(asked.by),
        figures=list(definition.figures),
        parts=definition.parts,
        chart=definition.chart,
        language="en" if definition.language == "en" else "id",
        formats=[Format(one) for one in definition.formats],
        every="never" if schedule is None else schedule.every.value,
        at="07:00" if schedule is None else clock_of(schedule),
        day=1 if schedule is None else schedule.day,
        mail_to="\n".join(mails) if with_addresses else "",
        folder=folders[0] if folders else "",
        **values,
    )


def clock_of(schedule: Schedule) -> str:
    """Return the hour of a schedule as it is typed: 07:30."""
    return f"{schedule.minute // 60:02}:{schedule.minute % 60:02}"


def _schedule(body: ReportBody) -> Schedule | None:
    if body.every == "never":
        return None
    found = _AT.fullmatch(body.at.strip())
    if found is None:
        raise BadReport("at", "at")
    every = Every(body.every)
    return Schedule(every, int(found[1]) * 60 + int(found[2]), 1 if every is Every.DAILY else body.day)


def _deliveries(body: ReportBody) -> tuple[Delivery, ...]:
    mails = [Delivery(Means.MAIL, one) for one in re.split(r"[\s,;]+", body.mail_to) if one]
    folder = body.folder.strip()
    return (*mails, *([Delivery(Means.FOLDER, folder)] if folder else []))
