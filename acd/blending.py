"""How many free agents outbound work may borrow, and how many it must give back.

Inbound comes first. Agents are lent while inbound is well by every measure, and all are called back
as soon as one measure is bad. Between the two limits of a measure nothing changes, and after a call
for return inbound must be well without a break for a while before agents are lent again: so
lending never flaps. A borrowed agent finishes the talk they are in; giving back means no next one.
"""

from __future__ import annotations

import csv
import io
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.own_tables import in_use

DATA = Path(__file__).parent / "data" / "blending.csv"
COLUMNS = ("measure", "lend", "return", "assumed")
SLICES = 60  # the window slides in this many steps


class Lending(Protocol):
    """The port of outbound work: ask before each dial and whenever a borrowed agent is done."""

    def may_borrow(self, now: float) -> int:
        """Return how many further free agents may be borrowed now."""
        ...

    def must_return(self, now: float) -> int:
        """Return how many borrowed agents must go back to inbound, as soon as their talks are over."""
        ...


class BlendingRefused(Exception):
    """The table of blending cannot be used; nothing of it was applied."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A measure's two limits: lend up to one, call back from the other on."""

    lend: float
    back: float


@dataclass(frozen=True, slots=True)
class BlendingRules:
    """When inbound is well, and when it suffers. None of it is published by the centre."""

    queue_length: Limits  # calls waiting
    expected_wait: Limits  # seconds, of a call that would enter now, or that one has waited already
    service_level: Limits  # share 0–1 of the window's calls answered in time
    free_agents: Limits  # lend those above the first; call back when fewer than the second are free
    answer_within: float  # seconds: what counts as in time
    window: float  # seconds that the service level looks back
    least_calls: int  # in the window, for the service level to say anything
    settle: float  # seconds inbound must be well before agents are lent
    assumed: bool


