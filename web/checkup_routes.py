"""What is wrong with the installation, on the status page: the same as `kring doctor`."""

from collections import Counter
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from web.checkup_port import Checkup
from web.parts import Shared
from web.permissions import Permission

_ORDER = {"wrong": 0, "warning": 1, "note": 2, "good": 3}


class FoundView(BaseModel):
    """One thing that was looked at."""

    about: str
    found: str
    remedy: str | None
    severity: str


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
        return shared.render.reply(request, _view(checkup), "status/checkup.html")

    @shared.guard.post("/api/checkup", Permission.CONFIG_VIEW, **described)
    async def ask_checkup(request: Request) -> Response:
        """Let a check begin now, unless one runs; what it finds is there when it is done."""
        checkup.ask()
        return shared.render.reply(request, _view(checkup), "status/checkup.html")


def _view(checkup: Checkup) -> CheckupView:
    newest = checkup.newest()
    findings = [] if newest is None else sorted(newest.findings, key=lambda one: _ORDER.get(one.severity, 0))
    return CheckupView(
        at=None if newest is None else newest.at,
        running=checkup.is_running,
        counts=Counter(one.severity for one in findings),
        findings=[
            FoundView(about=one.about, found=one.found, remedy=one.remedy, severity=one.severity)
            for one in findings
        ],
    )
