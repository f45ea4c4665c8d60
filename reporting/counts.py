"""Counts: what every figure is made of. Whole numbers, so that a roll-up equals its recomputation exactly.

Durations are whole milliseconds of the monotonic clock, taken from the floor's record. A phase that runs
over a border of an interval counts in both, each its part. What became of a waiting call counts in the
interval and the queue in which the call first entered the waiting room, however often it was handed on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over some calls, agents and time. Adding two is adding their fields."""

    # calls, counted where and when they entered the waiting room
    incoming: int = 0  # inbound calls that asked for an agent
    ivr_only: int = 0  # inbound calls that ended without asking for one; no queue, agent or team
    answered: int = 0  # of `incoming`: joined with an agent
    in_time: int = 0  # of `answered`: within the service level's seconds
    abandoned: int = 0  # of `incoming`: the caller hung up while waiting
    abandoned_in_time: int = 0  # of `abandoned`: within the service level's seconds
    called_back: int = 0  # of `incoming`: left for a callback in turn
    not_served: int = 0  # of `incoming`: limit reached, closed, lost
    waited_ms: int = 0  # of `incoming`: from entry to joining, hanging up or leaving
    # legs of agents
    acd_calls: int = 0  # legs on which an agent talked with a caller, where the talk began
    outbound_calls: int = 0  # likewise with a person whom we called; not among `acd_calls`
    missed: int = 0  # offers that rang in vain
    ring_ms: int = 0
    acd_ms: int = 0  # from the answer on without hold: joining, talking, asking a colleague
    talk_ms: int = 0  # of `acd_ms`: with the caller
    hold_ms: int = 0
    wrap_up_ms: int = 0
    out_ms: int = 0  # ring, ACD time, hold and wrap-up of outbound legs; not in the five above
    assisting_ms: int = 0  # rung and consulted for a colleague's call
    estimated_ms: int = 0  # of all these, of phases that a restart cut
    # notes
    interactions: int = 0  # calls that an agent talked on, once for each agent, where the last talk ended
    documented: int = 0  # of `interactions`: with a note of that agent
    # agents
    staffed_ms: int = 0  # signed in
    paused_ms: int = 0  # of `staffed_ms`: paused, without a call
    scheduled_ms: int = 0  # of the schedule, exceptions taken out
    adherent_ms: int = 0  # of `scheduled_ms`: doing what the schedule says
    # outbound
    attempts: int = 0  # dials that were or may have been sent, where they were intended
    contacts: int = 0  # of `attempts`: a person answered
    out_abandoned: int = 0  # of `contacts`: no agent within 2 s
    # other channels, by import
    chats: int = 0
    chats_in_time: int = 0
    mails_assigned: int = 0
    mails_answered: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


OF_QUEUES = frozenset(
    {"incoming", "ivr_only", "answered", "in_time", "abandoned", "abandoned_in_time"}
    | {"called_back", "not_served", "waited_ms"}
)
"""What became of waiting calls: counted by queue. A call that waits has no agent and no team yet."""
