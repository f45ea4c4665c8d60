"""What is wrong with the installation, on the status page: the same as `kring doctor`."""

from collections import Counter
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from web.checkup_port import Checkup, Finding, Severity
from web.checkup_texts import tell
from web.parts import Shared
from web.permissions import Permission
from web.texts import Texts

_ORDER = (Severity.WRONG, Severity.WARNING, Severity.NOTE, Severity.GOOD)


class FoundView(BaseModel):
    """One thing that was looked at, in words of the visitor's language."""

    about: str  # the part of the installation, as programs know it
    code: str
    title: str  # of the part
    found: str
    remedy: str | None
    detail: str  # what a program said, in English; often empty
    severity: Severity


class CheckupView(BaseModel):
    """Everything that was looked at, the worst first."""

    at: datetime | None  # None: nothing was checked yet
    running: bool
    counts: dict[str, int]  # by severity
    findings: list[FoundView]


def add_checkup_routes(shared: Shared, checkup: Checkup) -> None:
    """Add the routes."""
    described: dict[str, Any] = {"response_model": CheckupView, "tags": ["status"]}

    @shared.guard.get("/api/checkup", Permission.STATUS_VIEW, **described)
    async def show_checkup(request: Request) -> Response:
        """Return what the last check of the installation found, as `kring doctor` tells it."""
        return shown(request)

    @shared.guard.post("/api/checkup", Permission.CONFIG_VIEW, **described)
    async def ask_checkup(request: Request) -> Response:
        """Let a check begin now, unless one runs; what it finds is there when it is done."""
        checkup.ask()
        return shown(request)

    def shown(request: Request) -> Response:
        model = _view(checkup, shared.render.language(request), shared.render.texts)
        return shared.render.reply(request, model, "status/checkup.html")


def _view(checkup: Checkup, language: str, texts: Texts) -> CheckupView:
    newest = checkup.newest()
    findings = [] if newest is None else sorted(newest.findings, key=lambda one: _ORDER.index(one.severity))
    return CheckupView(
        at=None if newest is None else newest.at,
        running=checkup.is_running,
        counts=Counter(one.severity for one in findings),
        findings=[_found(one, language, texts) for one in findings],
    )


def _found(one: Finding, language: str, texts: Texts) -> FoundView:
    told = tell(one, language, texts)
    return FoundView(
        about=one.about,
        code=one.code,
        title=told.title,
        found=told.found,
        remedy=told.remedy,
        detail=one.detail,
        severity=one.severity,
    )
