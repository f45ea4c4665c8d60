"""What came of a day's calls and roster in the simulator of the matcher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Measured:
    """A share or a number of seconds over some rounds, with half the width of its 95 % interval."""

    value: float
    plus_minus: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What callers and agents found on a day. Shares are of all callers; waits in seconds."""

    level: Measured
    abandoned: Measured
    wait: Measured
    occupancy: Measured


@dataclass(frozen=True, slots=True)
class SimulatedSlot:
    """An interval: agents by Erlang A and by the simulator, and the level each reached there."""

    minute: int
    agents: int
    level: float
    needed: int  # with these the whole day reaches its target in the simulator
    needed_level: float


@dataclass(frozen=True, slots=True)
class SimulatedQueue:
    """A queue's callers, with the agents of Erlang A."""

    queue: str
    calls: float  # of a day
    level: float
    abandoned: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """A day of a plan, played several times with other dice."""

    day: date
    rounds: int
    calls: float  # mean of the rounds
    expected_level: float  # what Erlang A expects of the same roster, all in one pool
    expected_abandoned: float
    outcome: Outcome  # with the agents of Erlang A
    needed: Outcome  # with `needed` agents
    reached: bool  # whether `needed` reaches the target; False: even many more do not, by skills
    slots: tuple[SimulatedSlot, ...]
    queues: tuple[SimulatedQueue, ...]
    known_agents: int  # of the tables in force, whose skills were used
    copied: int  # further ones with the same mixture of skills; without any known: who take everything
