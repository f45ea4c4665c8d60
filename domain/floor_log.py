"""What happened on the floor, as rows: the legs, the offers, the agents, the supervisors' acts.

Every figure about agents follows from these rows (times are measured on the monotonic clock); no row
carries a caller's number, name or keys. Staff numbers are personal: rows are stored, never logged.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """What an agent's leg is doing."""

    RING = "ring"
    JOIN = "join"  # answered, not yet with the caller
    TALK = "talk"
    HOLD = "hold"
    CONSULT = "consult"
    REJOIN = "rejoin"  # the line died in a talk; the caller hears music until the agent is back
    WRAP_UP = "wrap_up"


@dataclass(frozen=True, slots=True)
class LegRow:
    """A phase of a leg began (`seconds` None) or ended (`seconds` long, on the monotonic clock).

    `estimated`: the phase was cut by a restart, so its length is a difference of wall times.
    """

    leg: str
    seq: int  # 1, 2, … without gaps within a leg
    at: datetime  # aware, UTC
    call_id: str
    agent: str  # staff number
    phase: Phase
    seconds: float | None = None
    outcome: str = ""  # how the phase ended: answered, missed, agent_hung_up, caller_hung_up, …
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One offer of a call to an agent: made (`outcome` empty), later how it ended."""

    number: int
    at: datetime
    call_id: str
    agent: str
    leg: str
    ring: int  # of the call's rings, from 0
    waited: float  # seconds from the call's entry to the offer
    outcome: str = ""  # accepted, or why it was void (`acd.commands.Why`)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent's state changed: what was declared, what is observed, since when, by whom."""

    agent: str
    at: datetime
    declared: str  # acd.states.DECLARED
    observed: str  # acd.states.OBSERVED
    reason: str = ""  # of a pause, by its name
    account: str = ""  # the phone they are signed in with
    by: str = ""  # who declared it: the agent, a supervisor's staff number, or `system`
    seconds: float | None = None  # how long the state before this one lasted


@dataclass(frozen=True, slots=True)
class SupervisionRow:
    """A supervisor's act, or what supervisors were told (`alarm`, by `system`)."""

    at: datetime
    by: str  # staff number or user name
    act: str  # listen, whisper, barge, take_over, stop, force, alarm
    agent: str
    call_id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A call's stay in the room: entered (`outcome` empty) or how it left."""

    call_id: str
    at: datetime
    queue: str
    language: str
    since: datetime  # its place in line
    outcome: str = ""  # answered, caller_hung_up, limit, closed, callback, transferred, returned, lost


FloorRow = LegRow | OfferRow | AgentRow | SupervisionRow | EntryRow


class FloorLog(Protocol):
    """The durable record of the floor."""

    def write(self, rows: Sequence[FloorRow]) -> Awaitable[None]:
        """Queue rows at once, in order; the awaitable is done when they are durable.

        Raises (through the awaitable) domain.call_log.CallLogUnavailable; rows that were refused are
        kept and tried again, in order, so that the record has no gaps.
        """
        ...

    async def agents(self) -> Sequence[AgentRow]:
        """Return the last row of every agent."""
        ...

    async def open_legs(self) -> Sequence[LegRow]:
        """Return, for every leg whose last row is the beginning of a phase, that row."""
        ...

    async def last_offer(self) -> int:
        """Return the highest offer number ever used; 0 if none was."""
        ...
