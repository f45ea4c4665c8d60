"""What agents and supervisors ask for: one typed interface for dial codes, command line and pages.

Every request names the agent it is about; who asked goes beside it (`Actor`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from acd.skills import Tier


class Role(StrEnum):
    """What a person may ask for."""

    AGENT = "agent"  # about themselves
    SUPERVISOR = "supervisor"  # about everybody
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks."""

    who: str  # staff number, or the user name of whoever uses the command line
    role: Role


class Refused(Exception):
    """A request cannot be granted. `word` is its name in the catalogue of staff messages."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call is to go: a queue, a skill and tier, or an agent."""

    queue: str = ""
    skill: str = ""
    tier: Tier | None = None
    agent: str = ""

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read `queue:efin`, `skill:efin/B` or `agent:12345`. Raises Refused (`bad_target`)."""
        kind, _, name = text.partition(":")
        if kind == "queue" and re.fullmatch(r"[a-z_]{1,40}", name):
            return cls(queue=name)
        if kind == "skill" and (found := re.fullmatch(r"([a-z_]{1,40})/([ABC])", name)):
            return cls(skill=found[1], tier=Tier(found[2]))
        if kind == "agent" and re.fullmatch(r"[0-9A-Za-z]{1,20}", name):
            return cls(agent=name)
        raise Refused("bad_target", "The target is none of queue:NAME, skill:NAME/TIER, agent:NUMBER.")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Begin work, with a phone (by default the agent's reachable one). Then paused, until `Ready`."""

    agent: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class SignOut:
    """End work; during a call: once the call and its wrap-up are over."""

    agent: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Take calls. Ends a wrap-up too."""

    agent: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Take no calls, for a reason out of the table of pause reasons. During a call: after it."""

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Let the caller hear music."""

    agent: str


@dataclass(frozen=True, slots=True)
class Unhold:
    """Take the caller back."""

    agent: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Give the call away at once."""

    agent: str
    target: Target


@dataclass(frozen=True, slots=True)
class Consult:
    """Speak with a third party while the caller hears music."""

    agent: str
    target: Target


@dataclass(frozen=True, slots=True)
class CompleteTransfer:
    """Leave the caller with the third party of a consultation."""

    agent: str


@dataclass(frozen=True, slots=True)
class CancelConsult:
    """Let the third party go and take the caller back."""

    agent: str


@dataclass(frozen=True, slots=True)
class Conference:
    """Take the third party of a consultation into the talk with the caller."""

    agent: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """End the talk: the caller is hung up."""

    agent: str


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """Be done with the note before the time is up."""

    agent: str


@dataclass(frozen=True, slots=True)
class ExtendWrapUp:
    """Ask for more time for the note, once a call."""

    agent: str


@dataclass(frozen=True, slots=True)
class Listen:
    """A supervisor hears a talk; with `whisper` the agent alone hears the supervisor."""

    agent: str
    supervisor: str  # whose phone is rung
    whisper: bool = False


@dataclass(frozen=True, slots=True)
class Barge:
    """A supervisor joins a talk; with `take_over` the agent leaves it."""

    agent: str
    supervisor: str
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class StopListening:
    """A supervisor leaves a talk that they listen to or joined."""

    agent: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class Force:
    """A supervisor declares for an agent: `ready`, `paused` or `signed_out`."""

    agent: str
    state: str
    reason: str = ""


Request = (
    SignIn
    | SignOut
    | Ready
    | Pause
    | Hold
    | Unhold
    | Transfer
    | Consult
    | CompleteTransfer
    | CancelConsult
    | Conference
    | EndCall
    | EndWrapUp
    | ExtendWrapUp
    | Listen
    | Barge
    | StopListening
    | Force
)
