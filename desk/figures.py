"""What an agent did on a day, as the floor's record has it. Its figures are `reporting/formulas.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from domain.floor_log import Phase

ASSISTING = "assisting"


@dataclass(frozen=True, slots=True)
class AgentDay:
    """An agent's work on one day of the office, in seconds: phases and states that have ended.

    A phase that runs through midnight counts on both days, each its part; an ACD call counts on the
    day its talk began. What an agent did for a colleague's call (rung and consulted) is `assisting`
    until the call becomes their own.
    """

    agent: str  # staff number
    day: date  # in the office's zone
    acd_calls: int = 0  # legs on which the agent talked with a caller, transferred ones too
    staffed: float = 0.0  # signed in, whatever else was declared
    estimated: float = 0.0  # of the seconds below, those of phases that a restart cut
    seconds: Mapping[str, float] = field(default_factory=dict)  # phase, or `assisting` → seconds
    pauses: Mapping[str, float] = field(default_factory=dict)  # reason → seconds paused without a call

    def of(self, phase: Phase) -> float:
        """Return the seconds of a phase."""
        return self.seconds.get(phase.value, 0.0)

    @property
    def assisting(self) -> float:
        """Rung and consulted for a colleague's call."""
        return self.seconds.get(ASSISTING, 0.0)

    @property
    def acd_time(self) -> float:
        """From the answer on, without hold: joining, talking and asking a colleague."""
        return self.of(Phase.JOIN) + self.of(Phase.TALK) + self.of(Phase.CONSULT)

    @property
    def paused(self) -> float:
        """Paused for whatever reason, without a call."""
        return sum(self.pauses.values())


class WorkUnavailable(Exception):
    """The record of the floor cannot be read at the moment."""


class WorkRecord(Protocol):
    """Reads what agents did."""

    async def day(self, agent: str, day: date) -> AgentDay:
        """Return one agent's work on a day of the office; all zero without any. Raises WorkUnavailable."""
        ...
