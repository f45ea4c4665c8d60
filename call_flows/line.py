"""A caller's stay in line: since when, what was told of place and wait, and what may be told next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PLACE_FIRST = "place_first"
PLACE = "place_in_line"
UNDER_A_MINUTE = "wait_under_minute"
MINUTES = "wait_minutes"
LONGER = "wait_long"
PROMPTS = (PLACE_FIRST, PLACE, UNDER_A_MINUTE, MINUTES, LONGER)

MOST_MINUTES = 10  # a longer wait is told as longer than this


@dataclass(slots=True)
class Line:
    """One stay of a call in a waiting room, also while the caller is at a step beside it."""

    step: str  # the `queue` step
    queue: str
    since: datetime  # of this stay: its limit counts from here
    messages: int = 0  # said so far
    offered: bool = False  # the caller was told of the callback
    place: int | None = None  # told last
    minutes: int | None = None  # told last
    until: datetime | None = None  # the earliest end of a wait that was told

    def tell(self, place: int, minutes: int, now: datetime) -> tuple[str, ...]:
        """Return the prompts that tell a place (from 1) and a wait in minutes (0: not to be told).

        What a caller was told never grows: a place or a wait larger than the last one told is left
        out until it has come down to it again, and once a told wait has run out no wait is told any
        more. More than `MOST_MINUTES` is "more than ten".
        """
        if self.place is not None and place > self.place:
            return ()
        self.place = place
        where = PLACE_FIRST if place == 1 else PLACE
        grown = self.minutes is not None and minutes > self.minutes
        if minutes < 1 or grown or (self.until is not None and now > self.until):
            return (where,)
        self.minutes = minutes
        if minutes > MOST_MINUTES:
            return where, LONGER
        end = now + timedelta(minutes=minutes)
        self.until = end if self.until is None else min(self.until, end)
        return where, UNDER_A_MINUTE if minutes == 1 else MINUTES