@dataclass(frozen=True, slots=True)
class Inbound:
    """Inbound at one moment, as the floor sees it."""

    waiting: int
    expected_wait: float | None  # or the wait so far of whom a lent agent could take; None: withheld
    free: int  # agents free for inbound
    borrowed: int  # agents outbound has now


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure, judged. `well` and `bad` are both false between the limits."""

    measure: str
    value: float | None  # None: it says nothing at present
    lend: float
    back: float
    well: bool
    bad: bool


class Blending:
    """The rule. Feed it what happens inbound; ask it about lending. All times on one monotonic axis."""

    def __init__(self, rules: BlendingRules) -> None:
        self.rules = rules
        self._inbound = Inbound(0, None, 0, 0)
        self._lending = False
        self._well_since = math.inf
        self._slices: deque[list[float]] = deque()  # begin, calls, answered in time
        self._calls = self._in_time = 0.0

    def ended_waiting(self, now: float, waited: float, answered: bool) -> None:
        """Count a call that was answered or left after `waited` seconds; a leaver is not in time."""
        span = self.rules.window / SLICES
        begin = now - now % span
        if not self._slices or self._slices[-1][0] != begin:
            self._slices.append([begin, 0.0, 0.0])
        in_time = answered and waited <= self.rules.answer_within
        self._slices[-1][1] += 1
        self._slices[-1][2] += in_time
        self._calls += 1
        self._in_time += in_time

    def observe(self, now: float, inbound: Inbound) -> None:
        """Take note of inbound; call it on every change."""
        self._inbound = inbound
        self._judge(now)

    def may_borrow(self, now: float) -> int:
        """Return how many further free agents may be borrowed now."""
        self._judge(now)
        if not self._lending:
            return 0
        return max(0, self._inbound.free - math.ceil(self.rules.free_agents.lend))

    def must_return(self, now: float) -> int:
        """Return how many borrowed agents must go back to inbound, as soon as their talks are over."""
        self._judge(now)
        return 0 if self._lending else self._inbound.borrowed

    def readings(self, now: float) -> tuple[Reading, ...]:
        """Return every measure, judged."""
        self._forget(now)
        rules, inbound = self.rules, self._inbound
        level = self._in_time / self._calls if self._calls >= rules.least_calls else None
        wait = inbound.expected_wait if inbound.waiting else 0.0
        return (
            _low_is_well("queue_length", inbound.waiting, rules.queue_length),
            _low_is_well("expected_wait", wait, rules.expected_wait),
            _high_is_well("service_level", level, rules.service_level),
            _high_is_well("free_agents", inbound.free, rules.free_agents),
        )

    def explain(self, now: float) -> str:
        """Return what is lent and why, for a person to read."""
        self._judge(now)
        readings = self.readings(now)
        if self._lending:
            head = f"lending: {self.may_borrow(now)} more may be borrowed, {self._inbound.borrowed} are"
        elif self._well_since <= now:
            left = max(0.0, self._well_since + self.rules.settle - now)
            head = f"not lending: inbound is well, for {left:.0f} s more before agents are lent"
        else:
            borrowed = self._inbound.borrowed
            head = "not lending: " + (
                f"{borrowed} borrowed must return" if borrowed else "inbound is not well"
            )
        return "\n".join([head, *(_sentence(reading) for reading in readings)])

    def _judge(self, now: float) -> None:
        """Change between lending and not; between the limits all stays as it is."""
        readings = self.readings(now)
        if any(reading.bad for reading in readings):
            self._lending, self._well_since = False, math.inf
        elif not self._lending:
            if not all(reading.well for reading in readings):
                self._well_since = math.inf
            elif self._well_since == math.inf:
                self._well_since = now
            self._lending = self._well_since + self.rules.settle <= now

    def _forget(self, now: float) -> None:
        """Drop what lies before the window."""
        while self._slices and self._slices[0][0] <= now - self.rules.window:
            _, calls, in_time = self._slices.popleft()
            self._calls -= calls
            self._in_time -= in_time


def _low_is_well(measure: str, value: float | None, limits: Limits) -> Reading:
    """Judge a measure that is well when low. Unknown is neither well nor bad: it lends nothing new."""
    well, bad = value is not None and value <= limits.lend, value is not None and value >= limits.back
    return Reading(measure, value, limits.lend, limits.back, well, bad)


def _high_is_well(measure: str, value: float | None, limits: Limits) -> Reading:
    """Judge a measure that is well when high. Unknown is well: hardly anybody called."""
    well, bad = value is None or value >= limits.lend, value is not None and value < limits.back
    return Reading(measure, value, limits.lend, limits.back, well, bad)


def _sentence(reading: Reading) -> str:
    value = "unknown" if reading.value is None else f"{reading.value:g}"
    verdict = "bad" if reading.bad else "well" if reading.well else "between"
    name = reading.measure.replace("_", " ")
    return f"  {name} {value}: {verdict} (lend at {reading.lend:g}, call back at {reading.back:g})"


# -- the table ------------------------------------------------------------------------------------

_RISING = ("queue_length", "expected_wait_s")
_FALLING = ("service_level_percent", "free_agents")
_SINGLE = ("answer_within_s", "window_s", "least_calls", "settle_s")


def shipped() -> BlendingRules:
    """Return the rules the product ships with, all of them assumed, or those set in their place."""
    return read(in_use(DATA).read_text(encoding="utf-8"))


def read(text: str) -> BlendingRules:
    """Return the rules of a CSV table. Raises BlendingRefused with row, field, value and remedy."""
    rows = _rows(text)
    pairs = {name: _pair(rows, name) for name in (*_RISING, *_FALLING)}
    single = {name: _number(rows, name, "lend") for name in _SINGLE}
    for name in ("window_s", "answer_within_s"):
        if not single[name]:
            raise _refused(rows[name], "lend", "must be more than 0 seconds", "write the seconds")
    level = pairs["service_level_percent"]
    if level.lend > 100:
        row = rows["service_level_percent"]
        raise _refused(row, "lend", "is more than 100 percent", "write 0 to 100")
    return BlendingRules(
        queue_length=pairs["queue_length"],
        expected_wait=pairs["expected_wait_s"],
        service_level=Limits(level.lend / 100, level.back / 100),
        free_agents=pairs["free_agents"],
        answer_within=single["answer_within_s"],
        window=single["window_s"],
        least_calls=round(single["least_calls"]),
        settle=single["settle_s"],
        assumed=any(cells["assumed"].strip().lower() == "yes" for _, cells in rows.values()),
    )


_Row = tuple[int, Mapping[str, str]]


def _rows(text: str) -> Mapping[str, _Row]:
    reader = csv.DictReader(io.StringIO(text), restval="", strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise BlendingRefused(f"blending.csv, row 1: other columns. Remedy: write {','.join(COLUMNS)}")
        lines = list(reader)
    except csv.Error as error:
        told = f"blending.csv, row {reader.line_num}: is no CSV ({error}). Remedy: close every quotation mark"
        raise BlendingRefused(told) from error
    rows: dict[str, _Row] = {}
    for number, cells in enumerate(lines, 2):
        row = (number, cells)
        name = cells["measure"]
        if None in cells:
            raise _refused(row, "measure", "has too many cells", "one cell for each column")
        if name not in (*_RISING, *_FALLING, *_SINGLE):
            known = ", ".join((*_RISING, *_FALLING, *_SINGLE))
            raise _refused(row, "measure", "is no measure", f"one of {known}")
        if name in rows:
            raise _refused(row, "measure", f"is there twice, first in row {rows[name][0]}", "drop one")
        rows[name] = row
    missing = [name for name in (*_RISING, *_FALLING, *_SINGLE) if name not in rows]
    if missing:
        raise BlendingRefused(f"blending.csv: no row for {', '.join(missing)}. Remedy: add it")
    return rows


def _pair(rows: Mapping[str, _Row], name: str) -> Limits:
    limits = Limits(_number(rows, name, "lend"), _number(rows, name, "return"))
    if name in _RISING and limits.lend >= limits.back:
        raise _refused(rows[name], "return", "is not above `lend`: lending would flap", "write a greater one")
    if name in _FALLING and limits.lend <= limits.back:
        raise _refused(rows[name], "return", "is not below `lend`: lending would flap", "write a lesser one")
    return limits


def _number(rows: Mapping[str, _Row], name: str, column: str) -> float:
    try:
        value = float(rows[name][1][column])
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise _refused(rows[name], column, "is no number of 0 or more", "write digits, e.g. 20")
    return value


def _refused(row: _Row, column: str, what: str, remedy: str) -> BlendingRefused:
    number, cells = row
    value = str(cells[column])[:40]
    return BlendingRefused(f"blending.csv, row {number}, {column}: `{value}` {what}. Remedy: {remedy}")
