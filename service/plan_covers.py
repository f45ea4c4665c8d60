"""Days of plans beside schedules, kept while nothing that they depend on changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import msgspec

from reporting.planning.cover import CoverDay
from reporting.planning.plans import Plan
from reporting.planning.roster import DayRoster

MOST = 400  # days that are kept, those asked for last; some kilobytes each


class KeptCovers:
    """Knows a day by everything that it is reckoned from: the plan, its day, the schedule's, the queue."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[bytes, CoverDay] = {}  # the one asked for last at the end

    def keys(self, plan: Plan, rosters: Sequence[DayRoster], queue: str) -> Mapping[date, bytes]:
        """Return the key of each day of the plan that has a roster, in the plan's order."""
        there = {one.day: one for one in rosters}
        of_all = hashlib.sha256(msgspec.json.encode((replace(plan, days=(), tested=None), queue)))
        found: dict[date, bytes] = {}
        for day in plan.days:
            if day.day in there:
                key = of_all.copy()
                key.update(msgspec.json.encode((day, there[day.day])))
                found[day.day] = key.digest()
        return found

    def get(self, key: bytes) -> CoverDay | None:
        """Return a day; None: it has to be reckoned."""
        day = self._kept.pop(key, None)
        if day is not None:
            self._kept[key] = day
        return day

    def put(self, key: bytes, day: CoverDay) -> None:
        """Keep a day."""
        self._kept[key] = day
        while len(self._kept) > self._most:
            self._kept.pop(next(iter(self._kept)))
