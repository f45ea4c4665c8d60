"""Admission: how many calls may be inside, so that those inside are served as before.

Past its knee the machine does not serve a little less, it collapses: requests queue, callers repeat
keys, and every call suffers. So the service watches two delays, its own event loop's and that of a
request to Asterisk, and lowers the number of calls that the dialplan lets in when either grows; a
further call is refused with 503 before it costs anything. When the delays are short again the
number grows back, slowly (additive increase, multiplicative decrease, as TCP does it).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

import ari
from service.tree import Part, end_task

log = structlog.get_logger("kring.admission")

EVERY = 0.1  # seconds between two looks


@dataclass(slots=True)
class Throttle:
    """The rule: delays in, limit out. No clock and no I/O."""

    most: int  # calls inside at once when the machine is well
    least: int = 25  # never fewer: one slow moment must not close the line
    too_late: float = 0.06  # seconds of delay above which the machine may be past its knee
    slack: int = 100  # more than those inside: calls on their way that the service has not seen yet
    patience: int = 6  # late looks in a row that are needed: others on the machine take it for a moment too
    lowering: float = 0.85
    raising: float = 0.1  # of what is allowed now, per look
    limit: float = 0.0
    late: int = 0

    def __post_init__(self) -> None:
        """Begin wide open."""
        self.least = min(self.least, self.most)
        self.limit = float(self.most)

    def look(self, delay: float, inside: int) -> int:
        """Return the limit after a look: the longest delay in seconds, and the calls inside."""
        self.late = self.late + 1 if delay > self.too_late else 0
        if self.late >= self.patience:
            # From what is inside, not from the limit: a limit far above it would throttle nothing.
            self.limit = max(self.least, min(self.limit, inside) * self.lowering)
            self.late = 0  # the cut needs time to show
        elif self.late == 0:
            self.limit = min(self.most, self.limit + max(1.0, self.limit * self.raising))
        # A delay shows only once the queue has built up; the slack bounds the queue itself.
        return int(min(self.limit, inside + self.slack))


class AdmissionPart(Part):
    """Looks at the delays, and tells the dialplan the limit when it changed."""

    name = "admission"

    def __init__(
        self,
        throttle: Throttle,
        inside: Callable[[], int],
        ping: Callable[[], Awaitable[object]],
        tell: Callable[[int], Awaitable[object]],
        observe: Callable[[float], None],
    ) -> None:
        """`ping` asks Asterisk for a sign of life; `tell` sets the dialplan's limit; both may fail."""
        self._throttle = throttle
        self._inside = inside
        self._ping = ping
        self._tell = tell
        self._observe = observe
        self._told = -1
        self._limit = throttle.limit
        self._open = True
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start looking."""
        self._task = asyncio.create_task(self._watch(), name="admission")

    async def end(self) -> None:
        """Stop looking."""
        await end_task(self._task)

    async def close(self) -> None:
        """Let nobody in any more: the service is about to stop, and Asterisk with it."""
        self._open = False
        await end_task(self._task)
        await self._tell_now(0)

    def forget(self) -> None:
        """Tell the limit again at the next look: Asterisk was started anew or reconnected."""
        self._told = -1

    async def _watch(self) -> None:
        due = time.monotonic() + EVERY
        while self._open:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late = time.monotonic() - due
            asked = time.monotonic()
            try:
                await self._ping()
                waited = time.monotonic() - asked
                self._observe(waited)
                await self._tell_now(self._throttle.look(max(late, waited), self._inside()))
            except (ari.AriError, OSError) as error:  # the client reconnects; look again
                log.debug("no look at Asterisk's delay", error=type(error).__name__)
                self.forget()
            due = time.monotonic() + EVERY

    async def _tell_now(self, limit: int) -> None:
        if limit == self._told:
            return
        await self._tell(limit)
        if self._throttle.limit < self._limit:
            log.warning("too much load: fewer calls are let in", limit=limit, inside=self._inside())
        self._limit = self._throttle.limit
        self._told = limit
