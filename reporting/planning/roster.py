"""Who is scheduled for calls in each interval of a day, out of shifts and exceptions. Pure.

A shift that ends after midnight counts on both days. An exception takes out every minute it touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from desk.working_days import WIB
from reporting.adherence import Away
from reporting.planning.plans import SLOT
from reporting.schedule import Shift

_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class RosterSlot:
    """An interval of SLOT minutes. Agents are means over its minutes."""

    minute: int  # from midnight, WIB
    staffed: tuple[tuple[int, int], ...]  # (agents scheduled for incoming calls, for how many minutes)
    on_shift: float = 0.0  # breaks, prayers and other activities included
    outgoing: float = 0.0  # scheduled for outbound calls
    of_team: float | None = None  # of those scheduled for incoming calls; None: no team was asked for

    @property
    def rostered(self) -> float:
        """Agents scheduled for incoming calls."""
        return sum(agents * minutes for agents, minutes in self.staffed) / SLOT


@dataclass(frozen=True, slots=True)
class DayRoster:
    """A day, by the intervals of its plan."""

    day: date
    shifts: int  # agents of whom something is scheduled on the day
    slots: tuple[RosterSlot, ...]


@dataclass(frozen=True, slots=True)
class CallWork:
    """Which activities of a schedule are calls."""

    incoming: frozenset[str]
    outgoing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OnDay:
    """Everything scheduled that may touch a day."""

    day: date
    shifts: Sequence[Shift]  # of the day, and of the one before
    away: Mapping[str, Sequence[Away]]  # staff number → exceptions in force
    work: CallWork
    team: Collection[str] | None = None  # staff numbers of the team asked for


class _Minutes:
    """Counts agents by the minute of a day."""

    def __init__(self) -> None:
        self._changes = [0] * (_DAY + 1)

    def add(self, begins: int, ends: int) -> None:
        self._changes[begins] += 1
        self._changes[ends] -= 1

    def by_minute(self) -> Sequence[int]:
        return list(accumulate(self._changes))


def day_roster(on: OnDay, minutes: Iterable[int]) -> DayRoster:
    """Return a day by the intervals that begin at these minutes."""
    incoming, outgoing, there, mine = _Minutes(), _Minutes(), _Minutes(), _Minutes()
    agents = set[str]()
    for shift in on.shifts:
        gaps = [_touched(one, on.day) for one in on.away.get(shift.agent, ())]
        ahead = (shift.day - on.day).days * _DAY
        for piece in shift.pieces:
            for begins, ends in _less(piece.begins + ahead, piece.ends + ahead, gaps):
                agents.add(shift.agent)
                there.add(begins, ends)
                if piece.activity in on.work.outgoing:
                    outgoing.add(begins, ends)
                if piece.activity in on.work.incoming:
                    incoming.add(begins, ends)
                    if on.team is not None and shift.agent in on.team:
                        mine.add(begins, ends)
    counts = [one.by_minute() for one in (incoming, there, outgoing, mine)]
    return DayRoster(
        on.day,
        len(agents),
        tuple(_slot(minute, [one[minute : minute + SLOT] for one in counts], on.team) for minute in minutes),
    )


def _slot(minute: int, counts: Sequence[Sequence[int]], team: Collection[str] | None) -> RosterSlot:
    incoming, there, outgoing, mine = counts
    return RosterSlot(
        minute,
        tuple(sorted(Counter(incoming).items())),
        sum(there) / SLOT,
        sum(outgoing) / SLOT,
        None if team is None else sum(mine) / SLOT,
    )


def _touched(away: Away, day: date) -> tuple[int, int]:
    """Return the minutes of a day that an exception touches; the end is not included."""
    midnight = datetime.combine(day, time.min, WIB)
    return (away.begins - midnight) // _MINUTE, -((midnight - away.ends) // _MINUTE)


def _less(begins: int, ends: int, gaps: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Return a stretch within the day without the gaps, in order."""
    begins, ends = max(begins, 0), min(ends, _DAY)
    for first, last in sorted(gaps):
        if first < ends and last > begins:
            if first > begins:
                yield begins, first
            begins = max(begins, last)
    if begins < ends:
        yield begins, ends
