"""Offers by when their time is up: while the phone rings, and while agent and caller are being joined."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

from acd.lines import Call

Queue = deque[tuple[float, int, Call]]
"""Deadline, the offer's number, its call. All of a queue have the same time, so they are in order."""


class Leases:
    """What runs out when. An entry whose offer has come to its end otherwise is passed over."""

    __slots__ = ("connecting", "quick", "ringing")

    def __init__(self) -> None:
        self.quick: Queue = deque()  # phones that answer by themselves
        self.ringing: Queue = deque()  # other phones that ring
        self.connecting: Queue = deque()

    def over(self, now: float) -> Iterator[Call]:
        """Return the calls whose offers' time is up; each is to be settled before the next is asked for."""
        yield from _over(self.quick, False, now)
        yield from _over(self.ringing, False, now)
        yield from _over(self.connecting, True, now)

    def next(self) -> float:
        """Return when the next time is up; early perhaps, never late."""
        return min(
            self.quick[0][0] if self.quick else math.inf,
            self.ringing[0][0] if self.ringing else math.inf,
            self.connecting[0][0] if self.connecting else math.inf,
        )


def _over(queue: Queue, claimed: bool, now: float) -> Iterator[Call]:
    while queue:
        deadline, number, call = queue[0]
        if call.number != number or call.claimed is not claimed:
            queue.popleft()  # what is settled goes, due or not, so that the queue stays short
        elif deadline > now:
            return
        else:
            queue.popleft()
            yield call
