"""What pacing is told, and what it answers. All times are monotonic seconds of one axis."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PacingView:
    """One campaign's agents and dials at a moment."""

    now: float
    idle: int  # agents free this moment
    talking: tuple[float, ...]  # when each talk began
    wrapping_up: tuple[float, ...]  # when each wrap-up began
    ringing: tuple[float, ...]  # when each unanswered dial was sent
    waiting: tuple[float, ...]  # when each answered call without an agent was answered
    leads: int  # that may be dialled now


class Pacer(Protocol):
    """Decides for one campaign. Told everything that happens; it learns from that alone."""

    def dialled(self, now: float) -> None:
        """A dial was sent."""
        ...

    def dial_ended(self, now: float, age: float, *, live: bool) -> None:
        """A dial came to its end `age` seconds after it was sent: answered by a person, or not."""
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
        """Return how many new dials to place now; negative: so many ringing ones are to be cancelled."""
        ...

    def explain(self) -> str:
        """Return why the last answer was what it was, for a person to read."""
        ...
