"""An agent's day in figures: the formulas of the productivity guide (ART, AHT, CE, CPH) and two more."""

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

    @property
    def average_ring(self) -> float | None:
        """ART: total ring time ÷ ACD calls. None without calls."""
        return _ratio(self.of(Phase.RING), self.acd_calls)

    @property
    def average_handling(self) -> float | None:
        """AHT: (ACD time + hold time + ACW time) ÷ ACD calls. None without calls."""
        return _ratio(self.acd_time + self.of(Phase.HOLD) + self.of(Phase.WRAP_UP), self.acd_calls)

    @property
    def call_efficiency(self) -> float | None:
        """CE: talk time ÷ ACD time. None without ACD time."""
        return _ratio(self.of(Phase.TALK), self.acd_time)

    @property
    def calls_per_hour(self) -> float | None:
        """CPH: ACD calls ÷ staffed hours. None without staffed time."""
        return _ratio(self.acd_calls, self.staffed / 3600)

    @property
    def occupancy(self) -> float | None:
        """Time with calls ÷ staffed time without pauses, at most 1 [assumed: the guide has none].

        Time with calls is ringing, ACD time, hold, ACW and assisting. None without such time.
        """
        busy = self.of(Phase.RING) + self.acd_time + self.of(Phase.HOLD) + self.of(Phase.WRAP_UP)
        available = self.staffed - self.paused
        share = _ratio(busy + self.assisting, available) if available > 0 else None
        return None if share is None else min(1.0, share)


class WorkUnavailable(Exception):
    """The record of the floor cannot be read at the moment."""


class WorkRecord(Protocol):
    """Reads what agents did."""

    async def day(self, agent: str, day: date) -> AgentDay:
        """Return one agent's work on a day of the office; all zero without any. Raises WorkUnavailable."""
        ...


def _ratio(amount: float, by: float) -> float | None:
    return amount / by if by else None
