"""The rows of the wallboard. Nothing in them names anybody; times in seconds, shares from 0 to 1.

A row that differs from the one told before only because time passed is no news (`is_news`): pages count on
by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, get_args

UP, DOWN = 1.0, -1.0
SLACK = 1.5  # seconds by which a time may differ from what pages count to
EXPECTED_STEP = 5.0  # seconds by which an expected wait must move to be told again


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent at work."""

    state: str  # a reporting.wall_board.STATES
    declared: str
    observed: str
    reason: str  # of a pause
    seconds: float  # in this state
    queue: str
    lent: str  # the campaign's queue that borrows them
    wrap_up_left: float | None
    over_limit: bool
    level: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue, all languages together."""

    queue: str
    tier: str
    waiting: int
    offered: int
    longest: float | None  # None: nobody waits
    expected: float | None  # None: it cannot be told honestly
    free: int
    serving: int
    talking: int
    incoming: int  # today, as the next three
    answered: int
    abandoned: int
    in_time: int
    service_level_today: float | None
    service_level_now: float | None  # of the waits that ended in the last half hour
    abandonment_today: float | None
    levels: Mapping[str, str] = field(default_factory=dict)  # measure → warn or alarm


@dataclass(frozen=True, slots=True)
class TierRow:
    """Agents and calls of one tier."""

    tier: str
    at_work: int
    free: int
    talking: int
    wrap_up: int
    paused: int
    waiting: int
    longest: float | None


@dataclass(frozen=True, slots=True)
class TotalRow:
    """The whole floor."""

    waiting: int
    longest: float | None
    talking: int
    free: int
    at_work: int
    incoming: int
    answered: int
    abandoned: int
    in_time: int
    service_level_today: float | None
    service_level_now: float | None
    abandonment_today: float | None
    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign that is running."""

    title: str
    state: str
    pacing: str
    ringing: int
    waiting: int
    talking: int
    agents: int
    idle: int
    dialled: int  # today, as the next three
    answered: int
    abandoned: int
    abandon_rate: float | None
    over_limit: bool
    why_idle: str  # a `dialer.reasons.WhyNot`; empty: it dials


@dataclass(frozen=True, slots=True)
class TrunkRow:
    """Lines to the outside."""

    used: int
    most: int
    use: float
    level: str


@dataclass(frozen=True, slots=True)
class RecordingsRow:
    """Alarms about recordings that are open."""

    alarms: int
    at_once: int
    kinds: tuple[str, ...]  # of recording.recordings.AlarmKind, the most urgent first
    level: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """Whether callers are let in."""

    open: bool
    shut: bool  # by an administrator
    until: datetime | None
    ready: bool  # whether calls can be served


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """An announcement that is on, or will be."""

    prompt: str
    begins: datetime
    ends: datetime
    on: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    """How far a message to agents got."""

    at: datetime
    audience: str
    told: int
    shown: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class LackingRow:
    """What could not be read: those parts of the board are as they were."""

    parts: tuple[str, ...]  # of entries, line, slow (campaigns, alarms), settings, announcements


Row = (
    AgentRow | QueueRow | TierRow | TotalRow | CampaignRow | TrunkRow | RecordingsRow | LineRow
    | AnnouncementRow | MessageRow | LackingRow
)  # fmt: skip

_CLOCKS: Mapping[type, Mapping[str, float]] = {
    AgentRow: {"seconds": UP, "wrap_up_left": DOWN},
    QueueRow: {"longest": UP},
    TierRow: {"longest": UP},
    TotalRow: {"longest": UP},
}


def is_news(before: Row | None, now: Row, passed: float) -> bool:
    """Whether a row tells more than that so many seconds passed since the row before was told."""
    if before is None or type(before) is not type(now):
        return True
    still = _STILL[type(now)]
    if still(before) != still(now):
        return True
    for name, way in _CLOCKS.get(type(now), {}).items():
        old, new = getattr(before, name), getattr(now, name)
        if (old is None) != (new is None):
            return True
        if old is not None and abs(new - max(0.0, old + way * passed)) > SLACK:
            return True
    return isinstance(now, QueueRow) and _moved(getattr(before, "expected", None), now.expected)


def _moved(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) >= EXPECTED_STEP


def _still(kind: type) -> Callable[[Any], object]:
    moves = {*_CLOCKS.get(kind, {}), *(["expected"] if kind is QueueRow else [])}
    return attrgetter(*(one.name for one in fields(kind) if one.name not in moves))


_STILL: Mapping[type, Callable[[Any], object]] = {kind: _still(kind) for kind in get_args(Row)}
