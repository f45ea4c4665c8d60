"""The running service as its pages see it (`web.operations.Operations`)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from service.metrics import CONTENT_TYPE, Metrics
from service.tree import ServiceTree
from web.operations import Line, LiveCall, Readiness

CHECK_EVERY = 2.0  # seconds that a slow answer (is the database writable?) is good for


class ServiceOperations:
    """Collects what the pages show. Everything that is slow to find out is asked at most every 2 s."""

    def __init__(
        self,
        tree: ServiceTree,
        metrics: Metrics,
        dial: Sequence[str],
        *,
        calls: Callable[[], Sequence[LiveCall]],
        line: Callable[[], Line],
        switch: Callable[[bool], Awaitable[None]],
        facts: Callable[[], Mapping[str, str]],
        slow_checks: Sequence[Callable[[], Awaitable[str | None]]] = (),
    ) -> None:
        """`switch(True)` shuts the line; `slow_checks` each return a trouble or None."""
        self.dial = dial
        self._tree = tree
        self._metrics = metrics
        self._calls = calls
        self._line = line
        self._switch = switch
        self._facts = facts
        self._slow_checks = slow_checks
        self._checked_at = -CHECK_EVERY
        self._slow: list[str] = []
        self._lock = asyncio.Lock()

    async def readiness(self) -> Readiness:
        """Find out whether calls can be served now."""
        async with self._lock:
            if time.monotonic() - self._checked_at >= CHECK_EVERY:
                self._slow = [trouble for check in self._slow_checks if (trouble := await check())]
                self._checked_at = time.monotonic()
        reasons = (*self._tree.troubles(), *self._slow)
        self._metrics.ready(not reasons)
        return Readiness(reasons, dict(self._facts()))

    def calls(self) -> Sequence[LiveCall]:
        """Return the calls inside, oldest first."""
        return sorted(self._calls(), key=_since)

    async def line(self) -> Line:
        """Return whether the line is open."""
        return self._line()

    async def shut_line(self) -> None:
        """Close the line at once."""
        await self._switch(True)

    async def reopen_line(self) -> None:
        """Let the timetable decide again."""
        await self._switch(False)

    def metrics(self) -> tuple[bytes, str]:
        """Return the metrics and their content type."""
        return self._metrics.page(), CONTENT_TYPE


def _since(call: LiveCall) -> datetime:
    return call.since
