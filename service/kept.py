"""Answers that take long, kept for a while: asked anew at most for a small part of the time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PART = 0.05  # of the time is spent on one answer at most, however long it takes


@dataclass(slots=True)
class _Entry(Generic[V]):
    task: "asyncio.Task[V]"
    begun: float  # monotonic seconds
    took: float = 0.0
    before: "asyncio.Task[V] | None" = None  # what is told while a newer one is on its way


class Kept(Generic[K, V]):
    """Keeps one answer for each question, and never asks the same thing twice at the same time."""

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        monotonic: Callable[[], float],
        least: float,
        *,
        old_meanwhile: bool = False,
        most: int = 64,
    ) -> None:
        """`least`: seconds that an answer is kept, or longer if it took long.

        `old_meanwhile`: tell the old answer while a new one is on its way. `most`: questions.
        """
        self._ask, self._monotonic, self._least = ask, monotonic, least
        self._old_meanwhile, self._most = old_meanwhile, most
        self._entries: dict[K, _Entry[V]] = {}

    async def get(self, question: K) -> V:
        """Return the answer. Raises what asking raises; then the next one asks anew."""
        entry, now = self._entries.get(question), self._monotonic()
        if entry is None or (entry.task.done() and now - entry.begun >= max(self._least, entry.took / PART)):
            entry = self._begin(question, entry, now)
        if not entry.task.done() and entry.before is not None:
            return entry.before.result()
        # One who goes away must not take the answer from the others.
        return await asyncio.shield(entry.task)

    def _begin(self, question: K, old: "_Entry[V] | None", now: float) -> "_Entry[V]":
        before = old.task if old is not None and self._old_meanwhile else None
        entry = _Entry(asyncio.ensure_future(self._ask(question)), now, before=before)
        self._entries.pop(question, None)
        while len(self._entries) >= self._most:
            del self._entries[next(iter(self._entries))]
        self._entries[question] = entry
        entry.task.add_done_callback(lambda _: self._over(question, entry))
        return entry

    def _over(self, question: K, entry: "_Entry[V]") -> None:
        entry.took, entry.before = self._monotonic() - entry.begun, None
        failed = entry.task.cancelled() or entry.task.exception() is not None
        if failed and self._entries.get(question) is entry:
            del self._entries[question]
