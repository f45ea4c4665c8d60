"""What pacing is told, and what it answers. All times are monotonic seconds of one axis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class PacingView:
    """One campaign's agents and dials at a moment.

    An agent whose phone is being rung for an answered call counts as talking, and that call no longer waits.
    """

    now: float
    idle: int  # agents free this moment
    talking: tuple[float, ...]  # when each talk began
    wrapping_up: tuple[float, ...]  # when each wrap-up began
    ringing: tuple[float, ...]  # when each unanswered dial was sent
    waiting: tuple[float, ...]  # when each answered call without an agent was answered
    leads: int  # that may be dialled now
    lines: int = 1_000_000  # that may be added now


class Pacer(Protocol):
    """Decides for one campaign. Told everything that happens; it learns from that alone."""

    def dialled(self, now: float) -> None:
        """A dial was sent."""
        ...

    def dial_ended(self, now: float, age: float, *, live: bool, cancelled: bool = False) -> None:
        """A dial came to its end `age` seconds after it was sent: answered by a person, or not.

        `cancelled`: we ended it, so nobody knows whether it would have been answered.
        """
        ...

    def abandoned(self, now: float) -> None:
        """One that was answered found no agent in time."""
        ...

    def talk_ended(self, now: float, seconds: float) -> None:
        """A talk came to its end."""
        ...

    def wrap_up_ended(self, now: float, seconds: float) -> None:
        """An agent is done with the note."""
        ...

    def dials(self, view: PacingView) -> int:
        """Return how many new dials to place now.

        Negative: so many ringing ones are to be cancelled, those first that have rung longest.
        """
        ...

    def explain(self) -> str:
        """Return why the last answer was what it was, for a person to read."""
        ...


class LearningPacer(Pacer, Protocol):
    """A pacer that counts against a limit, and whose counts and curves outlive a restart."""

    def new_day(self, now: float) -> None:
        """Begin a day of the limit: its counts start at nothing; what was learnt stays."""
        ...

    def upper_bound(self, now: float) -> float:
        """Return the upper confidence bound of the day's abandonment, as a share; 1.0 before any answer."""
        ...

    def state(self, now: float) -> dict[str, Any]:
        """Return counts and curves, as JSON can hold them."""
        ...

    def restore(self, state: Mapping[str, Any], now: float, *, elapsed: float, same_day: bool) -> None:
        """Take back a `state` that was saved `elapsed` seconds ago, today or on a day before.

        Raises ValueError when it is no such state; nothing is taken over then.
        """
        ...
