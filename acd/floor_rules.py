"""How long things may last on the floor, and why agents pause: data that an administrator changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why an agent takes no calls, and for how long that is in order."""

    name: str
    indonesian: str
    english: str
    digit: str  # what is dialled for it; "" where nobody dials it
    limit_minutes: int  # 0: no limit
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table of rules: the name is a field of FloorRules."""

    name: str
    value: float
    about: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class FloorRules:
    """Durations in seconds, and one count. None of them is published by the centre."""

    ring_seconds: float = 15.0  # how long an agent's phone rings for an offer
    quick_ring_seconds: float = 1.5  # the same, of a call that we placed: the phone answers by itself
    connect_seconds: float = 5.0  # from the agent's answer to being joined with the caller
    seconds_per_priority: float = 60.0  # the waiting that one step of priority counts for
    wrap_up_seconds: float = 60.0  # the time for the note after a talk
    extension_seconds: float = 120.0  # what one extension of it adds
    consult_ring_seconds: float = 20.0  # how long a colleague's phone rings for a consultation or transfer
    watch_ring_seconds: float = 20.0  # how long a supervisor's phone rings
    callback_ring_seconds: float = 30.0  # how long a callback rings at the caller's
    consult_wait_seconds: float = 60.0  # how long a consultation looks for somebody whom a queue gives
    rejoin_seconds: float = 15.0  # how long a talk is kept for an agent whose line died; 0: not at all
    rejoin_times: float = 3.0  # how often that is done in one agent's talk
    lease_seconds: float = 3.0  # how long the end of a leg is waited for after it was due

    @classmethod
    def of(cls, rows: Iterable[Rule]) -> FloorRules:
        """Return the rules of a table that was checked; what has no row keeps its default."""
        return cls(**{row.name: row.value for row in rows})


LIMITS: Mapping[str, tuple[float, float]] = {
    "ring_seconds": (3, 120),
    "quick_ring_seconds": (0.5, 10),
    "connect_seconds": (1, 60),
    "seconds_per_priority": (0, 3600),
    "wrap_up_seconds": (0, 3600),
    "extension_seconds": (0, 3600),
    "consult_ring_seconds": (3, 120),
    "watch_ring_seconds": (3, 120),
    "callback_ring_seconds": (5, 120),
    "consult_wait_seconds": (5, 600),
    "rejoin_seconds": (0, 120),
    "rejoin_times": (1, 20),
    "lease_seconds": (1, 60),
}
"""Rule → the least and the greatest value that makes sense."""


def rule_faults(rule: Rule) -> Iterator[tuple[str, str, str, str]]:
    """Return what is wrong with one rule: field, value, what, remedy. The name must be known."""
    least, most = LIMITS[rule.name]
    if not least <= rule.value <= most:
        yield "value", f"{rule.value:g}", "makes no sense here", f"{least:g} to {most:g}"


RULE_NAMES = tuple(field.name for field in fields(FloorRules))
