"""The service tree: the parts of the running service, in the order in which they start.

A part is a Twisted service with asynchronous work inside. The tree starts parts one after the other,
each when the one before it is healthy, and stops them in the opposite order, each within a deadline:
a part that hangs must not keep the ones below it, above all Asterisk, from being stopped.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

import structlog
from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred

STOP_WITHIN = 6.0  # seconds for one part

log = structlog.get_logger("kring.tree")


class StartFailed(Exception):
    """A part of the service cannot start. The message names the part, the cause and the remedy."""


class Part(Service):
    """One part of the service. Subclasses fill in `begin`, `end` and `trouble`."""

    name = "part"

    async def begin(self) -> None:
        """Start; return when healthy. Raises StartFailed, or any error that names its remedy."""

    async def end(self) -> None:
        """Stop and leave nothing running."""

    def trouble(self) -> str | None:
        """Return why this part cannot serve calls now, or None."""
        return None


class Loop(Part):
    """A part that does one thing again and again; an error is logged and it goes on."""

    def __init__(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._every = every
        self._work = work
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start repeating."""
        self._task = asyncio.create_task(self._repeat(), name=self.name)

    async def end(self) -> None:
        """Stop repeating."""
        await end_task(self._task)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self._work()
            except Exception:  # the next round may work
                log.exception("a repeated task failed", part=self.name)


class LoopLag(Part):
    """Measures how late the event loop runs its timers."""

    name = "loop-lag"
    EVERY = 0.25  # seconds

    def __init__(self, late: Callable[[float], None]) -> None:
        self._late = late
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Set the first timer."""
        self._again(asyncio.get_running_loop())

    async def end(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _again(self, loop: asyncio.AbstractEventLoop, due: float = math.inf) -> None:
        now = loop.time()
        if due < now:
            self._late(now - due)
        self._timer = loop.call_later(self.EVERY, self._again, loop, now + self.EVERY)


class ServiceTree(MultiService):
    """All parts of one running service."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._started: list[Part] = []

    def add(self, part: Part) -> None:
        """Add a part below the ones that are there: it starts after and stops before them."""
        part.setServiceParent(self)  # type: ignore[no-untyped-call]

    async def begin(self) -> None:
        """Start every part in order. On a failure what has started is stopped, and the error raised."""
        self.running = 1
        try:
            for part in list(self):
                await self._begin(part)
        except BaseException:
            await self.end()
            raise

    async def _begin(self, part: Part) -> None:
        start = time.monotonic()
        self._started.append(part)
        part.startService()  # type: ignore[no-untyped-call]
        await part.begin()
        log.info("part started", part=part.name, seconds=round(time.monotonic() - start, 3))

    async def end(self) -> None:
        """Stop every part that started, the last one first."""
        self.running = 0
        while self._started:
            part = self._started.pop()
            try:
                async with asyncio.timeout(STOP_WITHIN):
                    await part.end()
            except TimeoutError:
                log.exception("part did not stop in time", part=part.name, seconds=STOP_WITHIN)
            except Exception:  # the parts below must be stopped all the same
                log.exception("part failed to stop", part=part.name)
            await as_awaitable(part.stopService())  # type: ignore[no-untyped-call]

    def stopService(self) -> "Deferred[None]":  # noqa: N802 - Twisted's name
        """Stop as Twisted asks: the Deferred fires when everything is down."""
        return Deferred.fromFuture(asyncio.ensure_future(self.end()))

    def troubles(self) -> list[str]:
        """Return why the service cannot serve calls now; nothing when it can."""
        if not self.running:
            return ["the service is stopping"]
        waiting = [part.name for part in self if part not in self._started]
        starting = [f"still to start: {', '.join(waiting)}"] if waiting else []
        return starting + [trouble for part in self._started if (trouble := part.trouble())]


async def end_task(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task and wait until it is over."""
    if task is None:
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def as_awaitable(result: object) -> None:
    """Wait for a Deferred, if it is one."""
    if isinstance(result, Deferred):
        await result.asFuture(asyncio.get_running_loop())
