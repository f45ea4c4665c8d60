"""What the floor is told: of callers, legs, phones and time. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from domain.legs import LiveLeg


@dataclass(frozen=True, slots=True)
class CallEntered:
    """A call waits for a person. `since` is its place, in seconds on the floor's axis.

    `leg` is empty for a callback: nobody is on the line until an agent has claimed it (`CallOut`).
    """

    call_id: str
    leg: str  # the caller's
    queue: str
    language: str
    since: float
    priority: int = 0
    only: str = ""  # the one agent who may take it
    quick: bool = False  # phones that it is offered to are to answer by themselves


@dataclass(frozen=True, slots=True)
class CallGone:
    """The caller is out of it: hung up, limit reached, left for a callback. Also during a talk."""

    call_id: str
    why: str


@dataclass(frozen=True, slots=True)
class CallHandedOver:
    """The flow let go of an answered call's leg: it may be joined. Told again after a restart."""

    call_id: str
    leg: str


@dataclass(frozen=True, slots=True)
class LegUp:
    """A phone that was rung answered, and its leg is under control."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegGone:
    """A leg is gone (Q.850 cause; 16 and 31: by its user; 17, 21: rejected; 19: rang in vain)."""

    leg: str
    cause: int


@dataclass(frozen=True, slots=True)
class LegJoined:
    """A leg, a caller's or an agent's, is in a bridge."""

    bridge: str
    leg: str


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """An agent's phone can be reached."""

    agent: str
    account: str


@dataclass(frozen=True, slots=True)
class PhoneLost:
    """An agent's phone can no longer be reached. A leg on it may live on until its own end is told."""

    agent: str
    account: str


@dataclass(frozen=True, slots=True)
class OwnCall:
    """An agent's phone is on a call of their own, such as one to a dial code."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class OwnCallOver:
    """Such a call is over."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class AgentsWanted:
    """Outbound work wants so many agents of inbound in all for a queue."""

    queue: str
    count: int


@dataclass(frozen=True, slots=True)
class AgentsGivenBack:
    """Outbound work has no use any more for the agents that inbound lent to a queue."""

    queue: str


@dataclass(frozen=True, slots=True)
class AgentWanted:
    """A call is being placed for one agent, who is to take no other one for so many seconds."""

    agent: str
    call_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AgentNotWanted:
    """That call will not come."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The time that the floor asked to be woken at has come."""


@dataclass(frozen=True, slots=True)
class RoomShut:
    """The line was shut: everybody who waits is let go, talks go on."""


@dataclass(frozen=True, slots=True)
class ControlLost:
    """Asterisk cannot be commanded: no offers until `ControlBack`."""


@dataclass(frozen=True, slots=True)
class ControlBack:
    """Asterisk can be commanded again, and this is what lives there.

    Told after the calls that wait or talk were told (`CallEntered`, `CallHandedOver`). What the floor
    knows and the list lacks is gone; what the list has and no call or agent needs is hung up.
    """

    legs: tuple[LiveLeg, ...]  # all legs that this system rang, and callers' legs in our bridges
    bridges: tuple[str, ...]  # all bridges that this system made


Happening = (
    CallEntered
    | CallGone
    | CallHandedOver
    | LegUp
    | LegGone
    | LegJoined
    | PhoneSeen
    | PhoneLost
    | OwnCall
    | OwnCallOver
    | AgentsWanted
    | AgentsGivenBack
    | AgentWanted
    | AgentNotWanted
    | TimePassed
    | RoomShut
    | ControlLost
    | ControlBack
)
