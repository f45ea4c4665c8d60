"""Legs, calls on the floor, consultations and supervisors' watches: what the floor remembers of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from acd.states import CALL
from domain.floor_log import Phase

AGENT, CONSULT, WATCH, SNOOP, CALLBACK = "agent", "consult", "watch", "snoop", "callback"
REJOIN = "rejoin"
"""Why this system made a leg: the first of the arguments that stay with it."""


@dataclass(slots=True)
class Leg:
    """A leg that this system made."""

    leg: str
    purpose: str
    agent: str  # staff number; "" of a callback
    account: str
    call_id: str
    detail: str = "0"  # an argument: an offer's number, a supervisor's act, the record a rejoin continues
    number: int = 0  # of the matcher's offer; 0: rung without one
    ring: int = 0  # the call's ring that admitted the agent
    waited: float = 0.0  # seconds the call had waited at the offer
    seconds: float = 0.0  # how long it may ring
    quick: bool = False  # the phone is to answer by itself
    rung: bool = False  # else the phone's last leg has yet to go
    up: bool = False
    ending: bool = False  # to be hung up
    gone: bool = False
    lease: float = math.inf  # when it is taken for gone, unless told otherwise before
    seq: int = 0  # of the last row
    phase: Phase | None = None
    began: float = 0.0
    estimated: bool = False  # the phase began before a restart
    joined_at: float = math.nan  # when its agent was first together with the caller, or got the call
    queue: str = ""  # the call's, at that moment
    rejoins: int = 0  # how often its agent's line died in this talk

    @property
    def args(self) -> tuple[str, ...]:
        """Return what stays with the leg in Asterisk."""
        counted = (str(self.rejoins),) if self.purpose == REJOIN else ()
        return self.purpose, self.account, self.call_id, self.detail, *counted

    @property
    def record(self) -> str:
        """Return the name under which its phases are on record: a talk has one, whatever its legs."""
        return self.detail if self.purpose == REJOIN else self.leg

    def continues(self, lost: Leg) -> None:
        """Take up the talk of a leg that died, in the middle of its phase."""
        self.number, self.ring, self.waited = lost.number, lost.ring, lost.waited
        self.seq, self.phase, self.began, self.estimated = lost.seq, lost.phase, lost.began, lost.estimated
        self.joined_at, self.queue = lost.joined_at, lost.queue


@dataclass(slots=True)
class Consult:
    """An agent speaks, or wants to speak, with a third party while the caller hears music."""

    name: str  # among the matcher's calls, where whoever a queue gives is wanted
    call_id: str
    queue: str = ""  # where the matcher looks for somebody; "" for an agent by name
    leg: str = ""  # the third party's, once their phone rings
    up: bool = False
    conference: bool = False
    queued: bool = False  # waits in the matcher
    until: float = math.inf  # for how long it does


@dataclass(slots=True)
class Rejoin:
    """A talk is kept for an agent whose line died."""

    lost: Leg  # that died; the phase on it is the wait
    ends: float = math.inf
    leg: str = ""  # that rings for it


@dataclass(slots=True)
class Visit:
    """A call on the floor: in line, being offered, or with an agent."""

    call_id: str
    leg: str  # the caller's; "" of a callback that has not been called
    queue: str
    language: str
    since: float  # its place in line
    priority: int = 0
    only: str = ""  # the one agent who may take it
    quick: bool = False  # phones that it is offered to answer by themselves
    own: bool = False  # a callback: the floor made the caller's leg
    state: str = CALL.start
    open: bool = False  # its entry is on record and its outcome is not yet
    handed: bool = False  # the caller's leg may be joined
    over: bool = False  # the flow was told the end, and has yet to answer
    music: bool = False
    unsure: bool = False  # whether music plays: the floor was not there
    ringing: str = ""  # the leg of an agent whose phone rings for it
    talk_leg: str = ""  # the leg of the agent who has it
    inside: set[str] = field(default_factory=set)  # legs that were told to be in its bridge
    placed: bool = False  # the caller's leg was put into it
    talking_since: float = math.nan
    connect_by: float = math.inf  # of a claim without the matcher's lease
    consult: Consult | None = None
    rejoin: Rejoin | None = None

    @property
    def bridge(self) -> str:
        """Return the name of its bridge."""
        return f"talk-{self.call_id}"

    @property
    def held(self) -> bool:
        """Return whether the caller waits in music while an agent has the call."""
        return self.music and bool(self.talk_leg)


@dataclass(slots=True)
class Watch:
    """A supervisor on a talk."""

    leg: str  # the supervisor's
    supervisor: str
    agent: str  # who is listened to
    call_id: str
    act: str  # listen, whisper, barge, take_over
    snoop: str = ""

    @property
    def bridge(self) -> str:
        """Return the name of the bridge in which supervisor and snoop meet."""
        return f"watch-{self.leg}"
