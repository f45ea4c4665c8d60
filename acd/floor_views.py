"""What people see of the floor: agents, queues, talks. Staff numbers are personal: mask them for others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent at one moment; times in seconds."""

    agent: str  # staff number
    on_air_name: str
    team: str
    declared: str  # acd.states.DECLARED
    observed: str  # acd.states.OBSERVED
    reason: str  # of a pause, by its name
    seconds: float  # in this state (declared, observed and reason together)
    account: str  # the phone they are signed in with
    phones: tuple[str, ...]  # accounts that can be reached
    call_id: str  # the call they are offered, talk on or write the note of
    queue: str  # its queue
    limit_seconds: float | None  # of the pause's reason
    over_limit: bool
    wrap_up_left: float | None  # until the time for the note ends
    rejoin_left: float | None = None  # until the talk of a line that died is no longer kept
    lent: str = ""  # the outbound queue that inbound lends them to


@dataclass(frozen=True, slots=True)
class OutboundView:
    """One agent who works for an outbound queue."""

    agent: str  # staff number
    state: str  # idle, ringing (or kept for a call that is being placed), talking, wrap_up
    since: float  # when that began, on the floor's axis
    outbound: bool  # talking or wrapping up for an outbound call


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue in one language at one moment; times in seconds."""

    queue: str
    language: str
    waiting: int  # in line, being offered included
    offered: int  # of these: an agent's phone rings or was answered
    longest: float  # how long the first one has waited; 0 if nobody waits
    expected: float | None  # the wait of who came now; None: it cannot be told honestly
    free: int  # free agents that some ring of the queue admits
    serving: int  # such agents who are ready, free or not
    talking: int  # calls of this queue that are with an agent


@dataclass(frozen=True, slots=True)
class CallerView:
    """A call that was answered, by its caller's leg, at one moment."""

    call_id: str
    leg: str  # the caller's
    queue: str
    language: str
    agent: str  # staff number of who is with the caller; empty while nobody is
    phase: str  # talking, holding, consulting, conference or waiting
    third: str = ""  # the third party's staff number, once they answered


@dataclass(frozen=True, slots=True)
class TalkView:
    """One talk at one moment; times in seconds."""

    call_id: str
    queue: str
    language: str
    agent: str  # staff number; empty while a new agent's phone rings for a transfer
    phase: str  # offered, joining, talking, holding, consulting, conference or rejoining
    seconds: float  # since the call was first joined with an agent
    third: str = ""  # the third party's staff number
    supervisors: tuple[str, ...] = ()  # who listens or joined
