"""Lines of waiting calls, and what orders them among each other."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from acd.skills import Gate, Requirement, Ring, admits

if TYPE_CHECKING:
    from acd.pools import Cell, Desk, Held


SPARE = 16  # dead entries a line or heap may hold before it is worth sweeping


class Heads:
    """Rank and entry time of each line's first call, side by side: a decision reads them all.

    Rank is the time of entry minus what priority is worth; less is served earlier; inf if empty.
    The lists grow but are never replaced. Slot 0 is no line's: always empty.
    """

    def __init__(self) -> None:
        self.rank = [math.inf]
        self.since = [math.inf]

    def add(self) -> int:
        """Return the slot of a new line."""
        self.rank.append(math.inf)
        self.since.append(math.inf)
        return len(self.rank) - 1


class Line:
    """The waiting calls of one queue, language and priority, longest wait first.

    The first call has waited longest, so its ring is the widest: an agent who may not take it may
    take none behind it. Calls nearly always come in order, so a queue beats a heap: it touches
    two places of memory where a heap touches dozens.
    """

    __slots__ = (
        "boost", "calls", "chain", "dead", "heads", "key", "last", "only", "opens", "plan", "requirement",
        "rings", "slot", "timer_at", "widest",
    )  # fmt: skip

    def __init__(
        self, key: tuple[str, str, int], row: Requirement, plan: tuple[Ring, ...], chain: tuple[str, ...],
        boost: float, heads: Heads, only: str = "",
    ) -> None:  # fmt: skip
        self.only = only  # the one agent whose calls these are; no reserve keeps them from their own
        self.key, self.requirement, self.plan, self.chain, self.boost = key, row, plan, chain, boost
        self.heads, self.slot = heads, heads.add()
        self.calls: deque[Call] = deque()  # the first one always waits; others may have left
        self.last = -math.inf  # nobody in line came later
        self.dead = 0
        self.rings: list[tuple[float, list[tuple[Cell, tuple[Held, ...]]]]] = [
            (ring.after_s, []) for ring in plan
        ]
        self.opens = tuple(ring.after_s for ring in plan)
        self.widest = plan[-1].after_s
        self.timer_at = math.inf

    def ring_of(self, gate: Gate) -> int | None:
        """Return the first ring that admits a competence, or None."""
        for number, ring in enumerate(self.plan):
            if admits(ring, self.chain, self.key[1], gate):
                return number
        return None

    def cells(self) -> Iterator[Cell]:
        """Return every cell whose agents some ring admits."""
        return (cell for _, cells in self.rings for cell, _ in cells)

    def put(self, call: Call) -> bool:
        """Let a call wait in its place; return whether it is the first."""
        calls, since = self.calls, call.since
        if calls and since > self.last:
            calls.append(call)
            self.last = since
            return False
        place = bisect_left(calls, (since, call.call_id), key=_place)
        calls.insert(place, call)
        if since > self.last:
            self.last = since
        if place == 0:
            self.show()
        return place == 0

    def show(self) -> None:
        """Make the first call one that waits, and note it; sweep when most have left."""
        calls = self.calls
        if self.dead:
            while calls and calls[0].number:
                calls.popleft()
                self.dead -= 1
            if self.dead > len(calls) // 2 + SPARE:
                self.calls = calls = deque(call for call in calls if not call.number)
                self.dead = 0
        heads, slot = self.heads, self.slot
        if calls:
            since = calls[0].since
            heads.since[slot] = since
            heads.rank[slot] = since - self.boost
        else:
            heads.rank[slot] = heads.since[slot] = math.inf
            self.last = -math.inf


def _place(call: Call) -> tuple[float, str]:
    return call.since, call.call_id


WAITING, GONE = 0, -1
"""What a call's offer number says when it is not an offer's."""


class Call(Struct, eq=False):
    """A call in the room, and its offer while it has one: one object, since one is made per match.

    A struct, as its constructor is not run by the interpreter: half the price of a class's own.
    """

    call_id: str
    line: Line
    since: float
    number: int = WAITING
    desk: Desk = cast("Desk", None)  # this and the next two are set by an offer
    ring: int = 0
    claimed: bool = False
    quick: bool = False  # the phone answers by itself, so it rings no longer than that takes


Door = tuple[int, float, Line, int]
"""A line's slot, when it opens (seconds of waiting), the line, the ring."""


class UnknownQueue(LookupError):
    """A call came for a queue that no requirement names."""
