"""The trail of acts `/jejak`, and the same for programs. Who reads it leaves a row as well."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from domain.audit import AuditQuery, AuditReader, AuditRow
from domain.staff import StaffStore, StaffUnavailable
from web.days import DayOrNothing
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.rendering import WIB

_NAME = "^[A-Za-z0-9_.@:-]{0,128}$"
_SUBJECT = "^([a-z_]{1,40}(:[A-Za-z0-9_-]{0,80})?)?$"
_ID = re.compile(r"[0-9a-f]{32}")


class AuditFilter(BaseModel):
    """Which rows are wanted; what is empty does not matter. Days are in WIB."""

    who: str = Field("", pattern=_NAME, description="staff_id, `system` or `cli:NAME`")
    act: str = Field("", pattern=_NAME)
    subject: str = Field(
        "",
        pattern="^([a-z_]{1,40}(:[A-Za-z0-9_-]{0,80})?)?$",
        description="KIND:ID, or a kind with its colon",
    )
    since: DayOrNothing = Field(None, description="First day")
    until: DayOrNothing = Field(None, description="Last day")
    before: int | None = Field(None, ge=1, le=2**53, description="Rows older than this one")
    most: int = Field(100, ge=1, le=500)

    def query(self) -> AuditQuery:
        """Return what the trail is asked."""
        until = None if self.until is None else self.until + timedelta(days=1)
        return AuditQuery(
            self.who, self.act, self.subject, _begin(self.since), _begin(until), self.before, self.most
        )


class AuditView(BaseModel):
    """One act."""

    n: int
    at: datetime
    who: str
    act: str
    subject: str
    why: str
    outcome: str
    data: dict[str, str]


class AuditList(BaseModel):
    """Rows, newest first; `older`: give it as `before` for more."""

    rows: list[AuditView]
    older: int | None


Wanted = Annotated[AuditFilter, Query()]


def add_audit_pages(shared: Shared, reader: AuditReader, staff: StaffStore) -> None:
    """Add the routes."""

    async def found(request: Request, wanted: AuditFilter) -> AuditList:
        query = wanted.query()
        who = visitor_of(request).staff.staff_id
        await shared.audit.record(AuditRow(shared.clock.now(), who, "audit_read", data=_asked(wanted)))
        rows = [_view(number, row) for number, row in await reader.rows(query)]
        return AuditList(rows=rows, older=rows[-1].n if len(rows) == query.most else None)

    @shared.guard.get("/jejak", Permission.AUDIT_READ, include_in_schema=False)
    async def audit_page(request: Request, wanted: Wanted) -> Response:
        return shared.render.page(
            request,
            "audit/page.html",
            model=await found(request, wanted),
            wanted=wanted,
            names=(names := await _names(staff)),
            people=[
                *sorted(names.items(), key=lambda one: one[1]),
                ("system", shared.render.texts.say(shared.render.language(request), "audit_word.system")),
            ],
            acts=await reader.acts(),
        )

    @shared.guard.get("/api/audit", Permission.AUDIT_READ, response_model=AuditList, tags=["audit"])
    async def audit_rows(request: Request, wanted: Wanted) -> Response:
        """Read the trail, newest first. Reading it is a row of its own."""
        values: dict[str, Any] = {"wanted": wanted, "names": await _names(staff)}
        return shared.render.reply(request, await found(request, wanted), "audit/rows.html", **values)


async def _names(staff: StaffStore) -> Mapping[str, str]:
    try:
        return {one.staff_id: one.user_name for one in await staff.all()}
    except StaffUnavailable:
        raise HTTPException(503, "sign_in.unavailable") from None


def _asked(wanted: AuditFilter) -> dict[str, str]:
    """Return what was asked for, without what could be somebody's number."""
    kind, _, which = wanted.subject.partition(":")
    subject = wanted.subject if _ID.fullmatch(which) else f"{kind}:" if kind else ""
    asked = {"who": wanted.who, "act": wanted.act, "subject": subject}
    days = {"since": str(wanted.since or ""), "until": str(wanted.until or "")}
    return {name: value for name, value in {**asked, **days}.items() if value}


def _view(number: int, row: AuditRow) -> AuditView:
    return AuditView(
        n=number,
        at=row.at,
        who=row.who,
        act=row.act,
        subject=row.subject,
        why=row.why,
        outcome=row.outcome,
        data=dict(row.data),
    )


def _begin(day: date | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), WIB).astimezone(UTC)
    except OverflowError:
        return None
