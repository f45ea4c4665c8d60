"""How a question is checked, and how its lines are added from the cells of its days. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from acd.skills import OFFICE_ZONE
from reporting.asking import Dimension, Interval, Line, NotAsked, Question, Within
from reporting.counts import Counts
from reporting.formulas import COUNTS
from reporting.rollup import FIELD, PLACE, QUARTERS, Cells, Ints, Key

LONGEST = timedelta(days=3700)  # of a question
LONGEST_CUT = timedelta(days=93)  # of a question by parts of a day
MOST_LINES = 500_000
WITHOUT_CALLS = frozenset(
    {"staffed_ms", "paused_ms", "scheduled_ms", "adherent_ms"}
    | {"chats", "chats_in_time", "mails_assigned", "mails_answered"}
)
"""The counts that no call stands behind."""
_QUARTER = timedelta(minutes=15)
_WHOSE = frozenset({Dimension.AGENT, Dimension.TEAM})
_PARTS = {Interval.QUARTER_HOUR: 1, Interval.HALF_HOUR: 2, Interval.HOUR: 4}  # quarters in one


def check(question: Question) -> None:
    """Raise NotAsked for a question without an answer."""
    if question.last < question.first:
        raise NotAsked("first_after_last", "first")
    if len(set(question.by)) != len(question.by):
        raise NotAsked("twice", "by")
    span = question.last - question.first
    if span > (LONGEST_CUT if cuts_days(question.interval) else LONGEST):
        raise NotAsked("too_long", "last")


def check_calls(question: Question, count: str) -> None:
    """Raise NotAsked for a question without an answer, or a count that no call stands behind."""
    check(question)
    if count not in COUNTS:
        raise NotAsked("no_such_count", "count")
    if count in WITHOUT_CALLS:
        raise NotAsked("no_calls", "count")


def cuts_days(interval: Interval) -> bool:
    """Return whether intervals are parts of a day."""
    return interval in _PARTS


def begin_of(day: date, interval: Interval) -> date | None:
    """Return the first day of the interval that a day lies in; None: WHOLE."""
    match interval:
        case Interval.WHOLE:
            return None
        case Interval.WEEK:
            return day - timedelta(days=day.weekday())
        case Interval.MONTH:
            return day.replace(day=1)
        case Interval.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return day


def midnight(day: date) -> datetime:
    """Return when a day of the office begins, in UTC."""
    return datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC)


def quarters_of(day: date, within: Within) -> range:
    """Return which quarter hours of a day of the office a time takes in."""
    begins = midnight(day)
    first, last = (within[0] - begins) // _QUARTER, -((begins - within[1]) // _QUARTER)
    found = range(max(first, 0), min(last, QUARTERS))
    return found or range(0)


def fits(key: Key, only: Mapping[Dimension, Collection[str]]) -> bool:
    """Return whether a narrowed question is about a key."""
    return all(key[PLACE[dimension]] in values for dimension, values in only.items())


def of_agents(
    only: Mapping[Dimension, Collection[str]], by: Iterable[Dimension] = (), key: Iterable[str] = ()
) -> bool:
    """Return whether counts are of certain agents or teams: then nothing of OF_QUEUES is known of them."""
    narrowed = any(values and "" not in values for one, values in only.items() if one in _WHOSE)
    return narrowed or any(value for one, value in zip(by, key, strict=True) if one in _WHOSE)


def has_any(cells: Cells, question: Question, count: str) -> bool:
    """Return whether the question finds anything of a count in these cells."""
    wanted = cells.field == FIELD[count]
    kept = _kept(cells, question.only)
    return bool(np.any(wanted if kept is None else wanted & kept))


class Adding:
    """Adds the cells of days to the lines of one question."""

    def __init__(self, question: Question) -> None:
        """Raise NotAsked for a question without an answer."""
        check(question)
        self._question = question
        self._lines: dict[tuple[datetime | None, tuple[str, ...]], int] = {}
        self._codes: list[Ints] = []
        self._amounts: list[Ints] = []

    def add(self, day: date, cells: Cells) -> None:
        """Add a day's cells, or a month's where the interval is a month or longer. Raises NotAsked."""
        kept = _kept(cells, self._question.only)
        if kept is not None:
            cells = Cells(
                cells.keys, cells.key[kept], cells.quarter[kept], cells.field[kept], cells.amount[kept]
            )
        if not len(cells.key):
            return
        groups, of_key = _groups(cells, self._question.by)
        parts = _PARTS.get(self._question.interval)
        slots = cells.quarter // parts if parts else np.zeros_like(cells.quarter)
        place = slots * len(groups) + of_key[cells.key]
        places, where = np.unique(place, return_inverse=True)
        begins = self._begins(day, int(slots.max()) if parts else 0)
        many = len(groups)
        found = [self._line(begins[one // many], groups[one % many]) for one in places.tolist()]
        lines = np.array(found, np.int64)
        self._codes.append(lines[where] * len(COUNTS) + cells.field)
        self._amounts.append(cells.amount)

    def lines(self) -> list[Line]:
        """Return the lines, by interval and key."""
        if not self._lines:
            return []
        sums = np.zeros(len(self._lines) * len(COUNTS), np.int64)
        for codes, amounts in zip(self._codes, self._amounts, strict=True):
            np.add.at(sums, codes, amounts)
        rows = sums.reshape(-1, len(COUNTS)).tolist()
        found = [Line(key, begins, Counts(*rows[at])) for (begins, key), at in self._lines.items()]
        return sorted(found, key=_order)

    def _begins(self, day: date, slots: int) -> list[datetime | None]:
        """Return when each part of a day up to the last one begins."""
        first = begin_of(day, self._question.interval)
        if first is None:
            return [None]
        length = timedelta(minutes=15 * _PARTS.get(self._question.interval, 0))
        return [midnight(first) + length * slot for slot in range(slots + 1)]

    def _line(self, begins: datetime | None, group: tuple[str, ...]) -> int:
        if len(self._lines) >= MOST_LINES:
            raise NotAsked("too_many", "by")
        return self._lines.setdefault((begins, group), len(self._lines))


def _order(line: Line) -> tuple[datetime, tuple[str, ...]]:
    return line.begins or datetime.min.replace(tzinfo=UTC), line.key


def _kept(cells: Cells, only: Mapping[Dimension, Collection[str]]) -> npt.NDArray[np.bool_] | None:
    """Return which amounts a narrowed question is about; None: all."""
    if not only:
        return None
    wanted = np.array([fits(key, only) for key in cells.keys], bool)
    return wanted[cells.key] if len(wanted) else np.zeros(0, bool)


def _groups(cells: Cells, by: Iterable[Dimension]) -> tuple[list[tuple[str, ...]], Ints]:
    """Return the distinct keys of lines, and which of them each key of the cells belongs to."""
    places = [PLACE[dimension] for dimension in by]
    found: dict[tuple[str, ...], int] = {}
    if not places:
        return [()], np.zeros(len(cells.keys), np.int64)
    of_key = [found.setdefault(tuple([key[at] for at in places]), len(found)) for key in cells.keys]
    return list(found), np.array(of_key, np.int64)
