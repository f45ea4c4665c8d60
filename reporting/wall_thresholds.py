"""Thresholds of the wallboard: from which value on a figure draws attention or calls for action. Pure.

Shipped as data that is assumed (`reporting/data/wall_thresholds.yaml`); an installation sets its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

DATA = Path(__file__).with_name("data") / "wall_thresholds.yaml"
LARGEST = 86_400.0  # of any threshold: a day in seconds


class Measure(StrEnum):
    """What is judged."""

    WAITING = "waiting"  # calls in line
    LONGEST = "longest"  # seconds that the first of them has waited
    EXPECTED = "expected"  # seconds
    SERVICE_LEVEL_NOW = "service_level_now"  # share, of the last half hour
    SERVICE_LEVEL_TODAY = "service_level_today"  # share
    ABANDONMENT_TODAY = "abandonment_today"  # share
    FREE = "free"  # agents, while anybody serves the queue or waits in it
    TALK = "talk"  # seconds of an agent in one talk
    WRAP_UP = "wrap_up"  # seconds
    PAUSE = "pause"  # seconds, of a pause whose reason has no limit of its own
    TRUNK_USE = "trunk_use"  # share of the lines
    RECORDING_ALARMS = "recording_alarms"


OF_QUEUES = frozenset(
    {
        Measure.WAITING,
        Measure.LONGEST,
        Measure.EXPECTED,
        Measure.SERVICE_LEVEL_NOW,
        Measure.SERVICE_LEVEL_TODAY,
        Measure.ABANDONMENT_TODAY,
        Measure.FREE,
    }
)
"""Measures that may have a threshold of its own for each queue."""


class Level(StrEnum):
    """How a value is to be seen; worse ones come later."""

    NONE = "none"  # there is no value
    GOOD = "good"
    WARN = "warn"
    ALARM = "alarm"


class BadThreshold(Exception):
    """A threshold cannot be used: `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str) -> None:
        super().__init__(f"{place}: {word}")
        self.word, self.place = word, place


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which value on a measure is warned of and alarmed about."""

    measure: Measure
    warn: float
    alarm: float
    above: bool  # it is worse above than below
    unit: str  # calls, s, share, agents, alarms
    queue: str = ""  # empty: for all queues, or of no queue
    assumed: bool = False

    def level(self, value: float | None) -> Level:
        """Judge a value; a value at the threshold has reached it, one below `below` has too."""
        if value is None:
            return Level.NONE
        if self._reached(value, self.alarm):
            return Level.ALARM
        return Level.WARN if self._reached(value, self.warn) else Level.GOOD

    def _reached(self, value: float, bound: float) -> bool:
        return value >= bound if self.above else value < bound


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """What somebody set. `warn` and `alarm` None: what is shipped (or what all queues have) again."""

    at: datetime
    who: str  # staff_id
    measure: Measure
    queue: str
    warn: float | None
    alarm: float | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All thresholds in force."""

    rows: Mapping[tuple[Measure, str], Threshold] = field(default_factory=dict)

    def of(self, measure: Measure, queue: str = "") -> Threshold:
        """Return the threshold for a queue: its own, or that of all."""
        return self.rows.get((measure, queue)) or self.rows[measure, ""]

    def level(self, measure: Measure, value: float | None, queue: str = "") -> Level:
        """Judge a value."""
        return self.of(measure, queue).level(value)

    def with_changes(self, newest: Iterable[ThresholdChange]) -> Thresholds:
        """Return these with what was set; of each measure and queue only the newest change is given."""
        rows = dict(self.rows)
        for change in newest:
            shipped = self.rows[change.measure, ""]
            if change.warn is not None and change.alarm is not None:
                key = change.measure, change.queue
                rows[key] = Threshold(
                    change.measure, change.warn, change.alarm, shipped.above, shipped.unit, change.queue
                )
        return Thresholds(rows)


class ThresholdStore(Protocol):
    """Keeps what was set. Raises WallUnavailable."""

    async def newest(self) -> Sequence[ThresholdChange]:
        """Return the newest change of every measure and queue."""
        ...

    async def set(self, change: ThresholdChange) -> None:
        """Keep a change."""
        ...

    async def history(self, limit: int = 50) -> Sequence[ThresholdChange]:
        """Return the newest changes, newest first."""
        ...


class WallUnavailable(Exception):
    """What the wallboard keeps cannot be read or written at the moment."""


def check(change: ThresholdChange, queues: Iterable[str]) -> None:
    """Refuse what cannot be used. Raises BadThreshold."""
    if change.queue and change.measure not in OF_QUEUES:
        raise BadThreshold("no_queue_of_its_own", "queue")
    if change.queue and change.queue not in queues:
        raise BadThreshold("unknown_queue", "queue")
    if (change.warn is None) != (change.alarm is None):
        raise BadThreshold("both_or_none", "warn" if change.warn is None else "alarm")
    if change.warn is None or change.alarm is None:
        return
    shipped = shipped_thresholds().of(change.measure)
    most = 1.0 if shipped.unit == "share" else LARGEST
    for place, value in (("warn", change.warn), ("alarm", change.alarm)):
        if not (math.isfinite(value) and 0 <= value <= most):
            raise BadThreshold("out_of_range", place)
    if (change.alarm < change.warn) if shipped.above else (change.alarm > change.warn):
        raise BadThreshold("alarm_before_warn", "alarm")


@cache
def shipped_thresholds() -> Thresholds:
    """Return the thresholds of the shipped table. Raises ValueError for a table that lacks one."""
    table: Mapping[str, Mapping[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    if set(table) != set(Measure):
        raise ValueError(f"{DATA.name}: needs one row for each of {', '.join(Measure)}")
    return Thresholds({(Measure(name), ""): _row(Measure(name), row) for name, row in table.items()})


def _row(measure: Measure, row: Mapping[str, Any]) -> Threshold:
    return Threshold(
        measure,
        float(row["warn"]),
        float(row["alarm"]),
        row["worse"] == "above",
        str(row["unit"]),
        assumed=bool(row.get("assumed")),
    )
