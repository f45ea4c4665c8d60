"""The status page `/status`, its API, and the switch of the line."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from acd.messages import DECLARED, HEAD, OBSERVED, WORD, staff_messages
from domain.audit import AuditRow
from web.desk_targets import subject
from web.guard import visitor_of
from web.operations import Operations
from web.parts import Shared
from web.permissions import Permission
from web.sentences import Sentences
from web.status_views import StatusView, duration, status_view

_LIVE = "status/live.html"


def add_status_routes(shared: Shared, operations: Operations) -> None:
    """Add the routes."""
    pages = _StatusPages(shared, operations)
    view, switch = Permission.STATUS_VIEW, Permission.LINE_SWITCH
    described: dict[str, Any] = {"response_model": StatusView, "tags": ["status"]}

    @shared.guard.get("/status", view, include_in_schema=False)
    async def status_page(request: Request) -> Response:
        return await pages.page(request)

    @shared.guard.get("/api/status", view, **described)
    async def status(request: Request) -> Response:
        """Tell what the line does now: calls inside, queues, agents by state. No personal data."""
        return await pages.live(request)

    @shared.guard.post("/api/line/close", switch, **described)
    async def close_line(request: Request) -> Response:
        """Close the line at once, whatever the hour; callers inside stay."""
        return await pages.switch(request, "line_closed", operations.shut_line)

    @shared.guard.post("/api/line/open", switch, **described)
    async def open_line(request: Request) -> Response:
        """Let the timetable decide again."""
        return await pages.switch(request, "line_opened", operations.reopen_line)


class _StatusPages:
    def __init__(self, shared: Shared, operations: Operations) -> None:
        self._shared = shared
        self._operations = operations
        self._troubles = Sentences(shared.render.texts, "trouble.")

    async def page(self, request: Request) -> Response:
        values = {"model": await self._view(), **self._words(request)}
        return self._shared.render.page(request, "status/page.html", **values)

    async def live(self, request: Request) -> Response:
        return self._shared.render.reply(request, await self._view(), _LIVE, **self._words(request))

    async def switch(self, request: Request, act: str, change: Callable[[], Awaitable[None]]) -> Response:
        who = visitor_of(request).staff.staff_id
        await self._shared.audit.record(AuditRow(self._shared.clock.now(), who, act, "line:1500200"))
        await change()
        return await self.live(request)

    async def _view(self) -> StatusView:
        operations, floor = self._operations, self._shared.floor
        return status_view(
            self._shared.clock.now(),
            await operations.readiness(),
            await operations.line(),
            operations.dial,
            operations.calls(),
            floor.queues(),
            floor.agents(),
        )

    def _words(self, request: Request) -> dict[str, Any]:
        """Return the floor's own words in the reader's language, for the template."""
        language, messages = self._shared.render.language(request), staff_messages()
        texts = self._shared.render.texts
        return {
            "head": lambda word: messages.text(HEAD, word, language),
            "declared": lambda word: messages.text(DECLARED, word, language),
            "observed": lambda word: messages.text(OBSERVED, word, language),
            "nobody": messages.text(WORD, "nobody", language),
            "duration": duration,
            "trouble": lambda told: self._troubles.say(language, told),
            "queue_name": lambda queue: subject(
                lambda name: texts.say(language, name) if name in texts else None, queue
            ),
        }
