"""The call record, with the time that each write takes to become durable."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from domain.call_log import CallLog
from domain.calls import Call, CallEvent


class MeasuredCallLog:
    """A `domain.call_log.CallLog` that passes everything on and observes how urgent rows fare.

    What is observed is the time in seconds until they are durable.
    """

    def __init__(self, inner: CallLog, observe: Callable[[float], None]) -> None:
        self._inner = inner
        self._observe = observe
        self.unfinished = inner.unfinished
        self.on_channel = inner.on_channel
        self.events = inner.events

    def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Record a new call with its first events."""
        written = self._inner.open(call, events, urgent=urgent)
        return self._timed(written) if urgent else written

    def append(self, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Append events of one call."""
        written = self._inner.append(events, urgent=urgent)
        return self._timed(written) if urgent else written

    def _timed(self, written: Awaitable[None]) -> Awaitable[None]:
        future = asyncio.ensure_future(written)
        future.add_done_callback(partial(self._written, time.perf_counter()))
        return future

    def _written(self, start: float, future: "asyncio.Future[None]") -> None:
        if not future.cancelled():
            self._observe(time.perf_counter() - start)
