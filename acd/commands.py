"""What the matcher wants done. Immutable data; a driver performs it against Asterisk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """Why an offer is taken back or an agent paused."""

    RING_TIME_OUT = "ring_time_out"  # the agent's phone rang in vain
    LEASE_ENDED = "lease_ended"  # claimed, but agent and caller were not joined in time
    CALLER_LEFT = "caller_left"
    AGENT_AWAY = "agent_away"  # paused, signed out or phone gone while it was ringing
    REFUSED = "refused"  # the agent's phone rejected or could not be rung
    MISSED_RING = "missed_ring"
    NOT_CONNECTED = "not_connected"


class Offer(NamedTuple):
    """Ring this agent for this call; whoever answers claims it by its number.

    A named tuple, not a dataclass: one is made for every match, and making a frozen dataclass
    of five fields takes longer than the rest of an offer.
    """

    call: str
    agent: str
    number: int  # rises by one; never used twice
    lease_seconds: float  # how long the phone may ring
    ring: int  # the call's ring that admitted the agent, counted from 0


@dataclass(frozen=True, slots=True)
class CancelOffer:
    """Stop ringing, or hang up the agent's leg if it answered; the offer is void."""

    number: int
    call: str
    agent: str
    why: Why


@dataclass(frozen=True, slots=True)
class PauseAgent:
    """Pause this agent and tell them why; only the agent ends the pause."""

    agent: str
    reason: Why


Command = Offer | CancelOffer | PauseAgent
