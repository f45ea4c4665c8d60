"""The counts of waiting calls as they happen, by queue: of today, and of the last half hour. Pure.

The same counts as those of the roll-up (`reporting.counts`): a call counts in the queue in which it first
entered the waiting room, however often it was handed on; what became of its first wait counts there too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from acd.skills import office_day
from domain.floor_log import EntryRow
from reporting.counts import Counts
from reporting.facts import to_ms

LATELY = timedelta(minutes=30)
_FINAL = {"answered": "answered", "caller_hung_up": "abandoned", "callback": "called_back"}
_NOT_SERVED = "not_served"
_IN_TIME = {"answered": "in_time", "abandoned": "abandoned_in_time"}
_NOTHING = Counts()


@dataclass(slots=True)
class _Sums:
    """Counts of a queue that are added to."""

    values: dict[str, int] = field(default_factory=dict)

    def add(self, counted: Iterable[str], times: int = 1) -> None:
        for name in counted:
            self.values[name] = self.values.get(name, 0) + times

    def counts(self) -> Counts:
        return Counts(**self.values)


@dataclass(slots=True)
class _Stay:
    """A call's wait for its first agent."""

    entered: datetime
    since: datetime  # its place in line
    queue: str
    out: bool = False  # taken out of line, and neither answered nor given up: it may come back


@dataclass(frozen=True, slots=True)
class _Decided:
    """A wait that came to its end."""

    at: datetime
    queue: str
    counted: tuple[str, ...]


class LiveDay:
    """The calls of one day of the office. Told every row of those that came in, in its order."""

    def __init__(self, day: date, in_time_seconds: int) -> None:
        """`in_time_seconds`: the service level's limit."""
        self.day = day
        self._within_ms = in_time_seconds * 1000
        self._today: dict[str, _Sums] = {}
        self._lately: dict[str, _Sums] = {}
        self._stays: dict[str, _Stay] = {}  # of calls that wait for their first agent
        self._over: set[str] = set()  # calls whose first wait is over
        self._decided: deque[_Decided] = deque()

    def take(self, row: EntryRow) -> None:
        """Count a row."""
        if row.call_id in self._over:
            return
        stay = self._stays.get(row.call_id)
        if not row.outcome:
            self._enter(row, stay)
        elif stay is not None:
            self._leave(row, stay)

    def today(self, queue: str) -> Counts:
        """Return the counts of a queue today."""
        return self._counts(self._today, queue)

    def lately(self, queue: str, now: datetime) -> Counts:
        """Return the counts of the waits that ended in the last half hour."""
        self._forget(now)
        return self._counts(self._lately, queue)

    def queues(self) -> frozenset[str]:
        """Return the queues in which there was somebody today."""
        return frozenset(self._today)

    def _enter(self, row: EntryRow, stay: _Stay | None) -> None:
        if stay is None:
            stay = self._stays[row.call_id] = _Stay(row.at, row.since, row.queue)
            self._count(stay, ["incoming"])
        elif stay.out:
            stay.out = False
            self._count(stay, [_NOT_SERVED], -1)

    def _leave(self, row: EntryRow, stay: _Stay) -> None:
        end = _FINAL.get(row.outcome, _NOT_SERVED)
        counted = [end]
        if to_ms(row.at) - to_ms(stay.since) <= self._within_ms and end in _IN_TIME:
            counted.append(_IN_TIME[end])
        if end == _NOT_SERVED:
            stay.out = True
        else:
            del self._stays[row.call_id]
            self._over.add(row.call_id)
        self._count(stay, counted)
        decided = _Decided(row.at, stay.queue, ("incoming", *counted))
        self._decided.append(decided)
        self._lately.setdefault(stay.queue, _Sums()).add(decided.counted)

    def _count(self, stay: _Stay, counted: Iterable[str], times: int = 1) -> None:
        if office_day(stay.entered) == self.day:
            self._today.setdefault(stay.queue, _Sums()).add(counted, times)

    def _forget(self, now: datetime) -> None:
        while self._decided and self._decided[0].at <= now - LATELY:
            old = self._decided.popleft()
            self._lately[old.queue].add(old.counted, -1)

    @staticmethod
    def _counts(sums: dict[str, _Sums], queue: str) -> Counts:
        if queue:
            found = sums.get(queue)
            return _NOTHING if found is None else found.counts()
        total = _NOTHING
        for one in sums.values():
            total += one.counts()
        return total
