"""Rows on their way from the event loop to the thread that writes them, many to a commit."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from domain.call_log import CallLogUnavailable


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """How much is kept waiting, and for how long."""

    queued_rows: int = 50_000  # more are refused: the database is hopelessly behind
    batch_rows: int = 2_000  # one commit
    between_commits: float = 0.003  # seconds; rows that come closer together share a commit
    unhurried: float = 0.02  # seconds that rows for which nobody waits may wait for others
    give_up_after: float = 5.0  # seconds of failing before a batch is refused
    idle_try: float = 1.0  # seconds between tries of rows that were refused and kept


USUAL = WriteLimits()


class Item:
    """Rows that were queued together, and who waits for them."""

    __slots__ = ("done", "error", "size")

    def __init__(self, done: "asyncio.Future[None]", size: int) -> None:
        self.done = done
        self.size = size  # rows
        self.error: CallLogUnavailable | None = None  # set by the writer when they were refused


I = TypeVar("I", bound=Item)  # noqa: E741 - a type's name


class Batches(Generic[I]):
    """Hands items to one thread, a batch at a time, and tells who waits when they are durable.

    Whatever is queued while a commit runs goes into the next batch, so the cost of a commit is shared
    under load and the latency of an urgent row is one commit when idle. Everything but `write`,
    `again` and `close_writer` belongs to the event loop.
    """

    def __init__(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        limits: WriteLimits,
        write: Callable[[list[I]], None],
        close_writer: Callable[[], None],
        again: Callable[[], bool] = lambda: False,
    ) -> None:
        """`write` runs in the thread; with no items while `again` says that something was kept."""
        self._loop = loop
        self._limits = limits
        self._write = write
        self._close_writer = close_writer
        self._again = again
        self._batches: SimpleQueue[list[I] | None] = SimpleQueue()
        self._waiting: list[I] = []
        self._writing = False  # the thread has a batch
        self._due: asyncio.Handle | None = None  # the next hand-over
        self._due_soon = False
        self._urgent = False  # somebody waits for a row that was not handed over yet
        self._last_commit = 0.0
        self._drained = asyncio.Event()
        self._closing = False
        self.backlog = 0  # rows that wait
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def refusal(self, rows: int, kept: int = 0) -> CallLogUnavailable | None:
        """Return why so many more rows are not taken, or None. `kept` rows count as waiting too."""
        waiting = self.backlog + kept
        if not self._closing and waiting + rows <= self._limits.queued_rows:
            return None
        why = "it is closed" if self._closing else f"{waiting} rows wait already"
        return CallLogUnavailable(f"The record takes no more rows: {why}.")

    def put(self, item: I, *, urgent: bool) -> None:
        """Queue an item; `item.done` is told what became of it."""
        self.backlog += item.size
        self._waiting.append(item)
        self._urgent = self._urgent or urgent
        self._plan()

    async def close(self) -> None:
        """Write what is queued, then stop."""
        self._closing = self._urgent = True
        self._plan()
        while self._writing or self._waiting:
            self._drained.clear()
            await self._drained.wait()
        self._batches.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _plan(self) -> None:
        """See to it that what waits is handed over: soon if somebody waits for it."""
        if self._writing or not self._waiting:
            return
        if self._due is not None:
            if self._due_soon or not self._urgent:
                return
            self._due.cancel()
        self._due_soon = self._urgent
        if self._urgent:
            # One hand-over for all that this turn of the loop queues: waking the thread for each
            # row would cost more than writing it.
            self._due = self._loop.call_soon(self._hand_over)
        else:
            self._due = self._loop.call_later(self._limits.unhurried, self._hand_over)

    def _hand_over(self) -> None:
        pause = self._last_commit + self._limits.between_commits - time.monotonic()
        if pause > 0 and not self._closing:
            # uvloop counts whole milliseconds: less would be called again at once, and again.
            self._due = self._loop.call_later(max(pause, 0.001), self._hand_over)
            return
        size = count = 0
        while count < len(self._waiting) and size < self._limits.batch_rows:
            size += self._waiting[count].size
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._due, self._writing = None, True
        self._urgent = self._urgent and bool(self._waiting)
        self._batches.put(batch)

    def _resolve(self, batch: list[I]) -> None:
        self._last_commit = time.monotonic()
        for item in batch:
            self.backlog -= item.size
            if item.done.done():
                continue  # whoever waited was cancelled; the rows are written all the same
            if item.error is None:
                item.done.set_result(None)
            else:
                item.done.set_exception(item.error)
        self._writing = False
        if self._waiting:
            self._plan()
        else:
            self._drained.set()

    # From here on: the writer's thread.

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            self._write(batch)
            if not batch:
                continue
            try:
                self._loop.call_soon_threadsafe(self._resolve, batch)
            except RuntimeError:  # the loop is closed: nobody waits any more
                break
        self._close_writer()

    def _next(self) -> list[I] | None:
        try:
            return self._batches.get(timeout=self._limits.idle_try if self._again() else None)
        except Empty:
            return []
